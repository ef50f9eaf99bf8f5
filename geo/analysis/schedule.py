"""Schedules as RFC 5545 writes them, read within bounds: when something begins again, and for how long.

A schedule is made of the lines ``DTSTART``, ``DTEND`` or ``DURATION``, ``RRULE``, ``RDATE`` and ``EXDATE`` (RFC 5545
§3.8.2, §3.8.5); each ``DTSTART`` begins another event. Rules repeat by day, week, month or year. Finer ones, and rules
that would have to be walked through for long before they say anything, are refused: whoever may write a schedule must
not be able to keep the machine busy with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from dateutil.rrule import rrule, rrulestr

from geo.domain.hours import MAX_HOURS, get_zone
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from geo.domain.hours import Window

MAX_EVENTS: Final = 20
MAX_DATES: Final = 100
MAX_TIMES: Final = 1000
"""The largest ``COUNT`` and ``INTERVAL``."""
MAX_DURATION: Final = timedelta(days=31)
YEARS: Final = range(2000, 2101)
_DAYS_OF: Final = {"DAILY": 1, "WEEKLY": 7}
_REPEATS: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_WITH_COUNT: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "WKST"})
_RULE_PARTS: Final = _WITH_COUNT | {"UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}
_DAY: Final = re.compile(r"([+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_LINE: Final = re.compile(r"(DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE)((?:;[A-Z]+=[^;:]{1,60})*):(\S{1,900})")
_TIME: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_DURATION: Final = re.compile(
    r"P(?=[\dT])(?:(\d{1,2})W|(?:(\d{1,2})D)?(?:T(?=\d)(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?)", re.ASCII
)
_TEXT: Final = re.compile(r"[A-Z0-9=;,+-]+")


class _Unreadable(ValueError):
    """Says what is wrong with a schedule, without repeating it."""


@dataclass(slots=True)
class Event:
    """One event: when it first begins, in the clock of its zone, for how long, and when it begins again.

    ``days`` are counted by the calendar, ``rest`` by the clock that never jumps (RFC 5545 §3.3.6).
    """

    start: datetime
    zone: tzinfo
    is_day: bool
    days: int = 0
    rest: timedelta | None = None
    rule: dict[str, str] | None = None
    also: list[datetime] = field(default_factory=list)
    never: set[datetime] = field(default_factory=set)

    @property
    def lasts(self) -> timedelta:
        """How long it is at most, give or take a jump of the clock."""
        return timedelta(days=self.days) + (self.rest or timedelta())

    def spans(self, window: Window) -> Iterator[tuple[float, float]]:
        """Give the spans that touch a window, in seconds since 1970."""
        slack = timedelta(days=2)
        first = window.start.astimezone(self.zone).replace(tzinfo=None) - self.lasts - slack
        last = window.end.astimezone(self.zone).replace(tzinfo=None) + slack
        for begin in self._begins(first, last):
            if begin in self.never:
                continue
            end = _instant(begin + timedelta(days=self.days), self.zone) + (self.rest or timedelta())
            span = _instant(begin, self.zone).timestamp(), end.timestamp()
            if span[1] > window.start.timestamp() and span[0] < window.end.timestamp():
                yield span

    def _begins(self, first: datetime, last: datetime) -> Iterator[datetime]:
        yield from (at for at in {self.start, *self.also} if first <= at <= last)
        if self.rule is None:
            return
        for at in _rule(self, first, last):
            if at > last:
                return
            if at >= first and at != self.start:
                yield at


def _instant(local: datetime, zone: tzinfo) -> datetime:
    # a time the clock jumps over is read with the offset before the jump, one it shows twice as the first (§3.3.5)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _rule(event: Event, first: datetime, last: datetime) -> rrule:
    parts = dict(event.rule or {})
    until = None if "COUNT" in parts else min(_until(parts.pop("UNTIL", None), event), last)
    start, step = event.start, _DAYS_OF.get(parts["FREQ"])
    if step and "COUNT" not in parts:
        # whole steps forward change nothing but how many are walked through
        step *= int(parts.get("INTERVAL", 1))
        start += timedelta(days=step * max(0, (first - start).days // step - 1))
    written = ";".join(f"{name}={value}" for name, value in parts.items())
    return rrulestr(f"RRULE:{written}", dtstart=start).replace(until=until)


def _until(written: str | None, event: Event) -> datetime:
    if written is None:
        return datetime.max  # noqa: DTZ901 - a clock without a zone
    found = _TIME.fullmatch(written)
    if found is None:
        raise _Unreadable("UNTIL is not a date or a time")
    at = _clock(found, day_end=True)
    return at if not found[3] else at.replace(tzinfo=UTC).astimezone(event.zone).replace(tzinfo=None)


def read_schedule(text: str, zone: ZoneInfo) -> list[Event]:
    """Read a schedule.

    Parameters
    ----------
    text
        At most ``MAX_HOURS`` characters; lines as RFC 5545 §3.1 folds them, ended in any of the usual ways.
    zone
        For times written without one.

    Returns
    -------
    list of Event
        At least one.

    Raises
    ------
    InvalidInput
        Saying what is wrong, never what was written.
    """
    try:
        return _read(text, zone)
    except _Unreadable as error:
        raise InvalidInput(f"this schedule cannot be read: {error}", field="schedule") from None


def _read(text: str, zone: ZoneInfo) -> list[Event]:
    if len(text) > MAX_HOURS:
        raise _Unreadable(f"it has more than {MAX_HOURS} characters")
    lines = re.sub(r"\r\n|\r", "\n", text)
    events: list[Event] = []
    for line in re.sub(r"\n[ \t]", "", lines).split("\n"):
        if line.strip():
            _add(events, line.strip(), zone)
    if not events:
        raise _Unreadable("it has no DTSTART")
    for event in events:
        _finish(event)
    return events


def _add(events: list[Event], line: str, zone: ZoneInfo) -> None:
    found = _LINE.fullmatch(line)
    if found is None:
        raise _Unreadable("a line is none of DTSTART, DTEND, DURATION, RRULE, RDATE and EXDATE")
    name, value = found[1], found[3]
    given = dict(part.split("=", 1) for part in found[2].split(";") if part)
    if not given.keys() <= {"TZID", "VALUE"} or given.get("VALUE", "DATE") not in ("DATE", "DATE-TIME"):
        raise _Unreadable(f"{name} has a parameter other than TZID and VALUE")
    if name == "DTSTART":
        if len(events) == MAX_EVENTS:
            raise _Unreadable(f"it has more than {MAX_EVENTS} events")
        events.append(_begin(value, _zone(given, zone)))
    elif not events:
        raise _Unreadable("it must begin with DTSTART")
    elif name in ("RDATE", "EXDATE"):
        times = [_local(part, _zone(given, events[-1].zone), events[-1]) for part in value.split(",")]
        (events[-1].also.extend if name == "RDATE" else events[-1].never.update)(times)
    elif name == "RRULE":
        _repeat(events[-1], value)
    else:
        _last(events[-1], name, value, _zone(given, events[-1].zone))


def _zone(given: dict[str, str], usual: tzinfo) -> tzinfo:
    if "TZID" not in given:
        return usual
    try:
        return get_zone(given["TZID"].strip('"'))
    except InvalidInput:
        raise _Unreadable("TZID is no zone of the IANA list") from None


def _clock(found: re.Match[str], *, day_end: bool = False) -> datetime:
    try:
        if found[2] is None:
            return datetime.strptime(found[1] + ("235959" if day_end else "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        at = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is kept beside it
    except ValueError:
        raise _Unreadable("a time does not exist") from None
    return at


def _begin(value: str, zone: tzinfo) -> Event:
    found = _TIME.fullmatch(value)
    if found is None:
        raise _Unreadable("DTSTART is not a date or a time")
    at = _clock(found)
    if at.year not in YEARS:
        raise _Unreadable(f"DTSTART must lie between {YEARS[0]} and {YEARS[-1]}")
    return Event(at, UTC if found[3] else zone, is_day=found[2] is None)


def _local(value: str, zone: tzinfo, event: Event) -> datetime:
    """Read a time in the clock of its event."""
    found = _TIME.fullmatch(value)
    if found is None or (found[2] is None) != event.is_day:
        raise _Unreadable("RDATE, EXDATE and DTEND must be dates or times as DTSTART is")
    at, said = _clock(found), UTC if found[3] else zone
    if at.year not in YEARS:
        raise _Unreadable(f"a time must lie between {YEARS[0]} and {YEARS[-1]}")
    return at if said == event.zone else at.replace(tzinfo=said).astimezone(event.zone).replace(tzinfo=None)


def _repeat(event: Event, value: str) -> None:
    if event.rule is not None:
        raise _Unreadable("an event has more than one RRULE; begin another with DTSTART")
    pairs = [part.partition("=") for part in value.split(";") if part]
    rule = {name: said for name, _, said in pairs}
    if not _TEXT.fullmatch(value) or len(rule) != len(pairs) or not rule.keys() <= _RULE_PARTS:
        raise _Unreadable("RRULE has a part that is not taken: times of day belong to DTSTART")
    if rule.get("FREQ") not in _REPEATS:
        raise _Unreadable("RRULE must repeat DAILY, WEEKLY, MONTHLY or YEARLY")
    # a rule that never comes true would be walked through to the end of the calendar
    if "COUNT" in rule and not rule.keys() <= _WITH_COUNT | ({"BYDAY"} if rule["FREQ"] == "WEEKLY" else set()):
        raise _Unreadable("RRULE with COUNT takes INTERVAL besides, and BYDAY when it is WEEKLY")
    for name in ("COUNT", "INTERVAL"):
        if not (rule.get(name, "1").isdecimal() and 1 <= int(rule.get(name, "1")[:9]) <= MAX_TIMES):
            raise _Unreadable(f"{name} must be between 1 and {MAX_TIMES}")
    _check_true_soon(rule)
    event.rule = rule


def _check_true_soon(rule: dict[str, str]) -> None:
    """Refuse a rule that may never come true, or not for long: looking for its next time would go on to the year 9999.

    Every month has its days 1 to 28 and each weekday four times; the days 29 to 31 and the fifth weekday come at least
    once in two years if every month is looked at.
    """
    every, freq = int(rule.get("INTERVAL", "1")) == 1, rule["FREQ"]
    parts = rule.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}
    if freq in _DAYS_OF:
        if not parts <= {"BYDAY", "BYMONTH"} or ("BYMONTH" in parts and not every):
            raise _Unreadable(f"RRULE with {freq} takes BYDAY besides, and BYMONTH without INTERVAL")
        if freq == "DAILY" and "BYDAY" in parts and not every:
            raise _Unreadable("RRULE with DAILY takes BYDAY without INTERVAL")
    if {"BYDAY", "BYMONTHDAY"} <= parts or ("BYSETPOS" in parts and not (freq == "MONTHLY" and "BYDAY" in parts)):
        raise _Unreadable("RRULE takes one of BYDAY and BYMONTHDAY, and BYSETPOS with MONTHLY and BYDAY")
    often = every and freq == "MONTHLY" and "BYMONTH" not in parts
    in_year = freq == "YEARLY" and "BYMONTH" not in parts
    most = 0 if freq in _DAYS_OF or "BYSETPOS" in parts else 52 if in_year else 5 if often else 4
    _check_numbers(rule, "BYMONTH", range(1, 13), signed=False)
    _check_numbers(rule, "BYMONTHDAY", range(1, 32 if often else 29), signed=True)
    _check_numbers(rule, "BYSETPOS", range(1, 5), signed=True)
    days = [_DAY.fullmatch(day) for day in rule["BYDAY"].split(",")] if "BYDAY" in rule else []
    places = [int(day[1] or 0) if day else most + 1 for day in days]
    # the library reads a day with a place in the month beside one without as days that are both
    if any(abs(place) > most for place in places) or (0 in places and any(places)):
        raise _Unreadable("BYDAY names a day that may never come, or some days by their place and others not")


def _check_numbers(rule: dict[str, str], name: str, allowed: range, *, signed: bool) -> None:
    for number in rule[name].split(",") if name in rule else ():
        value = int(number) if _NUMBER.fullmatch(number) else 0
        if (abs(value) if signed else value) not in allowed:
            raise _Unreadable(f"{name} names a day or month that may never come")


def _last(event: Event, name: str, value: str, zone: tzinfo) -> None:
    if event.rest is not None:
        raise _Unreadable("an event has more than one DTEND or DURATION")
    if name == "DTEND":
        end = _instant(_local(value, zone, event), event.zone)
        event.rest = end - _instant(event.start, event.zone)
        if event.is_day:
            event.days, event.rest = (_local(value, zone, event) - event.start).days, timedelta()
        return
    found = _DURATION.fullmatch(value)
    if found is None:
        raise _Unreadable("DURATION is not one, such as PT3H")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    event.days, event.rest = 7 * weeks + days, timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _finish(event: Event) -> None:
    if event.rest is None:
        if not event.is_day:
            raise _Unreadable("an event says neither DTEND nor DURATION")
        event.days, event.rest = 1, timedelta()
    if not timedelta() < event.lasts <= MAX_DURATION:
        raise _Unreadable(f"an event must last some time, {MAX_DURATION.days} days at most")
    if len(event.also) + len(event.never) > MAX_DATES:
        raise _Unreadable(f"an event has more than {MAX_DATES} dates")
    if event.rule is not None:
        _until(event.rule.get("UNTIL"), event)
        try:
            next(iter(_rule(event, event.start, event.start + timedelta(days=1))), None)
        except (ValueError, TypeError, OverflowError, KeyError, IndexError):
            raise _Unreadable("RRULE is not one") from None
