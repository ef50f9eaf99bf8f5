"""Which servers of a home are running: each keeps a locked note, which its death unlocks."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER: Final = "servers"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that is up: its process and its address."""

    pid: int
    address: str


@contextmanager
def announce(home: Path, address: str) -> Iterator[None]:
    """Keep a note of this process while it serves."""
    folder = home / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{os.getpid()}.json"
    with path.open("w") as note:
        fcntl.flock(note.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        json.dump({"pid": os.getpid(), "address": address}, note)
        note.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def list_running(home: Path) -> list[RunningServer]:
    """List the servers of a home that are alive; notes of dead ones are cleared away."""
    found = (_read(path) for path in sorted((home / _FOLDER).glob("*.json")))
    return [server for server in found if server is not None]


def stop_all(home: Path, *, wait_s: float = 20.0) -> list[RunningServer]:
    """Ask every server of a home to stop and wait until they have.

    Returns
    -------
    list
        Those that were asked.

    Raises
    ------
    TimeoutError
        If one is still there after the wait.
    """
    asked = list_running(home)
    deadline = time.monotonic() + wait_s
    with ExitStack() as stack:
        ends = [_watch(server.pid, stack) for server in asked]
        for server in asked:
            os.kill(server.pid, signal.SIGTERM)
        while left := list_running(home):
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {left[0].pid} does not stop")
            time.sleep(0.1)
        # a note is taken back a moment before its process is gone
        for server, end in zip(asked, ends, strict=True):
            if end is not None and not select.select([end], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"process {server.pid} does not stop")
    return asked


def _watch(pid: int, stack: ExitStack) -> int | None:
    """Open what can be read once a process has ended; nothing where the system has no such thing, or it has ended."""
    try:
        end = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
    stack.callback(os.close, end)
    return end


def _read(path: Path) -> RunningServer | None:
    try:
        with path.open("r+") as note:
            if _is_locked(note.fileno()):
                content = json.load(note)
                return RunningServer(int(content["pid"]), str(content["address"]))
            path.unlink(missing_ok=True)
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return None


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
