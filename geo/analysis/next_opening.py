"""Whether a place is open at an instant, until when, and when it opens next; for people, so to the minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from geo.analysis.opening import find_spans
from geo.domain.hours import Opening, Window

if TYPE_CHECKING:
    from geo.domain.hours import Hours

AHEAD: Final = timedelta(days=8)
"""So far ahead a next opening is looked for: a place that opens once a week has one in it."""


@dataclass(frozen=True, slots=True)
class OpenNow:
    """How a place is at an instant; ``changes_at`` is when it closes or next opens, none when that is not known."""

    state: Opening
    changes_at: datetime | None = None


def find_open_now(hours: Hours, now: datetime) -> OpenNow:
    """Tell whether a place is open, and when that changes.

    Parameters
    ----------
    hours
        As written; nothing written is unknown, and so is what cannot be read.
    now
        An aware instant.

    Returns
    -------
    OpenNow
        ``OPEN`` with the instant it closes, ``CLOSED`` with the next instant from which it is surely open, or
        ``UNKNOWN`` without any. A change more than eight days ahead is none.
    """
    window = Window(now, now + AHEAD)
    spans, at, end = find_spans(hours, window), now.timestamp(), window.end.timestamp()
    for opens, closes in spans.sure:
        if opens <= at < closes:
            return OpenNow(Opening.OPEN, _instant(closes) if closes < end else None)
    if any(opens <= at < closes for opens, closes in spans.possible):
        return OpenNow(Opening.UNKNOWN)
    coming = next((opens for opens, _closes in spans.sure if at < opens < end), None)
    return OpenNow(Opening.CLOSED, None if coming is None else _instant(coming))


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
