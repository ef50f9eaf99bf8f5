"""The board against the stand-in API: every lane, every step and its way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.match import DECLINE_REASONS, FAIL_REASONS

from dashboard.board_answers import Board, Match, Step
from dashboard.board_words import card_line, ends, stands, step_words
from tests.dashboard.board_pages import labels
from tests.dashboard.fake_access import known, problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_board import FakeBoard, match
from tests.dashboard.test_access import said, sent
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def lane(page: AppTest, name: str) -> AppTest:
    page.session_state["board_lane"] = name
    page = page.run()
    assert not page.exception
    return page


def test_the_board_counts_every_lane_and_lists_one(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("board")
    assert not page.exception
    told = shown(page)
    assert "4 needs wait for somebody" in told
    assert "needs received" in told
    assert len(labels(page)) == 4
    assert sum("needs you" in label for label in labels(page)) == 1
    assert NASTY not in told
    assert [sent["lane"] for _, path, sent in fake.asked if path == "/v1/board"] == ["waiting"]


def test_a_helper_is_asked_and_the_question_taken_back(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("board")
    page.button(key=f"wait_{need_id(600)}").click().run()
    assert "Harbour Kitchen" in shown(page)
    page.button(key=f"ask_{need_id(600)}_{need_id(1)}").click().run()
    (asked,) = sent(fake, "/v1/matches")
    assert (asked["need_id"], asked["helper_id"]) == (need_id(600), need_id(1))
    assert "Aino is asked" in said(page)
    assert not any(need_id(600) in (button.key or "") for button in page.button if button.key == f"wait_{need_id(600)}")
    page.button(key="undo").click().run()
    assert fake.matches[-1]["status"] == "withdrawn"
    assert "taken back" in said(page)
    assert page.button(key=f"wait_{need_id(600)}")


@pytest.mark.parametrize(
    ("where", "number", "verb", "status"),
    [("asked", 2, "accept", "accepted"), ("accepted", 3, "start", "under_way"), ("under_way", 4, "done", "done")],
)
def test_each_step_goes_forward_and_back(
    open_page: Open, fake: FakeBoard, where: str, number: int, verb: str, status: str
) -> None:
    one = next(m for m in fake.matches if m["id"] == known(500 + number))
    before = one["status"]
    page = lane(open_page("board"), where)
    page.button(key=f"{verb}_{one['id']}").click().run()
    assert one["status"] == status
    page.button(key="undo").click().run()
    assert one["status"] == before
    assert "It stands as it did before" in said(page)


def test_a_helper_is_sent_a_link_and_the_question_stands(open_page: Open, fake: FakeBoard) -> None:
    page = lane(open_page("board"), "asked")
    page.button(key=f"tell_{known(502)}").click().run()
    assert sent(fake, f"/v1/matches/{known(502)}/ask") == [{"ask": True}]
    assert "It tells no address before they have said yes" in said(page)
    assert fake.matches[1]["status"] == "proposed"


def test_a_no_is_noted_with_its_reason_and_offers_only_reasons_that_fit(open_page: Open, fake: FakeBoard) -> None:
    page = lane(open_page("board"), "asked")
    offered = {button.key.rpartition("_")[0] for button in page.button if (button.key or "").endswith(known(502))}
    assert {reason.value for reason in DECLINE_REASONS} <= offered
    assert not {reason.value for reason in FAIL_REASONS - DECLINE_REASONS} & offered
    page.button(key=f"too_far_{known(502)}").click().run()
    assert (fake.matches[1]["status"], fake.matches[1]["reason"]) == ("declined", "too_far")


def test_what_somebody_else_changed_is_said_and_nothing_is_done(open_page: Open, fake: FakeBoard) -> None:
    page = lane(open_page("board"), "accepted")
    fake.refuse = problem(412, "stale", "It has changed")
    page.button(key=f"start_{known(503)}").click().run()
    assert "Somebody else has changed this" in said(page)
    assert fake.matches[2]["status"] == "accepted"


def test_a_need_is_closed_and_opened_again(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("board")
    page.button(key=f"wait_{need_id(600)}").click().run()
    page.button(key=f"gone_{need_id(600)}").click().run()
    assert fake.needs[0]["status"] == "withdrawn"
    page.button(key="undo").click().run()
    assert fake.needs[0]["status"] == "open"


def test_what_has_been_tried_is_told_and_two_are_kept_apart(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("board")
    page.button(key=f"wait_{need_id(602)}").click().run()
    told = shown(page)
    assert "said no (no time)" in told
    assert "said no, no time, noted by" in told
    page.button(key=f"do_apart_{known(501)}").click().run()
    assert sent(fake, "/v1/kept-apart") == [{"helper_id": need_id(1), "need_id": need_id(602)}]
    page.button(key="undo").click().run()
    assert fake.apart == []


def test_an_empty_lane_says_what_it_would_hold(open_page: Open, fake: FakeBoard) -> None:
    fake.matches.clear()
    page = lane(open_page("board"), "asked")
    assert "Nobody is asked at present." in shown(page)


def test_the_list_stays_when_the_nearest_do_not_come(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeBoard, "_nearest", lambda *_: {"results": [{"odd": True}]})
    page = open_page("board")
    assert not page.exception
    assert "cannot be shown" in shown(page)
    assert len(labels(page)) == 4


@pytest.mark.parametrize("name", ["board", "matches", "helpers", "calendar"])
def test_no_answer_and_no_right_are_told_in_words(open_page: Open, fake: FakeBoard, name: str) -> None:
    fake.down = True
    assert "Nothing is lost" in shown(open_page(name))
    fake.down = False
    for status, words in ((404, "There is no such record"), (401, "Your session has ended")):
        fake.answer = lambda *_, s=status: problem(s, "x", "There is no such record")  # type: ignore[method-assign,misc]
        page = open_page(name)
        assert not page.exception
        assert words in shown(page)


def a_match(status: str, **more: Any) -> Match:
    return Match.read(match(1, 600, status) | more)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=5), "stands for 5 more days"),
        (timedelta(hours=30), "stands for 30 more hours"),
        (timedelta(minutes=70), "stands for 70 more minutes"),
        (timedelta(seconds=10), "stands for 1 more minute"),
        (timedelta(seconds=-1), "has lapsed"),
    ],
)
def test_how_long_a_question_stands(left: timedelta, told: str) -> None:
    assert ends(a_match("proposed", expires_at=(NOW + left).isoformat()), NOW) == told


def test_how_a_match_stands_and_how_it_came_there() -> None:
    assert stands(a_match("failed", reason="nobody_home")) == "did not come about (nobody was home)"
    assert stands(a_match("done", confirmed_at=NOW.isoformat())) == "done, and the person helped says so too"
    assert step_words(Step(NOW, None, "accepted", "proposed", None, is_undo=True)) == "taken back: asked again"
    assert step_words(Step(NOW, None, "done", "done", None, is_undo=False)) == "the person helped says so too"
    assert step_words(Step(NOW, None, "proposed", "declined", "too_far", is_undo=False)) == "said no, too far"


def test_a_card_says_who_and_how_many_others() -> None:
    fake = FakeBoard()
    fake.matches.append(match(9, 603, "proposed", 1))
    board = Board.read(fake.answer("GET", "/v1/board", {"lane": "asked"})[1])
    assert card_line(board.cards[0]).replace(NASTY, "N").startswith("N and 1 other, asked 2 hours ago")
