"""What follows from the life of a match and of shifts: told once, to whom it concerns, and not to who said stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.analysis.travel import StraightLineTravel
from geo.domain.calendar import ActivityDraft, SignUpState
from geo.domain.drafts import Contact, NeedDraft
from geo.domain.driver_rounds import RoundDraft, RoundState, StopDraft, StopOutcome
from geo.domain.hours import Window
from geo.domain.links import Answer, HelpStep, LinkKind
from geo.domain.match import UNANSWERED_MOST, MatchReason
from geo.domain.message_texts import Template
from geo.domain.messages import MessageState, Preference, Recipient, RecipientKind
from geo.domain.principals import NetworkRole
from geo.domain.words import Category, MatchStatus, NeedStatus, Vehicle
from geo.errors import Conflict, InvalidInput
from geo.store.accounts import invite
from geo.store.activities import create_activity, delete_activity
from geo.store.driver_rounds import list_stops
from geo.store.engine import make_sessions, transaction
from geo.store.escalation import escalate, list_escalations
from geo.store.fading import fade_promises
from geo.store.helping import take_step
from geo.store.keys import register_keys
from geo.store.links import list_links, make_link
from geo.store.match_steps import lapse_due, propose_match, step
from geo.store.matches import MatchFilter, get_match, list_matches
from geo.store.messages import list_messages, read_text
from geo.store.needs import create_need, get_need, update_need
from geo.store.network import get_network, set_escalation
from geo.store.own_needs import answer
from geo.store.preferences import set_preference
from geo.store.reminders import cancel_promise, remind_due
from geo.store.round_keeping import keep_round
from geo.store.round_steps import settle_stop, step_round
from geo.store.shifts import list_shifts
from geo.store.sign_ups import add_sign_up, list_sign_ups
from geo.store.telling import ask_helper, release_others, tell_asker, tell_lapsed, tell_step

from api.lapsing import escalate_everywhere, lapse
from api.reminding import remind
from tests.factories import add_helper, add_need, located
from tests.rights import operator
from tests.ring import RING

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.records import Need

ORIGIN = "https://map.example.org"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MODEL = StraightLineTravel()


def add_reachable(session: Session, **contact: Any) -> Need:
    """A need of somebody who agreed to be reached by telephone."""
    given = Contact(**({"name": "Kanerva", "phone": "+358401234567", "consent_at": NOW} | contact))
    return create_need(session, NeedDraft(Category.FOOD), located(), given)


def told(session: Session) -> list[tuple[str, str]]:
    return [(one.template, one.state.value) for one in list_messages(session)]


def asked(session: Session, need: Need, now: datetime = NOW, **helper: Any) -> UUID:
    """A helper who is asked about a need by a message."""
    one = add_helper(session, **helper)
    match = propose_match(session, need.id, helper_id=one.id, now=now)
    ask_helper(session, match.id, origin=ORIGIN, now=now)
    return match.id


def age(session: Session, match_id: UUID, at: datetime) -> None:
    """Make a proposal as old as it would be, since the database says when it was made."""
    with operator(session):
        session.execute(text("UPDATE match SET created_at = :at WHERE id = :id"), {"at": at, "id": match_id})


def test_asking_makes_one_message_with_a_link_that_says_nothing(session: Session) -> None:
    match_id = asked(session, add_need(session))
    ask_helper(session, match_id, origin=ORIGIN, now=NOW)
    (queued,) = list_messages(session)
    assert (queued.template, queued.recipient_kind) == ("helper_asked", RecipientKind.HELPER)
    said = read_text(session, queued.id).text
    assert f"{ORIGIN}/help#link_" in said
    assert not any(word in said.lower() for word in ("testikatu", "food", "ruoka"))
    assert [one.kind for one in list_links(session, match_id=match_id)] == [LinkKind.HELP]
    step(session, match_id, MatchStatus.DECLINED, reason=MatchReason.OTHER, now=NOW)
    with pytest.raises(Conflict):
        ask_helper(session, match_id, origin=ORIGIN, now=NOW)


def test_a_life_is_told_to_whoever_agreed_and_can_be_reached(session: Session) -> None:
    need = add_reachable(session)
    match_id, other = asked(session, need), asked(session, need)
    # the other's message has left already
    with operator(session):
        session.execute(text("UPDATE restricted.message SET state = 'sent', sent_at = now() WHERE key LIKE :key"),
                        {"key": f"match:{other}:%"})  # fmt: skip
    take_step(session, match_id, HelpStep.ACCEPT, origin=ORIGIN, now=NOW)
    assert told(session) == [
        ("helper_asked", "dropped"), ("helper_asked", "sent"), ("need_matched", "queued"),
        ("helper_released", "queued"), ("helper_reminded", "queued"),
    ]  # fmt: skip
    take_step(session, match_id, HelpStep.START, origin=ORIGIN, now=NOW)
    assert told(session)[-1] == ("helper_reminded", "dropped")
    take_step(session, match_id, HelpStep.DONE, origin=ORIGIN, now=NOW)
    assert told(session)[-1] == ("need_done", "queued")
    reads = [read_text(session, one.id).text for one in list_messages(session) if one.state is MessageState.QUEUED]
    assert all("Kanerva" not in said and "35840" not in said and "Testikatu" not in said for said in reads)


@pytest.mark.parametrize("why", ["no contact", "no number", "stopped", "withdrawn"])
def test_nobody_is_told_who_cannot_or_will_not_be(session: Session, why: str) -> None:
    need = (
        add_need(session)
        if why == "no contact"
        else add_reachable(session, **{} if why != "no number" else {"phone": None})
    )
    if why == "stopped":
        set_preference(session, Recipient(RecipientKind.NEED, need.id), Preference(is_stopped=True))
    if why == "withdrawn":
        session.execute(text("UPDATE consent SET withdrawn_at = now()"))
    match = propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    tell_step(session, step(session, match.id, MatchStatus.ACCEPTED, now=NOW), origin=ORIGIN, now=NOW)
    assert [name for name, _ in told(session)] == ["helper_reminded"]
    assert list_links(session, need_id=need.id) == []


def test_a_claim_that_lapses_is_told_once(session: Session) -> None:
    need = add_reachable(session)
    match_id = asked(session, need)
    take_step(session, match_id, HelpStep.ACCEPT, origin=ORIGIN, now=NOW)
    later = NOW + timedelta(hours=49)
    assert lapse_due(session, need.id, now=later) == 1
    for _ in range(2):
        tell_lapsed(session, need.id, at=later, origin=ORIGIN)
    assert [one for one in told(session) if one[0] in ("need_still", "helper_reminded")] == [
        ("helper_reminded", "dropped"), ("need_still", "queued"),
    ]  # fmt: skip


@pytest.mark.parametrize(("reason", "is_told"), [("nobody_home", True), ("unsafe", False), ("wrong_address", False)])
def test_a_failure_is_told_unless_a_person_has_to_look_first(session: Session, reason: str, is_told: bool) -> None:  # noqa: FBT001 - a case
    match_id = asked(session, add_reachable(session))
    take_step(session, match_id, HelpStep.ACCEPT, origin=ORIGIN, now=NOW)
    take_step(session, match_id, HelpStep.FAIL, reason=MatchReason(reason), origin=ORIGIN, now=NOW)
    assert ("need_still" in [name for name, _ in told(session)]) is is_told


def test_stop_drops_what_waits_for_the_household(session: Session) -> None:
    need = add_reachable(session)
    assert tell_asker(session, need.id, Template.NEED_STILL, "k", origin=ORIGIN, now=NOW)
    answer(session, need.id, Answer.STOP, now=NOW)
    assert told(session) == [("need_still", "dropped")]
    assert tell_asker(session, need.id, Template.NEED_STILL, "k2", origin=ORIGIN, now=NOW) is None


def test_who_has_not_heard_yet_need_not_hear_that_it_is_over(session: Session) -> None:
    need = add_need(session)
    asked(session, need)
    propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    update_need(session, need.id, {"status": NeedStatus.WITHDRAWN.value})
    for _ in range(2):
        release_others(session, need.id)
    assert told(session) == [("helper_asked", "dropped")]


def test_what_nobody_answers_goes_to_the_next_and_then_to_the_organizers(session: Session) -> None:
    person, _ = invite(session, "aino", "Aino", NetworkRole.ORGANIZER)
    need = add_need(session)
    first = asked(session, need, max_travel_min=60)
    for _ in range(UNANSWERED_MOST):
        add_helper(session, max_travel_min=60)
    at, seen = NOW, [first]
    age(session, first, at)
    assert escalate(session, model=MODEL, origin=ORIGIN, now=at + timedelta(hours=23)).unanswered == 0
    for level in range(1, UNANSWERED_MOST):
        at += timedelta(hours=24, seconds=1)
        lapse_due(session, need.id, now=at)
        report = escalate(session, model=MODEL, origin=ORIGIN, now=at)
        assert (report.unanswered, report.asked, report.told) == (1, 1, 0), level
        assert escalate(session, model=MODEL, origin=ORIGIN, now=at).unanswered == 0
        (standing,) = list_matches(session, where=MatchFilter(need_id=need.id, status=MatchStatus.PROPOSED), now=at)
        assert standing.id not in seen
        seen.append(standing.id)
        age(session, standing.id, at)
    at += timedelta(hours=24, seconds=1)
    lapse_due(session, need.id, now=at)
    report = escalate(session, model=MODEL, origin=ORIGIN, now=at)
    assert (report.unanswered, report.asked, report.told) == (1, 0, 1)
    assert escalate(session, model=MODEL, origin=ORIGIN, now=at).told == 0
    (open_one,) = list_escalations(session)
    assert (open_one.need_id, open_one.level, open_one.told_at) == (need.id, UNANSWERED_MOST, at)
    waits = [one for one in list_messages(session) if one.template == "organizer_waiting"]
    assert [one.recipient_id for one in waits] == [person]
    assert read_text(session, waits[0].id).text.startswith("1 ")
    update_need(session, need.id, {"status": NeedStatus.WITHDRAWN.value})
    assert list_escalations(session) == []


def test_where_nobody_was_asked_by_message_organizers_are_told_at_once(session: Session) -> None:
    invite(session, "aino", "Aino", NetworkRole.ADMIN)
    need = add_need(session)
    match = propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    age(session, match.id, NOW)
    add_helper(session)
    report = escalate(session, model=MODEL, origin=ORIGIN, now=NOW + timedelta(hours=25))
    assert (report.unanswered, report.asked, report.told) == (1, 0, 1)
    assert len(list_matches(session)) == 1


def test_a_network_says_after_how_long(session: Session) -> None:
    need = add_need(session)
    match_id = asked(session, need)
    age(session, match_id, NOW)
    with operator(session):
        for wrong in (0, 337, -1):
            with pytest.raises(InvalidInput):
                set_escalation(session, wrong)
        assert set_escalation(session, 2).escalate_after_h == 2
    assert get_network(session).escalate_after_h == 2
    assert escalate(session, model=MODEL, origin=ORIGIN, now=NOW + timedelta(hours=2)).unanswered == 1


def test_what_is_claimed_closed_or_withheld_is_left_alone(session: Session) -> None:
    needs = [add_need(session) for _ in range(3)]
    ids = [asked(session, need) for need in needs]
    for one in ids:
        age(session, one, NOW)
    step(session, ids[0], MatchStatus.ACCEPTED, now=NOW)
    update_need(session, needs[1].id, {"status": NeedStatus.MET.value})
    update_need(session, needs[2].id, {"withheld": True})
    assert escalate(session, model=MODEL, origin=ORIGIN, now=NOW + timedelta(hours=30)).unanswered == 0


@pytest.fixture
def promise(session: Session) -> dict[str, Any]:
    """A promise to be at a kitchen in three days."""
    made = create_activity(
        session, ActivityDraft("Kitchen", "DTSTART:20260305T180000\nDURATION:PT2H", {"cook": 2}), now=NOW
    )
    shift = list_shifts(session, Window(NOW, NOW + timedelta(days=9)))[0]
    signed = add_sign_up(session, shift.id, add_helper(session).id, "cook", now=NOW)
    return {"activity": made.id, "sign_up": signed.id, "starts_at": signed.starts_at, "ends_at": signed.ends_at}


def test_a_shift_is_reminded_of_when_due_and_each_time_once(session: Session, promise: dict[str, Any]) -> None:
    starts = promise["starts_at"]
    assert remind_due(session, origin=ORIGIN, now=starts - timedelta(hours=25)) == 0
    for hours in (24, 24, 2, 2):
        remind_due(session, origin=ORIGIN, now=starts - timedelta(hours=hours))
    assert told(session) == [("shift_reminder", "queued")] * 2
    said = read_text(session, list_messages(session)[0].id).text
    assert f"{ORIGIN}/shift#link_" in said
    assert "Kitchen" not in said


def test_several_reminders_at_once_are_one_message_and_none_after_the_beginning(
    session: Session, promise: dict[str, Any]
) -> None:
    assert remind_due(session, origin=ORIGIN, now=promise["starts_at"] - timedelta(hours=1)) == 2
    assert told(session) == [("shift_reminder", "queued")]


def test_what_has_begun_is_not_reminded_of(session: Session, promise: dict[str, Any]) -> None:
    assert remind_due(session, origin=ORIGIN, now=promise["starts_at"]) == 2
    assert told(session) == []


def test_a_promise_taken_back_is_not_reminded_of(session: Session, promise: dict[str, Any]) -> None:
    remind_due(session, origin=ORIGIN, now=promise["starts_at"] - timedelta(hours=24))
    cancel_promise(session, promise["sign_up"], now=NOW)
    assert told(session) == [("shift_reminder", "dropped")]
    assert remind_due(session, origin=ORIGIN, now=promise["starts_at"] - timedelta(hours=2)) == 0
    (kept,) = list_sign_ups(session)
    assert kept.state is SignUpState.CANCELLED


def test_a_shift_that_does_not_take_place_is_told(session: Session, promise: dict[str, Any]) -> None:
    remind_due(session, origin=ORIGIN, now=promise["starts_at"] - timedelta(hours=24))
    delete_activity(session, promise["activity"], now=promise["starts_at"] - timedelta(hours=20))
    assert told(session) == [("shift_reminder", "dropped"), ("shift_cancelled", "queued")]


def test_promises_links_and_messages_fade_with_contacts(session: Session, promise: dict[str, Any]) -> None:
    need = add_reachable(session)
    tell_asker(session, need.id, Template.NEED_STILL, "k", origin=ORIGIN, now=NOW)
    answer(session, need.id, Answer.STOP, now=NOW)
    update_need(session, need.id, {"status": NeedStatus.MET.value})
    make_link(session, LinkKind.SHIFT, promise["sign_up"], lasts=timedelta(hours=1), now=NOW)
    closed = get_need(session, need.id).closed_at
    assert closed is not None
    with operator(session):
        assert fade_promises(session, min(closed, NOW) - timedelta(seconds=1)) == 0
        assert fade_promises(session, max(closed, promise["ends_at"], NOW + timedelta(days=90))) == 3
    assert list_sign_ups(session) == []
    assert list_links(session) == []
    assert list_messages(session) == []


def test_an_erased_helper_takes_along_links_and_messages(session: Session) -> None:
    match_id = asked(session, add_need(session))
    helper_id = get_match(session, match_id).helper_id
    session.execute(text("DELETE FROM helper WHERE id = :id"), {"id": helper_id})
    assert list_links(session) == []
    assert list_messages(session) == []


def test_a_need_that_somebody_holds_is_left_for_the_next_round(own_db: Engine) -> None:
    sessions = make_sessions(own_db, keys=RING)
    register_keys(own_db, RING)
    with transaction(sessions) as made:
        need = add_need(made)
        match_id = asked(made, need, now=datetime.now(UTC) - timedelta(hours=30))
        age(made, match_id, datetime.now(UTC) - timedelta(hours=30))
    with transaction(sessions) as holder:
        holder.execute(text("SELECT id FROM need WHERE id = :id FOR UPDATE"), {"id": need.id})
        with transaction(sessions) as other:
            assert escalate(other, model=MODEL, origin=ORIGIN).unanswered == 0
    assert escalate_everywhere(own_db, RING, StraightLineTravel, ORIGIN) == 1
    assert escalate_everywhere(own_db, RING, StraightLineTravel, ORIGIN) == 0


def test_the_rounds_remind_and_tell_what_lapsed(own_db: Engine) -> None:
    sessions = make_sessions(own_db, keys=RING)
    register_keys(own_db, RING)
    long_ago, now = datetime.now(UTC) - timedelta(hours=60), datetime.now(UTC)
    start = (now + timedelta(hours=30)).strftime("%Y%m%dT%H%M%S")
    with transaction(sessions) as made:
        need = add_reachable(made)
        take_step(made, asked(made, need, now=long_ago), HelpStep.ACCEPT, origin=ORIGIN, now=long_ago)
        create_activity(made, ActivityDraft("Kitchen", f"DTSTART:{start}\nDURATION:PT2H", {"cook": 2}))
        shift = list_shifts(made, Window(now, now + timedelta(days=9)))[0]
        add_sign_up(made, shift.id, add_helper(made).id, "cook")
    assert lapse(own_db, keys=RING, origin=ORIGIN) == 1
    for _ in range(2):
        remind(own_db, RING, ORIGIN, now=now + timedelta(hours=7))
    with transaction(sessions) as asked_again:
        found = told(asked_again)
    assert found[-2:] == [("need_still", "queued"), ("shift_reminder", "queued")]


def test_a_round_tells_its_households_and_never_reminds_its_driver(session: Session) -> None:
    driver = add_helper(session, vehicle=Vehicle.CAR, capacity_per_week=9, max_travel_min=60)
    stops = (StopDraft(add_reachable(session).id), StopDraft(add_need(session).id))
    made = keep_round(session, RoundDraft(driver.id, NOW + timedelta(hours=1), stops), model=MODEL, now=NOW)
    step_round(session, made.id, RoundState.GIVEN, origin=ORIGIN, now=NOW)
    assert told(session) == [("need_matched", "queued")]
    step_round(session, made.id, RoundState.UNDER_WAY, origin=ORIGIN, now=NOW)
    for one in list_stops(session, made.id, NOW):
        settle_stop(session, made.id, one.id, StopOutcome.DONE, origin=ORIGIN, now=NOW)
    assert sorted(told(session)) == [("need_done", "queued"), ("need_matched", "queued")]
