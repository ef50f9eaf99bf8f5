"""GeoJSON as RFC 7946 wants it: five decimals, longitude first, exteriors counter-clockwise, no crs member."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from shapely.geometry import MultiPolygon, Polygon

from geo.domain.place import Point
from geo.errors import InvalidGeometry
from geo.geometry import DECIMALS, to_geojson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

MEDIA_TYPE: Final = "application/geo+json"
Geometry: TypeAlias = "Point | Polygon | MultiPolygon | None"


def geometry(shape: Geometry) -> dict[str, Any] | None:
    """Write a place or a shape.

    Parameters
    ----------
    shape
        WGS 84 degrees, or nothing.

    Raises
    ------
    InvalidGeometry
        If the shape is empty.
    """
    if shape is None:
        return None
    if isinstance(shape, Point):
        return {"type": "Point", "coordinates": [short_degrees(shape.lon), short_degrees(shape.lat)]}
    if shape.is_empty:
        raise InvalidGeometry("a shape that is empty cannot be written")
    return to_geojson(shape)


def short_degrees(degrees: float) -> float:
    """Round to five decimals; a whole number is written without any, as the database writes it too."""
    found = round(degrees, DECIMALS)
    return int(found) if found.is_integer() else found


def feature(
    feature_id: UUID | str | None, shape: Geometry | Mapping[str, Any], properties: Mapping[str, Any]
) -> dict[str, Any]:
    """Make a feature.

    Parameters
    ----------
    feature_id
        Left out when there is none.
    shape
        A point, a polygon, a geometry already written, or nothing.
    properties
        JSON-ready.
    """
    named = {} if feature_id is None else {"id": str(feature_id)}
    written = geometry(shape) if shape is None or isinstance(shape, Point | Polygon | MultiPolygon) else dict(shape)
    return {"type": "Feature", **named, "geometry": written, "properties": dict(properties)}


def feature_collection(features: Iterable[Mapping[str, Any]], **members: object) -> dict[str, Any]:
    """Make a collection; further members such as links stand beside the features."""
    return {"type": "FeatureCollection", **members, "features": list(features)}


def bounds(features: Iterable[Mapping[str, Any]]) -> tuple[float, float, float, float] | None:
    """Find the box around the written geometries: west, south, east, north in degrees."""
    west = south = math.inf
    east = north = -math.inf
    for found in features:
        for lon, lat in _positions((found.get("geometry") or {}).get("coordinates", [])):
            west, east = min(west, lon), max(east, lon)
            south, north = min(south, lat), max(north, lat)
    return None if west > east else (west, south, east, north)


def _positions(coordinates: list[Any]) -> Iterable[tuple[float, float]]:
    if coordinates and not isinstance(coordinates[0], list):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _positions(part)
