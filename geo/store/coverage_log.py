"""What has changed that coverage depends on: read since a mark, without missing what commits late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, delete, func, insert, select, text

from geo.store.coverage_tables import coverage_change
from geo.store.rows import mine

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

KEEP: Final = timedelta(hours=1)
"""Whoever has read nothing for so long reads everything afresh."""
MOST_CHANGES: Final = 5_000
"""Whoever has missed more reads everything afresh."""
_NOW: Final = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a mark.

    Attributes
    ----------
    mark
        To be read from next time. What had been committed by then is among the changes; what had not is told then,
        and some of what had is told again.
    needs, places
        Ids of needs, and of assets and helpers, that came, went, or are no longer what they were.
    everything
        Whether all is to be read again: too much has changed, or what is not told by ids.
    """

    mark: int
    needs: frozenset[UUID] = frozenset()
    places: frozenset[UUID] = frozenset()
    everything: bool = False


def mark_now(session: Session) -> int:
    """Give the mark of now, before what it is the mark of is read."""
    mark: int = session.execute(_NOW).scalar_one()
    return mark


def read_changes(session: Session, since: int) -> Changes:
    """Read what has changed since a mark.

    A transaction is told by its own number, and the mark is the lowest number of those under way: one that began before
    the mark was taken and commits after it has a number that is not below it.

    Parameters
    ----------
    since
        From :func:`mark_now`, or from the changes before.
    """
    mark = mark_now(session)
    rows = session.execute(changes_query(since)).all()
    if len(rows) > MOST_CHANGES or any(row.kind == "all" for row in rows):
        return Changes(mark, everything=True)
    needs = frozenset(row.record_id for row in rows if row.kind == "need")
    return Changes(mark, needs, frozenset(row.record_id for row in rows if row.kind == "place"))


def changes_query(since: int) -> Select[Any]:
    """Ask for one more change than is worth following."""
    changed = select(coverage_change.c.kind, coverage_change.c.record_id)
    return changed.where(mine(coverage_change), coverage_change.c.txid >= since).distinct().limit(MOST_CHANGES + 1)


def prune_changes(session: Session, *, now: datetime) -> None:
    """Remove what was noted an hour ago; who has not read it since will read everything.

    In its stead one entry is left, as old as the youngest that is removed, that says so.
    """
    old = [mine(coverage_change), coverage_change.c.changed_at < now - KEEP, coverage_change.c.txid < mark_now(session)]
    gone = session.execute(delete(coverage_change).where(*old).returning(coverage_change.c.txid)).scalars()
    youngest = max(gone, default=None)
    if youngest is not None:
        left = {"kind": "all", "txid": youngest, "changed_at": func.now()}
        session.execute(insert(coverage_change).values(left))
