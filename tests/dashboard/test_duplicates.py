"""The page of duplicates, against the stand-in API: what is shown, what is asked, and what is said afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from dashboard import client
from dashboard.duplicate_answers import Pair
from dashboard.duplicate_words import drawing
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_duplicates import FakeDuplicates, pair
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDuplicates:
    api = FakeDuplicates()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def posted(fake: FakeDuplicates, ending: str) -> list[Any]:
    return [body for verb, path, body in fake.asked if verb == "POST" and path.endswith(ending)]


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def test_two_requests_stand_side_by_side_with_what_differs(open_page: Open) -> None:
    page = open_page("duplicates")
    assert not page.exception
    told = shown(page)
    assert "3 pairs of requests may be one" in told
    assert told.count(">differs<") == 3
    assert "one door is found twice" in told
    assert "6 m apart" in told
    assert NASTY not in told


def test_the_earlier_takes_what_was_chosen(open_page: Open, fake: FakeDuplicates) -> None:
    page = open_page("duplicates")
    page.checkbox(key=f"take_{fake.pairs[0]['id']}_household_size").check().run()
    page = press(page, "merge")
    (body,) = posted(fake, "/merge")
    assert body == {"take": ["household_size"], "earlier_version": 1, "later_version": 1}
    assert "2 pairs" in shown(page)
    assert [one.value for one in page.success] == ["The two are one request now\\."]
    page = press(page, "undo_last")
    assert len(posted(fake, "/undo")) == 1
    assert "3 pairs" in shown(page)


def test_what_is_not_the_same_is_listed_and_can_be_taken_back(open_page: Open, fake: FakeDuplicates) -> None:
    page = press(press(open_page("duplicates"), "next"), "different")
    assert fake.pairs[1]["state"] == "different"
    page.session_state["duplicates_list"] = "different"
    page = press(page.run(), f"undo_{fake.pairs[1]['id']}")
    assert fake.pairs[1]["state"] == "waiting"
    assert "Nothing was decided so yet." in shown(page)


def test_a_refusal_is_said_and_nothing_else_happens(open_page: Open, fake: FakeDuplicates) -> None:
    page = open_page("duplicates")
    fake.pairs[0]["state"] = "merged"
    page = press(page, "merge")
    assert "decided about this pair already" in page.error[0].value
    fake.pairs = []
    assert "No two requests look like one." in shown(page.run())


@pytest.mark.parametrize(("one", "other", "apart"), [(0.0, 0.0, 0), (5.0, 900.0, 40), (20.0, 20.0, 5_000), (3, 90, 1)])
def test_the_drawing_holds_both_places(one: float, other: float, apart: int) -> None:
    told = pair(1, metres_apart=apart)
    told["earlier"]["need"]["uncertainty_m"], told["later"]["need"]["uncertainty_m"] = one, other
    drawn = drawing(Pair.read(told))
    circles = re.findall(r"left:([\d.-]+)px;top:([\d.-]+)px;width:([\d.]+)px", drawn)
    assert len(circles) == 2
    for left, top, across in (map(float, found) for found in circles):
        assert -0.1 <= left <= left + across <= 320.1
        assert -0.1 <= top <= top + across <= 130.1
