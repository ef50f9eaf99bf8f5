"""Needs of a size against every possible choice, their bounds against the best, and their spread of load."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from geo.analysis.access.pairs import CostPairs
from geo.analysis.matching import ALL_TAKEN, NO_ROOM, NOBODY, match
from geo.analysis.sized import TOO_BIG, SizedMatching, match_sized
from geo.errors import InvalidInput


@st.composite
def cases(draw: st.DrawFn) -> tuple[CostPairs, list[int], list[int], int, int]:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    every = [(i, j) for i in range(n) for j in range(m)]
    chosen = every if draw(st.booleans()) else draw(st.lists(st.sampled_from(every), unique=True))
    cost = draw(st.lists(st.integers(0, 9), min_size=len(chosen), max_size=len(chosen)))
    pairs = CostPairs.check([i for i, _ in chosen], [j for _, j in chosen], cost, demand_count=n, supply_count=m)
    size = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    room = draw(st.lists(st.integers(0, 9), min_size=m, max_size=m))
    return pairs, size, room, draw(st.integers(1, 4)), draw(st.sampled_from([0, 0, 1, 5]))


def best_of_all(pairs: CostPairs, size: list[int], room: list[int], most_each: int, spread: int) -> tuple[int, float]:
    """Try every choice: the most needs, and of those the least cost."""
    table = dict(zip(zip(pairs.demand.tolist(), pairs.supply.tolist(), strict=True), pairs.cost.tolist(), strict=True))
    best = (0, 0.0)
    for way in product(range(-1, len(room)), repeat=len(size)):
        taken = [(i, j) for i, j in enumerate(way) if j >= 0]
        number = [way.count(j) for j in range(len(room))]
        load = [sum(size[i] for i, at in taken if at == j) for j in range(len(room))]
        fits = max(number) <= most_each and all(one <= most for one, most in zip(load, room, strict=True))
        if fits and all(pair in table for pair in taken):
            cost = sum(table[pair] for pair in taken) + sum(spread * k * (k - 1) / 2 for k in number)
            best = min(best, (-len(taken), cost))
    return -best[0], best[1]


def check_holds(found: SizedMatching, pairs: CostPairs, size: Any, room: Any, most_each: int) -> None:
    there = set(zip(pairs.demand.tolist(), pairs.supply.tolist(), pairs.cost.tolist(), strict=True))
    assert set(zip(found.need.tolist(), found.helper.tolist(), found.cost.tolist(), strict=True)) <= there
    assert sorted([*found.need.tolist(), *(i for i, _ in found.unmatched)]) == list(range(pairs.demand_count))
    number = np.bincount(found.helper, minlength=pairs.supply_count)
    load = np.bincount(found.helper, np.asarray(size, float)[found.need], pairs.supply_count)
    assert (load <= np.asarray(room) + 1e-6).all()
    assert (number <= most_each).all()


@settings(max_examples=200, deadline=None)
@given(cases())
def test_it_is_the_best_of_every_choice_and_says_so(case: tuple[CostPairs, list[int], list[int], int, int]) -> None:
    pairs, size, room, most_each, spread = case
    found = match_sized(pairs, size, room, most_each=most_each, spread=spread)
    served, cost = best_of_all(pairs, size, room, most_each, spread)
    assert (len(found.need), found.most) == (served, served)
    assert found.objective == pytest.approx(cost)
    assert found.bound == pytest.approx(cost)
    assert found.is_optimal
    check_holds(found, pairs, size, room, most_each)


def town(needs: int, helpers: int, seed: int, tight: float) -> tuple[CostPairs, np.ndarray, np.ndarray]:
    """Draw a full table where small costs go with big sizes, the hard case (Martello and Toth 1990, chapter 7)."""
    rng = np.random.default_rng(seed)
    row, column = (one.ravel() for one in np.indices((needs, helpers)))
    size = rng.integers(5, 26, needs)
    cost = np.maximum(0, 40 - size[row] + rng.integers(-8, 9, len(row)))
    room = np.full(helpers, np.floor(tight * size.sum() / helpers))
    return CostPairs.check(row, column, cost, demand_count=needs, supply_count=helpers), size, room


@pytest.mark.parametrize("tight", [0.7, 1.0, 1.4])
def test_a_town_keeps_between_its_relaxation_and_its_bound(tight: float) -> None:
    needs, helpers = 24, 4
    pairs, size, room = town(needs, helpers, 1, tight)
    found = match_sized(pairs, size, room, time_limit_s=4.0)
    check_holds(found, pairs, size, room, 1_000)
    each = np.arange(len(pairs.cost))
    sides = ((np.ones(len(each)), pairs.demand, needs), (size[pairs.demand], pairs.supply, helpers))
    sums = [sparse.csr_array((factor, (at, each)), shape=(count, len(each))) for factor, at, count in sides]
    relaxed = linprog(
        pairs.cost, A_ub=sparse.vstack(sums), b_ub=np.r_[np.ones(needs), room], A_eq=np.ones((1, len(each))),
        b_eq=[len(found.need)], bounds=(0, 1),
    )  # fmt: skip
    assert relaxed.fun <= found.bound + 1e-6 <= found.objective + 2e-6
    smallest = np.sort(size).cumsum() <= room.sum()
    assert len(found.need) <= found.most <= smallest.sum()


def test_a_run_that_is_cut_off_claims_no_more_than_it_knows() -> None:
    pairs, size, room = town(40, 6, 2, 0.95)
    cut = match_sized(pairs, size, room, time_limit_s=0.001)
    whole = match_sized(pairs, size, room, time_limit_s=3.0)
    check_holds(cut, pairs, size, room, 1_000)
    assert len(cut.need) <= whole.most <= cut.most
    if len(cut.need) == len(whole.need):
        assert cut.bound - 1e-6 <= whole.objective
    assert cut.is_optimal == (cut.most == len(cut.need) and cut.gap <= 1e-6)


def test_needs_of_one_size_are_those_of_a_flow() -> None:
    pairs, _, _ = town(30, 7, 3, 1.0)
    flow = match(pairs, np.full(7, 3))
    found = match_sized(pairs, np.full(30, 2.5), np.full(7, 9.9))
    assert (found.objective, found.most, found.is_optimal) == (flow.objective, 21, True)


def test_load_spreads_where_each_further_need_costs_more() -> None:
    pairs = CostPairs.check([0, 0, 1, 1], [0, 1, 0, 1], [5, 8, 5, 8], demand_count=2, supply_count=2)
    together = match_sized(pairs, [1, 2], [9, 9], spread=1.0)
    apart = match_sized(pairs, [1, 2], [9, 9], spread=4.0)
    assert (sorted(together.helper.tolist()), together.objective) == ([0, 0], 11.0)
    assert (sorted(apart.helper.tolist()), apart.objective) == ([0, 1], 13.0)
    assert sorted(match_sized(pairs, [1, 2], [9, 9], most_each=1).helper.tolist()) == [0, 1]


def test_each_need_that_is_left_says_why() -> None:
    pairs = CostPairs.check([0, 1, 2, 3], [0, 0, 1, 0], [1, 2, 3, 4], demand_count=5, supply_count=2)
    found = match_sized(pairs, [3, 2, 1, 9, 1], [4, 0])
    assert found.need.tolist() == [0]
    assert found.unmatched == ((1, ALL_TAKEN), (2, NO_ROOM), (3, TOO_BIG), (4, NOBODY))


def test_nothing_to_match_is_answered() -> None:
    pairs = CostPairs.check([], [], [], demand_count=2, supply_count=1)
    assert match_sized(pairs, [1, 2], [3]).unmatched == ((0, NOBODY), (1, NOBODY))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": [0, 1]}, {"size": [-1, 1]}, {"size": [1]}, {"size": [float("nan"), 1]}, {"capacity": [-1]},
        {"most_each": 0}, {"spread": -1.0}, {"spread": float("inf")}, {"time_limit_s": 0.0}, {"time_limit_s": 1e9},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    pairs = CostPairs.check([0], [0], [1.0], demand_count=2, supply_count=1)
    with pytest.raises(InvalidInput):
        match_sized(**{"pairs": pairs, "size": [1, 2], "capacity": [3]} | wrong)
