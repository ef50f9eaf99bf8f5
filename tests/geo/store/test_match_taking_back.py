"""Questions taken back, loads that follow what is deleted, and messages that are sent again after they were dropped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from geo.domain.match import MatchReason
from geo.domain.words import MatchStatus
from geo.errors import Conflict
from geo.store.helpers import get_helper
from geo.store.match_steps import propose_match, step, undo
from geo.store.messages import drop_message, list_messages
from geo.store.needs import delete_need
from geo.store.proposing import _list_declined
from geo.store.telling import ask_helper

from tests.factories import add_helper, add_need

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_question_taken_back_is_nobodys_refusal_and_can_be_asked_again(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    asked = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    step(session, asked.id, MatchStatus.WITHDRAWN, now=NOW)
    assert _list_declined(session, [need.id], NOW) == set()
    with pytest.raises(Conflict):
        step(session, asked.id, MatchStatus.ACCEPTED, now=NOW)
    assert undo(session, asked.id, now=NOW).status is MatchStatus.PROPOSED
    step(session, asked.id, MatchStatus.WITHDRAWN, now=NOW)
    assert propose_match(session, need.id, helper_id=helper.id, now=NOW).status is MatchStatus.PROPOSED


def test_a_refusal_is_still_remembered(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    asked = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    step(session, asked.id, MatchStatus.DECLINED, reason=MatchReason.NO_TIME, now=NOW)
    assert _list_declined(session, [need.id], NOW) == {(need.id, helper.id)}


def test_a_need_that_is_deleted_makes_its_helpers_load_less_at_once(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    asked = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    step(session, asked.id, MatchStatus.ACCEPTED, now=NOW)
    assert get_helper(session, helper.id).load == 1
    delete_need(session, need.id)
    session.expire_all()
    assert get_helper(session, helper.id).load == 0


def test_a_question_whose_message_was_dropped_is_sent_anew_and_never_twice(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    asked = propose_match(session, need.id, helper_id=helper.id, now=NOW)
    for _ in range(2):
        ask_helper(session, asked.id, origin="https://a.example.org", now=NOW)
    assert len(list_messages(session)) == 1
    drop_message(session, list_messages(session)[0].id)
    for _ in range(2):
        ask_helper(session, asked.id, origin="https://a.example.org", now=NOW)
    assert sorted(one.state.value for one in list_messages(session)) == ["dropped", "queued"]
