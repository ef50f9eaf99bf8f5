"""The page of the calendar against the stand-in API: shifts, activities and feeds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from dashboard.calendar_words import NotRoles, bounds, headline, read_roles, schedule, week_of, week_title
from tests.dashboard.board_pages import press_form
from tests.dashboard.fake_access import known
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_board import LINK, FakeBoard
from tests.dashboard.test_access import codes, said, sent
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


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
