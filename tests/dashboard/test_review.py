from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.words import MatchQuality
from geo.geocode.score import PENALTIES

from dashboard.answers import Candidate
from dashboard.sentences import FAULT, QUALITY, faults
from tests.dashboard.fake_api import FakeApi, need_id
from tests.dashboard.test_map import component, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


def sent(fake: FakeApi) -> list[tuple[str, object]]:
    return [(path, body) for method, path, body in fake.asked if method == "POST"]


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def plain(text: str) -> str:
    return text.replace("\\", "")


def state_of_map(page: AppTest) -> dict[str, Any]:
    drawn = component(page)["feature_group"]
    return dict(json.loads(drawn.partition("window.barnraiser.show(")[2].partition(");")[0]))


def test_what_was_typed_is_shown_with_what_it_may_mean(open_page: Open) -> None:
    page = open_page("review")
    assert not page.exception
    assert "3 addresses wait for a place" in shown(page)
    assert "Lisankatu 12" in shown(page)
    assert plain(page.button(key="pick_1").label) == "**1**  Liisankatu 12, 00170 Helsinki"
    assert "This very address, give or take 5 m · the street is spelled differently" in shown(page)
    offers = state_of_map(page)["offers"]
    assert [(one["n"], one["on"]) for one in offers] == [(1, True), (2, False)]
    assert offers[1]["lon"] == pytest.approx(24.955)


def test_names_reach_the_map_as_numbers_alone(open_page: Open) -> None:
    page = open_page("review")
    given = component(page)
    assert "Liisankatu" not in given["feature_group"] + given["script"]


def test_a_suggestion_is_saved_and_the_next_one_opens(open_page: Open, fake: FakeApi) -> None:
    page = press(press(open_page("review"), "pick_2"), "save")
    choice = {"candidate": 1, "remember": True}
    assert sent(fake) == [(f"/v1/needs/{need_id(900)}/location", choice)]
    assert plain(page.success[0].value).startswith("Lisankatu 12 is now at Liisantori 2")
    assert "2 addresses wait for a place" in shown(page)
    assert "1 of 3 done today" in shown(page)


def test_the_one_behind_opens_after_a_decision(open_page: Open) -> None:
    page = press(press(open_page("review"), "next"), "save")
    assert "Near the old church" in quote(page)
    page = press(press(page, "previous"), "outside")
    assert "Near the old church" in quote(page)


def quote(page: AppTest) -> str:
    return next(element.proto.body for element in page.get("html") if "br-quote" in element.proto.body)


def test_a_decision_can_be_for_this_need_alone(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    page.checkbox[0].uncheck().run()
    press(page, "save")
    assert sent(fake) == [(f"/v1/needs/{need_id(900)}/location", {"candidate": 0, "remember": False})]


def test_what_names_no_single_place_is_not_remembered(open_page: Open) -> None:
    page = press(open_page("review"), f"wait_{need_id(902)}")
    assert (page.checkbox[0].disabled, page.checkbox[0].value) == (True, False)


def test_coordinates_are_pasted(open_page: Open, fake: FakeApi) -> None:
    page = press(open_page("review"), f"wait_{need_id(902)}")
    assert "Near the old church" in shown(page)
    assert page.button(key="save").disabled
    page.text_input[0].set_value("60.1722, 24.9551").run()
    assert state_of_map(page)["pin"] == [24.9551, 60.1722]
    page.selectbox[0].select(50.0).run()
    press(page, "save")
    choice = {"point": {"lon": 24.9551, "lat": 60.1722}, "uncertainty_m": 50.0, "remember": False}
    assert sent(fake)[-1] == (f"/v1/needs/{need_id(902)}/location", choice)


def test_what_is_no_coordinates_is_refused_in_words(open_page: Open) -> None:
    page = open_page("review")
    page.text_input[0].set_value("the blue door").run()
    assert "These are no coordinates" in plain(page.error[0].value)
    assert state_of_map(page)["pin"] is None


def test_a_suggestion_takes_the_pin_off_again(open_page: Open) -> None:
    page = open_page("review")
    page.text_input[0].set_value("60.1722, 24.9551").run()
    assert page.button(key="save").label == "Save the pin"
    page = press(page, "pick_2")
    assert page.button(key="save").label == "Save suggestion 2"
    assert state_of_map(page)["pin"] is None


def test_somebody_is_to_be_asked(open_page: Open, fake: FakeApi) -> None:
    page = press(open_page("review"), "ask")
    page.text_input[-1].set_value("Which stair?")
    next(b for b in page.button if b.label.startswith("Put it under")).click().run()
    assert sent(fake) == [(f"/v1/needs/{need_id(900)}/location", {"ask_again": True, "note": "Which stair?"})]
    assert "2 addresses wait for a place" in shown(page)
    page = press(page, f"wait_{need_id(900)}")
    assert "To ask:</b> Which stair?" in quote(page)


def test_what_lies_outside_has_a_list_of_its_own(open_page: Open, fake: FakeApi) -> None:
    page = press(open_page("review"), "outside")
    assert sent(fake) == [(f"/v1/needs/{need_id(900)}/location", {"outside_area": True})]
    page.session_state["review_list"] = "outside_area"
    page.run()
    assert "Lisankatu 12" in quote(page)
    assert page.button(key="outside").disabled


def test_what_was_decided_is_taken_back_at_once(open_page: Open, fake: FakeApi) -> None:
    page = press(open_page("review"), "save")
    page = press(page, "undo")
    assert sent(fake)[-1][0] == f"/v1/needs/{need_id(900)}/location/undo"
    assert "Lisankatu 12" in quote(page)
    assert "3 addresses wait for a place" in shown(page)


def test_what_was_decided_is_taken_back_later(open_page: Open, fake: FakeApi) -> None:
    page = press(open_page("review"), "save")
    page.session_state["review_list"] = "decided"
    page.run()
    assert "a suggestion was chosen" in shown(page)
    assert "The command line" in shown(page)
    press(page, f"undo_{need_id(900)}")
    assert sent(fake)[-1][0] == f"/v1/needs/{need_id(900)}/location/undo"
    assert "Nothing was decided lately." in shown(page)


def test_a_refusal_is_said_and_nothing_is_lost(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    fake.refuse = (412, {"title": "Changed meanwhile", "status": 412, "detail": "The record has changed."})
    page = press(page, "save")
    assert not page.exception
    assert plain(page.error[0].value).startswith("Somebody else has changed this need")
    assert "3 addresses wait for a place" in shown(page)


def test_a_place_outside_the_network_is_refused_in_words(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    reason = {"pointer": "/point", "reason": "outside the area served"}
    fake.refuse = (422, {"title": "Invalid", "status": 422, "detail": "This cannot be used.", "errors": [reason]})
    page = press(page, "save")
    assert "point: outside the area served" in plain(page.error[0].value)


def test_every_fault_has_its_sentence() -> None:
    assert set(PENALTIES) <= set(FAULT)
    unknown = Candidate(0, "x", "rooftop", 5.0, ("number.new_kind",))
    assert faults(unknown) == ["number new kind"]


def test_every_quality_of_a_suggestion_has_its_words() -> None:
    assert {quality.value for quality in MatchQuality} - {"manual", "gps", "none"} <= set(QUALITY)


def test_an_empty_queue_says_so(open_page: Open, fake: FakeApi) -> None:
    fake.waiting = []
    assert "Every address has a place. Nothing waits here." in shown(open_page("review"))


def test_typed_text_is_never_markup(open_page: Open) -> None:
    page = open_page("review")
    page.button(key=f"wait_{need_id(901)}").click().run()
    assert "<img" not in shown(page)
    assert "7*7" not in component(page)["script"]
    label = page.button(key=f"wait_{need_id(901)}").label
    assert "\\<img" in label


def test_about_names_every_source_as_text(open_page: Open) -> None:
    page = open_page("about")
    assert not page.exception
    assert "© OpenStreetMap contributors" in shown(page)
    assert "<img" not in shown(page)
    assert "Straight line times 1.3" in shown(page)
