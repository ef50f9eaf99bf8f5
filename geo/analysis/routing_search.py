"""Routes of many stops by a search that improves them step by step: PyVRP, for a fixed number of steps from a seed.

The search is the iterated local search of Wouda, Lan and Kool (2024, doi:10.1287/ijoc.2023.0055). It proves nothing;
whoever asks checks and bounds what it finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.analysis.routing_legs import NO_WAY_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.analysis.routing_legs import Legs

    IntArray = NDArray[np.int64]
    Order = tuple[int, ...]

ITERATIONS: Final = 2_000


def search_routes(legs: Legs, *, seed: int = 0, iterations: int = ITERATIONS) -> list[Order]:
    """Search for orders that serve much weight with little travel.

    Parameters
    ----------
    seed
        The same seed and steps give the same orders.
    iterations
        Steps; never a time, so that a busy machine answers the same.

    Returns
    -------
    list of tuple of int
        For each driver the stops in order; all empty when nothing that can be driven was found.
    """
    import pyvrp
    from pyvrp.stop import MaxIterations

    worth = _worth(legs)
    # a second or a box too much must cost more than any stop is worth, or the search would dwell on the impossible
    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=float(2 * worth.max())))
    found = pyvrp.solve(
        _problem(pyvrp, legs, worth), MaxIterations(iterations), seed=seed, collect_stats=False, params=params
    )
    orders: list[Order] = [()] * legs.driver_count
    if found.is_feasible():
        for route in found.best.routes():
            orders[route.vehicle_type()] = tuple(one.idx for one in route if one.is_client())
    return orders


def _worth(legs: Legs) -> IntArray:
    """Give each stop a worth beside which all travel is little, so that serving comes first."""
    real = legs.legs_s[legs.legs_s < NO_WAY_S]
    longest_s = int(real.max(initial=1))
    return legs.weight * (longest_s * (legs.stop_count + legs.driver_count) + 1)


def _problem(pyvrp: Any, legs: Legs, worth: IntArray) -> Any:  # noqa: ANN401 - of the library
    n, m = legs.stop_count, legs.driver_count
    clients = [
        pyvrp.Client(
            location=i, delivery=[int(legs.demand[i])], service_duration=int(legs.service_s[i]),
            tw_early=int(legs.earliest_s[i]), tw_late=int(legs.latest_s[i]), prize=int(worth[i]), required=False,
        )
        for i in range(n)
    ]  # fmt: skip
    vehicles = [
        pyvrp.VehicleType(
            capacity=[int(legs.capacity[d])], start_depot=2 * d, end_depot=2 * d + 1, tw_early=int(legs.from_s[d]),
            tw_late=int(legs.until_s[d]), profile=d,
        )
        for d in range(m)
    ]  # fmt: skip
    matrices = [_of_driver(legs, d) for d in range(m)]
    places = [pyvrp.Location(0, 0) for _ in range(n + 2 * m)]
    depots = [pyvrp.Depot(n + i) for i in range(2 * m)]
    return pyvrp.ProblemData(places, clients, depots, vehicles, matrices, matrices)


def _of_driver(legs: Legs, driver: int) -> IntArray:
    n, m = legs.stop_count, legs.driver_count
    own = [*range(n), n + 2 * driver, n + 2 * driver + 1]
    matrix = np.zeros((n + 2 * m, n + 2 * m), dtype=np.int64)
    matrix[np.ix_(own, own)] = legs.legs_s[driver]
    return matrix
