"""Pairs of points within reach of each other, where each point of the one side has a reach of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

FEW: Final = 2_000_000
"""Up to so many pairs altogether, all are measured: planting trees would take longer."""
AT_ONCE: Final = 200_000
"""So many points are compared at a time, which bounds the memory."""
MARGIN: Final = 1e-9
"""How much farther the trees look than asked, in metres and as a share, so that rounding loses nobody."""


class Pairs(NamedTuple):
    """Which of the one side reaches which of the other, as indices of one length, and how far apart they are."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    distance_m: NDArray[np.float64]


def find_pairs(
    from_xy: FloatArray, radius_m: FloatArray, to_xy: FloatArray, to_radius_m: FloatArray | None = None
) -> Pairs:
    """Find every pair no farther apart than the radius of its first point, and that of its second where it has one.

    Parameters
    ----------
    from_xy, to_xy
        Shape ``(n, 2)`` and ``(m, 2)``, metres in one plane system.
    radius_m
        Shape ``(n,)``, none below zero.
    to_radius_m
        Shape ``(m,)``, none below zero; zero when left out.

    Returns
    -------
    Pairs
        In no particular order. Cost grows with the number of pairs found, plus ``(n + m) log m``.
    """
    points = from_xy, radius_m, to_xy, to_radius_m
    if len(from_xy) * len(to_xy) <= FEW:
        row, column = np.nonzero(np.ones((len(from_xy), len(to_xy)), dtype=bool))
        found = [_within(*points, row, column)]
    else:
        found = list(_by_trees(*points))
    return Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _by_trees(
    from_xy: FloatArray, radius_m: FloatArray, to_xy: FloatArray, to_radius_m: FloatArray | None
) -> Iterator[Pairs]:
    # two trees are compared at one radius, many times quicker than point by point; radii are taken together up to
    # the next power of two, so that one far reach does not make all the others' searches wide
    more_m = np.zeros(len(to_xy)) if to_radius_m is None else to_radius_m
    there = [(columns, cKDTree(to_xy[columns])) for columns in _alike(more_m)]
    for alike in _alike(radius_m):
        for rows in np.split(alike, range(AT_ONCE, len(alike), AT_ONCE)):
            here = cKDTree(from_xy[rows])
            for columns, tree in there:
                widest = (radius_m[rows].max() + more_m[columns].max()) * (1 + MARGIN) + MARGIN
                near = here.sparse_distance_matrix(tree, widest, output_type="ndarray")
                yield _within(from_xy, radius_m, to_xy, to_radius_m, rows[near["i"]], columns[near["j"]])


def _alike(radius_m: FloatArray) -> list[IntArray]:
    step = np.ceil(np.log2(np.maximum(radius_m, 1.0))).astype(np.int64)
    return [np.flatnonzero(step == each) for each in np.unique(step).tolist()]


def _within(
    from_xy: FloatArray, radius_m: FloatArray, to_xy: FloatArray, to_radius_m: FloatArray | None,
    row: IntArray, column: IntArray,
) -> Pairs:  # fmt: skip
    """Keep the pairs within reach, all measured alike: a pair at the very edge is in or out however it was found."""
    apart = from_xy[row] - to_xy[column]
    distance_m = np.sqrt(apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1])
    reach_m = radius_m[row] if to_radius_m is None else radius_m[row] + to_radius_m[column]
    within = distance_m <= reach_m
    return Pairs(row[within], column[within], distance_m[within])
