"""Who helps whom where needs differ in size: as many as can be, then the least cost, and how sure that is.

A generalized assignment problem (Ross and Soland 1975, doi:10.1007/BF01580430): two mixed-integer programs after each
other, solved by HiGHS (Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5) to the end or to a limit of time. Needs of
one size are a flow and are left to :func:`geo.analysis.matching.match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.analysis.access.pairs import CostPairs, check_amounts
from geo.analysis.matching import ALL_TAKEN, NO_ROOM, NOBODY, match
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    IndexArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

TOO_BIG: Final = "too big for anybody within reach"
MOST_EACH: Final = 1_000
LONGEST_S: Final = 600.0
_CLOSE, _HALF = 1e-6, 0.5


@dataclass(frozen=True, slots=True)
class SizedMatching:
    """Pairs of need and helper, who is left, and how good any other choice could be.

    Attributes
    ----------
    need, helper, cost
        Shape ``(matched,)``: the pairs and their costs, in the order of the needs.
    objective
        The costs of the pairs and of the spread of load.
    bound
        No choice that serves as many needs costs less.
    most
        No choice serves more needs.
    unmatched
        For each need that is left its index and why: ``NOBODY``, ``NO_ROOM``, ``TOO_BIG`` or ``ALL_TAKEN``.
    """

    need: IndexArray
    helper: IndexArray
    cost: FloatArray
    objective: float
    bound: float
    most: int
    unmatched: tuple[tuple[int, str], ...]

    @property
    def gap(self) -> float:
        """How far the bound is from the objective, as a share of it."""
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1.0)

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that none serves more, and none that serves as many costs less."""
        return self.most == len(self.need) and self.gap <= _CLOSE


def match_sized(
    pairs: CostPairs,
    size: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
    *,
    most_each: int = MOST_EACH,
    spread: float = 0.0,
    time_limit_s: float = 60.0,
) -> SizedMatching:
    """Match needs of some size, each with one helper who has room for all of it.

    Parameters
    ----------
    pairs
        Demand are the needs, supply the helpers. A pair that is not there is impossible.
    size
        Shape ``(demand_count,)``, above 0: how much of a helper's capacity each need takes; 1 when left out.
    capacity
        Shape ``(supply_count,)``, in the unit of ``size``, whole where no sizes are given; 1 when left out.
    most_each
        No helper gets more needs, however small they are: the bound on how unevenly load may spread.
    spread
        How much dearer each further need of a helper is, in the unit of the costs.
    time_limit_s
        For each of the two programs.

    Raises
    ------
    InvalidInput
        For sizes that are not above 0, capacities below 0, and a spread, a number or a limit that makes no sense.
    """
    sizes = check_amounts(np.ones(pairs.demand_count) if size is None else size, pairs.demand_count, field="size")
    room = check_amounts(np.ones(pairs.supply_count) if capacity is None else capacity, pairs.supply_count,
                         field="capacity")  # fmt: skip
    _check(sizes, most_each, spread, time_limit_s)
    if size is None and (room != np.floor(room)).any():
        raise InvalidInput("a capacity must be a whole number", field="capacity")
    if not spread and (sizes == sizes[:1]).all():
        units = np.minimum(np.floor(room / sizes[0] + 1e-9) if len(sizes) else room, most_each)
        found = match(pairs, np.floor(units))
        left = _explain(pairs, sizes, room, found.need)
        return SizedMatching(
            found.need, found.helper, found.cost, found.objective, found.objective, len(found.need), left
        )
    return _Program.lay(pairs, sizes, room, most_each, spread, time_limit_s).solve(pairs)


def _check(sizes: FloatArray, most_each: int, spread: float, time_limit_s: float) -> None:
    if (sizes <= 0).any():
        raise InvalidInput("each size must be above 0", field="size")
    if not 1 <= most_each <= MOST_EACH:
        raise InvalidInput(f"a helper may get 1 to {MOST_EACH} needs", field="most_each")
    if not 0 <= spread < np.inf:
        raise InvalidInput("the spread must be a number from 0 on", field="spread")
    if not 0 < time_limit_s <= LONGEST_S:
        raise InvalidInput(f"the limit of time must be at most {LONGEST_S:g} seconds", field="time_limit_s")


@dataclass(frozen=True, slots=True)
class _Program:
    """Pairs that fit by themselves, and the rows of the program over them."""

    at: IndexArray
    row: IndexArray
    column: IndexArray
    cost: FloatArray
    sizes: FloatArray
    room: FloatArray
    most_each: int
    spread: float
    time_limit_s: float

    @classmethod
    def lay(
        cls, pairs: CostPairs, sizes: FloatArray, room: FloatArray, most_each: int, spread: float, time_limit_s: float
    ) -> _Program:
        at = np.flatnonzero(sizes[pairs.demand] <= room[pairs.supply])
        return cls(at, pairs.demand[at], pairs.supply[at], pairs.cost[at], sizes, room, most_each, spread, time_limit_s)

    def solve(self, pairs: CostPairs) -> SizedMatching:
        count = len(self.at)
        if not count:
            none = np.empty(0, np.int64)
            return SizedMatching(none, none, np.empty(0), 0.0, 0.0, 0, _explain(pairs, self.sizes, self.room, none))
        first, most = self._most()
        taken, bound = self._least(first)
        order = taken[np.argsort(self.row[taken], kind="stable")]
        need, helper = self.row[order], self.column[order]
        objective = self.cost_of(order)
        left = _explain(pairs, self.sizes, self.room, need)
        return SizedMatching(need, helper, self.cost[order], objective, min(bound, objective), most, left)

    def _most(self) -> tuple[IndexArray, int]:
        """Serve as many as can be: a choice that does, and how many none passes."""
        quick, count = self._by_hand(), len(self.at)
        able = len(np.unique(self.row))
        if len(quick) == able:
            return quick, able
        result = self._run(-np.ones(count), self._rows(count))
        most = able if result.mip_dual_bound is None else int(np.floor(-result.mip_dual_bound + _CLOSE))
        found = self._read(result)
        best = found if found is not None and len(found) > len(quick) else quick
        return best, max(min(most, able), len(best))

    def _least(self, first: IndexArray) -> tuple[IndexArray, float]:
        """Serve as many for the least cost: a choice, and what none undercuts."""
        count = len(self.at)
        steps = self._steps()
        price = np.concatenate([self.cost, *(self.spread * np.arange(one) for one in steps.tolist())])
        rows = self._rows(len(price))
        rows.append(LinearConstraint(np.r_[np.ones(count), np.zeros(len(price) - count)][None], len(first), np.inf))
        if len(price) > count:
            rows.append(LinearConstraint(self._carried(steps, len(price)), 0.0, 0.0))
        result = self._run(price, rows)
        found = self._read(result)
        bound = 0.0 if result.mip_dual_bound is None else max(0.0, float(result.mip_dual_bound))
        if found is None or len(found) < len(first) or self.cost_of(found) > self.cost_of(first):
            return first, bound
        return found, bound

    def _steps(self) -> IndexArray:
        """Give how many needs each helper may get at most, where each further one costs more; else none."""
        if not self.spread:
            return np.zeros(len(self.room), np.int64)
        return np.minimum(np.bincount(self.column, minlength=len(self.room)), self.most_each)

    def _carried(self, steps: IndexArray, width: int) -> sparse.csr_array:
        """Let the steps of each helper be as many as the needs they get; the cheaper ones come first by themselves."""
        count, total = len(self.at), int(steps.sum())
        values = np.concatenate([np.ones(count), -np.ones(total)])
        rows = np.concatenate([self.column, np.repeat(np.arange(len(steps)), steps)])
        return sparse.csr_array((values, (rows, np.arange(width))), shape=(len(steps), width))

    def _rows(self, width: int) -> list[LinearConstraint]:
        count = len(self.at)
        each, one = np.arange(count), np.ones(count)
        sums = (
            (one, self.row, np.ones(len(self.sizes))),
            (self.sizes[self.row], self.column, self.room),
            (one, self.column, np.full(len(self.room), float(self.most_each))),
        )
        return [
            LinearConstraint(sparse.csr_array((factor, (at, each)), shape=(len(limit), width)), -np.inf, limit)
            for factor, at, limit in sums
        ]

    def _run(self, price: FloatArray, rows: list[LinearConstraint]) -> Any:  # noqa: ANN401 - scipy's own record
        whole = np.r_[np.ones(len(self.at)), np.zeros(len(price) - len(self.at))]
        # its own tolerance of a ten-thousandth would call second best optimal
        options = {"time_limit": self.time_limit_s, "mip_rel_gap": 0.0}
        return milp(price, constraints=rows, integrality=whole, bounds=Bounds(0.0, 1.0), options=options)

    def _read(self, result: Any) -> IndexArray | None:  # noqa: ANN401 - scipy's own record
        if result.x is None:
            return None
        taken = np.flatnonzero(result.x[: len(self.at)] > _HALF)
        # the solver's rows may be broken by a hair, ours by none
        return taken if self.holds(taken) else None

    def holds(self, taken: IndexArray) -> bool:
        """Tell whether a choice keeps to every capacity."""
        load = np.bincount(self.column[taken], self.sizes[self.row[taken]], len(self.room))
        number = np.bincount(self.column[taken], minlength=len(self.room))
        once = len(np.unique(self.row[taken])) == len(taken)
        return bool(once and (number <= self.most_each).all() and (load <= self.room * (1 + 1e-9)).all())

    def cost_of(self, taken: IndexArray) -> float:
        """Add up the pairs and the spread of load."""
        number = np.bincount(self.column[taken], minlength=len(self.room))
        return float(self.cost[taken].sum() + self.spread * (number * (number - 1) / 2).sum())

    def _by_hand(self) -> IndexArray:
        """Take the small and cheap first wherever they fit: a choice to fall back on."""
        room, number = self.room.copy(), np.zeros(len(self.room), np.int64)
        served = np.zeros(len(self.sizes), dtype=bool)
        taken: list[int] = []
        for one in np.lexsort((self.cost, self.sizes[self.row])).tolist():
            need, helper = self.row[one], self.column[one]
            if not served[need] and self.sizes[need] <= room[helper] and number[helper] < self.most_each:
                served[need] = True
                taken.append(one)
                room[helper] -= self.sizes[need]
                number[helper] += 1
        return np.array(taken, dtype=np.int64)


def _explain(pairs: CostPairs, sizes: FloatArray, room: FloatArray, matched: IndexArray) -> tuple[tuple[int, str], ...]:
    total = pairs.demand_count
    stages = (
        (NOBODY, np.ones(len(pairs.cost), dtype=bool)),
        (NO_ROOM, room[pairs.supply] > 0),
        (TOO_BIG, room[pairs.supply] >= sizes[pairs.demand]),
    )
    why = [(reason, np.bincount(pairs.demand[some], minlength=total) == 0) for reason, some in stages]
    left = np.setdiff1d(np.arange(total), matched).tolist()
    return tuple((at, next((reason for reason, nobody in why if nobody[at]), ALL_TAKEN)) for at in left)
