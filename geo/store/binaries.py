"""Find the PostgreSQL programs of this machine: the newest set that comes with PostGIS."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.errors import PostgisMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PATTERNS: Final = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
)
_INSTALL: Final = (
    ("apt-get", "apt-get install postgresql-postgis"),
    ("brew", "brew install postgis"),
    ("dnf", "dnf install postgresql-server postgresql-contrib postgis"),
    ("pacman", "pacman -S postgis"),
    ("apk", "apk add postgresql postgis"),
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installed PostgreSQL: where its programs are, and its major version."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> str:
        """Give the path of a program, such as ``initdb``."""
        return str(self.folder / program)


def list_folders() -> list[Path]:
    """List the folders in which PostgreSQL's programs may be, without looking whether they are complete."""
    found = [path for pattern in _PATTERNS for path in Path("/").glob(pattern.lstrip("/"))]
    server = shutil.which("postgres")
    if server:
        found.append(Path(server).resolve().parent)
    config = shutil.which("pg_config")
    if config:
        found.append(Path(_ask(config, "--bindir")))
    return list(dict.fromkeys(found))


def find_binaries(folders: Iterable[Path] | None = None, *, major: int | None = None) -> Binaries:
    """Choose the newest PostgreSQL that has PostGIS.

    Parameters
    ----------
    folders
        Where to look; the places usual on Debian, Ubuntu, Fedora and Homebrew, and the path, when not given.
    major
        Take this major version only: a data folder can be opened by no other.

    Returns
    -------
    Binaries
        The programs to use.

    Raises
    ------
    PostgisMissing
        With the one command that installs what is missing on this system.
    """
    known = list(_complete(list_folders() if folders is None else folders))
    fitting = [one for one in known if major is None or one.major == major]
    if fitting:
        return max(fitting, key=lambda one: one.major)
    wanted = "PostgreSQL with PostGIS" if major is None else f"PostgreSQL {major} with PostGIS"
    raise PostgisMissing(f"{wanted} is not installed. Install it with: {install_command(major)}")


def install_command(major: int | None = None) -> str:
    """Say the one command that installs PostgreSQL with PostGIS here."""
    for program, command in _INSTALL:
        if shutil.which(program):
            prefix = "sudo " if program != "brew" and os.geteuid() != 0 else ""
            debian = major is not None and program == "apt-get"
            return prefix + (f"apt-get install postgresql-{major}-postgis-3" if debian else command)
    return f"your system's package manager ({platform.system()}): PostgreSQL and PostGIS"


def _complete(folders: Iterable[Path]) -> Iterator[Binaries]:
    for folder in folders:
        if all((folder / name).is_file() for name in ("postgres", "initdb", "pg_ctl")):
            found = re.search(r"\d+", _ask(str(folder / "postgres"), "--version"))
            if found and _has_postgis(folder, int(found[0])):
                yield Binaries(folder, int(found[0]))


def _has_postgis(folder: Path, major: int) -> bool:
    shares = [Path("/usr/share/postgresql") / str(major), folder.parent / "share", folder.parent / "share/postgresql"]
    if (folder / "pg_config").is_file():
        shares.append(Path(_ask(str(folder / "pg_config"), "--sharedir")))
    return any((share / "extension" / "postgis.control").is_file() for share in shares)


def _ask(program: str, question: str) -> str:
    try:
        answer = subprocess.run([program, question], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - a program found on this machine, no shell
    except OSError:
        return ""
    return answer.stdout.strip()
