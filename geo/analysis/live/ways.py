"""Ways from place to place, followed for all places at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

FAR: Final = 1 << 30
"""The depth of a place that is not got to."""


class Ways:
    """Which places lead to which, each once.

    Parameters
    ----------
    leads_to
        For each place the others it leads to.
    """

    def __init__(self, leads_to: Sequence[Collection[int]]) -> None:
        self._to = [np.fromiter(others, np.int64, len(others)) for others in leads_to]

    @classmethod
    def both(cls, leads_to: Sequence[Collection[int]]) -> tuple[Ways, Ways]:
        """Make the ways out of each place, and the same ways by where they lead in."""
        back: list[list[int]] = [[] for _ in leads_to]
        for place, others in enumerate(leads_to):
            for other in others:
                back[other].append(place)
        return cls(leads_to), cls(back)

    def add_place(self) -> None:
        """Take up one more place that leads nowhere."""
        self._to.append(np.empty(0, np.int64))

    def join(self, place: int, other: int) -> None:
        """Let a place lead to another to which it did not."""
        self._to[place] = np.append(self._to[place], other)

    def part(self, place: int, other: int) -> None:
        """Let a place no longer lead to another."""
        to = self._to[place]
        self._to[place] = to[to != other]

    def spread(self, start: Sequence[int], *, until: BoolArray | None = None, but: BoolArray | None = None) -> IntArray:
        """Follow all ways from some places.

        Parameters
        ----------
        start
            Where to begin.
        until
            The first step that gets to any of these places is the last.
        but
            Places not to be got to.

        Returns
        -------
        numpy.ndarray
            For each place the fewest steps to it, or ``FAR``.
        """
        depth = np.full(len(self._to), FAR, dtype=np.int64)
        if but is not None:
            depth[but] = -1
        front, step = np.array(start, dtype=np.int64), 0
        depth[front] = 0
        while front.size and not (until is not None and until[front].any()):
            step += 1
            got_to = np.concatenate([self._to[place] for place in front.tolist()])
            got_to = got_to[depth[got_to] == FAR]
            depth[got_to] = step
            front = np.unique(got_to)
        depth[depth < 0] = FAR
        return depth

    def trace(self, place: int, depth: IntArray) -> list[int]:
        """Go by these ways from a place to where the depths were measured from, one step nearer each time."""
        way = [place]
        while depth[place]:
            near = self._to[place]
            place = int(near[np.argmax(depth[near] == depth[place] - 1)])
            way.append(place)
        return way
