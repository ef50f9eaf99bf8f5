"""The private PostGIS: one server for one home folder, reached by a unix socket only its owner can touch."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from geo.errors import ClusterError
from geo.store.account import Account, choose_account, remove_tree
from geo.store.binaries import Binaries, find_binaries
from geo.store.cluster_home import ClusterHome
from geo.store.cluster_settings import render_settings
from geo.store.home_lock import hold
from geo.store.postmaster import clear_remains, find_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROLE: Final = "barnraiser"
DATABASE: Final = "barnraiser"

_INITDB: Final = ("-U", ROLE, "--data-checksums", "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject")
_START_WAIT_S: Final = 120
_STOP_WAIT_S: Final = 30
_LOG_LIMIT_BYTES: Final = 5_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What can be told of a cluster without touching it."""

    created: bool
    running: bool
    pid: int | None
    data: Path
    log: Path


class Cluster:
    """The private server of one home folder.

    Parameters
    ----------
    home
        The folder that holds the installation's state. Several homes can run side by side.
    find
        How the PostgreSQL programs are found, given the major version the data needs, if any.
    """

    def __init__(self, home: Path, *, find: Callable[[int | None], Binaries] | None = None) -> None:
        self.home = home.resolve()
        self._find = find or (lambda major: find_binaries(major=major))
        self._place = ClusterHome(self.home)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self._place.data

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self._place.folder / "log"

    @property
    def url(self) -> str:
        """The address of the database ``barnraiser``; valid while the server runs."""
        server = find_server(self.data)
        folder = server.socket_folder if server and server.socket_folder else self._place.socket_folder()
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(folder))}"

    def status(self) -> ClusterStatus:
        """Tell whether the cluster exists and runs.

        Raises
        ------
        ClusterError
            If it belongs to another user.
        """
        choose_account(self._place.folder)
        server = find_server(self.data)
        created = (self.data / "PG_VERSION").exists()
        return ClusterStatus(created, server is not None, server.pid if server else None, self.data, self.log)

    def start(self) -> bool:
        """Start the server, making the cluster first if there is none; return whether it had to be started.

        Returns
        -------
        bool
            False when it was running already.

        Raises
        ------
        PostgisMissing
            With the command that installs it.
        ClusterBusy
            If another process has been starting or stopping this cluster for minutes.
        ClusterError
            With the last lines of the server's log.
        """
        with hold(self.home, "cluster.lock"):
            account, started = self._start()
        if started:
            logger.info("private database started in %s as %s", self.data, account.name)
        return started

    def stop(self) -> bool:
        """Stop the server, ending its sessions; return whether it was running."""
        with hold(self.home, "cluster.lock"):
            if find_server(self.data) is None:
                return False
            account, binaries = choose_account(self._place.folder), self._binaries()
            for mode in ("fast", "immediate"):
                command = [binaries["pg_ctl"], "stop", "-D", str(self.data), "-m", mode, "-w", "-t", str(_STOP_WAIT_S)]
                answer = account.run(command)
                if answer.returncode == 0 or find_server(self.data) is None:
                    return True
            raise ClusterError(f"the private database does not stop: {answer.stderr.strip()} (log: {self.log})")

    def ensure_database(self, name: str = DATABASE) -> None:
        """Create a database if it is missing; the server must be running."""
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _start(self) -> tuple[Account, bool]:
        account = choose_account(self._place.folder)
        if self._is_ready():
            return account, False
        binaries = self._binaries()
        account = self._place.prepare(account)
        if not (self.data / "PG_VERSION").exists():
            self._create(account, binaries)
        self._launch(account, binaries)
        return account, True

    def _is_ready(self) -> bool:
        """Tell whether a live server answers, giving one that is still recovering its time."""
        deadline = time.monotonic() + _START_WAIT_S
        while find_server(self.data) is not None:
            try:
                psycopg.connect(self._maintenance_url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise ClusterError(f"the private database does not answer (log: {self.log}): {error}") from error
                time.sleep(0.2)
            else:
                return True
        return False

    @property
    def _maintenance_url(self) -> str:
        return self.url.replace(f"/{DATABASE}?", "/postgres?")

    def _binaries(self) -> Binaries:
        version = self.data / "PG_VERSION"
        return self._find(int(version.read_text().strip()) if version.exists() else None)

    def _create(self, account: Account, binaries: Binaries) -> None:
        """Fill a folder beside the final one and rename it: a cluster is there whole or not at all."""
        for cut_short in self._place.folder.glob("new-*"):
            remove_tree(cut_short)
        fresh = self._place.folder / f"new-{os.getpid()}"
        for locale in ("C.UTF-8", "C"):
            answer = account.run([binaries["initdb"], "-D", str(fresh), f"--locale={locale}", *_INITDB])
            if answer.returncode == 0:
                fresh.rename(self.data)
                return
        raise ClusterError(f"the private database could not be made: {answer.stderr.strip()[-500:]}")

    def _launch(self, account: Account, binaries: Binaries) -> None:
        socket_folder = self._place.socket_folder(account)
        clear_remains(self.data, socket_folder)
        self._place.write(self.data / "postgresql.auto.conf", render_settings(socket_folder), account)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".1"))
        command = [binaries["pg_ctl"], "start", "-D", str(self.data), "-l", str(self.log)]
        answer = account.run([*command, "-w", "-t", str(_START_WAIT_S)], timeout_s=_START_WAIT_S + 30)
        if answer.returncode != 0:
            tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else answer.stderr
            raise ClusterError(f"the private database did not start (log: {self.log}):\n{tail.strip()}")


def ensure_database_url(home: Path, url: str | None) -> str:
    """Give the address of a database to use: the given one, or the private cluster's, started when needed.

    Parameters
    ----------
    home
        The folder that holds the installation's state.
    url
        An address chosen by whoever runs this installation; it is used as it is and no cluster is made.

    Returns
    -------
    str
        A ``postgresql://`` address.

    Raises
    ------
    ClusterError
        If the private cluster cannot be run; see `Cluster.start`.
    """
    if url:
        return url
    cluster = Cluster(home)
    cluster.start()
    cluster.ensure_database()
    return cluster.url
