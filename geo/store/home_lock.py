"""Locks in an installation's home: processes take turns, and a killed one gives way by itself."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from geo.errors import ClusterBusy, ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

_WAIT_S: Final = 180.0


@contextmanager
def hold(home: Path, name: str, *, shared: bool = False, wait_s: float = _WAIT_S) -> Iterator[TextIO]:
    """Hold a lock of the home, which is made if need be.

    Parameters
    ----------
    home
        The folder that holds the installation's state.
    name
        The lock's file name.
    shared
        Whether others may hold it too, as long as they share.
    wait_s
        Seconds to wait for it.

    Yields
    ------
    typing.TextIO
        The open lock, for `make_exclusive`.

    Raises
    ------
    ClusterBusy
        If others keep it too long.
    ClusterError
        If the home cannot be written to.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / name).open("a")
    except OSError as error:
        raise ClusterError(f"{home} cannot be written to; set BARNRAISER_HOME to a folder of your own") from error
    with handle:
        deadline = time.monotonic() + wait_s
        while not _try(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise ClusterBusy(f"another process has been busy with {home} for {wait_s:.0f} s")
            time.sleep(0.1)
        yield handle


def make_exclusive(handle: TextIO) -> bool:
    """Turn a shared lock into the only one; False, and no lock any more, when others still share it."""
    return _try(handle, fcntl.LOCK_EX)


def _try(handle: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(handle.fileno(), kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
