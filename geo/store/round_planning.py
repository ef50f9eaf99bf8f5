"""Rounds proposed for several drivers; nothing is stored, and nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from geo.analysis.routing import route
from geo.analysis.routing_legs import time_order
from geo.domain.driver_rounds import PlannedRound, PlannedStop, RoundEnd, RoundsPlan, UnservedNeed
from geo.domain.routing import LONGEST_SHIFT_MIN, Driver, RoutingAsked, StopAsked, Unserved
from geo.domain.words import HelperStatus, Urgency
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store.apart import list_pairs_apart
from geo.store.helpers import get_helper
from geo.store.round_places import get_asset_point, get_home, read_households
from geo.units import SECONDS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.driver_rounds import DriverAsked, RoundDraft, RoundsAsked, StopDraft
    from geo.domain.place import Point
    from geo.domain.records import Helper
    from geo.domain.routing import Route, Routing
    from geo.domain.travel import TravelModel
    from geo.store.round_places import Household

URGENCY_WEIGHT: Final[Mapping[Urgency, int]] = {
    Urgency.CRITICAL: 8, Urgency.HIGH: 4, Urgency.NORMAL: 2, Urgency.LOW: 1,
}  # fmt: skip
"""How much a need left out weighs: the weights of proposals, in whole numbers."""


def plan_rounds(session: Session, asked: RoundsAsked, *, model: TravelModel, now: datetime | None = None) -> RoundsPlan:
    """Split needs among drivers and put each one's stops in order.

    Raises
    ------
    NotFound
        If there is no such need, helper or asset.
    Conflict
        If a helper may not be asked at present.
    InvalidInput
        If a place to start or end is not known.
    TravelFailed
        If the travel engine gives no answer.
    """
    people = [_get_driver(session, one.helper_id) for one in asked.drivers]
    households = read_households(session, [one.need_id for one in asked.stops if one.need_id], now or datetime.now(UTC))
    if len(households) < len(asked.stops):
        raise NotFound("there is no such need")
    drivers = {one.helper_id for one in asked.drivers}
    early = {one.need_id: _bar(one, households, drivers, asked.starts_at) for one in asked.stops}
    ready = [one for one in asked.stops if early[one.need_id] is None]
    left = [UnservedNeed(need_id, why) for need_id, why in early.items() if need_id and why]
    if not ready:
        return RoundsPlan((), tuple(left), 0.0, 0.0, is_optimal=True, travel_model=model.info)
    apart = _bars(session, ready, households, asked.drivers)
    question = RoutingAsked(
        tuple(_asked(one, households, asked.starts_at) for one in ready),
        tuple(
            _driver(session, one, who, asked.starts_at, apart) for one, who in zip(asked.drivers, people, strict=True)
        ),
    )
    found = route(question, model, seed=asked.seed)
    return _report(asked, people, ready, question, found, left, model)


def _get_driver(session: Session, helper_id: UUID) -> Helper:
    found = get_helper(session, helper_id)
    if found.status is not HelperStatus.ACTIVE:
        raise Conflict("this helper may not be asked at present")
    return found


def _bar(
    stop: StopDraft, households: Mapping[UUID, Household], drivers: set[UUID], starts_at: datetime
) -> Unserved | None:
    """Tell why nobody at all is to drive to a need; nothing where somebody may be."""
    home = households[stop.need_id] if stop.need_id else None
    if home is None or not home.is_open:
        return Unserved.NOT_OPEN
    if home.point is None:
        return Unserved.NOT_LOCATED
    if home.is_on_a_round:
        return Unserved.ON_A_ROUND
    if home.claim is not None and home.claim.helper_id not in {None, *drivers}:
        return Unserved.CLAIMED
    ends_at = starts_at + timedelta(minutes=LONGEST_SHIFT_MIN)
    if (stop.latest_at and stop.latest_at < starts_at) or (stop.earliest_at and stop.earliest_at > ends_at):
        return Unserved.OUTSIDE_HOURS
    return None


def _bars(
    session: Session, ready: Sequence[StopDraft], households: Mapping[UUID, Household], drivers: Sequence[DriverAsked]
) -> dict[UUID, frozenset[int]]:
    """Tell, for each driver, which stops are not for them: kept apart, or another one's claim."""
    apart = list_pairs_apart(session, tuple(households))
    found = {}
    for driver in drivers:
        who, closed = driver.helper_id, set()
        for index, stop in enumerate(ready):
            claim = households[stop.need_id].claim if stop.need_id else None
            if (stop.need_id, who) in apart or (claim is not None and claim.helper_id not in (None, who)):
                closed.add(index)
        found[who] = frozenset(closed)
    return found


def _asked(stop: StopDraft, households: Mapping[UUID, Household], starts_at: datetime) -> StopAsked:
    home = households[stop.need_id] if stop.need_id else None
    if home is None or home.point is None:
        raise NotFound("there is no such need")
    return _timed(stop, home.point, starts_at, URGENCY_WEIGHT[home.urgency])


def _timed(stop: StopDraft, point: Point, starts_at: datetime, weight: int = 1) -> StopAsked:
    earliest = 0.0 if stop.earliest_at is None else minutes_between(starts_at, stop.earliest_at)
    latest = None if stop.latest_at is None else minutes_between(starts_at, stop.latest_at)
    return StopAsked(point, stop.demand, stop.service_min, earliest, latest, weight)


def minutes_between(start: datetime, end: datetime) -> float:
    """Give minutes from one instant to another, at least none and at most a day."""
    return min(max((end - start).total_seconds() / SECONDS_PER_MIN, 0.0), LONGEST_SHIFT_MIN)


def _driver(
    session: Session, one: DriverAsked, who: Helper, starts_at: datetime, apart: Mapping[UUID, frozenset[int]]
) -> Driver:
    start, end = ends_of(session, one)
    hours = minutes_between(starts_at, one.from_at), minutes_between(starts_at, one.until_at)
    return Driver(start, end, one.mode or who.mode, *hours, one.capacity, apart[one.helper_id])


def ends_of(session: Session, one: DriverAsked | RoundDraft) -> tuple[Point, Point | None]:
    """Find where a round begins and where it ends.

    Raises
    ------
    NotFound, InvalidInput
        If there is no such asset, or the place is not known.
    """
    home = None
    if one.start_asset_id is None or one.ends is RoundEnd.HOME:
        home = get_home(session, one.helper_id)
    start = home if one.start_asset_id is None else get_asset_point(session, one.start_asset_id)
    if start is None:
        raise InvalidInput("this helper's home is not known", field="helper_id")
    return start, {RoundEnd.START: start, RoundEnd.HOME: home, RoundEnd.LAST_STOP: None}[one.ends]


def time_round(session: Session, draft: RoundDraft, who: Helper, points: Sequence[Point], model: TravelModel) -> Route:
    """Work out the times of a round in the order of its stops.

    Parameters
    ----------
    points
        Where each stop is.

    Raises
    ------
    NotFound, InvalidInput, TravelFailed
        As :func:`ends_of` and :func:`geo.analysis.routing_legs.time_order`.
    """
    start, end = ends_of(session, draft)
    driver = Driver(start, end, draft.mode or who.mode, 0.0, LONGEST_SHIFT_MIN)
    stops = tuple(_timed(stop, point, draft.from_at) for stop, point in zip(draft.stops, points, strict=True))
    return time_order(RoutingAsked(stops, (driver,)), model)


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns minutes of a plan into instants, whole seconds."""

    starts_at: datetime

    def at(self, minutes: float) -> datetime:
        """Give the instant so many minutes after the start."""
        return self.starts_at + timedelta(seconds=round(minutes * SECONDS_PER_MIN))


def _report(
    asked: RoundsAsked, people: Sequence[Helper], ready: Sequence[StopDraft], question: RoutingAsked, found: Routing,
    left: list[UnservedNeed], model: TravelModel,
) -> RoundsPlan:  # fmt: skip
    clock = Clock(asked.starts_at)
    rounds = []
    for one in found.routes:
        driver = asked.drivers[one.driver]
        stops = tuple(
            PlannedStop(
                need_id, draft.demand, draft.service_min, draft.earliest_at, draft.latest_at, timed.travel_min,
                clock.at(timed.arrive_min), clock.at(timed.begin_min), clock.at(timed.leave_min),
            )
            for timed in one.stops
            if (need_id := (draft := ready[timed.stop]).need_id) is not None
        )  # fmt: skip
        rounds.append(
            PlannedRound(
                driver.helper_id, people[one.driver].public_name, question.drivers[one.driver].mode,
                driver.start_asset_id, driver.ends, driver.from_at, clock.at(one.leave_min), clock.at(one.end_min),
                one.travel_min, stops,
            )
        )  # fmt: skip
    left += [UnservedNeed(key, why) for at, why in found.unserved.items() if (key := ready[at].need_id)]
    return RoundsPlan(
        tuple(rounds), tuple(left), found.travel_min, found.bound_min,
        is_optimal=found.is_optimal, travel_model=model.info,
    )  # fmt: skip
