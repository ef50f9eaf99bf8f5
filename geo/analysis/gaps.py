"""Coverage gaps: which needs no allocation of the help within reach can serve.

Each need is one unit of demand; each place of help takes as many as its capacity, from any of its categories. The
number of needs that can be served at all is a maximum flow (Ford and Fulkerson 1956). Which needs these are is not
unique, so needs are admitted one by one in the order of their priority, each as long as all admitted so far can still
be served together: on a transversal matroid this greedy order both reaches the maximum and serves, of all maximum
sets, the one with the most urgent needs (Edmonds 1971, doi:10.1007/BF01584082). The answer is therefore one definite
set, the same for every solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geo.analysis.flow import GrowingFlow
from geo.analysis.pairs import find_pairs
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.analysis.flow import Reach
    from geo.domain.words import Category

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


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
        One list for each need, in the order of the indices. Cost grows with the number of pairs found,
        plus ``(n + m) log m`` for the tree.
    """
    radius = demand.reach_m + (-1.0 if surely else 1.0) * demand.uncertainty_m
    wanted = np.array([c.value for c in demand.category])
    pairs = []
    for category in sorted(set(demand.category)):
        rows = np.flatnonzero((wanted == category.value) & (radius >= 0))
        columns = np.array([j for j, offers in enumerate(supply.categories) if category in offers], dtype=np.int64)
        if rows.size and columns.size:
            found = find_pairs(demand.xy[rows], radius[rows], supply.xy[columns])
            pairs.append((rows[found.row], columns[found.column]))
    return _as_lists(pairs, (len(wanted), len(supply.capacity)))


def _as_lists(pairs: Sequence[tuple[IntArray, IntArray]], shape: tuple[int, int]) -> Reach:
    if not pairs:
        return [[] for _ in range(shape[0])]
    rows, columns = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    table = csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=shape)
    table.sort_indices()
    # one integer object for each place, however often it is named, takes a fifth of the memory
    shared = np.arange(shape[1]).astype(object)[table.indices]
    ends = table.indptr.tolist()
    return [shared[start:end].tolist() for start, end in pairwise(ends)]


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
    flow = GrowingFlow(reach, np.asarray(capacity).tolist())
    served, binding = np.zeros(len(reach), dtype=bool), np.zeros(len(capacity), dtype=bool)
    for need in np.asarray(order).tolist():
        served[need] = flow.admit(need)
    binding[list(flow.find_cut(np.flatnonzero(~served).tolist()))] = True
    return Allocation(served, binding)
