from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from scipy.sparse import csr_array

from geo.analysis.gaps import allocate
from geo.analysis.live.allocation import LiveAllocation
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(reach: Sequence[Sequence[int]], places: int) -> csr_array:
    rows = [sorted(row) for row in reach]
    ends = np.cumsum([0, *map(len, rows)])
    named = np.array([place for row in rows for place in row], dtype=np.int64)
    return csr_array((np.ones(len(named), dtype=np.int8), named, ends), shape=(len(rows), places))


def served(reach: Sequence[Sequence[int]], capacity: Sequence[int], priority: Sequence[int]) -> list[int]:
    """Who is served, worked out anew."""
    order = np.argsort(priority)
    return np.flatnonzero(allocate(table(reach, len(capacity)), np.array(capacity, int), order).served).tolist()


def greedy(reach: Sequence[Sequence[int]], capacity: Sequence[int], priority: Sequence[int]) -> list[int]:
    """The same by plain augmenting ways, one need after the other."""
    inside: list[list[int]] = [[] for _ in capacity]

    def place(need: int, seen: set[int]) -> bool:
        for p in (p for p in reach[need] if p not in seen):
            seen.add(p)
            if len(inside[p]) < capacity[p]:
                inside[p].append(need)
                return True
            for mover in inside[p]:
                if place(mover, seen):
                    inside[p][inside[p].index(mover)] = need
                    return True
        return False

    return sorted(need for need in np.argsort(priority).tolist() if place(need, set()))


@st.composite
def starts(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    m = draw(st.integers(0, 5))
    places = st.lists(st.integers(0, m - 1), unique=True, max_size=m) if m else st.just([])
    return draw(st.lists(places, max_size=8)), draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))


class Changes(RuleBasedStateMachine):
    """Any changes one after the other leave the state that working it out anew finds."""

    @initialize(start=starts(), data=st.data())
    def begin(self, start: tuple[list[list[int]], list[int]], data: st.DataObject) -> None:
        self.reach, self.capacity = start
        self.priority = [7 * p for p in data.draw(st.permutations(range(len(self.reach))))]
        reach = table(self.reach, len(self.capacity))
        found = allocate(reach, np.array(self.capacity, int), np.argsort(self.priority))
        self.live = LiveAllocation(reach, np.array(self.capacity, int), self.priority, found.place_of)
        self.told = set(np.flatnonzero(found.served).tolist())
        self.gone: list[int] = []
        self.shut: list[int] = []

    def fresh(self, data: st.DataObject) -> int:
        taken = {p for need, p in enumerate(self.priority) if need not in self.gone}
        return data.draw(st.integers(-20, 80).filter(lambda p: p not in taken), label="priority")

    @rule(data=st.data())
    def add_need(self, data: st.DataObject) -> None:
        open_places = [p for p in range(len(self.capacity)) if p not in self.shut]
        places = data.draw(st.lists(st.sampled_from(open_places), unique=True)) if open_places else []
        priority = self.fresh(data)
        need = self.gone.pop() if self.gone else len(self.reach)
        if need == len(self.reach):
            self.reach.append([])
            self.priority.append(0)
        self.reach[need], self.priority[need] = places, priority
        self.live.add_need(need, places, priority)

    @rule(data=st.data())
    def remove_need(self, data: st.DataObject) -> None:
        here = [need for need in range(len(self.reach)) if need not in self.gone]
        if here:
            need = data.draw(st.sampled_from(here))
            self.live.remove_need(need)
            self.told.discard(need)
            self.reach[need] = []
            self.gone.append(need)

    @rule(data=st.data(), capacity=st.integers(0, 4))
    def add_place(self, data: st.DataObject, capacity: int) -> None:
        here = [need for need in range(len(self.reach)) if need not in self.gone]
        needs = data.draw(st.lists(st.sampled_from(here), unique=True)) if here else []
        place = self.shut.pop() if self.shut else len(self.capacity)
        if place == len(self.capacity):
            self.capacity.append(0)
        self.capacity[place] = capacity
        for need in needs:
            self.reach[need] = [*self.reach[need], place]
        self.live.add_place(place, np.array(sorted(needs), dtype=np.int64), capacity)

    @rule(data=st.data())
    def remove_place(self, data: st.DataObject) -> None:
        here = [place for place in range(len(self.capacity)) if place not in self.shut]
        if here:
            place = data.draw(st.sampled_from(here))
            self.live.remove_place(place)
            self.reach = [[p for p in places if p != place] for places in self.reach]
            self.capacity[place] = 0
            self.shut.append(place)

    @rule(data=st.data(), capacity=st.integers(0, 5))
    def resize(self, data: st.DataObject, capacity: int) -> None:
        here = [place for place in range(len(self.capacity)) if place not in self.shut]
        if here:
            place = data.draw(st.sampled_from(here))
            self.capacity[place] = capacity
            self.live.resize(place, capacity)

    @invariant()
    def is_as_worked_out_anew(self) -> None:
        now = [need for need in range(len(self.reach)) if self.live.is_served(need)]
        assert now == served(self.reach, self.capacity, self.priority)
        assert now == greedy(self.reach, self.capacity, self.priority)

    @invariant()
    def tells_who_came_and_who_left(self) -> None:
        for need in self.live.changed:
            (self.told.add if self.live.is_served(need) else self.told.discard)(need)
        self.live.changed.clear()
        assert self.told == {need for need in range(len(self.reach)) if self.live.is_served(need)}

    @invariant()
    def reach_is_what_was_said(self) -> None:
        assert [sorted(self.live.places_of(need)) for need in range(len(self.reach))] == [
            sorted(places) for places in self.reach
        ]


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def town(seed: int, load: float, n: int = 400, m: int = 40) -> tuple[list[list[int]], list[int]]:
    """A long town with neighbours within reach, so that one change is felt far off."""
    rng = np.random.default_rng(seed)
    at, home = np.sort(rng.uniform(0, 1, m)), rng.beta(2, 5, n)
    capacity = rng.integers(0, 10, m)
    return [np.flatnonzero(np.abs(at - x) < 0.05).tolist() for x in home], np.floor(
        capacity * (n / load) / capacity.sum()
    ).astype(int).tolist()


@pytest.mark.parametrize("load", [0.7, 1.0, 1.4])
def test_many_changes_in_a_town_leave_what_is_worked_out_anew(load: float) -> None:
    reach, capacity = town(3, load)
    spare, _ = town(4, load)
    rng = np.random.default_rng(5)
    priority = rng.permutation(len(reach)).tolist()
    found = allocate(table(reach, len(capacity)), np.array(capacity), np.argsort(priority))
    live = LiveAllocation(table(reach, len(capacity)), np.array(capacity), priority, found.place_of)
    for step in range(200):
        need, place = int(rng.integers(len(reach))), int(rng.integers(len(capacity)))
        if step % 2:
            capacity[place] = max(0, capacity[place] + int(rng.integers(-3, 4)))
            live.resize(place, capacity[place])
        else:
            reach[need], priority[need] = spare[need], 1000 + step if step % 3 else -step
            live.remove_need(need)
            live.add_need(need, reach[need], priority[need])
        if step % 10 == 0:
            now = [each for each in range(len(reach)) if live.is_served(each)]
            assert now == served(reach, capacity, priority)


def test_refuses_a_capacity_below_zero() -> None:
    live = LiveAllocation(table([[0]], 1), np.array([1]), [0], np.array([0]))
    with pytest.raises(InvalidInput):
        live.resize(0, -1)
