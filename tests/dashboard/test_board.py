"""The pages of the board, matches, helpers and the calendar against the stand-in API."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from geo.domain.match import DECLINE_REASONS, FAIL_REASONS
from geo.domain.proposing import LeftOut
from geo.domain.words import MatchStatus

from dashboard.board_answers import Board, Match, Proposals, Step
from dashboard.board_words import card_line, ends, how_good, proposals_headline, stands, step_words, when_free
from dashboard.calendar_words import NotRoles, bounds, headline, read_roles, schedule, week_of, week_title
from dashboard.views.helpers.contact import _Seen
from tests.dashboard.fake_access import known, problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_board import LINK, FakeBoard, match
from tests.dashboard.test_access import codes, press, said, sent
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


def labels(page: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in page.button if (button.key or "").startswith("wait_")]


# -- the board -------------------------------------------------------------------------------------------------


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


# -- matches ---------------------------------------------------------------------------------------------------


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


# -- helpers ---------------------------------------------------------------------------------------------------


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


def press_form(page: AppTest, label: str) -> AppTest:
    page = next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def test_who_is_kept_apart_is_listed_and_may_meet_again(open_page: Open, fake: FakeBoard) -> None:
    fake.answer("POST", "/v1/kept-apart", {}, {"helper_id": need_id(1), "need_id": need_id(600)})
    page = open_page("helpers")
    assert "A household" in shown(page)
    page.button(key=f"together_{known(900)}").click().run()
    assert fake.apart == []


# -- the calendar ----------------------------------------------------------------------------------------------


def test_a_week_shows_shifts_by_day_and_who_is_wanted(open_page: Open, fake: FakeBoard) -> None:
    page = open_week(open_page, fake, 2)
    assert not page.exception
    told = shown(page)
    assert "places to fill" in told
    assert "times of Europe/Helsinki" in told
    assert told.count("<h2 class='br-day") == 7
    page.button(key=f"shift_{known(702)}").click().run()
    assert "Still wanted: 2 cooks and 1 driver." in shown(page)
    assert NASTY not in shown(page)
    before = len(fake.asked)
    page.button(key="week_after").click().run()
    assert "No shifts in this week" in shown(page)
    starts = [datetime.fromisoformat(q["start"]) for _, path, q in fake.asked[before:] if path == "/v1/shifts"]
    assert [start.astimezone(ZoneInfo("Europe/Helsinki")).strftime("%a %H:%M") for start in starts] == ["Mon 00:00"]


def open_week(open_page: Open, fake: FakeBoard, number: int) -> AppTest:
    """Open the week of a shift; what is soon may be next week."""
    (shift,) = (each for each in fake.shifts if each["id"] == known(700 + number))
    page = open_page("calendar")
    page.session_state["calendar_monday"] = week_of(datetime.fromisoformat(shift["starts_at"]).date())
    return page.run()


def open_shift(open_page: Open, fake: FakeBoard, number: int) -> AppTest:
    page = open_week(open_page, fake, number)
    page.session_state["open_shift"] = known(700 + number)
    return page.run()


def test_somebody_is_signed_up_and_cancelled_by_undo(open_page: Open, fake: FakeBoard) -> None:
    page = open_shift(open_page, fake, 2)
    page.selectbox(key=f"who_{known(702)}").set_value(need_id(1))
    page.selectbox(key=f"role_{known(702)}").set_value("driver")
    page = press_form(page, "Sign up")
    assert fake.sign_ups[0] | {"helper_id": need_id(1), "role": "driver", "state": "signed_up"} == fake.sign_ups[0]
    assert "Aino comes as driver" in said(page)
    assert "1 of 1" in shown(page)
    page.button(key="undo").click().run()
    assert fake.sign_ups[0]["state"] == "cancelled"


def test_who_did_not_come_is_noted_once_it_began(open_page: Open, fake: FakeBoard) -> None:
    began, ended = (fake.now - timedelta(hours=hours) for hours in (2, 1))
    fake.shifts[0] |= {"starts_at": began.isoformat(), "ends_at": ended.isoformat()}
    fake.answer("POST", f"/v1/shifts/{known(701)}/sign-ups", {}, {"helper_id": need_id(1), "role": "cook"})
    fake.answer("POST", f"/v1/shifts/{known(702)}/sign-ups", {}, {"helper_id": need_id(4), "role": "cook"})
    coming = open_shift(open_page, fake, 2)
    assert not any((button.key or "").startswith("missed_") for button in coming.button)
    page = open_shift(open_page, fake, 1)
    page.button(key=f"missed_{known(750)}").click().run()
    assert fake.sign_ups[0]["state"] == "no_show"
    assert "Aino did not come" in said(page)
    page.button(key="undo").click().run()
    assert fake.sign_ups[0]["state"] == "done"


def test_an_activity_is_added_with_its_rule_and_undone(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("calendar", calendar="Activities")
    page.text_input(key="act_title").input("Repair café")
    page.text_input(key="act_roles").input("coordinator 1, fixer 4")
    page.date_input(key="act_day").set_value(date(2027, 1, 6))
    page = press_form(page, "Add it")
    (asked,) = sent(fake, "/v1/activities")
    assert asked == {
        "title": "Repair café",
        "schedule": "DTSTART:20270106T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=WE",
        "roles": [{"name": "coordinator", "most": 1}, {"name": "fixer", "most": 4}],
    }
    page.button(key="undo").click().run()
    assert len(fake.activities) == 1


def test_roles_that_cannot_be_read_are_refused_on_the_page(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("calendar", calendar="Activities")
    page.text_input(key="act_title").input("Repair café")
    page.text_input(key="act_roles").input("some people")
    page = press_form(page, "Add it")
    assert "Write roles with how many of each" in said(page)
    assert sent(fake, "/v1/activities") == []


def test_a_calendars_file_is_taken_over(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("calendar", calendar="Activities")
    page.file_uploader(key="act_file").set_value(("week.ics", b"BEGIN:VCALENDAR", "text/calendar")).run()
    page.button(key="take_file").click().run()
    assert sent(fake, "/v1/calendar/import") == [{"ics": "BEGIN:VCALENDAR"}]
    assert "2 added, 0 changed, 1 as they were. 1 event was left out: line 9: no end." in said(page)


def test_a_feeds_address_is_shown_once_and_it_can_be_ended(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("calendar", calendar="Feeds")
    assert "No feed is open." in shown(page)
    page.selectbox(key="feed_whose").set_value(need_id(1))
    page.text_input(key="feed_label").input(NASTY[:60])
    page = press_form(page, "Open it")
    assert codes(page) == [LINK]
    assert sent(fake, "/v1/calendar-feeds") == [{"kind": "helper", "subject_id": need_id(1), "label": NASTY[:60]}]
    page.button(key="once_done").click().run()
    assert codes(page) == []
    page.button(key=f"do_{known(850)}").click().run()
    assert "The feed has ended" in said(page)
    assert "No feed is open." in shown(page)


# -- words -----------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("text", ["", " , ", "cook", "cook 0", "4", "cook -1", "cook 4 and more"])
def test_roles_are_read_or_refused(text: str) -> None:
    assert read_roles("cook 4,\n first aider 1 ,") == {"cook": 4, "first aider": 1}
    with pytest.raises(NotRoles):
        read_roles(text)


def test_a_week_lasts_from_monday_to_monday_whatever_the_clock_does() -> None:
    zone = ZoneInfo("Europe/Helsinki")
    start, end = bounds(date(2026, 3, 23), zone)
    assert end - start == timedelta(days=7, hours=-1)
    assert {week_of(date(2026, 3, 23) + timedelta(days=n)) for n in range(7)} == {date(2026, 3, 23)}
    assert week_title(date(2026, 3, 30)) == "30 March to 5 April 2026"
    assert week_title(date(2026, 3, 23)) == "23 to 29 March 2026"
    assert headline([]) == "No shifts in this week"


@pytest.mark.parametrize(
    ("repeats", "rule"),
    [
        ("once", ""),
        ("weekly", "\nRRULE:FREQ=WEEKLY;BYDAY=SU"),
        ("fortnightly", "\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
    ],
)
def test_a_schedule_is_one_the_library_reads(repeats: str, rule: str) -> None:
    from geo.analysis.schedule import read_schedule

    written = schedule(date(2026, 1, 4), time(17, 15), 3, repeats)
    assert written == f"DTSTART:20260104T171500\nDURATION:PT3H{rule}"
    assert read_schedule(written, ZoneInfo("Europe/Helsinki"))
