from __future__ import annotations

from geo.analysis.room import CLOSED, measure_room


def test_counts_how_many_must_be_passed_on() -> None:
    # a need inside each of places 1, 2 and 3 could go to the place before; place 4 leads nowhere
    assert measure_room([-2, 1, 1, 1, 1], [[], [0], [1], [2], []]) == [-2, 1, 2, 3, CLOSED]


def test_the_shortest_way_counts() -> None:
    assert measure_room([1, 1, 1, -1], [[1, 2], [2], [3], [0]]) == [2, 2, 1, -1]


def test_a_way_does_not_lead_backwards() -> None:
    assert measure_room([-1, 1], [[1], []]) == [-1, CLOSED]


def test_what_was_known_is_not_forgotten() -> None:
    assert measure_room([-1, 5, 1], [[], [0], [0]]) == [-1, 5, 1]


def test_nobody_and_nothing() -> None:
    assert measure_room([], []) == []
    assert measure_room([1], [[]]) == [CLOSED]
