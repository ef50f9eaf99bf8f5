"""What comes of a filled-in form before the whole is there: photos that wait, sealed, and the box of the whole."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from geo.errors import Conflict
from geo.store.audit import record
from geo.store.entries import Box
from geo.store.form_tables import form_part
from geo.store.rows import mine
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

WAITS: Final = timedelta(days=14)
"""How long a photo waits for the rest of its form."""
MOST_WAITING: Final = 50
"""Photos of one phone."""
MAX_PHOTO: Final = 500_000
"""Bytes of a photo."""
_MOST: Final = 900_000
_PHOTO: Final = "photo"
_KNOWS: Final = text("SELECT restricted.knows_entry(:id, :hash)")


@dataclass(frozen=True, slots=True)
class FilledBox(Box):
    """An entry that came as a filled-in form: the same answers are known again however they were sealed here."""

    answers_hash: bytes

    @property
    def body_hash(self) -> bytes:
        """By what the same answers are known again."""
        return self.answers_hash


def is_known(session: Session, entry_id: UUID, answers_hash: bytes) -> bool:
    """Tell whether these answers came before, from whomever."""
    return bool(session.scalar(_KNOWS, {"id": entry_id, "hash": answers_hash}))


def keep_part(session: Session, instance: UUID, owner: UUID, photo: bytes) -> None:
    """Keep a photo until the rest of its form is there; the same sent again takes its place.

    Parameters
    ----------
    instance
        The id of the filled-in form.
    owner
        The phone or person it came from; nobody else finds it again.
    photo
        As it was encoded anew, at most `MAX_PHOTO` bytes.

    Raises
    ------
    Conflict
        If too many of theirs wait already.
    """
    part_id = _id(instance, owner)
    session.execute(delete(form_part).where(*_theirs(owner), form_part.c.received_at <= func.now() - WAITS))
    waiting = select(func.count()).select_from(form_part).where(*_theirs(owner), form_part.c.id != part_id)
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict("too many forms wait for their rest; send that first")
    sealed, key_id = seal(session, part_id, {_PHOTO: b64encode(photo).decode()}, most=_MOST)
    values = {"sealed": sealed, "key_id": key_id}
    added = insert(form_part).values(id=part_id, **values)
    session.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))
    record(session, "receive_part", "submission", [instance])


def take_part(session: Session, instance: UUID, owner: UUID) -> bytes | None:
    """Take the photo that waits for a form, if there is one; it waits no more."""
    taken = delete(form_part).where(*_theirs(owner), form_part.c.id == _id(instance, owner))
    sealed = session.scalar(taken.returning(form_part.c.sealed))
    return None if sealed is None else b64decode(unseal(session, _id(instance, owner), sealed)[_PHOTO])


def forget_parts(session: Session, now: datetime) -> int:
    """Forget photos whose form did not come within its time; and count them."""
    gone = delete(form_part).where(mine(form_part), form_part.c.received_at <= now - WAITS)
    return len(session.scalars(gone.returning(form_part.c.id)).all())


def _theirs(owner: UUID) -> tuple[ColumnElement[bool], ...]:
    return mine(form_part), form_part.c.submitted_by == owner


def _id(instance: UUID, owner: UUID) -> UUID:
    return uuid5(instance, str(owner))
