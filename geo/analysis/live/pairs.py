"""Who reaches whom, by need and by place, while needs and places come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    IntArray = NDArray[np.int64]


class LivePairs:
    """A table of reach that can be changed by whole rows and columns.

    Parameters
    ----------
    reach
        Shape ``(n, m)``, an entry for each need and a place that can serve it. It is read, not changed: a row or column
        that changes is kept apart.
    """

    def __init__(self, reach: csr_array) -> None:
        self._ends, self._places = reach.indptr, reach.indices
        turned = reach.tocsc()
        self._needs_at = [
            turned.indices[start:end] for start, end in zip(turned.indptr, turned.indptr[1:], strict=False)
        ]
        self._rows: dict[int, list[int]] = {}

    def places_of(self, need: int) -> list[int]:
        """List the places within reach of a need."""
        own = self._rows.get(need)
        if own is not None:
            return own
        found: list[int] = self._places[self._ends[need] : self._ends[need + 1]].tolist()
        return found

    def needs_at(self, place: int) -> IntArray:
        """List the needs that reach a place."""
        needs: IntArray = self._needs_at[place]
        return needs

    def set_need(self, need: int, places: Iterable[int]) -> None:
        """Say what a need reaches that reached nothing so far."""
        self._rows[need] = list(places)
        for place in self._rows[need]:
            self._needs_at[place] = np.append(self._needs_at[place], need)

    def drop_need(self, need: int) -> None:
        """Say that a need reaches nothing."""
        for place in self.places_of(need):
            near = self._needs_at[place]
            self._needs_at[place] = near[near != need]
        self._rows[need] = []

    def set_place(self, place: int, needs: IntArray) -> None:
        """Say who reaches a place that nobody reached so far; a new one has the next number."""
        if place == len(self._needs_at):
            self._needs_at.append(np.empty(0, np.int64))
        self._needs_at[place] = needs
        for need in needs.tolist():
            self._rows[need] = [*self.places_of(need), place]

    def drop_place(self, place: int) -> None:
        """Say that nobody reaches a place."""
        for need in self._needs_at[place].tolist():
            self._rows[need] = [other for other in self.places_of(need) if other != place]
        self._needs_at[place] = np.empty(0, np.int64)
