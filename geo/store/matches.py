"""Matches as they stand at an instant, and the steps that led there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, select

from geo.domain.match import LAPSING, Match, MatchEvent, MatchReason
from geo.domain.words import MatchStatus
from geo.store import tables
from geo.store.match_tables import match_event
from geo.store.rows import get_row, list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

match, need, helper, asset = tables.match, tables.need, tables.helper, tables.asset
COLUMNS = [
    match.c[name]
    for name in (
        "id", "need_id", "helper_id", "asset_id", "status", "reason", "travel_min", "expires_at", "done_at",
        "confirmed_at", "created_at", "updated_at", "version",
    )
]  # fmt: skip
_LAPSING = sorted(status.value for status in LAPSING)


@dataclass(frozen=True, slots=True)
class MatchFilter:
    """Which matches to list; an empty field does not filter."""

    need_id: UUID | None = None
    helper_id: UUID | None = None
    asset_id: UUID | None = None
    status: MatchStatus | None = None

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values; ``status`` is the one of an instant."""
        ids = ("need_id", "helper_id", "asset_id")
        found = [match.c[name] == getattr(self, name) for name in ids if getattr(self, name) is not None]
        if self.status is MatchStatus.EXPIRED:
            found.append(or_(match.c.status == self.status.value, is_due(now)))
        elif self.status is not None:
            found.append(and_(match.c.status == self.status.value, not_(is_due(now))))
        return found


def is_due(now: datetime) -> ColumnElement[bool]:
    """Tell which proposals and claims have lapsed by an instant."""
    ended = func.coalesce(match.c.expires_at <= now, literal(False))  # noqa: FBT003 - SQL's own
    return and_(match.c.status.in_(_LAPSING), ended)


def match_from_row(row: RowMapping | Mapping[str, Any], now: datetime) -> Match:
    """Read a match from a row that has ``COLUMNS``, as it stands at an instant."""
    values = dict(row)
    reason = values["reason"]
    return Match(
        **values
        | {"status": standing_of(values, now), "reason": None if reason is None else MatchReason(reason)}
    )  # fmt: skip


def standing_of(row: RowMapping | Mapping[str, Any], now: datetime) -> MatchStatus:
    """Tell how a row stands at an instant: what has lapsed is expired."""
    status, ends = MatchStatus(row["status"]), row["expires_at"]
    return MatchStatus.EXPIRED if status in LAPSING and ends is not None and ends <= now else status


def get_match(session: Session, match_id: UUID, *, now: datetime | None = None) -> Match:
    """Read one match as it stands at an instant, the present when left out.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return match_from_row(get_row(session, select(*COLUMNS), match, match_id), now or datetime.now(UTC))


def list_matches(
    session: Session,
    *,
    where: MatchFilter | None = None,
    after: UUID | None = None,
    limit: int = 100,
    now: datetime | None = None,
) -> Sequence[Match]:
    """List matches in the order of their ids; ``after`` is the last id of the page before."""
    moment = now or datetime.now(UTC)
    conditions = (where or MatchFilter()).conditions(moment)
    rows = list_rows(session, select(*COLUMNS), match, where=conditions, after=after, limit=limit)
    return [match_from_row(row, moment) for row in rows]


def list_events(session: Session, match_id: UUID) -> list[MatchEvent]:
    """List the steps of a match, the first one first.

    Raises
    ------
    NotFound
        If there is no such match in the network.
    """
    get_match(session, match_id)
    e = match_event.c
    query = select(e.match_id, e.at, e.actor, e.from_status, e.to_status, e.reason, e.is_undo)
    rows = session.execute(query.where(e.match_id == match_id, mine(match_event)).order_by(e.id).limit(1000))
    return [
        MatchEvent(
            row.match_id, row.at, row.actor, None if row.from_status is None else MatchStatus(row.from_status),
            MatchStatus(row.to_status), None if row.reason is None else MatchReason(row.reason), row.is_undo,
        )
        for row in rows
    ]  # fmt: skip
