"""A flow from needs to places of help that grows by one need at a time.

The search runs from place to place and not from need to need: one place leads to another while a need inside it also
reaches the other. There are a hundred times fewer places than needs, and of many needs that could be passed on from
the one to the other it does not matter which.

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
from typing import TYPE_CHECKING, Final

from geo.analysis.room import CLOSED, NOWHERE, measure_room

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Reach = list[list[int]]
"""For each need, the indices of the help within its reach."""

PATIENCE: Final = 64
"""Steps after which a search is taken up in another way."""
PAIRS_PER_STEP: Final = 1000
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
        self.place_of = [NOWHERE] * len(reach)
        """Where each need is, for now; ``NOWHERE`` if it is not admitted."""
        # for each place the needs inside it by each other place they reach; one that has left since is dropped when
        # it comes up
        self._onward: list[dict[int, list[int]]] = [{} for _ in capacity]
        # those that came since the ways on from a place were last looked at; of many a place they never are
        self._fresh: list[list[int]] = [[] for _ in capacity]
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
        while True:
            # ways that are gone since may be measured too, and rank a place too low; the search then strikes them out
            self._measure_afresh()
            if (admitted := self._follow_ranks(need, self._persistence)) is not None:
                return admitted

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
            fresh = [
                place
                for place in list(self._ways_on(full))
                if place not in found and self._mover(full, place) != NOWHERE
            ]
            found.update(fresh)
            queue += fresh
        return found

    def _best(self, need: int) -> int:
        return min(self._reach[need], key=self._rank.__getitem__)

    def _move(self, need: int, place: int) -> None:
        self.place_of[need] = place
        self._fresh[place].append(need)

    def _ways_on(self, place: int) -> dict[int, list[int]]:
        onward, fresh = self._onward[place], self._fresh[place]
        if fresh:
            for need in fresh:
                if self.place_of[need] == place:
                    for other in self._reach[need]:
                        if other in onward:
                            onward[other].append(need)
                        elif other != place:
                            onward[other] = [need]
            fresh.clear()
        return onward

    def _fill(self, need: int, place: int) -> None:
        self._rank[place] = self._rank[place] + 1 or 1
        self._move(need, place)

    def _shift(self, way: Sequence[tuple[int, int]]) -> None:
        """Move each need to its place; only the last of these places has room."""
        self._fill(*way[-1])
        for need, place in way[:-1]:
            self._move(need, place)

    def _measure_afresh(self) -> None:
        onward = [self._ways_on(place) if 0 <= rank < CLOSED else () for place, rank in enumerate(self._rank)]
        self._rank[:] = measure_room(self._rank, onward)

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
            onward, mover, other = self._easiest(place)
            needed = min(max(onward, 0) + 1, CLOSED)
            if needed <= self._rank[place] < CLOSED:
                way.append((mover, other))
            else:
                self._rank[place] = needed
                way.pop()
        return None

    def _easiest(self, place: int) -> tuple[int, int, int]:
        """Find the best other place for a need inside: its rank, the need, the place."""
        onward, rank = self._ways_on(place), self._rank
        while onward:
            other = min(onward, key=rank.__getitem__)
            mover = self._mover(place, other)
            if mover != NOWHERE:
                return rank[other], mover, other
        return CLOSED, NOWHERE, NOWHERE

    def _mover(self, place: int, other: int) -> int:
        """Name a need inside a place that also reaches the other, or nobody."""
        movers, place_of = self._onward[place][other], self.place_of
        while movers:
            if place_of[movers[-1]] == place:
                return movers[-1]
            movers.pop()
        del self._onward[place][other]
        return NOWHERE

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
        for place in list(self._ways_on(full)):
            if place not in seen and self._rank[place] != CLOSED:
                mover = self._mover(full, place)
                if mover != NOWHERE:
                    yield mover, place


def _way_to(place: int, came_from: Mapping[int, tuple[int, int]]) -> list[tuple[int, int]]:
    way = []
    while place != NOWHERE:
        mover, before = came_from[place]
        way.append((mover, place))
        place = before
    return way[::-1]
