"""Draw places on a grid, so that a failing spatial test can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from geo.crs import GEOD
from geo.domain.place import Point

HELSINKI = Point(24.9440, 60.1710)


@dataclass(frozen=True)
class Grid:
    """Points of a drawing: each letter is a place, rows run from north to south, ``step_m`` metres apart."""

    points: dict[str, Point]

    def __getitem__(self, letter: str) -> Point:
        return self.points[letter]


def draw(picture: str, *, step_m: float = 100.0, origin: Point = HELSINKI) -> Grid:
    """Read a drawing; dots and blanks are empty. The top left corner is the origin."""
    points: dict[str, Point] = {}
    rows = [line.strip() for line in picture.strip().splitlines()]
    for down, row in enumerate(rows):
        for right, letter in enumerate(row.replace(" ", "")):
            if letter == ".":
                continue
            lon, lat, _ = GEOD.fwd(origin.lon, origin.lat, 90, right * step_m)
            lon, lat, _ = GEOD.fwd(lon, lat, 180, down * step_m)
            points[letter] = Point(float(lon), float(lat))
    return Grid(points)
