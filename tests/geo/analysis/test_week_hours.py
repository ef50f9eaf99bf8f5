"""The hours of a week that a schedule leaves open: no hour in which it is open is ever left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.opening import is_open
from geo.analysis.week_hours import WEEK_H, hour_of_week, possible_hours
from geo.domain.hours import Hours, Opening, Window

ZONES = ("Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC")
STARTS = st.builds(
    lambda day, minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute),
    st.integers(0, 400), st.integers(0, 1439),
)  # fmt: skip
RULES = st.sampled_from(
    [
        None, "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=WEEKLY;INTERVAL=3;BYDAY=FR", "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=5", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=3", "FREQ=YEARLY",
        "FREQ=WEEKLY;COUNT=40;BYDAY=WE",
    ]
)  # fmt: skip
LENGTHS = st.sampled_from(["PT30M", "PT1H", "PT5H", "PT14H", "P1D", "P2DT3H", "P8D"])


def write(start: datetime, length: str, rule: str | None) -> str:
    lines = [f"DTSTART:{start:%Y%m%dT%H%M%S}", f"DURATION:{length}"]
    return "\n".join([*lines, f"RRULE:{rule}"] if rule else lines)


@given(
    st.lists(st.builds(write, STARTS, LENGTHS, RULES), min_size=1, max_size=3),
    st.integers(0, 800 * 24 * 4), st.sampled_from(ZONES),
)  # fmt: skip
def test_no_open_hour_is_left_out(events: list[str], quarters: int, zone_name: str) -> None:
    zone, schedule = ZoneInfo(zone_name), "\n".join(events)
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarters)
    hours, hour = possible_hours(schedule), hour_of_week(at, zone)
    window = Window(at, at + timedelta(minutes=15))
    if is_open(Hours(zone, schedule=schedule), window) is Opening.OPEN and hours is not None and hour is not None:
        assert hour in hours


def test_most_hours_of_a_weekly_evening_are_left_out() -> None:
    hours = possible_hours("DTSTART:20240101T170000\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;BYDAY=MO,SU")
    assert hours == (*range(16, 22), *range(6 * 24 + 16, 6 * 24 + 22))
    assert hour_of_week(datetime(2026, 6, 1, 15, 30, tzinfo=UTC), ZoneInfo("Europe/Helsinki")) == 18


@pytest.mark.parametrize(
    "schedule",
    [None, "nonsense", "DTSTART;TZID=Europe/Helsinki:20240101T170000\nDURATION:PT4H",
     "DTSTART:20240101T170000Z\nDURATION:PT4H", "DTSTART:20240101T170000\nDURATION:P7D"],
)  # fmt: skip
def test_what_rules_no_hour_out_says_nothing(schedule: str | None) -> None:
    assert possible_hours(schedule) is None


def test_a_clock_that_jumps_a_day_rules_nothing_out() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert hour_of_week(datetime(2011, 12, 30, 12, tzinfo=UTC), apia) is None
    assert 0 <= (hour_of_week(datetime(2026, 3, 3, tzinfo=UTC), apia) or 0) < WEEK_H
