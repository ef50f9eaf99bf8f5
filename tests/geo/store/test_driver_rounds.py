"""Rounds of drivers: kept, changed, given, driven; what happens to a stop happens to its match."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from geo.domain.drafts import Contact
from geo.domain.driver_rounds import StopDraft, StopOutcome
from geo.domain.ids import new_id
from geo.domain.match import MatchReason
from geo.domain.stop_codes import read_code
from geo.domain.words import MatchStatus, NeedStatus, Vehicle
from geo.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo.store.apart import keep_apart
from geo.store.audit import list_audit
from geo.store.contacts import store_contact
from geo.store.driver_round_tables import round_stop
from geo.store.driver_rounds import RoundFilter, find_stop, get_round, list_rounds, list_stops, withdraw_round
from geo.store.helpers import delete_helper, get_helper
from geo.store.match_steps import propose_match, step
from geo.store.matches import MatchFilter, list_matches
from geo.store.needs import delete_need, get_need
from geo.store.round_keeping import keep_round, order_stops
from geo.store.round_planning import plan_rounds
from geo.store.round_sheet import read_sheet

from tests.factories import add_asset, add_helper, add_need, waiting
from tests.geo.store.driver_rounds import (
    MODEL,
    NOW,
    S,
    add_driver,
    asked_of,
    draft_of,
    kept,
    near,
    settle_stop,
    step_round,
    under_way,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
