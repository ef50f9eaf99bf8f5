"""Pairs of demand and supply whose cost is known only between two ends, because the demand's place is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.analysis.access.pairs import CostPairs
from geo.analysis.pairs import find_pairs
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

ANYWHERE_REACHES: Final = 8.0
"""Demand whose circle is wider than so many reaches is treated as if it could be anywhere.

It could be paired with more than sixty times as many places as one whose door is known, and would learn nothing by it:
no help is surely within its reach, and some is at best.
"""
_SLACK_M: Final = 1e-6


@dataclass(frozen=True, slots=True)
class UncertainPairs:
    """Pairs with the least and the greatest cost that the demand's circle of uncertainty allows.

    Attributes
    ----------
    demand, supply
        Shape ``(pairs,)``: indices below ``demand_count`` and ``supply_count``; each pair stands once.
    low, high
        Shape ``(pairs,)``, ``0 <= low <= high``, in one unit; ``high`` is infinite where the supply may turn out not to
        suit. Where no pair stands, the supply is out of reach from wherever in its circle the demand may be.
    anywhere
        Shape ``(demand_count,)``: demand with no pairs at all that may nevertheless be beside any supply, or far from
        all.
    """

    demand: IndexArray
    supply: IndexArray
    low: FloatArray
    high: FloatArray
    anywhere: BoolArray
    demand_count: int
    supply_count: int

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low).all() and (self.low >= 0).all() and (self.low <= self.high).all()):
            raise InvalidInput("each cost needs two ends, the lower first", field="cost")
        if self.anywhere.shape != (self.demand_count,) or self.anywhere[self.demand].any():
            raise InvalidInput("demand that may be anywhere stands in no pair", field="cost")

    @classmethod
    def certain(cls, pairs: CostPairs) -> UncertainPairs:
        """Take pairs that are known exactly."""
        nowhere = np.zeros(pairs.demand_count, bool)
        return cls(pairs.demand, pairs.supply, pairs.cost, pairs.cost, nowhere, pairs.demand_count, pairs.supply_count)

    def sure(self, limit: float = np.inf) -> CostPairs:
        """Keep the pairs within ``limit`` from wherever the demand may be, at their greatest cost."""
        return self._of(self.high, limit)

    def best(self, limit: float = np.inf) -> CostPairs:
        """Keep the pairs within ``limit`` from somewhere the demand may be, at their least cost.

        Demand that may be anywhere is not among them.
        """
        return self._of(self.low, limit)

    def _of(self, cost: FloatArray, limit: float) -> CostPairs:
        return CostPairs(self.demand, self.supply, cost, self.demand_count, self.supply_count).within(limit)


def find_uncertain_pairs(
    from_xy: FloatArray,
    uncertainty_m: FloatArray,
    to_xy: FloatArray,
    *,
    reach_m: FloatArray,
    cost_per_m: ArrayLike = 1.0,
) -> UncertainPairs:
    """Pair demand known up to a circle with the supply that some place of the circle reaches.

    A straight line from inside the circle is at most the circle's radius longer or shorter than the one from its
    middle (triangle inequality), so the ends are ``d - u`` and ``d + u``. Each end is attained by some place of the
    circle; those of several supplies at once need not be.

    Parameters
    ----------
    from_xy, to_xy
        Shapes ``(n, 2)`` and ``(m, 2)``, metres in one plane system.
    uncertainty_m
        Shape ``(n,)``: radius within which the true place lies.
    reach_m
        Shape ``(n,)``: straight metres within which supply counts.
    cost_per_m
        One number, or shape ``(n,)``: turns metres into the unit of cost.

    Returns
    -------
    UncertainPairs
        Demand whose circle is wider than ``ANYWHERE_REACHES`` reaches is marked ``anywhere`` and has no pairs, so the
        number of pairs is at most ``(1 + ANYWHERE_REACHES)**2`` times what exact places would have at even density.

    Raises
    ------
    InvalidInput
        For a radius or a reach that is negative or no number.
    """
    reach, radius = (np.broadcast_to(np.asarray(v, np.float64), (len(from_xy),)) for v in (reach_m, uncertainty_m))
    if not (np.isfinite(reach).all() and (reach >= 0).all()):
        raise InvalidInput("a reach must be a number from 0 on", field="reach_m")
    if np.isnan(radius).any() or (radius < 0).any():
        raise InvalidInput("an uncertainty must be a number from 0 on", field="uncertainty_m")
    anywhere = (radius > 0) & (radius > ANYWHERE_REACHES * reach)
    rows = np.flatnonzero(~anywhere)
    found = find_pairs(from_xy[rows], (reach + radius)[rows] + _SLACK_M, to_xy)
    row, column, metres = rows[found.row], found.column, found.distance_m
    each = np.broadcast_to(np.asarray(cost_per_m, np.float64), (len(from_xy),))[row]
    low, high = np.maximum(metres - radius[row], 0.0) * each, (metres + radius[row]) * each
    return UncertainPairs(row, column, low, high, anywhere, len(from_xy), len(to_xy))
