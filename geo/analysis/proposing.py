"""Which helpers may be asked about which needs, how far they would come, and who is asked in the end.

Only the nearest who may be asked are measured at first. What the answer proves about those beyond, by how far away they
are at least, is part of its bound; where that is not enough, more are measured and the whole is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from geo.analysis.access.pairs import CostPairs
from geo.analysis.assigning import Assigned, assign
from geo.analysis.gaps import MODES
from geo.analysis.suiting import CATEGORIES, Offers, Wants, find_suiting
from geo.crs import metric_crs, to_metres
from geo.domain.proposing import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geo.domain.travel import TravelModel

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

NEAREST_AT_FIRST: Final = 24
WIDER: Final = 4
MOST_TURNS: Final = 6
MOST_PAIRS: Final = 4_000_000
"""More are not measured; what that may cost is in the bound."""
_PLANE_SLACK: Final = 0.99
"""A distance in the plane may be longer by a hundredth than on the globe."""
_TOGETHER: Final = 6


@dataclass(frozen=True, slots=True)
class Asking:
    """Needs, as columns of length ``n``: degrees, weights of a minute, what leaving out costs, minutes of the ring."""

    wants: Wants
    lonlat: FloatArray
    weight: FloatArray
    left_out: FloatArray
    ring_min: FloatArray
    wants_car: BoolArray


@dataclass(frozen=True, slots=True)
class Offering:
    """Helpers, as columns of length ``m``: degrees, the index of their mode in ``MODES``, minutes, needs, yes or no."""

    offers: Sequence[Offers]
    lonlat: FloatArray
    mode: IntArray
    max_travel_min: FloatArray
    room: IntArray
    load: IntArray
    has_car: BoolArray
    is_free: BoolArray
    is_rested: BoolArray


class Proposed(NamedTuple):
    """Pairs as indices with minutes; the binding reason of every need left out, and how good any choice could be.

    ``pairs`` are all that were looked at: need, helper and minutes.
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
        """How many pairs were looked at."""
        return len(self.pairs[0])


class _Near(NamedTuple):
    need: IntArray
    helper: IntArray
    travel_min: FloatArray
    is_apart: BoolArray
    beyond_min: FloatArray


def propose(
    asking: Asking,
    offering: Offering,
    apart: IntArray,
    *,
    model: TravelModel,
    most_each: int,
    fair_min: float,
    usual: Sequence[str] = (),
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

    Returns
    -------
    Proposed
        The most needs, then the least of minutes by weight, of load, and of what is left out.
    """
    kinds = _Kinds.sort(asking, offering, usual)
    search = _Search(asking, offering, kinds, apart, model)
    count = np.full(len(asking.weight), NEAREST_AT_FIRST)
    near = search.find(np.arange(len(asking.weight)), count)
    slots = np.minimum(offering.room, most_each).clip(min=0)
    for turn in range(MOST_TURNS):
        may = ~near.is_apart
        pairs = CostPairs(
            near.need[may], near.helper[may], (near.travel_min * asking.weight[near.need])[may],
            len(asking.weight), len(offering.room),
        )  # fmt: skip
        found = assign(pairs, slots, asking.left_out, slot_cost=fair_min * offering.load, spread=fair_min)
        beyond = near.beyond_min * asking.weight
        bound, short = found.bound_with(beyond)
        if not len(short) or turn == MOST_TURNS - 1 or len(near.need) * WIDER > MOST_PAIRS:
            break
        count[short] *= WIDER
        near = _replace(near, search.find(short, count[short]), short)
    chosen = _minutes_of(near, found, len(offering.room))
    looked_at = (pairs.demand, pairs.supply, near.travel_min[may])
    return Proposed(found.need, found.helper, chosen, _explain(kinds, near, found), found, bound, looked_at)


def _replace(old: _Near, new: _Near, needs: IntArray) -> _Near:
    kept = ~np.isin(old.need, needs)
    beyond = old.beyond_min.copy()
    beyond[needs] = new.beyond_min[needs]
    return _Near(
        np.concatenate([old.need[kept], new.need]),
        np.concatenate([old.helper[kept], new.helper]),
        np.concatenate([old.travel_min[kept], new.travel_min]),
        np.concatenate([old.is_apart[kept], new.is_apart]),
        beyond,
    )


def _minutes_of(near: _Near, found: Assigned, helpers: int) -> FloatArray:
    if not len(found.need):
        return np.empty(0)
    key = near.need * np.int64(helpers) + near.helper
    order = np.argsort(key)
    at = np.searchsorted(key, found.need * np.int64(helpers) + found.helper, sorter=order)
    return np.asarray(near.travel_min[order[at]])


def _explain(kinds: _Kinds, near: _Near, found: Assigned) -> dict[int, LeftOut]:
    total = len(kinds.of_need)
    within, allowed = np.bincount(near.need, minlength=total), np.bincount(near.need[~near.is_apart], minlength=total)
    left: dict[int, LeftOut] = {}
    for need in np.setdiff1d(np.arange(total), found.need).tolist():
        early = kinds.why[kinds.of_need[need]]
        late = LeftOut.OTHERS_COME_FIRST if allowed[need] else LeftOut.KEPT_APART if within[need] else LeftOut.TOO_FAR
        left[need] = early or late
    return left


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Needs alike in whom they may be brought together with: who that is, and after what nobody was left."""

    of_need: IntArray
    helpers: list[IntArray]
    why: list[LeftOut | None]

    @classmethod
    def sort(cls, asking: Asking, offering: Offering, usual: Sequence[str]) -> _Kinds:
        found = find_suiting(asking.wants, offering.offers, usual=usual)
        packed = (found.need_kind * len(CATEGORIES) + asking.wants.category) * 2 + asking.wants_car
        _, first, of_need = np.unique(packed, return_index=True, return_inverse=True)
        offers = np.array([[c in o.categories for o in offering.offers] for c in CATEGORIES], dtype=bool)
        helpers: list[IntArray] = []
        why: list[LeftOut | None] = []
        for need in first.tolist():
            suits = found.suits.best[found.need_kind[need]][found.place_kind]
            stages = (
                (LeftOut.NOBODY_OFFERS_IT, offers[asking.wants.category[need]]),
                (LeftOut.NO_SHARED_LANGUAGE, suits),
                (LeftOut.NO_CAR, offering.has_car | ~asking.wants_car[need]),
                (LeftOut.NOT_AT_THAT_TIME, offering.is_free),
                (LeftOut.NO_ROOM_THIS_WEEK, offering.room > 0),
                (LeftOut.ASKED_LATELY, offering.is_rested),
            )
            left, reason = _narrow(stages, len(offering.room))
            helpers.append(left)
            why.append(reason)
        return cls(of_need.astype(np.int64), helpers, why)


def _narrow(stages: Sequence[tuple[LeftOut, BoolArray]], total: int) -> tuple[IntArray, LeftOut | None]:
    left = np.ones(total, dtype=bool)
    for reason, passes in stages:
        left = left & passes
        if not left.any():
            return np.empty(0, np.int64), reason
    return np.flatnonzero(left), None


class _Search:
    """Finds the nearest who may be asked, and measures how long they would travel."""

    def __init__(self, asking: Asking, offering: Offering, kinds: _Kinds, apart: IntArray, model: TravelModel) -> None:
        self._asking, self._offering, self._kinds, self._model = asking, offering, kinds, model
        self._apart = np.unique(apart[:, 0] * np.int64(max(len(offering.room), 1)) + apart[:, 1])
        both = np.concatenate([asking.lonlat, offering.lonlat])
        plane = to_metres(both[:, 0], both[:, 1], metric_crs(both[:, 0], both[:, 1])) if len(both) else both
        self._needs, self._helpers = plane[: len(asking.lonlat)], plane[len(asking.lonlat) :]

    def find(self, needs: IntArray, count: IntArray) -> _Near:
        """Find so many for each of some needs, of each mode of travel."""
        beyond, rows, columns = np.full(len(self._asking.weight), np.inf), [], []
        for kind, mode in self._groups(needs):
            helpers = self._kinds.helpers[kind]
            helpers = helpers[self._offering.mode[helpers] == mode]
            mine = np.flatnonzero(self._kinds.of_need[needs] == kind)
            if helpers.size:
                row, column = self._nearest(needs[mine], count[mine], helpers, mode, beyond)
                rows.append(row)
                columns.append(column)
        none = np.empty(0, np.int64)
        return self._measured(np.concatenate([none, *rows]), np.concatenate([none, *columns]), beyond)

    def _groups(self, needs: IntArray) -> Iterator[tuple[int, int]]:
        for kind in np.unique(self._kinds.of_need[needs]).tolist():
            yield from ((kind, mode) for mode in range(len(MODES)))

    def _nearest(
        self, needs: IntArray, count: IntArray, helpers: IntArray, mode: int, beyond: FloatArray
    ) -> tuple[IntArray, IntArray]:
        tree, way = cKDTree(self._helpers[helpers]), MODES[mode]
        most = min(int(count.max(initial=1)), len(helpers))
        widest = min(self._asking.ring_min[needs].max(initial=0.0), self._offering.max_travel_min[helpers].max())
        reach_m = self._model.reach_m(float(widest), way) / _PLANE_SLACK + 1.0
        away_m, at = tree.query(self._needs[needs], k=most, distance_upper_bound=reach_m)
        away_m, at = away_m.reshape(len(needs), most), at.reshape(len(needs), most)
        if most < len(helpers):
            full = np.isfinite(away_m[:, -1])
            least_min = self._model.minutes(1.0, way) * _PLANE_SLACK * away_m[full, -1]
            beyond[needs[full]] = np.minimum(beyond[needs[full]], least_min)
        row, place = np.nonzero(np.isfinite(away_m))
        return needs[row], helpers[at[row, place]]

    def _measured(self, need: IntArray, helper: IntArray, beyond: FloatArray) -> _Near:
        minutes = np.full(len(need), np.inf)
        for mode in range(len(MODES)):
            some = np.flatnonzero(self._offering.mode[helper] == mode)
            minutes[some] = self._travel(need[some], helper[some], mode)
        willing = np.minimum(self._offering.max_travel_min[helper], self._asking.ring_min[need])
        kept = minutes <= willing + 1e-9
        need, helper = need[kept], helper[kept]
        key = need * np.int64(max(len(self._offering.room), 1)) + helper
        return _Near(need, helper, minutes[kept], np.isin(key, self._apart), beyond)

    def _travel(self, need: IntArray, helper: IntArray, mode: int) -> FloatArray:
        """Measure pairs, neighbours together: one table for some helpers and all needs any of them is paired with."""
        minutes, spot = np.full(len(need), np.inf), np.floor(self._helpers / 1_000.0)
        asked = np.unique(helper)
        asked = asked[np.lexsort((spot[asked, 1], spot[asked, 0]))]
        place = np.full(len(self._offering.room), -1)
        place[asked] = np.arange(len(asked))
        order = np.argsort(place[helper], kind="stable")
        ends = np.searchsorted(place[helper][order], np.arange(0, len(asked) + _TOGETHER, _TOGETHER))
        for start, end in pairwise(ends.tolist()):
            some = order[start:end]
            if len(some):
                sources, row = np.unique(helper[some], return_inverse=True)
                targets, column = np.unique(need[some], return_inverse=True)
                table = self._model.matrix(self._offering.lonlat[sources], self._asking.lonlat[targets], MODES[mode])
                minutes[some] = table[row, column]
        return minutes
