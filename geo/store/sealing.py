"""Sealing: what a session puts away that only the keys outside the database can open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geo.errors import InvalidInput, KeysUnavailable
from geo.store.engine import keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

_OWNER = "of"


def seal(session: Session, owner: UUID, content: Mapping[str, Any], *, most: int) -> tuple[bytes, str]:
    """Seal content together with whom it belongs to, so that it opens in no other row.

    Parameters
    ----------
    owner
        The record or entry it belongs to.
    content
        What JSON knows.
    most
        Bytes it may have before it is sealed.

    Returns
    -------
    tuple
        What is stored, and the name of the key.

    Raises
    ------
    InvalidInput
        If it is too large.
    KeysUnavailable
        If the session has no keys.
    """
    plain = json.dumps(dict(content) | {_OWNER: str(owner)}, ensure_ascii=False, allow_nan=False).encode()
    if len(plain) > most:
        raise InvalidInput("this is too long to be kept")
    return keys_of(session).seal(plain)


def unseal(session: Session, owner: UUID, sealed: bytes) -> dict[str, Any]:
    """Open what was sealed for an owner.

    Raises
    ------
    KeysUnavailable
        If no key fits, or it was sealed for somebody else.
    """
    content: dict[str, Any] = json.loads(keys_of(session).unseal(bytes(sealed)))
    if content.pop(_OWNER, None) != str(owner):
        raise KeysUnavailable("What is sealed here belongs to another record.")
    return content
