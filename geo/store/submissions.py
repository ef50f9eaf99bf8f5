"""Submissions: entries as they were typed, each received exactly once under the id its phone gave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, text, tuple_, update

from geo.domain.records import ReceivedEntry
from geo.domain.words import EntryChannel
from geo.errors import IdempotencyClash
from geo.store import tables
from geo.store.erased import is_erased
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

submission = tables.submission
OWN_SHOWN: Final = timedelta(hours=72)
"""How long a phone may read back that its entries came."""
MAX_PAYLOAD_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a phone's queue. ``body_hash`` is the SHA-256 of its canonical body."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    body_hash: bytes
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an entry: the record it made, and whether that happened before."""

    record_id: UUID
    is_new: bool


def receive(
    session: Session, entry: Entry, make: Callable[[], UUID], *, channel: EntryChannel = EntryChannel.DOOR
) -> Receipt:
    """Take an entry once; the same again gives the same answer.

    Parameters
    ----------
    make
        Makes the record and gives its id; called only for a new entry, in the same transaction.
    channel
        By which way it came in.

    Returns
    -------
    Receipt
        An entry whose record was erased is answered as received before, and makes nothing.

    Raises
    ------
    IdempotencyClash
        If the id came before with another body; what was stored stays as it is.
    """
    # two copies of one entry at the same moment wait for each other here
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))")
    session.execute(lock, {"id": str(entry.id)})
    query = select(submission.c.body_hash, submission.c.record_id).where(submission.c.id == entry.id, mine(submission))
    known = session.execute(query).one_or_none()
    if known is not None:
        if known.body_hash != entry.body_hash:
            raise IdempotencyClash(field="id")
        return Receipt(known.record_id, is_new=False)
    if is_erased(session, "submission", entry.id):
        return Receipt(entry.id, is_new=False)
    record_id = make()
    sealed, key_id = seal(session, entry.id, entry.payload, most=MAX_PAYLOAD_BYTES)
    values = {
        "id": entry.id,
        "kind": entry.kind,
        "body_hash": entry.body_hash,
        "sealed": sealed,
        "key_id": key_id,
        "result": {},
        "record_id": record_id,
        "device_at": entry.device_at,
        "channel": channel.value,
    }
    with refused_as_ours():
        session.execute(insert(submission).values(**values))
    return Receipt(record_id, is_new=True)


def forget(session: Session, record_id: UUID) -> None:
    """Empty the entry a record came from; its id and hash stay, so that a phone sending it again makes no new one."""
    came_from = update(submission).where(submission.c.record_id == record_id, mine(submission))
    session.execute(came_from.values(sealed=None, key_id=None))


def find_payload(session: Session, entry_id: UUID) -> Mapping[str, Any] | None:
    """Read what was typed, as long as it is kept.

    Raises
    ------
    KeysUnavailable
        If the session has no keys, or none that fits.
    """
    query = select(submission.c.sealed).where(submission.c.id == entry_id, mine(submission))
    sealed = session.scalar(query)
    return None if sealed is None else unseal(session, entry_id, sealed)


def count_submissions(session: Session) -> int:
    """Count the entries received."""
    return session.scalar(select(func.count()).select_from(submission).where(mine(submission))) or 0


def list_own(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[ReceivedEntry]:
    """List what whoever acts has handed in during the last three days, by id; nothing that became of it."""
    where = [
        mine(submission),
        submission.c.submitted_by == func.current_actor(),
        submission.c.received_at > func.now() - OWN_SHOWN,
    ]
    if after is not None:
        where.append(tuple_(submission.c.id) > tuple_(after))
    columns = (submission.c.id, submission.c.kind, submission.c.received_at)
    query = select(*columns).where(*where).order_by(submission.c.id).limit(min(limit, MAX_LIMIT))
    return [ReceivedEntry(*row) for row in session.execute(query)]
