from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from geo.analysis.gaps import Demand, Supply, allocate, find_reach
from geo.domain.words import Category
from geo.errors import InvalidInput

FOOD, WATER = Category.FOOD, Category.WATER


def max_flow(reach: list[list[int]], capacity: list[int], needs: list[int]) -> int:
    """The same number from scipy's solver, for a subset of the needs."""
    n, m = len(needs), len(capacity)
    graph = np.zeros((n + m + 2, n + m + 2), dtype=np.int32)
    for row, need in enumerate(needs):
        graph[0, 1 + row] = 1
        for place in reach[need]:
            graph[1 + row, 1 + n + place] = 1
    graph[1 + n : 1 + n + m, n + m + 1] = capacity
    return int(maximum_flow(csr_array(graph), 0, n + m + 1).flow_value)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    m = draw(st.integers(0, 5))
    n = draw(st.integers(0, 9))
    places = st.lists(st.integers(0, m - 1), unique=True, max_size=m) if m else st.just([])
    reach = [draw(places) for _ in range(n)]
    capacity = draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    return reach, capacity, draw(st.permutations(range(n)))


@given(cases())
def test_serves_exactly_the_greedy_maximum(case: tuple[list[list[int]], list[int], list[int]]) -> None:
    reach, capacity, order = case
    found = allocate(reach, np.array(capacity, dtype=np.int64), np.array(order, dtype=np.int64))
    expected: list[int] = []
    for need in order:
        if max_flow(reach, capacity, [*expected, need]) == len(expected) + 1:
            expected.append(need)
    assert sorted(np.flatnonzero(found.served).tolist()) == sorted(expected)
    assert found.served.sum() == max_flow(reach, capacity, list(range(len(reach))))


@given(cases())
def test_binding_places_are_a_minimum_cut(case: tuple[list[list[int]], list[int], list[int]]) -> None:
    reach, capacity, order = case
    found = allocate(reach, np.array(capacity, dtype=np.int64), np.array(order, dtype=np.int64))
    inside = [i for i, places in enumerate(reach) if all(found.binding[p] for p in places)]
    cut = len(reach) - len(inside) + sum(c for c, b in zip(capacity, found.binding, strict=True) if b)
    assert cut == found.served.sum()


def test_a_need_is_passed_on_so_that_another_can_be_served() -> None:
    found = allocate([[0, 1], [0]], np.array([1, 1]), np.array([0, 1]))
    assert found.served.all()


def test_the_more_urgent_is_served_when_only_one_can_be() -> None:
    assert allocate([[0], [0]], np.array([1]), np.array([1, 0])).served.tolist() == [False, True]


@pytest.mark.parametrize(("capacity", "order"), [([-1], [0]), ([1], [0, 0]), ([1], [])])
def test_refuses_what_makes_no_sense(capacity: list[int], order: list[int]) -> None:
    with pytest.raises(InvalidInput):
        allocate([[0]], np.array(capacity), np.array(order, dtype=np.int64))


def scene(seed: int, n: int = 40, m: int = 12) -> tuple[Demand, Supply]:
    rng = np.random.default_rng(seed)
    demand = Demand(
        rng.uniform(0, 1000, (n, 2)),
        [FOOD if flip else WATER for flip in rng.random(n) < 0.5],
        rng.uniform(0, 400, n),
        rng.choice([0.0, 50.0, 600.0], n),
    )
    offers = [
        frozenset(c for c, has in zip((FOOD, WATER), flips, strict=True) if has) for flips in rng.random((m, 2)) < 0.6
    ]
    return demand, Supply(rng.uniform(0, 1000, (m, 2)), offers, rng.integers(0, 4, m))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("surely", [True, False])
def test_reach_equals_brute_force(seed: int, *, surely: bool) -> None:
    demand, supply = scene(seed)
    reach = find_reach(demand, supply, surely=surely)
    for i, j in itertools.product(range(len(demand.xy)), range(len(supply.xy))):
        distance = float(np.linalg.norm(demand.xy[i] - supply.xy[j]))
        radius = demand.reach_m[i] + (-1 if surely else 1) * demand.uncertainty_m[i]
        assert (j in reach[i]) == (distance <= radius and demand.category[i] in supply.categories[j])
    assert reach == [sorted(places) for places in reach]


def test_a_place_known_only_roughly_is_never_surely_within_reach() -> None:
    demand = Demand(np.zeros((1, 2)), [FOOD], np.array([400.0]), np.array([900.0]))
    supply = Supply(np.zeros((1, 2)), [frozenset({FOOD})], np.array([1]))
    assert find_reach(demand, supply, surely=True) == [[]]
    assert find_reach(demand, supply, surely=False) == [[0]]


@given(st.integers(0, 10_000), st.floats(0, 300), st.floats(0, 300))
def test_coverage_never_falls_when_the_standard_widens(seed: int, base: float, more: float) -> None:
    demand, supply = scene(seed)
    order = np.arange(len(demand.xy))

    def covered(reach_m: float) -> int:
        wider = Demand(demand.xy, demand.category, np.full(len(order), reach_m), demand.uncertainty_m)
        return int(allocate(find_reach(wider, supply, surely=True), supply.capacity, order).served.sum())

    assert covered(base) <= covered(base + more)
