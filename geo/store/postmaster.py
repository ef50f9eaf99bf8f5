"""What runs on a data folder: the server named in its pid file, and backends a killed server left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import ClusterBusy

_PATIENCE_S: Final = ((0.0, 3.0), (signal.SIGTERM, 5.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 5.0))
"""First only wait, for backends notice within a moment that their server is gone; then ask ever more firmly."""

_SOCKET_LINE: Final = 5


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server a pid file speaks of; it may be long gone."""

    pid: int
    socket_folder: Path | None

    @property
    def socket(self) -> Path | None:
        """The socket it listens on."""
        return self.socket_folder / ".s.PGSQL.5432" if self.socket_folder else None


def read_pid_file(data: Path) -> Postmaster | None:
    """Read the data folder's pid file, if there is a readable one."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        folder = lines[_SOCKET_LINE - 1].strip() if len(lines) >= _SOCKET_LINE else ""
        return Postmaster(int(lines[0]), Path(folder) if folder else None)
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None


def find_server(data: Path) -> Postmaster | None:
    """Find the live server of a data folder.

    A server counts as live when its process works in the folder, or when its socket answers: the process may be
    out of sight in another container. A dead process nobody has collected yet is not live, nor is a stranger
    that has been given the old number.
    """
    named = read_pid_file(data)
    if named is None:
        return None
    return named if _works_in(named.pid, data) or _answers(named.socket) else None


def clear_remains(data: Path, socket_folder: Path) -> None:
    """Make the folder of a killed server ready for a new start, touching nothing a live server needs.

    Parameters
    ----------
    data
        The data folder. Processes are ended only when it is their working folder.
    socket_folder
        The folder of its socket, private to this cluster.

    Raises
    ------
    ClusterBusy
        If a leftover process outlives even ``SIGKILL``.
    """
    if not _end_orphans(data):
        return
    for name in (data / "postmaster.pid", socket_folder / ".s.PGSQL.5432.lock", socket_folder / ".s.PGSQL.5432"):
        name.unlink(missing_ok=True)


def list_processes(data: Path) -> list[int]:
    """List the ids of the processes whose working folder is the data folder."""
    if Path("/proc/self/cwd").exists():
        ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return sorted(pid for pid in ids if _works_in(pid, data))
    return _processes_by_lsof(data)


def _end_orphans(data: Path) -> bool:
    """End what a dead server left; stop at once, and say False, when a live server shows itself."""
    for sign, wait_s in _PATIENCE_S:
        if find_server(data) is not None:
            return False
        left = list_processes(data)
        for pid in left if sign else ():
            _signal(pid, int(sign))
        deadline = time.monotonic() + wait_s
        while left and time.monotonic() < deadline:
            time.sleep(0.1)
            left = list_processes(data)
        if not left:
            return True
    raise ClusterBusy(f"processes {left} still hold {data}; end them and start again")


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _works_in(pid: int, data: Path) -> bool:
    """Tell whether a process works in the folder; the dead have no working folder any more."""
    if not Path("/proc/self/cwd").exists():
        return pid in _processes_by_lsof(data)
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except OSError:
        return False


def _processes_by_lsof(data: Path) -> list[int]:
    lsof = shutil.which("lsof", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if lsof is None:
        return []
    answer = subprocess.run(  # noqa: S603 - a program found on this machine, no shell
        [lsof, "-a", "-d", "cwd", "-c", "postgres", "-Fpn"], capture_output=True, text=True, timeout=30, check=False
    )
    found, pid = [], 0
    for line in answer.stdout.splitlines():
        if line.startswith("p"):
            pid = int(line[1:])
        elif line == f"n{data.resolve()}":
            found.append(pid)
    return found


def _answers(path: Path | None) -> bool:
    if path is None:
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
