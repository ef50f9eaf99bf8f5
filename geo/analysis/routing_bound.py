"""How little travel any routes to given stops must take: two relaxations, of which the larger counts.

The first assigns to every stop the one after it. The second is the tree of Held and Karp (1970,
doi:10.1287/opre.18.6.1138) with all depots taken for one: routes, each without one leg at its depot, are a tree through
all stops; prices on stops that lie on too many or too few of its legs make the least tree look like routes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.analysis.routing_legs import NO_WAY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.analysis.routing_legs import Legs

    Order = tuple[int, ...]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

STEPS: Final = 150
"""Of the search for prices; every one of them gives a bound that holds."""
_ROUNDING_S: Final = 1e-3


def bound_travel_s(legs: Legs, orders: Sequence[Order]) -> int:
    """Give seconds of travel that no routes to the same stops undercut.

    Parameters
    ----------
    orders
        Routes that can be driven, for each driver; only which stops they serve, and how long they are, is used.
    """
    served = sorted(stop for order in orders for stop in order)
    if not served:
        return 0
    travel_s = sum(legs.travel_s(driver, order) for driver, order in enumerate(orders))
    return max(_assigned_s(legs, served), _tree_s(legs, served, float(travel_s)))


def _between(legs: Legs, served: Sequence[int]) -> IntArray:
    """Give the least leg from each stop (row) to each other (column), where one can follow the other in time."""
    least = legs.legs_s[:, served][:, :, served].min(axis=0)
    free = legs.earliest_s[served] + legs.service_s[served]
    between = np.where(free[:, None] + least <= legs.latest_s[served][None, :], least, NO_WAY_S)
    np.fill_diagonal(between, NO_WAY_S)
    return between


def _assigned_s(legs: Legs, served: Sequence[int]) -> int:
    """Every stop is left once and reached once, every driver leaves once and arrives once, or stays where they are."""
    k, m, n = len(served), legs.driver_count, legs.stop_count
    cost = np.full((k + m, k + m), float(NO_WAY_S) * (k + m))
    between = _between(legs, served)
    cost[:k, :k] = np.where(between < NO_WAY_S, between, cost[:k, :k])
    for driver in range(m):
        cost[k + driver, k + driver] = 0
        out, back = legs.legs_s[driver, n, served], legs.legs_s[driver, served, n + 1]
        cost[k + driver, :k] = np.where(out < NO_WAY_S, out, cost[k + driver, :k])
        cost[:k, k + driver] = np.where(back < NO_WAY_S, back, cost[:k, k + driver])
    rows, columns = linear_sum_assignment(cost)
    return int(cost[rows, columns].sum())


def _tree_s(legs: Legs, served: Sequence[int], travel_s: float) -> int:
    n, between = legs.stop_count, _between(legs, served)
    depot = np.minimum(legs.legs_s[:, n, served].min(axis=0), legs.legs_s[:, served, n + 1].min(axis=0))
    weight = np.zeros((len(served) + 1, len(served) + 1))
    weight[1:, 1:] = np.minimum(between, between.T)
    weight[0, 1:] = weight[1:, 0] = depot
    at_least = _fewest_routes(legs, served)
    price, best, step = np.zeros(len(weight)), 0.0, 1.0
    for turn in range(STEPS):
        priced = weight + price[:, None] + price[None, :]
        length, degree = _least_tree(priced)
        leg = float(priced[0, 1:].min())
        # one leg at the depot closes each route
        routes = at_least if leg >= 0 else legs.driver_count
        found = length + routes * leg - 2 * float(price.sum())
        best = max(best, found)
        slack = degree - 2.0
        slack[0] = 0.0
        slack[1 + int(priced[0, 1:].argmin())] += routes
        norm = float(slack @ slack)
        if norm == 0 or best >= travel_s:
            break
        price = price + step * max(travel_s - found, 1.0) / norm * slack
        step *= 0.97 if turn % 2 else 1.0
    return math.ceil(best - _ROUNDING_S)


def _fewest_routes(legs: Legs, served: Sequence[int]) -> int:
    largest = int(legs.capacity.max())
    return max(1, -(-int(legs.demand[served].sum()) // largest)) if largest else 1


def _least_tree(weight: FloatArray) -> tuple[float, FloatArray]:
    """Give the length of the least spanning tree, and on how many of its legs each place lies (Prim)."""
    size = len(weight)
    degree, outside = np.zeros(size), np.ones(size, dtype=bool)
    outside[0] = False
    near, by = weight[0].copy(), np.zeros(size, dtype=np.int64)
    length = 0.0
    for _ in range(size - 1):
        following = int(np.where(outside, near, np.inf).argmin())
        length += float(near[following])
        degree[following] += 1
        degree[by[following]] += 1
        outside[following] = False
        closer = weight[following] < near
        near, by = np.where(closer, weight[following], near), np.where(closer, following, by)
    return length, degree
