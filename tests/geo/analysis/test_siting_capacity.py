"""Siting with capacities against brute force over all choices, each worked out as a plain linear program."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.analysis import siting_capacity
from geo.analysis.access.pairs import CostPairs
from geo.analysis.siting import choose_sites
from geo.analysis.siting_exact import Ground
from geo.analysis.siting_room import Room
from geo.domain.siting import Problem
from geo.errors import InvalidInput

STANDARD = 10.0


class Case(NamedTuple):
    pairs: CostPairs
    weight: np.ndarray
    priority: np.ndarray
    capacity: np.ndarray
    fixed: list[int]
    k: int

    @property
    def asked(self) -> dict[str, Any]:
        return {"capacity": self.capacity, "priority": self.priority, "fixed": self.fixed}

    @property
    def choices(self) -> list[list[int]]:
        return self.choices_of(self.k)

    def choices_of(self, k: int) -> list[list[int]]:
        free = [j for j in range(self.pairs.supply_count) if j not in self.fixed]
        return [[*self.fixed, *more] for more in combinations(free, k)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    every = [(i, j) for i in range(n) for j in range(m)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True))
    cost = draw(st.lists(st.integers(0, 20), min_size=len(chosen), max_size=len(chosen)))
    pairs = CostPairs.check([i for i, _ in chosen], [j for _, j in chosen], cost, demand_count=n, supply_count=m)
    amounts = st.sampled_from([0.0, 1.0, 2.0, 3.0, 2.5])
    weight = np.array(draw(st.lists(amounts, min_size=n, max_size=n)))
    priority = np.array(draw(st.lists(st.sampled_from([0.0, 1.0, 1.5, 3.0]), min_size=n, max_size=n)))
    room = st.sampled_from([0.0, 1.0, 2.0, 4.5, np.inf])
    capacity = np.array(draw(st.lists(room, min_size=m, max_size=m)))
    fixed = draw(st.lists(st.integers(0, m - 1), unique=True, max_size=2))
    return Case(pairs, weight, priority, capacity, fixed, draw(st.integers(0, m - len(fixed))))


def transport(case: Case, open_: list[int], limit: float, price: np.ndarray, *, whole: bool = False) -> float | None:
    """Give the least sum of price times amount over the pairs that are open and cheap enough; None if there is none."""
    pairs = case.pairs
    kept = np.isin(pairs.supply, open_) & (pairs.cost <= limit) & (case.capacity[pairs.supply] > 0)
    row, column = pairs.demand[kept], pairs.supply[kept]
    must = (case.weight > 0) & (case.priority > 0) & can(case)
    if not len(row):
        return None if whole and must.any() else 0.0
    gives = (row[None, :] == np.arange(len(case.weight))[:, None]).astype(float)
    takes = (column[None, :] == np.arange(len(case.capacity))[:, None]).astype(float)
    asks = np.where(case.priority > 0, case.weight, 0.0)
    most = np.minimum(case.capacity, 1e6)
    equal = {"A_eq": gives[must], "b_eq": asks[must]} if whole and must.any() else {}
    found = linprog(price[kept], A_ub=np.vstack([gives, takes]), b_ub=np.concatenate([asks, most]), **equal)
    return None if found.status == 2 else float(found.fun)


def can(case: Case) -> np.ndarray:
    pairs = case.pairs
    able = case.capacity[pairs.supply] > 0
    return np.bincount(pairs.demand[able], minlength=len(case.weight)) > 0


def served(case: Case, open_: list[int], value: np.ndarray) -> float:
    found = transport(case, open_, STANDARD, -value[case.pairs.demand])
    assert found is not None
    return -found


@given(cases())
@settings(deadline=None, max_examples=150)
def test_the_most_served_is_that_of_brute_force(case: Case) -> None:
    best = max(served(case, open_, case.priority) for open_ in case.choices)
    base = served(case, case.fixed, case.priority)
    ask: dict[str, Any] = {"k": case.k, "standard": STANDARD, **case.asked}
    found = choose_sites(case.pairs, case.weight, Problem.MCLP, **ask)
    assert found.is_optimal
    assert found.objective == pytest.approx(best)
    assert served(case, [*case.fixed, *found.sites], case.priority) == pytest.approx(best)
    assert len(found.sites) == case.k
    greedy = choose_sites(case.pairs, case.weight, Problem.MCLP, most_exact_pairs=-1, **ask)
    assert (greedy.method, greedy.bound_by) == ("greedy", "proof" if greedy.is_optimal else "gains")
    assert greedy.objective == pytest.approx(served(case, [*case.fixed, *greedy.sites], case.priority))
    assert greedy.objective <= best + 1e-6
    assert greedy.bound >= best - 1e-6
    assert greedy.objective - base >= (1 - 1 / np.e) * (best - base) - 1e-6
    assert not greedy.is_optimal or greedy.objective == pytest.approx(best)


@given(cases())
@settings(deadline=None, max_examples=100)
def test_the_program_alone_finds_the_same(case: Case) -> None:
    held = np.isin(np.arange(case.pairs.supply_count), case.fixed)
    ground = Ground.lay(case.pairs.within(STANDARD), case.weight, held, 60.0)
    found = siting_capacity.serve_most(Room.lay(ground, case.priority, case.capacity), case.k)
    best = max(served(case, open_, case.priority) for open_ in case.choices)
    assert found.is_optimal
    assert found.objective == pytest.approx(best)


@given(cases())
@settings(deadline=None, max_examples=100)
def test_each_next_place_is_the_one_that_adds_most(case: Case) -> None:
    ask: dict[str, Any] = {"standard": STANDARD, "most_exact_pairs": -1, **case.asked}
    one = choose_sites(case.pairs, case.weight, Problem.MCLP, k=min(case.k, 1), **ask)
    best = max(served(case, open_, case.priority) for open_ in case.choices_of(min(case.k, 1)))
    assert one.objective == pytest.approx(best)


@given(cases())
@settings(deadline=None, max_examples=100)
def test_the_fewest_places_serve_as_much_as_all_could(case: Case) -> None:
    counted = (case.priority > 0).astype(float)
    everything = served(case, list(range(case.pairs.supply_count)), counted)
    free = case.pairs.supply_count - len(case.fixed)
    best = next(
        k
        for k in range(free + 1)
        if max(served(case, open_, counted) for open_ in case.choices_of(k)) >= everything - 1e-6
    )
    found = choose_sites(case.pairs, case.weight, Problem.LSCP, standard=STANDARD, **case.asked)
    assert (len(found.sites), found.objective) == (best, best + len(case.fixed))
    assert served(case, [*case.fixed, *found.sites], counted) == pytest.approx(everything)


@given(cases())
@settings(deadline=None, max_examples=150)
def test_the_least_ways_within_capacities_are_those_of_brute_force(case: Case) -> None:
    price = case.pairs.cost * case.priority[case.pairs.demand]
    sums = [transport(case, open_, np.inf, price, whole=True) for open_ in case.choices]
    possible = [one for one in sums if one is not None]
    limits = [0.0, *np.unique(case.pairs.cost)]
    longest = [
        limit
        for limit in limits
        if any(transport(case, open_, limit, price, whole=True) is not None for open_ in case.choices)
    ]
    for problem, values in ((Problem.P_MEDIAN, possible), (Problem.P_CENTER, longest)):
        if not values:
            with pytest.raises(InvalidInput) as refused:
                choose_sites(case.pairs, case.weight, problem, k=case.k, **case.asked)
            assert refused.value.field == "k"
            continue
        found = choose_sites(case.pairs, case.weight, problem, k=case.k, **case.asked)
        assert found.is_optimal
        assert found.objective == pytest.approx(min(values), abs=1e-6)
        open_ = [*case.fixed, *found.sites]
        limit = found.objective if problem is Problem.P_CENTER else np.inf
        again = transport(case, open_, limit, price, whole=True)
        assert again is not None
        assert problem is Problem.P_CENTER or again == pytest.approx(found.objective, abs=1e-6)
        alone = (case.weight > 0) & (case.priority > 0) & ~can(case)
        assert found.uncovered == tuple(np.flatnonzero(alone))


def test_without_limits_capacities_change_nothing() -> None:
    rng = np.random.default_rng(0)
    row, column = np.nonzero(rng.random((60, 12)) < 0.2)
    pairs = CostPairs.check(row, column, rng.integers(1, 9, len(row)), demand_count=60, supply_count=12)
    weight = rng.integers(1, 5, 60)
    endless = np.full(12, np.inf)
    questions: tuple[tuple[Problem, dict[str, Any]], ...] = (
        (Problem.MCLP, {"k": 3, "standard": 5.0}),
        (Problem.LSCP, {"standard": 9.0}),
        (Problem.P_MEDIAN, {"k": 11}),
        (Problem.P_CENTER, {"k": 11}),
    )
    for problem, asked in questions:
        plain = choose_sites(pairs, weight, problem, **asked)
        within = choose_sites(pairs, weight, problem, capacity=endless, **asked)
        assert within.objective == pytest.approx(plain.objective)
        assert within.is_optimal


def test_a_program_that_is_stopped_keeps_the_quick_answer_and_a_bound() -> None:
    rng = np.random.default_rng(0)
    row, column = np.nonzero(rng.random((1500, 90)) < 0.08)
    pairs = CostPairs.check(row, column, np.ones(len(row)), demand_count=1500, supply_count=90)
    capacity = rng.integers(20, 160, 90)
    asked: dict[str, Any] = {
        "k": 12,
        "standard": 1.0,
        "capacity": capacity,
        "priority": rng.choice([1.0, 2.0, 3.0], 1500),
    }
    quick = choose_sites(pairs, np.ones(1500), Problem.MCLP, most_exact_pairs=-1, **asked)
    stopped = choose_sites(pairs, np.ones(1500), Problem.MCLP, time_limit_s=0.05, **asked)
    assert quick.objective <= stopped.objective <= stopped.bound <= quick.bound
    assert stopped.was_cut
    assert 0 <= stopped.gap <= quick.gap


@given(cases(), st.integers(0, 30))
@settings(deadline=None, max_examples=100)
def test_a_search_that_is_cut_keeps_its_bound(case: Case, most_work: int) -> None:
    ask: dict[str, Any] = {"k": case.k, "standard": STANDARD, "most_exact_pairs": -1, **case.asked}
    cut = choose_sites(case.pairs, case.weight, Problem.MCLP, most_work=most_work, **ask)
    best = max(served(case, open_, case.priority) for open_ in case.choices)
    assert cut.objective == pytest.approx(served(case, [*case.fixed, *cut.sites], case.priority))
    assert cut.objective - 1e-6 <= best <= cut.bound + 1e-6
    assert len(cut.sites) == case.k
    assert not (cut.is_optimal and cut.was_cut)


def test_a_search_that_is_cut_says_so() -> None:
    rng = np.random.default_rng(0)
    row, column = np.nonzero(rng.random((200, 40)) < 0.2)
    pairs = CostPairs.check(row, column, np.ones(len(row)), demand_count=200, supply_count=40)
    asked: dict[str, Any] = {"k": 9, "standard": 1.0, "capacity": rng.integers(3, 20, 40), "most_exact_pairs": -1}
    whole = choose_sites(pairs, np.ones(200), Problem.MCLP, **asked)
    cut = choose_sites(pairs, rng.random(200), Problem.MCLP, most_work=len(row), **asked)
    assert (whole.was_cut, cut.was_cut) == (False, True)


@pytest.mark.parametrize("wrong", [[-1.0, 1.0], [1.0], [float("nan"), 1.0], [-np.inf, 1.0]])
@pytest.mark.parametrize("field", ["capacity", "priority"])
def test_amounts_that_are_none_are_refused(field: str, wrong: list[float]) -> None:
    pairs = CostPairs.check([0, 1], [0, 1], [1.0, 2.0], demand_count=2, supply_count=2)
    given_wrong: dict[str, Any] = {field: wrong}
    with pytest.raises(InvalidInput) as refused:
        choose_sites(pairs, [1.0, 1.0], Problem.MCLP, k=1, standard=5.0, **given_wrong)
    assert refused.value.field == field
