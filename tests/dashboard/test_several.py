"""Several needs of the board at once: chosen, given one step, told what was left, and taken back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.views import matches
from tests.dashboard.fake_api import need_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_board import FakeBoard

    Open = Callable[..., AppTest]


def begun(open_page: Open) -> AppTest:
    page = open_page("board").button(key="several_begin").click().run()
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    page = page.button(key=key).click().run()
    assert not page.exception
    return page


def steps(fake: FakeBoard) -> list[dict[str, Any]]:
    return [body for method, path, body in fake.asked if (method, path) == ("POST", "/v1/needs/steps")]


def said(page: AppTest) -> str:
    return " ".join(str(one.value) for one in [*page.success, *page.error, *page.get("html")]).replace("\\", "")


def test_nothing_is_chosen_at_first_and_all_that_is_shown_can_be(open_page: Open) -> None:
    assert not open_page("board").checkbox
    page = begun(open_page)
    assert page.checkbox
    assert "0 chosen" in said(page)
    assert page.button(key="several_none").disabled
    page = press(page, "several_all")
    assert all(box.value for box in page.checkbox)
    assert f"{len(page.checkbox)} chosen" in said(page)
    page = press(press(page, "several_none"), "several_this")
    assert [box.value for box in page.checkbox].count(True) == 1
    assert not press(page, "several_begin").checkbox


def test_several_are_closed_with_a_reason_and_opened_again(open_page: Open, fake: FakeBoard) -> None:
    page = begun(open_page)
    for number in (600, 601):
        page.checkbox(key=f"several_{need_id(number)}").check()
    page = page.run()
    page.text_input(key="several_reason").set_value("  The shop is open again ")
    page = press(page, "several_gone")
    asked = steps(fake)[-1]
    assert (asked["status"], asked["reason"]) == ("withdrawn", "The shop is open again")
    assert [one["id"] for one in asked["items"]] == [need_id(600), need_id(601)]
    assert "2 needs are closed" in said(page)
    assert [one["status"] for one in fake.needs[:2]] == ["withdrawn", "withdrawn"]
    page = press(page, "undo")
    assert [one["status"] for one in fake.needs[:2]] == ["open", "open"]
    assert "2 needs stand as they did before" in said(page)
    assert not any(box.value for box in page.checkbox)


def test_what_had_changed_meanwhile_is_left_and_can_be_opened(open_page: Open, fake: FakeBoard) -> None:
    page = press(begun(open_page), "several_all")
    # between what the page shows and the press, somebody else was quicker
    fake.needs[1]["version"] += 1
    page = press(page, "several_met")
    assert "1 had changed meanwhile" in said(page)
    assert fake.needs[1]["status"] == "open"
    page = press(page, f"left_{need_id(601)}")
    assert page.session_state["board_alone"] == need_id(601)
    page = press(page, "several_away")
    assert not any((button.key or "").startswith("left_") for button in page.button)


def test_each_gets_its_own_urgency_back(open_page: Open, fake: FakeBoard) -> None:
    fake.needs[0]["urgency"], fake.needs[1]["urgency"] = "low", "high"
    page = begun(open_page)
    for number in (600, 601):
        page.checkbox(key=f"several_{need_id(number)}").check()
    page = press(page.run(), "several_critical")
    assert {one["urgency"] for one in fake.needs[:2]} == {"critical"}
    assert "2 needs are now: Critical" in said(page)
    press(page, "undo")
    assert [one["urgency"] for one in fake.needs[:2]] == ["low", "high"]


def test_needs_that_are_done_are_opened_again(open_page: Open, fake: FakeBoard) -> None:
    page = begun(open_page)
    page.session_state["board_lane"] = "done"
    page = press(page.run(), "several_all")
    page = press(page, "several_open")
    assert fake.needs[6]["status"] == "open"
    press(page, "undo")
    assert fake.needs[6]["status"] == "met"


def test_matches_proposes_for_exactly_these_until_all_are_wanted_again(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("matches")
    page.session_state[matches.ONLY], page.session_state[matches.BEGIN] = (need_id(600), need_id(601)), True
    page = page.run()
    assert not page.exception
    asked = [body for _, path, body in fake.asked if path == "/v1/matches/propose"]
    assert asked[-1]["need_ids"] == [need_id(600), need_id(601)]
    assert "Only the 2 needs chosen on the board" in said(page)
    page = press(page, "propose_all")
    assert "chosen on the board" not in said(page)
