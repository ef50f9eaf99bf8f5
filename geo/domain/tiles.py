"""Tiles of the map: where each lies in the one matrix everybody uses, and what a hexagon in one says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from geo.domain.words import Category
from geo.errors import InvalidInput

MATRIX_SET: Final = "WebMercatorQuad"
"""OGC 17-083r4, annex D.1: 256 by 256 pixels a tile, one tile for the world at zoom 0, rows counted from the north."""
MAX_ZOOM: Final = 16
"""Beyond it there is nothing new to see; programs draw the last tile larger."""
POINTS_FROM_ZOOM: Final = 14
"""From here on places are points of their own; farther out they are counted by hexagon."""
HALF_WORLD_M: Final = math.pi * 6_378_137
"""From the middle of the map to its edge, in the metres of its projection."""
LEVELS: Final = range(2, 10)
"""Resolutions of H3 that hexagons are counted at."""
_LEVEL_OF_ZOOM: Final = (2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8)
"""So that a tile holds some hundreds of hexagons, two thousand at most."""


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile: its zoom, its row from the north and its column from the west.

    Raises
    ------
    InvalidInput
        If the matrix has no such tile.
    """

    z: int
    y: int
    x: int

    def __post_init__(self) -> None:
        """Refuse what is not in the matrix."""
        if not 0 <= self.z <= MAX_ZOOM:
            raise InvalidInput(f"zooms go from 0 to {MAX_ZOOM}", field="z")
        for name, value in (("y", self.y), ("x", self.x)):
            if not 0 <= value < 1 << self.z:
                raise InvalidInput(f"there are {1 << self.z} tiles each way at this zoom", field=name)

    @property
    def level(self) -> int:
        """The resolution of H3 that hexagons are drawn at."""
        return _LEVEL_OF_ZOOM[self.z] if self.z < len(_LEVEL_OF_ZOOM) else LEVELS[-1]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, WGS 84."""
        tiles = 1 << self.z
        north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / tiles)))) for y in (self.y, self.y + 1))
        west, east = (x / tiles * 360 - 180 for x in (self.x, self.x + 1))
        return west, south, east, north

    @property
    def envelope_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the metres of the map's projection (EPSG:3857)."""
        side = 2 * HALF_WORLD_M / (1 << self.z)
        west, north = self.x * side - HALF_WORLD_M, HALF_WORLD_M - self.y * side
        return west, north - side, west + side, north


@dataclass(frozen=True, slots=True)
class NeedsInCell:
    """How many open needs a hexagon holds: how many are pressing (high or critical), and how many of each category."""

    cell: str
    count: int
    pressing: int
    food: int
    water: int
    medicine: int
    shelter: int
    transport: int
    childcare: int
    company: int
    household: int
    paperwork: int
    hygiene: int


@dataclass(frozen=True, slots=True)
class AssetsInCell:
    """How many active places a hexagon holds, and how many that help with each category."""

    cell: str
    count: int
    food: int
    water: int
    medicine: int
    shelter: int
    transport: int
    childcare: int
    company: int
    household: int
    paperwork: int
    hygiene: int


@dataclass(frozen=True, slots=True)
class HomesInCell(AssetsInCell):
    """The same of places at private homes, which are never drawn but as a hexagon."""


@dataclass(frozen=True, slots=True)
class AgreedInCell:
    """What a partner has of a hexagon by its agreement: needs of one kind and how many are wanted soon, or a band."""

    cell: str
    kind: str
    count: int | None = None
    soon: int | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True)
class CoverageInCell:
    """How many needs of all categories a hexagon has, how many of them are surely served, and the gap."""

    cell: str
    demand: int
    covered: int
    gap: int


CATEGORIES: Final = tuple(category.value for category in Category)
