from __future__ import annotations

from typing import TYPE_CHECKING

from tests.dashboard.fake_api import FakeApi, need_id
from tests.dashboard.test_map import component, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


def sent(fake: FakeApi) -> list[tuple[str, object]]:
    return [(path, body) for method, path, body in fake.asked if method == "POST"]


def test_what_was_typed_is_shown_with_what_it_may_mean(open_page: Open) -> None:
    page = open_page("review")
    assert not page.exception
    assert "3 addresses wait for a place" in shown(page)
    assert "Lisankatu 12" in shown(page)
    assert page.radio[0].options[0].replace("\\", "") == "Liisankatu 12, 00170 Helsinki"


def test_a_suggestion_is_saved_and_the_next_one_opens(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    page.radio[0].set_value(1)
    next(b for b in page.button if b.label == "Save this suggestion").click().run()
    assert sent(fake) == [(f"/v1/needs/{need_id(900)}/location", {"candidate": 1})]
    assert page.success[0].value.replace("\\", "").startswith("Saved: Lisankatu 12 is now at Liisantori 2")
    assert "2 addresses wait for a place" in shown(page)


def test_a_pin_can_be_typed(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    page.button(key=f"wait_{need_id(902)}").click().run()
    assert "Near the old church" in shown(page)
    assert page.button(key="save_pin").disabled
    page.number_input[0].set_value(24.9551)
    page.number_input[1].set_value(60.1722)
    next(b for b in page.button if b.label == "Put the pin there").click().run()
    assert '"pin": [24.9551, 60.1722]' in component(page)["feature_group"]
    page.button(key="save_pin").click().run()
    assert sent(fake) == [(f"/v1/needs/{need_id(902)}/location", {"point": {"lon": 24.9551, "lat": 60.1722}})]


def test_what_was_saved_can_be_corrected(open_page: Open) -> None:
    page = open_page("review")
    next(b for b in page.button if b.label == "Save this suggestion").click().run()
    page.button(key="correct").click().run()
    quotes = [element.proto.body for element in page.get("html") if "br-quote" in element.proto.body]
    assert "Lisankatu 12" in quotes[0]


def test_a_refusal_is_said_and_nothing_is_lost(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    fake.refuse = (412, {"title": "Changed meanwhile", "status": 412, "detail": "The record has changed."})
    next(b for b in page.button if b.label == "Save this suggestion").click().run()
    assert not page.exception
    assert page.error[0].value.replace("\\", "").startswith("Somebody else has changed this need")
    assert "3 addresses wait for a place" in shown(page)


def test_a_place_outside_the_network_is_refused_in_words(open_page: Open, fake: FakeApi) -> None:
    page = open_page("review")
    reason = {"pointer": "/point", "reason": "outside the area served"}
    fake.refuse = (422, {"title": "Invalid", "status": 422, "detail": "This cannot be used.", "errors": [reason]})
    next(b for b in page.button if b.label == "Save this suggestion").click().run()
    assert "point: outside the area served" in page.error[0].value.replace("\\", "")


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
