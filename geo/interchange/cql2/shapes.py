"""Shapes of filters: GeoJSON and boxes, bounded, valid, and in degrees when they go on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, box, shape

from geo.crs import CRS84, EPSG, box_to_degrees, is_metric, move_shape
from geo.errors import InvalidGeometry, InvalidInput

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MAX_VERTICES: Final = 500
_NEST: Final = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_MOST_PARTS: Final = 20
_MAX_LON, _MAX_LAT = 180.0, 90.0
_FLAT, _SOLID = 4, 6


def read_shape(node: Any, crs: str) -> BaseGeometry:  # noqa: ANN401 - whatever JSON knows
    """Read a shape of a filter.

    Parameters
    ----------
    node
        A GeoJSON geometry, or ``{"bbox": [...]}`` of four or six numbers.
    crs
        The name of the system it is in.

    Returns
    -------
    shapely geometry
        WGS 84 degrees, longitude first; valid, two-dimensional.

    Raises
    ------
    InvalidInput
        If it is anything else, too large, out of range or not valid.
    """
    if isinstance(node, dict) and set(node) == {"bbox"}:
        return _box(node["bbox"], crs)
    try:
        found = move_shape(_geometry(node), crs, CRS84)
    except InvalidGeometry as error:
        raise InvalidInput(str(error), field="filter") from None
    west, south, east, north = found.bounds
    if west < -_MAX_LON or east > _MAX_LON or south < -_MAX_LAT or north > _MAX_LAT:
        raise InvalidInput("a shape of the filter lies outside its system", field="filter")
    # the library's own words name the spot, and a spot is a coordinate
    if not found.is_valid:
        raise InvalidInput("a shape of the filter is not valid", field="filter")
    return found


def boxes_of(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Draw a box in degrees, a line or a point where it has no width.

    One whose west lies east of its east goes over the antimeridian, in two parts.
    """
    if west == east and south == north:
        return Point(west, south)
    if west == east or south == north:
        return LineString([(west, south), (east, north)])
    if west < east:
        return box(west, south, east, north)
    return MultiPolygon([box(west, south, _MAX_LON, north), box(-_MAX_LON, south, east, north)])


def parts_of(found: BaseGeometry) -> tuple[BaseGeometry, ...]:
    """Take a mixed collection apart; anything else is one part."""
    return tuple(found.geoms) if isinstance(found, GeometryCollection) else (found,)


def _geometry(node: Any) -> BaseGeometry:  # noqa: ANN401 - whatever JSON knows
    if not isinstance(node, dict):
        raise InvalidInput("a relation in space wants a shape", field="filter")
    if node.get("type") == "GeometryCollection":
        parts = node.get("geometries")
        if not isinstance(parts, list) or not 0 < len(parts) <= _MOST_PARTS:
            raise InvalidInput("a collection of shapes is empty or too large", field="filter")
        return GeometryCollection([_plain(part) for part in parts])
    return _plain(node)


def _plain(node: Any) -> BaseGeometry:  # noqa: ANN401 - whatever JSON knows
    kind = node.get("type") if isinstance(node, dict) else None
    if not isinstance(kind, str) or kind not in _NEST:
        raise InvalidInput("a relation in space wants a shape", field="filter")
    if _count(node.get("coordinates"), _NEST[kind]) > MAX_VERTICES:
        raise InvalidInput(f"a shape of the filter may have {MAX_VERTICES} corners", field="filter")
    try:
        found = shape({"type": kind, "coordinates": node["coordinates"]})
    except (shapely.errors.ShapelyError, ValueError, TypeError, IndexError):
        raise InvalidInput("a shape of the filter is not well formed", field="filter") from None
    if found.is_empty:
        raise InvalidInput("a shape of the filter is empty", field="filter")
    return shapely.force_2d(found)


def _count(coordinates: Any, nest: int) -> int:  # noqa: ANN401 - whatever JSON knows
    """Count corners, each checked to be two or three finite numbers."""
    if not isinstance(coordinates, list | tuple):
        raise InvalidInput("a shape of the filter is not well formed", field="filter")
    if nest == 0:
        if len(coordinates) not in (2, 3) or not all(_is_number(one) for one in coordinates):
            raise InvalidInput("a corner of the filter is not two numbers", field="filter")
        return 1
    if len(coordinates) > MAX_VERTICES:
        raise InvalidInput(f"a shape of the filter may have {MAX_VERTICES} corners", field="filter")
    return sum(_count(part, nest - 1) for part in coordinates)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _box(numbers: Any, crs: str) -> BaseGeometry:  # noqa: ANN401 - whatever JSON knows
    if not isinstance(numbers, list) or len(numbers) not in (_FLAT, _SOLID) or not all(map(_is_number, numbers)):
        raise InvalidInput("a box of the filter has four or six numbers", field="filter")
    half = len(numbers) // 2
    return read_box([*numbers[:2], *numbers[half : half + 2]], crs, field="filter")


def read_box(edges: list[float], crs: str, *, field: str) -> BaseGeometry:
    """Draw a box of a named system in degrees.

    Parameters
    ----------
    edges
        Least first axis, least second, most first, most second, in the order of the system's axes.
    crs
        The system's name.
    field
        What to name when it cannot be used.

    Raises
    ------
    InvalidInput
        If it is out of range or in no order.
    """
    try:
        if is_metric(crs):
            west, south, east, north = box_to_degrees(_ordered(edges, field), crs)
        elif crs == f"{EPSG}4326":
            south, west, north, east = edges
        else:
            west, south, east, north = edges
    except InvalidGeometry:
        raise InvalidInput("the box lies outside its system", field=field) from None
    if max(abs(west), abs(east)) > _MAX_LON or max(abs(south), abs(north)) > _MAX_LAT:
        raise InvalidInput("the box lies outside its system", field=field)
    if south > north:
        raise InvalidInput("a box runs from south to north", field=field)
    return boxes_of(west, south, east, north)


def _ordered(edges: list[float], field: str) -> list[float]:
    if edges[0] > edges[2] or edges[1] > edges[3]:
        raise InvalidInput("a box runs from its least corner to its greatest", field=field)
    return edges
