from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from geo.domain.place import Point
from geo.errors import InvalidGeometry
from geo.interchange.geojson import bounds, feature, feature_collection, geometry

from tests.api.rfc7946 import check_collection, check_feature


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_points_keep_five_decimals(lon: float, lat: float) -> None:
    written = feature("a", Point(lon, lat), {})
    check_feature(written)
    assert written["geometry"]["coordinates"] == [round(lon, 5), round(lat, 5)]


def test_shapes_turn_by_the_right_hand_rule() -> None:
    clockwise = Polygon(list(box(0, 0, 1, 1).exterior.coords)[::-1])
    for shape in (clockwise, MultiPolygon([clockwise, box(2, 2, 3, 3)])):
        check_collection(feature_collection([feature("x", shape, {"n": 1})]))


def test_a_feature_without_a_place_has_null_geometry_and_no_id() -> None:
    assert feature(None, None, {"a": 1}) == {"type": "Feature", "geometry": None, "properties": {"a": 1}}


def test_a_geometry_already_written_stays_as_it_is() -> None:
    written = {"type": "Point", "coordinates": [1.0, 2.0]}
    assert feature("a", written, {})["geometry"] == written


def test_nothing_empty_is_written() -> None:
    with pytest.raises(InvalidGeometry):
        geometry(Polygon())


def test_bounds_are_those_of_what_is_written() -> None:
    features = [feature("a", Point(1.1234567, 2), {}), feature("b", box(3, 4, 5, 6), {}), feature("c", None, {})]
    assert bounds(features) == (1.12346, 2, 5, 6)
    assert bounds([feature("c", None, {})]) is None


def test_members_stand_beside_the_features() -> None:
    found = feature_collection([], links=[], truncated=False)
    assert json.loads(json.dumps(found)) == {
        "type": "FeatureCollection",
        "links": [],
        "truncated": False,
        "features": [],
    }
