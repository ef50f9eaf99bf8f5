"""Whether help can be had in a window of time, by opening hours or by a schedule, and honestly unknown otherwise.

Opening hours are OpenStreetMap's (its wiki, page Key:opening_hours/specification), evaluated by
the library ``opening-hours-py`` in the zone of the network. Public holidays are those of the country in which the
place lies, as that library knows them. School holidays are known to nobody here: no day is taken for one. Hours with
a comment, such as ``"by appointment"``, ask for something that no clock can tell, and are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from opening_hours import OpeningHours, State

from geo.analysis.schedule import read_schedule
from geo.domain.hours import MAX_HOURS, Opening
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from geo.domain.hours import Hours, Window

    FloatArray = NDArray[np.float64]
    Span = tuple[float, float]

CLOSED, UNKNOWN, OPEN = 0, 1, 2
"""How :func:`judge` writes an :class:`Opening` in an array."""
_OPENINGS: Final = (Opening.CLOSED, Opening.UNKNOWN, Opening.OPEN)
_FAR_DAYS: Final = 40
"""A change farther ahead than this need not be looked for: windows are shorter."""
MAX_WINDOW_DAYS: Final = 32


@dataclass(frozen=True, slots=True)
class Spans:
    """When help can be had within a window: shapes ``(k, 2)``, seconds since 1970, apart and in order.

    ``possible`` covers ``sure`` and whatever is unknown.
    """

    sure: FloatArray
    possible: FloatArray


def check_opening_hours(text: str) -> None:
    """Refuse opening hours that cannot be read.

    Raises
    ------
    InvalidInput
        For the field ``opening_hours``, never repeating what was written.
    """
    if _parse(text) is None:
        raise InvalidInput(
            "these opening hours cannot be read; write them as OpenStreetMap does, such as Mo-Fr 10:00-17:00",
            field="opening_hours",
        )


def is_readable(text: str) -> bool:
    """Tell whether opening hours can be read."""
    return _parse(text) is not None


def _parse(text: str, **where: Any) -> OpeningHours | None:  # noqa: ANN401 - the library's own options
    if not 0 < len(text) <= MAX_HOURS:
        return None
    try:
        return OpeningHours(text, max_interval_days=_FAR_DAYS, **where)
    except BaseException as error:  # noqa: BLE001 - whatever the library makes of it, it is not readable
        _let_pass(error)
        return None


def _let_pass(error: BaseException) -> None:
    # a fault inside the library comes as an exception that is not an Exception
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error


def is_open(hours: Hours, window: Window) -> Opening:
    """Tell whether help can be had during the whole of a window.

    Parameters
    ----------
    hours
        As written; nothing written is unknown, and so is what cannot be read. Never raises for what is written.
    window
        At most ``MAX_WINDOW_DAYS``.

    Raises
    ------
    InvalidInput
        For a window that is too long.
    """
    start, end = np.array([window.start.timestamp()]), np.array([window.end.timestamp()])
    return _OPENINGS[judge(find_spans(hours, window), start, end)[0]]


def judge(spans: Spans, start: FloatArray, end: FloatArray) -> NDArray[np.int8]:
    """Judge many windows against the spans of one place.

    Parameters
    ----------
    spans
        From :func:`find_spans`, for a window that covers them all.
    start, end
        Shape ``(s,)``, seconds since 1970.

    Returns
    -------
    numpy.ndarray
        Shape ``(s,)``: ``OPEN`` where open throughout, ``UNKNOWN`` where it may be, ``CLOSED`` otherwise.
    """
    sure, possible = _covers(spans.sure, start, end), _covers(spans.possible, start, end)
    return (sure.astype(np.int8) + possible.astype(np.int8)).astype(np.int8)


def _covers(spans: FloatArray, start: FloatArray, end: FloatArray) -> NDArray[np.bool_]:
    if not len(spans):
        return np.zeros(len(start), dtype=bool)
    at = np.searchsorted(spans[:, 0], start, side="right") - 1
    found: NDArray[np.bool_] = (at >= 0) & (spans[np.maximum(at, 0), 1] >= end)
    return found


def find_spans(hours: Hours, window: Window) -> Spans:
    """Find when help can be had within a window; see :func:`is_open`."""
    if (window.end - window.start).days > MAX_WINDOW_DAYS:
        raise InvalidInput(f"a window is at most {MAX_WINDOW_DAYS} days long", field="window")
    whole = (window.start.timestamp(), window.end.timestamp())
    if hours.schedule is not None:
        try:
            spans = [span for event in read_schedule(hours.schedule, hours.zone) for span in event.spans(window)]
        except (InvalidInput, ValueError, OverflowError):
            return Spans(_join([]), _join([whole]))
        return Spans(_join(spans), _join(spans))
    found = None if hours.opening_hours is None else _evaluate(hours.opening_hours, hours, window)
    if found is None:
        return Spans(_join([]), _join([whole]))
    return found


def _evaluate(text: str, hours: Hours, window: Window) -> Spans | None:
    where: dict[str, Any] = {"timezone": hours.zone}
    if hours.lon is not None and hours.lat is not None:
        where["coords"] = (hours.lat, hours.lon)
    parsed = _parse(text, **where)
    if parsed is None:
        return None
    # from noon to noon around the window: the library mistakes a beginning in the hour that the clock shows twice
    first, last = _noon(window.start - timedelta(days=1), hours), _noon(window.end + timedelta(days=1), hours)
    sure: list[Span] = []
    possible: list[Span] = []
    try:
        for start, end, state, comment in parsed.intervals(first, last):
            if state != State.CLOSED:
                span = (start.timestamp(), (end or last).timestamp())
                possible.append(span)
                if state == State.OPEN and not comment:
                    sure.append(span)
    except BaseException as error:  # noqa: BLE001 - as above
        _let_pass(error)
        return None
    return Spans(_join(sure), _join(possible))


def _noon(at: datetime, hours: Hours) -> datetime:
    return at.astimezone(hours.zone).replace(hour=12, minute=0, second=0, microsecond=0)


def _join(spans: Iterable[Span]) -> FloatArray:
    """Join spans that touch or overlap."""
    joined: list[list[float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return np.array(joined, dtype=np.float64).reshape(-1, 2)
