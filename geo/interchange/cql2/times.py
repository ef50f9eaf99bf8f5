"""Days, instants and intervals as filters and addresses write them (RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from geo.domain.queryable import Kind
from geo.errors import InvalidInput
from geo.interchange.cql2.expression import Literal, Span, Term

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LAST_OF_DAY: Final = time(23, 59, 59, 999999)
OPEN: Final = ".."


def read_day(text: Any) -> date:  # noqa: ANN401 - whatever JSON knows
    """Read a day.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise InvalidInput("a day is written as 2026-03-01", field="datetime")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("there is no such day", field="datetime") from None


def read_instant(text: Any) -> datetime:  # noqa: ANN401 - whatever JSON knows
    """Read an instant, in UTC.

    Raises
    ------
    InvalidInput
        If it is none, or names no zone.
    """
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise InvalidInput("an instant is written as 2026-03-01T12:00:00Z", field="datetime")
    try:
        found = datetime.fromisoformat(text.upper().replace(":60", ":59"))
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("there is no such instant", field="datetime") from None


def read_end(text: Any) -> Literal | None:  # noqa: ANN401 - whatever JSON knows
    """Read one end of an interval; nothing where it is open.

    Raises
    ------
    InvalidInput
        If it is neither a day nor an instant nor open.
    """
    if text in (OPEN, ""):
        return None
    if isinstance(text, str) and _DAY.fullmatch(text):
        return Literal(read_day(text), Kind.DAY)
    return Literal(read_instant(text), Kind.INSTANT)


def read_interval(text: str) -> Span:
    """Read the parameter ``datetime``: an instant, a day, or an interval of them whose ends may be open.

    Raises
    ------
    InvalidInput
        If it is none of these, has no end at all, or ends before it begins.
    """
    first, slash, last = text.partition("/")
    if not slash:
        only = read_end(first) or _no_end()
        return spread(Span(only, only))
    start, end = read_end(first), read_end(last)
    if start is None and end is None:
        _no_end()
    found = spread(Span(start, end))
    if found.start is not None and found.end is not None and found.start.value > found.end.value:  # type: ignore[union-attr, operator]
        raise InvalidInput("an interval ends before it begins", field="datetime")
    return found


def _no_end() -> Literal:
    raise InvalidInput("an interval has an end at least on one side", field="datetime")


def spread(span: Span) -> Span:
    """Turn days into the instants in which they begin and end, in UTC."""
    return Span(_at(span.start, time.min), _at(span.end, _LAST_OF_DAY))


def _at(end: Term | None, clock: time) -> Term | None:
    if isinstance(end, Literal) and end.kind is Kind.DAY and isinstance(end.value, date):
        return Literal(datetime.combine(end.value, clock, UTC), Kind.INSTANT)
    return end


def week_span(week: str) -> tuple[datetime, datetime]:
    """Find when an ISO week, as ``2026-W47``, begins and ends, in UTC."""
    year, _, number = week.partition("-W")
    monday = datetime.combine(date.fromisocalendar(int(year), int(number), 1), time.min, UTC)
    return monday, monday + timedelta(days=7) - timedelta(seconds=1)
