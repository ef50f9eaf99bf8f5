"""Matching against every way there is, and against a published optimum."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis.access.pairs import CostPairs
from geo.analysis.matching import ALL_TAKEN, NO_ROOM, NOBODY, match
from geo.errors import InvalidInput

from tests.geo.analysis.references import REFERENCE, needs_reference


@st.composite
def cases(draw: st.DrawFn) -> tuple[CostPairs, np.ndarray]:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    every = [(i, j) for i in range(n) for j in range(m)]
    chosen = every if draw(st.booleans()) else draw(st.lists(st.sampled_from(every), unique=True))
    cost = draw(st.lists(st.integers(0, 9), min_size=len(chosen), max_size=len(chosen)))
    pairs = CostPairs.check([i for i, _ in chosen], [j for _, j in chosen], cost, demand_count=n, supply_count=m)
    return pairs, np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)))


def by_brute_force(pairs: CostPairs, room: np.ndarray) -> tuple[int, float]:
    table = np.full((pairs.demand_count, pairs.supply_count), np.inf)
    table[pairs.demand, pairs.supply] = pairs.cost
    best = (0, 0.0)
    for way in product(range(-1, pairs.supply_count), repeat=pairs.demand_count):
        taken = [(i, j) for i, j in enumerate(way) if j >= 0]
        load = np.bincount([j for _, j in taken], minlength=pairs.supply_count)
        cost = sum(table[i, j] for i, j in taken)
        if (load <= room).all() and np.isfinite(cost):
            best = min(best, (-len(taken), cost))
    return -best[0], best[1]


@given(cases())
@settings(deadline=None, max_examples=150)
def test_the_most_at_the_least_cost_is_that_of_brute_force(case: tuple[CostPairs, np.ndarray]) -> None:
    pairs, capacity = case
    for room, asked in ((capacity, capacity), (np.ones(pairs.supply_count, int), None)):
        served, cost = by_brute_force(pairs, room)
        found = match(pairs, asked)
        assert len(found.need) == served
        assert found.objective == pytest.approx(cost)
        assert len(set(found.need.tolist())) == served
        assert (np.bincount(found.helper, minlength=pairs.supply_count) <= room).all()
        there = set(zip(pairs.demand.tolist(), pairs.supply.tolist(), pairs.cost.tolist(), strict=True))
        assert set(zip(found.need.tolist(), found.helper.tolist(), found.cost.tolist(), strict=True)) <= there
        assert sorted([*found.need.tolist(), *(i for i, _ in found.unmatched)]) == list(range(pairs.demand_count))


def test_each_need_that_is_left_says_why() -> None:
    pairs = CostPairs.check([0, 1, 2], [0, 0, 1], [3.0, 2.0, 1.0], demand_count=4, supply_count=2)
    found = match(pairs, [1, 0])
    assert (found.need.tolist(), found.helper.tolist(), found.objective) == ([1], [0], 2.0)
    assert found.unmatched == ((0, ALL_TAKEN), (2, NO_ROOM), (3, NOBODY))


def assignment(number: int) -> CostPairs:
    count, *cost = (int(word) for word in (REFERENCE / "orlib" / f"assign{number}.txt").read_text().split())
    row, column = (one.ravel() for one in np.indices((count, count)))
    return CostPairs.check(row, column, cost, demand_count=count, supply_count=count)


@needs_reference
def test_the_published_assignment_is_found() -> None:
    pairs = assignment(100)
    found = match(pairs)
    assert (found.objective, len(found.need), found.unmatched) == (305.0, 100, ())
    # the same as a flow: one more helper, whom nobody can take
    more = CostPairs(pairs.demand, pairs.supply, pairs.cost, 100, 101)
    assert match(more, np.ones(101)).objective == 305.0


@pytest.mark.parametrize("wrong", [[-1, 1], [0.5, 1], [1], [float("nan"), 1]])
def test_capacities_that_are_none_are_refused(wrong: list[float]) -> None:
    pairs = CostPairs.check([0], [1], [1.0], demand_count=1, supply_count=2)
    with pytest.raises(InvalidInput) as refused:
        match(pairs, wrong)
    assert refused.value.field == "capacity"
