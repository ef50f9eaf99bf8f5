"""Batches of proposals on what is stored: who is asked, who is not, why, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geo.analysis.travel import StraightLineTravel
from geo.domain.hours import Window
from geo.domain.match import ANSWER_WITHIN, MatchReason
from geo.domain.place import Point
from geo.domain.proposing import LeftOut, ProposalAsked, ProposalReport
from geo.domain.words import Category, MatchStatus, Urgency, Vehicle
from geo.errors import InvalidInput
from geo.store.apart import keep_apart
from geo.store.helpers import get_helper, update_helper
from geo.store.match_steps import propose_match, step
from geo.store.matches import get_match, list_matches
from geo.store.needs import get_need, update_need
from geo.store.proposing import list_waiting, propose_matches

from tests.factories import add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
A = MatchStatus


def away(steps: float) -> Point:
    """So many times about 220 m to the east."""
    return Point(HELSINKI.lon + 0.004 * steps, HELSINKI.lat)


def run(session: Session, *, now: datetime = NOW, **asked: Any) -> ProposalReport:
    return propose_matches(session, ProposalAsked(**asked), model=StraightLineTravel(), now=now)


def why(report: ProposalReport) -> list[LeftOut]:
    return [one.why for one in report.unmatched]


def test_everybody_is_matched_with_the_least_travel_and_a_reason(session: Session) -> None:
    needs = [add_need(session, away(one)) for one in (0, 4)]
    helpers = [add_helper(session, away(one)) for one in (5, 1)]
    found = run(session)
    assert {(p.need_id, p.helper_id) for p in found.pairs} == {
        (needs[0].id, helpers[1].id), (needs[1].id, helpers[0].id),
    }  # fmt: skip
    assert found.is_optimal
    assert (found.helper_count, found.unmatched, found.is_kept) == (2, (), False)
    assert "on foot" in found.pairs[0].reason
    assert list_matches(session, now=NOW) == []
    assert get_helper(session, helpers[0].id).last_asked_at is None


def test_each_need_left_out_has_its_reason(session: Session) -> None:
    helper = add_helper(session, categories=(Category.FOOD, Category.TRANSPORT), capacity_per_week=9)
    expected = {
        add_need(session, None).id: LeftOut.NO_PLACE,
        add_need(session, category=Category.WATER).id: LeftOut.NOBODY_OFFERS_IT,
        add_need(session, languages=("ar",)).id: LeftOut.NO_SHARED_LANGUAGE,
        add_need(session, category=Category.TRANSPORT).id: LeftOut.NO_CAR,
        add_need(session, away(90)).id: LeftOut.TOO_FAR,
    }
    apart = add_need(session)
    keep_apart(session, helper.id, apart.id)
    expected[apart.id] = LeftOut.KEPT_APART
    # not asked about: withheld, closed, in progress
    add_need(session, withheld=True)
    update_need(session, add_need(session).id, {"status": "met"})
    update_need(session, add_need(session).id, {"status": "in_progress"})
    found = run(session)
    assert {one.need_id: one.why for one in found.unmatched} == expected
    assert found.pairs == ()


def test_hours_room_and_the_last_time_asked_count(session: Session) -> None:
    add_need(session)
    helper = add_helper(session, availability="DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU,WE")
    evening = Window(datetime(2026, 3, 4, 17, tzinfo=UTC), datetime(2026, 3, 4, 18, tzinfo=UTC))
    morning = Window(datetime(2026, 3, 4, 8, tzinfo=UTC), datetime(2026, 3, 4, 9, tzinfo=UTC))
    assert (len(run(session, window=evening).pairs), why(run(session, window=morning))) == (
        1, [LeftOut.NOT_AT_THAT_TIME],
    )  # fmt: skip
    update_helper(session, helper.id, {"load": 1})
    assert why(run(session)) == [LeftOut.NO_ROOM_THIS_WEEK]
    update_helper(session, helper.id, {"load": 0, "capacity_per_week": 5})
    other = add_need(session, away(1))
    kept = propose_match(session, other.id, helper_id=helper.id, now=NOW)
    soon, later = NOW + timedelta(hours=11), NOW + timedelta(hours=12)
    assert why(run(session, now=soon)) == [LeftOut.ASKED_LATELY]
    assert len(run(session, now=later).pairs) == 1
    assert get_match(session, kept.id, now=later).status is A.PROPOSED


def test_what_is_kept_waits_takes_room_and_is_not_asked_about_again(session: Session) -> None:
    needs = [add_need(session, away(one)) for one in range(3)]
    helper = add_helper(session, capacity_per_week=5, vehicle=Vehicle.BICYCLE)
    kept = run(session, keep=True, most_each=2, answer_within_h=4.0)
    assert (len(kept.pairs), why(kept), kept.is_kept) == (2, [LeftOut.OTHERS_COME_FIRST], True)
    stored = [get_match(session, pair.match_id, now=NOW) for pair in kept.pairs if pair.match_id]
    assert {(one.status, one.expires_at) for one in stored} == {(A.PROPOSED, NOW + timedelta(hours=4))}
    assert get_helper(session, helper.id).last_asked_at == NOW
    assert all(get_need(session, one.id).status.value == "open" for one in needs)
    update_helper(session, helper.id, {"capacity_per_week": 2})
    assert why(run(session, cool_down_h=0.0)) == [LeftOut.NO_ROOM_THIS_WEEK]


def test_whoever_said_no_is_not_asked_about_the_same_need_again(session: Session) -> None:
    need, near, far = add_need(session), add_helper(session, away(0)), add_helper(session, away(2))
    one = propose_match(session, need.id, helper_id=near.id, now=NOW)
    step(session, one.id, A.DECLINED, reason=MatchReason.NO_TIME, now=NOW)
    assert [pair.helper_id for pair in run(session, cool_down_h=0.0).pairs] == [far.id]
    second = propose_match(session, need.id, helper_id=far.id, now=NOW)
    step(session, second.id, A.DECLINED, reason=MatchReason.NO_TIME, now=NOW)
    assert why(run(session, cool_down_h=0.0)) == [LeftOut.ALL_DECLINED]


def test_the_ring_widens_and_then_an_organizer_is_wanted(session: Session) -> None:
    need = add_need(session)
    near = [add_helper(session, away(0)) for _ in range(2)]
    far = add_helper(session, away(4))
    moment = NOW
    for helper in near:
        # 13 minutes away is beyond the ring at first
        assert far.id not in {pair.helper_id for pair in run(session, now=moment, ring_min=10.0).pairs}
        propose_match(session, need.id, helper_id=helper.id, now=moment)
        moment += ANSWER_WITHIN
        assert list_waiting(session, now=moment) == []
    assert [pair.helper_id for pair in run(session, now=moment, ring_min=10.0).pairs] == [far.id]
    propose_match(session, need.id, helper_id=far.id, now=moment)
    assert list_waiting(session, now=moment) == []
    moment += ANSWER_WITHIN
    waiting = list_waiting(session, now=moment)
    assert [(one.need_id, one.unanswered, one.reason) for one in waiting] == [(need.id, 3, None)]
    assert why(run(session, now=moment)) == [LeftOut.NEEDS_AN_ORGANIZER]
    propose_match(session, need.id, helper_id=add_helper(session).id, now=moment)
    assert list_waiting(session, now=moment) == []


@pytest.mark.parametrize(
    ("reason", "looked_at"), [(MatchReason.UNSAFE, True), (MatchReason.WRONG_ADDRESS, True), (MatchReason.OTHER, False)]
)
def test_a_grave_failure_wants_an_organizer_at_once(session: Session, reason: MatchReason, *, looked_at: bool) -> None:
    need = add_need(session)
    one = propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    step(session, one.id, A.ACCEPTED, now=NOW)
    step(session, one.id, A.FAILED, reason=reason, now=NOW)
    assert [w.reason for w in list_waiting(session, now=NOW)] == ([reason] if looked_at else [])


def test_the_urgent_and_the_filter_come_first(session: Session) -> None:
    add_need(session, away(0), received_at=NOW)
    urgent = add_need(session, away(3), urgency=Urgency.CRITICAL, received_at=NOW)
    add_helper(session, away(0))
    assert [pair.need_id for pair in run(session).pairs] == [urgent.id]
    assert len(run(session, urgency=Urgency.NORMAL).pairs) == 1
    assert run(session, category=Category.WATER).pairs == ()
    assert [p.need_id for p in run(session, need_ids=(urgent.id,)).pairs] == [urgent.id]


@pytest.mark.parametrize(
    "asked",
    [{"ring_min": 0.0}, {"most_each": 0}, {"fair_min": float("nan")}, {"cool_down_h": -1.0}, {"answer_within_h": 0.0}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        ProposalAsked(**asked)


def test_nobody_at_all_is_answered_too(session: Session) -> None:
    empty = run(session)
    assert (empty.pairs, empty.unmatched, empty.objective, empty.is_optimal) == ((), (), 0.0, True)
