"""Rounds of drivers: planned, kept, changed, given, driven; what happens to a stop happens to its match."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from geo.analysis.travel import StraightLineTravel
from geo.domain.drafts import Contact
from geo.domain.driver_rounds import (
    DriverAsked,
    DriverRound,
    RoundDraft,
    RoundEnd,
    RoundsAsked,
    RoundState,
    StopDraft,
    StopOutcome,
)
from geo.domain.ids import new_id
from geo.domain.match import MatchReason
from geo.domain.place import Point
from geo.domain.routing import Unserved
from geo.domain.stop_codes import read_code
from geo.domain.words import HelperStatus, MatchStatus, NeedStatus, Urgency, Vehicle
from geo.errors import Conflict, GeoError, InvalidInput, NotFound, StaleVersion
from geo.store import round_steps
from geo.store.apart import keep_apart
from geo.store.audit import list_audit
from geo.store.contacts import store_contact
from geo.store.driver_round_tables import round_stop
from geo.store.driver_rounds import RoundFilter, find_stop, get_round, list_rounds, list_stops, withdraw_round
from geo.store.engine import make_sessions
from geo.store.helpers import delete_helper, get_helper, update_helper
from geo.store.match_steps import propose_match, step
from geo.store.matches import MatchFilter, list_matches
from geo.store.needs import delete_need, get_need, update_need
from geo.store.round_keeping import keep_round, order_stops
from geo.store.round_places import list_to_drive
from geo.store.round_planning import plan_rounds
from geo.store.round_sheet import read_sheet

from tests.factories import add_asset, add_helper, add_need, waiting
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MODEL = StraightLineTravel()
S = RoundState
step_round = partial(round_steps.step_round, origin="https://map.example.org")
settle_stop = partial(round_steps.settle_stop, origin="https://map.example.org")


def near(step_east: int) -> Point:
    return Point(HELSINKI.lon + 0.01 * step_east, HELSINKI.lat)


def add_driver(session: Session, **values: Any) -> UUID:
    return add_helper(session, **({"vehicle": Vehicle.CAR, "capacity_per_week": 20} | values)).id


def draft_of(helper_id: UUID, *stops: StopDraft, **values: Any) -> RoundDraft:
    return RoundDraft(helper_id, NOW + timedelta(hours=1), stops, **values)


def kept(session: Session, needs: int = 3, **values: Any) -> tuple[DriverRound, list[UUID]]:
    ids = [add_need(session, near(1 + at)).id for at in range(needs)]
    draft = draft_of(add_driver(session), *(StopDraft(one) for one in ids), **values)
    return keep_round(session, draft, model=MODEL, now=NOW), ids


def under_way(session: Session, needs: int = 2) -> tuple[DriverRound, list[UUID]]:
    made, ids = kept(session, needs)
    step_round(session, made.id, S.GIVEN, now=NOW)
    return step_round(session, made.id, S.UNDER_WAY, now=NOW), ids


def test_a_whole_round_takes_its_matches_along(session: Session) -> None:
    pantry = add_asset(session, near(0)).id
    driver = add_driver(session)
    needs = [add_need(session, near(at)).id for at in (1, 2)]
    draft = draft_of(driver, StopDraft(asset_id=pantry), *(StopDraft(one, service_min=4.0) for one in needs))
    made = keep_round(session, draft, model=MODEL, now=NOW)
    assert (made.state, made.version, made.stop_count, made.travel_model) == (S.PLANNED, 1, 3, "straight_line")
    stops = list_stops(session, made.id, NOW)
    assert [(one.position, one.need_id, one.asset_id) for one in stops] == [
        (1, None, pantry), (2, needs[0], None), (3, needs[1], None),
    ]  # fmt: skip
    assert all(read_code(one.code) == one.code for one in stops)
    assert len({one.code for one in stops}) == 3
    assert [one.status for one in list_matches(session, now=NOW)] == [MatchStatus.PROPOSED] * 2
    assert made.from_at <= made.leave_at <= stops[0].arrive_at <= stops[-1].leave_at <= made.end_at

    made = step_round(session, made.id, S.GIVEN, expected_version=1, now=NOW)
    assert [one.status for one in list_matches(session, now=NOW)] == [MatchStatus.ACCEPTED] * 2
    assert get_helper(session, driver).load == 2
    made = step_round(session, made.id, S.UNDER_WAY, expected_version=2, now=NOW)
    assert [one.status for one in list_matches(session, now=NOW)] == [MatchStatus.UNDER_WAY] * 2

    with pytest.raises(Conflict, match="3 stops"):
        step_round(session, made.id, S.DONE, now=NOW)
    settle_stop(session, made.id, stops[0].id, StopOutcome.DONE, now=NOW)
    settle_stop(session, made.id, stops[1].id, StopOutcome.DONE, now=NOW)
    with pytest.raises(Conflict, match="stop 3"):
        step_round(session, made.id, S.DONE, now=NOW)
    settle_stop(session, made.id, stops[2].id, StopOutcome.FAILED, reason=MatchReason.NOBODY_HOME, now=NOW)
    assert [(one.outcome, one.reason) for one in list_stops(session, made.id, NOW)] == [
        (StopOutcome.DONE, None), (StopOutcome.DONE, None), (StopOutcome.FAILED, MatchReason.NOBODY_HOME),
    ]  # fmt: skip
    assert [get_need(session, one).status for one in needs] == [NeedStatus.MET, NeedStatus.OPEN]
    made = step_round(session, made.id, S.DONE, now=NOW)
    assert made.state is S.DONE
    assert get_helper(session, driver).load == 1
    session.commit()
    noted = [entry.action for entry in list_audit(session) if entry.object_kind == "driver_round"]
    assert noted == ["finish", "settle", "settle", "settle", "start", "give", "create"]
    # the need that failed can be on another round, the one that was met cannot
    again = keep_round(session, draft_of(driver, StopDraft(needs[1])), model=MODEL, now=NOW)
    assert again.stop_count == 1
    with pytest.raises(Conflict, match="not open"):
        keep_round(session, draft_of(driver, StopDraft(needs[0])), model=MODEL, now=NOW)


def test_steps_that_do_not_follow_are_refused(session: Session) -> None:
    made, _ = kept(session)
    stop = list_stops(session, made.id, NOW)[0]
    for then in (S.PLANNED, S.UNDER_WAY, S.DONE):
        with pytest.raises(Conflict):
            step_round(session, made.id, then, now=NOW)
    with pytest.raises(Conflict, match="set out"):
        settle_stop(session, made.id, stop.id, StopOutcome.DONE, now=NOW)
    with pytest.raises(StaleVersion):
        step_round(session, made.id, S.GIVEN, expected_version=2, now=NOW)
    with pytest.raises(NotFound):
        step_round(session, new_id(), S.GIVEN, now=NOW)
    assert get_round(session, made.id) == made


def test_a_stop_has_one_outcome_and_an_asset_cannot_fail(session: Session) -> None:
    pantry, need = add_asset(session, near(0)).id, add_need(session, near(1)).id
    draft = draft_of(add_driver(session), StopDraft(asset_id=pantry), StopDraft(need))
    made = keep_round(session, draft, model=MODEL, now=NOW)
    for then in (S.GIVEN, S.UNDER_WAY):
        step_round(session, made.id, then, now=NOW)
    at_asset, at_home = list_stops(session, made.id, NOW)
    with pytest.raises(InvalidInput):
        settle_stop(session, made.id, at_asset.id, StopOutcome.FAILED, reason=MatchReason.OTHER, now=NOW)
    with pytest.raises(InvalidInput):
        settle_stop(session, made.id, at_home.id, StopOutcome.FAILED, now=NOW)
    with pytest.raises(InvalidInput):
        settle_stop(session, made.id, at_home.id, StopOutcome.FAILED, reason=MatchReason.NO_TIME, now=NOW)
    settle_stop(session, made.id, at_home.id, StopOutcome.DONE, now=NOW)
    with pytest.raises(Conflict, match="already"):
        settle_stop(session, made.id, at_home.id, StopOutcome.DONE, now=NOW)
    with pytest.raises(NotFound):
        settle_stop(session, made.id, new_id(), StopOutcome.DONE, now=NOW)


def test_what_ends_elsewhere_shows_on_the_round(session: Session) -> None:
    made, _ = under_way(session)
    first, second = list_stops(session, made.id, NOW)
    assert first.match_id is not None
    step(session, first.match_id, MatchStatus.DONE, now=NOW)
    assert [one.outcome for one in list_stops(session, made.id, NOW)] == [StopOutcome.DONE, StopOutcome.WAITING]
    settle_stop(session, made.id, second.id, StopOutcome.DONE, now=NOW)
    assert step_round(session, made.id, S.DONE, now=NOW).state is S.DONE


def test_a_lapsed_proposal_has_to_be_taken_off(session: Session) -> None:
    made, _ = kept(session, 2)
    first, second = list_stops(session, made.id, NOW)
    assert first.match_id is not None
    step(session, first.match_id, MatchStatus.DECLINED, reason=MatchReason.NO_TIME, now=NOW)
    assert list_stops(session, made.id, NOW)[0].outcome is StopOutcome.GONE
    with pytest.raises(Conflict, match="stop 1"):
        step_round(session, made.id, S.GIVEN, now=NOW)
    order_stops(session, made.id, [second.id], model=MODEL, now=NOW)
    assert step_round(session, made.id, S.GIVEN, now=NOW).stop_count == 1
    much_later = NOW + timedelta(days=3)
    # a claim that lapsed is gone as well
    assert list_stops(session, made.id, much_later)[0].outcome is StopOutcome.GONE


def test_a_match_is_on_one_round_only(session: Session) -> None:
    made, needs = kept(session, 1)
    with pytest.raises(Conflict, match="on a round"):
        keep_round(session, draft_of(made.helper_id, StopDraft(needs[0])), model=MODEL, now=NOW)
    with pytest.raises(Conflict, match="on a round"):
        keep_round(session, draft_of(add_driver(session), StopDraft(needs[0])), model=MODEL, now=NOW)
    other, _ = kept(session, 1)
    stop = list_stops(session, other.id, NOW)[0]
    # the database holds to it, whoever forgets
    row = dict(session.execute(select(round_stop).where(round_stop.c.id == stop.id)).mappings().one())
    row |= {"id": new_id(), "round_id": made.id, "position": 9, "code": "XXXXXX"}
    with pytest.raises(IntegrityError, match="uq_round_stop_match_id"):
        session.execute(round_stop.insert().values(**row))


def test_claims_of_others_and_people_kept_apart_are_not_driven_to(session: Session) -> None:
    need, driver = add_need(session, near(1)).id, add_driver(session)
    held = propose_match(session, need, helper_id=add_helper(session).id, now=NOW)
    step(session, held.id, MatchStatus.ACCEPTED, now=NOW)
    with pytest.raises(Conflict, match="claimed"):
        keep_round(session, draft_of(driver, StopDraft(need)), model=MODEL, now=NOW)
    apart = add_need(session, near(2)).id
    keep_apart(session, driver, apart)
    with pytest.raises(Conflict, match="apart"):
        keep_round(session, draft_of(driver, StopDraft(apart)), model=MODEL, now=NOW)
    # what an asset gives can be brought by anybody it is not kept apart from
    given = propose_match(session, apart, asset_id=add_asset(session).id, now=NOW)
    step(session, given.id, MatchStatus.ACCEPTED, now=NOW)
    with pytest.raises(Conflict, match="apart"):
        keep_round(session, draft_of(driver, StopDraft(apart)), model=MODEL, now=NOW)
    made = keep_round(session, draft_of(add_driver(session), StopDraft(apart)), model=MODEL, now=NOW)
    assert list_stops(session, made.id, NOW)[0].match_id == given.id


def test_nobody_is_sent_to_a_place_that_is_not_known(session: Session) -> None:
    driver = add_driver(session)
    with pytest.raises(InvalidInput):
        keep_round(session, draft_of(driver, StopDraft(add_need(session, waiting()).id)), model=MODEL, now=NOW)
    with pytest.raises(NotFound):
        keep_round(session, draft_of(driver, StopDraft(new_id())), model=MODEL, now=NOW)
    homeless = add_helper(session, None, vehicle=Vehicle.CAR).id
    draft = draft_of(homeless, StopDraft(add_need(session, near(1)).id))
    with pytest.raises(InvalidInput):
        keep_round(session, draft, model=MODEL, now=NOW)
    begun = replace(draft, start_asset_id=add_asset(session, near(0)).id)
    assert keep_round(session, begun, model=MODEL, now=NOW).start_asset_id == begun.start_asset_id
    with pytest.raises(InvalidInput):
        plan_rounds(session, asked_of([add_need(session, near(1)).id], [homeless]), model=MODEL, now=NOW)


def test_the_order_changes_and_stops_are_dropped(session: Session) -> None:
    made, needs = kept(session, 3)
    first, second, third = (one.id for one in list_stops(session, made.id, NOW))
    made = order_stops(session, made.id, [third, first], model=MODEL, expected_version=1, now=NOW)
    stops = list_stops(session, made.id, NOW)
    assert [(one.id, one.position) for one in stops] == [(third, 1), (first, 2)]
    assert [one.arrive_at for one in stops] == sorted(one.arrive_at for one in stops)
    assert (made.version, made.stop_count) == (2, 2)
    # whoever was asked about the dropped one still is
    assert list_matches(session, where=MatchFilter(need_id=needs[1]), now=NOW)[0].status is MatchStatus.PROPOSED
    for broken, error in (([], InvalidInput), ([first, first], InvalidInput), ([first, second], NotFound)):
        with pytest.raises(error):
            order_stops(session, made.id, broken, model=MODEL, now=NOW)
    with pytest.raises(StaleVersion):
        order_stops(session, made.id, [first], model=MODEL, expected_version=1, now=NOW)
    step_round(session, made.id, S.GIVEN, now=NOW)
    step_round(session, made.id, S.UNDER_WAY, now=NOW)
    with pytest.raises(Conflict):
        order_stops(session, made.id, [first], model=MODEL, now=NOW)
    with pytest.raises(Conflict):
        withdraw_round(session, made.id)


def test_a_round_that_is_late_says_where(session: Session) -> None:
    driver = add_driver(session)
    needs = [add_need(session, near(at)).id for at in (1, 2)]
    soon = NOW + timedelta(hours=1, minutes=20)
    stops = [StopDraft(needs[0], service_min=60.0), StopDraft(needs[1], latest_at=soon)]
    made = keep_round(session, draft_of(driver, *stops), model=MODEL, now=NOW)
    late = list_stops(session, made.id, NOW)
    assert [one.is_late for one in late] == [False, True]
    assert made.leave_at == made.from_at
    order_stops(session, made.id, [late[1].id, late[0].id], model=MODEL, now=NOW)
    assert [one.is_late for one in list_stops(session, made.id, NOW)] == [False, False]


def test_a_withdrawn_round_leaves_promises_as_they_are(session: Session) -> None:
    made, needs = kept(session, 2)
    step_round(session, made.id, S.GIVEN, now=NOW)
    withdraw_round(session, made.id, expected_version=2)
    with pytest.raises(NotFound):
        get_round(session, made.id)
    assert [get_need(session, one).status for one in needs] == [NeedStatus.IN_PROGRESS] * 2
    again = keep_round(session, draft_of(made.helper_id, *(StopDraft(n) for n in needs)), model=MODEL, now=NOW)
    assert again.stop_count == 2
    assert len(list_matches(session, now=NOW)) == 2


def asked_of(needs: list[UUID | None], drivers: list[UUID], **values: Any) -> RoundsAsked:
    start = NOW + timedelta(hours=1)
    hours = {"from_at": start, "until_at": start + timedelta(hours=values.pop("hours", 4))}
    people = tuple(DriverAsked(one, **hours, **values) for one in drivers)
    return RoundsAsked(tuple(StopDraft(one) for one in needs), people)


def test_a_plan_stores_nothing_and_can_be_kept_as_it_is(session: Session) -> None:
    needs = [add_need(session, near(at)).id for at in (3, 1, 2, -2, -1)]
    drivers = [add_driver(session, at=near(4)), add_driver(session, at=near(-4))]
    plan = plan_rounds(session, asked_of([*needs], drivers, capacity=3), model=MODEL, now=NOW)
    assert plan.unserved == ()
    assert plan.is_optimal
    assert plan.bound_min == plan.travel_min == pytest.approx(sum(one.travel_min for one in plan.rounds))
    assert plan.gap == 0.0
    assert {stop.need_id for one in plan.rounds for stop in one.stops} == set(needs)
    assert list_rounds(session) == []
    assert list_matches(session) == []
    for one in plan.rounds:
        stops = tuple(
            StopDraft(s.need_id, None, s.demand, s.service_min, s.earliest_at, s.latest_at) for s in one.stops
        )
        draft = RoundDraft(one.helper_id, one.from_at, stops, one.mode, one.start_asset_id, one.ends)
        made = keep_round(session, draft, model=MODEL, now=NOW)
        assert (made.leave_at, made.end_at, made.travel_min) == (one.leave_at, one.end_at, one.travel_min)
        times = [(s.arrive_at, s.begin_at, s.leave_at) for s in list_stops(session, made.id, NOW)]
        assert times == [(s.arrive_at, s.begin_at, s.leave_at) for s in one.stops]
    again = plan_rounds(session, asked_of([*needs], drivers), model=MODEL, now=NOW)
    assert {one.why for one in again.unserved} == {Unserved.ON_A_ROUND}
    assert again.rounds == ()


def test_no_need_of_a_plan_is_dropped_without_a_reason(session: Session) -> None:
    driver, other = add_driver(session), add_driver(session)
    plain, met, unplaced, claimed, apart, own = (
        add_need(session, near(1)).id, add_need(session, near(1)).id, add_need(session, waiting()).id,
        add_need(session, near(1)).id, add_need(session, near(1)).id, add_need(session, near(2)).id,
    )  # fmt: skip
    update_need(session, met, {"status": NeedStatus.MET.value})
    held = propose_match(session, claimed, helper_id=add_helper(session).id, now=NOW)
    step(session, held.id, MatchStatus.ACCEPTED, now=NOW)
    keep_apart(session, driver, apart)
    mine = propose_match(session, own, helper_id=other, now=NOW)
    step(session, mine.id, MatchStatus.ACCEPTED, now=NOW)
    everything: list[UUID | None] = [plain, met, unplaced, claimed, apart, own]
    plan = plan_rounds(session, asked_of(everything, [driver]), model=MODEL, now=NOW)
    why = {one.need_id: one.why for one in plan.unserved}
    assert why == {
        met: Unserved.NOT_OPEN, unplaced: Unserved.NOT_LOCATED, claimed: Unserved.CLAIMED,
        apart: Unserved.KEPT_APART, own: Unserved.CLAIMED,
    }  # fmt: skip
    assert [stop.need_id for one in plan.rounds for stop in one.stops] == [plain]
    # whose claim it is drives there
    plan = plan_rounds(session, asked_of(everything, [driver, other]), model=MODEL, now=NOW)
    served = {stop.need_id: one.helper_id for one in plan.rounds for stop in one.stops}
    assert (served[own], served[apart]) == (other, other)
    with pytest.raises(NotFound):
        plan_rounds(session, asked_of([new_id()], [driver]), model=MODEL, now=NOW)
    update_helper(session, driver, {"status": HelperStatus.PAUSED.value})
    with pytest.raises(Conflict):
        plan_rounds(session, asked_of([plain], [driver]), model=MODEL, now=NOW)


def test_what_is_urgent_goes_first_when_there_is_no_room_for_all(session: Session) -> None:
    driver = add_driver(session)
    calm = [add_need(session, near(1), urgency=Urgency.NORMAL).id for _ in range(3)]
    urgent = add_need(session, near(9), urgency=Urgency.CRITICAL).id
    plan = plan_rounds(session, asked_of([*calm, urgent], [driver], capacity=1), model=MODEL, now=NOW)
    assert [stop.need_id for one in plan.rounds for stop in one.stops] == [urgent]
    assert {one.why for one in plan.unserved} == {Unserved.NO_ROOM}


def test_windows_outside_a_plan_are_told(session: Session) -> None:
    driver, need = add_driver(session), add_need(session, near(1)).id
    asked = asked_of([need], [driver])
    for window in ({"latest_at": NOW}, {"earliest_at": NOW + timedelta(days=3)}):
        closed = replace(asked, stops=(StopDraft(need, **window),))
        assert [one.why for one in plan_rounds(session, closed, model=MODEL, now=NOW).unserved] == ["outside_hours"]


def test_what_can_be_driven_to_is_listed(session: Session) -> None:
    old, new = add_need(session, near(1)).id, add_need(session, near(2)).id
    add_need(session, waiting())
    asked = add_need(session, near(3)).id
    propose_match(session, asked, helper_id=add_helper(session).id, now=NOW)
    on_round, _ = kept(session, 1)
    assert list_to_drive(session, limit=10, now=NOW) == [old, new, asked]
    assert list_to_drive(session, limit=1, now=NOW) == [old]
    withdraw_round(session, on_round.id)
    assert len(list_to_drive(session, limit=10, now=NOW)) == 4


def test_rounds_are_listed_by_driver_and_state_and_stops_found_by_code(session: Session) -> None:
    one, _ = kept(session, 1)
    two, _ = kept(session, 2)
    step_round(session, two.id, S.GIVEN, now=NOW)
    assert [r.id for r in list_rounds(session)] == [one.id, two.id]
    assert [r.id for r in list_rounds(session, after=one.id)] == [two.id]
    assert [r.id for r in list_rounds(session, where=RoundFilter(state=S.GIVEN))] == [two.id]
    assert [r.id for r in list_rounds(session, where=RoundFilter(helper_id=one.helper_id))] == [one.id]
    stop = list_stops(session, two.id, NOW)[1]
    assert find_stop(session, stop.code, NOW) == stop
    assert find_stop(session, "XXXXXX", NOW) is None


def test_a_sheet_shows_places_and_is_a_reveal(session: Session) -> None:
    made, needs = kept(session, 2)
    store_contact(session, "need_id", needs[0], Contact(name="Aino", phone="+358 40 0000000"))
    plain = read_sheet(session, made.id, with_contacts=False, now=NOW)
    assert [(one.position, one.point, one.address_typed, one.name) for one in plain] == [
        (1, near(1), "Testikatu 1", None), (2, near(2), "Testikatu 1", None),
    ]  # fmt: skip
    whole = read_sheet(session, made.id, with_contacts=True, now=NOW)
    assert [(one.name, one.phone) for one in whole] == [("Aino", "+358 40 0000000"), (None, None)]
    session.commit()
    noted = [entry for entry in list_audit(session) if entry.action == "reveal"]
    assert [set(entry.object_ids) for entry in noted] == [set(needs)] * 2
    assert {"contact_phone", "point", "address_typed"} <= set(noted[0].fields)
    assert "contact_phone" not in noted[1].fields


def test_who_is_erased_or_leaves_takes_their_stops_along(session: Session) -> None:
    made, needs = kept(session, 2)
    delete_need(session, needs[0])
    assert [one.need_id for one in list_stops(session, made.id, NOW)] == [needs[1]]
    assert get_round(session, made.id).stop_count == 1
    delete_helper(session, made.helper_id)
    assert list_rounds(session) == []


def test_another_network_sees_none_of_it(session: Session) -> None:
    made, _ = kept(session, 1)
    code = list_stops(session, made.id, NOW)[0].code
    session.execute(text("SELECT set_config('barnraiser.network', :other, true)"), {"other": str(new_id())})
    assert list_rounds(session) == []
    assert find_stop(session, code, NOW) is None
    with pytest.raises(NotFound):
        get_round(session, made.id)


def test_plans_and_rounds_that_cannot_be_are_refused() -> None:
    who, need = new_id(), new_id()
    for stops in ((), (StopDraft(need), StopDraft(need))):
        with pytest.raises(InvalidInput):
            draft_of(who, *stops)
    with pytest.raises(InvalidInput):
        StopDraft()
    with pytest.raises(InvalidInput):
        StopDraft(need, new_id())
    with pytest.raises(InvalidInput):
        StopDraft(need, earliest_at=NOW, latest_at=NOW - timedelta(minutes=1))
    for broken in ({"hours": 25}, {"hours": 0}):
        with pytest.raises(InvalidInput):
            asked_of([need], [who], **broken)
    with pytest.raises(InvalidInput):
        asked_of([need, need], [who])
    with pytest.raises(InvalidInput):
        asked_of([need], [who, who])
    with pytest.raises(InvalidInput):
        asked_of([need], [])
    assert RoundEnd("home") is RoundEnd.HOME


def test_the_stops_of_a_round_come_through_an_index(session: Session) -> None:
    made, _ = kept(session, 2)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    stop_id, round_id = list_stops(session, made.id, NOW)[0].id, made.id
    for statement, index in (
        (select(round_stop.c.id).where(round_stop.c.round_id == round_id), "uq_round_stop_round_id_position"),
        (select(round_stop.c.id).where(round_stop.c.match_id == stop_id), "uq_round_stop_match_id"),
    ):
        compiled = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text(f"EXPLAIN {compiled}")))
        assert index in plan, plan


@pytest.mark.own_db
def test_whoever_leaves_while_a_round_begins_waits_or_is_waited_for(own_db: Engine) -> None:
    """Steps, outcomes and removals at once: each is done or refused, and none is ended by the database."""
    sessions = make_sessions(own_db)
    rounds: list[tuple[DriverRound, list[UUID]]] = []
    for _ in range(6):
        with sessions.begin() as session:
            rounds.append(kept(session, 3))
    faults: list[Exception] = []

    def attempt(work: Callable[[Session], object]) -> None:
        try:
            with sessions.begin() as session:
                work(session)
        except GeoError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
            faults.append(error)

    for made, needs in rounds:
        works: list[Callable[[Session], object]] = [
            partial(step_round, round_id=made.id, then=S.GIVEN, now=NOW),
            partial(step_round, round_id=made.id, then=S.GIVEN, now=NOW),
            partial(delete_helper, helper_id=made.helper_id),
            partial(delete_need, need_id=needs[1]),
        ]
        threads = [threading.Thread(target=attempt, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    with sessions() as session:
        assert list_rounds(session) == []


@pytest.mark.own_db
def test_one_need_is_kept_on_one_round_however_many_keep_it_at_once(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with sessions.begin() as session:
        needs = [add_need(session, near(at)).id for at in range(3)]
        drivers = [add_driver(session) for _ in range(6)]
    outcomes: list[bool] = []

    def keep(driver: UUID, order: list[UUID]) -> None:
        try:
            with sessions.begin() as session:
                keep_round(session, draft_of(driver, *(StopDraft(one) for one in order)), model=MODEL, now=NOW)
        except Conflict:
            outcomes.append(False)
        else:
            outcomes.append(True)

    orders = [needs, needs[::-1]] * 3
    threads = [threading.Thread(target=keep, args=(d, o)) for d, o in zip(drivers, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 5 + [True]
    with sessions() as session:
        assert [one.stop_count for one in list_rounds(session)] == [3]
        assert len(list_matches(session, now=NOW)) == 3
