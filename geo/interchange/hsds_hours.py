"""Hours as HSDS schedules, and back: weekly and monthly rules where they are that simple, in words otherwise.

An HSDS schedule (RFC 5545 in columns) says neither public holidays nor seasons, so each entry also carries the hours as
they were written under ``description``; what we wrote ourselves is read back from there, exactly.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Span = tuple[str, str]
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_RANK: Final = {day: rank for rank, day in enumerate(DAYS)}
_DAY: Final = "Mo|Tu|We|Th|Fr|Sa|Su"
_DAY_PART: Final = rf"(?:{_DAY})(?:-(?:{_DAY}))?"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_SPAN: Final = rf"(?:{_TIME})-(?:{_TIME})"
_RULE: Final = re.compile(rf"(?:({_DAY_PART}(?:, ?{_DAY_PART})*) )?({_SPAN}(?:, ?{_SPAN})*|off|closed)", re.ASCII)
_HOLIDAYS: Final = re.compile(r"(?:PH|SH)(?:, ?(?:PH|SH))* (?:off|closed)", re.ASCII)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,6})?)?([+-][0-9]{2}:?[0-9]{2})?")
_WEEKDAY: Final = re.compile(r"(MO|TU|WE|TH|FR|SA|SU)")
_NTH: Final = re.compile(r"([1-5]|-1)(MO|TU|WE|TH|FR|SA|SU)")
_UNTOLD: Final = ("valid_from", "valid_to", "until", "count", "byweekno", "bymonthday", "byyearday")
_LONGEST: Final = 1000


def schedules_of(opening_hours: str | None, schedule: str | None) -> list[dict[str, Any]]:
    """Write hours as HSDS schedules, without ids.

    Parameters
    ----------
    opening_hours
        As OpenStreetMap writes them.
    schedule
        As RFC 5545 does; where there is one, it alone counts.

    Returns
    -------
    list of dict
        One entry for each set of days with the same hours; a single one in words where they are less simple. Nothing
        when nothing is written.
    """
    if schedule is not None:
        return [{"description": schedule}]
    if opening_hours is None:
        return []
    week = _read_week(opening_hours)
    entries = [
        {"freq": "WEEKLY", "byday": ",".join(day.upper() for day in days), "opens_at": opens, "closes_at": closes}
        for (opens, closes), days in _by_span(week or {})
    ]
    return [entry | {"description": opening_hours} for entry in entries] or [{"description": opening_hours}]


def hours_of(entries: Sequence[Mapping[str, Any]], readable: Callable[[str], bool]) -> tuple[str | None, str | None]:
    """Read HSDS schedules: opening hours as OpenStreetMap writes them, and a schedule as RFC 5545 does.

    Parameters
    ----------
    entries
        Of one service.
    readable
        Tells whether a text is opening hours as OpenStreetMap writes them.

    Returns
    -------
    tuple
        One of the two at most is set. Hours that cannot be told in rules stand as a comment, which is read as unknown
        (``"by appointment"``), never as open.
    """
    if not entries:
        return None, None
    words = {str(entry.get("description") or "") for entry in entries}
    said = words.pop() if len(words) == 1 else ""
    if said.startswith("DTSTART"):
        return None, said[:_LONGEST]
    plain = [{name: value for name, value in entry.items() if name in _OURS} for entry in entries]
    if said and plain == schedules_of(said, None) and readable(said):
        return said[:_LONGEST], None
    rules = _rules(entries)
    return (rules if rules is not None and len(rules) <= _LONGEST else _comment(entries)), None


_OURS: Final = frozenset({"freq", "byday", "opens_at", "closes_at", "description"})


def _read_week(text: str) -> dict[str, tuple[Span, ...]] | None:
    """Read simple opening hours by day; a later rule stands in the place of an earlier one, as in OpenStreetMap."""
    if text.strip() == "24/7":
        return dict.fromkeys(DAYS, (("00:00", "24:00"),))
    week: dict[str, tuple[Span, ...]] = {}
    for part in text.split(";"):
        rule = part.strip()
        found = _RULE.fullmatch(rule)
        if found is None and not _HOLIDAYS.fullmatch(rule):
            return None
        if found is not None:
            spans = _spans(found[2])
            if any(opens >= closes for opens, closes in spans):
                return None
            week |= dict.fromkeys(_days(found[1]), spans)
    return {day: spans for day, spans in week.items() if spans}


def _spans(text: str) -> tuple[Span, ...]:
    if text in ("off", "closed"):
        return ()
    pairs = (part.strip().split("-") for part in text.split(","))
    return tuple((opens, closes) for opens, closes in pairs)


def _days(text: str | None) -> tuple[str, ...]:
    if text is None:
        return DAYS
    found: list[str] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        start, end = _RANK[first], _RANK[last or first]
        found += [DAYS[rank % 7] for rank in range(start, end + 1 if end >= start else end + 8)]
    return tuple(dict.fromkeys(found))


def _by_span(week: Mapping[str, tuple[Span, ...]]) -> Iterator[tuple[Span, list[str]]]:
    by_span: dict[Span, list[str]] = {}
    for day in DAYS:
        for opens, closes in week.get(day, ()):
            by_span.setdefault((opens, "23:59" if closes == "24:00" else closes), []).append(day)
    yield from by_span.items()


def _rules(entries: Sequence[Mapping[str, Any]]) -> str | None:
    """Write entries as rules of OpenStreetMap, or nothing when one of them cannot be told so."""
    week: dict[str, list[Span]] = {}
    for entry in entries:
        span, days = _span_of(entry), _days_of(entry)
        if span is None or days is None:
            return None
        for day in days:
            week.setdefault(day, []).append(span)
    by_spans: dict[tuple[Span, ...], list[str]] = {}
    for day in sorted(week, key=lambda day: (_RANK[day[:2]], day)):
        by_spans.setdefault(tuple(sorted(set(week[day]))), []).append(day)
    return "; ".join(
        f"{_joined(days)} {','.join(f'{opens}-{closes}' for opens, closes in spans)}"
        for spans, days in by_spans.items()
    )


def _span_of(entry: Mapping[str, Any]) -> Span | None:
    opens, closes = (_CLOCK.fullmatch(str(entry.get(name) or "").strip()) for name in ("opens_at", "closes_at"))
    if opens is None or closes is None:
        return None
    start, end = f"{opens[1]}:{opens[2]}", f"{closes[1]}:{closes[2]}"
    # 23:59 is how a day without an end is written where a clock has no 24:00
    return (start, "24:00" if end == "23:59" else end) if start < end <= "24:00" else None


def _days_of(entry: Mapping[str, Any]) -> list[str] | None:
    freq, byday = str(entry.get("freq") or "WEEKLY").upper(), str(entry.get("byday") or "").upper().replace(" ", "")
    if any(entry.get(name) for name in _UNTOLD) or str(entry.get("interval") or "1") not in ("1", "1.0"):
        return None
    parts = [part for part in byday.split(",") if part]
    if freq == "MONTHLY" and parts:
        nth = [_NTH.fullmatch(part) for part in parts]
        return [f"{one[2].capitalize()}[{one[1]}]" for one in nth if one] if all(nth) else None
    if freq != "WEEKLY":
        return None
    if not parts:
        return _day_of_start(entry)
    return [part.capitalize() for part in parts] if all(_WEEKDAY.fullmatch(part) for part in parts) else None


def _day_of_start(entry: Mapping[str, Any]) -> list[str] | None:
    """Take the weekday that a rule without days starts on; without a start, nobody has said which."""
    try:
        return [DAYS[date.fromisoformat(str(entry.get("dtstart") or "")[:10]).weekday()]]
    except ValueError:
        return None


def _joined(days: Sequence[str]) -> str:
    plain = [day for day in days if day in _RANK]
    ranks = [_RANK[day] for day in plain]
    in_a_row = len(plain) > 2 and ranks == list(range(ranks[0], ranks[0] + len(ranks)))  # noqa: PLR2004 - from three days on
    return ",".join([f"{plain[0]}-{plain[-1]}", *(d for d in days if d not in _RANK)] if in_a_row else days)


def _comment(entries: Sequence[Mapping[str, Any]]) -> str | None:
    said = dict.fromkeys(words for entry in entries if (words := _words_of(entry)))
    text = " ".join("; ".join(said).replace('"', "'").split())
    return f'"{text[: _LONGEST - 2]}"' if text else None


def _words_of(entry: Mapping[str, Any]) -> str:
    names = ("description", "freq", "interval", "byday", "bymonthday", "dtstart", "opens_at", "closes_at", "notes")
    return str(entry.get("description") or "") or " ".join(str(entry[name]) for name in names if entry.get(name))
