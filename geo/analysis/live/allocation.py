"""Which needs are served, kept right while needs, places and capacities change one at a time.

The needs that can be served together are the independent sets of a transversal matroid, and those that are served its
basis of highest priority (see :mod:`geo.analysis.gaps`). One change exchanges at most one need for another (Edmonds
1971, doi:10.1007/BF01584082): who comes in makes the last leave of those whose leaving gives room, and what is freed
goes to the first of those who wait and can be let in. Both are found by one search from place to place along needs that
can be passed on, with the last inside and the first that waits kept for each place; the search costs the number of
places and of ways between them, whatever the number of needs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from geo.analysis.live.pairs import LivePairs
from geo.analysis.live.ways import FAR, Ways
from geo.analysis.room import NOWHERE
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

NOBODY: Final = -1


class _Found(NamedTuple):
    """How many needs must be passed on to get to each place, or ``FAR``; and the first with room, if any."""

    depth: IntArray
    room: int


class LiveAllocation:
    """The needs that are served, and where.

    Parameters
    ----------
    reach
        Shape ``(n, m)``, an entry for each place that can serve each need.
    capacity
        How many needs each place can take.
    priority
        A number for each need, no two alike; lower is served first.
    place_of
        Where each need is served, ``NOWHERE`` if it is not, as :func:`geo.analysis.gaps.allocate` found in the order of
        those numbers.
    """

    def __init__(self, reach: csr_array, capacity: IntArray, priority: Sequence[int], place_of: IntArray) -> None:
        self._pairs = LivePairs(reach)
        self._priority = list(priority)
        self._place_of = np.array(place_of, dtype=np.int64)
        self._capacity = np.asarray(capacity).tolist()
        inside = self._place_of[self._place_of != NOWHERE]
        self._load = np.bincount(inside, minlength=len(self._capacity)).tolist()
        self._roomy = np.array([a < b for a, b in zip(self._load, self._capacity, strict=True)], dtype=bool)
        self._onward = _count_ways(reach, self._place_of)
        self._ways_out, self._ways_in = Ways.both(self._onward)
        self._last, self._first = _ends_of(reach, self._priority, self._place_of)
        self.changed: set[int] = set()
        """Needs that came in or left since somebody last emptied this."""

    def is_served(self, need: int) -> bool:
        """Tell whether a need is served."""
        return bool(self._place_of[need] != NOWHERE)

    def places_of(self, need: int) -> list[int]:
        """List the places within reach of a need."""
        return self._pairs.places_of(need)

    def needs_at(self, place: int) -> IntArray:
        """List the needs that reach a place."""
        return self._pairs.needs_at(place)

    # -- needs ---------------------------------------------------------------------------------------------

    def add_need(self, need: int, places: Iterable[int], priority: int) -> None:
        """Take up a need.

        Parameters
        ----------
        need
            A number that no need has: the next one, or that of a need that was removed.
        places
            The places within its reach.
        priority
            Its number; no other need may have it.
        """
        if need == len(self._priority):
            self._priority.append(priority)
            self._place_of = _with_room_for(self._place_of, need)
        self._priority[need] = priority
        self._place_of[need] = NOWHERE
        self._pairs.set_need(need, places)
        self._wait(need)
        self._let_in(need)

    def remove_need(self, need: int) -> None:
        """Forget a need; what it leaves free goes to the first that waits for it."""
        place = int(self._place_of[need])
        if place == NOWHERE:
            self._stop_waiting(need)
        else:
            self._take_out(need)
        self._pairs.drop_need(need)
        self.changed.discard(need)
        if place != NOWHERE:
            self._hand_on(place)

    # -- places --------------------------------------------------------------------------------------------

    def add_place(self, place: int, needs: IntArray, capacity: int) -> None:
        """Take up a place.

        Parameters
        ----------
        place
            A number that no place has: the next one, or that of a place that was removed.
        needs
            The needs that reach it.
        capacity
            How many it can take.
        """
        if place == len(self._capacity):
            for values, empty in ((self._capacity, 0), (self._load, 0), (self._last, NOBODY), (self._first, NOBODY)):
                values.append(empty)
            self._onward.append({})
            self._roomy = np.append(self._roomy, False)
            for ways in (self._ways_out, self._ways_in):
                ways.add_place()
        self._pairs.set_place(place, needs)
        for need in needs[self._place_of[needs] != NOWHERE].tolist():
            self._count_way(int(self._place_of[need]), place, 1)
        self._find_first(place)
        self.resize(place, capacity)

    def remove_place(self, place: int) -> None:
        """Forget a place; those it served go where they can."""
        self.resize(place, 0)
        for need in self._pairs.needs_at(place).tolist():
            if self._place_of[need] != NOWHERE:
                self._count_way(int(self._place_of[need]), place, -1)
        self._pairs.drop_place(place)
        self._first[place] = NOBODY

    def resize(self, place: int, capacity: int) -> None:
        """Change how many needs a place can take.

        Raises
        ------
        InvalidInput
            If the capacity is below zero.
        """
        if capacity < 0:
            raise InvalidInput("a capacity is below zero", field="capacity")
        while self._capacity[place] > capacity:
            self._lose_room(place)
        while self._capacity[place] < capacity:
            self._capacity[place] += 1
            self._note_room(place)
            if not self._hand_on(place):
                # nobody waits for it, however much there is
                self._capacity[place] = capacity

    # -- the exchange --------------------------------------------------------------------------------------

    def _let_in(self, need: int) -> None:
        found = self._search(self._pairs.places_of(need))
        room = found.room
        if room == NOWHERE:
            last = self._last_of(found.depth)
            if last == NOBODY or self._priority[last] < self._priority[need]:
                return
            room = self._send_away(last)
        way = self._ways_in.trace(room, found.depth)[::-1]
        self._pass_on(way)
        self._put_in(need, way[0])

    def _lose_room(self, place: int) -> None:
        self._capacity[place] -= 1
        if self._load[place] > self._capacity[place]:
            found = self._search([place])
            room = found.room if found.room != NOWHERE else self._send_away(self._last_of(found.depth))
            self._pass_on(self._ways_in.trace(room, found.depth)[::-1])
        self._note_room(place)

    def _hand_on(self, place: int) -> bool:
        """Give the one piece of room at a place to the first that can be let in by it, if there is anybody."""
        if self._capacity[place] - self._load[place] != 1:
            # there was room before, so nobody waits that could be let in
            return False
        # whoever waits finds every place full that there is a way to, so ways from places with room lead from nobody
        depth = self._ways_in.spread([place], but=self._roomy)
        waiting = {self._first[p] for p in np.flatnonzero(depth != FAR).tolist()} - {NOBODY}
        if not waiting:
            return False
        first = min(waiting, key=self._priority.__getitem__)
        start = min(self._pairs.places_of(first), key=depth.__getitem__)
        self._pass_on(self._ways_out.trace(start, depth))
        self._put_in(first, start)
        return True

    def _search(self, start: Sequence[int]) -> _Found:
        """Look for the nearest room, from place to place along needs that can be passed on."""
        depth = self._ways_out.spread(start, until=self._roomy)
        roomy = np.flatnonzero(self._roomy & (depth != FAR))
        return _Found(depth, int(roomy[0]) if roomy.size else NOWHERE)

    def _last_of(self, depth: IntArray) -> int:
        inside = {self._last[place] for place in np.flatnonzero(depth != FAR).tolist()} - {NOBODY}
        return max(inside, key=self._priority.__getitem__, default=NOBODY)

    def _pass_on(self, way: Sequence[int]) -> None:
        """Pass a need on along each step of a way, from its end, so that there is room at its beginning."""
        for place, other in list(pairwise(way))[::-1]:
            near = self._pairs.needs_at(other)
            mover = int(near[np.argmax(self._place_of[near] == place)])
            self._leave(mover)
            self._enter(mover, other)

    def _send_away(self, need: int) -> int:
        place = int(self._place_of[need])
        self._take_out(need)
        self._wait(need)
        return place

    def _put_in(self, need: int, place: int) -> None:
        self._enter(need, place)
        self._stop_waiting(need)
        self.changed.add(need)

    def _take_out(self, need: int) -> None:
        self._leave(need)
        self.changed.add(need)

    # -- what is kept for each place -----------------------------------------------------------------------

    def _enter(self, need: int, place: int) -> None:
        self._place_of[need] = place
        self._load[place] += 1
        self._note_room(place)
        for other in self._pairs.places_of(need):
            self._count_way(place, other, 1)
        last = self._last[place]
        if last == NOBODY or self._priority[last] < self._priority[need]:
            self._last[place] = need

    def _leave(self, need: int) -> None:
        place = int(self._place_of[need])
        self._place_of[need] = NOWHERE
        self._load[place] -= 1
        self._note_room(place)
        for other in self._pairs.places_of(need):
            self._count_way(place, other, -1)
        if self._last[place] == need:
            near = self._pairs.needs_at(place)
            inside = near[self._place_of[near] == place].tolist()
            self._last[place] = max(inside, key=self._priority.__getitem__, default=NOBODY)

    def _wait(self, need: int) -> None:
        for place in self._pairs.places_of(need):
            first = self._first[place]
            if first == NOBODY or self._priority[need] < self._priority[first]:
                self._first[place] = need

    def _stop_waiting(self, need: int) -> None:
        for place in self._pairs.places_of(need):
            if self._first[place] == need:
                self._find_first(place, but=need)

    def _find_first(self, place: int, *, but: int = NOBODY) -> None:
        near = self._pairs.needs_at(place)
        waiting = near[(self._place_of[near] == NOWHERE) & (near != but)].tolist()
        self._first[place] = min(waiting, key=self._priority.__getitem__, default=NOBODY)

    def _note_room(self, place: int) -> None:
        self._roomy[place] = self._load[place] < self._capacity[place]

    def _count_way(self, place: int, other: int, more: int) -> None:
        if place == other:
            return
        ways = self._onward[place]
        before = ways.get(other, 0)
        if not before:
            self._ways_out.join(place, other)
            self._ways_in.join(other, place)
        if before + more:
            ways[other] = before + more
        else:
            del ways[other]
            self._ways_out.part(place, other)
            self._ways_in.part(other, place)


def _with_room_for(values: IntArray, index: int) -> IntArray:
    """Lengthen an array, by half at a time."""
    if index < len(values):
        return values
    return np.concatenate([values, np.full(index // 2 + 1, NOWHERE, dtype=np.int64)])


def _count_ways(reach: csr_array, place_of: IntArray) -> list[dict[int, int]]:
    """Count for each place the needs inside that reach each other place."""
    inside = np.flatnonzero(place_of != NOWHERE)
    shape = (reach.shape[1], reach.shape[0])
    at = csr_array((np.ones(len(inside), dtype=np.int32), (place_of[inside], inside)), shape=shape)
    ways = (at @ reach.astype(np.int32)).tocsr()
    onward = [
        dict(zip(ways.indices[a:b].tolist(), ways.data[a:b].tolist(), strict=True)) for a, b in pairwise(ways.indptr)
    ]
    for place, others in enumerate(onward):
        others.pop(place, None)
    return onward


def _ends_of(reach: csr_array, priority: Sequence[int], place_of: IntArray) -> tuple[list[int], list[int]]:
    """Find the last inside each place, and the first that waits for it."""
    order = np.array(sorted(range(len(priority)), key=priority.__getitem__), dtype=np.int64)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    last, first = np.full(reach.shape[1], NOBODY), np.full(reach.shape[1], len(order))
    inside = np.flatnonzero(place_of != NOWHERE)
    np.maximum.at(last, place_of[inside], rank[inside])
    waiting = np.repeat(np.where(place_of == NOWHERE, rank, len(order)), np.diff(reach.indptr))
    np.minimum.at(first, reach.indices, waiting)
    named = np.append(order, NOBODY)
    return named[last].tolist(), named[first].tolist()
