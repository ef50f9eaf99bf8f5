"""Location problems with capacities as mixed-integer programs: demand may be split among places.

How much of each demand goes to each place is a variable; a place that is not open takes none, an open one no more than
its capacity (the fixed-charge form of the location problem, Balinski 1965, doi:10.1287/mnsc.12.3.253).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint

from geo.analysis.siting_exact import Found, Infeasible, any_of, entries, opened_by, opens, run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.analysis.siting_room import Room

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]

MOST_LINKED: Final = 2_000
"""Up to so many pairs, each has a row of its own that ties it to its place: the relaxation is tighter, and larger."""
_CLOSE: Final = 1e-9


def serve_most(room: Room, k: int) -> Found:
    """Serve demand of the most worth with ``k`` more places."""
    ground = room.ground
    base, part = room.short_side()
    if not len(part.ground.row):
        return Found(base, any_of(ground, k), is_optimal=True, bound=base)
    rows, limits = _limits(part)
    limits += [LinearConstraint(_given(part, rows), -np.inf, part.ground.weight[rows]), _count(part, k)]
    price = np.concatenate([np.zeros(len(room.capacity)), -room.value[part.ground.row]])
    result = run(part.ground, price, limits, whole=len(room.capacity), most=part.ground.weight[part.ground.row])
    opened = opened_by(ground, result)
    value = room.worth(ground.with_(opened))
    return Found(value, opened, result.status == 0, max(value, base - float(result.mip_dual_bound)), result.status != 0)


def serve_all(room: Room) -> Found:
    """Serve as much as all candidates together could, with the fewest places; those held are counted too."""
    held = int(room.ground.held.sum())
    _, room = room.short_side()
    ground = room.ground
    whole = room.serve(np.ones(len(ground.held), bool)).served
    if room.serve(ground.held).served >= whole - _CLOSE * max(whole, 1.0):
        return Found(float(held), np.empty(0, np.int64), is_optimal=True, bound=float(held))
    rows, limits = _limits(room)
    places, pairs = len(ground.held), len(ground.row)
    total = entries([(np.zeros(pairs, np.int64), places + np.arange(pairs), 1.0)], 1, places + pairs)
    limits += [
        LinearConstraint(_given(room, rows), -np.inf, ground.weight[rows]),
        LinearConstraint(total, whole - _CLOSE * max(whole, 1.0), np.inf),
    ]
    price = np.concatenate([np.ones(places), np.zeros(pairs)])
    result = run(ground, price, limits, whole=places, most=ground.weight[ground.row])
    opened = opened_by(ground, result)
    value = float(held + len(opened))
    return Found(
        value, opened, result.status == 0, min(value, float(np.ceil(result.mip_dual_bound - 1e-6))), result.status != 0
    )


def least_sum(room: Room, k: int) -> Found:
    """Serve all demand at the least sum of amount times value times cost, with ``k`` more places."""
    ground = room.ground
    places, pairs = len(ground.held), len(ground.row)
    if not pairs:
        return Found(0.0, any_of(ground, k), is_optimal=True, bound=0.0)
    rows, limits = _limits(room)
    limits += [_all(room, rows), _count(room, k)]
    price = np.concatenate([np.zeros(places), room.value[ground.row] * ground.cost])
    result = run(ground, price, limits, whole=places, most=ground.weight[ground.row])
    value = float(result.fun)
    bound = min(value, float(result.mip_dual_bound))
    return Found(value, opened_by(ground, result), result.status == 0, bound, result.status != 0)


def least_longest(room: Room, k: int) -> Found:
    """Serve all demand with the longest way that is used as short as can be, by halving the list of costs."""
    ground = room.ground
    if not len(ground.row):
        return Found(0.0, any_of(ground, k), is_optimal=True, bound=0.0)
    steps = np.unique(ground.cost)
    low, high = 0, len(steps) - 1
    best = _serve_within(room, k, steps[high])
    if best is None:
        raise Infeasible
    while low < high:
        middle = (low + high) // 2
        found = _serve_within(room, k, steps[middle])
        if found is None:
            low = middle + 1
        else:
            best, high = found, middle
    return Found(float(steps[high]), best, is_optimal=True, bound=float(steps[high]))


def _serve_within(room: Room, k: int, limit: float) -> IndexArray | None:
    near = room.kept(room.ground.cost <= limit)
    ground, asked = near.ground, np.unique(room.ground.row)
    every = near.serve(np.ones(len(room.capacity), bool))
    if (every.by_demand[asked] > 0).any():
        return None
    rows, limits = _limits(near)
    limits += [_all(near, rows), _count(near, k)]
    places = len(room.capacity)
    price = np.zeros(places + len(ground.row))
    try:
        result = run(ground, price, limits, whole=places, most=ground.weight[ground.row])
    except Infeasible:
        return None
    return opened_by(ground, result)


def _limits(room: Room) -> tuple[IndexArray, list[LinearConstraint]]:
    """Give the demand that has pairs, and the rows every problem shares: no place takes more than it can."""
    ground = room.ground
    places, pairs = len(room.capacity), len(ground.row)
    each = np.arange(pairs)
    width = places + pairs
    takes = entries([(ground.column, places + each, 1.0)], places, width)
    holds = sparse.csr_array((room.capacity, (np.arange(places), np.arange(places))), shape=(places, width))
    limits = [LinearConstraint(takes - holds, -np.inf, 0.0)]
    if pairs <= MOST_LINKED:
        most = np.minimum(ground.weight[ground.row], room.capacity[ground.column])
        tie = sparse.csr_array((most, (each, ground.column)), shape=(pairs, width))
        limits.append(LinearConstraint(entries([(each, places + each, 1.0)], pairs, width) - tie, -np.inf, 0.0))
    return np.unique(ground.row), limits


def _given(room: Room, rows: IndexArray) -> sparse.csr_array:
    """Sum what each demand is given, one row for each that has pairs."""
    ground, places = room.ground, len(room.capacity)
    at = np.searchsorted(rows, ground.row)
    return entries([(at, places + np.arange(len(at)), 1.0)], len(rows), places + len(at))


def _all(room: Room, rows: IndexArray) -> LinearConstraint:
    weight = room.ground.weight[rows]
    return LinearConstraint(_given(room, rows), weight, weight)


def _count(room: Room, k: int) -> LinearConstraint:
    return opens(room.ground, k, len(room.capacity) + len(room.ground.row))
