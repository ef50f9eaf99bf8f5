"""The life of a match: its steps, what follows each, and who may not be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from geo.domain.ids import new_id
from geo.domain.match import (
    ANSWER_WITHIN,
    COOL_DOWN,
    DECLINE_REASONS,
    FAIL_REASONS,
    START_WITHIN,
    MatchReason,
    widen_ring,
)
from geo.domain.words import HelperStatus, MatchStatus, NeedStatus
from geo.errors import AskedLately, Conflict, InvalidInput, NotFound, StaleVersion
from geo.store.apart import allow_again, are_apart, keep_apart, list_apart, list_pairs_apart
from geo.store.assets import delete_asset
from geo.store.audit import list_audit
from geo.store.helpers import delete_helper, get_helper, update_helper
from geo.store.match_steps import confirm, lapse_due, let_go, list_due, propose_match, step, undo
from geo.store.matches import MatchFilter, get_match, list_events, list_matches
from geo.store.needs import get_need, update_need

from tests.factories import add_asset, add_helper, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
A = MatchStatus


def test_a_whole_life_with_its_history_and_audit(session: Session) -> None:
    need, helper = add_need(session), add_helper(session, capacity_per_week=2)
    one = propose_match(session, need.id, helper_id=helper.id, travel_min=7.2, now=NOW)
    assert (one.status, one.expires_at, one.version) == (A.PROPOSED, NOW + ANSWER_WITHIN, 1)
    assert get_helper(session, helper.id).last_asked_at == NOW
    assert (get_need(session, need.id).status, get_helper(session, helper.id).load) == (NeedStatus.OPEN, 0)
    one = step(session, one.id, A.ACCEPTED, expected_version=1, now=NOW)
    assert one.expires_at == NOW + START_WITHIN
    assert (get_need(session, need.id).status, get_helper(session, helper.id).load) == (NeedStatus.IN_PROGRESS, 1)
    one = step(session, one.id, A.UNDER_WAY, expected_version=2, now=NOW)
    assert one.expires_at is None
    one = step(session, one.id, A.DONE, now=NOW)
    met = get_need(session, need.id)
    assert (met.status, met.closed_at is not None, get_helper(session, helper.id).load) == (NeedStatus.MET, True, 1)
    one = confirm(session, one.id, now=NOW)
    assert (one.status, one.done_at, one.confirmed_at) == (A.DONE, NOW, NOW)
    with pytest.raises(Conflict):
        confirm(session, one.id, now=NOW)
    steps = [(e.from_status, e.to_status) for e in list_events(session, one.id)]
    assert steps == [
        (None, A.PROPOSED), (A.PROPOSED, A.ACCEPTED), (A.ACCEPTED, A.UNDER_WAY), (A.UNDER_WAY, A.DONE),
        (A.DONE, A.DONE),
    ]  # fmt: skip
    session.commit()
    noted = [entry.action for entry in list_audit(session) if entry.object_kind == "match"]
    assert noted == ["confirm", "done", "start", "accept", "create"]


def test_room_taken_by_what_was_done_comes_back_with_the_week(session: Session) -> None:
    need, helper = add_need(session), add_helper(session, capacity_per_week=1)
    one = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    for then in (A.ACCEPTED, A.UNDER_WAY, A.DONE):
        step(session, one.id, then, now=NOW)
    assert let_go(session, NOW) == 0
    assert get_helper(session, helper.id).load == 1
    assert let_go(session, NOW + timedelta(seconds=1)) == 1
    assert get_helper(session, helper.id).load == 0
    assert let_go(session, NOW + timedelta(seconds=1)) == 0


def test_what_fails_opens_the_need_again_and_gives_the_room_back(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    one = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    step(session, one.id, A.ACCEPTED, now=NOW)
    failed = step(session, one.id, A.FAILED, reason=MatchReason.NOBODY_HOME, now=NOW)
    assert failed.reason is MatchReason.NOBODY_HOME
    assert (get_need(session, need.id).status, get_helper(session, helper.id).load) == (NeedStatus.OPEN, 0)
    assert propose_match(session, need.id, helper_id=helper.id, now=NOW).status is A.PROPOSED


@pytest.mark.parametrize("begun", [False, True])
def test_a_need_is_open_again_when_whoever_claimed_it_is_deleted(session: Session, begun: bool) -> None:  # noqa: FBT001 - a parameter of the case
    need, other, helper, place = add_need(session), add_need(session), add_helper(session), add_asset(session)
    for taken, who in ((need, {"helper_id": helper.id}), (other, {"asset_id": place.id})):
        claimed = step(session, propose_match(session, taken.id, **who).id, MatchStatus.ACCEPTED)
        if begun:
            step(session, claimed.id, MatchStatus.UNDER_WAY)
    before = get_need(session, need.id)
    delete_helper(session, helper.id)
    after = get_need(session, need.id)
    assert (before.status, after.status) == (NeedStatus.IN_PROGRESS, NeedStatus.OPEN)
    assert after.version == before.version + 1
    assert get_need(session, other.id).status is NeedStatus.IN_PROGRESS
    delete_asset(session, place.id)
    assert get_need(session, other.id).status is NeedStatus.OPEN
    assert list_matches(session) == []


@pytest.mark.parametrize("claimed", [False, True])
def test_what_lapses_reads_so_at_once_and_opens_the_need_when_it_is_written_down(
    session: Session, *, claimed: bool
) -> None:
    need, helper = add_need(session), add_helper(session)
    one = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    if claimed:
        step(session, one.id, A.ACCEPTED, now=NOW)
    late = NOW + (START_WITHIN if claimed else ANSWER_WITHIN)
    assert get_match(session, one.id, now=late - timedelta(seconds=1)).status is (A.ACCEPTED if claimed else A.PROPOSED)
    assert get_match(session, one.id, now=late).status is A.EXPIRED
    assert [m.id for m in list_matches(session, where=MatchFilter(status=A.EXPIRED), now=late)] == [one.id]
    assert list_matches(session, where=MatchFilter(status=A.PROPOSED), now=late) == []
    with pytest.raises(Conflict):
        step(session, one.id, A.UNDER_WAY if claimed else A.ACCEPTED, now=late)
    assert list_due(session, now=late) == [need.id]
    assert lapse_due(session, need.id, now=late) == 1
    assert lapse_due(session, need.id, now=late) == 0
    assert (get_need(session, need.id).status, get_helper(session, helper.id).load) == (NeedStatus.OPEN, 0)
    assert list_events(session, one.id)[-1].to_status is A.EXPIRED
    with pytest.raises(Conflict):
        undo(session, one.id, now=late)


def test_a_lapsed_claim_stands_in_nobodys_way_before_any_round(session: Session) -> None:
    need, first, second = add_need(session), add_helper(session), add_helper(session)
    claim = propose_match(session, need.id, helper_id=first.id, now=NOW)
    other = propose_match(session, need.id, helper_id=second.id, answer_within=timedelta(days=5), now=NOW)
    step(session, claim.id, A.ACCEPTED, now=NOW)
    with pytest.raises(Conflict):
        step(session, other.id, A.ACCEPTED, now=NOW)
    late = NOW + START_WITHIN
    assert step(session, other.id, A.ACCEPTED, now=late).status is A.ACCEPTED
    assert get_match(session, claim.id, now=late).status is A.EXPIRED
    assert [get_helper(session, h.id).load for h in (first, second)] == [0, 1]
    assert get_need(session, need.id).status is NeedStatus.IN_PROGRESS


def test_the_database_itself_refuses_a_second_claim(session: Session) -> None:
    need = add_need(session)
    first, second = (propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW) for _ in range(2))
    step(session, first.id, A.ACCEPTED, now=NOW)
    with pytest.raises(Conflict):
        propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    with pytest.raises(IntegrityError, match="uq_match_one_live"):
        session.execute(text("UPDATE match SET status = 'under_way' WHERE id = :id"), {"id": second.id})


def test_who_may_not_be_asked_is_not(session: Session) -> None:
    need = add_need(session)
    full = add_helper(session, capacity_per_week=0)
    one = propose_match(session, need.id, helper_id=full.id, now=NOW)
    with pytest.raises(Conflict, match="no room"):
        step(session, one.id, A.ACCEPTED, now=NOW)
    assert get_match(session, one.id, now=NOW).status is A.PROPOSED
    with pytest.raises(Conflict):
        propose_match(session, need.id, helper_id=full.id, now=NOW)
    paused = add_helper(session)
    update_helper(session, paused.id, {"status": HelperStatus.PAUSED.value})
    with pytest.raises(Conflict):
        propose_match(session, need.id, helper_id=paused.id, now=NOW)
    update_need(session, need.id, {"status": "withdrawn"})
    with pytest.raises(Conflict):
        propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    with pytest.raises(InvalidInput):
        propose_match(session, need.id, now=NOW)
    with pytest.raises(InvalidInput):
        propose_match(session, need.id, helper_id=full.id, asset_id=new_id(), now=NOW)
    with pytest.raises(NotFound):
        propose_match(session, new_id(), helper_id=full.id, now=NOW)
    for hours in (0, -1, 24 * 15):
        with pytest.raises(InvalidInput):
            propose_match(session, add_need(session).id, helper_id=full.id, answer_within=timedelta(hours=hours))


def test_whoever_was_asked_lately_is_left_in_peace_unless_it_is_said(session: Session) -> None:
    first, second, helper = add_need(session), add_need(session), add_helper(session)
    propose_match(session, first.id, helper_id=helper.id, cool_down=COOL_DOWN, now=NOW)
    soon = NOW + COOL_DOWN - timedelta(seconds=1)
    with pytest.raises(AskedLately) as refused:
        propose_match(session, second.id, helper_id=helper.id, cool_down=COOL_DOWN, now=soon)
    assert refused.value.field == "anyway"
    assert len(list_matches(session, now=soon)) == 1
    assert get_helper(session, helper.id).last_asked_at == NOW
    propose_match(session, second.id, helper_id=helper.id, cool_down=COOL_DOWN, anyway=True, now=soon)
    later = soon + COOL_DOWN
    third = add_need(session)
    propose_match(session, third.id, helper_id=helper.id, cool_down=COOL_DOWN, anyway=True, now=later)
    session.commit()
    # it is noted only where it made the difference
    assert [one.action for one in list_audit(session)].count("ask_anyway") == 1


def test_kept_apart_holds_for_every_need_of_the_household(session: Session) -> None:
    need = add_need(session)
    second, stranger, helper = add_need(session, household_id=need.id), add_need(session), add_helper(session)
    asked_before = propose_match(session, second.id, helper_id=helper.id, now=NOW)
    row = keep_apart(session, helper.id, need.id)
    theirs = {(need.id, helper.id), (second.id, helper.id)}
    assert list_pairs_apart(session, [need.id, second.id, stranger.id]) == theirs
    for each, apart in ((need, True), (second, True), (stranger, False)):
        assert are_apart(session, each.id, helper.id) is apart
    with pytest.raises(Conflict, match="apart"):
        propose_match(session, need.id, helper_id=helper.id, now=NOW)
    with pytest.raises(Conflict, match="apart"):
        step(session, asked_before.id, A.ACCEPTED, now=NOW)
    assert [one.id for one in list_apart(session)] == [row.id]
    allow_again(session, row.id)
    with pytest.raises(NotFound):
        allow_again(session, row.id)
    assert propose_match(session, need.id, helper_id=helper.id, now=NOW).status is A.PROPOSED


def test_an_asset_is_claimed_without_any_load(session: Session) -> None:
    need, asset = add_need(session), add_asset(session)
    one = propose_match(session, need.id, asset_id=asset.id, now=NOW)
    for then in (A.ACCEPTED, A.UNDER_WAY, A.DONE):
        step(session, one.id, then, now=NOW)
    assert get_need(session, need.id).status is NeedStatus.MET
    assert let_go(session, NOW + timedelta(days=9)) == 0


def test_an_old_version_changes_nothing(session: Session) -> None:
    one = propose_match(session, add_need(session).id, helper_id=add_helper(session).id, now=NOW)
    step(session, one.id, A.ACCEPTED, expected_version=1, now=NOW)
    with pytest.raises(StaleVersion):
        step(session, one.id, A.UNDER_WAY, expected_version=1, now=NOW)
    assert get_match(session, one.id, now=NOW).status is A.ACCEPTED


def test_undo_does_not_open_what_somebody_closed(session: Session) -> None:
    need = add_need(session)
    one = propose_match(session, need.id, helper_id=add_helper(session).id, now=NOW)
    step(session, one.id, A.ACCEPTED, now=NOW)
    update_need(session, need.id, {"status": "withdrawn"})
    with pytest.raises(Conflict):
        undo(session, one.id, now=NOW)
    step(session, one.id, A.FAILED, reason=MatchReason.NOT_WANTED, now=NOW)
    assert get_need(session, need.id).status is NeedStatus.WITHDRAWN


@pytest.mark.parametrize(("unanswered", "ring"), [(0, 20.0), (1, 30.0), (3, 50.0), (9, 50.0)])
def test_the_ring_widens_by_half_and_no_further_than_three_times(unanswered: int, ring: float) -> None:
    assert widen_ring(20.0, unanswered) == ring


def test_another_network_sees_no_match_and_no_step(session: Session) -> None:
    one = propose_match(session, add_need(session).id, helper_id=add_helper(session).id, now=NOW)
    keep_apart(session, add_helper(session).id, one.need_id)
    other = new_id()
    with operator(session):
        session.execute(
            text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'O')"), {"id": other, "slug": f"n-{other}"}
        )
    session.execute(text("SELECT set_config('barnraiser.network', :id, true)"), {"id": str(other)})
    for table in ("match", "match_event", "kept_apart"):
        assert session.scalar(select(text("count(*)")).select_from(text(table))) == 0
    for work in (get_match, list_events, undo, confirm):
        with pytest.raises(NotFound):
            work(session, one.id)


@pytest.mark.parametrize("then", [A.ACCEPTED, A.DECLINED, A.FAILED, A.UNDER_WAY, A.DONE, A.EXPIRED])
def test_only_reasons_that_fit_are_taken(session: Session, then: MatchStatus) -> None:
    one = propose_match(session, add_need(session).id, helper_id=add_helper(session).id, now=NOW)
    fitting = {A.DECLINED: DECLINE_REASONS, A.FAILED: FAIL_REASONS}.get(then, {None})
    for reason in {None, *MatchReason} - set(fitting):
        with pytest.raises(InvalidInput):
            step(session, one.id, then, reason=reason, now=NOW)
    assert get_match(session, one.id, now=NOW).version == 1
