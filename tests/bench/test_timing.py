from __future__ import annotations

from functools import partial

import pytest

from bench.timing import growth, run_apart, spread_of, take_turns, time_by_turns


def numbers(count: int) -> list[int]:
    return list(range(count))


def test_everybody_gets_the_same_turns_and_the_first_changes() -> None:
    seen: list[tuple[str, int]] = []

    def note(name: str, turn: int) -> None:
        seen.append((name, turn))

    spreads = take_turns({name: partial(note, name) for name in "ab"}, rounds=4, warm_up=1)
    assert {name: spread.runs for name, spread in spreads.items()} == {"a": 4, "b": 4}
    assert seen[2:] == [("a", 0), ("b", 0), ("b", 1), ("a", 1), ("a", 2), ("b", 2), ("b", 3), ("a", 3)]


def test_a_spread_is_ordered() -> None:
    spread = spread_of([3.0, 1.0, 2.0])
    assert (spread.least, spread.median, spread.most) == (1.0, 2.0, 3.0)
    assert spread.median <= spread.p95 <= spread.most


def test_growth_is_the_exponent() -> None:
    assert growth([100, 1000, 10_000], [0.01, 1.0, 100.0]) == pytest.approx(2)


def test_memory_is_measured_in_a_process_of_its_own() -> None:
    small, large = run_apart(numbers, sum, 10), run_apart(int, numbers, 2_000_000)
    assert small.answer == 45
    assert len(large.answer) == 2_000_000
    assert large.peak_bytes > 40_000_000 > small.peak_bytes


def test_turns_go_round_and_keep_each_contender_in_order() -> None:
    order: list[str] = []

    def note(name: str) -> str:
        order.append(name)
        return name.upper()

    done = time_by_turns({"one": (note, ["a1", "a2", "a3"]), "other": (note, ["b1", "b2", "b3", "b4"])}, chunk=2)
    assert order == ["a1", "a2", "b1", "b2", "a3", "b3", "b4"]
    assert done["one"][1] == ["A1", "A2", "A3"]
    assert [len(seconds) for seconds, _ in done.values()] == [3, 4]
