"""How far every place of help is from room, measured for all places at once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

CLOSED: Final = 1 << 40
"""The rank of a place from which no room can ever be reached again."""
NOWHERE: Final = -1


class RoomFinder:
    """Measures how many needs must be passed on before a place has room.

    Parameters
    ----------
    reach
        The places that can serve each need.
    places
        How many places there are.
    """

    def __init__(self, reach: Sequence[Sequence[int]], places: int) -> None:
        ends = np.cumsum([0, *map(len, reach)])
        named = np.fromiter(chain.from_iterable(reach), np.int32, ends[-1])
        table = csr_array((np.ones(len(named), dtype=np.int8), named, ends), shape=(len(reach), places)).tocsc()
        self._starts, self._needs = table.indptr.astype(np.int64), table.indices

    def rank(self, known: Sequence[int], place_of: Sequence[int]) -> list[int]:
        """Rank every place.

        Parameters
        ----------
        known
            For each place a number below zero if it has room, which is kept, and any other if it is full.
        place_of
            For each need the place it is at, or ``NOWHERE``.

        Returns
        -------
        list of int
            For a full place the fewest needs that must be passed on, ``CLOSED`` where no number will do.
        """
        at, ranks = np.array(place_of), np.array(known)
        ranks[ranks >= 0] = CLOSED
        waiting = at != NOWHERE
        front, step = np.flatnonzero(ranks < 0), 0
        while front.size:
            step += 1
            needs = self._needs_that_reach(front)
            needs = needs[waiting[needs]]
            waiting[needs] = False
            places = at[needs]
            front = np.unique(places[ranks[places] == CLOSED])
            ranks[front] = step
        found: list[int] = ranks.tolist()
        return found

    def _needs_that_reach(self, places: IntArray) -> IntArray:
        starts = self._starts[places]
        counts = self._starts[places + 1] - starts
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        needs: IntArray = self._needs[np.repeat(starts, counts) + within].astype(np.int64)
        return needs
