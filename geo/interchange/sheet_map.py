"""The map of a walk sheet: streets, the turf's edge, its doors by number, north and a scale, all drawn as lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import LineString

from geo.crs import metric_crs, shapes_to_metres, to_metres

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyproj import CRS
    from shapely import MultiLineString, MultiPolygon

    from geo.domain.place import Point
    from geo.interchange.sheet_ink import Ink, Spot

AROUND: Final = 0.06
"""So much of the turf's width is shown around it."""
LEAST_M: Final = 120.0
"""A map shows this many metres at least, so that a turf of one door can be found too."""
_STREET_MM: Final = 2.6
_SCALES_M: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_NUMBER_PT: Final = 6.0
_NAME_PT: Final = 6.8
_DOT_MM: Final = 0.55
_START_MM: Final = 1.3
_STRAIGHT: Final = 0.93
_WRITTEN_DEG: Final = 90


@dataclass(frozen=True, slots=True)
class MapBox:
    """Where on the paper a map is, in millimetres from the top left corner."""

    left: float
    top: float
    width: float
    height: float


class _View:
    """What of the ground is seen, and where it comes to lie on the paper."""

    def __init__(self, box: MapBox, crs: CRS, bounds_m: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds_m
        self.box, self.crs = box, crs
        wide, high = max(east - west, LEAST_M) * (1 + 2 * AROUND), max(north - south, LEAST_M) * (1 + 2 * AROUND)
        self.mm_per_m = min(box.width / wide, box.height / high)
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        self.west = middle_x - box.width / 2 / self.mm_per_m
        self.north = middle_y + box.height / 2 / self.mm_per_m

    @property
    def seen(self) -> shapely.Polygon:
        """The ground that is seen, in metres."""
        wide, high = self.box.width / self.mm_per_m, self.box.height / self.mm_per_m
        return shapely.box(self.west, self.north - high, self.west + wide, self.north)

    def spots(self, xy: Iterable[Sequence[float]]) -> list[Spot]:
        """Give where places in metres lie on the paper."""
        left, top, scale = self.box.left, self.box.top, self.mm_per_m
        return [(left + (x - self.west) * scale, top + (self.north - y) * scale) for x, y, *_ in xy]


class _Room:
    """Which parts of the map are written on already."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float, float]] = []

    def take(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Take a box, if nothing else lies in it."""
        for west, north, east, south in self._taken:
            if left < east and right > west and top < south and bottom > north:
                return False
        self._taken.append((left, top, right, bottom))
        return True


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
    view = _View(box, crs, shapely.total_bounds([edge, *shapely.points(places)]))
    lines = [(name, line) for name, shape in streets for line in _visible(shape, view)]
    room = _Room()
    with ink.within(box.left, box.top, box.width, box.height):
        for width_mm, grey in ((_STREET_MM, 200), (_STREET_MM - 0.5, 255)):
            for _, line in lines:
                ink.lines(view.spots(line.coords), width_mm=width_mm, grey=grey)
        for ring in _rings(edge, view):
            ink.lines(ring, width_mm=0.55, grey=60, dash_mm=2.0)
        _corners(ink, view, room)
        _walk(ink, view, room, places, [number for number, _ in doors])
        _street_names(ink, view, room, lines)
    ink.box(box.left, box.top, box.width, box.height, width_mm=0.3)


def _visible(shape: MultiLineString, view: _View) -> Iterator[LineString]:
    moved = shapes_to_metres(np.array([shape], dtype=object), view.crs)[0]
    merged = shapely.line_merge(shapely.intersection(moved, view.seen))
    yield from (part for part in shapely.get_parts(merged) if isinstance(part, LineString) and part.length > 0)


def _rings(edge: MultiPolygon, view: _View) -> Iterator[list[Spot]]:
    inner = shapely.intersection(shapely.boundary(edge), view.seen)
    for part in shapely.get_parts(shapely.line_merge(inner)):
        if isinstance(part, LineString):
            yield view.spots(part.coords)


def _walk(ink: Ink, view: _View, room: _Room, places: np.ndarray, numbers: Sequence[int]) -> None:
    spots = view.spots(places.tolist())
    if len(spots) > 1:
        ink.lines(spots, width_mm=0.12, grey=150)
    for spot in spots:
        room.take(spot[0] - _DOT_MM, spot[1] - _DOT_MM, spot[0] + _DOT_MM, spot[1] + _DOT_MM)
    for at, spot in enumerate(spots):
        ink.dot(spot, _START_MM if at == 0 else _DOT_MM, ring_mm=0.4 if at == 0 else None)
    for at, (spot, number) in enumerate(zip(spots, numbers, strict=True)):
        _number(ink, room, spot, str(number), away=0.5 + (_DOT_MM if at else _START_MM))


def _number(ink: Ink, room: _Room, spot: Spot, words: str, *, away: float) -> None:
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


def _street_names(ink: Ink, view: _View, room: _Room, lines: Sequence[tuple[str, LineString]]) -> None:
    longest: dict[str, LineString] = {}
    for name, line in lines:
        if name not in longest or line.length > longest[name].length:
            longest[name] = line
    for name, line in sorted(longest.items(), key=lambda found: (-found[1].length, found[0])):
        wide = ink.width_of(name, size_pt=_NAME_PT)
        if line.length * view.mm_per_m < wide + 3:
            continue
        _street_name(ink, view, room, (name, line), wide)


def _street_name(ink: Ink, view: _View, room: _Room, named: tuple[str, LineString], wide_mm: float) -> None:
    """Write a name along its street, at the first place where the street is straight and nothing is written yet."""
    name, line = named
    half = wide_mm / 2 / view.mm_per_m
    for share in (0.5, 0.3, 0.7, 0.15, 0.85):
        middle = min(max(line.length * share, half), line.length - half)
        a, at, b = view.spots(line.interpolate(middle + shift).coords[0] for shift in (-half, 0, half))
        if math.dist(a, b) < _STRAIGHT * wide_mm:
            continue
        turned = math.degrees(math.atan2(a[1] - b[1], b[0] - a[0]))
        turned += 180 * (turned <= -_WRITTEN_DEG) - 180 * (turned > _WRITTEN_DEG)
        reach = max(abs(a[0] - b[0]), 3) / 2, max(abs(a[1] - b[1]), 3) / 2
        if not room.take(at[0] - reach[0], at[1] - reach[1], at[0] + reach[0], at[1] + reach[1]):
            continue
        # the base line lies a third of the letters' height beside the middle of the street
        down = 0.85
        x, y = at[0] + down * math.sin(math.radians(turned)), at[1] + down * math.cos(math.radians(turned))
        ink.text(x, y, name, size_pt=_NAME_PT, align="centre", grey=70, halo=True, turned_deg=turned)
        return


def _corners(ink: Ink, view: _View, room: _Room) -> None:
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


def _cleared(ink: Ink, room: _Room, edges: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = edges
    room.take(left, top, right, bottom)
    ink.white(left, top, right - left, bottom - top)
