"""The order in which doors are walked to: up one side of a street, down the other, on to the nearest next one.

Doors are brought together in runs, each along one side of one street by the house numbers. The runs are then put in
an order, each walked in one of its two directions, by the nearest neighbour from several beginnings and 2-opt after
that (Croes 1958, doi:10.1287/opre.6.6.791), between their ends in a straight line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.crs import metric_crs, to_metres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.domain.turf import Address

    Ints = NDArray[np.int64]
    Metres = NDArray[np.float64]

BREAK_M: Final = 150.0
"""A run ends where the next door of it is farther away."""
_BEGINNINGS: Final = 8
_MOST_PASSES: Final = 30
_GAINED_M: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Walk:
    """Doors in walking order.

    ``order`` has indices into the doors as they were given, ``runs`` the run of each door in that order, ``xy`` the
    places in metres of the doors as they were given, shape ``(n, 2)``.
    """

    order: Ints
    runs: Ints
    xy: Metres

    @property
    def length_m(self) -> float:
        """How long the walk is from door to door in straight lines."""
        return float(np.hypot(*np.diff(self.xy[self.order], axis=0).T).sum())


def walk_doors(doors: Sequence[Address], *, seed: int = 0) -> Walk:
    """Put doors into the order they are walked to.

    Parameters
    ----------
    doors
        WGS 84, at least one; doors of one number stay in the order they are given.
    seed
        For where walks are tried to begin; 0 is one like any other.

    Returns
    -------
    Walk
        Every door once.
    """
    lons, lats = [door.point.lon for door in doors], [door.point.lat for door in doors]
    xy = to_metres(lons, lats, metric_crs(lons, lats))
    runs = _runs(doors, xy)
    ends = np.array([[xy[run[0]], xy[run[-1]]] for run in runs])
    found = _tour(ends, np.random.default_rng(seed))
    walked = [runs[run][:: -1 if turned else 1] for run, turned in found]
    which = [np.full(len(run), at) for at, run in enumerate(walked)]
    return Walk(np.concatenate(walked), np.concatenate(which), xy)


def _runs(doors: Sequence[Address], xy: Metres) -> list[Ints]:
    sides: dict[tuple[str, str], list[int]] = {}
    for at, door in enumerate(doors):
        sides.setdefault((door.street, door.side.value), []).append(at)
    runs = []
    for _, members in sorted(sides.items()):
        along = np.array(sorted(members, key=lambda at: (doors[at].number_int, at)), dtype=np.int64)
        apart = np.hypot(*np.diff(xy[along], axis=0).T) if len(along) > 1 else np.empty(0)
        runs += np.split(along, np.flatnonzero(apart > BREAK_M) + 1)
    return runs


def _tour(ends: Metres, rng: np.random.Generator) -> list[tuple[int, bool]]:
    """Find a short way through all runs; ``ends`` has shape ``(runs, 2, 2)``: run, which end, x and y."""
    west = int(np.argmin(ends[:, 0].sum(axis=1)))
    tried = {(west, False), *((int(run), bool(rng.integers(2))) for run in rng.permutation(len(ends))[:_BEGINNINGS])}
    walks = [_improved(*_nearest_next(ends, *begin)) for begin in sorted(tried)]
    best = min(walks, key=lambda walk: (round(walk[2], 3), walk[0].tolist()))
    return [(int(run), bool(turned)) for run, turned in zip(best[0], best[1], strict=True)]


def _nearest_next(ends: Metres, run: int, turned: bool) -> tuple[Ints, NDArray[np.bool_], Metres]:  # noqa: FBT001 - a direction
    order, turns = [run], [turned]
    open_ = np.ones(len(ends), dtype=bool)
    open_[run] = False
    while open_.any():
        at = ends[order[-1], 0 if turns[-1] else 1]
        away = np.hypot(ends[..., 0] - at[0], ends[..., 1] - at[1])
        away[~open_] = np.inf
        nearest, end = divmod(int(np.argmin(away)), 2)
        order.append(nearest)
        turns.append(end == 1)
        open_[nearest] = False
    return np.array(order, dtype=np.int64), np.array(turns), ends


def _improved(order: Ints, turns: NDArray[np.bool_], ends: Metres) -> tuple[Ints, NDArray[np.bool_], float]:
    """Turn stretches of the way around as long as it gets shorter."""
    rows = np.arange(len(order))
    first, last = ends[order, turns.astype(int)], ends[order, 1 - turns.astype(int)]
    for _ in range(_MOST_PASSES):
        is_better = False
        for at in rows:
            gains = _gains(first, last, int(at))
            upto = int(np.argmax(gains)) + int(at)
            if gains.size and gains.max() > _GAINED_M:
                part = slice(int(at), upto + 1)
                order[part], turns[part] = order[part][::-1].copy(), ~turns[part][::-1]
                first[part], last[part] = last[part][::-1].copy(), first[part][::-1].copy()
                is_better = True
        if not is_better:
            break
    return order, turns, float(np.hypot(*(first[1:] - last[:-1]).T).sum())


def _gains(first: Metres, last: Metres, at: int) -> Metres:
    """Tell how much shorter the way gets when the stretch from ``at`` up to each later run is turned around."""
    tails = np.arange(at, len(first))
    gain = np.zeros(len(tails))
    if at > 0:
        gain += np.hypot(*(first[at] - last[at - 1])) - np.hypot(*(last[tails] - last[at - 1]).T)
    inner = tails[:-1]
    gain[:-1] += np.hypot(*(first[inner + 1] - last[inner]).T) - np.hypot(*(first[inner + 1] - first[at]).T)
    return gain
