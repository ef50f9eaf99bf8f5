"""Calendars as files (RFC 5545): feeds are written, and the events of somebody else's file are read one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from geo.domain.calendar import BadEvent
from geo.domain.hours import get_zone
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icalendar import Event

MAX_FILE: Final = 900_000
"""Characters of a file."""
MAX_EVENT: Final = 20_000
MAX_FILE_EVENTS: Final = 2_000
MAX_TITLE: Final = 200
MAX_UID: Final = 255
_READ: Final = frozenset({"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "LOCATION"})
_VENDOR: Final = re.compile(r'^([A-Z-]{2,20};(?:[^:"]*;)?TZID=)"?(/[^:;"]{1,200})"?(?=[:;])', re.ASCII | re.IGNORECASE)


class _Untakeable(ValueError):
    """Says why an event cannot be taken, without repeating what it says."""


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event to be written, as disclosure lets it through; times are aware."""

    uid: str
    title: str
    place: str | None
    roles: Sequence[str]
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An event of a file: where it begins, and its schedule as lines of RFC 5545."""

    line: int
    uid: str
    title: str
    schedule: str
    time_zone: str | None
    place: str | None


def write_calendar(name: str, events: Sequence[ShownEvent]) -> bytes:
    """Write a calendar; every time is in UTC, so that no reader needs to know a zone.

    Parameters
    ----------
    name
        What calendar programs call it.

    Returns
    -------
    bytes
        ``text/calendar`` in UTF-8; the same events give the same bytes.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("PRODID", "-//Barnraiser//Shared calendar//EN")
    made.add("VERSION", "2.0")
    made.add("METHOD", "PUBLISH")
    made.add("X-WR-CALNAME", name)
    made.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for event in events:
        made.add_component(_written(event))
    return bytes(made.to_ical())


def _written(event: ShownEvent) -> Event:
    from icalendar import Event

    made = Event()
    made.add("UID", event.uid)
    made.add("DTSTAMP", event.changed_at.astimezone(UTC))
    made.add("DTSTART", event.starts_at.astimezone(UTC))
    made.add("DTEND", event.ends_at.astimezone(UTC))
    told = {"SUMMARY": event.title, "DESCRIPTION": ", ".join(event.roles), "LOCATION": event.place or ""}
    for name, text in told.items():
        if text or name == "SUMMARY":
            # the library takes a stroke before a capital N for the end of a line
            made.add(name, text.replace("\\N", "\\n"))
    return made


def read_calendar(text: str, *, most: int = MAX_FILE_EVENTS) -> tuple[list[ReadEvent], list[BadEvent]]:
    """Read the events of a file; one that cannot be taken never stops the others.

    Parameters
    ----------
    text
        At most ``MAX_FILE`` characters, lines folded and ended as RFC 5545 §3.1 says, or ended in any other usual way.
    most
        How many events at most.

    Returns
    -------
    tuple
        The events, and what is wrong with the others.

    Raises
    ------
    InvalidInput
        If the file is no calendar, or larger than what is taken.
    """
    if len(text) > MAX_FILE:
        raise InvalidInput(f"a calendar may have {MAX_FILE} characters", field="ics")
    if not re.match(r"\ufeff?\s*BEGIN:VCALENDAR\s", text, re.IGNORECASE):
        raise InvalidInput("this is no calendar: it must begin with BEGIN:VCALENDAR", field="ics")
    taken: list[ReadEvent] = []
    bad: list[BadEvent] = []
    for number, (line, lines) in enumerate(_blocks(text)):
        if number >= most:
            raise InvalidInput(f"a calendar may have {most} events", field="ics")
        try:
            taken.append(_read(line, lines))
        except _Untakeable as error:
            bad.append(BadEvent(line, str(error)))
    return taken, bad


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give each event as its first line's number and its lines; one that never ends, up to where another begins."""
    begun, lines = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        word = line.strip().upper()
        if word == "BEGIN:VEVENT":
            if begun:
                yield begun, lines
            begun, lines = number, []
        if begun:
            lines.append(line)
        if begun and word == "END:VEVENT":
            yield begun, lines
            begun = 0
    if begun:
        yield begun, lines


def _read(line: int, lines: list[str]) -> ReadEvent:
    if lines[-1].strip().upper() != "END:VEVENT":
        raise _Untakeable("it has no end")
    if sum(map(len, lines)) > MAX_EVENT:
        raise _Untakeable(f"it has more than {MAX_EVENT} characters")
    event = _parsed(lines)
    uid = str(event.get("UID", "")).strip()
    if not 1 <= len(uid) <= MAX_UID or not uid.isprintable():
        raise _Untakeable(f"it needs one UID, {MAX_UID} characters at most")
    title = " ".join(str(event.get("SUMMARY", "")).split())[:MAX_TITLE]
    if not title.isprintable():
        raise _Untakeable("its SUMMARY holds control characters")
    place = " ".join(str(event.get("LOCATION", "")).split())[:MAX_TITLE]
    schedule, zone = _schedule(event, in_hours=_lasts_hours(lines))
    return ReadEvent(line, uid, title or "Untitled", schedule, zone, place if place and place.isprintable() else None)


def _parsed(lines: list[str]) -> Event:
    from icalendar import Event

    try:
        event = Event.from_ical(_without_vendors("\n".join(lines)))
    except Exception:  # noqa: BLE001 - whatever a stranger's event does to the parser, the others are to be read
        raise _Untakeable("it cannot be read") from None
    if not isinstance(event, Event):
        raise _Untakeable("it cannot be read")
    broken = sorted({str(name).upper() for name, _ in event.errors} & _READ)
    if broken:
        raise _Untakeable(f"its {broken[0]} cannot be read")
    for name in ("UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "RRULE"):
        if isinstance(event.get(name), list):
            raise _Untakeable(f"it has more than one {name}")
    if "RECURRENCE-ID" in event:
        raise _Untakeable("it changes one time of another event, which is not taken over")
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        raise _Untakeable("it is cancelled")
    if "DTSTART" not in event:
        raise _Untakeable("it has no DTSTART")
    return event


def _without_vendors(text: str) -> str:
    """Unfold an event, and write each zone of time without the name of the program before it (§3.2.19)."""
    lines = [_VENDOR.sub(_plain_zone, line, count=1) for line in re.sub(r"\n[ \t]", "", text).split("\n")]
    return "\r\n".join(lines) + "\r\n"


def _plain_zone(found: re.Match[str]) -> str:
    for parts in (3, 2, 1):
        try:
            return found[1] + get_zone("/".join(found[2].split("/")[-parts:])).key
        except InvalidInput:
            continue
    return found[0]


def _lasts_hours(lines: list[str]) -> bool:
    """Tell whether a duration is written without days, so that it lasts as long whatever the clock does (§3.3.6).

    The library makes a day of 24 hours, which on some days have 23.
    """
    depth = 0
    for line in re.sub(r"\n[ \t]", "", "\n".join(lines)).upper().split("\n"):
        # an alarm in the event has a duration of its own
        depth += line.startswith("BEGIN:") - line.startswith("END:")
        if depth == 1 and (found := re.match(r"DURATION(?:;[^:]*)?:\s*[+]?P([^\s]*)", line)):
            return not {"D", "W"} & set(found[1])
    return False


def _hours(lasts: timedelta) -> str:
    minutes, seconds = divmod(int(lasts.total_seconds()), 60)
    return f"PT{minutes // 60}H{minutes % 60}M{seconds}S"


def _schedule(event: Event, *, in_hours: bool) -> tuple[str, str | None]:
    zone = _zone_of(event["DTSTART"])
    lines = [f"DTSTART{_zone_part(zone)}:{_raw(event['DTSTART'])}"]
    for name in ("DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"):
        for value in _each(event.get(name)):
            part = _zone_part(_zone_of(value)) if name in ("DTEND", "RDATE", "EXDATE") else ""
            exact = name == "DURATION" and in_hours and value.dt > timedelta()
            lines.append(f"{name}{part}:{_hours(value.dt) if exact else _raw(value)}")
    return "\n".join(lines), zone


def _each(value: Any) -> list[Any]:  # noqa: ANN401 - one property, several, or none
    return [] if value is None else value if type(value) is list else [value]


def _raw(value: Any) -> str:  # noqa: ANN401 - a property
    return str(value.to_ical().decode())


def _zone_part(zone: str | None) -> str:
    return f";TZID={zone}" if zone else ""


def _zone_of(value: Any) -> str | None:  # noqa: ANN401 - a property
    """Find the zone of the IANA list that is meant; some programs write Microsoft's name for it."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    written = value.params.get("TZID")
    if written is None:
        return None
    written = str(written)
    for name in (written, WINDOWS_TO_OLSON.get(written, "")):
        try:
            return get_zone(name).key
        except InvalidInput:
            continue
    raise _Untakeable("its TZID is no zone of the IANA list")
