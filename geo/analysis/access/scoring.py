"""A measure of access for needs known up to a circle: the figure at the middle, and its interval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

from geo.analysis.access import intervals, measures
from geo.analysis.access.decay import Exponential, Step
from geo.analysis.access.uncertain import ANYWHERE_REACHES, UncertainPairs, find_uncertain_pairs
from geo.domain.access_scores import TIMES, AccessMethod
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.analysis.access.intervals import Interval
    from geo.analysis.gaps import Demand, Suits, Supply

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

MOST_PAIRS: Final = 20_000_000
MOST_K: Final = 100
GRAVITY_STANDARDS: Final = 3.0
"""Gravity counts help up to three standards away, where it weighs a twentieth."""
BAND_WEIGHTS: Final = (1.0, 0.68, 0.22)
"""For thirds of the standard: the weights of Luo and Qi 2009 for three bands of one width."""
_MEASURES: Final = {
    AccessMethod.TWO_STEP: (measures.floating_catchment, intervals.catchment_interval),
    AccessMethod.ENHANCED: (measures.floating_catchment, intervals.catchment_interval),
    AccessMethod.THREE_STEP: (measures.three_step, intervals.three_step_interval),
    AccessMethod.BALANCED: (measures.balanced, intervals.balanced_interval),
}


@dataclass(frozen=True, slots=True)
class Scores:
    """Shape ``(n,)`` each: the figure with every need in the middle of its circle, and the two ends."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Scene:
    """Needs and the help that may serve them, in one plane.

    Attributes
    ----------
    demand, supply, suits
        As coverage has them. Help that only may suit counts for the favourable end alone.
    weight
        Shape ``(n,)``: what each need counts as.
    reach_m
        Shape ``(n,)``: straight metres within the standard, by each household's own way of travelling.
    standard_min
        The standard.
    """

    demand: Demand
    supply: Supply
    suits: Suits
    weight: FloatArray
    reach_m: FloatArray
    standard_min: float


def score_access(method: AccessMethod, scene: Scene, *, k: int = 1) -> Scores:
    """Work out a measure for every need.

    Parameters
    ----------
    method
        ``cumulative`` and ``2sfca`` count what is within the standard, ``e2sfca``, ``3sfca`` in thirds of it, ``bfca``
        as ``2sfca``; ``gravity`` falls with ``exp(-minutes / standard)``. ``nearest`` and ``kth`` know no limit.
    k
        For ``kth``.

    Returns
    -------
    Scores
        Minutes, infinite where there are fewer than ``k`` places of help; otherwise units of capacity, 0 where nothing
        is in reach. The figure lies between the ends.

    Raises
    ------
    InvalidInput
        For more than ``MOST_PAIRS`` pairs of needs and help, or ``k`` below 1.
    """
    if method in TIMES:
        return _score_times(scene, k if method is AccessMethod.KTH else 1)
    scene = _narrow(scene)
    decay = _decay(method, scene.standard_min)
    uncertain = _pairs(scene, decay.reach, scene.demand.uncertainty_m)
    middle = _pairs(scene, decay.reach, np.zeros(len(scene.weight))).sure()
    if method in _MEASURES:
        measure, enclose = _MEASURES[method]
        value = measure(middle, scene.weight, scene.supply.capacity, decay)
        ends = enclose(uncertain, scene.weight, scene.supply.capacity, decay)
    else:
        value = measures.opportunities(middle, scene.supply.capacity, decay)
        ends = intervals.opportunities_interval(uncertain, scene.supply.capacity, decay)
    return _scores(value, ends)


def _scores(value: FloatArray, ends: Interval) -> Scores:
    # sums in another order differ in their last digit
    return Scores(value, np.minimum(ends.low, value), np.maximum(ends.high, value))


def _decay(method: AccessMethod, standard_min: float) -> Step | Exponential:
    if method is AccessMethod.GRAVITY:
        return Exponential(1 / standard_min, GRAVITY_STANDARDS * standard_min)
    if method in {AccessMethod.ENHANCED, AccessMethod.THREE_STEP}:
        parts = len(BAND_WEIGHTS)
        return Step(tuple(standard_min * part / parts for part in range(1, parts + 1)), BAND_WEIGHTS)
    return Step((standard_min,), (1.0,))


def _score_times(scene: Scene, k: int) -> Scores:
    """Ask a tree for the k-th nearest: its distance changes by no more than the place it is asked from."""
    if k < 1:
        raise InvalidInput("k must be 1 or more", field="k")
    demand, each = scene.demand, scene.standard_min / scene.reach_m
    sure, best = (_kth_m(scene, table, k) for table in (scene.suits.sure, scene.suits.best))
    low = np.maximum(best - demand.uncertainty_m, 0.0) * each
    return Scores(sure * each, low, (sure + demand.uncertainty_m) * each)


def _kth_m(scene: Scene, table: BoolArray, k: int) -> FloatArray:
    found = np.full(len(scene.weight), np.inf)
    for kind in np.unique(scene.demand.kind).tolist():
        rows = np.flatnonzero(scene.demand.kind == kind)
        places = scene.supply.xy[table[kind][scene.supply.kind] & (scene.supply.capacity > 0)]
        if len(places) >= k:
            found[rows] = cKDTree(places).query(scene.demand.xy[rows], k=[k])[0][:, 0]
    return found


def _pairs(scene: Scene, reach_min: float, uncertainty_m: FloatArray) -> UncertainPairs:
    demand, supply, suits = scene.demand, scene.supply, scene.suits
    reach_m = scene.reach_m * (reach_min / scene.standard_min)
    placed = uncertainty_m <= ANYWHERE_REACHES * reach_m
    _check_size(demand.xy[placed], (reach_m + uncertainty_m)[placed], supply.xy)
    each = scene.standard_min / scene.reach_m
    found = find_uncertain_pairs(demand.xy, uncertainty_m, supply.xy, reach_m=reach_m, cost_per_m=each)
    need_kind, place_kind = demand.kind[found.demand], supply.kind[found.supply]
    may, must = suits.best[need_kind, place_kind], suits.sure[need_kind, place_kind]
    high = np.where(must, found.high, np.inf)
    return replace(found, demand=found.demand[may], supply=found.supply[may], low=found.low[may], high=high[may])


def _narrow(scene: Scene) -> Scene:
    """Leave out help that may serve none of these needs, so that no end counts it."""
    kinds = np.asarray(scene.suits.best[np.unique(scene.demand.kind)].any(axis=0))
    used = kinds[scene.supply.kind]
    supply = replace(
        scene.supply, xy=scene.supply.xy[used], kind=scene.supply.kind[used], capacity=scene.supply.capacity[used]
    )
    return replace(scene, supply=supply)


def _check_size(from_xy: FloatArray, radius_m: FloatArray, to_xy: FloatArray) -> None:
    if len(from_xy) * len(to_xy) <= MOST_PAIRS:
        return
    if cKDTree(to_xy).query_ball_point(from_xy, radius_m, return_length=True).sum() > MOST_PAIRS:
        raise InvalidInput("too many pairs of needs and help; ask for a shorter standard", field="standard_min")
