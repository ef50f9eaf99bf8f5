"""Hours of the week that help can be asked to be open at: as words in an address, and as the next such instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dashboard.translation import tr, weekday

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS: Final = (8, 11, 14, 17, 20)
SLOTS: Final = tuple(f"{day} {hour:02}:00" for day in DAYS for hour in HOURS)


def next_start(slot: str, time_zone: str, now: datetime) -> datetime:
    """Find when an hour of the week begins next.

    Parameters
    ----------
    slot
        One of ``SLOTS``.
    time_zone
        The network's, of the IANA list, in which hours are meant.
    now
        An aware instant.

    Returns
    -------
    datetime
        UTC; after ``now`` and at most a week and an hour later.
    """
    day, _, hour = slot.partition(" ")
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone)
    on = today.date() + timedelta(days=(DAYS.index(day) - today.weekday()) % len(DAYS))
    start = datetime(on.year, on.month, on.day, int(hour[:2]), tzinfo=zone)
    if start.astimezone(UTC) <= now:
        start += timedelta(days=len(DAYS))  # on the clock of the wall
    return start.astimezone(UTC)


def as_words(slot: str | None) -> str:
    """Say when help must be open, to stand at the end of a sentence."""
    if not slot:
        return ""
    day, _, hour = slot.partition(" ")
    return " " + tr("on {day} at {hour}", day=weekday(DAYS.index(day), use="format"), hour=hour)


def name_of(slot: str) -> str:
    """Name an hour of the week by itself; none is any time."""
    if not slot:
        return tr("At any time")
    day, _, hour = slot.partition(" ")
    name = weekday(DAYS.index(day))
    return f"{name[:1].upper()}{name[1:]} {hour}"
