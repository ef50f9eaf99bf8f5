"""Which driver stops where, and in which order: as much weight as can be, then as little travel as can be.

A few stops are answered exactly (``routing_exact``), more by a search (``routing_search``) whose result is checked,
completed and given a lower bound here. All is reckoned in whole seconds, travel rounded up, so that a time kept on
paper is kept by the travel model too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.analysis.routing_exact import EXACT_UP_TO, route_exactly
from geo.analysis.routing_legs import NO_WAY_S, measure
from geo.analysis.routing_search import ITERATIONS, search_routes
from geo.domain.routing import Routing, Unserved
from geo.units import SECONDS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.analysis.routing_legs import Legs
    from geo.domain.routing import RoutingAsked
    from geo.domain.travel import TravelModel

    Order = tuple[int, ...]

MOST_DRIVERS_EXACT: Final = 6


def route(
    asked: RoutingAsked, model: TravelModel, *, seed: int = 0, iterations: int = ITERATIONS, exact: bool = True
) -> Routing:
    """Split stops among drivers and put them in order.

    Parameters
    ----------
    asked
        Stops and drivers.
    model
        Measures the legs; there and back may differ.
    seed, iterations
        Of the search; the same give the same routes.
    exact
        Whether a few stops are answered exactly.

    Returns
    -------
    Routing
        Every stop is on one route, or has the reason why it is on none.

    Raises
    ------
    TravelFailed
        If the travel engine gives no answer.
    """
    legs = measure(asked, model)
    is_small = exact and legs.stop_count <= EXACT_UP_TO and legs.driver_count <= MOST_DRIVERS_EXACT
    if is_small:
        orders = route_exactly(legs)
    else:
        orders = _completed(legs, _checked(legs, search_routes(legs, seed=seed, iterations=iterations)))
    return _written(legs, orders, asked, is_proven=is_small)


def _checked(legs: Legs, orders: Sequence[Order]) -> list[Order]:
    """Trust no order that cannot be driven by our own clock."""
    return [order if legs.drive(driver, order) is not None else () for driver, order in enumerate(orders)]


def _completed(legs: Legs, orders: Sequence[Order]) -> list[Order]:
    """Put each stop that was left out where it costs least, while there is such a place."""
    found = list(orders)
    left = set(range(legs.stop_count)) - {stop for order in orders for stop in order}
    for stop in sorted(left, key=lambda one: (-int(legs.weight[one]), one)):
        ways = [
            (legs.travel_s(driver, longer) - legs.travel_s(driver, order), driver, longer)
            for driver, order in enumerate(found)
            for at in range(len(order) + 1)
            if legs.drive(driver, longer := (*order[:at], stop, *order[at:])) is not None
        ]
        if ways:
            _, driver, longer = min(ways)
            found[driver] = longer
    return found


def _written(legs: Legs, orders: Sequence[Order], asked: RoutingAsked, *, is_proven: bool) -> Routing:
    travel_s = sum(legs.travel_s(driver, order) for driver, order in enumerate(orders))
    bound_s = travel_s if is_proven else min(travel_s, bound_travel_s(legs, orders))
    served = {stop for order in orders for stop in order}
    left = {stop: _reason(legs, stop, orders, asked) for stop in range(legs.stop_count) if stop not in served}
    # beyond what is proven, a stop may be left out only where nobody could serve it at all
    nothing_lost = all(why not in (Unserved.NO_ROOM, Unserved.NO_TIME) for why in left.values())
    return Routing(
        tuple(legs.route(driver, order) for driver, order in enumerate(orders) if order),
        left,
        travel_s / SECONDS_PER_MIN,
        bound_s / SECONDS_PER_MIN,
        is_proven or (nothing_lost and bound_s == travel_s),
    )


def _reason(legs: Legs, stop: int, orders: Sequence[Order], asked: RoutingAsked) -> Unserved:
    drivers = [d for d, one in enumerate(asked.drivers) if stop not in one.kept_apart]
    if not drivers:
        return Unserved.KEPT_APART
    drivers = [d for d in drivers if legs.demand[stop] <= legs.capacity[d]]
    if not drivers:
        return Unserved.TOO_BIG
    n = legs.stop_count
    drivers = [d for d in drivers if max(legs.legs_s[d, n, stop], legs.legs_s[d, stop, n + 1]) < NO_WAY_S]
    if not drivers:
        return Unserved.UNREACHABLE
    drivers = [d for d in drivers if legs.drive(d, (stop,)) is not None]
    if not drivers:
        return Unserved.OUTSIDE_HOURS
    room = [legs.capacity[d] - sum(int(legs.demand[i]) for i in orders[d]) for d in drivers]
    return Unserved.NO_TIME if max(room) >= legs.demand[stop] else Unserved.NO_ROOM


def bound_travel_s(legs: Legs, orders: Sequence[Order]) -> int:
    """Give seconds of travel that no routes to the same stops undercut.

    Every stop is left once and reached once, every driver leaves once and arrives once; an assignment that keeps to
    this alone, and to which stop cannot follow which, costs no more than routes do.
    """
    served = sorted(stop for order in orders for stop in order)
    if not served:
        return 0
    k, m, n = len(served), legs.driver_count, legs.stop_count
    cost = np.full((k + m, k + m), float(NO_WAY_S) * (k + m))
    between = np.where(_can_follow(legs, served), legs.legs_s[:, served][:, :, served].min(axis=0), NO_WAY_S)
    np.fill_diagonal(between, NO_WAY_S)
    cost[:k, :k] = np.where(between < NO_WAY_S, between, cost[:k, :k])
    for driver in range(m):
        # a driver who stays at home leaves for where the round would end
        cost[k + driver, k + driver] = 0
        out, back = legs.legs_s[driver, n, served], legs.legs_s[driver, served, n + 1]
        cost[k + driver, :k] = np.where(out < NO_WAY_S, out, cost[k + driver, :k])
        cost[:k, k + driver] = np.where(back < NO_WAY_S, back, cost[:k, k + driver])
    rows, columns = linear_sum_assignment(cost)
    return int(cost[rows, columns].sum())


def _can_follow(legs: Legs, served: Sequence[int]) -> NDArray[np.bool_]:
    """Tell which stop (column) can follow which (row) in time, by whichever driver is quickest."""
    least = legs.legs_s[:, served][:, :, served].min(axis=0)
    free = legs.earliest_s[served] + legs.service_s[served]
    allowed: NDArray[np.bool_] = free[:, None] + least <= legs.latest_s[served][None, :]
    return allowed
