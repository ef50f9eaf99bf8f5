"""Where a private cluster lives: its folder, its socket, and the note that remembers unusual places."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.errors import ClusterError

if TYPE_CHECKING:
    from geo.store.account import Account

_SYSTEM_FOLDER: Final = Path("/var/lib/barnraiser")
_SOCKET_LIMIT_BYTES: Final = 103
"""The shortest limit among the systems we run on; Linux allows four bytes more."""

logger = logging.getLogger(__name__)


class ClusterHome:
    """The places of one cluster.

    The cluster's folder is ``cluster`` inside the home. When the server's account cannot reach that, root gets a
    folder under ``/var/lib/barnraiser``; when a socket's path would be too long, the socket moves to a short
    private folder. Both are remembered in ``cluster.json``.

    Parameters
    ----------
    home
        The installation's home, resolved.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def folder(self) -> Path:
        """The folder only the server's account may enter."""
        elsewhere = self._notes().get("folder")
        return Path(elsewhere) if elsewhere else self.home / "cluster"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def prepare(self, account: Account) -> Account:
        """Make the cluster's folder for an account, elsewhere if the account cannot reach the usual place.

        Raises
        ------
        ClusterError
            If no place will do.
        """
        if account.own(self.folder):
            return account
        if os.geteuid() == 0 and not self.data.exists():
            digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
            elsewhere = _SYSTEM_FOLDER / digest
            if account.own(elsewhere):
                self._remove_empty(self.folder)
                self._note(folder=str(elsewhere))
                logger.warning("%s cannot reach %s, so the database lives in %s", account.name, self.home, elsewhere)
                return account
        raise ClusterError(f"{account.name} cannot use {self.folder}; set BARNRAISER_HOME to a folder it can reach")

    def socket_folder(self, account: Account | None = None) -> Path:
        """Give the folder of the socket; with an account, also make it."""
        usual = self.folder / "run"
        if _is_usable(usual):
            if account is not None and not account.own(usual):
                raise ClusterError(f"{account.name} cannot use {usual}")
            return usual
        noted = self._notes().get("socket")
        if account is None or (noted and _is_private(Path(noted), account)):
            return Path(noted) if noted else usual
        short = Path(tempfile.mkdtemp(prefix="barnraiser-", dir="/tmp"))
        if not account.own(short):
            raise ClusterError(f"{account.name} cannot use {short}")
        self._note(socket=str(short))
        return short

    def write(self, path: Path, content: str, account: Account) -> None:
        """Replace a file of the cluster as a whole, owned by its account."""
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(content)
        fresh.chmod(0o600)
        os.chown(fresh, account.uid, account.gid)
        fresh.replace(path)

    def _notes(self) -> dict[str, str]:
        try:
            notes = json.loads((self.home / "cluster.json").read_text())
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def _note(self, **entries: str) -> None:
        fresh = self.home / "cluster.json.new"
        fresh.write_text(json.dumps({**self._notes(), **entries}, indent=2) + "\n")
        fresh.replace(self.home / "cluster.json")

    @staticmethod
    def _remove_empty(folder: Path) -> None:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _is_usable(folder: Path) -> bool:
    """Tell whether a socket may live here: short enough, and no character that a settings list would split at."""
    path = os.fsencode(folder / ".s.PGSQL.5432.lock")
    return len(path) <= _SOCKET_LIMIT_BYTES and re.fullmatch(r"[\w ./@+-]+", str(folder), re.ASCII) is not None


def _is_private(folder: Path, account: Account) -> bool:
    """Tell whether a folder in a place open to all is still the account's own and nobody else's."""
    try:
        state = folder.lstat()
    except FileNotFoundError:
        return False
    return folder.is_dir() and not folder.is_symlink() and state.st_uid == account.uid and not state.st_mode & 0o077
