"""Walks and cuts: every door once, sizes alike, parted where streets end; by brute force where it is small."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box

from geo.analysis.turf_cutting import INSIDE_RUN, SLACK, cut_turfs, part_walk, turfs_for
from geo.analysis.walking import walk_doors
from geo.domain.place import Point
from geo.domain.turf import MAX_DOORS, Address
from geo.errors import InvalidInput
from geo.geometry import MAX_VERTICES

AREA = MultiPolygon([box(24.93, 60.16, 24.97, 60.19)])


def town(streets: int, doors_each: int) -> list[Address]:
    """Parallel streets 70 metres apart, with doors on both sides."""
    return [
        Address(
            f"Street {street}",
            str(number),
            number,
            Point(24.94 + (number + 1) // 2 * 0.0003, 60.165 + street * 0.00063 + number % 2 * 0.0001),
        )
        for street in range(streets)
        for number in range(1, doors_each + 1)
    ]


scattered = st.lists(
    st.builds(
        lambda street, number, lon, lat: Address(f"S{street}", str(number), number, Point(24.94 + lon, 60.17 + lat)),
        st.integers(0, 4),
        st.integers(-1, 30),
        st.floats(0, 0.01),
        st.floats(0, 0.008),
    ),
    min_size=1,
    max_size=60,
)


@given(scattered, st.integers(0, 3))
@settings(max_examples=60)
def test_a_walk_comes_to_every_door_once(doors: list[Address], seed: int) -> None:
    walk = walk_doors(doors, seed=seed)
    assert sorted(walk.order.tolist()) == list(range(len(doors)))
    assert np.array_equal(walk.order, walk_doors(doors, seed=seed).order)
    # a run is one side of one street and is walked in one go
    assert len({*walk.runs.tolist()}) == 1 + int((np.diff(walk.runs) != 0).sum())
    for run in set(walk.runs.tolist()):
        ours = [doors[at] for at in walk.order[walk.runs == run]]
        assert len({(door.street, door.side) for door in ours}) == 1
        numbers = [door.number_int for door in ours]
        assert numbers in (sorted(numbers), sorted(numbers, reverse=True))


def test_a_walk_goes_up_one_side_and_down_the_other() -> None:
    doors = town(1, 20)
    numbers = [doors[at].number_int for at in walk_doors(doors).order]
    up, down = numbers[:10], numbers[10:]
    assert {number % 2 for number in up} != {number % 2 for number in down}
    assert up in (sorted(up), sorted(up, reverse=True))
    assert (up == sorted(up)) != (down == sorted(down))


@pytest.mark.parametrize("seed", range(6))
def test_a_walk_is_nearly_as_short_as_can_be(seed: int) -> None:
    """Brute force over every order and direction of five runs, each a short street somewhere."""
    rng = np.random.default_rng(seed)
    doors = []
    for street in range(5):
        lon, lat = 24.94 + rng.uniform(0, 0.008), 60.17 + rng.uniform(0, 0.004)
        step = rng.uniform(-0.0006, 0.0006, 2)
        doors += [Address(f"S{street}", str(n), n, Point(lon + n * step[0], lat + n * step[1])) for n in (2, 4)]
    walk = walk_doors(doors)
    best = min(
        float(np.hypot(*np.diff(walk.xy[order], axis=0).T).sum())
        for streets in itertools.permutations(range(5))
        for turns in itertools.product((False, True), repeat=5)
        for order in [[2 * s + (turned ^ end) for s, turned in zip(streets, turns, strict=True) for end in (0, 1)]]
    )
    assert best - 1e-6 <= walk.length_m <= 1.25 * best


@given(scattered, st.integers(1, 12), st.integers(0, 2))
@settings(max_examples=60)
def test_every_door_is_in_one_turf_and_turfs_are_alike(doors: list[Address], count: int, seed: int) -> None:
    count = min(count, len(doors))
    turfs = cut_turfs(doors, AREA, count, seed=seed)
    assert Counter(door for turf in turfs for door in turf.doors) == Counter(doors)
    share = len(doors) / count
    for turf in turfs:
        assert math.floor(share * (1 - SLACK)) <= len(turf.doors) <= math.ceil(share * (1 + SLACK))
        assert turf.doors
        assert turf.geometry.is_valid
        assert shapely.get_num_coordinates(turf.geometry) <= MAX_VERTICES
        # read back as sheets and phones do, the doors lie in or at their turf
        assert max(turf.geometry.distance(shapely.Point(d.point.lon, d.point.lat)) for d in turf.doors) < 0.002
    assert [turf.doors for turf in cut_turfs(doors, AREA, count, seed=seed)] == [turf.doors for turf in turfs]


def test_turfs_of_a_plain_town_are_whole_streets() -> None:
    turfs = cut_turfs(town(8, 24), AREA, 4)
    assert [len(turf.doors) for turf in turfs] == [48] * 4
    assert all(len({door.street for door in turf.doors}) == 2 for turf in turfs)


def test_the_shapes_of_turfs_do_not_overlap_and_hold_their_doors() -> None:
    turfs = cut_turfs(town(6, 30), AREA, 5)
    for one, other in itertools.combinations(turfs, 2):
        assert one.geometry.intersection(other.geometry).area < 1e-9
    for turf in turfs:
        assert all(turf.geometry.buffer(1e-5).contains(shapely.Point(d.point.lon, d.point.lat)) for d in turf.doors)
        assert AREA.buffer(1e-6).contains(turf.geometry)


@given(st.lists(st.sampled_from([0.0, 0.3, INSIDE_RUN]), min_size=2, max_size=11), st.integers(1, 4))
@settings(max_examples=80)
def test_no_other_way_to_part_a_walk_costs_less(costs: list[float], count: int) -> None:
    count = min(count, len(costs))
    share = len(costs) / count
    least, most = max(1, math.floor(share * (1 - SLACK))), math.ceil(share * (1 + SLACK))

    def cost_of(sizes: tuple[int, ...]) -> float:
        ends = np.cumsum(sizes)[:-1]
        return sum(costs[at] for at in ends) + sum(4 * ((size - share) / share) ** 2 for size in sizes)

    every = [sizes for sizes in itertools.product(range(least, most + 1), repeat=count) if sum(sizes) == len(costs)]
    found = tuple(part_walk(np.array(costs), count).tolist())
    assert found in every
    assert cost_of(found) == pytest.approx(min(map(cost_of, every)))


def test_what_cannot_be_cut_is_refused() -> None:
    doors = town(1, 10)
    for count in (0, 11):
        with pytest.raises(InvalidInput):
            cut_turfs(doors, AREA, count)
    with pytest.raises(InvalidInput):
        cut_turfs(town(20, 60), AREA, 2)


def test_so_many_turfs_as_doors_each_ask_for() -> None:
    assert turfs_for(100, 50) == 2
    assert turfs_for(3, 50) == 1
    assert turfs_for(2 * MAX_DOORS + 1, MAX_DOORS) == 3


def test_doors_at_one_place_can_be_cut() -> None:
    doors = [Address("A", str(n), n, Point(24.95, 60.17)) for n in range(1, 9)]
    turfs = cut_turfs(doors, AREA, 4)
    assert sorted(len(turf.doors) for turf in turfs) == [2] * 4
    assert all(turf.geometry.is_valid and not turf.geometry.is_empty for turf in turfs)
