"""In which hours of a week a schedule may say anything at all: a coarse sieve that lets nothing slip.

It is worked out once, when a schedule is written, and leaves out only hours in which the schedule is closed in every
week there is. Whether it is open at an instant, :func:`geo.analysis.opening.is_open` says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from geo.analysis.schedule import read_schedule
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from geo.analysis.schedule import Event

WEEK_H: Final = 168
JUMP: Final = timedelta(hours=1)
"""A clock that jumps by no more leaves what is said here true."""
_LOOK_BACK, _LOOK_AHEAD = timedelta(days=34), timedelta(days=3)
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# no other zone is this very one, so that times written without a zone can be told
_FLOATING: Final = ZoneInfo.no_cache("UTC")


def possible_hours(schedule: str | None) -> tuple[int, ...] | None:
    """List the hours of a week in which a schedule may be open in some week.

    Parameters
    ----------
    schedule
        As RFC 5545 writes it; times without a zone are in the network's.

    Returns
    -------
    tuple of int
        From 0, Monday's midnight to one, by the network's clock; nothing where no hour can be left out: for no
        schedule, one that cannot be read, and one in a zone of its own.
    """
    if schedule is None:
        return None
    try:
        events = read_schedule(schedule, _FLOATING)
    except (InvalidInput, ValueError, OverflowError):
        return None
    if any(event.zone is not _FLOATING for event in events):
        return None
    found = {hour for event in events for hour in _hours(event)}
    return None if len(found) == WEEK_H else tuple(sorted(found))


def hour_of_week(at: datetime, zone: ZoneInfo) -> int | None:
    """Give the hour of the week of an aware instant by the clock of a zone.

    Returns
    -------
    int or None
        Nothing where that clock jumps by more than ``JUMP`` within a month: then no hour can be ruled out.
    """
    local = at.astimezone(zone)
    offsets = [(at + shift).astimezone(zone).utcoffset() or timedelta() for shift in (-_LOOK_BACK, _LOOK_AHEAD)]
    offsets.append(local.utcoffset() or timedelta())
    if max(offsets) - min(offsets) > JUMP:
        return None
    return local.weekday() * 24 + local.hour


def _hours(event: Event) -> Iterator[int]:
    # the clock may jump an hour while it lasts, or as it begins
    lasts = event.lasts + 2 * JUMP
    if lasts >= timedelta(days=7):
        yield from range(WEEK_H)
        return
    for weekday, begins in _begins(event):
        first = timedelta(days=weekday, hours=begins.hour, minutes=begins.minute, seconds=begins.second) - JUMP
        hour, end = first // timedelta(hours=1), first + lasts
        while timedelta(hours=hour) < end:
            yield hour % WEEK_H
            hour += 1


def _begins(event: Event) -> Iterator[tuple[int, datetime]]:
    yield from ((at.weekday(), at) for at in (event.start, *event.also))
    rule = event.rule or {}
    if not rule:
        return
    if rule["FREQ"] == "WEEKLY":
        days = [_WEEKDAYS.index(day) for day in rule["BYDAY"].split(",")] if "BYDAY" in rule else []
        yield from ((day, event.start) for day in days)
    else:
        yield from ((day, event.start) for day in range(7))
