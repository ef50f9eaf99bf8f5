"""Pairs of points within reach of each other, where each point of the one side has a reach of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


class Pairs(NamedTuple):
    """Which of the one side reaches which of the other, as indices of one length, and how far apart they are."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    distance_m: NDArray[np.float64]


def find_pairs(from_xy: FloatArray, radius_m: FloatArray, to_xy: FloatArray) -> Pairs:
    """Find every pair no farther apart than the radius of its first point.

    Parameters
    ----------
    from_xy, to_xy
        Shape ``(n, 2)`` and ``(m, 2)``, metres in one plane system.
    radius_m
        Shape ``(n,)``, none below zero.

    Returns
    -------
    Pairs
        In no particular order. Cost grows with the number of pairs found, plus ``(n + m) log m``.
    """
    tree = cKDTree(to_xy)
    # two trees are compared at one radius, many times quicker than point by point; radii are taken together up to
    # the next power of two, so that one far reach does not make all the others' searches wide
    step = np.ceil(np.log2(np.maximum(radius_m, 1.0))).astype(np.int64)
    found = []
    for each in np.unique(step).tolist():
        rows = np.flatnonzero(step == each)
        near = cKDTree(from_xy[rows]).sparse_distance_matrix(tree, radius_m[rows].max(), output_type="ndarray")
        row = rows[near["i"]]
        within = near["v"] <= radius_m[row]
        found.append((row[within], near["j"][within], near["v"][within]))
    if not found:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
