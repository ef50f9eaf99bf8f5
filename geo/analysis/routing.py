"""Which driver stops where, and in which order: as much weight as can be, then as little travel as can be.

A few stops are answered exactly (``routing_exact``), more by a search (``routing_search``) whose result is checked,
completed and given a lower bound here. All is reckoned in whole seconds, travel rounded up, so that a time kept on
paper is kept by the travel model too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.analysis.routing_bound import bound_travel_s
from geo.analysis.routing_exact import EXACT_UP_TO, route_exactly
from geo.analysis.routing_legs import NO_WAY_S, measure
from geo.analysis.routing_search import ITERATIONS, search_routes
from geo.domain.routing import Routing, Unserved
from geo.units import SECONDS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

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
