"""Gaps by time slot: hours of a week, masked reach, and counts, against a tiny matching and by hand."""

from __future__ import annotations

from datetime import date, datetime
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis import slots
from geo.analysis.gaps import allocate
from geo.analysis.opening import CLOSED, OPEN, UNKNOWN
from geo.analysis.reach import reached_of
from geo.analysis.slot_words import Named, describe, find_worst, when
from geo.analysis.slots import SlotCounts, count_slots, serve_slots, week_of
from geo.domain.words import Category
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from geo.analysis.slots import SlotOutcome

HELSINKI = ZoneInfo("Europe/Helsinki")
MONDAY = date(2026, 6, 1)


class Case(NamedTuple):
    pairs: list[tuple[int, int, bool]]
    capacity: list[int]
    opening: Any
    group: list[int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    n, m, s = draw(st.integers(0, 6)), draw(st.integers(0, 4)), draw(st.integers(1, 5))
    pairs = [(i, j, draw(st.booleans())) for i, j in product(range(n), range(m)) if draw(st.booleans())]
    opening = draw(
        st.lists(st.lists(st.sampled_from([CLOSED, UNKNOWN, OPEN]), min_size=s, max_size=s), min_size=m, max_size=m)
    )
    capacity = draw(st.lists(st.integers(0, 2), min_size=m, max_size=m))
    group = draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    return Case(pairs, capacity, np.array(opening, dtype=np.int8).reshape(m, s), group)


def serve(case: Case) -> SlotOutcome:
    n, m = len(case.group), len(case.capacity)
    row, column, sure = (np.array([pair[k] for pair in case.pairs]) for k in range(3))
    reached = reached_of(row.astype(np.int64), column.astype(np.int64), sure.astype(bool), (n, m))
    kind = np.arange(n)
    fits = np.zeros((n, m), dtype=bool)
    fits[row.astype(np.int64), column.astype(np.int64)] = True
    return serve_slots(reached, np.array(case.capacity, np.int64), np.arange(n), case.opening, fits, kind)


def greedy(edges: list[set[int]], capacity: list[int]) -> list[bool]:
    """Admit needs one by one, each if all admitted so far can be served together, found by trying everything."""
    admitted: list[int] = []
    for need in range(len(edges)):
        wanted = [*admitted, need]
        for choice in product(*(sorted(edges[i]) for i in wanted)):
            if all(choice.count(place) <= capacity[place] for place in set(choice)):
                admitted = wanted
                break
    return [need in admitted for need in range(len(edges))]


@given(cases())
def test_each_slot_is_served_as_brute_force_serves_it(case: Case) -> None:
    outcome = serve(case)
    for slot in range(case.opening.shape[1]):
        row = outcome.of_slot[slot]
        is_open = case.opening[:, slot]
        sure: list[set[int]] = [set() for _ in case.group]
        best: list[set[int]] = [set() for _ in case.group]
        for need, place, surely in case.pairs:
            if is_open[place] != CLOSED:
                best[need].add(place)
            if is_open[place] == OPEN and surely:
                sure[need].add(place)
        assert outcome.sure[row].tolist() == greedy(sure, case.capacity)
        assert outcome.best[row].tolist() == greedy(best, case.capacity)
        assert outcome.surely_within[row].tolist() == [bool(places) for places in sure]
        assert outcome.within[row].tolist() == outcome.anywhere[row].tolist() == [bool(places) for places in best]


@given(cases())
def test_demand_is_covered_plus_gap_in_every_slot_and_group(case: Case) -> None:
    counts = count_slots(serve(case), np.array(case.group, dtype=np.int64), 3)
    assert counts.demand.tolist() == [case.group.count(g) for g in range(3)]
    assert counts.covered.shape == (case.opening.shape[1], 3)
    assert (counts.covered + counts.gap == counts.demand).all()
    assert (counts.covered >= 0).all()
    assert (counts.covered <= counts.covered_best).all()
    assert (counts.covered_best <= counts.demand).all()
    assert (counts.without <= counts.isolated).all()
    assert (counts.isolated <= counts.unsure).all()
    assert (counts.unsure <= counts.gap).all()


@given(cases(), st.randoms())
def test_more_open_places_never_widen_a_gap(case: Case, chance: Any) -> None:
    wider = case.opening.copy()
    for spot in np.ndindex(*wider.shape):
        if chance.random() < 0.5:
            wider[spot] = OPEN
    few, many = serve(case), serve(case._replace(opening=wider))
    for slot in range(case.opening.shape[1]):
        before, after = few.sure[few.of_slot[slot]], many.sure[many.of_slot[slot]]
        # not only fewer: nobody who was served goes without, so no group's gap widens either
        assert not (before & ~after).any()


def test_slots_with_the_same_open_places_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def count(*given: Any) -> Any:
        asked.append(1)
        return allocate(*given)

    monkeypatch.setattr(slots, "allocate", count)
    opening = np.array([[OPEN, CLOSED] * 84], dtype=np.int8)
    outcome = serve(Case([(0, 0, True)], [1], opening, [0]))
    assert len(asked) == 4
    assert outcome.sure[outcome.of_slot][:, 0].tolist() == [True, False] * 84


def test_too_much_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MAX_WORK", 1)
    with pytest.raises(InvalidInput):
        serve(Case([(0, 0, True)], [1], np.array([[OPEN, CLOSED]], dtype=np.int8), [0]))


@pytest.mark.parametrize(
    ("monday", "hours", "lasts"), [(MONDAY, 168, 1), (date(2026, 3, 23), 167, 1), (date(2026, 10, 19), 168, 2)]
)
def test_a_week_has_the_hours_its_clock_shows(monday: date, hours: int, lasts: int) -> None:
    week = week_of(monday, HELSINKI)
    assert len(week.start) == len(set(zip(week.weekday.tolist(), week.hour.tolist(), strict=True))) == hours
    assert max(week.end - week.start) == lasts * 3600
    assert (week.start[1:] == week.end[:-1]).all()
    for weekday, hour, start in zip(week.weekday, week.hour, week.start, strict=True):
        shown = datetime.fromtimestamp(start, HELSINKI)
        assert (shown.weekday(), shown.hour, shown.minute) == (weekday, hour, 0)


def test_a_week_begins_on_monday() -> None:
    with pytest.raises(InvalidInput):
        week_of(date(2026, 6, 2), HELSINKI)


SUNDAY_EVENING, SATURDAY = {(6, "evening")}, {(5, "morning"), (5, "afternoon"), (5, "evening")}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (SUNDAY_EVENING, "on Sunday evening"),
        (SATURDAY, "on Saturday"),
        (SUNDAY_EVENING | SATURDAY, "on Saturday and on Sunday evening"),
        ({(day, "evening") for day in range(5)}, "in the evening on weekdays"),
        ({*product((5, 6), ("morning", "afternoon"))}, "in the morning and afternoon at the weekend"),
        ({(day, "morning") for day in (1, 2, 3)}, "in the morning from Tuesday to Thursday"),
        ({(day, "morning") for day in (0, 2)}, "in the morning on Monday and Wednesday"),
        ({(day, part) for day in range(7) for part in ("morning", "afternoon", "evening")}, "on any day"),
    ],
)  # fmt: skip
def test_when_is_said_as_people_say_it(parts: set[tuple[int, str]], said: str) -> None:
    assert when(parts) == said


@pytest.mark.parametrize(
    ("category", "group", "by", "said"),
    [
        (Category.TRANSPORT, "ar", "language", "Arabic-speaking driver"),
        (Category.FOOD, "not_stated", "language", "help with food for households that named no language"),
        (Category.FOOD, "wheelchair", "access", "help with food for a household with a wheelchair"),
        (Category.HOUSEHOLD, "all", "none", "help in the household"),
        (Category.MEDICINE, "critical", "urgency", "help with medicine for needs of critical urgency"),
    ],
)
def test_a_group_is_called_what_it_wants(category: Category, group: str, by: Any, said: str) -> None:
    assert describe(Named(category, group), by) == said


def counts_of(demand: int, **tables: Any) -> SlotCounts:
    week = week_of(MONDAY, HELSINKI)
    zeros = np.zeros((len(week.hour), 1), dtype=np.int64)
    return SlotCounts(np.array([demand]), *(tables.get(name, zeros) for name in SlotCounts._fields[1:]))


def test_the_worst_is_a_sentence() -> None:
    week = week_of(MONDAY, HELSINKI)
    nobody = ((week.weekday == 6) & (week.hour >= 18)).astype(np.int64)[:, None] * 4
    served = 4 - nobody - ((week.weekday == 0) & (week.hour == 9)).astype(np.int64)[:, None]
    counts = counts_of(4, covered=served, covered_best=served, without=nobody, isolated=nobody, unsure=nobody)
    (gap,) = find_worst(week, counts, [Named(Category.TRANSPORT, "ar")], by="language", minutes="5 minutes on foot")
    assert gap.sentence == "No Arabic-speaking driver on Sunday evening."
    assert (gap.demand, gap.gap, gap.hours) == (4, 4, 4)


def test_what_is_only_not_known_is_said_to_be_not_known() -> None:
    week = week_of(MONDAY, HELSINKI)
    unsure = np.full((len(week.hour), 1), 2, dtype=np.int64)
    counts = counts_of(2, unsure=unsure)
    (gap,) = find_worst(week, counts, [Named(Category.FOOD, "all")], by="none", minutes="5 minutes on foot")
    assert gap.sentence == "No help with food is known to be there within 5 minutes on foot on any day."
    far = find_worst(
        week,
        counts_of(2, unsure=unsure, isolated=unsure),
        [Named(Category.FOOD, "all")],
        by="none",
        minutes="5 minutes",
    )
    assert [gap.sentence for gap in far] == ["No help with food within 5 minutes on any day."]


def test_where_some_are_helped_the_sentence_says_how_many_go_without_in_each_hour() -> None:
    week = week_of(MONDAY, HELSINKI)
    gap = np.where((week.weekday == 2) & (week.hour >= 12), 3 + (week.hour == 13), 1)[:, None]
    (worst,) = find_worst(
        week, counts_of(5, covered=5 - gap), [Named(Category.TRANSPORT, "all")], by="none", minutes="5 minutes on foot"
    )
    assert worst.sentence == "3 of 5 needs go without a driver on Wednesday afternoon."
    assert (worst.gap, worst.hours) == (3, 6)
