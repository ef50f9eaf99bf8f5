"""Whatever the true places, a figure of access lies within its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis.access import intervals, measures
from geo.analysis.access.decay import Exponential, Gaussian, Step
from geo.analysis.access.intervals import Interval
from geo.analysis.access.pairs import CostPairs
from geo.analysis.access.uncertain import ANYWHERE_REACHES, UncertainPairs, find_uncertain_pairs
from geo.analysis.access.unmet import find_unmet
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

REACH_M: Final = 100.0
M_PER_MIN: Final = 20.0
REACH_MIN: Final = REACH_M / M_PER_MIN
DECAYS: Final = (
    Step((REACH_MIN,), (1.0,)),
    Step((REACH_MIN / 3, 2 * REACH_MIN / 3, REACH_MIN), (1.0, 0.68, 0.22)),
    Gaussian(REACH_MIN),
    Exponential(0.4, reach=REACH_MIN),
)
CATCHMENTS: Final[tuple[tuple[Callable[..., Interval], Callable[..., np.ndarray]], ...]] = (
    (intervals.catchment_interval, measures.floating_catchment),
    (intervals.three_step_interval, measures.three_step),
    (intervals.balanced_interval, measures.balanced),
)
ABOUT: Final = {"rtol": 1e-9, "atol": 1e-9}


def exact(xy: np.ndarray, places: np.ndarray) -> CostPairs:
    """Every pair at its cost from here, by brute force."""
    minutes = np.hypot(*(xy[:, None, :] - places[None, :, :]).transpose(2, 0, 1)) / M_PER_MIN
    row, column = np.nonzero(minutes <= REACH_MIN)
    return CostPairs.check(row, column, minutes[row, column], demand_count=len(xy), supply_count=len(places))


def encloses(interval: Interval, figure: np.ndarray) -> None:
    slack = 1e-9 * (1 + np.where(np.isfinite(figure), figure, 0.0))
    assert (interval.low <= figure + slack).all(), (interval.low, figure)
    assert (figure <= interval.high + slack).all(), (figure, interval.high)


class Case:
    """Needs in circles, places of help, and one draw of where the needs truly are."""

    def __init__(self, seed: int, *, uncertain: bool) -> None:
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(1, 7)), int(rng.integers(1, 6))
        self.xy, self.places = rng.uniform(0, 250, (n, 2)), rng.uniform(0, 250, (m, 2))
        chosen = rng.choice([0.0, 5.0, 60.0, 150.0, REACH_M * (ANYWHERE_REACHES + 1), 100_000.0], n)
        self.uncertainty_m = chosen if uncertain else np.zeros(n)
        self.people = rng.choice([0.0, 1.0, 1.0, 3.0], n)
        self.capacity = rng.choice([0.0, 1.0, 2.5, 4.0], m)
        angle, part = rng.uniform(0, 2 * np.pi, n), np.sqrt(rng.choice([0.0, 0.5, 1.0], n) * rng.uniform(0, 1, n))
        away = (self.uncertainty_m * part)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        beside = self.places[rng.integers(0, m, n)]
        could = np.hypot(*(beside - self.xy).T) <= self.uncertainty_m
        self.true_xy = np.where((could & (rng.random(n) < 0.4))[:, None], beside, self.xy + away)
        self.pairs = find_uncertain_pairs(
            self.xy, self.uncertainty_m, self.places, reach_m=np.full(n, REACH_M), cost_per_m=1 / M_PER_MIN
        )
        self.true = exact(self.true_xy, self.places)


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_every_figure_lies_within_its_interval(seed: int) -> None:
    case = Case(seed, uncertain=True)
    usable = case.capacity > 0
    for k in (1, 2, 3):
        found = intervals.nearest_interval(case.pairs, k=k, limit=REACH_MIN, usable=usable)
        encloses(found, measures.nearest_cost(case.true, k=k, usable=usable))
    for decay in DECAYS:
        found = intervals.opportunities_interval(case.pairs, case.capacity, decay)
        encloses(found, measures.opportunities(case.true, case.capacity, decay))
        for enclose, measure in CATCHMENTS:
            found = enclose(case.pairs, case.people, case.capacity, decay)
            encloses(found, measure(case.true, case.people, case.capacity, decay))


@given(seeds)
def test_unmet_demand_lies_within_its_interval(seed: int) -> None:
    case = Case(seed, uncertain=True)
    found = intervals.unmet_interval(case.pairs, case.people, case.capacity, limit=REACH_MIN)
    true = find_unmet(case.true, case.people, case.capacity)
    assert found.least_gap - 1e-7 <= true.gap <= found.sure.gap + 1e-7


@given(seeds)
def test_what_is_known_exactly_has_an_interval_without_width(seed: int) -> None:
    case = Case(seed, uncertain=False)
    for pairs in (case.pairs, UncertainPairs.certain(case.true)):
        for k in (1, 2):
            found = intervals.nearest_interval(pairs, k=k, limit=REACH_MIN)
            np.testing.assert_array_equal(found.low, found.high)
            np.testing.assert_allclose(found.low, measures.nearest_cost(case.true, k=k), **ABOUT)
        for decay in DECAYS:
            found = intervals.opportunities_interval(pairs, case.capacity, decay)
            np.testing.assert_array_equal(found.low, found.high)
            np.testing.assert_allclose(found.low, measures.opportunities(case.true, case.capacity, decay), **ABOUT)
            for enclose, measure in CATCHMENTS:
                found = enclose(pairs, case.people, case.capacity, decay)
                np.testing.assert_array_equal(found.low, found.high)
                np.testing.assert_allclose(found.low, measure(case.true, case.people, case.capacity, decay), **ABOUT)
        gap = intervals.unmet_interval(pairs, case.people, case.capacity, limit=REACH_MIN)
        assert gap.least_gap == pytest.approx(gap.sure.gap, abs=1e-9)


@pytest.mark.parametrize("uncertainty_m", [REACH_M, 400.0, 100_000.0])
def test_a_need_known_by_its_postcode_alone_is_never_surely_within_the_standard(uncertainty_m: float) -> None:
    at = np.zeros((1, 2))
    # right beside the middle of the circle, and one step away from it
    places = np.array([[0.0, 0.0], [0.5, 0.0]])
    pairs = find_uncertain_pairs(
        at, np.array([uncertainty_m]), places, reach_m=np.array([REACH_M - 1e-3]), cost_per_m=1 / M_PER_MIN
    )
    decay = Step((REACH_MIN - 1e-3 / M_PER_MIN,), (1.0,))
    assert intervals.nearest_interval(pairs, limit=decay.reach).high.tolist() == [np.inf]
    assert intervals.opportunities_interval(pairs, [5, 5], decay) == Interval(0.0, 10.0)
    found = intervals.unmet_interval(pairs, [1], [5, 5], limit=decay.reach)
    assert (found.sure.gap, found.least_gap) == (1.0, 0.0)
    for enclose, _ in CATCHMENTS:
        assert enclose(pairs, [1], [5, 5], decay).low.tolist() == [0.0]


def test_a_wide_circle_stores_no_pairs_and_may_be_anywhere() -> None:
    places = np.random.default_rng(0).uniform(-5_000, 5_000, (2_000, 2))
    pairs = find_uncertain_pairs(np.zeros((2, 2)), np.array([1e5, 1.0]), places, reach_m=np.full(2, REACH_M))
    assert pairs.anywhere.tolist() == [True, False]
    assert set(pairs.demand.tolist()) <= {1}
    found = intervals.opportunities_interval(pairs, np.ones(2_000), Step((REACH_M,), (1.0,)))
    assert (found.low[0], found.high[0]) == (0.0, 2_000.0)


def test_the_interval_of_two_steps_is_attained_where_one_place_is_shared() -> None:
    # two needs, each surely near or not, at one place of help: every end is the figure of some true places
    pairs = UncertainPairs(np.array([0, 1]), np.array([0, 0]), np.zeros(2), np.full(2, 2.0), np.zeros(2, bool), 2, 1)
    found = intervals.catchment_interval(pairs, [1, 1], [6], Step((1.0, 2.0), (1.0, 0.5)))

    def figure(*cost: float) -> list[float]:
        true = CostPairs.check([0, 1], [0, 0], cost, demand_count=2, supply_count=1)
        return measures.floating_catchment(true, [1, 1], [6], Step((1.0, 2.0), (1.0, 0.5))).tolist()

    assert found.low.tolist() == [figure(2, 0)[0], figure(0, 2)[1]] == [2.0, 2.0]
    assert found.high.tolist() == [figure(0, 2)[0], figure(2, 0)[1]] == [4.0, 4.0]


def test_demand_of_no_weight_beside_a_place_that_others_may_come_near_has_no_upper_end() -> None:
    pairs = UncertainPairs(
        np.array([0, 1]), np.array([0, 0]), np.zeros(2), np.array([0.0, 9.0]), np.zeros(2, bool), 2, 1
    )
    found = intervals.catchment_interval(pairs, [0, 1], [6], Gaussian(5.0))
    assert found.high.tolist() == [np.inf, 6.0]


def test_where_there_is_no_help_nothing_is_reached() -> None:
    pairs = find_uncertain_pairs(np.zeros((2, 2)), np.array([5.0, 1e6]), np.empty((0, 2)), reach_m=np.full(2, 10.0))
    for decay in DECAYS:
        for enclose, _ in CATCHMENTS:
            assert enclose(pairs, [1, 1], [], decay).high.tolist() == [0.0, 0.0]
        assert intervals.opportunities_interval(pairs, [], decay).high.tolist() == [0.0, 0.0]
    assert intervals.nearest_interval(pairs).low.tolist() == [np.inf, np.inf]
    assert intervals.unmet_interval(pairs, [1, 1], [], limit=5).least_gap == 2


def test_refuses_what_makes_no_sense() -> None:
    pairs = UncertainPairs.certain(exact(np.zeros((1, 2)), np.zeros((1, 2))))
    with pytest.raises(InvalidInput):
        intervals.opportunities_interval(pairs, [1], Step((1.0, 2.0), (0.5, 1.0)))
    with pytest.raises(InvalidInput):
        intervals.nearest_interval(pairs, k=0)
    for bad in (-1.0, float("nan")):
        with pytest.raises(InvalidInput):
            find_uncertain_pairs(np.zeros((1, 2)), np.array([bad]), np.zeros((1, 2)), reach_m=np.ones(1))
        with pytest.raises(InvalidInput):
            find_uncertain_pairs(np.zeros((1, 2)), np.zeros(1), np.zeros((1, 2)), reach_m=np.array([bad]))
    one = np.array([0])
    with pytest.raises(InvalidInput):
        UncertainPairs(one, one, np.array([2.0]), np.array([1.0]), np.zeros(1, bool), 1, 1)
    with pytest.raises(InvalidInput):
        UncertainPairs(one, one, np.array([1.0]), np.array([1.0]), np.ones(1, bool), 1, 1)
