"""Texts have room for nothing about anybody, and quiet hours hold whatever the clock does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from string import Formatter
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.message_texts import FIELDS, TEXTS, Template, check_parameters, choose_language, fields_of, write_text
from geo.domain.messages import Preference, QuietHours
from geo.errors import InvalidInput

LINK = "https://example.org/help/Ab3_x-9#t0ken"
GIVEN = {"link": LINK, "count": 3, "at": "2026-03-29T06:30:00+00:00"}
MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware at once
# zones whose clocks once stood by less than a minute did so before 2000
ZONES = st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone))


def test_no_text_has_a_field_for_an_address_or_a_need() -> None:
    assert set(FIELDS) == {"link", "count", "at"}
    assert set(TEXTS) == set(Template)
    for template, texts in TEXTS.items():
        assert set(texts) == {"en", "fi", "sv", "es", "ar", "so", "uk"}
        for text in texts.values():
            named = [name for _, name, form, change in Formatter().parse(text) if name is not None]
            assert all(form in ("", None) and change is None for _, _, form, change in Formatter().parse(text))
            assert set(named) == fields_of(template) <= set(FIELDS)
            assert len(named) == len(set(named))
            assert len(text) <= 160


@given(st.sampled_from(list(Template)), st.text(max_size=40), st.sampled_from(["link", "at", "count", "note"]))
def test_no_parameter_takes_words(template: Template, typed: str, name: str) -> None:
    parameters = {field: GIVEN[field] for field in fields_of(template)} | {name: f"Mannerheimintie 5 {typed}"}
    with pytest.raises(InvalidInput) as refused:
        check_parameters(template, parameters)
    assert "Mannerheimintie" not in str(refused.value)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/?q=Mannerheimintie",
        "https://example.org/a b",
        "javascript:alert(1)",
        "https://user:secret@example.org/",
        "https://example.org/%20",
        "https://example.org/" + "a" * 300,
        "/help/x",
        "https://example.org/x\n",
    ],
)
def test_a_link_with_room_for_words_is_refused(link: str) -> None:
    with pytest.raises(InvalidInput):
        check_parameters(Template.NEED_DONE, {"link": link})


@pytest.mark.parametrize("count", [True, -1, 1.5, "3", 100_001])
def test_a_number_is_a_number(count: object) -> None:
    with pytest.raises(InvalidInput):
        check_parameters(Template.ORGANIZER_WAITING, {"link": LINK, "count": count})


def test_every_text_can_be_written_in_every_language() -> None:
    for template, texts in TEXTS.items():
        checked = check_parameters(template, {name: GIVEN[name] for name in fields_of(template)})
        told = {write_text(template, checked, language=lang, time_zone="Europe/Helsinki") for lang in texts}
        assert len(told) == len(texts)
        assert all("{" not in text for text in told)
        assert all(("09:30" in text) == ("at" in checked) for text in told)


@given(st.sampled_from(list(Template)), INSTANTS, st.integers(0, 100_000), st.sampled_from(["ar", "so", "uk", "fi"]))
def test_no_mark_of_direction_touches_a_link_and_a_time_keeps_its_order(
    template: Template, at: datetime, count: int, language: str
) -> None:
    given = {"link": LINK, "count": count, "at": at}
    checked = check_parameters(template, {name: given[name] for name in fields_of(template)})
    text = write_text(template, checked, language=language, time_zone="UTC")
    if "link" in checked:
        # nothing but a space before it and nothing behind it: whatever finds links in a text finds this one whole
        assert text.endswith(f" {LINK}")
    isolated = re.findall("\u2066(.*?)\u2069", text)
    assert isolated == ([f"{at:%Y-%m-%d %H:%M}"] if "at" in checked and language == "ar" else [])
    assert not set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2067\u2068") & set(text)


def test_a_language_without_texts_falls_back_to_english() -> None:
    assert choose_language([None, "ja", "fi-FI", "sv"]) == "fi"
    assert choose_language(["ja", "et"]) == "en"
    text = write_text(Template.HELPER_RELEASED, {}, language="ja", time_zone="UTC")
    assert text == TEXTS[Template.HELPER_RELEASED]["en"]


@given(INSTANTS, MINUTES, MINUTES, ZONES)
def test_quiet_hours_end_at_the_first_minute_that_is_not_quiet(
    instant: datetime, start: time, end: time, zone: str
) -> None:
    if start == end:
        return
    quiet = QuietHours(start, end)
    over = quiet.over_at(instant, zone)
    assert over >= instant
    assert not quiet.cover(over, zone)
    minute = instant.replace(second=0, microsecond=0)
    while minute < over - timedelta(minutes=1):
        minute += timedelta(minutes=1)
        assert quiet.cover(minute, zone)
    assert (over == instant) == (not quiet.cover(instant, zone))


@pytest.mark.parametrize(
    ("instant", "over"),
    [
        # 22:00 to 07:00 in Helsinki: an hour shorter in the night of spring, and longer in autumn's
        ("2026-03-28T20:30:00+00:00", "2026-03-29T04:00:00+00:00"),
        ("2026-10-24T19:30:00+00:00", "2026-10-25T05:00:00+00:00"),
        ("2026-06-10T19:30:00+00:00", "2026-06-11T04:00:00+00:00"),
        ("2026-06-10T12:00:00+00:00", "2026-06-10T12:00:00+00:00"),
    ],
)
def test_the_clock_of_the_zone_counts(instant: str, over: str) -> None:
    quiet = QuietHours(time(22), time(7))
    assert quiet.over_at(datetime.fromisoformat(instant), "Europe/Helsinki") == datetime.fromisoformat(over)


def test_an_hour_that_comes_twice_is_quiet_twice_and_one_that_is_skipped_does_no_harm() -> None:
    zone, quiet = "Europe/Helsinki", QuietHours(time(3, 10), time(3, 20))
    first = datetime(2026, 10, 25, 3, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert quiet.cover(first, zone)
    assert quiet.cover(first + timedelta(hours=1), zone)
    assert quiet.over_at(first, zone) == first + timedelta(minutes=8)
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert QuietHours(time(2), time(3, 30)).over_at(before, zone) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_preferences_that_mean_nothing_are_refused() -> None:
    for start, end in ((time(7), time(7)), (time(7, 0, 1), time(8)), (time(7, tzinfo=UTC), time(8))):
        with pytest.raises(InvalidInput):
            QuietHours(start, end)
    with pytest.raises(InvalidInput):
        Preference(time_zone=f"Europe/{uuid4()}")
