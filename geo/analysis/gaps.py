"""Coverage gaps: which needs no allocation of the help within reach can serve.

Each need is one unit of demand; each place of help takes as many as its capacity, from any of its categories. The
number of needs that can be served at all is a maximum flow (Ford and Fulkerson 1956). Which needs these are is not
unique, so needs are admitted one by one in the order of their priority, each as long as all admitted so far can still
be served together: on a transversal matroid this greedy order both reaches the maximum and serves, of all maximum
sets, the one with the most urgent needs (Edmonds 1971, doi:10.1007/BF01584082). The answer is therefore one definite
set, the same for every solver.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.domain.words import Category

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

Reach = list[list[int]]
"""For each need, the indices of the help within its reach, nearest first."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Needs as arrays of one length ``n``.

    Attributes
    ----------
    xy
        Shape ``(n, 2)``, metres in one plane system.
    category
        What each need asks for.
    reach_m
        Straight-line metres within the standard, by each household's own mode.
    uncertainty_m
        Radius in metres within which the true place lies.
    """

    xy: FloatArray
    category: Sequence[Category]
    reach_m: FloatArray
    uncertainty_m: FloatArray


@dataclass(frozen=True, slots=True)
class Supply:
    """Places of help as arrays of one length ``m``: where, what for, and for how many needs a week."""

    xy: FloatArray
    categories: Sequence[frozenset[Category]]
    capacity: IntArray


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome: ``served`` for each need, ``binding`` for each place whose capacity is what is missing."""

    served: BoolArray
    binding: BoolArray


def find_reach(demand: Demand, supply: Supply, *, surely: bool) -> Reach:
    """Find the right help within reach of each need.

    Parameters
    ----------
    demand, supply
        In the same plane system.
    surely
        If true, help counts only when it is within reach from wherever in its circle of uncertainty the need may
        be; if false, when it is from anywhere in it.

    Returns
    -------
    list of list of int
        One list for each need, nearest help first, ties by index. Cost grows with the number of pairs found,
        plus ``(n + m) log m`` for the tree.
    """
    sign = -1.0 if surely else 1.0
    radius = demand.reach_m + sign * demand.uncertainty_m
    wanted = np.array([c.value for c in demand.category])
    reach: Reach = [[] for _ in range(len(wanted))]
    for category in sorted(set(demand.category)):
        rows = np.flatnonzero((wanted == category.value) & (radius >= 0))
        columns = np.array([j for j, offers in enumerate(supply.categories) if category in offers], dtype=np.int64)
        if rows.size and columns.size:
            _fill_reach(reach, demand.xy, supply.xy, rows=rows, columns=columns, radius=radius[rows])
    return reach


def _fill_reach(
    reach: Reach, demand_xy: FloatArray, supply_xy: FloatArray, *, rows: IntArray, columns: IntArray, radius: FloatArray
) -> None:
    tree = cKDTree(supply_xy[columns])
    found = tree.query_ball_point(demand_xy[rows], radius)
    lengths = np.fromiter((len(f) for f in found), dtype=np.int64, count=len(found))
    if not lengths.sum():
        return
    pair_need = np.repeat(rows, lengths)
    pair_help = columns[np.concatenate([np.asarray(f, dtype=np.int64) for f in found if f])]
    distance = np.hypot(*(demand_xy[pair_need] - supply_xy[pair_help]).T)
    order = np.lexsort((pair_help, distance, pair_need))
    ends = np.cumsum(lengths)
    ordered = pair_help[order].tolist()
    for row, start, end in zip(rows.tolist(), (ends - lengths).tolist(), ends.tolist(), strict=True):
        reach[row] = ordered[start:end]


def allocate(reach: Reach, capacity: IntArray, order: IntArray) -> Allocation:
    """Serve as many needs as any allocation can, the first in ``order`` before the later ones.

    Parameters
    ----------
    reach
        From :func:`find_reach`.
    capacity
        Shape ``(m,)``: how many needs each place can take.
    order
        Shape ``(n,)``: the needs by priority, the most urgent first.

    Returns
    -------
    Allocation
        ``served`` has the size of a maximum flow. ``binding`` marks the places in the minimum cut: full, and with
        no way to pass a need on to a place that is not.

    Raises
    ------
    InvalidInput
        If a capacity is negative, or ``order`` is not a permutation.
    """
    if (np.asarray(capacity) < 0).any():
        raise InvalidInput("a capacity is below zero", field="capacity")
    if not np.array_equal(np.sort(order), np.arange(len(reach))):
        raise InvalidInput("the order must name each need once", field="order")
    flow = _Flow(reach, np.asarray(capacity).tolist())
    served = np.zeros(len(reach), dtype=bool)
    for need in np.asarray(order).tolist():
        served[need] = flow.admit(need)
    return Allocation(served, np.array(flow.dead, dtype=bool))


class _Flow:
    """A flow that grows by one need at a time; a need once admitted is never dropped, only passed on."""

    def __init__(self, reach: Reach, capacity: list[int]) -> None:
        self.reach = reach
        self.free = capacity
        self.taken: list[set[int]] = [set() for _ in capacity]
        self.dead = [False] * len(capacity)

    def admit(self, need: int) -> bool:
        """Serve this need too, if all those admitted before can still be served."""
        options = [place for place in self.reach[need] if not self.dead[place]]
        for place in options:
            if self.free[place]:
                self._give(need, place)
                return True
        return bool(options) and self._augment(need, options)

    def _give(self, need: int, place: int) -> None:
        self.free[place] -= 1
        self.taken[place].add(need)

    def _augment(self, need: int, options: list[int]) -> bool:
        came_from: dict[int, tuple[int, int] | None] = dict.fromkeys(options)
        queue = deque(options)
        while queue:
            full = queue.popleft()
            for moving in self.taken[full]:
                for place in self.reach[moving]:
                    if self.dead[place] or place in came_from:
                        continue
                    came_from[place] = (full, moving)
                    if self.free[place]:
                        self._shift(need, place, came_from)
                        return True
                    queue.append(place)
        # nothing reachable from here is free, and nothing can ever become so: leave it out of later searches
        for place in came_from:
            self.dead[place] = True
        return False

    def _shift(self, need: int, place: int, came_from: dict[int, tuple[int, int] | None]) -> None:
        step = came_from[place]
        while step is not None:
            full, moving = step
            self.taken[full].remove(moving)
            self.free[full] += 1
            self._give(moving, place)
            place, step = full, came_from[full]
        self._give(need, place)
