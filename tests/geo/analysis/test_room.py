from __future__ import annotations

from geo.analysis.room import CLOSED, NOWHERE, RoomFinder


def test_counts_how_many_must_be_passed_on() -> None:
    # needs 0, 1 and 2 are at places 1, 2 and 3; each could also go to the place before; place 4 leads nowhere
    reach = [[0, 1], [1, 2], [2, 3], [4], [4]]
    found = RoomFinder(reach, 5).rank([-2, 9, 9, 9, 9], [1, 2, 3, 4, NOWHERE])
    assert found == [-2, 1, 2, 3, CLOSED]


def test_a_need_that_is_nowhere_makes_no_room() -> None:
    assert RoomFinder([[0, 1]], 2).rank([-1, 1], [NOWHERE]) == [-1, CLOSED]


def test_nobody_and_nothing() -> None:
    assert RoomFinder([], 0).rank([], []) == []
    assert RoomFinder([[]], 1).rank([1], [NOWHERE]) == [CLOSED]
