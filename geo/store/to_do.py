"""What there is to do next: counted in one statement, each kind no further than it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, func, literal, not_, select, union_all

from geo.domain.now import ENDING_DAYS, LOOKED_AT, MOST_COUNTED, NEAR_M, UNCLAIMED_DAYS, Task, TaskKind
from geo.domain.referrals import ReferralState
from geo.domain.words import EntryState, HelperStatus, MatchStatus, NeedStatus, ReviewState
from geo.store import tables
from geo.store.access_tables import referral
from geo.store.assets import is_unconfirmed
from geo.store.duplicates import waiting_pairs
from geo.store.listing_tables import asset_check
from geo.store.match_tables import kept_apart
from geo.store.matches import is_due
from geo.store.proposing import list_waiting
from geo.store.review import RANKS
from geo.store.rows import mine
from geo.store.turf_tables import turf, turf_visit
from geo.store.turfs import today_here

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

need, match, helper, exact = tables.need, tables.match, tables.helper, tables.location_exact
_TO_DECIDE: Final = (EntryState.QUARANTINED.value, EntryState.HELD.value)
_STANDS: Final = (MatchStatus.PROPOSED.value, MatchStatus.ACCEPTED.value, MatchStatus.UNDER_WAY.value)


def list_tasks(session: Session, *, now: datetime, unconfirmed_since: date) -> list[Task]:
    """List what there is to do, in the order of ``TaskKind``; a kind of which there is nothing is left out.

    Parameters
    ----------
    now
        The instant it is told for.
    unconfirmed_since
        What nobody has confirmed since that day is to be confirmed.
    """
    rows = session.execute(tasks_query(now, today_here(session), unconfirmed_since))
    counted = {row.kind: int(row.counted) for row in rows}
    counted[TaskKind.NEEDS_YOU.value] = len(list_waiting(session, now=now, limit=MOST_COUNTED))
    found = ((kind, counted.get(kind.value, 0)) for kind in TaskKind)
    return [Task(kind, min(count, MOST_COUNTED), count > MOST_COUNTED) for kind, count in found if count]


def tasks_query(now: datetime, today: date, unconfirmed_since: date) -> Any:  # noqa: ANN401 - a statement
    """Ask how much there is of each kind, and one more than is counted where there is more."""
    old = unclaimed(now).where(need.c.received_at <= now - timedelta(days=UNCLAIMED_DAYS))
    waiting: Mapping[TaskKind, Select[Any]] = {
        TaskKind.HELPER_NEAR: _near(old),
        TaskKind.UNCLAIMED: old,
        TaskKind.REVIEW: _one(need.c.id).where(mine(need), need.c.review_rank.between(*RANKS[ReviewState.WAITING])),
        TaskKind.ENTRIES: _entries(),
        TaskKind.DUPLICATES: waiting_pairs(),
        TaskKind.REFERRALS: _referrals(now),
        TaskKind.TURFS: _turfs(today),
        TaskKind.ASSET_ANSWERS: _one(asset_check.c.id).where(mine(asset_check), asset_check.c.settled_at.is_(None)),
        TaskKind.ASSETS: _one(tables.asset.c.id).where(mine(tables.asset), is_unconfirmed(unconfirmed_since)),
    }
    return union_all(*(_count(kind, query) for kind, query in waiting.items()))


def unclaimed(now: datetime) -> Select[Any]:
    """Ask for the needs that wait, as the board's first lane has them, the longest waiting first."""
    stands = and_(match.c.need_id == need.c.id, mine(match), match.c.status.in_(_STANDS), not_(is_due(now)))
    waits = need.c.status == NeedStatus.OPEN.value, not_(need.c.withheld), ~exists().where(stands)
    return select(need.c.id).where(mine(need), *waits).order_by(need.c.received_at, need.c.id)


def _one(column: ColumnElement[Any]) -> Select[Any]:
    return select(column)


def _count(kind: TaskKind, query: Select[Any]) -> Select[str, int]:
    capped = query.limit(MOST_COUNTED + 1).subquery(f"of_{kind.value}")
    return select(literal(kind.value).label("kind"), func.count().label("counted")).select_from(capped)


def _near(old: Select[Any]) -> Select[Any]:
    """Keep those of the longest waiting that an active helper with room, who offers such help, lives surely near."""
    first = (
        old.add_columns(need.c.category, need.c.household_id).limit(LOOKED_AT).cte("first").prefix_with("MATERIALIZED")
    )
    there, place, around = _homes_around()
    off_m = func.coalesce(there.c.uncertainty_m, 0) + func.coalesce(around.c.uncertainty_m, 0)
    apart = (
        exists()
        .where(kept_apart.c.helper_id == helper.c.id, kept_apart.c.household_id == first.c.household_id)
        .where(mine(kept_apart))
        .correlate(helper, first)
    )
    somebody = (
        exists()
        .where(func.ST_Distance(around.c.place, place) + off_m <= NEAR_M)
        .where(helper.c.id == around.c.helper_id, mine(helper), helper.c.status == HelperStatus.ACTIVE.value)
        .where(first.c.category == func.any(helper.c.categories), helper.c.load < helper.c.capacity_per_week, ~apart)
        .correlate(first, there)
    )
    joined = first.join(there, and_(there.c.need_id == first.c.id, there.c.network_id == func.current_network()))
    return select(first.c.id).select_from(joined).where(there.c.geom.is_not(None), somebody)


def _homes_around() -> tuple[FromClause, ColumnElement[Any], FromClause]:
    """Give the places of needs, and the homes of helpers around one; OFFSET 0 has the place looked at first."""
    there, home = exact.alias("there"), exact.alias("home")
    place, from_home = func.geography(there.c.geom), func.geography(home.c.geom)
    near = (
        select(home.c.helper_id, home.c.uncertainty_m, from_home.label("place"))
        .where(home.c.helper_id.is_not(None), home.c.network_id == func.current_network())
        .where(func.ST_DWithin(from_home, place, NEAR_M))
        .correlate(there)
        .offset(0)
    )
    return there, place, near.lateral("around")


def _entries() -> Select[Any]:
    entry = tables.submission
    return _one(entry.c.id).where(mine(entry), entry.c.state.in_(_TO_DECIDE))


def _referrals(now: datetime) -> Select[Any]:
    runs = referral.c.ended_at.is_(None), referral.c.expires_at > now
    return _one(referral.c.id).where(mine(referral), referral.c.state == ReferralState.WAITING.value, *runs)


def _turfs(today: date) -> Select[Any]:
    visited = select(func.count(turf_visit.c.position.distinct())).where(
        mine(turf_visit), turf_visit.c.turf_id == turf.c.id
    )
    soon = turf.c.closed_at.is_(None), turf.c.ends_on <= today + timedelta(days=ENDING_DAYS)
    return _one(turf.c.id).where(mine(turf), *soon, visited.scalar_subquery() < turf.c.doors)
