"""The map of a walk sheet: streets, the turf's edge, its doors by number, north and a scale, all drawn as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import LineString

from geo.crs import metric_crs, shapes_to_metres, to_metres
from geo.interchange.sheet_view import MapBox, Room, SheetView, visible_lines, write_street_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapely import MultiLineString, MultiPolygon

    from geo.domain.place import Point
    from geo.interchange.sheet_ink import Ink, Spot

_STREET_MM: Final = 2.6
_SCALES_M: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_NUMBER_PT: Final = 6.0
_DOT_MM: Final = 0.55
_START_MM: Final = 1.3


def draw_map(
    ink: Ink,
    box: MapBox,
    outline: MultiPolygon,
    streets: Sequence[tuple[str, MultiLineString]],
    doors: Sequence[tuple[int, Point]],
) -> None:
    """Draw a map that shows a whole turf.

    Parameters
    ----------
    ink
        What to draw with.
    box
        Where on the page.
    outline
        The turf, WGS 84.
    streets
        Names and lines, WGS 84, the longest first; what lies outside the map is not drawn.
    doors
        Numbers and places in walking order. Where numbers would lie on each other only some are written.
    """
    lons, lats = [point.lon for _, point in doors], [point.lat for _, point in doors]
    crs = metric_crs([*lons, outline.bounds[0], outline.bounds[2]], [*lats, outline.bounds[1], outline.bounds[3]])
    places = to_metres(lons, lats, crs)
    edge = shapes_to_metres(np.array([outline], dtype=object), crs)[0]
    view = SheetView(box, crs, shapely.total_bounds([edge, *shapely.points(places)]))
    lines = [(name, line) for name, shape in streets for line in visible_lines(shape, view)]
    room = Room()
    with ink.within(box.left, box.top, box.width, box.height):
        for width_mm, grey in ((_STREET_MM, 200), (_STREET_MM - 0.5, 255)):
            for _, line in lines:
                ink.lines(view.spots(line.coords), width_mm=width_mm, grey=grey)
        for ring in _rings(edge, view):
            ink.lines(ring, width_mm=0.55, grey=60, dash_mm=2.0)
        _corners(ink, view, room)
        _walk(ink, view, room, places, [number for number, _ in doors])
        write_street_names(ink, view, room, lines)
    ink.box(box.left, box.top, box.width, box.height, width_mm=0.3)


def _rings(edge: MultiPolygon, view: SheetView) -> Iterator[list[Spot]]:
    inner = shapely.intersection(shapely.boundary(edge), view.seen)
    for part in shapely.get_parts(shapely.line_merge(inner)):
        if isinstance(part, LineString):
            yield view.spots(part.coords)


def _walk(ink: Ink, view: SheetView, room: Room, places: np.ndarray, numbers: Sequence[int]) -> None:
    spots = view.spots(places.tolist())
    if len(spots) > 1:
        ink.lines(spots, width_mm=0.12, grey=150)
    for spot in spots:
        room.take(spot[0] - _DOT_MM, spot[1] - _DOT_MM, spot[0] + _DOT_MM, spot[1] + _DOT_MM)
    for at, spot in enumerate(spots):
        ink.dot(spot, _START_MM if at == 0 else _DOT_MM, ring_mm=0.4 if at == 0 else None)
    for at, (spot, number) in enumerate(zip(spots, numbers, strict=True)):
        _number(ink, room, spot, str(number), away=0.5 + (_DOT_MM if at else _START_MM))


def _number(ink: Ink, room: Room, spot: Spot, words: str, *, away: float) -> None:
    wide, high = ink.width_of(words, size_pt=_NUMBER_PT, bold=True), 1.65
    corners = (
        (spot[0] + away, spot[1] - high / 2),
        (spot[0] - away - wide, spot[1] - high / 2),
        (spot[0] - wide / 2, spot[1] - away - high),
        (spot[0] - wide / 2, spot[1] + away),
    )
    for left, top in corners:
        if room.take(left, top, left + wide, top + high):
            ink.text(left, top + high, words, size_pt=_NUMBER_PT, bold=True, halo=True)
            return


def _corners(ink: Ink, view: SheetView, room: Room) -> None:
    """Draw north, the scale and what the ring means in three corners."""
    box = view.box
    x, y = box.left + box.width - 6, box.top + 4
    _cleared(ink, room, (x - 3, y - 2, x + 3, y + 13))
    ink.lines([(x, y + 8), (x, y), (x - 1.6, y + 3)], width_mm=0.5)
    ink.line((x, y), (x + 1.6, y + 3), width_mm=0.5)
    ink.text(x, y + 12, "N", size_pt=8.5, bold=True, align="centre")
    base = box.top + box.height - 4
    most = max((m for m in _SCALES_M if m * view.mm_per_m <= box.width / 4), default=_SCALES_M[0])
    left, long = box.left + 4, most * view.mm_per_m
    _cleared(ink, room, (left - 2, base - 5.5, left + long + 2, base + 2))
    for at in (left, left + long):
        ink.line((at, base - 1.2), (at, base + 1.2), width_mm=0.4)
    ink.line((left, base), (left + long, base), width_mm=0.4)
    ink.text(left + long / 2, base - 1.8, f"{most} m", size_pt=7.5, align="centre")
    words = "begin at the ring; numbers as in the rows"
    right, wide = box.left + box.width - 4, ink.width_of(words, size_pt=7)
    _cleared(ink, room, (right - wide - 5, base - 3, right + 2, base + 2))
    ink.text(right, base, words, size_pt=7, align="right")
    ink.dot((right - wide - 2.5, base - 0.9), _START_MM, ring_mm=0.4)


def _cleared(ink: Ink, room: Room, edges: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = edges
    room.take(left, top, right, bottom)
    ink.white(left, top, right - left, bottom - top)
