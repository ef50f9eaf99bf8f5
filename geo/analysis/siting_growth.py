"""The most demand served within capacities, one place after the other, with what each next place can add at most."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from geo.analysis.access.pairs import CostPairs
from geo.analysis.access.unmet import find_unmet
from geo.analysis.siting_exact import Found
from geo.analysis.siting_room import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.analysis.siting_room import Room

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

_CLOSE = 1e-9


MOST_WORK: Final = 1_000_000_000
"""So many pairs are gone through before the search is cut, the same on every machine."""


def serve_most(room: Room, k: int, *, only: BoolArray | None = None, most_work: int = MOST_WORK) -> Found:
    """Open the place that adds the most, ``k`` times.

    What open places can serve is a maximum flow for each level of value, and a maximum flow is submodular in the set
    of places it may end in (Megiddo 1974, Mathematical Programming 7): a place never adds more later than earlier. So
    the greedy way reaches at least ``1 - 1/e`` of what the best ``k`` places add (Nemhauser, Wolsey and Fisher 1978,
    doi:10.1007/BF01588971), and a place whose gain was small needs no second look until the others have come down to
    it (Minoux 1978, doi:10.1007/BFb0006528).

    Parameters
    ----------
    only
        Which places may be opened; all when left out.
    most_work
        After going through so many pairs, the rest is opened in the order of what each may add at most; the share of
        ``1 - 1/e`` is then not promised, the bound is.

    Returns
    -------
    Found
        ``bound`` is the least, over all steps, of the value so far and the ``k`` largest gains there can be.
    """
    base, room = room.short_side()
    open_ = room.ground.held.copy()
    barred = np.zeros(len(open_), bool) if only is None else ~only
    levels = room.levels()
    gain = np.where(open_ | barred, -1.0, np.inf)
    bound, opened, work = np.inf, list[int](), 0
    while len(opened) < k and work <= most_work:
        steps = [_Step(step, level, open_, gain > 0) for step, level in levels]
        # what is served whole stays so, and nothing can be gained by it any more
        base += sum(one.value for one in steps if one.is_whole)
        steps = [one for one in steps if not one.is_whole]
        levels = [(one.step, one.level) for one in steps]
        value = base + sum(one.value for one in steps)
        most = sum((one.most for one in steps), np.zeros(len(open_)))
        gain = np.where(open_ | barred, -1.0, np.minimum(gain, most))
        place = _best(steps, gain, most_work - work)
        work += sum(one.work for one in steps)
        bound = min(bound, value + float(np.sort(np.maximum(gain, 0.0))[-k:].sum()))
        opened.append(place)
        open_[place] = True
        gain[place] = -1.0
    rest = np.argsort(-gain, kind="stable")[: k - len(opened)].tolist()
    opened += rest
    open_[rest] = True
    value = base + sum(step * level.serve(open_).served for step, level in levels)
    if k and not rest:
        bound = min(bound, value + float(np.sort(_left_over(levels, gain, open_))[-k:].sum()))
    bound = max(value, bound) if k else value
    was_cut = work > most_work
    return Found(value, np.array(opened, np.int64), bool(bound <= value * (1 + _CLOSE)), bound, was_cut)


def _left_over(levels: Sequence[tuple[float, Room]], gain: FloatArray, open_: BoolArray) -> FloatArray:
    most = sum((_Step(step, level, open_, gain > 0).most for step, level in levels), np.zeros(len(open_)))
    return np.where(open_, 0.0, np.maximum(np.minimum(gain, most), 0.0))


def _best(steps: Sequence[_Step], gain: FloatArray, most_work: int) -> int:
    """Find the place that adds most; what is learned about the others on the way is written into ``gain``."""
    heap = [(-most, place) for place, most in enumerate(gain.tolist()) if most >= 0]
    heapify(heap)
    known: set[int] = set()
    while True:
        _, place = heappop(heap)
        if place in known or sum(one.work for one in steps) > most_work:
            return place
        gain[place] = min(gain[place], sum(step.gain(place) for step in steps))
        known.add(place)
        heappush(heap, (-gain[place], place))


class _Step:
    """One level of value, with the places open so far: what it is worth, and what another place would add.

    Only demand on the short side of the minimum cut can gain, and only within the patch of it that a place touches.
    """

    def __init__(self, step: float, level: Room, open_: BoolArray, hopeful: BoolArray) -> None:
        found = level.serve(open_)
        self.step, self.level = step, level
        self.value = step * found.served
        self.work = len(level.ground.row)
        self.is_whole = not found.by_demand.any()
        self._demand, self._full = short(level, found, open_)
        ground = level.ground
        self._pairs = ground.kept(self._demand[ground.row] & (self._full | ~open_)[ground.column])
        self._by_place = sparse.csc_array(
            (np.ones(len(self._pairs.row)), (self._pairs.row, self._pairs.column)), (len(found.by_demand), len(open_))
        )
        self._patch = self._find_patches()
        self._waiting = np.bincount(self._patch[: len(found.by_demand)], found.by_demand)
        self.most = np.zeros(len(open_))
        for place in np.flatnonzero(hopeful & ~open_).tolist():
            self.most[place] = step * self._most(place)

    def _find_patches(self) -> NDArray[np.int32]:
        size, places = self._by_place.shape
        inside = self._full[self._pairs.column]
        row, column = self._pairs.row[inside], size + self._pairs.column[inside]
        whole = sparse.csr_array((np.ones(len(row), np.int8), (row, column)), shape=(size + places, size + places))
        labels: NDArray[np.int32] = connected_components(whole, directed=False)[1]
        return labels

    def _near(self, place: int) -> NDArray[np.int32]:
        start, end = self._by_place.indptr[place : place + 2]
        near: NDArray[np.int32] = self._by_place.indices[start:end]
        return near

    def _most(self, place: int) -> float:
        near = self._near(place)
        waiting = self._waiting[np.unique(self._patch[near])].sum() if len(near) else 0.0
        return float(min(self.level.capacity[place], self.level.ground.weight[near].sum(), waiting))

    def gain(self, place: int) -> float:
        """Work out what this place would add."""
        near = self._near(place)
        if not len(near):
            return 0.0
        size, places = self._by_place.shape
        touched = np.isin(self._patch, np.unique(self._patch[near]))
        weight = np.where(touched[:size] & self._demand, self.level.ground.weight, 0.0)
        full = touched[size:] & self._full
        capacity = np.where(full, self.level.capacity, 0.0)
        used = (capacity > 0)[self._pairs.column] | (self._pairs.column == place)
        before = float(capacity.sum())
        capacity[place] = self.level.capacity[place]
        self.work += len(self._pairs.row)
        pairs = self._pairs.kept(used & (weight > 0)[self._pairs.row])
        served = find_unmet(CostPairs(pairs.row, pairs.column, pairs.cost, size, places), weight, capacity).served
        return self.step * max(served - before, 0.0)
