"""Siting against brute force and against published optima."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from geo.analysis import siting_exact
from geo.analysis.access.pairs import CostPairs
from geo.analysis.siting import choose_sites
from geo.domain.siting import Problem
from geo.errors import InvalidInput

from tests.geo.analysis.references import REFERENCE, needs_reference

STANDARD = 10.0


@st.composite
def cases(draw: st.DrawFn) -> tuple[CostPairs, np.ndarray, list[int], int]:
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    every = [(i, j) for i in range(n) for j in range(m)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True))
    cost = draw(st.lists(st.integers(0, 20), min_size=len(chosen), max_size=len(chosen)))
    pairs = CostPairs.check([i for i, _ in chosen], [j for _, j in chosen], cost, demand_count=n, supply_count=m)
    weight = np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), float)
    fixed = draw(st.lists(st.integers(0, m - 1), unique=True, max_size=2))
    return pairs, weight, fixed, draw(st.integers(0, m - len(fixed)))


def dense(pairs: CostPairs) -> np.ndarray:
    table = np.full((pairs.demand_count, pairs.supply_count), np.inf)
    table[pairs.demand, pairs.supply] = pairs.cost
    return table


def nearest(table: np.ndarray, open_: list[int]) -> np.ndarray:
    return table[:, open_].min(axis=1, initial=np.inf)


def choices(pairs: CostPairs, fixed: list[int], k: int) -> list[list[int]]:
    free = [j for j in range(pairs.supply_count) if j not in fixed]
    return [[*fixed, *more] for more in combinations(free, k)]


@given(cases())
@settings(deadline=None)
def test_the_most_coverage_is_that_of_brute_force(case: tuple[CostPairs, np.ndarray, list[int], int]) -> None:
    pairs, weight, fixed, k = case
    table = dense(pairs)
    best = max(weight[nearest(table, open_) <= STANDARD].sum() for open_ in choices(pairs, fixed, k))
    found = choose_sites(pairs, weight, Problem.MCLP, k=k, standard=STANDARD, fixed=fixed)
    assert found.is_optimal
    assert found.objective == pytest.approx(best)
    assert len(found.sites) == k
    here = nearest(table, [*fixed, *found.sites])
    assert weight[here <= STANDARD].sum() == pytest.approx(best)
    assert found.uncovered == tuple(np.flatnonzero((weight > 0) & (here > STANDARD)))
    held = np.isin(np.arange(pairs.supply_count), fixed)
    exact = siting_exact.cover_most(siting_exact.Ground.lay(pairs.within(STANDARD), weight, held, 60.0), k)
    assert (exact.objective, exact.is_optimal) == (pytest.approx(best), True)
    greedy = choose_sites(pairs, weight, Problem.MCLP, k=k, standard=STANDARD, fixed=fixed, most_exact_pairs=-1)
    base = weight[nearest(table, fixed) <= STANDARD].sum()
    assert greedy.method == "greedy"
    assert greedy.objective <= best + 1e-9 <= greedy.bound + 2e-9
    assert greedy.objective - base >= (1 - 1 / np.e) * (best - base) - 1e-9
    assert not greedy.is_optimal or greedy.objective == pytest.approx(best)


@given(cases())
@settings(deadline=None)
def test_the_fewest_places_are_those_of_brute_force(case: tuple[CostPairs, np.ndarray, list[int], int]) -> None:
    pairs, weight, fixed, _ = case
    table = dense(pairs)
    can = (weight > 0) & (table.min(axis=1) <= STANDARD)
    free = pairs.supply_count - len(fixed)
    best = next(
        k
        for k in range(free + 1)
        if any((nearest(table, open_)[can] <= STANDARD).all() for open_ in choices(pairs, fixed, k))
    )
    found = choose_sites(pairs, weight, Problem.LSCP, standard=STANDARD, fixed=fixed)
    assert found.objective == best + len(fixed)
    assert len(found.sites) == best
    assert (nearest(table, [*fixed, *found.sites])[can] <= STANDARD).all()
    assert found.uncovered == tuple(np.flatnonzero((weight > 0) & ~can))


@given(cases())
@settings(deadline=None)
def test_the_least_ways_are_those_of_brute_force(case: tuple[CostPairs, np.ndarray, list[int], int]) -> None:
    pairs, weight, fixed, k = case
    table = dense(pairs)
    asked = (weight > 0) & np.isfinite(table.min(axis=1))
    ways = [nearest(table, open_)[asked] for open_ in choices(pairs, fixed, k)]
    possible = [way for way in ways if np.isfinite(way).all()]
    for problem, worth in (
        (Problem.P_MEDIAN, lambda way: float(weight[asked] @ way)),
        (Problem.P_CENTER, lambda way: float(way.max(initial=0.0))),
    ):
        if not possible:
            with pytest.raises(InvalidInput):
                choose_sites(pairs, weight, problem, k=k, fixed=fixed)
            continue
        found = choose_sites(pairs, weight, problem, k=k, fixed=fixed)
        assert found.objective == pytest.approx(min(map(worth, possible)))
        assert found.is_optimal
        assert worth(nearest(table, [*fixed, *found.sites])[asked]) == pytest.approx(found.objective)


def or_library(number: int) -> tuple[CostPairs, int]:
    lines = (REFERENCE / "orlib" / f"pmed{number}.txt").read_text().split()
    count, edges, k = (int(word) for word in lines[:3])
    table = np.zeros((count, count))
    for at in range(edges):
        i, j, cost = (int(word) for word in lines[3 + 3 * at : 6 + 3 * at])
        table[i - 1, j - 1] = table[j - 1, i - 1] = cost  # one that stands later overwrites
    ways = shortest_path(sparse.csr_array(table), directed=False)
    row, column = (one.ravel() for one in np.indices(ways.shape))
    return CostPairs.check(row, column, ways.ravel(), demand_count=count, supply_count=count), k


def test_a_program_that_is_stopped_never_gives_less_than_the_quick_way() -> None:
    rng = np.random.default_rng(0)
    row, column = np.nonzero(rng.random((3000, 120)) < 0.05)
    pairs = CostPairs.check(row, column, np.ones(len(row)), demand_count=3000, supply_count=120)
    weight = rng.integers(1, 9, 3000)
    asked = {"k": 12, "standard": 1.0}
    quick = choose_sites(pairs, weight, Problem.MCLP, most_exact_pairs=-1, **asked)
    stopped = choose_sites(pairs, weight, Problem.MCLP, time_limit_s=0.2, **asked)
    assert quick.objective <= stopped.objective <= stopped.bound <= quick.bound
    assert stopped.is_optimal == (stopped.bound == stopped.objective)


@needs_reference
@pytest.mark.parametrize(
    ("number", "median", "center"), [(1, 5819, 127), (2, 4093, 98), (3, 4250, 93), (4, 3034, 74), (5, 1355, 48)]
)
def test_published_optima_are_found_and_proven(number: int, median: int, center: int) -> None:
    pairs, k = or_library(number)
    for problem, best in ((Problem.P_MEDIAN, median), (Problem.P_CENTER, center)):
        found = choose_sites(pairs, np.ones(pairs.demand_count), problem, k=k)
        assert found.objective == best
        assert found.is_optimal
        assert len(found.sites) == k


@pytest.mark.parametrize(
    ("problem", "asked", "field"),
    [
        (Problem.MCLP, {"k": 1}, "standard"),
        (Problem.MCLP, {"standard": 5.0}, "k"),
        (Problem.MCLP, {"k": -1, "standard": 5.0}, "k"),
        (Problem.MCLP, {"k": 3, "standard": 5.0}, "k"),
        (Problem.MCLP, {"k": 2, "standard": 5.0, "fixed": [0]}, "k"),
        (Problem.MCLP, {"k": 1, "standard": -1.0}, "standard"),
        (Problem.LSCP, {"standard": float("nan")}, "standard"),
        (Problem.LSCP, {"standard": 5.0, "fixed": [2]}, "fixed"),
        (Problem.P_MEDIAN, {}, "k"),
        (Problem.P_CENTER, {"k": 0}, "k"),
    ],
)
def test_questions_without_an_answer_are_refused(problem: Problem, asked: dict[str, object], field: str) -> None:
    pairs = CostPairs.check([0, 1], [0, 1], [1.0, 2.0], demand_count=2, supply_count=2)
    with pytest.raises(InvalidInput) as refused:
        choose_sites(pairs, [1.0, 1.0], problem, **asked)  # type: ignore[arg-type]
    assert refused.value.field == field
