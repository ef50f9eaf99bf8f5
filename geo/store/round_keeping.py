"""Rounds kept and changed: each stop at a household has its match, and times follow from the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, select, update

from geo.domain.driver_rounds import DriverRound, RoundDraft, StopDraft
from geo.domain.ids import new_id
from geo.domain.match import ANSWER_WITHIN, LONGEST_WAIT
from geo.domain.stop_codes import make_code
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store.apart import are_apart
from geo.store.audit import record
from geo.store.driver_round_tables import driver_round, round_stop
from geo.store.driver_rounds import check_changeable, get_round, list_stops, lock_round
from geo.store.helpers import get_helper
from geo.store.match_locks import hold_lapsed, hold_needs
from geo.store.match_steps import propose_match
from geo.store.round_places import get_asset_point, read_households
from geo.store.round_planning import Clock, time_round
from geo.store.rows import insert_row, mine, refused_as_ours, update_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.driver_rounds import RoundStop
    from geo.domain.place import Point
    from geo.domain.routing import Route, TimedStop
    from geo.domain.travel import TravelModel
    from geo.store.round_places import Household

_TRIES: Final = 20


def keep_round(session: Session, draft: RoundDraft, *, model: TravelModel, now: datetime | None = None) -> DriverRound:
    """Keep a round; a need that its driver has not been asked about is proposed to them.

    Raises
    ------
    NotFound
        If there is no such helper, need or asset.
    Conflict
        If a need is not open, on a round already or claimed by somebody else, the driver may not be asked at present,
        or they and a household are kept apart.
    InvalidInput
        If a place is not known well enough to drive to, or the order cannot be driven within a day.
    TravelFailed
        If the travel engine gives no answer.
    """
    moment = now or datetime.now(UTC)
    who = get_helper(session, draft.helper_id)
    needs = [stop.need_id for stop in draft.stops if stop.need_id is not None]
    hold_needs(session, needs)
    hold_lapsed(session, needs, moment, [draft.helper_id])
    households = read_households(session, needs, moment)
    points = [_point(session, stop, households) for stop in draft.stops]
    timed = time_round(session, draft, who, points, model)
    round_id, clock = new_id(), Clock(draft.from_at)
    values = {
        "id": round_id, "helper_id": draft.helper_id, "mode": (draft.mode or who.mode).value,
        "start_asset_id": draft.start_asset_id, "ends": draft.ends.value, "from_at": draft.from_at,
    }  # fmt: skip
    insert_row(session, driver_round, values | _round_times(timed, clock, model))
    for position, (stop, when) in enumerate(zip(draft.stops, timed.stops, strict=True), start=1):
        match_id = None
        if stop.need_id is not None:
            match_id = _match(session, draft, households[stop.need_id], when.travel_min, moment)
        _add_stop(session, round_id, position, stop, match_id, _stop_times(when, clock))
    return get_round(session, round_id)


def _point(session: Session, stop: StopDraft, households: Mapping[UUID, Household]) -> Point:
    if stop.asset_id is not None:
        return get_asset_point(session, stop.asset_id)
    home = None if stop.need_id is None else households.get(stop.need_id)
    if home is None:
        raise NotFound("there is no such need")
    if not home.is_open:
        raise Conflict("this need is not open")
    if home.is_on_a_round:
        raise Conflict("this need is on a round already")
    if home.point is None:
        raise InvalidInput("where this need is has to be settled before anybody drives there", field="stops")
    return home.point


def _match(session: Session, draft: RoundDraft, home: Household, travel_min: float, now: datetime) -> UUID:
    """Find the match under which the driver goes there, or propose it; the proposal waits until the round begins."""
    found = home.match_for(draft.helper_id)
    if found is not None:
        if found.helper_id not in (None, draft.helper_id):
            raise Conflict("somebody else has claimed this need")
        if are_apart(session, home.need_id, draft.helper_id):
            raise Conflict("this helper and this household are kept apart")
        return found.id
    wait = min(max(draft.from_at - now, ANSWER_WITHIN), LONGEST_WAIT)
    made = propose_match(
        session, home.need_id, helper_id=draft.helper_id, travel_min=travel_min, answer_within=wait, now=now
    )
    return made.id


def _add_stop(
    session: Session, round_id: UUID, position: int, stop: StopDraft, match_id: UUID | None, times: dict[str, Any]
) -> None:
    stop_id, code = _free_code(session)
    values = {
        "id": stop_id, "round_id": round_id, "position": position, "code": code, "match_id": match_id,
        "asset_id": stop.asset_id, "demand": stop.demand, "service_min": stop.service_min,
        "earliest_at": stop.earliest_at, "latest_at": stop.latest_at,
    }  # fmt: skip
    insert_row(session, round_stop, values | times)


def _free_code(session: Session) -> tuple[UUID, str]:
    for _ in range(_TRIES):
        stop_id = new_id()
        code = make_code(stop_id)
        taken = select(round_stop.c.id).where(round_stop.c.code == code, mine(round_stop))
        if session.scalar(taken) is None:
            return stop_id, code
    raise Conflict("no code is free for another stop; remove old rounds")


def _round_times(timed: Route, clock: Clock, model: TravelModel) -> dict[str, Any]:
    return {
        "leave_at": clock.at(timed.leave_min), "end_at": clock.at(timed.end_min), "travel_min": timed.travel_min,
        "travel_model": model.info.name,
    }  # fmt: skip


def _stop_times(when: TimedStop, clock: Clock) -> dict[str, Any]:
    return {
        "travel_min": when.travel_min, "arrive_at": clock.at(when.arrive_min), "begin_at": clock.at(when.begin_min),
        "leave_at": clock.at(when.leave_min),
    }  # fmt: skip


def order_stops(
    session: Session,
    round_id: UUID,
    stop_ids: Sequence[UUID],
    *,
    model: TravelModel,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> DriverRound:
    """Put the stops of a round into another order; one that is not named any more is dropped.

    The match of a dropped stop stays as it is.

    Raises
    ------
    NotFound, StaleVersion
        As their names say, of the round or one of the stops.
    Conflict
        If the driver has set out.
    InvalidInput
        If no stop is left, one is named twice, or the order cannot be driven within a day.
    TravelFailed
        If the travel engine gives no answer.
    """
    moment = now or datetime.now(UTC)
    found = lock_round(session, round_id, expected_version)
    check_changeable(found)
    known = {stop.id: stop for stop in list_stops(session, round_id, moment)}
    if not stop_ids or len(set(stop_ids)) < len(stop_ids):
        raise InvalidInput("name each stop that stays once", field="stop_ids")
    if not set(stop_ids) <= set(known):
        raise NotFound("there is no such stop")
    stops = [known[stop_id] for stop_id in stop_ids]
    _drop(session, sorted(set(known) - set(stop_ids)))
    _write_order(session, found, stops, model, moment)
    return get_round(session, round_id)


def _drop(session: Session, gone: Sequence[UUID]) -> None:
    if gone:
        session.execute(delete(round_stop).where(round_stop.c.id.in_(gone), mine(round_stop)))
        record(session, "delete", round_stop.name, gone)


def _write_order(
    session: Session, found: DriverRound, stops: Sequence[RoundStop], model: TravelModel, now: datetime
) -> None:
    drafts = tuple(
        StopDraft(stop.need_id, stop.asset_id, stop.demand, stop.service_min, stop.earliest_at, stop.latest_at)
        for stop in stops
    )
    draft = RoundDraft(found.helper_id, found.from_at, drafts, found.mode, found.start_asset_id, found.ends)
    needs = [stop.need_id for stop in stops if stop.need_id is not None]
    # being on this round is no bar to staying on it
    households = {
        key: replace(home, matches=tuple(replace(one, is_on_a_round=False) for one in home.matches))
        for key, home in read_households(session, needs, now).items()
    }
    points = [_point(session, stop, households) for stop in drafts]
    timed, clock = time_round(session, draft, get_helper(session, found.helper_id), points, model), Clock(found.from_at)
    for position, (stop, when) in enumerate(zip(stops, timed.stops, strict=True), start=1):
        change = update(round_stop).where(round_stop.c.id == stop.id, mine(round_stop))
        with refused_as_ours():
            session.execute(change.values(position=position, **_stop_times(when, clock)))
    update_row(session, driver_round, found.id, _round_times(timed, clock, model), action="order", also=("stops",))
