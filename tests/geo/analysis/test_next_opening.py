"""Open until when, and open again when: by hand, and against a walk through the minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.next_opening import AHEAD, OpenNow, find_open_now
from geo.analysis.opening import is_open
from geo.domain.hours import Hours, Opening, Window

ZONE = ZoneInfo("Europe/Helsinki")
WRITTEN = ("Mo-Fr 10:00-17:00", "Sa 22:00-02:00", "24/7", "Tu 09:30-12:00,13:00-15:15", "off", "Mo-Su 00:00-24:00")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An hour of November 2026 by the network's clock; the 16th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("written", "now", "state", "changes"),
    [
        ("Mo-Fr 10:00-17:00", at(16, 12), Opening.OPEN, at(16, 17)),
        ("Mo-Fr 10:00-17:00", at(16, 9, 59), Opening.CLOSED, at(16, 10)),
        ("Mo-Fr 10:00-17:00", at(16, 17), Opening.CLOSED, at(17, 10)),
        ("Mo-Fr 10:00-17:00", at(20, 18), Opening.CLOSED, at(23, 10)),
        ("Sa 22:00-02:00", at(22, 1), Opening.OPEN, at(22, 2)),
        ("24/7", at(16, 12), Opening.OPEN, None),
        ("Dec 24 10:00-12:00", at(16, 12), Opening.CLOSED, None),
        ('Mo-Fr 10:00-17:00 "by appointment"', at(16, 12), Opening.UNKNOWN, None),
        (None, at(16, 12), Opening.UNKNOWN, None),
        ("when we feel like it", at(16, 12), Opening.UNKNOWN, None),
    ],
)
def test_it_says_until_when_or_when_again(
    written: str | None, now: datetime, state: Opening, changes: datetime | None
) -> None:
    assert find_open_now(Hours(ZONE, written), now) == OpenNow(state, changes)


@given(st.sampled_from(WRITTEN), st.integers(0, 7 * 24 * 4 - 1))
def test_nothing_changes_before_it_is_said_to(written: str, quarter: int) -> None:
    hours, now = Hours(ZONE, written), at(16, 0) + timedelta(minutes=15 * quarter)
    found = find_open_now(hours, now)
    end = found.changes_at or now.astimezone(UTC) + AHEAD
    step = timedelta(minutes=15)
    before = (end - now) // step
    for number in {0, before // 3, before // 2, before - 1}:
        start = now.astimezone(UTC) + number * step
        assert is_open(hours, Window(start, start + step)) is found.state
    if found.changes_at is not None:
        assert is_open(hours, Window(end, end + step)) is not found.state
