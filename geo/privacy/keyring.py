"""The keys of an installation: kept in one file outside the database, so that a copy of the database alone is mute.

The file holds a pepper for the hashes of secrets, a root from which other keys are derived, and the keys that seal
contact data, the newest first. Each piece is random and stands for itself: losing the file loses what was sealed.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from geo.errors import KeysUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORM: Final = 1
"""The form of the file; another one is refused rather than guessed at."""
_SECRET_BYTES: Final = 32
_OPEN_TO_OTHERS: Final = 0o027
_MOST_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class FieldKey:
    """A key that seals fields, with the name its sealed rows carry."""

    id: str
    made_at: datetime
    secret: bytes

    def __repr__(self) -> str:
        return f"FieldKey({self.id!r})"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file holds; ``field_keys`` has the newest first and is never empty."""

    pepper: bytes
    root: bytes
    field_keys: tuple[FieldKey, ...]

    def __repr__(self) -> str:
        return f"Keys({', '.join(key.id for key in self.field_keys)})"


class KeyRing:
    """The keys at work. Another process may rotate them meanwhile: the file is read again when it has changed."""

    def __init__(self, keys: Keys, path: Path | None = None) -> None:
        self._path = path
        self._take(keys, _stamp(path))

    def __repr__(self) -> str:
        return f"KeyRing({self._keys!r})"

    @property
    def pepper(self) -> bytes:
        """What secrets are hashed with; never changes."""
        return self._keys.pepper

    @property
    def field_keys(self) -> tuple[FieldKey, ...]:
        """The keys that seal fields, the newest first."""
        self._look_again()
        return self._keys.field_keys

    def derive(self, purpose: str, length: int = _SECRET_BYTES) -> bytes:
        """Derive a key for a purpose; the same purpose gives the same key, and none leads to another.

        Parameters
        ----------
        purpose
            What it is for, such as ``partner-ids:UUID``.
        length
            Bytes wanted.
        """
        info = b"barnraiser:" + purpose.encode()
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self._keys.root)

    def seal(self, content: bytes) -> tuple[bytes, str]:
        """Seal a field with the newest key.

        Returns
        -------
        tuple
            What may be stored, and the name of the key.
        """
        self._look_again()
        return self._fernet.encrypt(content), self._keys.field_keys[0].id

    def unseal(self, sealed: bytes) -> bytes:
        """Open a sealed field with whichever key closed it.

        Raises
        ------
        KeysUnavailable
            If no key fits, or what is stored was changed.
        """
        self._look_again()
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise KeysUnavailable("What was sealed cannot be opened with the keys at hand.") from None

    def _look_again(self) -> None:
        stamp = _stamp(self._path)
        if self._path is not None and stamp is not None and stamp != self._known_stamp:
            self._take(_read(self._path), stamp)

    def _take(self, keys: Keys, stamp: tuple[int, int] | None) -> None:
        self._keys = keys
        self._fernet = MultiFernet([Fernet(key.secret) for key in keys.field_keys])
        self._known_stamp = stamp


def make_keys(now: datetime) -> Keys:
    """Make new keys out of the system's randomness."""
    return Keys(secrets.token_bytes(_SECRET_BYTES), secrets.token_bytes(_SECRET_BYTES), (make_field_key(now),))


def make_field_key(now: datetime) -> FieldKey:
    """Make one new key for fields."""
    return FieldKey(f"k{secrets.token_hex(6)}", now, Fernet.generate_key())


def open_keys(path: Path, *, now: datetime, must_exist: bool) -> KeyRing:
    """Read the keys from their file, or make the file when there may be none yet.

    Parameters
    ----------
    path
        Outside the database and its folder.
    now
        The date new keys bear.
    must_exist
        Whether the database already depends on keys; then none are made up.

    Raises
    ------
    KeysUnavailable
        If the file is missing although it is needed, can be read by others, or is not a file of keys.
    """
    if not path.exists():
        if must_exist:
            raise KeysUnavailable(
                f"{path} is missing, and without it nothing that is stored sealed can be read and nobody can sign in. "
                "Put the file back from your backup, or name its place in BARNRAISER_KEYS_FILE."
            )
        _create(path, make_keys(now))
    return KeyRing(_read(path), path)


def replace_field_keys(path: Path, field_keys: Sequence[FieldKey]) -> KeyRing:
    """Write the file anew with other keys for fields; a kill leaves either the old file or the new one."""
    old = _read(path)
    fresh = _write_beside(path, Keys(old.pepper, old.root, tuple(field_keys)))
    fresh.replace(path)
    _sync_folder(path)
    return KeyRing(_read(path), path)


def _create(path: Path, keys: Keys) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _write_beside(path, keys)
    try:
        # a link, unlike a rename, never takes the place of a file that another process made meanwhile
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    _sync_folder(path)


def _write_beside(path: Path, keys: Keys) -> Path:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(_as_json(keys), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> Keys:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OPEN_TO_OTHERS:
                raise KeysUnavailable(f"{path} is open to other users of this machine. Run: chmod 600 {path}")
            return _from_json(json.loads(file.read(_MOST_BYTES)))
    except OSError as error:
        raise KeysUnavailable(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        # without its cause, whose text could repeat a part of the file
        raise KeysUnavailable(f"{path} is not a file of keys, or is damaged. Put it back from your backup.") from None


def _stamp(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _as_json(keys: Keys) -> dict[str, Any]:
    return {
        "form": FORM,
        "pepper": urlsafe_b64encode(keys.pepper).decode(),
        "root": urlsafe_b64encode(keys.root).decode(),
        "field_keys": [
            {"id": key.id, "made_at": key.made_at.isoformat(), "secret": key.secret.decode()} for key in keys.field_keys
        ],
    }


def _from_json(content: dict[str, Any]) -> Keys:
    if content["form"] != FORM or not content["field_keys"]:
        raise ValueError(FORM)
    field_keys = tuple(
        FieldKey(str(key["id"]), datetime.fromisoformat(key["made_at"]), str(key["secret"]).encode())
        for key in content["field_keys"]
    )
    pepper, root = (urlsafe_b64decode(content[name]) for name in ("pepper", "root"))
    if min(len(pepper), len(root)) < _SECRET_BYTES or any(len(urlsafe_b64decode(k.secret)) != 32 for k in field_keys):  # noqa: PLR2004 - as Fernet wants them
        raise ValueError(FORM)
    return Keys(pepper, root, field_keys)
