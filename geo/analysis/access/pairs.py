"""Which demand reaches which supply at what cost: the sparse table every measure of access works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CostPairs:
    """Pairs of demand and supply with the cost of going from the one to the other.

    Attributes
    ----------
    demand, supply
        Shape ``(pairs,)``: indices below ``demand_count`` and ``supply_count``; each pair stands once.
    cost
        Shape ``(pairs,)``, finite and not negative, in any one unit. A cost of 0 is a pair like all others; a pair that
        is not in the table cannot be travelled.
    """

    demand: IndexArray
    supply: IndexArray
    cost: FloatArray
    demand_count: int
    supply_count: int

    @classmethod
    def check(
        cls, demand: ArrayLike, supply: ArrayLike, cost: ArrayLike, *, demand_count: int, supply_count: int
    ) -> CostPairs:
        """Take pairs that come from outside.

        Raises
        ------
        InvalidInput
            For lengths that differ, an index out of bounds, a cost that is negative or no number, a pair that stands
            twice.
        """
        row, column = np.asarray(demand, np.int64), np.asarray(supply, np.int64)
        price = np.asarray(cost, np.float64)
        if not row.shape == column.shape == price.shape or row.ndim != 1:
            raise InvalidInput("demand, supply and cost must be of one length", field="cost")
        if not (_is_below(row, demand_count) and _is_below(column, supply_count)):
            raise InvalidInput("a pair names demand or supply that does not exist", field="cost")
        if not (np.isfinite(price).all() and (price >= 0).all()):
            raise InvalidInput("a cost must be a number from 0 on", field="cost")
        if len(np.unique(row * max(supply_count, 1) + column)) != len(row):
            raise InvalidInput("a pair of demand and supply stands twice", field="cost")
        return cls(row, column, price, demand_count, supply_count)

    def within(self, limit: float) -> CostPairs:
        """Keep the pairs whose cost is no more than ``limit``, in the unit of the costs."""
        kept = self.cost <= limit
        return CostPairs(self.demand[kept], self.supply[kept], self.cost[kept], self.demand_count, self.supply_count)

    def weigh(self, weight: FloatArray) -> sparse.csr_array:
        """Lay one number for each pair out as a matrix of shape ``(demand_count, supply_count)``."""
        shape = (self.demand_count, self.supply_count)
        return sparse.csr_array((weight, (self.demand, self.supply)), shape=shape)


def _is_below(index: IndexArray, count: int) -> bool:
    return not len(index) or bool(index.min() >= 0 and index.max() < count)


def check_amounts(amount: ArrayLike, count: int, *, field: str) -> FloatArray:
    """Take demand weights or capacities that come from outside.

    Returns
    -------
    ndarray
        Shape ``(count,)``.

    Raises
    ------
    InvalidInput
        Unless there are ``count`` finite numbers from 0 on.
    """
    checked = np.asarray(amount, np.float64)
    if checked.shape != (count,):
        raise InvalidInput(f"{field} must have {count} values", field=field)
    if not (np.isfinite(checked).all() and (checked >= 0).all()):
        raise InvalidInput(f"{field} must be numbers from 0 on", field=field)
    return checked
