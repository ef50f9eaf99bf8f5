from __future__ import annotations

import math
import time
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from geo.errors import InvalidGeometry, UnsupportedCrs
from geo.geometry import MAX_VERTICES, parse_area, to_geojson

from tests.api import bad_bodies
from tests.api.rfc7946 import check_geometry

RING = [[24.94, 60.17], [24.95, 60.17], [24.95, 60.18], [24.94, 60.17]]


@pytest.mark.parametrize("name", sorted(bad_bodies.shapes()))
def test_what_is_no_area_is_refused_at_once(name: str) -> None:
    shape, started = bad_bodies.shapes()[name], time.process_time()
    with pytest.raises((InvalidGeometry, UnsupportedCrs)) as found:
        parse_area(shape)
    assert time.process_time() - started < 0.5
    assert found.value.field == "geometry"
    assert not any(digit in str(found.value) for digit in ("24.9", "60.1"))


def test_a_refusal_says_why() -> None:
    with pytest.raises(InvalidGeometry, match="self-intersection"):
        parse_area(bad_bodies.shapes()["bow tie"])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    with pytest.raises(InvalidGeometry):
        parse_area({"type": "Polygon", "coordinates": [[[number, 60.1], *RING[1:3], [number, 60.1]]]})


def test_either_direction_is_taken_and_leaves_by_the_right_hand_rule() -> None:
    hole = [[24.943, 60.1702], [24.946, 60.1702], [24.946, 60.173], [24.943, 60.1702]]
    for shell in (RING, RING[::-1]):
        for inner in (hole, hole[::-1]):
            shape = parse_area({"type": "Polygon", "coordinates": [shell, inner]})
            check_geometry(to_geojson(shape))
            assert shape.geoms[0].exterior.is_ccw


def test_height_is_dropped() -> None:
    shape = parse_area({"type": "Polygon", "coordinates": [[[*p, 12.5] for p in RING]]})
    assert not shape.has_z


def test_as_many_vertices_as_allowed_are_taken() -> None:
    circle = [
        [24.9 + math.cos(2 * math.pi * n / 499) / 50, 60.1 + math.sin(2 * math.pi * n / 499) / 50] for n in range(499)
    ]
    assert shapely.get_num_coordinates(parse_area({"type": "Polygon", "coordinates": [[*circle, circle[0]]]})) == 500
    with pytest.raises(InvalidGeometry, match=str(MAX_VERTICES)):
        parse_area({"type": "Polygon", "coordinates": [[*circle, circle[0], circle[0]]]})


def test_minus_zero_becomes_zero() -> None:
    shape = parse_area({"type": "Polygon", "coordinates": [[[-0.0, 1], [1, 1], [1, 2], [-0.0, 1]]]})
    assert "-0.0" not in str(to_geojson(shape))


@given(st.integers(3, 40), st.floats(-170, 170), st.floats(-80, 80), st.floats(0.01, 3))
def test_regular_shapes_come_back_as_they_went(corners: int, lon: float, lat: float, radius: float) -> None:
    ring = [
        [lon + radius * math.cos(2 * math.pi * n / corners), lat + radius * math.sin(2 * math.pi * n / corners)]
        for n in range(corners)
    ]
    shape = parse_area({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    written = to_geojson(shape)
    check_geometry(written)
    assert parse_area(written).symmetric_difference(shape).area <= 1e-4 * corners
    assert shape.equals(parse_area({"type": "Polygon", "coordinates": [[*ring, ring[0]][::-1]]}))


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["type", "coordinates"]), inner),
    max_leaves=15,
)


@given(ANY, st.sampled_from(["Polygon", "MultiPolygon", "Point", None]))
def test_anything_is_an_area_or_refused(coordinates: Any, kind: str | None) -> None:
    try:
        shape = parse_area({"type": kind, "coordinates": coordinates})
    except (InvalidGeometry, UnsupportedCrs):
        return
    assert shape.is_valid


def test_a_plain_polygon_is_written_too() -> None:
    assert to_geojson(Polygon(RING))["type"] == "Polygon"
