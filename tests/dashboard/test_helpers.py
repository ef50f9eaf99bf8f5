"""The page of helpers against the stand-in API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dashboard.board_words import when_free
from dashboard.views.helpers.contact import _Seen
from tests.dashboard.board_pages import labels, press_form
from tests.dashboard.fake_access import known
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.test_access import said, sent
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_board import FakeBoard

    Open = Callable[..., AppTest]


def test_helpers_are_listed_with_room_and_filtered(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("helpers")
    assert not page.exception
    told = shown(page)
    assert "3 helpers" in told
    assert "2 can be asked, and take 3 more needs this week" in told
    assert "Wednesdays, 17:00 to 20:00" in told
    assert NASTY not in told
    page.selectbox(key="help_room").set_value("true").run()
    page.selectbox(key="help_rested").set_value(7).run()
    asked = [query for method, path, query in fake.asked if path == "/v1/helpers" and method == "GET"][-1]
    assert asked["has_room"] == "true"
    assert datetime.fromisoformat(asked["asked_before"]) < datetime.now(UTC) - timedelta(days=6)


def test_filters_that_fit_nobody_can_be_let_go(open_page: Open) -> None:
    page = open_page("helpers")
    page.selectbox(key="help_kind").set_value("company").run()
    assert "Nobody fits all of this." in shown(page)
    page.button(key="help_clear").click().run()
    assert len(labels(page)) == 3


def test_a_helper_rests_and_is_woken_by_undo(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("helpers")
    page.button(key=f"pause_{need_id(1)}").click().run()
    assert fake.volunteers[0]["status"] == "paused"
    page.button(key="undo").click().run()
    assert fake.volunteers[0]["status"] == "active"


def test_a_contact_is_kept_only_with_consent_and_shown_only_on_demand(open_page: Open, fake: FakeBoard) -> None:
    page, key = open_page("helpers"), need_id(1)
    page.button(key=f"show_{key}").click().run()
    assert "Say in a few words why" in said(page)
    page.button(key=f"hide_{key}").click().run()
    look(page, key)
    assert "No contact was kept" in said(page)
    page.button(key=f"hide_{key}").click().run()
    page.text_input(key=f"phone_{key}").input("+358 40 1")
    page = press_form(page, "Keep it")
    assert "only once they have agreed" in said(page)
    assert fake.contacts == {}
    page.text_input(key=f"phone_{key}").input("+358 40 1")
    page.checkbox(key=f"agreed_{key}").check()
    page = press_form(page, "Keep it")
    assert fake.contacts[key] == {"phone": "+358 40 1", "preferred_channel": "phone", "consent": True}
    assert "358" not in shown(page)
    look(page, key)
    assert sent(fake, f"/v1/helpers/{key}/reveal") == [{"reason": "to ring"}] * 2
    assert "+358 40 1" in shown(page)
    assert NASTY not in shown(page)
    page.button(key=f"hide_{key}").click().run()
    assert "358" not in shown(page)
    assert not any(isinstance(value, _Seen) for value in page.session_state._state.filtered_state.values())


def look(page: AppTest, key: str) -> None:
    page.text_input(key=f"why_{key}").input("to ring")
    page.button(key=f"show_{key}").click().run()


def test_who_is_kept_apart_is_listed_and_may_meet_again(open_page: Open, fake: FakeBoard) -> None:
    fake.answer("POST", "/v1/kept-apart", {}, {"helper_id": need_id(1), "need_id": need_id(600)})
    page = open_page("helpers")
    assert "A household" in shown(page)
    page.button(key=f"together_{known(900)}").click().run()
    assert fake.apart == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "has not said when"),
        ("DTSTART:20240101T080000\nDURATION:PT14H\nRRULE:FREQ=DAILY", "every day, 08:00 to 22:00"),
        ("DTSTART:20240106T100000\r\nDURATION:PT6H\nRRULE:FREQ=WEEKLY;BYDAY=SA", "Saturdays, 10:00 to 16:00"),
        ("DTSTART:20240106T220000\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;BYDAY=SA", "Saturdays, 22:00 to 02:00"),
        ("DTSTART:20240106T100000\nDURATION:PT6H\nRRULE:FREQ=MONTHLY", "by a calendar of their own"),
    ],
)  # fmt: skip
def test_when_somebody_is_free(written: str | None, told: str) -> None:
    assert when_free(written) == told
