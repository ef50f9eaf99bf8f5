from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from geo.analysis import flow
from geo.analysis.flow import GrowingFlow


def city(seed: int, load: float, needs: int = 1500, places: int = 120) -> tuple[list[list[int]], list[int]]:
    """A long town with neighbours within reach, so that room far off is reached by many passings on."""
    rng = np.random.default_rng(seed)
    at, home = np.sort(rng.uniform(0, 1, places)), rng.beta(2, 5, needs)
    reach = [np.flatnonzero(np.abs(at - x) < 0.02).tolist() for x in home]
    capacity = rng.integers(0, 10, places) + rng.integers(0, 2, places)
    return reach, (capacity * (needs / load) / capacity.sum()).astype(int).tolist()


def max_flow(reach: list[list[int]], capacity: list[int]) -> int:
    n, m = len(reach), len(capacity)
    source, sink = n + m, n + m + 1
    arcs = [(i, n + p, 1) for i, places in enumerate(reach) for p in places]
    arcs += [(source, i, 1) for i in range(n)] + [(n + p, sink, room) for p, room in enumerate(capacity)]
    start, end, room = zip(*arcs, strict=True)
    graph = csr_array((np.array(room, dtype=np.int32), (start, end)), shape=(n + m + 2, n + m + 2))
    return int(maximum_flow(graph, source, sink).flow_value)


def greedy(reach: list[list[int]], capacity: list[int]) -> list[bool]:
    """The same admissions by plain augmenting paths."""
    inside: list[list[int]] = [[] for _ in capacity]

    def place(need: int, seen: set[int]) -> bool:
        fresh = [p for p in reach[need] if p not in seen]
        seen.update(fresh)
        for p in fresh:
            if len(inside[p]) < capacity[p]:
                inside[p].append(need)
                return True
        for p in fresh:
            for mover in inside[p]:
                if place(mover, seen):
                    inside[p].remove(mover)
                    inside[p].append(need)
                    return True
        return False

    return [place(need, set()) for need in range(len(reach))]


@pytest.mark.parametrize("patience", [1, 8, 64, 10_000])
@pytest.mark.parametrize("load", [0.6, 1.0, 1.4, 3.0])
def test_admits_whom_plain_search_admits_however_the_search_is_shared(
    monkeypatch: pytest.MonkeyPatch, load: float, patience: int
) -> None:
    monkeypatch.setattr(flow, "PATIENCE", patience)
    reach, capacity = city(int(load * 10), load)
    grown = GrowingFlow(reach, capacity)
    admitted = [grown.admit(need) for need in range(len(reach))]
    assert admitted == greedy(reach, capacity)
    assert sum(admitted) == max_flow(reach, capacity)
    cut = grown.find_cut([need for need, is_in in enumerate(admitted) if not is_in])
    confined = sum(cut.issuperset(places) for places in reach)
    assert sum(admitted) == len(reach) - confined + sum(capacity[p] for p in cut)


def test_a_full_place_that_nobody_was_refused_for_is_not_in_the_cut() -> None:
    grown = GrowingFlow([[0], [1], [1]], [1, 1])
    assert [grown.admit(need) for need in range(3)] == [True, True, False]
    assert grown.find_cut([2]) == {1}
    assert grown.find_cut([]) == set()
