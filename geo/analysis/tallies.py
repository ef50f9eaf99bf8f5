"""The figures of every row and category: counted all at once, then up and down as needs come, go and are served."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geo.domain.coverage import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

    from geo.domain.words import Category

    Spot = tuple[str, Category]


@dataclass(slots=True)
class Tally:
    """Counts of some needs: all, those surely served, those served at best, those with no help within reach."""

    demand: int = 0
    sure: int = 0
    best: int = 0
    isolated: int = 0

    def totals(self) -> Totals:
        """Give them as they are reported."""
        return Totals(self.demand, self.sure, max(self.sure, self.best))


@dataclass(slots=True)
class SpotTally(Tally):
    """The counts of one place and category, and how many of its needs surely reach each place of help."""

    within: dict[int, int] = field(default_factory=dict)


class Tallies:
    """A tally for each spot and each category; what has changed is remembered until asked for."""

    def __init__(self) -> None:
        self.spots: dict[Spot, SpotTally] = defaultdict(SpotTally)
        self.categories: dict[Category, Tally] = defaultdict(Tally)
        self.keys: dict[str, int] = {}
        """How many needs each key has that has any."""
        self.dirty: set[Spot] = set()
        """Spots whose row is no longer what it was."""
        self.keys_changed = True
        """Whether there are keys that there were not, or are no longer."""

    def count(self, spot: Spot, places: Iterable[int], more: int) -> None:
        """Count a need with the places it surely reaches, or with ``more`` of -1 count it no longer."""
        tally, category = self.spots[spot], self.categories[spot[1]]
        tally.demand += more
        category.demand += more
        is_isolated = True
        for place in places:
            is_isolated = False
            self.count_within(spot, place, more)
        if is_isolated:
            tally.isolated += more
        self._count_key(spot[0], more)
        self._clear(spot)

    def count_within(self, spot: Spot, place: int, more: int) -> None:
        """Count one need here that reaches a place of help, or one fewer."""
        within = self.spots[spot].within
        count = within.get(place, 0) + more
        if count:
            within[place] = count
        else:
            del within[place]
        self.dirty.add(spot)

    def count_isolated(self, spot: Spot, more: int) -> None:
        """Count one need here that reaches nothing, or one fewer."""
        self.spots[spot].isolated += more
        self.dirty.add(spot)

    def count_served(self, spot: Spot, more: int, *, surely: bool) -> None:
        """Count one need here that is served, or one fewer."""
        for tally in (self.spots[spot], self.categories[spot[1]]):
            if surely:
                tally.sure += more
            else:
                tally.best += more
        self.dirty.add(spot)

    def _clear(self, spot: Spot) -> None:
        self.dirty.add(spot)
        if not self.spots[spot].demand:
            del self.spots[spot]
        if not self.categories[spot[1]].demand:
            del self.categories[spot[1]]

    def _count_key(self, key: str, more: int) -> None:
        before = self.keys.get(key, 0)
        self.keys[key] = before + more
        if not self.keys[key]:
            del self.keys[key]
        if not before or key not in self.keys:
            self.keys_changed = True


def tally_up(spots: Sequence[Spot], sure: ArrayLike, best: ArrayLike, reach: csr_array) -> Tallies:
    """Count needs, each with its spot.

    Parameters
    ----------
    spots
        One for each of ``n`` needs.
    sure, best
        Whether each is served, surely and at best.
    reach
        Shape ``(n, m)``, an entry for each place of help that a need surely reaches.
    """
    tallies = Tallies()
    number: dict[Spot, int] = {}
    at = np.array([number.setdefault(spot, len(number)) for spot in spots], dtype=np.int64)
    served, served_best = np.asarray(sure, dtype=bool), np.asarray(best, dtype=bool)
    isolated = np.diff(reach.indptr) == 0
    counts = [
        np.bincount(at[some], minlength=len(number)).tolist() for some in (at >= 0, served, served_best, isolated)
    ]
    table = csr_array((np.ones(len(at), np.int32), (at, np.arange(len(at)))), shape=(len(number), len(at))) @ reach
    spans = [slice(*ends) for ends in pairwise(table.indptr.tolist())]
    for spot, demand, surely, at_best, alone, span in zip(number, *counts, spans, strict=True):
        within = dict(zip(table.indices[span].tolist(), table.data[span].tolist(), strict=True))
        tallies.spots[spot] = SpotTally(demand, surely, at_best, alone, within)
        tallies.keys[spot[0]] = tallies.keys.get(spot[0], 0) + demand
        category = tallies.categories[spot[1]]
        category.demand += demand
        category.sure += surely
        category.best += at_best
    tallies.dirty.update(number)
    return tallies
