"""Shapes in and out: strict GeoJSON to shapely, and back as RFC 7946 wants it.

A shape that is not valid is refused, never repaired: repairing a self-crossing polygon of a few hundred vertices
takes minutes of processor time and can crash the library underneath.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from geo.domain.place import MAX_LAT, MAX_LON
from geo.errors import InvalidGeometry, UnsupportedCrs

MAX_VERTICES: Final = 500
MAX_SPAN_DEG: Final = 20.0
DECIMALS: Final = 5
"""Decimals of a degree in what leaves: about a metre."""
_RING_LEAST: Final = 4
_MEMBERS: Final = frozenset({"type", "coordinates", "bbox"})

Position = tuple[float, float]


def parse_area(geojson: object, *, max_vertices: int = MAX_VERTICES) -> MultiPolygon:
    """Read a GeoJSON Polygon or MultiPolygon strictly.

    Parameters
    ----------
    geojson
        A parsed GeoJSON geometry, WGS 84 longitude and latitude in degrees. A ``bbox`` member is ignored.
    max_vertices
        Most positions, over all rings.

    Returns
    -------
    shapely.geometry.MultiPolygon
        Valid, two-dimensional, exteriors counter-clockwise.

    Raises
    ------
    InvalidGeometry
        If it is anything else: another type, unclosed, crossing itself, empty, not finite, too large or too wide.
    UnsupportedCrs
        If it names a coordinate system of its own.
    """
    kind, coordinates = _members(geojson)
    polygons = [coordinates] if kind == "Polygon" else _sequence(coordinates, "polygons")
    rings = [[_ring(ring) for ring in _sequence(polygon, "rings")] for polygon in _bounded(polygons, max_vertices)]
    if sum(len(ring) for polygon in rings for ring in polygon) > max_vertices:
        raise InvalidGeometry(f"a shape may have {max_vertices} vertices", field="geometry")
    shape = MultiPolygon([orient(Polygon(polygon[0], polygon[1:])) for polygon in rings])
    return _checked(shape)


def _members(geojson: object) -> tuple[str, object]:
    if not isinstance(geojson, Mapping):
        raise InvalidGeometry("a geometry must be a GeoJSON object", field="geometry")
    if "crs" in geojson:
        raise UnsupportedCrs(field="geometry")
    if geojson.get("type") not in ("Polygon", "MultiPolygon"):
        raise InvalidGeometry("a geometry must be a Polygon or a MultiPolygon", field="geometry")
    if not set(geojson) <= _MEMBERS:
        raise InvalidGeometry("a geometry has only type and coordinates", field="geometry")
    return str(geojson["type"]), geojson.get("coordinates")


def _sequence(value: object, what: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise InvalidGeometry(f"the {what} of a shape must be a list that is not empty", field="geometry")
    return value


def _bounded(polygons: Sequence[Any], most: int) -> Sequence[Any]:
    """Count positions before any is read."""
    counted = [
        len(ring)
        for polygon in polygons
        if isinstance(polygon, list | tuple)
        for ring in polygon
        if isinstance(ring, list | tuple)
    ]
    if len(counted) > most or sum(counted) > most:
        raise InvalidGeometry(f"a shape may have {most} vertices", field="geometry")
    return polygons


def _ring(ring: object) -> list[Position]:
    positions = [_position(position) for position in _sequence(ring, "positions")]
    if len(positions) < _RING_LEAST:
        raise InvalidGeometry("a ring needs at least four positions", field="geometry")
    if positions[0] != positions[-1]:
        raise InvalidGeometry("a ring must end where it begins", field="geometry")
    return positions


def _position(position: object) -> Position:
    if not isinstance(position, list | tuple) or len(position) not in (2, 3):
        raise InvalidGeometry("a position has longitude and latitude", field="geometry")
    if not all(type(number) in (int, float) and math.isfinite(number) for number in position):
        raise InvalidGeometry("longitude and latitude must be finite numbers", field="geometry")
    lon, lat = float(position[0]), float(position[1])
    if abs(lon) > MAX_LON or abs(lat) > MAX_LAT:
        raise InvalidGeometry("longitude must be within 180 degrees and latitude within 90", field="geometry")
    return lon + 0.0, lat + 0.0


def _checked(shape: MultiPolygon) -> MultiPolygon:
    west, south, east, north = shape.bounds
    if east - west > MAX_SPAN_DEG or north - south > MAX_SPAN_DEG:
        message = f"a shape may span {MAX_SPAN_DEG:g} degrees; split it at the date line"
        raise InvalidGeometry(message, field="geometry")
    if not shape.is_valid:
        # the library's own words name the spot, and a spot is a coordinate
        reason = str(shapely.is_valid_reason(shape)).partition("[")[0].strip().lower()
        raise InvalidGeometry(f"the shape is not valid: {reason}", field="geometry")
    if shape.area <= 0:
        raise InvalidGeometry("the shape encloses nothing", field="geometry")
    return shape


def to_geojson(shape: Polygon | MultiPolygon, *, decimals: int = DECIMALS) -> dict[str, Any]:
    """Write a polygon as RFC 7946 wants it: exteriors counter-clockwise, holes clockwise, rings closed.

    Parameters
    ----------
    shape
        WGS 84 degrees.
    decimals
        Decimals kept of a degree.
    """
    if isinstance(shape, Polygon):
        return {"type": "Polygon", "coordinates": _rings(shape, decimals)}
    return {"type": "MultiPolygon", "coordinates": [_rings(part, decimals) for part in shape.geoms]}


def _rings(polygon: Polygon, decimals: int) -> list[list[list[float]]]:
    turned = orient(polygon)
    return [
        [[round(lon, decimals), round(lat, decimals)] for lon, lat, *_ in ring.coords]
        for ring in (turned.exterior, *turned.interiors)
    ]
