"""The page of entries, against the stand-in API: what is listed, shown for a reason, decided and taken back."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from geo.domain.words import EntryChannel, EntryKind, EntryRefusal, EntryState

from dashboard import client, entry_words
from dashboard.entry_answers import Arrival
from dashboard.entry_words import CHANNELS, KINDS, REFUSALS, STATES, became, clock_words, typed_lines
from dashboard.views import board
from dashboard.views.entries.closely import _Seen
from dashboard.views.entries.correcting import corrected
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_entries import BODY, GONE, HELD, MADE, PHOTO, QUARANTINED, REFUSED, FakeEntries, arrival
from tests.dashboard.test_access import said
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEntries:
    api = FakeEntries()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def sent(fake: FakeEntries, method: str, ending: str) -> list[Any]:
    return [body for verb, path, body in fake.asked if verb == method and path.endswith(ending)]


def waiting(page: AppTest) -> list[str]:
    return [str(button.key).removeprefix("wait_") for button in page.button if str(button.key).startswith("wait_")]


def look(page: AppTest, entry_id: str, why: str = "to put it right") -> None:
    page.text_input(key=f"why_{entry_id}").input(why)
    page.button(key=f"show_{entry_id}").click().run()
    assert not page.exception


def choose(page: AppTest, which: str) -> AppTest:
    page.session_state["entries_show"] = which
    return page.run()


def test_what_waits_comes_first_with_why(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    assert not page.exception
    assert waiting(page) == [HELD, QUARANTINED]
    told = shown(page)
    assert "2 entries wait for you" in told
    assert "its clock is 3 days ahead" in told
    assert "measured to within 12 m" in told
    assert "Kind of need" in said(page)
    assert NASTY not in told
    assert not sent(fake, "POST", "/typed")
    page.button(key="next").click().run()
    assert "came from a phone that was ended" in shown(page)
    assert "somebody no longer here" in shown(page)


def test_what_was_typed_is_shown_only_for_a_reason_and_hidden_again(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    page.button(key=f"show_{HELD}").click().run()
    assert "Say in a few words why" in said(page)
    assert not sent(fake, "POST", "/typed")
    page.button(key=f"hide_{HELD}").click().run()
    look(page, HELD)
    assert sent(fake, "POST", "/typed") == [{"reason": "to put it right"}]
    assert "+358 40 1" in shown(page)
    assert NASTY not in shown(page)
    page.button(key="entry_photo").click().run()
    assert sent(fake, "POST", "/photo") == [{"reason": "to put it right"}]
    assert f"data:image/jpeg;base64,{b64encode(PHOTO).decode()}" in shown(page)
    page.button(key=f"hide_{HELD}").click().run()
    assert "+358" not in shown(page)
    assert "base64" not in shown(page)
    assert not any(isinstance(value, _Seen) for value in page.session_state._state.filtered_state.values())


def test_what_is_seen_of_one_entry_is_not_carried_to_the_next(open_page: Open) -> None:
    page = open_page("entries")
    look(page, HELD)
    page.button(key="next").click().run()
    page.button(key="previous").click().run()
    assert "+358" not in shown(page)


def test_a_held_entry_is_put_right_and_taken_back(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    look(page, HELD)
    assert page.selectbox(key=f"right_{HELD}_category").value is None
    page.selectbox(key=f"right_{HELD}_category").select("food")
    page.text_input(key=f"right_{HELD}_address").input("Testikatu 3")
    next(button for button in page.button if button.label == "Take it in").click().run()
    assert not page.exception
    (body,) = sent(fake, "PUT", "/correction")
    assert body == {
        "need": {
            "category": "food", "urgency": "normal", "household_size": 3, "languages": ["fi"], "access": ["no_car"],
            "location": {"address": "Testikatu 3"},
            "contact": {"name": "Aino", "phone": "+358 40 1", "consent": True},
        }
    }  # fmt: skip
    assert "It is taken in: a need." in said(page)
    assert waiting(page) == [QUARANTINED]
    page.button(key="undo").click().run()
    assert waiting(page) == [HELD, QUARANTINED]


def test_a_contact_without_consent_is_not_sent(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    look(page, HELD)
    page.checkbox(key=f"right_{HELD}_agreed").uncheck()
    next(button for button in page.button if button.label == "Take it in").click().run()
    assert "only once they have agreed" in said(page)
    assert not sent(fake, "PUT", "/correction")


def test_a_correction_that_is_refused_says_which_field(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    look(page, HELD)
    fault = {"pointer": "/body/need/category", "reason": "this field is missing"}
    refused, asked = problem(422, "validation", "some fields are wrong", errors=[fault]), fake.answer

    def answer(method: str, path: str, query: Any, body: Any = None) -> Any:
        return refused if path.endswith("/correction") else asked(method, path, query, body)

    fake.answer = answer  # type: ignore[method-assign]
    next(button for button in page.button if button.label == "Take it in").click().run()
    assert "field is missing" in said(page)
    assert "Nothing was changed" in said(page)


@pytest.mark.parametrize("because", list(REFUSALS))
def test_an_entry_is_refused_for_a_reason_and_had_back(open_page: Open, fake: FakeEntries, because: str) -> None:
    page = open_page("entries")
    page.button(key=f"refuse_{because}").click().run()
    assert sent(fake, "POST", "/refuse") == [{"reason": because}]
    assert waiting(page) == [QUARANTINED]
    page.button(key="undo").click().run()
    assert waiting(page) == [HELD, QUARANTINED]


def test_quarantine_is_left_by_one_press(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    page.button(key=f"wait_{QUARANTINED}").click().run()
    page.button(key="let_in").click().run()
    assert sent(fake, "POST", f"/v1/entries/{QUARANTINED}/release") == [{}]
    assert "taken in within seconds" in said(page)
    assert waiting(page) == [HELD]


def test_a_photo_is_taken_away_and_had_back(open_page: Open, fake: FakeEntries) -> None:
    page = open_page("entries")
    look(page, HELD)
    page.button(key="entry_photo").click().run()
    page.button(key="hide_photo").click().run()
    assert "gone for good" in said(page)
    assert "base64" not in shown(page)
    assert fake.arrivals[0]["has_photo"] is False
    page.button(key="undo").click().run()
    assert fake.arrivals[0]["has_photo"] is True


def test_everything_can_be_listed_page_by_page_and_by_way(open_page: Open, fake: FakeEntries) -> None:
    page = choose(open_page("entries"), "all")
    assert waiting(page) == [HELD, QUARANTINED]
    page.button(key="entries_older").click().run()
    assert waiting(page) == [MADE, REFUSED, GONE]
    assert sent(fake, "GET", "/v1/entries")[-1]["cursor"] == "older"
    page.button(key="entries_newer").click().run()
    assert waiting(page) == [HELD, QUARANTINED]
    page.selectbox(key="entries_channel").select("hotline").run()
    assert waiting(page) == [QUARANTINED]
    page.selectbox(key="entries_kind").select("asset").run()
    assert "Nothing has come in yet." in shown(page)


def test_what_was_made_leads_to_its_record(open_page: Open) -> None:
    page = choose(open_page("entries"), "made")
    assert waiting(page) == [MADE]
    assert "Food" in shown(page)
    assert page.button(key="entry_go").label == "Open it on the board"


def test_a_record_that_is_gone_is_told(open_page: Open, fake: FakeEntries) -> None:
    fake.arrivals[2]["record_id"] = need_id(9999)
    asked = fake.answer

    def gone(method: str, path: str, query: Any, body: Any = None) -> Any:
        return problem(404, "not-found", "no") if path.endswith(need_id(9999)) else asked(method, path, query, body)

    fake.answer = gone  # type: ignore[method-assign]
    assert "has been deleted since" in shown(choose(open_page("entries"), "made"))


def test_one_need_is_looked_at_on_the_board_wherever_it_stands(open_page: Open) -> None:
    page = open_page("board")
    page.session_state[board.ALONE] = need_id(606)
    page.run()
    assert not page.exception
    assert not waiting(page)
    page.button(key="board_lanes").click().run()
    assert waiting(page)


def test_what_is_gone_says_so_and_offers_no_look(open_page: Open) -> None:
    page = choose(open_page("entries"), "discarded")
    assert "nobody decided in time" in shown(page)
    assert "what was typed is gone" in shown(page)
    assert not [button for button in page.button if button.key == f"show_{GONE}"]


def test_nothing_at_all_is_told(open_page: Open, fake: FakeEntries) -> None:
    fake.arrivals = []
    page = open_page("entries")
    assert "Nothing waits for you." in shown(page)
    assert "<h1>Entries</h1>" in shown(page)


def test_trouble_is_told(open_page: Open, fake: FakeEntries) -> None:
    fake.down = True
    page = open_page("entries")
    assert not page.exception
    assert "not answering" in shown(page)


def test_every_word_of_the_house_has_its_words() -> None:
    assert set(STATES) == {state.value for state in EntryState}
    assert set(CHANNELS) == {channel.value for channel in EntryChannel}
    assert set(KINDS) == {kind.value for kind in EntryKind}
    assert set(entry_words.BECAUSE) == {one.value for one in EntryRefusal}
    for state in STATES:
        assert became(Arrival.read(arrival(HELD, state)))


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just before it came"),
        (timedelta(hours=5), "5 hours before it came"),
        (timedelta(days=90), "90 days before it came, or its clock is behind"),
        (timedelta(days=-365), "its clock is 365 days ahead"),
        (timedelta(minutes=-30), "its clock is 30 minutes ahead"),
    ],
)
def test_the_phones_clock_is_judged_by_when_it_came(before: timedelta, words: str) -> None:
    times = {"received_at": NOW.isoformat(), "device_at": (NOW - before).isoformat()}
    assert clock_words(Arrival.read(arrival(HELD, "held", **times))).endswith(words)


def test_whatever_was_typed_is_written_out_and_bounded() -> None:
    deep: dict[str, Any] = {"a": [{"b": 1}, {"b": [1, 2]}], "c": True, "d": None, "e": "", "f": {"g": {"h": "x"}}}
    assert typed_lines(deep) == [("A, 1, b", "1"), ("A, 2, b", "1, 2"), ("C", "yes"), ("F, g, h", "x")]
    assert len(typed_lines({str(n): n for n in range(10_000)})) == entry_words.MOST_LINES + 1


def test_a_point_that_was_typed_stays_where_no_address_is_given() -> None:
    point = {"lon": 24.9, "lat": 60.1, "method": "gps"}
    one = Arrival.read(arrival(HELD, "held"))
    assert corrected(one, {**BODY, "location": point}, {})["location"] == point
    assert "location" not in corrected(one, BODY, {})
