"""How long entries are kept: what waits too long is given up, what was refused is emptied, photos go by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from geo.domain.entries import TO_DECIDE, UNDO_WITHIN
from geo.domain.words import EntryKind, EntryRefusal, EntryState
from geo.errors import KeysUnavailable
from geo.store import tables
from geo.store.audit import record
from geo.store.entries import reseal_without_photo, submission
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.retention import Retention

_WAITS: Final = [state.value for state in TO_DECIDE]
need = tables.need


def _too_long(kept: Retention, now: datetime) -> ColumnElement[bool]:
    """Tell which entries are emptied: nobody decided, refused a while ago, or made into what has no end of its own."""
    waits = and_(submission.c.state.in_(_WAITS), submission.c.received_at <= kept.waiting_before(now))
    refused = and_(submission.c.state == EntryState.REFUSED.value, submission.c.decided_at <= kept.refused_before(now))
    its_need = select(need.c.id).where(need.c.id == submission.c.record_id, mine(need)).exists()
    lasting = and_(
        submission.c.state == EntryState.MADE.value,
        submission.c.received_at <= kept.contact_before(now),
        or_(submission.c.kind != EntryKind.NEED.value, ~its_need),
    )
    return and_(mine(submission), submission.c.sealed.is_not(None), or_(waits, refused, lasting))


def _photo_is_due(kept: Retention, now: datetime) -> ColumnElement[bool]:
    hidden = submission.c.photo_hidden_at <= now - UNDO_WITHIN - timedelta(seconds=1)
    due = or_(hidden, submission.c.received_at <= kept.photo_before(now))
    return and_(mine(submission), submission.c.has_photo, submission.c.sealed.is_not(None), due)


def empty_entries(session: Session, kept: Retention, now: datetime, limit: int) -> int:
    """Empty entries whose time has come, ``limit`` at most; their ids and what became of them stay."""
    ids = _take(session, _too_long(kept, now), limit)
    if not ids:
        return 0
    here = submission.c.id == func.any(ids), mine(submission)
    given_up = {
        "state": EntryState.DISCARDED.value, "refused_because": EntryRefusal.NOBODY_DECIDED.value, "decided_at": now,
    }  # fmt: skip
    session.execute(update(submission).where(*here, submission.c.state.in_(_WAITS)).values(**given_up))
    emptied = {"sealed": None, "key_id": None, "has_photo": False}
    session.execute(update(submission).where(*here).values(**emptied))
    for found in ids:
        record(session, "empty", submission.name, [found], ("typed",))
    return len(ids)


def drop_photos(session: Session, kept: Retention, now: datetime, limit: int) -> int:
    """Remove photos whose time has come, and those taken away; they stay for now where the session has no keys."""
    done = 0
    for found in _take(session, _photo_is_due(kept, now), limit):
        try:
            reseal_without_photo(session, found)
        except KeysUnavailable:
            break
        record(session, "drop_photo", submission.name, [found], ("photo",))
        done += 1
    return done


def _take(session: Session, due: ColumnElement[bool], limit: int) -> Sequence[UUID]:
    query = select(submission.c.id).where(due).order_by(submission.c.received_at, submission.c.id).limit(limit)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def count_due_entries(session: Session, kept: Retention, now: datetime) -> int:
    """Count entries of which something is still kept although its time has come."""
    return session.scalar(select(func.count()).select_from(submission).where(_too_long(kept, now))) or 0


def count_due_photos(session: Session, kept: Retention, now: datetime) -> int:
    """Count photos that are still kept although their time has come."""
    return session.scalar(select(func.count()).select_from(submission).where(_photo_is_due(kept, now))) or 0
