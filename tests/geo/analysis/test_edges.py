"""Which discs of reach leave the loaded area: by hand, and against buffers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo.analysis.edges import near_edge, shapes_near_edge
from geo.errors import InvalidInput

SQUARE = box(0, 0, 100, 100)
WITH_HOLE = Polygon(SQUARE.exterior, [[(40, 40), (60, 40), (60, 60), (40, 60)]])
TWO = MultiPolygon([SQUARE, box(200, 0, 300, 100)])


@pytest.mark.parametrize(
    ("x", "y", "reach_m", "area", "sticks_out"),
    [
        (50, 50, 49.0, SQUARE, False),
        (50, 50, 51.0, SQUARE, True),
        (5, 50, 4.9, SQUARE, False),
        (5, 50, 5.1, SQUARE, True),
        (0, 50, 0.0, SQUARE, True),
        (1, 50, 0.0, SQUARE, False),
        (-1, 50, 0.0, SQUARE, True),
        (20, 50, 15.0, WITH_HOLE, False),
        (30, 50, 15.0, WITH_HOLE, True),
        (50, 50, 1.0, WITH_HOLE, True),
        (250, 50, 40.0, TWO, False),
        (150, 50, 1.0, TWO, True),
        (50, 50, 1.0, None, True),
        (50, 50, 1.0, Polygon(), True),
    ],
)
def test_by_hand(x: float, y: float, reach_m: float, area: Polygon | None, sticks_out: bool) -> None:  # noqa: FBT001
    assert near_edge(np.array([[x, y]], float), [reach_m], area).tolist() == [sticks_out]


coordinates = st.floats(-20, 320)


@given(st.lists(st.tuples(coordinates, coordinates, st.floats(0.01, 80)), min_size=1, max_size=20))
def test_a_disc_that_is_not_flagged_lies_in_the_area_and_one_that_is_does_not(
    discs: list[tuple[float, float, float]],
) -> None:
    xy, reach = np.array([disc[:2] for disc in discs]), np.array([disc[2] for disc in discs])
    for area in (SQUARE, WITH_HOLE, TWO):
        for disc, flagged in zip(discs, near_edge(xy, reach, area), strict=True):
            at, radius = Point(disc[:2]), disc[2]
            # a buffer is a polygon inside the true disc, one a little wider is outside it
            inner, outer = at.buffer(radius, quad_segs=64), at.buffer(radius * 1.001 + 1e-9, quad_segs=64)
            assert area.covers(inner) if not flagged else not area.contains(outer)


def test_many_at_once_are_as_each_alone() -> None:
    rng = np.random.default_rng(0)
    xy, reach = rng.uniform(-20, 320, (500, 2)), rng.uniform(0, 60, 500)
    together = near_edge(xy, reach, TWO)
    assert together.tolist() == [near_edge(xy[i : i + 1], reach[i], TWO)[0] for i in range(500)]
    assert 0 < together.sum() < 500


@given(st.lists(st.tuples(coordinates, coordinates, st.floats(1, 60)), min_size=1, max_size=8), st.floats(0.001, 60))
def test_a_shape_that_is_not_flagged_lies_in_the_area_with_its_surroundings(
    squares: list[tuple[float, float, float]], reach_m: float
) -> None:
    shapes = [box(x, y, x + side, y + side) for x, y, side in squares]
    for area in (SQUARE, WITH_HOLE, TWO):
        for shape, flagged in zip(shapes, shapes_near_edge(shapes, reach_m, area), strict=True):
            around = shape.buffer(reach_m * 1.001 + 1e-9, quad_segs=64)
            assert not area.contains(around) if flagged else area.covers(shape.buffer(reach_m, quad_segs=64))


def test_without_an_area_everything_is_at_the_edge() -> None:
    assert shapes_near_edge([SQUARE], 1.0, None).tolist() == [True]


def test_refuses_what_makes_no_sense() -> None:
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInput):
            near_edge(np.zeros((1, 2)), [bad], SQUARE)
        with pytest.raises(InvalidInput):
            shapes_near_edge([SQUARE], bad, SQUARE)
