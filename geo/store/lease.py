"""The private cluster for as long as a job needs it: the last one out stops the server."""

from __future__ import annotations

import contextlib
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from geo.errors import ClusterError
from geo.store.cluster import Cluster
from geo.store.home_lock import hold, make_exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO


@contextmanager
def lease_database(home: Path, url: str | None) -> Iterator[str]:
    """Give the address of a database for the length of a job.

    Jobs that overlap share one server. When the last of them ends, the server stops, unless it was running
    before the first of them began. A job that is killed gives up its share, so the next one puts things right.

    Parameters
    ----------
    home
        The folder that holds the installation's state.
    url
        An address chosen by whoever runs this installation; used as it is, and nothing is started or stopped.

    Yields
    ------
    str
        A ``postgresql://`` address, valid inside the block.

    Raises
    ------
    ClusterError
        If the private cluster cannot be run.
    """
    if url:
        yield url
        return
    cluster = Cluster(home)
    with hold(cluster.home, "cluster.users", shared=True) as users:
        try:
            if cluster.start():
                _mark(cluster)
            cluster.ensure_database()
            yield cluster.url
        finally:
            with _undisturbed():
                _leave(cluster, users)


def check_reachable(url: str) -> None:
    """Make sure that a database answers, before work is begun that needs it.

    Raises
    ------
    ClusterError
        With the server's own words; never with the address, which may hold a password.
    """
    scheme, _, rest = url.partition("://")
    try:
        psycopg.connect(f"{scheme.partition('+')[0]}://{rest}", connect_timeout=5).close()
    except psycopg.Error as error:
        raise ClusterError(f"the database of BARNRAISER_DATABASE_URL does not answer: {error}") from error


def _leave(cluster: Cluster, users: TextIO) -> None:
    if not make_exclusive(users):
        return
    pid = cluster.status().pid
    note = cluster.home / "cluster.leased"
    if pid is not None and note.exists() and note.read_text().strip() == str(pid):
        cluster.stop()
        note.unlink(missing_ok=True)


def _mark(cluster: Cluster) -> None:
    """Note which server was started for jobs; any other was started by hand and stays."""
    (cluster.home / "cluster.leased").write_text(f"{cluster.status().pid}\n")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let an impatient second Ctrl-C not leave the server behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, signal.SIG_IGN))
        yield
