"""What counts as help: active assets and helpers with a place and room, open when asked, and why others do not count.

When help is open is known, or not: opening hours may be missing, or unreadable, or say "by appointment". Where it is
not known the place is kept, marked as such, and serves at best and never surely.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, null, or_, select, union_all

from geo.analysis.opening import is_open
from geo.analysis.suiting import COMES_TO_THE_HOME, Offers
from geo.domain.hours import Hours, Opening
from geo.domain.words import AssetStatus, Category, HelperStatus, MatchStatus, Mode, StepFree, Vehicle
from geo.store import tables
from geo.store.network import get_network
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from geo.domain.hours import Window
    from geo.store.network import Network

asset, helper, exact, match = tables.asset, tables.helper, tables.location_exact, tables.match
ACTIVE_ASSET = asset.c.status == AssetStatus.ACTIVE.value
ACTIVE_HELPER = helper.c.status == HelperStatus.ACTIVE.value
ASSET_POINT = func.coalesce(asset.c.geom, exact.c.geom)
_LIVE: Final = (MatchStatus.ACCEPTED.value, MatchStatus.UNDER_WAY.value)
_MODE_OF: Final = {Vehicle.NONE: Mode.WALK, Vehicle.BICYCLE: Mode.BICYCLE, Vehicle.CAR: Mode.CAR}
_KEPT: Final = (Opening.OPEN, Opening.UNKNOWN)
_SHUT: Final = {Opening.CLOSED: "closed at that time", Opening.UNKNOWN: "hours not known"}


@dataclass(frozen=True, slots=True)
class Helping:
    """One place of help: whose, where (degrees), what for, for how many needs a week, and for whom.

    Attributes
    ----------
    id
        That of the asset or helper.
    capacity
        Needs that can still be taken this week.
    is_helper
        Whether it is a person, who goes to the household.
    mode, max_travel_min
        How a helper gets about, and for how many minutes at most; nothing for an asset.
    languages
        What is spoken there: what it names, or what the network speaks where it names nothing.
    opening
        In the window that was asked for; open when none was.
    """

    id: UUID
    name: str
    lon: float
    lat: float
    categories: frozenset[Category]
    capacity: int
    is_helper: bool = False
    languages: tuple[str, ...] = ()
    interpreter: bool = False
    step_free: StepFree = StepFree.UNKNOWN
    mode: Mode | None = None
    max_travel_min: int | None = None
    opening_hours: str | None = None
    schedule: str | None = None
    opening: Opening = Opening.OPEN

    def hours(self, zone: ZoneInfo) -> Hours:
        """Give what is written about when it is open."""
        return Hours(zone, self.opening_hours, self.schedule, self.lon, self.lat)

    @property
    def offers(self) -> Offers:
        """What it is like, for comparing it with needs."""
        way_in = COMES_TO_THE_HOME if self.is_helper else self.step_free
        return Offers(self.categories, self.languages, self.interpreter, way_in, self.opening is Opening.OPEN)


def list_supply(
    session: Session,
    *,
    window: Window | None = None,
    now: datetime | None = None,
    only: Collection[UUID] | None = None,
    network: Network | None = None,
) -> list[Helping]:
    """List all help that counts, in a fixed order.

    An asset counts when it is active, has a place, somebody has said how much it can take, and this week's matches
    leave room; a helper when active, with a home, and with room left this week.

    Parameters
    ----------
    window
        Leave out what is known to be closed during a part of it; what is not known to be open is marked by
        ``opening``. When left out, hours do not matter.
    now
        An aware instant of the week whose matches count; the present when left out.
    only
        Only that of these assets and helpers; all when left out.
    network
        The session's, where it has been read already.
    """
    network = network or get_network(session)
    return keep_open(_read(session, network, now, only), window, network.zone)


def keep_open(helping: Sequence[Helping], window: Window | None, zone: ZoneInfo) -> list[Helping]:
    """Leave out what is known to be closed during a part of a window; nothing is where hours do not matter."""
    return list(helping) if window is None else [h for h in judge(helping, window, zone) if h.opening in _KEPT]


def _read(
    session: Session, network: Network, now: datetime | None, only: Collection[UUID] | None = None
) -> list[Helping]:
    query = _usable(week_began(network.zone, now), None if only is None else list(only))
    return [_helping(row, network.languages) for row in session.execute(query)]


def judge(helping: Sequence[Helping], window: Window, zone: ZoneInfo) -> list[Helping]:
    """Say of each whether it is open in a window."""
    return [replace(h, opening=is_open(h.hours(zone), window)) for h in helping]


def week_began(zone: ZoneInfo, now: datetime | None = None) -> datetime:
    """Find when the week of an instant, or this week, began: on Monday in a zone. Room is counted from then."""
    local = (now or datetime.now(UTC)).astimezone(zone)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday.astimezone(UTC)


def taken_this_week(since: datetime) -> ColumnElement[int]:
    """Count the matches that take an asset's capacity: those that live, and those done since the week began."""
    # a match that is confirmed later was still done when it was done
    done_at = func.coalesce(match.c.done_at, match.c.updated_at)
    counts = or_(match.c.status.in_(_LIVE), and_(match.c.status == MatchStatus.DONE.value, done_at >= since))
    query = select(func.count()).where(match.c.asset_id == asset.c.id, mine(match), counts)
    return query.scalar_subquery()


def _usable(since: datetime, only: list[UUID] | None) -> Select[Any]:
    room = (asset.c.capacity_per_week - taken_this_week(since)).label("room")
    assets = (
        select(
            asset.c.id, asset.c.name.label("name"), func.ST_X(ASSET_POINT).label("lon"),
            func.ST_Y(ASSET_POINT).label("lat"), asset.c.categories, room, asset.c.languages, asset.c.interpreter,
            asset.c.step_free, null().label("vehicle"), null().label("max_travel_min"), asset.c.opening_hours,
            asset.c.schedule,
        )
        .outerjoin(exact, exact.c.asset_id == asset.c.id)
        .where(mine(asset), ACTIVE_ASSET, ASSET_POINT.is_not(None), asset.c.capacity_per_week > taken_this_week(since))
    )  # fmt: skip
    helpers = (
        select(
            helper.c.id, helper.c.public_name, func.ST_X(exact.c.geom), func.ST_Y(exact.c.geom), helper.c.categories,
            helper.c.capacity_per_week - helper.c.load, helper.c.languages, helper.c.interpreter, null(),
            helper.c.vehicle, helper.c.max_travel_min, null(), helper.c.availability,
        )
        .join(exact, exact.c.helper_id == helper.c.id)
        .where(mine(helper), ACTIVE_HELPER, exact.c.geom.is_not(None), helper.c.load < helper.c.capacity_per_week)
    )  # fmt: skip
    if only is not None:
        assets, helpers = (assets.where(asset.c.id == func.any(only)), helpers.where(helper.c.id == func.any(only)))
    both = union_all(assets, helpers).subquery()
    return select(both).order_by(both.c.id)


def _helping(row: Any, usual: tuple[str, ...]) -> Helping:  # noqa: ANN401 - a row of the statement above
    return Helping(
        id=row.id,
        name=row.name,
        lon=row.lon,
        lat=row.lat,
        categories=frozenset(Category(c) for c in row.categories),
        capacity=row.room,
        is_helper=row.vehicle is not None,
        languages=tuple(row.languages) or usual,
        interpreter=row.interpreter,
        step_free=StepFree(row.step_free or StepFree.UNKNOWN),
        mode=_MODE_OF[Vehicle(row.vehicle)] if row.vehicle else None,
        max_travel_min=row.max_travel_min,
        opening_hours=row.opening_hours,
        schedule=row.schedule,
    )


def count_excluded(
    session: Session, *, window: Window | None = None, now: datetime | None = None, network: Network | None = None
) -> dict[str, int]:
    """Count the assets and helpers that do not count as help, by the first reason that applies.

    Parameters
    ----------
    window, now, network
        As for :func:`list_supply`. Those whose hours are not known are counted here too, though they serve at best.
    """
    network = network or get_network(session)
    found = Counter(_count_in_database(session, week_began(network.zone, now)))
    if window is not None:
        for h in judge(_read(session, network, now), window, network.zone):
            if h.opening in _SHUT:
                found[f"{'helper' if h.is_helper else 'asset'} {_SHUT[h.opening]}"] += 1
    return dict(sorted(found.items()))


def _count_in_database(session: Session, since: datetime) -> dict[str, int]:
    unplaced = and_(asset.c.geom.is_(None), exact.c.geom.is_(None))
    assets = _by_reason(
        [
            (not_(ACTIVE_ASSET), "asset not active"),
            (unplaced, "asset without a place"),
            (asset.c.capacity_per_week.is_(None), "asset capacity not known"),
            (asset.c.capacity_per_week <= taken_this_week(since), "asset full"),
        ]
    ).select_from(asset.outerjoin(exact, exact.c.asset_id == asset.c.id))
    helpers = _by_reason(
        [
            (not_(ACTIVE_HELPER), "helper not active"),
            (exact.c.geom.is_(None), "helper without a place"),
            (helper.c.load >= helper.c.capacity_per_week, "helper full this week"),
        ]
    ).select_from(helper.outerjoin(exact, exact.c.helper_id == helper.c.id))
    both = union_all(assets.where(mine(asset)), helpers.where(mine(helper))).subquery()
    rows = session.execute(select(both.c.reason, func.count()).where(both.c.reason != "").group_by(both.c.reason))
    return {reason: int(count) for reason, count in rows}


def _by_reason(reasons: list[tuple[ColumnElement[bool], str]]) -> Select[Any]:
    return select(case(*((condition, literal(word)) for condition, word in reasons), else_=literal("")).label("reason"))
