from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from geo.analysis.gaps import MODES, Allocation, Demand, Suits, Supply, allocate
from geo.analysis.reach import StraightReach
from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Mode
from geo.errors import InvalidInput


def share(reach: list[list[int]], capacity: list[int], order: list[int]) -> Allocation:
    """Allocate with reach given as lists."""
    ends = np.cumsum([0, *map(len, reach)])
    places = np.array([place for row in reach for place in sorted(row)], dtype=np.int64)
    table = csr_array((np.ones(ends[-1], dtype=np.int8), places, ends), shape=(len(reach), len(capacity)))
    return allocate(table, np.array(capacity, dtype=np.int64), np.array(order, dtype=np.int64))


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
    found = share(reach, capacity, order)
    expected: list[int] = []
    for need in order:
        if max_flow(reach, capacity, [*expected, need]) == len(expected) + 1:
            expected.append(need)
    assert sorted(np.flatnonzero(found.served).tolist()) == sorted(expected)
    assert found.served.sum() == max_flow(reach, capacity, list(range(len(reach))))


@given(cases())
def test_binding_places_are_a_minimum_cut(case: tuple[list[list[int]], list[int], list[int]]) -> None:
    reach, capacity, order = case
    found = share(reach, capacity, order)
    inside = [i for i, places in enumerate(reach) if all(found.binding[p] for p in places)]
    cut = len(reach) - len(inside) + sum(c for c, b in zip(capacity, found.binding, strict=True) if b)
    assert cut == found.served.sum()


def test_a_need_is_passed_on_so_that_another_can_be_served() -> None:
    found = share([[0, 1], [0]], [1, 1], [0, 1])
    assert found.served.all()


def test_the_more_urgent_is_served_when_only_one_can_be() -> None:
    assert share([[0], [0]], [1], [1, 0]).served.tolist() == [False, True]


@pytest.mark.parametrize(("capacity", "order"), [([-1], [0]), ([1], [0, 0]), ([1], [])])
def test_refuses_what_makes_no_sense(capacity: list[int], order: list[int]) -> None:
    with pytest.raises(InvalidInput):
        share([[0]], capacity, order)


def scene(seed: int, n: int = 40, m: int = 12) -> tuple[Demand, Supply, Suits]:
    rng = np.random.default_rng(seed)
    demand = Demand(
        rng.uniform(0, 1000, (n, 2)),
        rng.integers(0, 3, n),
        rng.integers(0, len(MODES), n),
        rng.choice([0.0, 50.0, 600.0], n),
    )
    # some go to the household, each as far as they will
    own_m = np.where(rng.random(m) < 0.4, rng.uniform(0, 700, m), np.nan)
    supply = Supply(rng.uniform(0, 1000, (m, 2)), rng.integers(0, 4, m), rng.integers(0, 4, m), own_m)
    best = rng.random((3, 4)) < 0.6
    return demand, supply, Suits(best & (rng.random((3, 4)) < 0.8), best)


REACH = StraightReach(np.array([200.0, 120.0, 300.0, 420.0]))


@pytest.mark.parametrize("seed", range(5))
def test_reach_equals_brute_force(seed: int) -> None:
    demand, supply, suits = scene(seed)
    found = REACH.find(demand, supply, suits)
    distance = np.linalg.norm(demand.xy[:, None] - supply.xy[None], axis=2)
    assert supply.reach_m is not None
    reach_m = np.where(np.isnan(supply.reach_m), REACH.reach_m[demand.mode][:, None], supply.reach_m)
    about_m = demand.uncertainty_m[:, None]
    for table, radius, fits in (
        (found.sure, reach_m - about_m, suits.sure),
        (found.best, reach_m + about_m, suits.best),
    ):
        expected = (distance <= radius) & fits[demand.kind][:, supply.kind]
        assert (table.toarray() == expected).all()
        assert table.has_sorted_indices


@pytest.mark.parametrize("seed", range(5))
def test_reach_of_some_is_a_part_of_the_reach_of_all(seed: int) -> None:
    demand, supply, suits = scene(seed)
    whole = REACH.find(demand, supply, suits)
    some = Demand(demand.xy[3:5], demand.kind[3:5], demand.mode[3:5], demand.uncertainty_m[3:5])
    assert (REACH.find(some, supply, suits).best.toarray() == whole.best.toarray()[3:5]).all()
    assert supply.reach_m is not None
    for at in range(len(supply.xy)):
        place = slice(at, at + 1)
        one = Supply(supply.xy[place], supply.kind[place], supply.capacity[place], supply.reach_m[place])
        assert (REACH.find(demand, one, suits).sure.toarray() == whole.sure.toarray()[:, place]).all()


def test_help_that_goes_to_the_household_goes_its_own_way() -> None:
    demand = Demand(np.zeros((2, 2)), np.array([0, 0]), np.array([0, 3]), np.zeros(2))
    places, fits = np.array([[0.0, 150.0]] * 3), np.ones((1, 1), dtype=bool)
    supply = Supply(places, np.zeros(3, int), np.ones(3, int), np.array([np.nan, 100.0, 500.0]))
    found = StraightReach(np.array([120.0, 120.0, 120.0, 400.0])).find(demand, supply, Suits(fits, fits))
    assert found.sure.toarray().tolist() == [[0, 0, 1], [1, 0, 1]]


@pytest.mark.parametrize(("n", "m"), [(0, 0), (3, 0), (0, 3)])
def test_nobody_reaches_nothing(n: int, m: int) -> None:
    found = REACH.find(*scene(0, n, m))
    assert found.sure.shape == found.best.shape == (n, m)
    assert found.sure.nnz == found.best.nnz == 0


def test_a_reach_of_a_model_is_one_number_for_each_mode() -> None:
    model = StraightLineTravel()
    reach_m = StraightReach.of(model, 15).reach_m
    assert dict(zip(MODES, reach_m.tolist(), strict=True)) == {mode: model.reach_m(15, mode) for mode in Mode}


def test_a_place_known_only_roughly_is_never_surely_within_reach() -> None:
    demand = Demand(np.zeros((1, 2)), np.array([0]), np.array([0]), np.array([900.0]))
    supply, suits = Supply(np.zeros((1, 2)), np.array([0]), np.array([1])), np.ones((1, 1), dtype=bool)
    found = StraightReach(np.array([400.0])).find(demand, supply, Suits(suits, suits))
    assert (found.sure.nnz, found.best.nnz) == (0, 1)


@given(st.integers(0, 10_000), st.floats(0, 300), st.floats(0, 300))
def test_coverage_never_falls_when_the_standard_widens(seed: int, base: float, more: float) -> None:
    demand, supply, suits = scene(seed)
    order = np.arange(len(demand.xy))

    def covered(reach_m: float) -> int:
        reached = StraightReach(np.full(len(MODES), reach_m)).find(demand, supply, suits)
        return int(allocate(reached.sure, supply.capacity, order).served.sum())

    assert covered(base) <= covered(base + more)
