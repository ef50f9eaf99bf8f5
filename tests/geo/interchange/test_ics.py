"""Calendars as files: written and read back by a second reader, over zones and changes of the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from geo.analysis.occurrences import list_occurrences
from geo.domain.hours import Window, get_zone
from geo.errors import InvalidInput
from geo.interchange.ics import MAX_FILE, ShownEvent, read_calendar, write_calendar

ZONES = sorted(
    name
    for name in available_timezones()
    if re.fullmatch(r"[A-Za-z0-9_+-]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}", name)
    and name not in ("localtime", "Factory")
)
RULES = (
    "", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;COUNT=40", "FREQ=WEEKLY;BYDAY=SU,WE", "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=DAILY;UNTIL=20280101T000000Z",
)  # fmt: skip
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001 - by the local clock
durations = st.integers(60, 27 * 3600).map(lambda seconds: timedelta(seconds=seconds))
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


def unfolded(raw: bytes) -> list[dict[str, str]]:
    """Read a calendar by RFC 5545 §3.1 and §3.3.11 alone, sharing nothing with the library that wrote it."""
    assert raw.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    events: list[dict[str, str]] = []
    for line in re.sub(rb"\r\n[ \t]", b"", raw).decode().split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and not line.startswith("END:"):
            assert name not in events[-1]
            events[-1][name] = re.sub(r"\\(.)", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), value)
    return events


def plain(text: str) -> str:
    """What of a text is written: the library knows no stroke before a capital N."""
    return text.replace("\\N", "\\n")


def instant(written: str) -> datetime:
    return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def second_reading(
    start: datetime, rule: str, lasts: timedelta, zone: ZoneInfo, window: Window
) -> set[tuple[datetime, datetime]]:
    """Expand a rule by the local clock with dateutil, whole and from its first time on."""
    local_end = window.end.astimezone(zone).replace(tzinfo=None) + timedelta(days=3)
    until = re.search(r"UNTIL=(\w+)", rule)
    if until:
        rule = rule.replace(f";{until[0]}", "")
        local_end = min(local_end, instant(until[1]).astimezone(zone).replace(tzinfo=None))
    begins = [start]
    if rule:
        begins += [
            at for at in rrulestr(f"RRULE:{rule}", dtstart=start).xafter(start, inc=True, count=3000) if at <= local_end
        ]
    spans = set()
    for at in begins:
        begun = at.replace(tzinfo=zone).astimezone(UTC)
        if begun < window.end and begun + lasts > window.start:
            spans.add((begun, begun + lasts))
    return spans


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), starts, st.sampled_from(RULES), durations, texts, texts)
def test_what_is_planned_by_the_local_clock_comes_out_of_a_file_at_the_same_instants(
    zone: str, start: datetime, rule: str, lasts: timedelta, title: str, place: str
) -> None:
    """From somebody's file to our occurrences, to our own file, to a reader that shares nothing with either."""
    lines = [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}",
        f"DURATION:PT{int(lasts.total_seconds())}S",
        *([f"RRULE:{rule}"] if rule else []), "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    (read,), bad = read_calendar("\r\n".join(lines))
    assert bad == []
    assert read.time_zone == zone
    window = Window(start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + timedelta(days=300))
    found = list_occurrences(read.schedule, get_zone(zone), window)
    shown = [
        ShownEvent(f"{n}@x", title, place, ("cook",), one.start, one.end, one.start) for n, one in enumerate(found)
    ]
    raw = write_calendar("Test", shown)
    assert raw == write_calendar("Test", shown)
    events = unfolded(raw)
    again = {(instant(event["DTSTART"]), instant(event["DTEND"])) for event in events}
    assert again == second_reading(start, rule, lasts, ZoneInfo(zone), window)
    assert len(events) == len(again)
    assert all(event["SUMMARY"] == plain(title) for event in events)
    assert all(event.get("LOCATION", "") == plain(place) for event in events)
    by_another = IcsCalendarStream.calendar_from_ics(raw.decode()).events
    assert [(event.dtstart, event.dtend) for event in by_another] == [(one.starts_at, one.ends_at) for one in shown]
    assert {event.summary for event in by_another} <= {plain(title)}
    assert {event.location or "" for event in by_another} <= {plain(place)}


def changes_of(name: str) -> list[datetime]:
    """Give the days on which a zone changed its clock from 2024 to 2027, by the local clock before."""
    zone, at, found = ZoneInfo(name), datetime(2024, 1, 1, tzinfo=UTC), []
    while at < datetime(2028, 1, 1, tzinfo=UTC):
        then = at + timedelta(hours=6)
        if at.astimezone(zone).utcoffset() != then.astimezone(zone).utcoffset():
            found.append(at.astimezone(zone).replace(tzinfo=None))
        at = then
    return found


CHANGING = [name for name in ZONES if changes_of(name)]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(CHANGING), st.integers(0, 4 * 24 * 2), st.sampled_from([30, 60, 180, 26 * 60]))
def test_around_every_change_of_a_clock_another_library_expands_to_the_same_instants(
    data: st.DataObject, zone: str, half_hours: int, lasts_min: int
) -> None:
    """Days, weeks and left out days that run across a change, in any zone there is."""
    start = data.draw(st.sampled_from(changes_of(zone))) - timedelta(days=2) + timedelta(minutes=30 * half_hours)
    start = start.replace(minute=start.minute // 30 * 30, second=0)
    rule = data.draw(st.sampled_from(["FREQ=DAILY;COUNT=6", "FREQ=WEEKLY;COUNT=4", "FREQ=DAILY;INTERVAL=2;COUNT=3"]))
    left_out = start + timedelta(days=2)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//b//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z",
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", f"DURATION:PT{lasts_min}M", f"RRULE:{rule}",
        f"EXDATE;TZID={zone}:{left_out:%Y%m%dT%H%M%S}", "SUMMARY:Kitchen", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    raw = "\r\n".join(lines)
    (read,), bad = read_calendar(raw)
    assert bad == []
    window = Window(start.replace(tzinfo=UTC) - timedelta(days=2), start.replace(tzinfo=UTC) + timedelta(days=40))
    ours = [(one.start, one.end) for one in list_occurrences(read.schedule, get_zone(zone), window)]
    another = IcsCalendarStream.calendar_from_ics(raw).timeline_tz(UTC)
    assert [begin for begin, _ in ours] == [one.dtstart.astimezone(UTC) for one in another]
    assert all(end - begin == timedelta(minutes=lasts_min) for begin, end in ours)
    assert len(ours) >= 2


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # 03:30 is jumped over on 29 March, and shown twice on 25 October
        ("20260328T033000", ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]),
        ("20261024T033000", ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
    ],
)
def test_a_gap_and_a_fold_of_the_clock_lose_no_occurrence(start: str, expected: list[str]) -> None:
    schedule = f"DTSTART;TZID=Europe/Helsinki:{start}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    found = list_occurrences(schedule, get_zone("UTC"), window)
    assert [f"{one.start:%Y-%m-%dT%H:%M}" for one in found] == expected
    assert all(one.end - one.start == timedelta(hours=1) for one in found)


def test_a_day_of_the_calendar_has_23_hours_when_the_clocks_go_forward() -> None:
    schedule = "DTSTART;TZID=Europe/Helsinki:20260328T120000\nDURATION:P1D"
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    (found,) = list_occurrences(schedule, get_zone("UTC"), window)
    assert found.end - found.start == timedelta(hours=23)


@given(st.lists(texts, max_size=5))
def test_no_text_breaks_out_of_its_line(parts: list[str]) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    hostile = "\r\nEND:VEVENT\nBEGIN:VEVENT;,\\" + "".join(parts)
    (event,) = unfolded(write_calendar("Test", [ShownEvent("1", hostile, hostile, parts, at, at, at)]))
    assert event["SUMMARY"].replace("\n", "") == plain(hostile).replace("\r\n", "").replace("\n", "")


EVENT = "BEGIN:VEVENT\nUID:{uid}\n{lines}\nEND:VEVENT\n"
GOOD = "DTSTART:20260104T170000Z\nDTEND:20260104T180000Z\nSUMMARY:Good"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("DTSTART:whenever\nDURATION:PT1H", "its DTSTART cannot be read"),
        ("DURATION:PT1H", "it has no DTSTART"),
        ("DTSTART:20260104T170000Z\nDTSTART:20260105T170000Z\nDURATION:PT1H", "it has more than one DTSTART"),
        (GOOD + "\nRECURRENCE-ID:20260104T170000Z", "it changes one time"),
        (GOOD + "\nSTATUS:CANCELLED", "it is cancelled"),
        (GOOD + "\nRRULE:FREQ=NEVER", "its RRULE cannot be read"),
        ("DTSTART;TZID=Mars/Base:20260104T170000\nDURATION:PT1H", "its TZID is no zone"),
        (GOOD + "\nDESCRIPTION:" + "x" * 20_001, "it has more than 20000 characters"),
        (GOOD + "\nUID:twice", "it has more than one UID"),
    ],
)
def test_a_bad_event_is_named_by_its_line_and_stops_no_other(lines: str, reason: str) -> None:
    file = "BEGIN:VCALENDAR\n" + EVENT.format(uid=1, lines=lines) + EVENT.format(uid=2, lines=GOOD)
    taken, (bad,) = read_calendar(file)
    assert [event.uid for event in taken] == ["2"]
    assert bad.line == 2
    assert bad.reason.startswith(reason)


def test_an_event_without_a_uid_or_an_end_is_named() -> None:
    nameless, endless = f"BEGIN:VEVENT\n{GOOD}\nEND:VEVENT\n", f"BEGIN:VEVENT\nUID:3\n{GOOD}\n"
    file = "BEGIN:VCALENDAR\n" + nameless + endless + EVENT.format(uid=4, lines=GOOD)
    taken, bad = read_calendar(file)
    assert [event.uid for event in taken] == ["4"]
    assert [(found.line, found.reason.split(",")[0]) for found in bad] == [
        (2, "it needs one UID"),
        (7, "it has no end"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Europe/Helsinki", "Europe/Helsinki"),
        ("FLE Standard Time", "Europe/Kiev"),
        ("/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/freeassociation.sourceforge.net/Europe/Helsinki", "Europe/Helsinki"),
    ],
)
def test_a_zone_is_known_by_the_names_that_programs_write(written: str, meant: str) -> None:
    lines = (
        f"DTSTART;TZID={written}:20260104T170000\nDURATION:PT1H\nEXDATE;TZID={written}:20260111T170000,20260118T170000"
    )
    (event,), bad = read_calendar("BEGIN:VCALENDAR\n" + EVENT.format(uid=1, lines=lines))
    assert bad == []
    assert event.time_zone == meant
    assert event.schedule.endswith("20260111T170000,20260118T170000")


@pytest.mark.parametrize("file", ["", "hello", "BEGIN:VEVENT\nEND:VEVENT\n", "x" * (MAX_FILE + 1)])
def test_what_is_no_calendar_is_refused(file: str) -> None:
    with pytest.raises(InvalidInput):
        read_calendar(file)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2 events"):
        read_calendar("BEGIN:VCALENDAR\n" + EVENT.format(uid=1, lines=GOOD) * 3, most=2)


PIECES = (*GOOD.split("\n"), "BEGIN:VALARM", "END:VALARM", "BEGIN:VEVENT", "END:VEVENT", " folded", ":", ";=:")


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), texts), max_size=12))
def test_whatever_an_event_says_the_next_one_is_read(lines: list[str]) -> None:
    file = "BEGIN:VCALENDAR\n" + EVENT.format(uid=1, lines="\n".join(lines)) + EVENT.format(uid="last", lines=GOOD)
    taken, _ = read_calendar(file)
    assert taken[-1].uid == "last"
