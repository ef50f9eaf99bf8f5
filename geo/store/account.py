"""The operating-system account the private server runs as: one's own, or for root the server's."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.errors import ClusterError, PostgisMissing
from geo.store.binaries import install_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TIMEOUT_S: Final = 180


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server's processes belong to."""

    uid: int
    gid: int
    name: str

    @property
    def is_me(self) -> bool:
        """Whether no change of user is needed."""
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str], *, timeout_s: float = _TIMEOUT_S) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with an environment that cannot lead PostgreSQL astray.

        Output goes through a pipe only until the program ends, so a server that it starts must have its own log.

        Raises
        ------
        ClusterError
            If the program does not come to an end in time.
        """
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
        change = {} if self.is_me else {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(  # type: ignore[call-overload,no-any-return]  # noqa: S603 - programs found by us, no shell
                list(command),
                capture_output=True,
                stdin=subprocess.DEVNULL,
                text=True,
                errors="replace",
                cwd="/",
                env={**kept, "LC_ALL": "C"},
                timeout=timeout_s,
                check=False,
                **change,
            )
        except subprocess.TimeoutExpired as error:
            raise ClusterError(f"{command[0]} did not finish within {timeout_s:.0f} s") from error

    def own(self, folder: Path) -> bool:
        """Make a folder only this account may enter; tell whether the account can then use it."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, self.uid, self.gid)
            folder.chmod(0o700)
        except OSError:
            return False
        return self.is_me or self.run(["/bin/sh", "-c", 'cd "$1" && test -w .', "sh", str(folder)]).returncode == 0


def choose_account(folder: Path) -> Account:
    """Choose who runs the server of a data folder.

    Parameters
    ----------
    folder
        The cluster's folder, which need not exist yet.

    Returns
    -------
    Account
        The caller; for root, whom PostgreSQL refuses, the folder's owner, or else the account ``postgres``.

    Raises
    ------
    ClusterError
        If the folder belongs to somebody else, or the machine has no account to run the server.
    """
    owner = folder.stat().st_uid if folder.exists() else None
    me = os.geteuid()
    if me != 0:
        if owner not in (None, me):
            raise ClusterError(
                f"{folder} belongs to {_name(owner)}: it was made by another user. "
                "Use sudo, or set BARNRAISER_HOME to a folder of your own."
            )
        return Account(me, os.getegid(), _name(me))
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("postgres")
    except KeyError as error:
        raise PostgisMissing(
            "PostgreSQL does not run as root and this machine has no account named postgres. "
            f"Install it with: {install_command()}"
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def remove_tree(folder: Path) -> None:
    """Remove a folder left by an attempt that was cut short."""
    shutil.rmtree(folder, ignore_errors=True)


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid if uid is not None else os.geteuid()).pw_name
    except KeyError:
        return str(uid)
