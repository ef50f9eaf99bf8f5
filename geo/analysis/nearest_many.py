"""The nearest helpers of many needs at once, in arrays: what an index answers one by one, trees answer together.

Places are put on the unit sphere, where straight lines order as ways over the ground do, at the poles and at the date
line too. For each way of travelling the nearest few are measured; where others could still be quicker, by the least
that any way of that length takes, more are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

from geo.analysis.gaps import MODES
from geo.crs import SPHERE_M, SPHERE_SLACK, geodesic_m, on_unit_sphere

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.domain.travel import TravelModel

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

WIDER: Final = 4
ROUNDING_MIN: Final = 1e-6
TIED_DIGITS: Final = 9
"""Equal distances differ by what is lost in counting."""
_WIDEN: Final = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class Near:
    """Helpers who may be asked, as columns of length ``m``, in the order in which equal ones are taken at last.

    ``mode`` is an index into :data:`geo.analysis.gaps.MODES`, ``asked_at`` in seconds since 1970, below all for never.
    """

    lonlat: FloatArray
    mode: IntArray
    max_travel_min: FloatArray
    load: IntArray
    asked_at: FloatArray


@dataclass(frozen=True, slots=True)
class Ranked:
    """The nearest of each need, the quickest first: parallel columns of needs, helpers, minutes and metres."""

    need: IntArray
    helper: IntArray
    travel_min: FloatArray
    away_m: FloatArray


def rank_many(
    lonlat: FloatArray,
    kind: IntArray,
    suits: Sequence[IntArray],
    near: Near,
    apart: IntArray,
    *,
    model: TravelModel,
    limit: int,
) -> Ranked:
    """Find the quickest helpers of each need.

    Parameters
    ----------
    lonlat, kind
        Shapes ``(n, 2)`` and ``(n,)``: where needs are, in degrees, and of which kind.
    suits
        For each kind the helpers who suit.
    apart
        Shape ``(k, 2)``: needs and helpers who are not brought together.
    model
        Measures from each helper to the household by the helper's own mode.
    limit
        How many for each need.

    Returns
    -------
    Ranked
        Exactly those that measuring every way would give; equal minutes by load, then by who was asked longest ago,
        then by the order of ``near``.
    """
    search = _Trees(lonlat, kind, suits, near, apart, model)
    found: list[Ranked] = []
    needs, count = np.arange(len(lonlat)), limit
    while len(needs):
        ranked, beyond_min = search.rank(needs, count, limit)
        full = np.bincount(ranked.need, minlength=len(lonlat))[needs] >= limit
        last = np.zeros(len(lonlat))
        np.maximum.at(last, ranked.need, ranked.travel_min)
        sure = ~np.isfinite(beyond_min) | (full & (last[needs] < beyond_min - ROUNDING_MIN))
        found.append(_only(ranked, np.isin(ranked.need, needs[sure])))
        needs, count = needs[~sure], count * WIDER
    return _join(found)


class _Trees:
    """Trees of the helpers of each kind and mode."""

    def __init__(
        self, lonlat: FloatArray, kind: IntArray, suits: Sequence[IntArray], near: Near, apart: IntArray,
        model: TravelModel,
    ) -> None:  # fmt: skip
        self._lonlat, self._kind, self._near, self._model = lonlat, kind, near, model
        self._home, self._people = on_unit_sphere(lonlat), on_unit_sphere(near.lonlat)
        self._apart = np.unique(apart[:, 0] * np.int64(max(len(near.mode), 1)) + apart[:, 1])
        self._groups: list[tuple[int, int, IntArray, cKDTree]] = []
        for number, helpers in enumerate(suits):
            for mode in range(len(MODES)):
                some = helpers[near.mode[helpers] == mode]
                if len(some):
                    self._groups.append((number, mode, some, cKDTree(self._people[some])))

    def rank(self, needs: IntArray, count: int, limit: int) -> tuple[Ranked, FloatArray]:
        """Rank the nearest so many of each mode; and give minutes that nobody beyond them undercuts."""
        beyond = np.full(len(self._lonlat), np.inf)
        parts = [self._of_group(group, needs, count, beyond) for group in self._groups]
        none = np.empty(0, np.int64)
        need = np.concatenate([none, *(part[0] for part in parts)])
        helper = np.concatenate([none, *(part[1] for part in parts)])
        key = need * np.int64(max(len(self._near.mode), 1)) + helper
        allowed = ~np.isin(key, self._apart)
        need, helper = need[allowed], helper[allowed]
        travel_min = self._measure(need, helper)
        kept = travel_min <= self._near.max_travel_min[helper] + ROUNDING_MIN
        return self._best(need[kept], helper[kept], travel_min[kept], limit), beyond[needs]

    def _of_group(
        self, group: tuple[int, int, IntArray, cKDTree], needs: IntArray, count: int, beyond: FloatArray
    ) -> tuple[IntArray, IntArray]:
        number, mode, helpers, tree = group
        mine = needs[self._kind[needs] == number]
        most = min(count, len(helpers))
        if not len(mine):
            return mine, mine
        reach_m = self._model.reach_m(float(self._near.max_travel_min[helpers].max()) + 1.0, MODES[mode])
        angle = min(reach_m / SPHERE_SLACK / SPHERE_M, np.pi)
        chord, at = tree.query(self._home[mine], k=most, distance_upper_bound=2 * np.sin(angle / 2) * _WIDEN)
        chord, at = chord.reshape(len(mine), most), at.reshape(len(mine), most)
        if most < len(helpers):
            far = np.isfinite(chord[:, -1])
            sphere_m = 2 * np.arcsin(np.minimum(chord[far, -1] / 2, 1.0)) * SPHERE_M
            least_min = self._model.minutes(1.0, MODES[mode]) * SPHERE_SLACK * sphere_m / _WIDEN
            beyond[mine[far]] = np.minimum(beyond[mine[far]], least_min)
        row, place = np.nonzero(np.isfinite(chord))
        return mine[row], helpers[at[row, place]]

    def _measure(self, need: IntArray, helper: IntArray) -> FloatArray:
        minutes = np.full(len(need), np.inf)
        for mode in range(len(MODES)):
            some = np.flatnonzero(self._near.mode[helper] == mode)
            minutes[some] = self._measure_mode(need[some], helper[some], mode)
        return minutes

    def _measure_mode(self, need: IntArray, helper: IntArray, mode: int) -> FloatArray:
        pairs = getattr(self._model, "pairs", None)
        start, end = self._near.lonlat[helper], self._lonlat[need]
        if pairs is not None:
            measured: FloatArray = pairs(start, end, MODES[mode])
            return measured
        minutes, order = np.full(len(need), np.inf), np.argsort(need, kind="stable")
        ends = np.flatnonzero(np.diff(need[order], prepend=-1, append=-1))
        for first, last in pairwise(ends.tolist()):
            some = order[first:last]
            home = self._lonlat[need[some[:1]]]
            minutes[some] = self._model.matrix(start[some], home, MODES[mode])[:, 0]
        return minutes

    def _best(self, need: IntArray, helper: IntArray, travel_min: FloatArray, limit: int) -> Ranked:
        near = self._near
        order = np.lexsort((helper, near.asked_at[helper], near.load[helper], np.round(travel_min, TIED_DIGITS), need))
        need, helper, travel_min = need[order], helper[order], travel_min[order]
        place = np.arange(len(need)) - np.searchsorted(need, need)
        few = place < limit
        need, helper, travel_min = need[few], helper[few], travel_min[few]
        home, at = self._lonlat[need], near.lonlat[helper]
        away_m = geodesic_m(home[:, 0], home[:, 1], at[:, 0], at[:, 1])
        return Ranked(need, helper, travel_min, away_m)


def _only(ranked: Ranked, kept: BoolArray) -> Ranked:
    return Ranked(ranked.need[kept], ranked.helper[kept], ranked.travel_min[kept], ranked.away_m[kept])


def _join(parts: Sequence[Ranked]) -> Ranked:
    none, nowhere = np.empty(0, np.int64), np.empty(0)
    need = np.concatenate([none, *(part.need for part in parts)])
    order = np.argsort(need, kind="stable")
    return Ranked(
        need[order],
        np.concatenate([none, *(part.helper for part in parts)])[order],
        np.concatenate([nowhere, *(part.travel_min for part in parts)])[order],
        np.concatenate([nowhere, *(part.away_m for part in parts)])[order],
    )
