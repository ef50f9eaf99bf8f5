"""Coverage kept up to date: one need or place changed changes the figures it touches, and no others."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from geo.analysis.coverage import Words, by_gap, make_row, show_totals
from geo.analysis.gaps import Demand, Supply, allocate
from geo.analysis.kinds import Kinds
from geo.analysis.live.allocation import LiveAllocation
from geo.analysis.live.columns import LiveColumns, Numbers
from geo.analysis.tallies import tally_up

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geo.analysis.kinds import Judge
    from geo.analysis.live.reach import LiveReach, Shapes
    from geo.analysis.reach import Reached
    from geo.analysis.tallies import Spot
    from geo.domain.coverage import CoverageRow, Standard, Totals
    from geo.domain.words import Category

    IntArray = NDArray[np.int64]
    Labeller = Callable[[Collection[str]], Mapping[str, str]]


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class LiveNeed:
    """A need as coverage sees it.

    Attributes
    ----------
    spot
        Where it counts, and its category.
    at
        Metres in the state's plane system.
    like
        What decides which help suits it.
    mode
        How the household travels, an index into ``MODES``.
    uncertainty_m
        Radius in metres within which the true place lies.
    priority
        Lower is served first; no two needs have the same.
    """

    spot: Spot
    at: tuple[float, float]
    like: Hashable
    mode: int
    uncertainty_m: float
    priority: int


@dataclass(frozen=True, slots=True)
class LivePlace:
    """A place of help as coverage sees it.

    Attributes
    ----------
    name
        Is shown.
    at
        Metres in the state's plane system.
    like
        What decides which needs it suits.
    capacity
        Room for how many needs a week.
    reach_m
        How far help goes in a straight line, where it goes to the household in its own way; see
        :class:`geo.analysis.gaps.Supply`.
    shapes
        What is within reach along streets, for each of ``MODES`` a polygon in the plane system or nothing; empty where
        there are no streets.
    """

    name: str
    at: tuple[float, float]
    like: Hashable
    capacity: int
    reach_m: float | None = None
    shapes: Shapes = ()


class LiveCoverage:
    """The figures of every row and category, equal after each change to working everything out anew.

    Parameters
    ----------
    needs, places
        All there are, by their ids.
    reach
        Finds the help within reach; belongs to this state from now on.
    judge
        Tells which help suits which needs.
    standard
        The service standard.
    """

    def __init__(
        self,
        needs: Mapping[Any, LiveNeed],
        places: Mapping[Any, LivePlace],
        *,
        reach: LiveReach,
        judge: Judge,
        standard: Standard,
    ) -> None:
        self._reach, self._kinds = reach, Kinds(judge)
        self._need_numbers, self._place_numbers = Numbers(needs), Numbers(places)
        self._needs, self._places = list(needs.values()), list(places.values())
        self._demand, self._supply = self._columns()
        for number, place in enumerate(self._places):
            reach.put(number, place.shapes)
        reached = self._find(self._demand.here(), self._supply.here())
        self._sides = self._allocate(reached)
        self._served = [np.array([side.is_served(n) for n in range(len(needs))], dtype=bool) for side in self._sides]
        self._tallies = tally_up([need.spot for need in self._needs], self._served[0], self._served[1], reached.sure)
        self._words = Words({}, [place.name for place in self._places], standard)
        self._row_of: dict[Spot, CoverageRow] = {}
        self._rows: list[CoverageRow] = []
        self.turn = 0
        """Another one once any row or total is another."""

    def _columns(self) -> tuple[LiveColumns, LiveColumns]:
        number = self._kinds.of_need, self._kinds.of_place
        demand = LiveColumns(
            xy=np.array([n.at for n in self._needs], dtype=np.float64).reshape(-1, 2),
            kind=np.array([number[0](n.like) for n in self._needs], dtype=np.int64),
            mode=np.array([n.mode for n in self._needs], dtype=np.int64),
            uncertainty_m=np.array([n.uncertainty_m for n in self._needs], dtype=np.float64),
        )
        supply = LiveColumns(
            xy=np.array([p.at for p in self._places], dtype=np.float64).reshape(-1, 2),
            kind=np.array([number[1](p.like) for p in self._places], dtype=np.int64),
            capacity=np.array([p.capacity for p in self._places], dtype=np.int64),
            reach_m=np.array([_own_reach_m(p) for p in self._places], dtype=np.float64),
        )
        return demand, supply

    def _allocate(self, reached: Reached) -> tuple[LiveAllocation, LiveAllocation]:
        priority = [need.priority for need in self._needs]
        order = np.array(sorted(range(len(priority)), key=priority.__getitem__), dtype=np.int64)
        capacity = np.array([place.capacity for place in self._places], dtype=np.int64)

        def side(reach: csr_array) -> LiveAllocation:
            return LiveAllocation(reach, capacity, priority, allocate(reach, capacity, order).place_of)

        return side(reached.sure), side(reached.best)

    def _find(self, needs: IntArray, places: IntArray) -> Reached:
        demand, supply = Demand(**self._demand.take(needs)), Supply(**self._supply.take(places))
        return self._reach.find(demand, supply, self._kinds.suits, places)

    # -- figures -------------------------------------------------------------------------------------------

    @property
    def totals(self) -> dict[Category, Totals]:
        """The sums of each category."""
        return show_totals(self._tallies)

    def rows(self, label: Labeller) -> Sequence[CoverageRow]:
        """Give every row, the widest gap first; only those that have changed are made anew.

        Parameters
        ----------
        label
            Asked, when there are other keys than before, for the readable names of all, in their order.
        """
        if self._tallies.keys_changed:
            self._learn_labels(label)
        dirty, self._tallies.dirty = self._tallies.dirty, set()
        self.turn += bool(dirty)
        if len(dirty) * 8 > len(self._rows):
            return self._make_all_rows(dirty)
        for spot in dirty:
            old = self._row_of.pop(spot, None)
            if old is not None:
                del self._rows[bisect_left(self._rows, by_gap(old), key=by_gap)]
            if spot in self._tallies.spots:
                row = self._row_of[spot] = make_row(spot, self._tallies.spots[spot], self._words)
                insort(self._rows, row, key=by_gap)
        return self._rows

    def _make_all_rows(self, dirty: set[Spot]) -> Sequence[CoverageRow]:
        for spot in dirty:
            self._row_of.pop(spot, None)
            if spot in self._tallies.spots:
                self._row_of[spot] = make_row(spot, self._tallies.spots[spot], self._words)
        self._rows = sorted(self._row_of.values(), key=by_gap)
        return self._rows

    def _learn_labels(self, label: Labeller) -> None:
        before, now = self._words.labels, dict(label(sorted(self._tallies.keys)))
        renamed = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
        if renamed:
            self._tallies.dirty.update(spot for spot in self._tallies.spots if spot[0] in renamed)
            self._words = Words(now, self._words.names, self._words.standard)
        self._tallies.keys_changed = False

    # -- needs ---------------------------------------------------------------------------------------------

    def set_need(self, key: Hashable, need: LiveNeed | None) -> None:
        """Take up a need, put another in its stead, or with ``None`` forget it."""
        number = self._need_numbers.find(key)
        if number is not None:
            if need == self._needs[number]:
                return
            self._forget_need(number)
            self._need_numbers.take_back(key)
        if need is not None:
            self._take_up_need(self._need_numbers.give(key), need)
        self._recount()

    def _forget_need(self, number: int) -> None:
        need = self._needs[number]
        for surely, served in zip((True, False), self._served, strict=True):
            if served[number]:
                self._tallies.count_served(need.spot, -1, surely=surely)
                served[number] = False
        self._tallies.count(need.spot, self._sides[0].places_of(number), -1)
        for side in self._sides:
            side.remove_need(number)
        self._recount()
        self._demand.drop(number)

    def _take_up_need(self, number: int, need: LiveNeed) -> None:
        _put(self._needs, number, need)
        self._demand.put(
            number, xy=need.at, kind=self._kinds.of_need(need.like), mode=need.mode, uncertainty_m=need.uncertainty_m
        )
        places = self._supply.here()
        reached = self._find(np.array([number]), places)
        sure, best = (places[table.indices].tolist() for table in reached)
        self._served = [_lengthen(served, number) for served in self._served]
        self._tallies.count(need.spot, sure, 1)
        for side, within in zip(self._sides, (sure, best), strict=True):
            side.add_need(number, within, need.priority)

    def _recount(self) -> None:
        """Count whom the last change let in, and whom it made leave."""
        for surely, side, served in zip((True, False), self._sides, self._served, strict=True):
            for number in side.changed:
                if served[number] != side.is_served(number):
                    served[number] = side.is_served(number)
                    self._tallies.count_served(self._needs[number].spot, 1 if served[number] else -1, surely=surely)
            side.changed.clear()

    # -- places --------------------------------------------------------------------------------------------

    def set_place(self, key: Hashable, place: LivePlace | None) -> None:
        """Take up a place of help, put another in its stead, or with ``None`` forget it."""
        number = self._place_numbers.find(key)
        if number is not None and place is not None and _stays(self._places[number], place):
            self._change_place(number, place)
        else:
            if number is not None:
                self._forget_place(number)
                self._place_numbers.take_back(key)
            if place is not None:
                self._take_up_place(self._place_numbers.give(key), place)
        self._recount()

    def _change_place(self, number: int, place: LivePlace) -> None:
        if place.name != self._places[number].name:
            self._name_place(number, place.name)
            self._tallies.dirty.update(self._needs[n].spot for n in self._sides[0].needs_at(number).tolist())
        self._places[number] = place
        self._supply.put(number, capacity=place.capacity)
        for side in self._sides:
            side.resize(number, place.capacity)

    def _forget_place(self, number: int) -> None:
        for need in self._sides[0].needs_at(number).tolist():
            spot = self._needs[need].spot
            self._tallies.count_within(spot, number, -1)
            if len(self._sides[0].places_of(need)) == 1:
                self._tallies.count_isolated(spot, 1)
        for side in self._sides:
            side.remove_place(number)
        self._supply.drop(number)
        self._reach.drop(number)

    def _take_up_place(self, number: int, place: LivePlace) -> None:
        _put(self._places, number, place)
        self._name_place(number, place.name)
        self._supply.put(
            number,
            xy=place.at,
            kind=self._kinds.of_place(place.like),
            capacity=place.capacity,
            reach_m=_own_reach_m(place),
        )
        self._reach.put(number, place.shapes)
        needs = self._demand.here()
        reached = self._find(needs, np.array([number]))
        sure, best = (needs[np.diff(table.indptr) > 0] for table in reached)
        for need in sure.tolist():
            spot = self._needs[need].spot
            self._tallies.count_within(spot, number, 1)
            if not self._sides[0].places_of(need):
                self._tallies.count_isolated(spot, -1)
        for side, within in zip(self._sides, (sure, best), strict=True):
            side.add_place(number, within, place.capacity)

    def _name_place(self, number: int, name: str) -> None:
        names = list(self._words.names)
        _put(names, number, name)
        self._words = Words(self._words.labels, names, self._words.standard)


def _stays(before: LivePlace, now: LivePlace) -> bool:
    return (before.at, before.like, before.reach_m, before.shapes) == (now.at, now.like, now.reach_m, now.shapes)


def _own_reach_m(place: LivePlace) -> float:
    return np.nan if place.reach_m is None else place.reach_m


def _put(items: list[Item], number: int, item: Item) -> None:
    if number == len(items):
        items.append(item)
    else:
        items[number] = item


def _lengthen(values: NDArray[np.bool_], number: int) -> NDArray[np.bool_]:
    if number < len(values):
        return values
    return np.concatenate([values, np.zeros(number // 2 + 1, dtype=bool)])
