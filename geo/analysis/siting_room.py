"""Demand and places with room for only so much, and what any set of open places can serve of it.

Demand of a higher value comes first, so what is served is worth the sum, over the levels of value, of the step down to
the next level times the most that can be served of all demand from this level on: the greedy order on a polymatroid is
the best one (Edmonds 1970, doi:10.1007/3-540-36478-1_2). Each of these is a maximum flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from geo.analysis.access.pairs import CostPairs
from geo.analysis.access.unmet import Unmet, find_unmet
from geo.analysis.siting_exact import Ground
from geo.errors import GeoError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class Room:
    """Demand, what a unit of it is worth, and what each place can take.

    Attributes
    ----------
    ground
        The pairs; ``weight`` is how much demand there is. No pair leads to a place without capacity.
    value
        Shape ``(demand_count,)``, above 0 where there is demand: what serving one unit is worth.
    capacity
        Shape ``(supply_count,)``, finite, in the unit of the demand.
    """

    ground: Ground
    value: FloatArray
    capacity: FloatArray

    @classmethod
    def lay(cls, ground: Ground, value: FloatArray, capacity: FloatArray) -> Room:
        """Leave out places that can take nothing and demand that is worth nothing; cut capacity nobody could use."""
        ground = ground.kept((capacity[ground.column] > 0) & (value[ground.row] > 0))
        near = np.bincount(ground.column, ground.weight[ground.row], minlength=len(capacity))
        return cls(ground, value, np.minimum(capacity, near))

    @property
    def asked(self) -> BoolArray:
        """Which demand counts: above 0, and worth something."""
        return (self.ground.weight > 0) & (self.value > 0)

    def kept(self, which: BoolArray) -> Room:
        """Keep some of the pairs."""
        return Room(self.ground.kept(which), self.value, self.capacity)

    def short_side(self) -> tuple[float, Room]:
        """Keep what another place could change.

        Only where capacity is missing can another place help: demand outside the minimum cut of the held places is
        served by places that the rest cannot reach, whatever is opened.

        Returns
        -------
        tuple
            What the demand left out is worth, all of which is served, and the rest.
        """
        ground = self.ground
        missing, full = short(self, self.serve(ground.held), ground.held)
        outside = self.asked & ~missing
        kept = missing[ground.row] & (full | ~ground.held)[ground.column]
        pairs = (ground.row[kept], ground.column[kept], ground.cost[kept])
        rest = Ground(*pairs, np.where(missing, ground.weight, 0.0), ground.held, ground.time_limit_s)
        return float((self.value * ground.weight)[outside].sum()), Room(rest, self.value, self.capacity)

    def levels(self) -> list[tuple[float, Room]]:
        """Split by value: for each level the step down to the next, and all demand from this level on."""
        values = np.unique(self.value[self.asked])[::-1]
        steps = values - np.append(values[1:], 0.0)
        return [(float(step), self.from_value(float(low))) for step, low in zip(steps, values, strict=True)]

    def from_value(self, low: float) -> Room:
        """Keep demand worth so much or more, each unit counted once."""
        ground = self.ground
        high = self.value >= low
        weight = np.where(high & self.asked, ground.weight, 0.0)
        kept = high[ground.row]
        pairs = (ground.row[kept], ground.column[kept], ground.cost[kept])
        return Room(Ground(*pairs, weight, ground.held, ground.time_limit_s), np.ones(len(weight)), self.capacity)

    def serve(self, open_: BoolArray) -> Unmet:
        """Serve the most with these places open, each unit of demand counted once."""
        ground = self.ground
        kept = open_[ground.column]
        shape = {"demand_count": len(ground.weight), "supply_count": len(open_)}
        pairs = CostPairs(ground.row[kept], ground.column[kept], ground.cost[kept], **shape)
        return find_unmet(pairs, np.where(self.asked, ground.weight, 0.0), np.where(open_, self.capacity, 0.0))

    def worth(self, open_: BoolArray) -> float:
        """Tell what the demand is worth that these places can serve."""
        return sum(step * level.serve(open_).served for step, level in self.levels())

    def left(self, open_: BoolArray) -> IndexArray:
        """Name the demand that one best allocation does not serve, or not all of."""
        if len(np.unique(self.value[self.asked])) <= 1:
            return np.flatnonzero(self.serve(open_).by_demand > 0)
        pairs = self.kept(open_[self.ground.column]).ground
        flow = self._most_worth(pairs)
        left = self.ground.weight - np.bincount(pairs.row, flow, minlength=len(self.value))
        return np.flatnonzero(self.asked & (left > _NEGLIGIBLE * np.maximum(self.ground.weight, 1.0)))

    def _most_worth(self, pairs: Ground) -> FloatArray:
        count, each = len(pairs.row), np.arange(len(pairs.row))
        if not count:
            return np.zeros(0)
        sums = [
            sparse.csr_array((np.ones(count), (at, each)), shape=(size, count))
            for at, size in ((pairs.row, len(self.value)), (pairs.column, len(self.capacity)))
        ]
        most = np.concatenate([pairs.weight, self.capacity])
        found = linprog(-self.value[pairs.row], A_ub=sparse.vstack(sums), b_ub=most, method="highs")
        if not found.success:
            raise GeoError("what is left unserved could not be worked out; try fewer pairs")
        return np.asarray(found.x, np.float64)


def short(room: Room, found: Unmet, open_: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Find where capacity is missing: the demand on its side of the minimum cut, and the full places there.

    Returns
    -------
    tuple of ndarray
        Which demand stays unserved or could change places with demand that does, shape ``(demand_count,)``, and which
        places it is served by, shape ``(supply_count,)``. Nothing outside them gains from another place.
    """
    ground = room.ground
    full = np.zeros(len(open_), bool)
    full[found.binding] = True
    carried = open_[ground.column]
    swaps = ground.row[carried][(found.allocation > _NEGLIGIBLE) & full[ground.column[carried]]]
    demand = room.asked & (found.by_demand > 0)
    demand[swaps] = True
    return demand, full
