"""Assignments against every possible one, their bound against the best, and their spread of load."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from geo.analysis.access.pairs import CostPairs
from geo.analysis.assigning import Assigned, _Table, assign
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

Entries = dict[tuple[int, int], int]


def pairs_of(entries: Entries, needs: int, helpers: int) -> CostPairs:
    rows = [one for one, _ in entries]
    columns = [other for _, other in entries]
    return CostPairs.check(rows, columns, list(entries.values()), demand_count=needs, supply_count=helpers)


def best_of_all(
    entries: Entries, slots: Sequence[int], left: Sequence[int], first: Sequence[int], spread: int
) -> tuple[int, float]:
    """Try every choice: the fewest left out, and of those the least cost."""
    found = (len(left) + 1, float("inf"))
    for choice in product([-1, *range(len(slots))], repeat=len(left)):
        if any(helper >= 0 and (need, helper) not in entries for need, helper in enumerate(choice)):
            continue
        load = [choice.count(helper) for helper in range(len(slots))]
        if any(one > most for one, most in zip(load, slots, strict=True)):
            continue
        cost = sum(left[n] if h < 0 else entries[n, h] for n, h in enumerate(choice))
        cost += sum(first[h] * k + spread * k * (k - 1) // 2 for h, k in enumerate(load))
        found = min(found, (choice.count(-1), float(cost)))
    return found


def cost_of(found: Assigned, entries: Entries, left: Sequence[int], first: Sequence[int], spread: int) -> float:
    chosen = dict(zip(found.need.tolist(), found.helper.tolist(), strict=True))
    load = np.bincount(found.helper, minlength=len(first)).tolist()
    cost = sum(entries[n, chosen[n]] if n in chosen else left[n] for n in range(len(left)))
    return float(cost + sum(first[h] * k + spread * k * (k - 1) // 2 for h, k in enumerate(load)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Entries, list[int], list[int], list[int], int]:
    needs, helpers = draw(st.integers(0, 4)), draw(st.integers(1, 3))
    small = st.integers(0, 9)
    keys = [(n, h) for n in range(needs) for h in range(helpers)]
    entries = {key: draw(small) for key in keys if draw(st.booleans())}
    slots = [draw(st.integers(0, 2)) for _ in range(helpers)]
    return entries, slots, [draw(small) for _ in range(needs)], [draw(small) for _ in range(helpers)], draw(small)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_it_is_the_best_of_all_and_proves_it(case: tuple[Entries, list[int], list[int], list[int], int]) -> None:
    entries, slots, left, first, spread = case
    found = assign(pairs_of(entries, len(left), len(slots)), slots, left, slot_cost=first, spread=spread)
    few, cost = best_of_all(entries, slots, left, first, spread)
    assert len(left) - len(found.need) == few
    assert found.objective == pytest.approx(cost)
    assert found.objective == pytest.approx(cost_of(found, entries, left, first, spread))
    assert (np.bincount(found.helper, minlength=len(slots)) <= slots).all()
    assert found.is_optimal
    assert found.bound <= found.objective + 1e-6


def test_the_bound_shows_an_answer_that_is_not_the_best() -> None:
    pairs = pairs_of({(0, 0): 1, (0, 1): 5, (1, 0): 5, (1, 1): 1}, 2, 2)
    table = _Table.lay(pairs, np.array([1, 1]), np.zeros(2), np.zeros(2), 0.0)
    crossed = np.array([1, 2])
    assert table.cost[crossed].sum() == 10.0
    pays, prices = table.price(crossed)
    assert pays.sum() - prices.sum() <= 2.0 + 1e-6


def test_a_town_agrees_with_a_dense_solver() -> None:
    rng = np.random.default_rng(5)
    cost = rng.uniform(0, 60, (120, 150))
    rows, columns = np.indices(cost.shape).reshape(2, -1)
    pairs = CostPairs.check(rows, columns, cost.ravel(), demand_count=120, supply_count=150)
    found = assign(pairs, np.ones(150), np.zeros(120), slot_cost=np.zeros(150), spread=0.0)
    assert found.objective == pytest.approx(cost[linear_sum_assignment(cost)].sum())
    assert found.is_optimal


def test_a_higher_price_of_further_slots_spreads_the_load() -> None:
    pairs = pairs_of({(0, 0): 5, (1, 0): 5, (0, 1): 8, (1, 1): 8}, 2, 2)
    together = assign(pairs, [2, 2], [0, 0], slot_cost=[0, 0], spread=1.0)
    apart = assign(pairs, [2, 2], [0, 0], slot_cost=[0, 0], spread=4.0)
    assert sorted(together.helper.tolist()) == [0, 0]
    assert sorted(apart.helper.tolist()) == [0, 1]


@pytest.mark.parametrize("slots", [[0.5], [-1], [11], [float("nan")], [1, 1]])
def test_slots_that_make_no_sense_are_refused(slots: list[float]) -> None:
    with pytest.raises(InvalidInput):
        assign(pairs_of({(0, 0): 1}, 1, 1), slots, [0], slot_cost=[0], spread=0.0)
