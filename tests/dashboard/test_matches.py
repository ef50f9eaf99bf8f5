"""The page of matches against the stand-in API: nobody is asked but by a click."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geo.domain.match import DECLINE_REASONS, FAIL_REASONS
from geo.domain.proposing import LeftOut
from geo.domain.words import MatchStatus

from dashboard.board_answers import Proposals
from dashboard.board_words import how_good, proposals_headline
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_board import FakeBoard
from tests.dashboard.test_access import press, said, sent
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


def propose(open_page: Open) -> AppTest:
    return press(open_page("matches"), "Propose")


def test_nothing_is_proposed_before_the_button(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("matches")
    assert "Nothing is proposed yet." in shown(page)
    assert sent(fake, "/v1/matches/propose") == []


def test_proposals_name_reasons_what_is_left_and_how_good_they_are(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("matches")
    page.selectbox(key="propose_kind").set_value("food")
    page.selectbox(key="propose_ring").set_value(15)
    page = press(page, "Propose")
    told = shown(page)
    assert sent(fake, "/v1/matches/propose") == [
        {"category": "food", "ring_min": 15.0, "most_each": 2, "answer_within_h": 24.0}
    ]
    assert "Ask 2 helpers about 3 of 6 needs" in told
    assert "This is proven." in told
    assert re.search(r"Nobody is near enough</th><td>2</td>", told)
    assert "needs received" in told
    assert NASTY not in told
    assert sent(fake, "/v1/matches") == []


def test_only_what_is_ticked_is_asked_and_can_be_taken_back(open_page: Open, fake: FakeBoard) -> None:
    page = propose(open_page)
    page.checkbox(key=f"tick_{need_id(601)}").uncheck().run()
    page.button(key="ask_ticked").click().run()
    assert [(one["need_id"], one["helper_id"]) for one in sent(fake, "/v1/matches")] == [
        (need_id(600), need_id(1)), (need_id(607), need_id(1)),
    ]  # fmt: skip
    assert "Asked Aino about 2 needs" in said(page)
    page.button(key="undo").click().run()
    assert [one["status"] for one in fake.matches[-2:]] == ["withdrawn", "withdrawn"]
    assert page.button(key=f"ask_{need_id(600)}")


def test_one_pair_is_asked_by_one_click(open_page: Open, fake: FakeBoard) -> None:
    page = propose(open_page)
    page.button(key=f"ask_{need_id(601)}").click().run()
    assert [one["need_id"] for one in sent(fake, "/v1/matches")] == [need_id(601)]
    page.button(key=f"back_{need_id(601)}").click().run()
    assert fake.matches[-1]["status"] == "withdrawn"


def test_a_question_that_is_refused_stops_there_and_says_so(open_page: Open, fake: FakeBoard) -> None:
    page = propose(open_page)
    fake.refuse = problem(409, "conflict", "somebody has claimed this need")
    page.button(key="ask_ticked").click().run()
    assert "somebody has claimed this need" in said(page)
    assert len(sent(fake, "/v1/matches")) == 1


def proposals(fake: FakeBoard, **more: Any) -> Proposals:
    return Proposals.read(fake._proposals() | more)


def test_nothing_is_called_proven_when_it_is_not() -> None:
    fake = FakeBoard()
    fake.is_optimal = False
    assert "12.5 %" in how_good(proposals(fake))
    assert "proven" not in how_good(proposals(fake))
    assert proposals_headline(proposals(fake, pairs=[])) == "Nobody can be asked about any of these 3 needs"
    assert proposals_headline(proposals(fake, pairs=[], unmatched=[])) == "No open need waits to be matched"


def test_every_reason_and_status_has_words() -> None:
    from dashboard.board_words import DECLINES, FAILURES, LEFT_OUT, STATUS

    assert set(LEFT_OUT) == {why.value for why in LeftOut}
    assert set(STATUS) == {status.value for status in MatchStatus}
    assert set(DECLINES) == {reason.value for reason in DECLINE_REASONS}
    assert set(FAILURES) == {reason.value for reason in FAIL_REASONS}
