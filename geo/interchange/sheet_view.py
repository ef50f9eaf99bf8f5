"""What of the ground is seen on a sheet and where it lies there, which parts are written on, and streets' names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import shapely
from shapely import LineString

from geo.crs import shapes_to_metres

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyproj import CRS
    from shapely import MultiLineString

Spot = tuple[float, float]
Shade = int | tuple[int, int, int]
"""Grey from 0, black, to 255; or red, green and blue."""
AROUND: Final = 0.06
"""So much of the turf's width is shown around it."""
LEAST_M: Final = 120.0
"""A map shows this many metres at least, so that a turf of one door can be found too."""
_NAME_PT: Final = 6.8
_STRAIGHT: Final = 0.93
_WRITTEN_DEG: Final = 90


@dataclass(frozen=True, slots=True)
class MapBox:
    """Where on the paper a map is, in millimetres from the top left corner."""

    left: float
    top: float
    width: float
    height: float


class Writes(Protocol):
    """What can write a word: ink on paper, or the dots of a picture."""

    def width_of(self, words: str, *, size_pt: float, bold: bool = False) -> float:
        """Tell how long a line would be, in millimetres."""

    def text(  # noqa: PLR0913 - as ink writes
        self, x: float, y: float, words: str, *, size_pt: float, bold: bool = False, align: str = "left",
        most_mm: float | None = None, grey: Shade = 0, halo: bool = False, turned_deg: float = 0.0,
    ) -> float:  # fmt: skip
        """Write one line on a base line; give where it ends."""


class SheetView:
    """What of the ground is seen, and where it comes to lie on the paper."""

    def __init__(
        self, box: MapBox, crs: CRS, bounds_m: tuple[float, float, float, float], *, around: float = AROUND
    ) -> None:
        west, south, east, north = bounds_m
        self.box, self.crs = box, crs
        wide, high = max(east - west, LEAST_M) * (1 + 2 * around), max(north - south, LEAST_M) * (1 + 2 * around)
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


class Room:
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


def visible_lines(shape: MultiLineString, view: SheetView) -> Iterator[LineString]:
    """Give the parts of a line that are seen, in metres."""
    moved = shapes_to_metres(np.array([shape], dtype=object), view.crs)[0]
    merged = shapely.line_merge(shapely.intersection(moved, view.seen))
    yield from (part for part in shapely.get_parts(merged) if isinstance(part, LineString) and part.length > 0)


def write_street_names(ink: Writes, view: SheetView, room: Room, lines: Sequence[tuple[str, LineString]]) -> None:
    """Write the names of streets along them where there is room, those of the longest first; lines are in metres."""
    longest: dict[str, LineString] = {}
    for name, line in lines:
        if name not in longest or line.length > longest[name].length:
            longest[name] = line
    for name, line in sorted(longest.items(), key=lambda found: (-found[1].length, found[0])):
        wide = ink.width_of(name, size_pt=_NAME_PT)
        if line.length * view.mm_per_m < wide + 3:
            continue
        _street_name(ink, view, room, (name, line), wide)


def _street_name(ink: Writes, view: SheetView, room: Room, named: tuple[str, LineString], wide_mm: float) -> None:
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
