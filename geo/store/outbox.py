"""The outbox: what partners and webhooks are still to be told, written by the database in the change's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import and_, delete, func, or_, select, update

from geo.store.outbox_tables import outbox
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

MOST_TAKEN: Final = 1000
KEEP_SENT: Final = timedelta(days=7)
KEEP_WAITING: Final = timedelta(days=30)
"""Whoever has not fetched for so long reads everything afresh, and needs no news."""


@dataclass(frozen=True, slots=True)
class News:
    """That something has changed. ``kind`` is a noun and what became of it: ``need.created``, ``asset.removed``."""

    id: int
    kind: str
    object_id: UUID
    created_at: datetime


def take_waiting(session: Session, *, limit: int = 100) -> Sequence[News]:
    """Take news nobody has been told yet, oldest first, and hold it until the transaction ends.

    Two who take at once get different news. Numbers follow the order of writing, which may differ from the order of
    commits, so nothing may be skipped by number: what is told is marked.

    Parameters
    ----------
    limit
        At most so many, never more than ``MOST_TAKEN``.
    """
    columns = (outbox.c.id, outbox.c.kind, outbox.c.object_id, outbox.c.created_at)
    waiting = select(*columns).where(mine(outbox), outbox.c.sent_at.is_(None)).order_by(outbox.c.id)
    taken = session.execute(waiting.limit(min(limit, MOST_TAKEN)).with_for_update(skip_locked=True))
    return [News(*row) for row in taken]


def mark_sent(session: Session, ids: Iterable[int]) -> None:
    """Note that news has been told."""
    told = update(outbox).where(outbox.c.id.in_(list(ids)), mine(outbox), outbox.c.sent_at.is_(None))
    session.execute(told.values(sent_at=func.now()))


def prune(session: Session, *, now: datetime) -> int:
    """Remove news that was told a week ago, and news nobody has asked for in a month; give how many went."""
    old = or_(
        outbox.c.sent_at < now - KEEP_SENT, and_(outbox.c.sent_at.is_(None), outbox.c.created_at < now - KEEP_WAITING)
    )
    gone = session.execute(delete(outbox).where(mine(outbox), old))
    return cast("CursorResult[Any]", gone).rowcount


def count_waiting(session: Session) -> int:
    """Count the news nobody has been told."""
    waiting = select(func.count()).select_from(outbox).where(mine(outbox), outbox.c.sent_at.is_(None))
    return session.scalar(waiting) or 0
