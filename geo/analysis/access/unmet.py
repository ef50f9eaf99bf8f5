"""Demand that no allocation of the capacity can serve, with what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from geo.analysis.access.pairs import check_amounts
from geo.errors import GeoError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.pairs import CostPairs

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]

_MOST_WHOLE: Final = 2**31 - 1
_NEGLIGIBLE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Unmet:
    """What stays unserved whatever is done, and why: the minimum cut.

    Attributes
    ----------
    demand
        The whole demand.
    served
        The most that any allocation can serve; ``served + gap`` is the demand.
    allocation
        Shape ``(pairs,)``: one allocation that serves so much, in the order of the pairs given.
    by_demand
        Shape ``(demand_count,)``: what this allocation leaves unserved. How much in all is certain; at whose door it is
        left is one of several choices.
    isolated
        Indices of demand above 0 that reaches no capacity at all.
    binding
        Indices of supply with capacity, all of it used, where more would serve more. Supply without any is not named.
    """

    demand: float
    served: float
    allocation: FloatArray
    by_demand: FloatArray
    isolated: IndexArray
    binding: IndexArray

    @property
    def gap(self) -> float:
        """Demand that no allocation can serve."""
        return self.demand - self.served


def find_unmet(pairs: CostPairs, weight: ArrayLike, capacity: ArrayLike) -> Unmet:
    """Find the demand that no allocation of capacity over these pairs can serve.

    The maximum flow from demand to supply (Ford and Fulkerson 1956, doi:10.4153/CJM-1956-045-5): with whole numbers by
    Dinic's algorithm, otherwise as a linear program.

    Parameters
    ----------
    pairs
        Every pair counts, whatever it costs: cut it to the standard first with :meth:`CostPairs.within`.
    weight, capacity
        Shapes ``(demand_count,)`` and ``(supply_count,)``, in one unit, such as people.

    Raises
    ------
    InvalidInput
        For amounts below 0 or not of these lengths.
    GeoError
        When the solver gives up.
    """
    demand = check_amounts(weight, pairs.demand_count, field="weight")
    supply = check_amounts(capacity, pairs.supply_count, field="capacity")
    used = (demand[pairs.demand] > 0) & (supply[pairs.supply] > 0)
    row, column = pairs.demand[used], pairs.supply[used]
    flow = _solve(row, column, demand, supply)
    allocation = np.zeros(len(pairs.demand))
    allocation[used] = flow
    left = demand - np.bincount(row, flow, minlength=len(demand))
    left[left < _NEGLIGIBLE * np.maximum(demand, 1.0)] = 0.0
    reached = np.zeros(len(demand), bool)
    reached[row] = True
    return Unmet(
        demand=float(demand.sum()),
        served=float(demand.sum() - left.sum()),
        allocation=allocation,
        by_demand=left,
        isolated=np.flatnonzero((demand > 0) & ~reached),
        binding=_find_binding(row, column, flow, left, len(supply)),
    )


def _solve(row: IndexArray, column: IndexArray, demand: FloatArray, supply: FloatArray) -> FloatArray:
    if not len(row):
        return np.zeros(0)
    amounts = np.concatenate([demand, supply])
    if (amounts == np.floor(amounts)).all() and amounts.max() < _MOST_WHOLE and demand.sum() < _MOST_WHOLE:
        return _by_flow(row, column, demand, supply)
    return _by_program(row, column, demand, supply)


def _by_flow(row: IndexArray, column: IndexArray, demand: FloatArray, supply: FloatArray) -> FloatArray:
    first, second = 1 + len(demand), 1 + len(demand) + len(supply)
    start = np.concatenate([np.zeros(len(demand), np.int64), 1 + row, first + np.arange(len(supply))])
    end = np.concatenate([1 + np.arange(len(demand)), first + column, np.full(len(supply), second)])
    most = np.concatenate([demand, np.minimum(demand[row], supply[column]), supply]).astype(np.int32)
    graph = sparse.csr_array((most, (start, end)), shape=(second + 1, second + 1))
    flow = sparse.csr_array(maximum_flow(graph, 0, second).flow)
    return np.asarray(flow[1 + row, first + column]).ravel().astype(np.float64)


def _by_program(row: IndexArray, column: IndexArray, demand: FloatArray, supply: FloatArray) -> FloatArray:
    count = len(row)
    each = np.arange(count)
    sums = sparse.vstack(
        [
            sparse.csr_array((np.ones(count), (row, each)), shape=(len(demand), count)),
            sparse.csr_array((np.ones(count), (column, each)), shape=(len(supply), count)),
        ]
    )
    found = linprog(-np.ones(count), A_ub=sums, b_ub=np.concatenate([demand, supply]), method="highs")
    if not found.success:
        raise GeoError("the unserved demand could not be worked out; try fewer pairs")
    return np.maximum(np.asarray(found.x, np.float64), 0.0)


def _find_binding(
    row: IndexArray, column: IndexArray, flow: FloatArray, left: FloatArray, supply_count: int
) -> IndexArray:
    """Every supply that unserved demand could be passed on to: all of them are full."""
    carried = flow > _NEGLIGIBLE
    first, source = len(left), len(left) + supply_count
    waiting = np.flatnonzero(left > 0)
    start = np.concatenate([row, first + column[carried], np.full(len(waiting), source)])
    end = np.concatenate([first + column, row[carried], waiting])
    graph = sparse.csr_array((np.ones(len(start), np.int8), (start, end)), shape=(source + 1, source + 1))
    seen = breadth_first_order(graph, source, return_predecessors=False)
    return np.sort(seen[(seen >= first) & (seen < source)] - first).astype(np.int64)
