"""Who helps whom: as many needs as can be served, and of all such ways the one that costs least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment, linprog

from geo.analysis.access.pairs import check_amounts
from geo.analysis.access.unmet import find_unmet
from geo.errors import GeoError, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.pairs import CostPairs

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]

NOBODY: Final = "nobody can be reached"
NO_ROOM: Final = "nobody within reach has room"
ALL_TAKEN: Final = "those within reach are taken by others"


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs of need and helper, and who is left.

    Attributes
    ----------
    objective
        The sum of the costs.
    need, helper
        Shape ``(matched,)``: the pairs, in the order of the needs.
    cost
        Shape ``(matched,)``, in the unit that was given.
    unmatched
        For each need that is left, in their order, its index and why: ``NOBODY``, ``NO_ROOM`` or ``ALL_TAKEN``. Which
        of the needs that compete for the same helpers is left follows from the costs.
    """

    objective: float
    need: IndexArray
    helper: IndexArray
    cost: FloatArray
    unmatched: tuple[tuple[int, str], ...]


def match(pairs: CostPairs, capacity: ArrayLike | None = None) -> Matching:
    """Match needs with helpers: the most needs first, then the least cost.

    A complete table with one need for each helper is an assignment problem, solved by shortest augmenting paths
    (Crouse 2016, doi:10.1109/TAES.2016.140952, after Jonker and Volgenant 1987, doi:10.1007/BF02278710). Anything
    else is a flow of least cost among the largest flows, as a linear program: its table is that of a network, so the
    corner the simplex method ends in is whole (Hoffman and Kruskal 1956, doi:10.1007/978-3-540-68279-0_3).

    Parameters
    ----------
    pairs
        Demand are the needs, one unit each; supply are the helpers. A pair that is not there is impossible.
    capacity
        Shape ``(supply_count,)``, whole: how many needs each helper takes; 1 when left out.

    Raises
    ------
    InvalidInput
        For a capacity that is not whole or below 0.
    GeoError
        When the solver gives up.
    """
    room = check_amounts(np.ones(pairs.supply_count) if capacity is None else capacity, pairs.supply_count,
                         field="capacity")  # fmt: skip
    if (room != np.floor(room)).any():
        raise InvalidInput("a capacity must be a whole number", field="capacity")
    whole = pairs.demand_count * pairs.supply_count
    taken = _assign(pairs) if len(pairs.cost) == whole and (room == 1).all() else _flow(pairs, room)
    taken = taken[np.argsort(pairs.demand[taken], kind="stable")]
    need, helper, cost = pairs.demand[taken], pairs.supply[taken], pairs.cost[taken]
    return Matching(float(cost.sum()), need, helper, cost, _explain(pairs, room, need))


def _assign(pairs: CostPairs) -> IndexArray:
    table = np.empty((pairs.demand_count, pairs.supply_count))
    table[pairs.demand, pairs.supply] = pairs.cost
    place = np.empty(table.shape, np.int64)
    place[pairs.demand, pairs.supply] = np.arange(len(pairs.cost))
    return np.asarray(place[linear_sum_assignment(table)], np.int64)


def _flow(pairs: CostPairs, room: FloatArray) -> IndexArray:
    most = find_unmet(pairs, np.ones(pairs.demand_count), room).served
    if not most:
        return np.empty(0, np.int64)
    count, each = len(pairs.cost), np.arange(len(pairs.cost))
    sums = [
        sparse.csr_array((np.ones(count), (at, each)), shape=(size, count))
        for at, size in ((pairs.demand, pairs.demand_count), (pairs.supply, pairs.supply_count))
    ]
    limits = np.concatenate([np.ones(pairs.demand_count), room])
    found = linprog(
        pairs.cost, A_ub=sparse.vstack(sums), b_ub=limits, A_eq=np.ones((1, count)), b_eq=[most], bounds=(0, 1),
        method="highs-ds",
    )  # fmt: skip
    taken = np.flatnonzero(np.asarray(found.x) > 0.5) if found.success else np.empty(0, np.int64)  # noqa: PLR2004 - whole
    if len(taken) != round(most):
        raise GeoError("no best matching was found; try fewer pairs")
    return taken


def _explain(pairs: CostPairs, room: FloatArray, matched: IndexArray) -> tuple[tuple[int, str], ...]:
    known = np.bincount(pairs.demand, minlength=pairs.demand_count) > 0
    able = np.bincount(pairs.demand[room[pairs.supply] > 0], minlength=pairs.demand_count) > 0
    left = np.setdiff1d(np.arange(pairs.demand_count), matched)
    return tuple((int(i), ALL_TAKEN if able[i] else NO_ROOM if known[i] else NOBODY) for i in left)
