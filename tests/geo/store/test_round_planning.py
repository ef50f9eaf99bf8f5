"""Rounds that are planned: who drives where, nobody dropped without a reason, and nothing stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from geo.domain.driver_rounds import RoundDraft, RoundEnd, StopDraft
from geo.domain.ids import new_id
from geo.domain.routing import Unserved
from geo.domain.words import HelperStatus, MatchStatus, NeedStatus, Urgency
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store.apart import keep_apart
from geo.store.driver_rounds import list_rounds, list_stops, withdraw_round
from geo.store.helpers import update_helper
from geo.store.match_steps import propose_match, step
from geo.store.matches import list_matches
from geo.store.needs import update_need
from geo.store.round_keeping import keep_round
from geo.store.round_places import list_to_drive
from geo.store.round_planning import plan_rounds

from tests.factories import add_helper, add_need, waiting
from tests.geo.store.driver_rounds import MODEL, NOW, add_driver, asked_of, draft_of, kept, near

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


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
