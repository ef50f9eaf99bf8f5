"""Which helpers are asked about which needs in the end, why the others are not, and how good any choice could be.

A few who may be asked are measured for each need at first. The prices of the answer tell who else could make a better
one, by how far away they are at least; those are measured, and the whole is solved again, until nobody could.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geo.analysis.access.pairs import CostPairs
from geo.analysis.assigning import Assigned, assign
from geo.analysis.prospects import Asking, Kinds, Offering, Search, Sought
from geo.domain.proposing import LeftOut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.domain.travel import TravelModel

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

SOUGHT_AT_FIRST: Final = 24
MEASURED_AT_FIRST: Final = 8
WIDER: Final = 4
MOST_TURNS: Final = 12
MOST_PAIRS: Final = 4_000_000
"""More are not sought; what that may cost is in the bound."""
_CLOSE: Final = 1e-7
NONE_APART: Final = np.empty((0, 2), np.int64)


class Proposed(NamedTuple):
    """Pairs as indices with minutes; the binding reason of every need left out, and how good any choice could be.

    ``pairs`` are all that could be chosen: need, helper and minutes.
    """

    need: IntArray
    helper: IntArray
    travel_min: FloatArray
    left: dict[int, LeftOut]
    assigned: Assigned
    bound: float
    pairs: tuple[IntArray, IntArray, FloatArray]

    @property
    def measured(self) -> int:
        """How many pairs could be chosen."""
        return len(self.pairs[0])


def propose(
    asking: Asking,
    offering: Offering,
    apart: IntArray,
    *,
    model: TravelModel,
    most_each: int,
    fair_min: float,
    usual: Sequence[str] = (),
    declined: IntArray = NONE_APART,
) -> Proposed:
    """Choose whom to ask about which need.

    Parameters
    ----------
    apart
        Shape ``(k, 2)``: indices of needs and helpers that are never brought together.
    model
        Measures from each helper to the household, by the helper's own mode.
    most_each
        How many needs one helper is asked about at most.
    fair_min
        Minutes that each need a helper carries counts.
    usual
        What the network speaks; see :func:`geo.analysis.suiting.find_suiting`.
    declined
        Shape ``(k, 2)``: who was asked about what before, and nothing came of it.

    Returns
    -------
    Proposed
        The most needs, then the least of minutes by weight, of load, and of what is left out.
    """
    kinds = Kinds.sort(asking, offering, usual)
    search = Search(asking, offering, kinds, model)
    first = np.asarray(fair_min * offering.load, np.float64)
    pool = _Pool(asking, search, first, np.concatenate([apart, declined]))
    slots = np.minimum(offering.room, most_each).clip(min=0)
    for turn in range(MOST_TURNS):
        need, helper, travel_min = pool.usable()
        pairs = CostPairs(need, helper, travel_min * asking.weight[need], len(asking.weight), len(offering.room))
        found = assign(pairs, slots, asking.left_out, slot_cost=first, spread=fair_min)
        if turn == MOST_TURNS - 1 or not pool.grow(found):
            break
    bound = found.bound_with(pool.could_cost(found))
    chosen = _minutes_of((need, helper, travel_min), found, len(offering.room))
    left = _explain(kinds, pool, found, apart)
    return Proposed(found.need, found.helper, chosen, left, found, bound, (need, helper, travel_min))


class _Pool:
    """Pairs that were sought: some measured, the others known to take so long at least."""

    def __init__(self, asking: Asking, search: Search, first: FloatArray, barred: IntArray) -> None:
        self._weight, self._search, self._helpers = asking.weight, search, np.int64(max(len(first), 1))
        self._barred = barred
        self._count = np.full(len(asking.weight), SOUGHT_AT_FIRST)
        self._sought = search.seek(np.arange(len(asking.weight)), self._count)
        self._minutes = np.full(len(self._sought.need), np.nan)
        self._measure(self._first_few(first))

    def _first_few(self, first: FloatArray) -> IntArray:
        """Pick those of each need that would cost least, if nobody else wanted them."""
        order = np.lexsort((self._cost(self._sought.least_min, first), self._sought.need))
        need = self._sought.need[order]
        return order[np.arange(len(order)) - np.searchsorted(need, need) < MEASURED_AT_FIRST]

    def _cost(self, minutes: FloatArray, slot: FloatArray) -> FloatArray:
        return minutes * self._weight[self._sought.need] + slot[self._sought.helper]

    def _measure(self, at: IntArray) -> None:
        self._minutes[at] = self._search.measure(self._sought.need[at], self._sought.helper[at])

    def within(self) -> BoolArray:
        """Tell which pairs were measured, and the helper would travel that long."""
        return self._minutes <= self._search.willing_min(self._sought.need, self._sought.helper)

    def needs_without(self, barred: IntArray) -> IntArray:
        """Give the needs of those pairs, each as often as it has some, but for some pairs."""
        return self._sought.need[self.within() & ~self._is_among(barred)]

    def usable(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Give those that may be chosen: need, helper and minutes."""
        may = self.within() & ~self._is_among(self._barred)
        return self._sought.need[may], self._sought.helper[may], self._minutes[may]

    def _is_among(self, pairs: IntArray) -> BoolArray:
        return _is_among(self._keys(self._sought.need, self._sought.helper), self._keys(*pairs.T))

    def _keys(self, need: IntArray, helper: IntArray) -> IntArray:
        return need * self._helpers + helper

    def could_cost(self, found: Assigned) -> FloatArray:
        """Tell what a pair of each need that is not measured costs at least, by the prices of an answer."""
        least = self._beyond(found)
        some = np.flatnonzero(np.isnan(self._minutes))
        np.minimum.at(least, self._sought.need[some], self._cost(self._sought.least_min, found.slot)[some])
        return least

    def _beyond(self, found: Assigned) -> FloatArray:
        return self._sought.beyond_min * self._weight + float(found.slot.min(initial=np.inf))

    def grow(self, found: Assigned) -> bool:
        """Measure whoever could make a better answer, seek farther where that may be, and tell whether anybody does."""
        enough = found.pays - _CLOSE * np.maximum(np.abs(found.pays), 1.0)
        while True:
            promising = self._cost(self._sought.least_min, found.slot) < enough[self._sought.need]
            some = np.flatnonzero(np.isnan(self._minutes) & promising)
            self._measure(some)
            real = self.within() & ~self._is_among(self._barred)
            real &= self._cost(self._minutes, found.slot) < enough[self._sought.need]
            short = np.flatnonzero(self._beyond(found) < enough)
            full = len(self._sought.need) + int(self._count[short].sum()) * WIDER > MOST_PAIRS
            if len(short) and not full:
                self._widen(short)
            if real[some].any() or full or not len(short):
                return bool(real[some].any())

    def _widen(self, short: IntArray) -> None:
        self._count[short] *= WIDER
        old, more = self._sought, self._search.seek(short, self._count[short])
        new = ~_is_among(self._keys(more.need, more.helper), self._keys(old.need, old.helper))
        beyond = old.beyond_min.copy()
        beyond[short] = more.beyond_min[short]
        self._sought = Sought(
            np.concatenate([old.need, more.need[new]]),
            np.concatenate([old.helper, more.helper[new]]),
            np.concatenate([old.least_min, more.least_min[new]]),
            beyond,
        )
        self._minutes = np.concatenate([self._minutes, np.full(int(new.sum()), np.nan)])


def _is_among(keys: IntArray, known: IntArray) -> BoolArray:
    """Tell which keys are known; by order, as hashing spends most of a big batch on it."""
    if not len(known):
        return np.zeros(len(keys), dtype=bool)
    known = np.sort(known)
    return np.asarray(known[np.searchsorted(known, keys).clip(max=len(known) - 1)] == keys)


def _minutes_of(pairs: tuple[IntArray, IntArray, FloatArray], found: Assigned, helpers: int) -> FloatArray:
    if not len(found.need):
        return np.empty(0)
    key = pairs[0] * np.int64(helpers) + pairs[1]
    order = np.argsort(key)
    at = np.searchsorted(key, found.need * np.int64(helpers) + found.helper, sorter=order)
    return np.asarray(pairs[2][order[at]])


def _explain(kinds: Kinds, pool: _Pool, found: Assigned, apart: IntArray) -> dict[int, LeftOut]:
    total = len(kinds.of_need)
    stages = (
        (LeftOut.TOO_FAR, pool.needs_without(NONE_APART)),
        (LeftOut.KEPT_APART, pool.needs_without(apart)),
        (LeftOut.ALL_DECLINED, pool.usable()[0]),
    )
    why = [(reason, np.bincount(some, minlength=total) == 0) for reason, some in stages]
    left: dict[int, LeftOut] = {}
    for at in np.setdiff1d(np.arange(total), found.need).tolist():
        late = next((reason for reason, nobody in why if nobody[at]), LeftOut.OTHERS_COME_FIRST)
        left[at] = kinds.why[kinds.of_need[at]] or late
    return left
