"""Gaps by hour of the network's own needs, against coverage in single hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo.analysis.suiting import NO_LANGUAGE, NO_WAY_IN, suits_of
from geo.analysis.travel import StraightLineTravel
from geo.domain.hours import Window
from geo.domain.place import Point
from geo.domain.words import Access, Category, Mode, Urgency
from geo.errors import InvalidInput
from geo.store.coverage import Question, compute_coverage
from geo.store.demand import list_demand
from geo.store.engine import make_sessions
from geo.store.network import set_speech
from geo.store.slots import MOST_LANGUAGES, compute_slots
from geo.store.supply import list_supply
from geo.store.unsuited import count_unsuited_needs

from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geo.domain.slots import SlotReport

    from tests.conftest import DemoCity

MODEL = StraightLineTravel()
WEEK = date(2026, 6, 3)
SUNDAYS = "DTSTART:20260104T180000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU"


def compute(session: Session, **options: Any) -> SlotReport:
    given: dict[str, Any] = {"model": MODEL, "standard_min": 5.0, "day": WEEK} | options
    return compute_slots(session, **given)


def gaps(report: SlotReport, **where: Any) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for row in report.rows:
        if all(getattr(row, name) == value for name, value in where.items()):
            spot = row.weekday, row.hour
            found[spot] = found.get(spot, 0) + row.totals.gap
    return found


def test_no_arabic_speaking_driver_on_sunday_evening(session: Session) -> None:
    for languages in (("ar",), ("ar", "en"), ("fi",)):
        add_need(session, category=Category.TRANSPORT, languages=languages)
    always = "DTSTART:20251201T000000\nDURATION:P1D\nRRULE:FREQ=DAILY"
    days = "DTSTART:20251201T000000\nDURATION:PT18H\nRRULE:FREQ=WEEKLY;BYDAY=SU"
    but_sunday_evening = f"{always};BYDAY=MO,TU,WE,TH,FR,SA\n{days}"
    for speaks, free in (("ar", but_sunday_evening), ("fi", always)):
        can = {"categories": (Category.TRANSPORT,), "capacity_per_week": 9}
        add_helper(session, languages=(speaks,), availability=free, **can)
    found = compute(session, group_by="language")
    assert [gap.sentence for gap in found.worst] == ["No Arabic-speaking driver on Sunday evening."]
    assert gaps(found, group="ar")[6, 19] == 2
    assert gaps(found, group="ar")[6, 17] == gaps(found, group="fi")[6, 19] == 0
    assert found.week_of == date(2026, 6, 1)


def fill(session: Session, *, seed: int) -> None:
    rng = np.random.default_rng(seed)
    speech = [("fi",), ("ar",), ("sv", "fi"), ()]
    hours = ["24/7", "Mo-Fr 10:00-17:00", "Sa,Su 08:00-12:00", None, "unreadable"]
    for index in range(40):
        at = Point(HELSINKI.lon + rng.normal(0, 0.008), HELSINKI.lat + rng.normal(0, 0.004))
        add_need(
            session, at, category=list(Category)[rng.integers(3)], languages=speech[rng.integers(4)],
            access=(Access.WHEELCHAIR,) if rng.random() < 0.2 else (), urgency=list(Urgency)[rng.integers(4)],
        )  # fmt: skip
        if index % 3 == 0:
            categories = tuple({list(Category)[rng.integers(3)] for _ in range(2)})
            add_asset(
                session, at, categories=categories, opening_hours=hours[rng.integers(5)], source_ref=str(index),
                capacity_per_week=int(rng.integers(1, 4)), languages=speech[rng.integers(4)],
            )  # fmt: skip
        if index % 5 == 0:
            add_helper(session, at, availability=SUNDAYS if rng.random() < 0.5 else None, capacity_per_week=2)


@pytest.mark.parametrize("seed", [0, 1])
def test_each_hour_is_what_coverage_says_of_that_hour(session: Session, seed: int) -> None:
    with operator(session):
        set_speech(session, time_zone="Europe/Helsinki", languages=["fi"])
    fill(session, seed=seed)
    found = compute(session)
    zone = 3
    for weekday, hour in ((0, 9), (0, 10), (2, 16), (2, 17), (5, 8), (5, 11), (6, 3), (6, 18), (6, 20), (6, 21)):
        start = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=weekday, hours=hour - zone)
        window = Window(start, start + timedelta(hours=1))
        totals = compute_coverage(session, Question(MODEL, 5.0, window=window)).totals
        slot = {r.category: r.totals for r in found.rows if (r.weekday, r.hour) == (weekday, hour)}
        assert {c: (t.demand, t.covered, t.covered_best) for c, t in slot.items()} == {
            c: (t.demand, t.covered, t.covered_best) for c, t in totals.items()
        }


@pytest.mark.parametrize("by", ["none", "language", "access", "urgency"])
def test_groups_add_up_to_all_in_every_hour(session: Session, by: Any) -> None:
    fill(session, seed=2)
    everybody, grouped = compute(session), compute(session, group_by=by)
    assert len(gaps(everybody)) == 168
    assert gaps(grouped) == gaps(everybody)
    assert sum(r.totals.demand for r in grouped.rows) == 168 * everybody.balance.mapped
    assert all(r.totals.covered + r.totals.gap == r.totals.demand for r in grouped.rows)
    only = compute(session, group_by=by, category=Category.FOOD)
    assert list(only.rows) == [r for r in grouped.rows if r.category is Category.FOOD]
    assert only.solved == everybody.solved < 168


def test_the_rarest_languages_are_one_group(session: Session) -> None:
    codes = [f"x{letter}" for letter in "abcdefghijkl"]
    for code in codes:
        add_need(session, languages=(code,))
    add_need(session, languages=("xa",))
    add_need(session)
    groups = {row.group for row in compute(session, group_by="language").rows}
    assert groups == {*codes[:MOST_LANGUAGES], "others", "not_stated"}


def test_without_needs_or_help_there_are_no_rows_or_nothing_is_covered(session: Session) -> None:
    assert compute(session).rows == ()
    add_need(session)
    found = compute(session)
    assert set(gaps(found).values()) == {1}
    assert [gap.sentence for gap in found.worst] == ["No help with food on any day."]
    assert (found.by_day, found.by_hour) == ((1.0,) * 7, (1.0,) * 24)


def test_what_is_never_open_is_counted(session: Session) -> None:
    add_need(session)
    add_asset(session, opening_hours="off", source_ref="1")
    add_asset(session, opening_hours="unreadable", source_ref="2")
    add_helper(session, availability="DTSTART:20200101T100000\nDURATION:PT1H")
    assert compute(session).excluded_supply == {
        "asset closed all week": 1, "asset hours not known": 1, "helper closed all week": 1,
    }  # fmt: skip


@pytest.mark.parametrize("bad", [{"standard_min": 0}, {"standard_min": 1e9}, {"group_by": "shoe_size"}])
def test_refuses_what_makes_no_sense(session: Session, bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        compute(session, **bad)


@pytest.fixture
def stored(demo_city: DemoCity) -> Iterator[Session]:
    with make_sessions(demo_city.engine)() as session:
        yield session


def test_the_demonstration_has_a_gap_in_time(stored: Session) -> None:
    found = compute(stored, group_by="language")
    assert found.time_zone == "Europe/Helsinki"
    assert found.by_day[6] > found.by_day[1]
    assert any(gap.sentence.startswith("No Arabic-speaking") for gap in found.worst)
    assert any("evening" in gap.sentence for gap in found.worst)


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.WHEELCHAIR])
def test_what_suits_nobody_is_counted_as_if_need_by_need(session: Session, mode: Mode) -> None:
    with operator(session):
        set_speech(session, languages=["sv"])
    fill(session, seed=3)
    helping = list_supply(session)
    expected: dict[Category, dict[str, int]] = {}
    for asked in list_demand(session, by="hex", mode=mode):
        suits = suits_of([asked.asks], [h.offers for h in helping if asked.category in h.categories])
        if suits.sure.any() or not suits.sure.size:
            continue
        speaks = suits_of([replace(asked.asks, wheelchair=False)], [h.offers for h in helping]).best.any()
        word = NO_WAY_IN if speaks else NO_LANGUAGE
        expected.setdefault(asked.category, {}).setdefault(word, 0)
        expected[asked.category][word] += 1
    assert expected
    assert count_unsuited_needs(session, helping, mode=mode) == expected
    for category in Category:
        only = {category: expected[category]} if category in expected else {}
        assert count_unsuited_needs(session, helping, mode=mode, category=category) == only
