"""Opening hours and schedules: what is written, against clocks that are read by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.opening import check_opening_hours, is_open
from geo.analysis.schedule import MAX_EVENTS, read_schedule
from geo.domain.hours import Hours, Opening, Window
from geo.errors import InvalidInput

HELSINKI = ZoneInfo("Europe/Helsinki")
OPEN, CLOSED, UNKNOWN = Opening.OPEN, Opening.CLOSED, Opening.UNKNOWN


def hour_of(day: str, hour: int, zone: ZoneInfo = HELSINKI) -> Window:
    start = datetime.combine(date.fromisoformat(day), time(hour), zone).astimezone(UTC)
    return Window(start, start + timedelta(hours=1))


def at(day: str, hour: int, **written: str) -> Opening:
    return is_open(Hours(HELSINKI, lon=24.94, lat=60.17, **written), hour_of(day, hour))


@pytest.mark.parametrize(
    ("written", "day", "hour", "found"),
    [
        ("24/7", "2026-03-23", 3, OPEN),
        ("Mo-Fr 10:00-17:00", "2026-03-23", 10, OPEN),
        ("Mo-Fr 10:00-17:00", "2026-03-23", 16, OPEN),
        ("Mo-Fr 10:00-17:00", "2026-03-23", 17, CLOSED),
        ("Mo-Fr 10:00-17:00", "2026-03-22", 12, CLOSED),
        # open for half of the hour is not open during it
        ("Mo-Fr 10:30-17:00", "2026-03-23", 10, CLOSED),
        # two spans that touch are one
        ("Mo 09:00-10:00,10:00-11:00", "2026-03-23", 9, OPEN),
        ("Mo 09:00-09:30,09:30-11:00", "2026-03-23", 9, OPEN),
        ("22:00-06:00", "2026-03-24", 5, OPEN),
        ("Fr 22:00-06:00", "2026-03-28", 5, OPEN),
        ("Fr 22:00-06:00", "2026-03-27", 5, CLOSED),
        ("Mo-Fr 22:00-24:00", "2026-03-23", 23, OPEN),
        # the sun rises in Helsinki at 6:13 and sets at 18:40 that day
        ("sunrise-sunset", "2026-03-23", 7, OPEN),
        ("sunrise-sunset", "2026-03-23", 6, CLOSED),
        ("sunrise-sunset", "2026-03-23", 18, CLOSED),
        # Good Friday in Finland
        ("Mo-Fr 10:00-17:00; PH off", "2026-04-03", 12, CLOSED),
        # no day is taken for a school holiday
        ("Mo-Fr 10:00-17:00; SH off", "2026-03-23", 12, OPEN),
        ("off", "2026-03-23", 12, CLOSED),
        ("Mo-Fr 10:00-17:00 unknown", "2026-03-23", 12, UNKNOWN),
        ("Mo-Fr 10:00-17:00 unknown", "2026-03-23", 17, CLOSED),
        ('Mo-Fr 10:00-17:00 "by appointment"', "2026-03-23", 12, UNKNOWN),
        ('"by appointment"', "2026-03-23", 12, UNKNOWN),
        ("ask at the door", "2026-03-23", 12, UNKNOWN),
        ("", "2026-03-23", 12, UNKNOWN),
    ],
)
def test_opening_hours(written: str, day: str, hour: int, found: Opening) -> None:
    assert at(day, hour, opening_hours=written) is found


def test_without_a_place_the_sun_keeps_office_hours_and_no_day_is_a_holiday() -> None:
    sun, holiday = (
        Hours(HELSINKI, opening_hours="sunrise-sunset"),
        Hours(HELSINKI, opening_hours="Fr 9:00-17:00; PH off"),
    )
    assert is_open(sun, hour_of("2026-06-20", 5)) is CLOSED
    assert is_open(sun, hour_of("2026-06-20", 18)) is OPEN
    assert is_open(holiday, hour_of("2026-04-03", 12)) is OPEN


def test_nothing_written_is_unknown() -> None:
    assert at("2026-03-23", 12) is UNKNOWN


@pytest.mark.parametrize(("hour", "found"), [(1, OPEN), (2, OPEN), (4, OPEN), (5, CLOSED)])
def test_the_day_the_clock_jumps_forward(hour: int, found: Opening) -> None:
    assert at("2026-03-29", hour, opening_hours="Su 01:00-05:00") is found
    assert at("2026-03-29", hour, schedule="DTSTART:20260104T010000\nDTEND:20260104T050000\nRRULE:FREQ=WEEKLY") is (
        # a schedule lasts as long as it lasts (RFC 5545 §3.8.2.2): the four hours end at six
        OPEN if hour == 5 else found
    )


def test_the_day_the_clock_falls_back() -> None:
    before = datetime(2026, 10, 25, 3, 0, tzinfo=HELSINKI)
    both = Window(before.astimezone(UTC), before.astimezone(UTC) + timedelta(hours=2))
    assert is_open(Hours(HELSINKI, opening_hours="Su 01:00-05:00"), both) is OPEN
    assert is_open(Hours(HELSINKI, opening_hours="Su 01:00-03:30"), both) is CLOSED


SUNDAY_EVENING = "DTSTART:20260104T180000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU"


@pytest.mark.parametrize(
    ("schedule", "day", "hour", "found"),
    [
        (SUNDAY_EVENING, "2026-03-22", 18, OPEN),
        (SUNDAY_EVENING, "2026-03-22", 20, OPEN),
        (SUNDAY_EVENING, "2026-03-22", 21, CLOSED),
        (SUNDAY_EVENING, "2026-03-23", 18, CLOSED),
        (SUNDAY_EVENING, "2025-12-28", 18, CLOSED),
        (SUNDAY_EVENING.replace("\n", "\r\n"), "2026-03-22", 18, OPEN),
        (SUNDAY_EVENING + "\nEXDATE:20260322T180000", "2026-03-22", 18, CLOSED),
        (SUNDAY_EVENING + "\nRDATE:20260324T180000,20260325T100000", "2026-03-25", 11, OPEN),
        (SUNDAY_EVENING.replace("SU", "SU;UNTIL=20260320"), "2026-03-22", 18, CLOSED),
        (SUNDAY_EVENING.replace("SU", "SU;UNTIL=20260322T160000Z"), "2026-03-22", 18, OPEN),
        (SUNDAY_EVENING.replace("SU", "SU;COUNT=12"), "2026-03-22", 18, OPEN),
        (SUNDAY_EVENING.replace("SU", "SU;COUNT=11"), "2026-03-22", 18, CLOSED),
        (SUNDAY_EVENING.replace("SU", "SU;INTERVAL=2"), "2026-03-22", 18, CLOSED),
        (SUNDAY_EVENING.replace("SU", "SU;INTERVAL=2"), "2026-03-29", 18, OPEN),
        # two events, and a line that is folded
        (SUNDAY_EVENING + "\nDTSTART:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEE\n KLY", "2026-03-23", 9, OPEN),
        ("DTSTART:20260104T160000Z\nDURATION:PT1H", "2026-01-04", 18, OPEN),
        ("DTSTART;TZID=America/New_York:20260104T110000\nDURATION:PT1H", "2026-01-04", 18, OPEN),
        ("DTSTART;VALUE=DATE:20260104\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1", "2026-03-31", 23, OPEN),
        ("DTSTART;VALUE=DATE:20260104\nDTEND;VALUE=DATE:20260106", "2026-01-05", 23, OPEN),
        ("DTSTART:20260102T220000\nDTEND:20260103T060000\nRRULE:FREQ=WEEKLY;BYDAY=FR", "2026-03-28", 5, OPEN),
        ("DTSTART:20200131T220000\nDURATION:P1D\nRRULE:FREQ=MONTHLY", "2026-03-31", 22, OPEN),
        ("DTSTART:20200229T100000\nDURATION:PT1H\nRRULE:FREQ=YEARLY", "2024-02-29", 10, OPEN),
        # where both are given the schedule counts: the pantry in a library
        ("nonsense", "2026-03-22", 18, UNKNOWN),
    ],
)
def test_schedules(schedule: str, day: str, hour: int, found: Opening) -> None:
    assert at(day, hour, schedule=schedule, opening_hours="24/7") is found


BOMBS = [
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=SECONDLY",
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=MINUTELY",
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=HOURLY",
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYHOUR=0,1,2;BYMINUTE=0,1,2;BYSECOND=0,1,2",
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=DAILY;COUNT=1000;BYMONTH=2;BYMONTHDAY=30",
    "DTSTART:20000104T000000\nDURATION:PT1S\nRRULE:FREQ=DAILY;COUNT=1;INTERVAL=7;BYDAY=MO",
    # rules that never come true, for which a search would go on to the year 9999
    *(
        f"DTSTART:20060124T000000\nDURATION:PT1S\nRRULE:FREQ={never}"
        for never in (
            "DAILY;BYMONTH=2;BYMONTHDAY=30",
            "DAILY;INTERVAL=7;BYDAY=MO",
            "DAILY;INTERVAL=365;BYMONTH=6",
            "WEEKLY;BYMONTHDAY=32",
            "WEEKLY;BYDAY=5MO",
            "WEEKLY;INTERVAL=773;BYMONTH=3",
            "MONTHLY;BYMONTH=2;BYMONTHDAY=30",
            "MONTHLY;INTERVAL=12;BYMONTHDAY=30",
            "MONTHLY;BYDAY=6MO",
            "MONTHLY;INTERVAL=12;BYDAY=5MO",
            "MONTHLY;BYDAY=MO;BYMONTHDAY=13",
            "MONTHLY;BYDAY=MO;BYSETPOS=6",
            "YEARLY;BYMONTH=2;BYMONTHDAY=-30",
            "YEARLY;BYWEEKNO=0",
            "YEARLY;BYYEARDAY=367",
            "YEARLY;BYDAY=53MO",
            "YEARLY;BYMONTH=13",
            "YEARLY;BYMONTH=0",
        )
    ),
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=YEARLY;COUNT=1;BYDAY=60MO",
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=DAILY;COUNT=99999999999999999999",
    "DTSTART:20000101T000000\nDURATION:PT1S\nRRULE:FREQ=DAILY;INTERVAL=0",
    "DTSTART:20000101T000000\nDURATION:P99W\nRRULE:FREQ=DAILY",
    "DTSTART:00010101T000000\nDURATION:PT1H\nRRULE:FREQ=DAILY",
    "DTSTART:20000101T000000\nDURATION:PT1H\nRRULE:FREQ=DAILY\nRRULE:FREQ=DAILY",
    "DTSTART:20000101T000000\nDURATION:PT1H\n" * (MAX_EVENTS + 1),
    "DTSTART:20000101T000000\nDURATION:PT1H\nRDATE:" + ",".join(["20000102"] * 50),
    "DTSTART:20000101T000000\nDURATION:PT1H" + "\nEXDATE:20000102T000000" * 101,
    "x" * 100_000,
]
BAD = [
    "", "RRULE:FREQ=DAILY", "DTSTART:20260101T180000", "DTSTART:20261301T180000\nDURATION:PT1H",
    "DTSTART:20260101T180000\nDURATION:PT", "DTSTART:20260101T180000\nDURATION:P",
    "DTSTART:20260101T180000\nDURATION:-PT1H",
    "DTSTART:20260101T180000\nDURATION:PT0S", "DTSTART:20260101T180000\nDTEND:20260101T170000",
    "DTSTART:20260101T180000\nDTEND:20260102", "DTSTART:20260101T180000\nDURATION:PT1H\nDTEND:20260101T190000",
    "DTSTART;TZID=Moon/Base:20260101T180000\nDURATION:PT1H",
    "DTSTART;TZID=../../etc/passwd:20260101T180000\nDURATION:PT1H",
    "DTSTART:20260101T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=XX",
    "DTSTART:20260101T180000\nDURATION:PT1H\nRRULE:BYDAY=MO", "DTSTART:20260101T180000\nDURATION:PT1H\nX-NAME:1",
    "DTSTART:20260101T180000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=soon",
    "DTSTART:20260101T180000\nDURATION:PT1H\nRRULE:FREQ=DAILY;FREQ=WEEKLY",
]  # fmt: skip


@pytest.mark.parametrize("schedule", [*BOMBS, *BAD])
def test_a_schedule_that_would_burn_time_or_says_nothing_is_refused(schedule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_schedule(schedule, HELSINKI)
    assert refused.value.field == "schedule"
    assert at("2026-03-22", 18, schedule=schedule) is UNKNOWN


def test_a_rule_is_walked_through_only_near_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.analysis import schedule as module

    walked, steps = module._rule, []

    def count(*given: object) -> object:
        for begin in walked(*given):  # type: ignore[arg-type]
            steps.append(begin)
            yield begin

    monkeypatch.setattr(module, "_rule", count)
    events = read_schedule("DTSTART:20000101T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY", HELSINKI)
    steps.clear()
    assert list(events[0].spans(hour_of("2099-06-01", 10)))
    assert len(steps) < 20


PLACES = st.sampled_from(["", "1", "-1", "4", "5", "-5", "6", "53"])
DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Any rule made of parts that RFC 5545 knows, most of them refused."""
    few = {
        "INTERVAL": st.integers(1, 1000).map(str),
        "BYDAY": st.lists(st.tuples(PLACES, DAYS).map("".join), min_size=1, max_size=3).map(",".join),
        "BYMONTHDAY": st.integers(-31, 31).map(str),
        "BYMONTH": st.integers(0, 13).map(str),
        "BYSETPOS": st.integers(-6, 6).map(str),
    }  # fmt: skip
    chosen = draw(st.sets(st.sampled_from(sorted(few)), max_size=3))
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    start = draw(st.dates(date(2000, 1, 1), date(2026, 12, 31)))
    parts = "".join(f";{name}={draw(few[name])}" for name in sorted(chosen))
    return f"DTSTART:{start:%Y%m%d}T100000\nDURATION:PT1H\nRRULE:FREQ={freq}{parts}"


@given(rules())
def test_a_rule_that_is_taken_comes_true_before_long(written: str) -> None:
    try:
        (event,) = read_schedule(written, HELSINKI)
    except InvalidInput:
        return
    every = int((event.rule or {}).get("INTERVAL", "1"))
    ahead = rrulestr(written.splitlines()[-1], dtstart=event.start).after(event.start)
    assert ahead is not None
    assert ahead.year - event.start.year <= 8 * every


@given(st.text(max_size=40) | st.text(alphabet='0123456789:-,;+|/ ()[]MoTuSAFPHoffeaster"', max_size=60))
def test_opening_hours_never_raise_out(written: str) -> None:
    assert at("2026-03-23", 12, opening_hours=written) in Opening


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "DTSTART:20260104T180000", "DTSTART;VALUE=DATE:20260104", "DURATION:PT3H", "DURATION:P2D",
                "DTEND:20260104T190000", "RRULE:FREQ=WEEKLY;BYDAY=SU", "RRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU",
                "RRULE:FREQ=YEARLY;BYWEEKNO=60", "RRULE:FREQ=MONTHLY;BYDAY=9SU", "RDATE:20260104T180000Z",
                "EXDATE:20260104T180000", "RRULE:FREQ=WEEKLY;BYDAY=1SU;WKST=ZZ", "RRULE:FREQ=DAILY;BYMONTHDAY=0",
            ]
        ),
        max_size=6,
    ).map("\n".join)
)  # fmt: skip
def test_schedules_never_raise_out(written: str) -> None:
    assert at("2026-03-22", 18, schedule=written) in Opening


@given(
    st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1),
    st.integers(0, 20), st.integers(1, 4), st.dates(date(2026, 1, 12), date(2027, 12, 31)), st.integers(0, 23),
)  # fmt: skip
def test_a_weekly_schedule_and_the_same_opening_hours_agree(
    days: set[str], first: int, lasts: int, day: date, hour: int
) -> None:
    """Two libraries that know nothing of each other read the same week, the days the clock jumps aside."""
    offsets = {datetime.combine(day + timedelta(n), time(12), HELSINKI).utcoffset() for n in (-1, 0, 1)}
    if len(offsets) > 1 or first + lasts > 23:
        return
    names = ",".join(sorted(name.title() for name in days))
    written = f"{names} {first:02d}:00-{first + lasts:02d}:00"
    schedule = (
        f"DTSTART:20260105T{first:02d}0000\nDURATION:PT{lasts}H\nRRULE:FREQ=WEEKLY;BYDAY={','.join(sorted(days))}"
    )
    found = at(day.isoformat(), hour, schedule=schedule)
    assert found is at(day.isoformat(), hour, opening_hours=written)
    plain = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()] in days and first <= hour < first + lasts
    assert found is (OPEN if plain else CLOSED)


def test_opening_hours_that_cannot_be_read_are_refused_by_name() -> None:
    check_opening_hours("Mo-Fr 10:00-17:00")
    for text in ("", "ask at the door", "x" * 2000):
        with pytest.raises(InvalidInput) as refused:
            check_opening_hours(text)
        assert refused.value.field == "opening_hours"
        assert "ask" not in str(refused.value)


@pytest.mark.parametrize("days", [0, -1, 40])
def test_a_window_ends_after_it_starts_and_is_short(days: int) -> None:
    start = datetime(2026, 3, 23, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        is_open(Hours(HELSINKI), Window(start, start + timedelta(days=days)))
    with pytest.raises(InvalidInput):
        Window(start.replace(tzinfo=None), start)
