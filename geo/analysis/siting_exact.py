"""Location problems as mixed-integer programs, solved by HiGHS to the end or to a time limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.errors import GeoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.analysis.access.pairs import CostPairs

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

_TIME_OVER, _INFEASIBLE = 1, 2
_HALF: Final = 0.5


class Infeasible(Exception):
    """No choice of places satisfies this."""


class TimeOver(GeoError):
    """No choice of places was found in time; ask about fewer candidates or a smaller area."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a solver found: value, places opened, what is proven, and whether it was stopped before its end."""

    objective: float
    opened: IndexArray
    is_optimal: bool
    bound: float
    was_cut: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """Demand above 0 and its pairs, in the order of the demand.

    Attributes
    ----------
    row, column, cost
        The pairs, sorted by demand.
    weight
        Shape ``(demand_count,)``.
    held
        Shape ``(supply_count,)``: which places are open already.
    time_limit_s
        For each program.
    """

    row: IndexArray
    column: IndexArray
    cost: FloatArray
    weight: FloatArray
    held: BoolArray
    time_limit_s: float

    @classmethod
    def lay(cls, pairs: CostPairs, weight: FloatArray, held: BoolArray, time_limit_s: float) -> Ground:
        """Sort the pairs and leave out demand that asks for nothing."""
        asked = np.flatnonzero(weight[pairs.demand] > 0)
        asked = asked[np.lexsort((pairs.supply[asked], pairs.demand[asked]))]
        return cls(pairs.demand[asked], pairs.supply[asked], pairs.cost[asked], weight, held, time_limit_s)

    def kept(self, which: BoolArray) -> Ground:
        """Keep some of the pairs."""
        pairs = (self.row[which], self.column[which], self.cost[which])
        return Ground(*pairs, self.weight, self.held, self.time_limit_s)

    def reached(self, open_: BoolArray) -> BoolArray:
        """Tell which demand has an open place among its pairs."""
        return np.bincount(self.row[open_[self.column]], minlength=len(self.weight)) > 0

    def left_out(self, opened: IndexArray) -> IndexArray:
        """Name the demand above 0 that has no open place among its pairs."""
        return np.flatnonzero((self.weight > 0) & ~self.reached(self.with_(opened)))

    def with_(self, opened: IndexArray) -> BoolArray:
        """Give the places that are open with these."""
        open_ = self.held.copy()
        open_[opened] = True
        return open_

    def lower(self, bound: float) -> FloatArray:
        """Bounds of the places: those held are open in every answer."""
        return np.where(self.held, 1.0, bound)


def cover_most(ground: Ground, k: int) -> Found:
    """Cover the most demand with ``k`` more places."""
    done = ground.reached(ground.held)
    base = float(ground.weight[done].sum())
    free = ground.kept(~done[ground.row])
    rows, at = np.unique(free.row, return_inverse=True)
    places, count = len(ground.held), len(rows)
    if not count:
        return Found(base, any_of(ground, k), is_optimal=True, bound=base)
    # a demand counts as far as one of its places is open
    need = entries([(np.arange(count), places + np.arange(count), 1.0), (at, free.column, -1.0)], count, places + count)
    limits = [LinearConstraint(need, -np.inf, 0.0), opens(ground, k, places + count)]
    worth = np.concatenate([np.zeros(places), -ground.weight[rows]])
    result = run(ground, worth, limits, whole=places)
    opened = opened_by(ground, result)
    value = float(ground.weight[ground.reached(ground.with_(opened))].sum())
    return Found(value, opened, result.status == 0, max(value, base - float(result.mip_dual_bound)), result.status != 0)


def cover_all(ground: Ground) -> Found:
    """Cover all demand that any candidate can cover, with the fewest places; those held are counted too."""
    cover = _cover(ground)
    held = int(ground.held.sum())
    if cover is None:
        return Found(float(held), np.empty(0, np.int64), is_optimal=True, bound=float(held))
    result = run(ground, np.ones(len(ground.held)), [cover], whole=len(ground.held))
    opened = opened_by(ground, result)
    value = float(held + len(opened))
    return Found(
        value, opened, result.status == 0, min(value, float(np.ceil(result.mip_dual_bound - 1e-6))), result.status != 0
    )


def least_sum(ground: Ground, k: int) -> Found:
    """Make the sum of weight times cost to the nearest open place least, with ``k`` more places."""
    ground = _worth_going(ground)
    rows, at = np.unique(ground.row, return_inverse=True)
    places, count, pairs = len(ground.held), len(rows), len(ground.row)
    if not count:
        return Found(0.0, any_of(ground, k), is_optimal=True, bound=0.0)
    each = np.arange(pairs)
    one = entries([(at, places + each, 1.0)], count, places + pairs)
    # stronger than one sum for each place: the relaxation is then seldom fractional
    only_open = entries([(each, places + each, 1.0), (each, ground.column, -1.0)], pairs, places + pairs)
    limits = [
        LinearConstraint(one, 1.0, 1.0),
        LinearConstraint(only_open, -np.inf, 0.0),
        opens(ground, k, places + pairs),
    ]
    price = np.concatenate([np.zeros(places), ground.weight[ground.row] * ground.cost])
    result = run(ground, price, limits, whole=places)
    opened = opened_by(ground, result)
    value = float(ground.weight[rows] @ _nearest(ground, opened)[rows])
    return Found(value, opened, result.status == 0, min(value, float(result.mip_dual_bound)), result.status != 0)


def least_longest(ground: Ground, k: int) -> Found:
    """Make the longest way to the nearest open place least, with ``k`` more places.

    By halving the list of costs there are: within one of them, can ``k`` places cover all? (Minieka 1970,
    doi:10.1137/1012016.)
    """
    if not len(ground.row):
        return Found(0.0, any_of(ground, k), is_optimal=True, bound=0.0)
    asked = np.unique(ground.row)
    steps = np.unique(ground.cost)
    low, high = 0, len(steps) - 1
    best = _cover_with(ground, k, asked, steps[high])
    if best is None:
        raise Infeasible
    while low < high:
        middle = (low + high) // 2
        found = _cover_with(ground, k, asked, steps[middle])
        if found is None:
            low = middle + 1
        else:
            best, high = found, middle
    value = float(_nearest(ground, best)[asked].max())
    return Found(value, best, is_optimal=True, bound=value)


def _worth_going(ground: Ground) -> Ground:
    """Leave out ways that are longer than the one to a place that is open anyway; nobody takes them."""
    return ground.kept(ground.cost <= _nearest(ground, np.empty(0, np.int64))[ground.row])


def _cover_with(ground: Ground, k: int, asked: IndexArray, limit: float) -> IndexArray | None:
    """Find ``k`` more places within ``limit`` of all, or None when there are none."""
    near = ground.kept(ground.cost <= limit)
    if len(np.unique(near.row)) < len(asked):
        return None
    cover = _cover(near)
    limits = [opens(ground, k, len(ground.held)), *([cover] if cover is not None else [])]
    try:
        result = run(ground, np.zeros(len(ground.held)), limits, whole=len(ground.held))
    except Infeasible:
        return None
    return opened_by(ground, result)


def _cover(ground: Ground) -> LinearConstraint | None:
    rows, at = np.unique(ground.row, return_inverse=True)
    if not len(rows):
        return None
    return LinearConstraint(entries([(at, ground.column, 1.0)], len(rows), len(ground.held)), 1.0, np.inf)


def opens(ground: Ground, k: int, width: int) -> LinearConstraint:
    """Demand that ``k`` places are open beside those held, in a table of ``width`` variables."""
    places = len(ground.held)
    whole = k + int(ground.held.sum())
    return LinearConstraint(entries([(np.zeros(places, np.int64), np.arange(places), 1.0)], 1, width), whole, whole)


def entries(parts: Sequence[tuple[IndexArray, IndexArray, float]], height: int, width: int) -> sparse.csr_array:
    """Lay rows of a program out; each part is one factor on many places of the table."""
    rows, columns = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    values = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    return sparse.csr_array((values, (rows, columns)), shape=(height, width))


def run(
    ground: Ground, price: FloatArray, limits: Sequence[LinearConstraint], *, whole: int, most: FloatArray | float = 1.0
) -> Any:  # noqa: ANN401 - scipy's own record
    """Minimise; the first ``whole`` variables are places and whole, the others lie between 0 and ``most``."""
    low = np.concatenate([ground.lower(0.0), np.zeros(len(price) - whole)])
    high = np.concatenate([np.ones(whole), np.broadcast_to(most, len(price) - whole)])
    kind = np.concatenate([np.ones(whole), np.zeros(len(price) - whole)])
    # its own tolerance of a ten-thousandth would call second best optimal
    options = {"time_limit": ground.time_limit_s, "mip_rel_gap": 0.0}
    result = milp(price, constraints=limits, integrality=kind, bounds=Bounds(low, high), options=options)
    if result.status == _INFEASIBLE:
        raise Infeasible
    if result.x is None or result.status not in (0, _TIME_OVER):
        raise TimeOver
    return result


def opened_by(ground: Ground, result: Any) -> IndexArray:  # noqa: ANN401 - scipy's own record
    """Read which places a program opens beside those held."""
    return np.flatnonzero((result.x[: len(ground.held)] > _HALF) & ~ground.held)


def any_of(ground: Ground, k: int) -> IndexArray:
    """Take the first ``k`` places that are not open, where all do equally well."""
    return np.flatnonzero(~ground.held)[:k]


def _nearest(ground: Ground, opened: IndexArray) -> FloatArray:
    least = np.full(len(ground.weight), np.inf)
    usable = ground.with_(opened)[ground.column]
    np.minimum.at(least, ground.row[usable], ground.cost[usable])
    return least
