"""What a figure of access can be at least and at most, wherever in their circles of uncertainty the needs may be.

Each function encloses: the figure for true places anywhere in the circles lies between the two ends. Costs of
different pairs are let vary on their own, though one need cannot be at two places at once, so an interval may be wider
than the truth; with no uncertainty it has no width. How tight each is stands in its docstring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geo.analysis.access.decay import Step
from geo.analysis.access.measures import nearest_cost, opportunities
from geo.analysis.access.pairs import check_amounts
from geo.analysis.access.unmet import Unmet, find_unmet
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.decay import Decay
    from geo.analysis.access.uncertain import UncertainPairs

    FloatArray = NDArray[np.float64]


class Interval(NamedTuple):
    """The least and the greatest a figure can be, shape ``(demand_count,)`` each, in the unit of the figure."""

    low: FloatArray
    high: FloatArray


class UnmetInterval(NamedTuple):
    """Unmet demand with the reach that is sure, and the least gap if every place lay favourably."""

    sure: Unmet
    least_gap: float


class _Weights(NamedTuple):
    """For each pair the least and the greatest weight, the least above 0, and what demand that is anywhere may have."""

    low: FloatArray
    high: FloatArray
    least: FloatArray
    top: float


def nearest_interval(
    pairs: UncertainPairs, *, k: int = 1, limit: float = np.inf, usable: ArrayLike | None = None
) -> Interval:
    """Enclose the cost of the k-th nearest supply.

    The k-th smallest of several numbers rises with each of them. For ``k = 1`` the lower end is attained; the upper
    end is where all supply lies on one line from the need.

    Parameters
    ----------
    k
        1 for the nearest.
    limit
        The cost beyond which supply does not count.
    usable
        Shape ``(supply_count,)``: which supply counts; all when left out.

    Returns
    -------
    Interval
        In the unit of the costs; infinite where fewer than ``k`` are in reach. Demand that may be anywhere has 0 and
        infinity.

    Raises
    ------
    InvalidInput
        For ``k`` below 1.
    """
    low = nearest_cost(pairs.best(limit), k=k, usable=usable)
    high = nearest_cost(pairs.sure(limit), k=k, usable=usable)
    count = pairs.supply_count if usable is None else int(np.count_nonzero(usable))
    low[pairs.anywhere] = 0.0 if count >= k else np.inf
    return Interval(low, high)


def opportunities_interval(pairs: UncertainPairs, capacity: ArrayLike, decay: Decay) -> Interval:
    """Enclose the supply each demand can reach: cumulative with one step, gravity with an impedance.

    Supply counts less the farther it is, so the ends of the costs are those of each pair's weight. Attained where one
    supply is in reach; with several, all are taken as far, or as near, as each can be by itself.

    Parameters
    ----------
    pairs
        All that may cost no more than the catchment of ``decay``.
    capacity
        Shape ``(supply_count,)``.
    decay
        Must never rise with the cost.

    Returns
    -------
    Interval
        In units of capacity. Demand that may be anywhere has 0 and all there is.

    Raises
    ------
    InvalidInput
        For amounts below 0, or steps that rise.
    """
    top = _top(decay)
    low = opportunities(pairs.sure(), capacity, decay)
    high = opportunities(pairs.best(), capacity, decay)
    high[pairs.anywhere] = float(np.sum(np.asarray(capacity, np.float64))) * top
    return Interval(low, high)


def catchment_interval(pairs: UncertainPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay) -> Interval:
    """Enclose the two-step floating catchment (2SFCA, E2SFCA, G2SFCA).

    What a supply adds, ``S_j w_ij / (P_i w_ij + sum_{k != i} P_k w_kj)``, rises with the demand's own weight and falls
    with everybody else's. So the least is found with the own weight least and the others' greatest, and the greatest
    the other way round: exact for each supply alone, if all weights may vary on their own.

    Parameters
    ----------
    weight, capacity
        Shapes ``(demand_count,)`` and ``(supply_count,)``.
    decay
        Must never rise with the cost.

    Returns
    -------
    Interval
        Capacity per unit of demand. Infinite above where demand of weight 0 may have a supply to itself that others
        may come near.

    Raises
    ------
    InvalidInput
        For amounts below 0, or steps that rise.
    """
    demand, supply, weights = _lay_out(pairs, weight, capacity, decay)
    return _enclose(pairs, demand, supply, weights.low, weights.high, top=weights.top)


def three_step_interval(pairs: UncertainPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay) -> Interval:
    """Enclose the three-step floating catchment (3SFCA).

    The weight of a pair, ``w_ij**2 / sum_l w_il``, rises with its own ``w`` and falls with the same demand's others;
    with these ends it goes on as :func:`catchment_interval`, to which it adds slack where one demand reaches several
    supplies.

    Returns
    -------
    Interval
        As :func:`catchment_interval`.
    """
    demand, supply, weights = _lay_out(pairs, weight, capacity, decay)
    low, high = _shares(pairs.demand, weights, pairs.demand_count, 0.0)
    return _enclose(pairs, demand, supply, low * weights.low, high * weights.high, top=weights.top)


def balanced_interval(pairs: UncertainPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay) -> Interval:
    """Enclose the balanced floating catchment (BFCA).

    Both steps' weights are enclosed as shares, and the quotient taken of their worst ends: the loosest of the four,
    since the same costs stand above and below the line.

    Returns
    -------
    Interval
        As :func:`catchment_interval`; infinite above also where a weight may come as near to 0 as it likes, which a
        Gaussian does at the edge of its catchment and steps never do.
    """
    demand, supply, weights = _lay_out(pairs, weight, capacity, decay)
    row, column = pairs.demand, pairs.supply
    first_low, first_high = _shares(row, weights, pairs.demand_count, 0.0)
    crowd = weights.top * np.count_nonzero(pairs.anywhere)
    second_low, second_high = _shares(column, weights, pairs.supply_count, crowd)
    asked_low = _sum(column, demand[row] * first_low, pairs.supply_count)
    asked_high = _sum(column, demand[row] * first_high, pairs.supply_count) + demand[pairs.anywhere].sum()
    # a pair that counts at all weighs at least so much in the first step
    others = _sum(row, weights.high, pairs.demand_count)[row] - weights.high
    floor = np.where(weights.low > 0, first_low, _divide(weights.least, np.maximum(others, 0.0) + weights.least))
    own = demand[row] * (floor - first_low)
    low = np.where(asked_low[column] > 0, _divide(supply[column] * second_low, asked_high[column]), 0.0)
    high = _divide_up(supply[column] * second_high, asked_low[column] + own, asked_high[column])
    found = Interval(*(_sum(row, part, pairs.demand_count) for part in (low, high)))
    most = weights.top * max(pairs.supply_count - 1, 0)
    alone = _sum(column, weights.low, pairs.supply_count)
    share = _divide(np.full(pairs.supply_count, weights.top), alone + weights.top)
    least = _least(decay) / (most + _least(decay)) if _least(decay) else 0.0
    for amount in np.unique(demand[pairs.anywhere]):
        there = pairs.anywhere & (demand == amount)
        found.high[there] = _divide_up(supply * share, asked_low + amount * least, asked_high).sum()
    return found


def unmet_interval(pairs: UncertainPairs, weight: ArrayLike, capacity: ArrayLike, *, limit: float) -> UnmetInterval:
    """Enclose the demand that no allocation can serve within a limit of cost.

    What may be reached grows as places move nearer, and the gap only shrinks by it; so the gap lies between that of the
    best and that of the sure reach. Demand that may be anywhere is surely reached by nothing, and at best takes
    whatever room the others leave, which is exactly what a maximum flow would give it.

    Parameters
    ----------
    weight, capacity
        Shapes ``(demand_count,)`` and ``(supply_count,)``, in one unit.
    limit
        The standard, in the unit of the costs.

    Returns
    -------
    UnmetInterval
        ``least_gap <= sure.gap``, and the true gap between them.
    """
    demand = check_amounts(weight, pairs.demand_count, field="weight")
    supply = check_amounts(capacity, pairs.supply_count, field="capacity")
    placed = np.where(pairs.anywhere, 0.0, demand)
    best = find_unmet(pairs.best(limit), placed, supply)
    loose = float(demand.sum() - placed.sum())
    least = float(demand.sum()) - best.served - min(loose, float(supply.sum()) - best.served)
    return UnmetInterval(find_unmet(pairs.sure(limit), demand, supply), max(least, 0.0))


def _top(decay: Decay) -> float:
    if isinstance(decay, Step) and any(np.diff(decay.weights) > 0):
        raise InvalidInput("the weights of the bands must not rise with the cost", field="weights")
    return float(decay(np.zeros(1))[0])


def _least(decay: Decay) -> float:
    """Give the least weight above 0 that a pair can have; 0 where weights fade out by degrees."""
    return min((w for w in decay.weights if w > 0), default=0.0) if isinstance(decay, Step) else 0.0


def _lay_out(
    pairs: UncertainPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay
) -> tuple[FloatArray, FloatArray, _Weights]:
    demand = check_amounts(weight, pairs.demand_count, field="weight")
    supply = check_amounts(capacity, pairs.supply_count, field="capacity")
    top = _top(decay)
    low, high = decay(pairs.high), decay(pairs.low)
    least = np.where(low > 0, low, np.where(high > 0, _least(decay), 0.0))
    return demand, supply, _Weights(low, high, least, top)


def _shares(of: NDArray[np.int64], weights: _Weights, count: int, crowd: float) -> tuple[FloatArray, FloatArray]:
    """Give the ends of each weight's share of the sum over its demand, or supply; ``crowd`` may come on top."""
    width = weights.high - weights.low
    most = np.maximum((_sum(of, weights.high, count) + crowd)[of] - width, weights.low)
    return _divide(weights.low, most), _divide(weights.high, _sum(of, weights.low, count)[of] + width)


def _enclose(
    pairs: UncertainPairs, demand: FloatArray, supply: FloatArray, low: FloatArray, high: FloatArray, *, top: float
) -> Interval:
    """Take both steps, with each pair's weight between two ends."""
    row, column = pairs.demand, pairs.supply
    own, width = demand[row], demand[row] * (high - low)
    asked_low = _sum(column, own * low, pairs.supply_count)
    asked_high = _sum(column, own * high, pairs.supply_count) + demand[pairs.anywhere].sum() * top
    # where perhaps nobody with a weight asks, a supply is shared out to nobody
    least = np.where(
        asked_low[column] > 0, _divide(supply[column] * low, np.maximum(asked_high[column] - width, own * low)), 0.0
    )
    most = _divide_up(supply[column] * high, asked_low[column] + width, asked_high[column])
    found = Interval(*(_sum(row, part, pairs.demand_count) for part in (least, most)))
    for amount in np.unique(demand[pairs.anywhere]):
        there = pairs.anywhere & (demand == amount)
        found.high[there] = _divide_up(supply * top, asked_low + amount * top, asked_high).sum()
    return found


def _sum(at: NDArray[np.int64], amount: FloatArray, count: int) -> FloatArray:
    return np.bincount(at, amount, minlength=count).astype(np.float64)


def _divide(amount: FloatArray, among: FloatArray) -> FloatArray:
    return np.divide(amount, among, out=np.zeros(len(amount)), where=(among > 0) & (amount > 0))


def _divide_up(amount: FloatArray, among: FloatArray, at_most: FloatArray) -> FloatArray:
    """Divide; without bound where nobody need be among those that share but somebody may."""
    unbounded = (among <= 0) & (amount > 0) & (at_most > 0)
    return np.where(unbounded, np.inf, _divide(amount, among))
