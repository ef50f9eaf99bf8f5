"""Who might be asked about which needs: suited first, then sought by distance, and measured only where it may matter.

How far somebody is at least is known from where they are. Only where that leaves room for a better answer, by the
prices of the last one, is it worth knowing how long they really travel (column generation; Dantzig and Wolfe 1960,
doi:10.1287/opre.8.1.101).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

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


@dataclass(frozen=True, slots=True)
class Kinds:
    """Needs alike in whom they may be brought together with: who that is, and after what nobody was left."""

    of_need: IntArray
    helpers: list[IntArray]
    why: list[LeftOut | None]

    @classmethod
    def sort(cls, asking: Asking, offering: Offering, usual: Sequence[str]) -> Kinds:
        """Sort needs by whom they may be brought together with."""
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


class Sought(NamedTuple):
    """Pairs nobody has measured yet, with the minutes they take at least, and what those beyond take at least."""

    need: IntArray
    helper: IntArray
    least_min: FloatArray
    beyond_min: FloatArray


class Search:
    """Finds the nearest who may be asked, and measures how long they would travel."""

    def __init__(self, asking: Asking, offering: Offering, kinds: Kinds, model: TravelModel) -> None:
        self._asking, self._offering, self._kinds, self._model = asking, offering, kinds, model
        both = np.concatenate([asking.lonlat, offering.lonlat])
        plane = to_metres(both[:, 0], both[:, 1], metric_crs(both[:, 0], both[:, 1])) if len(both) else both
        self._needs, self._helpers = plane[: len(asking.lonlat)], plane[len(asking.lonlat) :]

    def seek(self, needs: IntArray, count: IntArray) -> Sought:
        """Seek so many for each of some needs, of each mode of travel, who could be there in time."""
        none = np.empty(0, np.int64)
        found = Sought(none, none, np.empty(0), np.full(len(self._asking.weight), np.inf))
        parts = [found[:3]]
        for kind, mode in self._groups(needs):
            helpers = self._kinds.helpers[kind]
            helpers = helpers[self._offering.mode[helpers] == mode]
            mine = np.flatnonzero(self._kinds.of_need[needs] == kind)
            if helpers.size:
                parts.append(self._nearest(needs[mine], count[mine], helpers, mode, found.beyond_min))
        need, helper, least_min = (np.concatenate([part[at] for part in parts]) for at in range(3))
        kept = least_min <= self.willing_min(need, helper)
        return Sought(need[kept], helper[kept], least_min[kept], found.beyond_min)

    def willing_min(self, need: IntArray, helper: IntArray) -> FloatArray:
        """Tell how long a helper travels to a need at most, the ring of the need and rounding included."""
        return np.minimum(self._offering.max_travel_min[helper], self._asking.ring_min[need]) + 1e-9

    def _groups(self, needs: IntArray) -> Iterator[tuple[int, int]]:
        for kind in np.unique(self._kinds.of_need[needs]).tolist():
            yield from ((kind, mode) for mode in range(len(MODES)))

    def _nearest(
        self, needs: IntArray, count: IntArray, helpers: IntArray, mode: int, beyond: FloatArray
    ) -> tuple[IntArray, IntArray, FloatArray]:
        tree, way = cKDTree(self._helpers[helpers]), MODES[mode]
        most = min(int(count.max(initial=1)), len(helpers))
        widest = min(self._asking.ring_min[needs].max(initial=0.0), self._offering.max_travel_min[helpers].max())
        reach_m = self._model.reach_m(float(widest), way) / _PLANE_SLACK + 1.0
        away_m, at = tree.query(self._needs[needs], k=most, distance_upper_bound=reach_m)
        away_m, at = away_m.reshape(len(needs), most), at.reshape(len(needs), most)
        least_min = self._model.minutes(1.0, way) * _PLANE_SLACK * away_m
        if most < len(helpers):
            full = np.isfinite(away_m[:, -1])
            beyond[needs[full]] = np.minimum(beyond[needs[full]], least_min[full, -1])
        row, place = np.nonzero(np.isfinite(away_m))
        return needs[row], helpers[at[row, place]], least_min[row, place]

    def measure(self, need: IntArray, helper: IntArray) -> FloatArray:
        """Give the minutes of pairs, each by the helper's own mode."""
        minutes = np.full(len(need), np.inf)
        for mode in range(len(MODES)):
            some = np.flatnonzero(self._offering.mode[helper] == mode)
            minutes[some] = self._travel(need[some], helper[some], mode)
        return minutes

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
