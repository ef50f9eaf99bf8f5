"""How far every place of help is from room, measured for all places at once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

CLOSED: Final = 1 << 40
"""The rank of a place from which no room can ever be reached again."""
NOWHERE: Final = -1


def measure_room(known: Sequence[int], onward: Sequence[Collection[int]]) -> list[int]:
    """Count how many needs must be passed on before each place has room.

    Parameters
    ----------
    known
        For each place a number below zero if it has room, which is kept; for a full one, how many at least must be
        passed on.
    onward
        For each place those to which a need inside it could be passed on; of one that no need could be, it may be named
        too, and then counts as a way.

    Returns
    -------
    list of int
        For a full place the fewest needs that must be passed on, ``CLOSED`` where no number will do; never less than
        what was known.
    """
    least = np.array(known, dtype=np.int64)
    ranks = least.copy()
    ranks[ranks >= 0] = CLOSED
    before = _turn_round(onward)
    front, step = np.flatnonzero(ranks < 0), 0
    while front.size:
        step += 1
        places = before.indices[_spans(before.indptr, front)]
        front = np.unique(places[ranks[places] == CLOSED])
        ranks[front] = step
    found: list[int] = np.maximum(ranks, least).tolist()
    return found


def _turn_round(onward: Sequence[Collection[int]]) -> csr_array:
    """Tell for each place those from which a need could be passed on to it."""
    ends = np.cumsum([0, *map(len, onward)])
    to = np.fromiter(chain.from_iterable(onward), np.int64, ends[-1])
    table = csr_array((np.ones(len(to), dtype=np.int8), to, ends), shape=(len(onward), len(onward)))
    return table.T.tocsr()


def _spans(starts: IntArray, rows: IntArray) -> IntArray:
    """List the entries of some rows, one row after the other."""
    first = starts[rows].astype(np.int64)
    counts = starts[rows + 1] - first
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    spans: IntArray = np.repeat(first, counts) + within
    return spans
