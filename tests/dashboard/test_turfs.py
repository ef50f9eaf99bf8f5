"""The page of turfs, against the stand-in API: what is asked, what is said, and nothing hostile that runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from geo.domain.door_codes import door_code, page_code
from geo.domain.turf import KEYS, Outcome

from dashboard import client
from dashboard.turf_answers import Entered
from dashboard.turf_words import LETTERS, OUTCOMES, entered_words, is_taken, read_corners, read_rows
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import AREA_ID, NASTY
from tests.dashboard.fake_turfs import FakeTurfs, turf_id
from tests.dashboard.test_map import component, shown, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTurfs:
    api = FakeTurfs()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def sent(fake: FakeTurfs, method: str, ending: str) -> list[Any]:
    return [body for verb, path, body in fake.asked if verb == method and path.endswith(ending)]


def section(page: AppTest, name: str) -> AppTest:
    page.session_state["turf_section"] = name
    return page.run()


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_turfs_are_listed_with_how_far_they_are(open_page: Open) -> None:
    page = open_page("turfs")
    assert not page.exception
    told = shown(page)
    assert "2 turfs" in told
    assert "Somebody has been at 1 of 8 doors." in told
    labels = [button.label for button in page.button if "doors" in button.label]
    assert len(labels) == 2
    assert NASTY not in told
    assert not any(NASTY in label for label in labels)


def test_the_map_is_given_numbers_and_no_names(open_page: Open) -> None:
    page = open_page("turfs")
    told = state(page)
    assert [(door["n"], door["met"]) for door in told["doors"]] == [(1, 1), (2, -1), (3, -1), (4, -1)]
    assert len(told["edge"][0][0]) == 5
    given = json.dumps(component(page))
    assert "7*7" not in given


def test_a_sheet_is_typed_in_by_its_codes(open_page: Open, fake: FakeTurfs) -> None:
    page = section(open_page("turfs"), "typing")
    assert not page.exception
    page.text_input(key="sheet_rows").set_value(f"{door_code(1, 2)} v {door_code(1, 3).lower()}C")
    press(page, "Enter")
    assert not page.exception
    (body,) = sent(fake, "POST", "/codes")
    assert body["rows"] == [
        {"code": door_code(1, 2), "outcome": "visited"},
        {"code": door_code(1, 3), "outcome": "come_back"},
    ]
    assert "visited_on" in body
    told = shown(page)
    assert told.count("✓") == 2
    assert "Somebody has been at 3 of 8 doors." in told
    assert NASTY not in told
    assert page.text_input(key="sheet_rows").value == ""


def test_a_slip_is_told_with_what_it_may_have_meant(open_page: Open, fake: FakeTurfs) -> None:
    page = section(open_page("turfs"), "typing")
    code = door_code(1, 1)
    page.text_input(key="sheet_rows").set_value(f"{code[:-1]}{'3' if code[-1] == '2' else '2'}V")
    press(page, "Enter")
    assert any("slip" in error.value and "It may be" in error.value for error in page.error)
    assert fake.met[1] == {1: "nobody_home"}
    for text in ("ABC", f"{code}W", ""):
        page.text_input(key="sheet_rows").set_value(text)
        press(page, "Enter")
        assert page.error, text
    assert len(sent(fake, "POST", "/codes")) == 1


def test_the_qr_code_of_a_sheet_opens_its_turf(open_page: Open) -> None:
    page = open_page("turfs", code=page_code(2, 1))
    assert not page.exception
    assert "South" in shown(page)
    assert page.text_input(key="sheet_rows") is not None
    assert open_page("turfs", code="XXXXXX").error
    assert open_page("turfs", code=page_code(9, 1)).error


def test_an_area_is_cut(open_page: Open, fake: FakeTurfs) -> None:
    page = open_page("turfs")
    press(page, "Cut")
    assert page.error
    page.text_input(key="cut_name").set_value("Spring")
    page.number_input(key="cut_each").set_value(60)
    press(page, "Cut")
    (body,) = sent(fake, "POST", "/cut")
    assert (body["name"], body["area_id"], body["doors_each"]) == ("Spring", AREA_ID, 60)
    assert "note" not in body
    assert any("1 turf was made" in one.value for one in page.success)


def draw(open_page: Open, typed: str) -> AppTest:
    page = open_page("turfs")
    page.session_state["cut_way"] = "drawn"
    page.run()
    page.text_area(key="drawn_typed").set_value(typed).run()
    page.text_input(key="cut_name").set_value("Spring")
    return page


def test_a_shape_is_typed_shown_and_cut(open_page: Open, fake: FakeTurfs) -> None:
    page = draw(open_page, "24.94, 60.17\n24.95 60.17;\n\n  24.95,60.18")
    assert not page.exception
    assert [pytest.approx(corner) for corner in state(page)["corners"]] == [
        [24.94, 60.17],
        [24.95, 60.17],
        [24.95, 60.18],
    ]
    assert "3 corners" in shown(page)
    press(page, "Cut")
    (body,) = sent(fake, "POST", "/cut")
    ring = [[24.94, 60.17], [24.95, 60.17], [24.95, 60.18], [24.94, 60.17]]
    assert body["geometry"] == {"type": "Polygon", "coordinates": [ring]}
    assert "area_id" not in body
    assert state(page)["corners"] == []
    assert page.text_area(key="drawn_typed").value == ""


def test_a_shape_becomes_one_turf_when_that_is_wanted(open_page: Open, fake: FakeTurfs) -> None:
    page = draw(open_page, "24.94, 60.17\n24.95, 60.17\n24.95, 60.18")
    page.radio(key="cut_into").set_value("one")
    press(page, "Cut")
    (body,) = sent(fake, "POST", "/v1/turfs")
    assert body["name"] == "Spring"
    assert "doors_each" not in body
    assert any("1 turf was made" in one.value for one in page.success)


def test_a_shape_that_is_none_is_refused_with_its_reason(open_page: Open, fake: FakeTurfs) -> None:
    page = draw(open_page, "24.94, 60.17\n24.95, 60.17")
    press(page, "Cut")
    assert any("three corners" in error.value for error in page.error)
    page.text_area(key="drawn_typed").set_value("24.94, 60.17\n60.17").run()
    assert any("Corner 2" in error.value for error in page.error)
    # what stood there before stays
    assert len(state(page)["corners"]) == 2
    fake.refuse = None
    press(page, "Begin the shape anew")
    assert state(page)["corners"] == []
    assert sent(fake, "POST", "/cut") == []


@pytest.mark.parametrize("line", ["a, b", "24.9", "181, 0", "0, 91", "1, 2, 3", "24,95 60,17", "nan, 1", "1e3, 1"])
def test_a_line_that_is_no_corner_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="Corner 2"):
        read_corners(f"1, 2\n{line}", most=5)
    with pytest.raises(ValueError, match="5 corners"):
        read_corners("1, 2\n" * 6, most=5)


def test_a_turf_is_given_to_a_phone_and_taken_back(open_page: Open, fake: FakeTurfs) -> None:
    page = section(open_page("turfs"), "phones")
    assert not page.exception
    press(page, "Give it to this phone")
    (body,) = sent(fake, "POST", "/assignments")
    assert body["until_on"] == "2099-01-31"
    assert len(fake.carried) == 1
    press(page, "Take back")
    assert fake.carried == []
    assert NASTY not in shown(page)


def test_a_turf_is_removed_by_two_presses(open_page: Open, fake: FakeTurfs) -> None:
    press(open_page("turfs"), "Remove this turf")
    assert set(fake.names) == {2}


def test_what_is_refused_is_said(open_page: Open, fake: FakeTurfs) -> None:
    page = section(open_page("turfs"), "typing")
    page.text_input(key="sheet_rows").set_value(door_code(1, 1) + "V")
    fake.refuse = problem(409, "conflict", "this turf is closed")
    press(page, "Enter")
    fake.refuse = None
    assert turf_id(1) in fake.asked[-1][1] or fake.asked


def test_rows_are_read_however_they_are_typed() -> None:
    codes = [door_code(3, at) for at in (1, 2)]
    for text in (f"{codes[0]}V{codes[1]}x", f" {codes[0][:3]} {codes[0][3:]} v, {codes[1]}-X "):
        assert read_rows(text.lower()) == [(codes[0], "visited"), (codes[1], "not_found")]
    assert set(LETTERS.values()) == set(OUTCOMES) == {outcome.value for outcome in Outcome}
    assert set(LETTERS) == set(KEYS.values())


@pytest.mark.parametrize("state", ["created", "unchanged", "repeated", "slip", "other_turf", "page"])
def test_each_state_of_a_row_has_its_words(state: str) -> None:
    is_good = state in ("created", "unchanged")
    one = Entered(state, "H5CTTN", "Katu 1" if is_good else None, "visited" if is_good else None, (), "because")
    assert is_taken(one) is is_good
    assert ("visited" in entered_words(one)) is is_good
    assert ("because" in entered_words(one)) is not is_good
