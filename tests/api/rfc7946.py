"""A small validator of our own for GeoJSON (RFC 7946), independent of the code that writes it."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON number")


def parse(raw: str) -> Any:
    return json.loads(raw, parse_constant=_refuse)


def check_collection(found: Any) -> None:
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    assert isinstance(found["features"], list)
    for feature in found["features"]:
        check_feature(feature)


def check_feature(feature: Any) -> None:
    assert feature["type"] == "Feature"
    assert {"geometry", "properties"} <= set(feature)
    assert feature["properties"] is None or isinstance(feature["properties"], dict)
    assert isinstance(feature.get("id", ""), str | int | float)
    if feature["geometry"] is not None:
        check_geometry(feature["geometry"])


def check_geometry(geometry: Any) -> None:
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        _position(coordinates)
    elif geometry["type"] == "Polygon":
        _polygon(coordinates)
    else:
        assert geometry["type"] == "MultiPolygon"
        for polygon in coordinates:
            _polygon(polygon)


def _position(position: Any) -> None:
    lon, lat = position
    assert math.isfinite(lon)
    assert math.isfinite(lat)
    assert -180 <= lon <= 180
    assert -90 <= lat <= 90
    assert round(lon, 7) == lon
    assert round(lat, 7) == lat


def _polygon(rings: Any) -> None:
    assert rings
    for index, ring in enumerate(rings):
        assert len(ring) >= 4
        assert ring[0] == ring[-1]
        for position in ring:
            _position(position)
        turn = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring))
        assert turn <= 0 if index == 0 else turn >= 0, "the exterior runs counter-clockwise, holes clockwise"
