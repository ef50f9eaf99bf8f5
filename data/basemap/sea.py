"""The sea, which OpenStreetMap draws only by its shore: land on the left of the line, water on its right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo.crs import metric_crs, to_degrees, to_metres

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from data.loaders.osm.extract import Feature

_TO_EDGE_M: Final = 100.0
"""An extract cuts the shore a little inside its edge; ends this near are drawn on to it."""
_ASIDE_M: Final = 1.0


def draw_sea(shores: Iterable[Feature], bounds: tuple[float, float, float, float]) -> MultiPolygon | None:
    """Fill the water side of the shore within a box.

    Parameters
    ----------
    shores
        Lines with ``natural=coastline``.
    bounds
        West, south, east, north in degrees, WGS 84.

    Returns
    -------
    MultiPolygon or None
        WGS 84; ``None`` without a shore. A shore that ends in the open is left out.
    """
    lines = [part for shore in shores for part in _lines(shore)]
    if not lines:
        return None
    crs = metric_crs([bounds[0], bounds[2]], [bounds[1], bounds[3]])
    (west, south), (east, north) = to_metres([bounds[0], bounds[2]], [bounds[1], bounds[3]], crs)
    frame = box(west, south, east, north)
    metric = [shapely.transform(line, lambda xy: to_metres(xy[:, 0], xy[:, 1], crs)) for line in lines]
    merged = _lines_of(shapely.line_merge(shapely.union_all(metric), directed=True))
    joined = [whole for line in merged if (whole := _to_edge(line, frame)) is not None]
    faces = shapely.polygonize([shapely.node(shapely.union_all([frame.exterior, *joined]))]).geoms
    wet = [point for line in joined for point in _water_side(line)]
    sea = [face for face in faces if isinstance(face, Polygon) and any(face.contains(point) for point in wet)]
    if not sea:
        return None
    return MultiPolygon([shapely.transform(face, lambda xy: to_degrees(xy, crs)) for face in sea])


def _lines(shore: Feature) -> Iterator[LineString]:
    shape = shore.geometry
    if isinstance(shape, Polygon):
        # a whole island, with the direction of its ring kept
        yield LineString(shape.exterior.coords)
    else:
        yield from _lines_of(shape)


def _lines_of(shape: shapely.Geometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, LineString)]


def _to_edge(line: LineString, frame: Polygon) -> LineString | None:
    if line.is_closed:
        return line
    first, last = Point(line.coords[0]), Point(line.coords[-1])
    if max(first.distance(frame.exterior), last.distance(frame.exterior)) > _TO_EDGE_M:
        return None
    return LineString([_nearest(frame, first), *line.coords, _nearest(frame, last)])


def _nearest(frame: Polygon, end: Point) -> tuple[float, float]:
    spot = frame.exterior.interpolate(frame.exterior.project(end))
    return spot.x, spot.y


def _water_side(line: LineString) -> Iterator[Point]:
    for (x_a, y_a), (x_b, y_b) in zip(line.coords[:-1], line.coords[1:], strict=True):
        length = ((x_b - x_a) ** 2 + (y_b - y_a) ** 2) ** 0.5
        if length > _ASIDE_M:
            right_x, right_y = (y_b - y_a) / length, -(x_b - x_a) / length
            yield Point((x_a + x_b) / 2 + right_x * _ASIDE_M, (y_a + y_b) / 2 + right_y * _ASIDE_M)
