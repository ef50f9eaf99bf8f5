"""Nearest, cumulative, gravity and the floating catchments, on sparse pairs.

Time and memory grow with the number of pairs within the catchment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geo.analysis.access.pairs import check_amounts
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.access.decay import Decay
    from geo.analysis.access.pairs import CostPairs

    FloatArray = NDArray[np.float64]


def nearest_cost(pairs: CostPairs, *, k: int = 1, usable: ArrayLike | None = None) -> FloatArray:
    """Give the cost of the k-th nearest supply.

    Parameters
    ----------
    pairs
        Costs in any one unit.
    k
        1 for the nearest.
    usable
        Shape ``(supply_count,)`` of truth values: which supply counts; all when left out.

    Returns
    -------
    ndarray
        Shape ``(demand_count,)``, in the unit of the costs; infinite where fewer than ``k`` can be reached.

    Raises
    ------
    InvalidInput
        For ``k`` below 1.
    """
    if k < 1:
        raise InvalidInput("k must be 1 or more", field="k")
    row, cost = pairs.demand, pairs.cost
    if usable is not None:
        kept = np.asarray(usable, bool)[pairs.supply]
        row, cost = row[kept], cost[kept]
    order = np.lexsort((cost, row))
    row, cost = row[order], cost[order]
    start = np.searchsorted(row, np.arange(pairs.demand_count + 1))
    found = np.full(pairs.demand_count, np.inf)
    enough = np.flatnonzero(np.diff(start) >= k)
    found[enough] = cost[start[enough] + k - 1]
    return found


def opportunities(pairs: CostPairs, capacity: ArrayLike, decay: Decay) -> FloatArray:
    """Add up the supply each demand can reach: cumulative with one step of weight 1, gravity with an impedance.

    ``A_i = sum_j S_j f(d_ij)``, Hansen 1959, doi:10.1080/01944365908978307.

    Parameters
    ----------
    capacity
        Shape ``(supply_count,)``.

    Returns
    -------
    ndarray
        Shape ``(demand_count,)``, in units of capacity.
    """
    amount = check_amounts(capacity, pairs.supply_count, field="capacity")
    return np.asarray(pairs.weigh(decay(pairs.cost)) @ amount)


def floating_catchment(pairs: CostPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay) -> FloatArray:
    """Two-step floating catchment: capacity per head of those in reach, added up for each demand.

    ``R_j = S_j / sum_k P_k w_kj``, ``A_i = sum_j R_j w_ij``. With one step it is the 2SFCA (Luo and Wang 2003,
    doi:10.1068/b29120), with several the E2SFCA (Luo and Qi 2009), with a Gaussian the G2SFCA (Dai 2010).

    Parameters
    ----------
    weight
        Demand, shape ``(demand_count,)``.
    capacity
        Shape ``(supply_count,)``.

    Returns
    -------
    ndarray
        Shape ``(demand_count,)``, capacity per unit of demand; 0 where nothing is in reach. For equal weights in both
        steps, ``sum(weight * answer)`` is the capacity that has demand in reach.
    """
    demand, supply, matrix = _lay_out(pairs, weight, capacity, decay)
    return np.asarray(matrix @ _share(supply, matrix.T @ demand))


def three_step(pairs: CostPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay) -> FloatArray:
    """Three-step floating catchment: demand splits itself among the supply in reach before the two steps.

    Wan, Zou and Sternberg 2012, doi:10.1080/13658816.2011.624987: ``G_ij = w_ij / sum_j w_ij``, and ``w G`` stands for
    ``w`` in both steps.

    Returns
    -------
    ndarray
        As :func:`floating_catchment`.
    """
    demand, supply, matrix = _lay_out(pairs, weight, capacity, decay)
    whole = _share(np.ones(pairs.demand_count), np.asarray(matrix.sum(axis=1)))
    chosen = sparse.diags_array(whole) @ matrix.multiply(matrix)
    return np.asarray(chosen @ _share(supply, chosen.T @ demand))


def balanced(pairs: CostPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay) -> FloatArray:
    """Balanced floating catchment: no demand and no capacity is counted twice.

    Paez, Higgins and Vivona 2019, doi:10.1371/journal.pone.0218773: weights that add up to 1 over each demand in the
    first step, and over each supply in the second.

    Returns
    -------
    ndarray
        As :func:`floating_catchment`.
    """
    demand, supply, matrix = _lay_out(pairs, weight, capacity, decay)
    by_demand = sparse.diags_array(_share(np.ones(pairs.demand_count), np.asarray(matrix.sum(axis=1)))) @ matrix
    by_supply = matrix @ sparse.diags_array(_share(np.ones(pairs.supply_count), np.asarray(matrix.sum(axis=0))))
    return np.asarray(by_supply @ _share(supply, by_demand.T @ demand))


def _lay_out(
    pairs: CostPairs, weight: ArrayLike, capacity: ArrayLike, decay: Decay
) -> tuple[FloatArray, FloatArray, sparse.csr_array]:
    demand = check_amounts(weight, pairs.demand_count, field="weight")
    supply = check_amounts(capacity, pairs.supply_count, field="capacity")
    return demand, supply, pairs.weigh(decay(pairs.cost))


def _share(amount: FloatArray, among: FloatArray) -> FloatArray:
    """Divide, and give 0 where there is nothing to divide by."""
    return np.divide(amount, among, out=np.zeros(len(among)), where=among > 0)
