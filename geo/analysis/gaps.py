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
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geo.analysis.flow import GrowingFlow
from geo.domain.words import Mode
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geo.analysis.flow import Reach

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

MODES: Final = tuple(Mode)
"""Ways of travelling, in the order in which arrays number them."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Needs as arrays of one length ``n``.

    Attributes
    ----------
    xy
        Shape ``(n, 2)``, metres in one plane system.
    kind
        Row of :class:`Suits` for each need: needs of one kind are alike in what help suits them.
    mode
        How each household travels, an index into ``MODES``.
    uncertainty_m
        Radius in metres within which the true place lies.
    """

    xy: FloatArray
    kind: IntArray
    mode: IntArray
    uncertainty_m: FloatArray


@dataclass(frozen=True, slots=True)
class Supply:
    """Places of help as arrays of one length ``m``.

    Attributes
    ----------
    xy
        Shape ``(m, 2)``, metres in the plane system of the demand.
    kind
        Column of :class:`Suits` for each place.
    capacity
        How many needs a week each can take.
    reach_m
        Straight-line metres that help goes to the household by itself, however that travels; not a number where
        households come to it, which is everywhere when left out.
    """

    xy: FloatArray
    kind: IntArray
    capacity: IntArray
    reach_m: FloatArray | None = None


class Suits(NamedTuple):
    """Whether help of a kind can serve needs of a kind at all, shape ``(kinds of need, kinds of help)`` each.

    ``sure`` is what is known to suit; ``best`` also what may, where a fact is not known. Sure is within best.
    """

    sure: BoolArray
    best: BoolArray


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome.

    Attributes
    ----------
    served
        Whether each need is.
    binding
        Whether the capacity of each place is what is missing.
    place_of
        Where each need is served, ``NOWHERE`` if it is not. Which needs are served is one definite answer; where, is
        one of many.
    """

    served: BoolArray
    binding: BoolArray
    place_of: IntArray


def allocate(reach: csr_array, capacity: IntArray, order: IntArray) -> Allocation:
    """Serve as many needs as any allocation can, the first in ``order`` before the later ones.

    Parameters
    ----------
    reach
        Shape ``(n, m)``, an entry for each place that can serve each need (see :mod:`geo.analysis.reach`).
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
    if not np.array_equal(np.sort(order), np.arange(reach.shape[0])):
        raise InvalidInput("the order must name each need once", field="order")
    flow = GrowingFlow(_as_lists(reach), np.asarray(capacity).tolist())
    served, binding = np.zeros(reach.shape[0], dtype=bool), np.zeros(len(capacity), dtype=bool)
    for need in np.asarray(order).tolist():
        served[need] = flow.admit(need)
    binding[list(flow.find_cut(np.flatnonzero(~served).tolist()))] = True
    return Allocation(served, binding, np.array(flow.place_of, dtype=np.int64))


def _as_lists(reach: csr_array) -> Reach:
    # one integer object for each place, however often it is named, takes a fifth of the memory
    shared = np.arange(reach.shape[1]).astype(object)[reach.indices]
    return [shared[start:end].tolist() for start, end in pairwise(reach.indptr.tolist())]
