"""Measures of access against published answers, brute force and their own laws."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.access import inequality, measures
from geo.analysis.access.decay import Exponential, Gaussian, Step
from geo.analysis.access.pairs import CostPairs, check_amounts
from geo.analysis.access.unmet import find_unmet
from geo.errors import InvalidInput

from tests.geo.analysis.references import REFERENCE, belo_horizonte, chicago, needs_reference

SMALL = CostPairs.check([0, 0, 1, 2], [0, 1, 1, 0], [0.0, 4.0, 9.0, 5.0], demand_count=4, supply_count=3)


@st.composite
def cases(draw: st.DrawFn) -> tuple[CostPairs, np.ndarray, np.ndarray]:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    every = [(i, j) for i in range(n) for j in range(m)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True))
    cost = draw(st.lists(st.integers(0, 30), min_size=len(chosen), max_size=len(chosen)))
    pairs = CostPairs.check([i for i, _ in chosen], [j for _, j in chosen], cost, demand_count=n, supply_count=m)
    weight = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    capacity = draw(st.lists(st.integers(0, 9), min_size=m, max_size=m))
    return pairs, np.array(weight, float), np.array(capacity, float)


def dense(pairs: CostPairs) -> np.ndarray:
    table = np.full((pairs.demand_count, pairs.supply_count), np.inf)
    table[pairs.demand, pairs.supply] = pairs.cost
    return table


@needs_reference
def test_belo_horizonte_gives_the_published_figures() -> None:
    cells, pairs = belo_horizonte()
    jobs, people = cells["jobs"], cells["population"]
    expected = pd.read_csv(REFERENCE / "belo-horizonte" / "reference_outputs.csv").set_index("id").loc[cells.index]
    within_30 = measures.opportunities(pairs, jobs, Step((30.0,), (1.0,)))
    np.testing.assert_array_equal(within_30, expected["cum30_jobs"])
    by_id = pd.Series(within_30, index=cells.index).sort_index().loc["89a881a5a2bffff":]
    assert by_id[:6].tolist() == [14561, 29452, 16647, 10700, 6669, 37029]
    gravity = measures.opportunities(pairs, cells["schools"], Exponential(0.2))
    np.testing.assert_allclose(gravity, expected["gravity_schools"], rtol=1e-12)
    assert cells.index[0] == "89a88cdb57bffff"
    printed = [0.03041853, 1.15549493, 0.56519126, 0.19852152, 0.41378042, 0.95737555]
    assert gravity[:6].round(8).tolist() == printed
    per_head = measures.floating_catchment(pairs, people, jobs, Step((50.0,), (1.0,)))
    np.testing.assert_allclose(per_head, expected["sfca2_50_jobs"], rtol=1e-12)
    printed = [0.4278111, 0.3863614, 0.4501725, 0.5366707, 0.4280401, 0.5176583]
    assert per_head[:6].round(7).tolist() == printed


@needs_reference
def test_five_cells_of_belo_horizonte_give_the_published_figures() -> None:
    cells, pairs = belo_horizonte()
    chosen = ["89a88cdb57bffff", "89a88cdb597ffff", "89a88cdb5b3ffff", "89a88cdb5cfffff", "89a88cd909bffff"]
    at = cells.index.get_indexer(pd.Index(chosen))
    kept = np.isin(pairs.demand, at) & np.isin(pairs.supply, at)
    five = CostPairs(pairs.demand[kept], pairs.supply[kept], pairs.cost[kept], len(cells), len(cells))
    of = (five, cells["population"], cells["jobs"], Step((45.0,), (1.0,)))
    assert measures.floating_catchment(*of)[at].round(4).tolist() == [0.0152, 0.1491, 0.1491, 0.1068, 0.0]
    assert measures.balanced(*of)[at].round(4).tolist() == [0.0094, 0.1993, 0.1993, 0.1147, 0.0]
    reach = measures.opportunities(pairs, cells["jobs"], Step((30.0,), (1.0,)))[at]
    assert round(inequality.gini(reach, cells["population"].iloc[at]), 4) == 0.1386


@needs_reference
def test_belo_horizonte_inequality_gives_the_published_figures() -> None:
    cells, pairs = belo_horizonte()
    reach = measures.opportunities(pairs, cells["jobs"], Step((30.0,), (1.0,)))
    known = cells["income_per_capita"].notna().to_numpy()
    ratio = inequality.palma(reach[known], cells["population"][known], cells["income_per_capita"][known])
    assert round(ratio, 6) == 3.800465
    printed = (0.5745378, 0.3277383, 0.2218769)
    assert tuple(round(one, 7) for one in inequality.poverty(reach, cells["population"], 95_368)) == printed


@needs_reference
def test_chicago_gives_the_figures_of_another_project() -> None:
    tracts, pairs = chicago(15_000.0)
    expected = pd.read_csv(REFERENCE / "chicago" / "access_reference_outputs.csv").set_index("geoid").loc[tracts.index]
    bands = Step((5_000.0, 10_000.0, 15_000.0), (1.0, 0.68, 0.22))
    for kind in ("doc", "dentist"):
        of = (pairs, tracts["pop"], tracts[kind])
        two = measures.floating_catchment(*of, Step((15_000.0,), (1.0,)))
        np.testing.assert_allclose(two, expected[f"2sfca15_{kind}"], rtol=0, atol=1e-12)
        enhanced = measures.floating_catchment(*of, bands)
        np.testing.assert_allclose(enhanced, expected[f"e2sfca_{kind}"], rtol=0, atol=1e-12)
        three = measures.three_step(*of, bands)
        np.testing.assert_allclose(three, expected[f"3sfca_{kind}"], rtol=0, atol=1e-12)


@needs_reference
@pytest.mark.parametrize(("most_m", "unmet_percent"), [(5_000.0, 11.001), (10_000.0, 1.378), (15_000.0, 0.058)])
def test_chicago_unmet_demand_is_the_published_share(most_m: float, unmet_percent: float) -> None:
    tracts, pairs = chicago(most_m)
    capacity = tracts["doc"] * 1_117.0
    found = find_unmet(pairs, tracts["pop"], capacity)
    assert round(100 * found.gap / found.demand, 3) == unmet_percent
    assert found.served + found.gap == tracts["pop"].sum()
    given = np.bincount(pairs.supply, found.allocation, minlength=pairs.supply_count)
    assert (given <= capacity).all()


@given(cases())
def test_every_measure_agrees_with_its_definition(case: tuple[CostPairs, np.ndarray, np.ndarray]) -> None:
    pairs, people, capacity = case
    cost = dense(pairs)
    for decay in (Step((10.0, 20.0), (1.0, 0.5)), Gaussian(20.0), Exponential(0.1, reach=20.0)):
        w = np.where(np.isfinite(cost), decay(np.where(np.isfinite(cost), cost, 0.0)), 0.0)
        np.testing.assert_allclose(measures.opportunities(pairs, capacity, decay), w @ capacity, atol=1e-12)
        np.testing.assert_allclose(
            measures.floating_catchment(pairs, people, capacity, decay), _two_steps(w, w, people, capacity), atol=1e-12
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.nan_to_num(w / w.sum(axis=1, keepdims=True))
            column = np.nan_to_num(w / w.sum(axis=0, keepdims=True))
        np.testing.assert_allclose(
            measures.three_step(pairs, people, capacity, decay),
            _two_steps(w * share, w * share, people, capacity),
            atol=1e-12,
        )
        np.testing.assert_allclose(
            measures.balanced(pairs, people, capacity, decay), _two_steps(share, column, people, capacity), atol=1e-12
        )
    for k in (1, 2):
        ranked = np.sort(np.pad(cost, ((0, 0), (0, 2)), constant_values=np.inf), axis=1)
        np.testing.assert_array_equal(measures.nearest_cost(pairs, k=k), ranked[:, k - 1])


def _two_steps(first: np.ndarray, second: np.ndarray, people: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    answer = np.zeros(len(people))
    for j, amount in enumerate(capacity):
        asked = sum(first[i, j] * people[i] for i in range(len(people)))
        if asked > 0:
            answer += second[:, j] * amount / asked
    return answer


@given(cases(), st.integers(0, 30))
def test_unmet_demand_is_what_the_worst_group_lacks(case: tuple[CostPairs, np.ndarray, np.ndarray], most: int) -> None:
    pairs, people, capacity = case
    pairs = pairs.within(most)
    reach = [set(pairs.supply[pairs.demand == i].tolist()) for i in range(len(people))]
    # Hall's theorem with capacities: the gap is the widest shortfall of any group of demand
    groups = [g for size in range(len(people) + 1) for g in combinations(range(len(people)), size)]
    lacks = [people[list(g)].sum() - sum(capacity[j] for j in set().union(*(reach[i] for i in g))) for g in groups]
    for scale in (1, 0.37):  # whole numbers by flow, others by the linear program
        found = find_unmet(pairs, people * scale, capacity * scale)
        assert found.gap == pytest.approx(max(0.0, *lacks) * scale, abs=1e-7)
        assert found.served + found.gap == pytest.approx(people.sum() * scale)
        assert found.by_demand.sum() == pytest.approx(found.gap, abs=1e-7)
        alone = [i for i in range(len(people)) if people[i] > 0 and not any(capacity[j] > 0 for j in reach[i])]
        assert found.isolated.tolist() == alone
        for j in found.binding:
            more = capacity.copy()
            more[j] += 1
            assert find_unmet(pairs, people * scale, more * scale).gap < found.gap


@given(cases())
def test_what_is_given_out_is_the_capacity_in_reach_and_grows_with_the_radius(
    case: tuple[CostPairs, np.ndarray, np.ndarray],
) -> None:
    pairs, people, capacity = case
    last = -1.0
    for limit in (0.0, 10.0, 20.0, 30.0):
        near = pairs.within(limit)
        score = measures.floating_catchment(near, people, capacity, Step((limit,), (1.0,)))
        asked = np.bincount(near.supply, people[near.demand], minlength=len(capacity)) > 0
        assert people @ score == pytest.approx(capacity[asked].sum())
        served = find_unmet(near, people, capacity).served
        assert served >= last
        last = served


def test_demand_that_reaches_nothing_is_a_row_of_the_answer() -> None:
    ones = np.ones(4)
    assert measures.nearest_cost(SMALL).tolist() == [0.0, 9.0, 5.0, np.inf]
    assert measures.nearest_cost(SMALL, k=2).tolist() == [4.0, np.inf, np.inf, np.inf]
    assert measures.nearest_cost(SMALL, usable=[False, True, True]).tolist() == [4.0, 9.0, np.inf, np.inf]
    assert measures.floating_catchment(SMALL, ones, np.ones(3), Step((9.0,), (1.0,))).tolist() == [1.0, 0.5, 0.5, 0.0]
    found = find_unmet(SMALL, ones, [1, 0, 5])
    assert found.isolated.tolist() == [1, 3]
    assert found.binding.tolist() == [0]
    assert found.gap == 3


def test_inequality_of_simple_cases() -> None:
    assert inequality.gini([1, 1, 1], [1, 2, 3]) == pytest.approx(0)
    assert inequality.gini([0, 1], [1, 1]) == pytest.approx(0.5)
    assert np.isnan(inequality.gini([0, 0], [1, 1]))
    assert inequality.poverty([0, 5, 10], [1, 1, 2], 10) == pytest.approx((0.5, 0.375, 0.3125))
    assert inequality.palma([1] * 10, [1] * 10, range(10)) == 1


@pytest.mark.parametrize(
    ("demand", "supply", "cost"),
    [
        ([0], [0, 1], [1.0]),
        ([5], [0], [1.0]),
        ([0], [-1], [1.0]),
        ([0], [0], [-1.0]),
        ([0], [0], [np.nan]),
        ([0], [0], [np.inf]),
        ([0, 0], [1, 1], [1.0, 2.0]),
    ],
)
def test_pairs_that_cannot_be_are_refused(demand: list[int], supply: list[int], cost: list[float]) -> None:
    with pytest.raises(InvalidInput):
        CostPairs.check(demand, supply, cost, demand_count=2, supply_count=2)


@pytest.mark.parametrize("amount", [[1.0], [1.0, -1.0], [1.0, np.nan], [1.0, np.inf]])
def test_amounts_that_cannot_be_are_refused(amount: list[float]) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_amounts(amount, 2, field="capacity")
    assert refused.value.field == "capacity"


def test_settings_that_nobody_could_mean_are_refused() -> None:
    for make in (
        lambda: Step((), ()),
        lambda: Step((5.0, 5.0), (1.0, 0.5)),
        lambda: Step((5.0,), (-1.0,)),
        lambda: Exponential(0.0),
        lambda: Gaussian(0.0),
        lambda: measures.nearest_cost(SMALL, k=0),
        lambda: inequality.poverty([1.0], [1.0], 0.0),
        lambda: inequality.gini([1.0], [0.0]),
    ):
        with pytest.raises(InvalidInput):
            make()
