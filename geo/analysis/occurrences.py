"""When an activity takes place: its occurrences by the local clock, within a window and within bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import TYPE_CHECKING

from geo.analysis.schedule import read_schedule
from geo.domain.calendar import HORIZON_DAYS, MAX_SHIFTS
from geo.domain.hours import Window

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def list_occurrences(schedule: str, zone: ZoneInfo, window: Window, *, most: int = MAX_SHIFTS) -> list[Window]:
    """List the occurrences that touch a window, the first ones first.

    Parameters
    ----------
    schedule
        As RFC 5545 writes it; a weekly 18:00 stays at 18:00 when the clocks change.
    zone
        For times written without one.
    most
        How many at most.

    Returns
    -------
    list of Window
        Aware instants in UTC; each span once.

    Raises
    ------
    InvalidInput
        If the schedule cannot be read.
    """
    spans = {span for event in read_schedule(schedule, zone) for span in event.spans(window) if span[0] < span[1]}
    return [Window(_at(start), _at(end)) for start, end in nsmallest(most, spans)]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def horizon(now: datetime) -> Window:
    """Give the time for which shifts are laid out."""
    return Window(now, now + timedelta(days=HORIZON_DAYS))
