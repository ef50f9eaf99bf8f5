"""A flow from needs to places of help that grows by one need at a time.

Which places have room, and how far the full ones are from room, is kept as a rank for each place: below zero it is
the room left, above zero a lower bound on how many needs must be passed on before there is room (the distance labels
of Goldberg and Tarjan 1988, doi:10.1145/48014.61051). A need that finds its places full is let in along falling ranks,
which are raised where they prove too low. Where that takes long, its surroundings are explored breadth first, which
closes a full quarter for good; and where even that is not enough, all places are measured afresh (the global
relabelling of Cherkassky and Goldberg 1997, doi:10.1007/PL00009180). Every need passed on goes a shortest way, so that
no rank is ever too high, and each way of searching gives the same answer.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Final

from geo.analysis.room import CLOSED, NOWHERE, RoomFinder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Reach = list[list[int]]
"""For each need, the indices of the help within its reach."""

PATIENCE: Final = 64
"""Steps after which a search is taken up in another way."""
PAIRS_PER_STEP: Final = 10_000
"""One more step is taken for so many pairs; beyond that, measuring all places afresh costs less."""


class GrowingFlow:
    """Needs admitted one after the other; one that is in stays in, though it may be passed on to another place.

    Parameters
    ----------
    reach
        The places that can serve each need.
    capacity
        How many needs each place can take.
    """

    def __init__(self, reach: Reach, capacity: Sequence[int]) -> None:
        self._reach = reach
        self._rank = [-room or 1 for room in capacity]
        self._place_of = [NOWHERE] * len(reach)
        # for each place a heap of (rank of the best other place, need): ranks only rise, so an entry may be too low
        # and is put right when it comes up; needs that have left are dropped then
        self._inside: list[list[tuple[int, int]]] = [[] for _ in capacity]
        self._finder: RoomFinder | None = None
        self._persistence = PATIENCE + sum(map(len, reach)) // PAIRS_PER_STEP

    def admit(self, need: int) -> bool:
        """Serve this need too, if all those admitted before can still be served."""
        if not self._reach[need]:
            return False
        best = self._best(need)
        if self._rank[best] < 0:
            self._fill(need, best)
            return True
        searches = ((self._follow_ranks, PATIENCE), (self._explore, PATIENCE), (self._follow_ranks, self._persistence))
        for search, patience in searches:
            if (admitted := search(need, patience)) is not None:
                return admitted
        self._measure_afresh()
        return bool(self._follow_ranks(need, CLOSED))

    def find_cut(self, refused: Sequence[int]) -> set[int]:
        """Find the places whose capacity is what is missing.

        Parameters
        ----------
        refused
            The needs that were not admitted.

        Returns
        -------
        set of int
            Every place a refused need could be passed on to: all full. With the needs that have no other place
            they make a minimum cut.
        """
        found = {place for need in refused for place in self._reach[need]}
        queue = list(found)
        while queue:
            full = queue.pop()
            for _, need in self._inside[full]:
                if self._place_of[need] == full:
                    fresh = [place for place in self._reach[need] if place not in found]
                    found.update(fresh)
                    queue += fresh
        return found

    def _best(self, need: int) -> int:
        return min(self._reach[need], key=self._rank.__getitem__)

    def _move(self, need: int, place: int) -> None:
        self._place_of[need] = place
        heappush(self._inside[place], (-CLOSED, need))

    def _fill(self, need: int, place: int) -> None:
        self._rank[place] = self._rank[place] + 1 or 1
        self._move(need, place)

    def _shift(self, way: Sequence[tuple[int, int]]) -> None:
        """Move each need to its place; only the last of these places has room."""
        self._fill(*way[-1])
        for need, place in way[:-1]:
            self._move(need, place)

    def _measure_afresh(self) -> None:
        if self._finder is None:
            self._finder = RoomFinder(self._reach, len(self._rank))
        self._rank[:] = self._finder.rank(self._rank, self._place_of)

    def _follow_ranks(self, need: int, patience: int) -> bool | None:
        way: list[tuple[int, int]] = []
        for _ in range(patience):
            if not way:
                way = [(need, self._best(need))]
            place = way[-1][1]
            if self._rank[place] < 0:
                self._shift(way)
                return True
            if self._rank[place] == CLOSED:
                return False
            onward, mover = self._easiest(place)
            needed = min(max(onward, 0) + 1, CLOSED)
            if needed <= self._rank[place] < CLOSED:
                way.append((mover, self._best(mover)))
            else:
                self._rank[place] = needed
                way.pop()
        return None

    def _easiest(self, place: int) -> tuple[int, int]:
        """Name the need inside that has the best other place, after that place's rank."""
        inside, rank, reach = self._inside[place], self._rank, self._reach
        own, rank[place] = rank[place], CLOSED
        found = (CLOSED, NOWHERE)
        while inside:
            known, need = inside[0]
            if self._place_of[need] != place:
                heappop(inside)
                continue
            now = min(map(rank.__getitem__, reach[need]))
            if now > known:
                heapreplace(inside, (now, need))
            if inside[0][0] >= now:
                found = (now, need)
                break
        rank[place] = own
        return found

    def _explore(self, need: int, patience: int) -> bool | None:
        came_from: dict[int, tuple[int, int]] = {
            place: (need, NOWHERE) for place in self._reach[need] if self._rank[place] != CLOSED
        }
        queue = deque(came_from)
        while queue and patience:
            patience -= 1
            full = queue.popleft()
            for mover, place in self._fresh_from(full, came_from):
                came_from[place] = (mover, full)
                if self._rank[place] < 0:
                    self._shift(_way_to(place, came_from))
                    return True
                queue.append(place)
        if queue:
            return None
        for place in came_from:
            self._rank[place] = CLOSED
        return False

    def _fresh_from(self, full: int, seen: Mapping[int, object]) -> Iterator[tuple[int, int]]:
        for _, mover in self._inside[full]:
            if self._place_of[mover] != full:
                continue
            for place in self._reach[mover]:
                if place not in seen and self._rank[place] != CLOSED:
                    yield mover, place


def _way_to(place: int, came_from: Mapping[int, tuple[int, int]]) -> list[tuple[int, int]]:
    way = []
    while place != NOWHERE:
        mover, before = came_from[place]
        way.append((mover, place))
        place = before
    return way[::-1]
