"""Deciding about entries: let in, refused with a reason, taken back; and the photo that came with one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, func, select, update

from geo.domain.entries import TO_DECIDE, UNDO_WITHIN, TypedEntry
from geo.domain.words import EntryKind, EntryRefusal, EntryState
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store import tables
from geo.store.audit import record
from geo.store.entries import Box, find_box, find_opened, get_entry, submission
from geo.store.needs import delete_need
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.entries import EntryStatus

_WAITS: Final = tuple(state.value for state in TO_DECIDE)
_BACK: Final[Mapping[str, Any]] = {"state_before": None, "decided_at": None, "refused_because": None}


def reveal_entry(session: Session, entry_id: UUID, *, reason: str | None = None) -> TypedEntry:
    """Read what was typed at a door; that somebody looked is noted.

    Parameters
    ----------
    reason
        Why somebody looks; kept as long as the entry.

    Raises
    ------
    NotFound
        If there is no such entry, it was not opened yet, or what was typed is gone by now.
    """
    status = get_entry(session, entry_id)
    opened = find_opened(session, entry_id)
    if opened is None:
        raise NotFound("there is nothing to be read in this entry")
    record(session, "reveal", submission.name, [entry_id], ("typed",), reason=reason)
    photo = opened.photo if status.has_photo else None
    return TypedEntry(entry_id, status.kind, opened.typed, opened.corrected, photo)


def reveal_box(session: Session, entry_id: UUID, *, reason: str | None = None) -> Box | None:
    """Take out what is in quarantine to be looked at, as it came; noted alike. None when it is no such entry."""
    status = get_entry(session, entry_id)
    content = find_box(session, entry_id) if status.state is EntryState.QUARANTINED else None
    if content is None:
        return None
    record(session, "reveal", submission.name, [entry_id], ("typed",), reason=reason)
    return Box(entry_id, EntryKind(status.kind), content)


def release(session: Session, entry_id: UUID) -> EntryStatus:
    """Let an entry out of quarantine, to be taken in like any other.

    Raises
    ------
    NotFound, Conflict
        If there is none, or it is not in quarantine.
    """
    return _decide(session, entry_id, (EntryState.QUARANTINED.value,), {"state": EntryState.RECEIVED.value}, "release")


def discard(session: Session, entry_id: UUID) -> EntryStatus:
    """Throw away an entry that never became a record, at once; its id stays, so that it does not come again.

    Raises
    ------
    NotFound, Conflict
        If there is none, or it has become a record.
    """
    values = {"state": EntryState.DISCARDED.value, "sealed": None, "key_id": None, "has_photo": False}
    return _decide(session, entry_id, (*_WAITS, EntryState.REFUSED.value), values, "discard")


def refuse(session: Session, entry_id: UUID, because: EntryRefusal, *, now: datetime | None = None) -> EntryStatus:
    """Say that an entry is not to become a record, and why; what was typed is kept for a while, for second thoughts.

    Raises
    ------
    NotFound, Conflict
        If there is none, or it waits for no decision.
    InvalidInput
        For a reason that is not a person's to give.
    """
    if because is EntryRefusal.NOBODY_DECIDED:
        raise InvalidInput("say why it is refused", field="reason")
    values = {
        "state": EntryState.REFUSED.value, "state_before": submission.c.state, "refused_because": because.value,
        "decided_at": now or datetime.now(UTC),
    }  # fmt: skip
    return _decide(session, entry_id, _WAITS, values, "refuse")


def note_corrected(session: Session, entry_id: UUID, *, now: datetime | None = None) -> EntryStatus:
    """Note that an entry which was held has been corrected, so that this can be taken back."""
    values = {"state_before": EntryState.HELD.value, "decided_at": now or datetime.now(UTC)}
    return _decide(session, entry_id, (EntryState.MADE.value,), values, "correct")


def undo_decision(session: Session, entry_id: UUID, *, now: datetime | None = None) -> EntryStatus:
    """Take the last decision back: what was refused waits again, and so does what was corrected a moment ago.

    The need that a correction made goes again; one that somebody has worked on since does not.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If nothing can be taken back, or not any more.
    """
    status = get_entry(session, entry_id, now=now)
    if not status.can_undo:
        raise Conflict("there is no decision that can be taken back")
    where = submission.c.id == entry_id, mine(submission)
    before = session.scalar(select(submission.c.state_before).where(*where).with_for_update())
    if status.state is EntryState.REFUSED:
        return _decide(session, entry_id, (EntryState.REFUSED.value,), {"state": before, **_BACK}, "undo")
    kept = session.execute(select(submission.c.sealed, submission.c.key_id).where(*where)).one()
    if status.record_id is not None:
        _take_need_back(session, status.record_id)
    # deleting a need empties the entry it came from; this one is wanted again
    values = {"state": before, "record_id": None, "sealed": kept.sealed, "key_id": kept.key_id, **_BACK}
    return _decide(session, entry_id, (EntryState.MADE.value,), values, "undo")


def _take_need_back(session: Session, need_id: UUID) -> None:
    row = session.execute(select(tables.need.c.version).where(tables.need.c.id == need_id, mine(tables.need))).first()
    asked = select(tables.match.c.id).where(tables.match.c.need_id == need_id, mine(tables.match)).limit(1)
    if row is None or row.version != 1 or session.scalar(asked) is not None:
        raise Conflict("somebody has worked on what it became; change that instead")
    delete_need(session, need_id, expected_version=1)


def hide_photo(session: Session, entry_id: UUID, *, now: datetime | None = None) -> EntryStatus:
    """Take a photo away: nobody sees it from now on, and it goes for good a quarter of an hour later.

    Raises
    ------
    NotFound, Conflict
        If there is no such entry, or no photo that was opened.
    """
    values = {"photo_hidden_at": now or datetime.now(UTC)}
    seen = submission.c.has_photo, submission.c.photo_hidden_at.is_(None)
    return _decide(session, entry_id, (), values, "hide_photo", *seen)


def keep_photo(session: Session, entry_id: UUID, *, now: datetime | None = None) -> EntryStatus:
    """Have a photo back that was taken away a moment ago.

    Raises
    ------
    NotFound, Conflict
        If there is no such entry, or it is too late.
    """
    since = (now or datetime.now(UTC)) - UNDO_WITHIN
    hidden = submission.c.has_photo, submission.c.photo_hidden_at > since
    return _decide(session, entry_id, (), {"photo_hidden_at": None}, "keep_photo", *hidden)


def _decide(
    session: Session, entry_id: UUID, before: Sequence[str], values: Mapping[str, Any], action: str,
    *more: ColumnElement[bool],
) -> EntryStatus:  # fmt: skip
    get_entry(session, entry_id)
    theirs = update(submission).where(submission.c.id == entry_id, mine(submission), *more)
    if before:
        theirs = theirs.where(submission.c.state == func.any(list(before)))
    if session.execute(theirs.values(**values).returning(submission.c.id)).one_or_none() is None:
        raise Conflict("this entry is past that")
    record(session, action, submission.name, [entry_id])
    return get_entry(session, entry_id)
