"""Points spread evenly over an area: the middles of hexagons (H3, Uber 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import h3

from geo.domain.place import Point
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from shapely.geometry import MultiPolygon, Polygon

FINEST: Final = 11
"""Hexagons with an edge of about 29 metres; finer ones say nothing about where a place could be."""


def spread_points(shape: Polygon | MultiPolygon, most: int) -> list[Point]:
    """Lay the finest lattice over a shape that has no more than so many points.

    Parameters
    ----------
    shape
        WGS 84 degrees.
    most
        At least 1.

    Returns
    -------
    list of Point
        In the order of their cells: the same for the same shape.

    Raises
    ------
    InvalidInput
        If even the coarsest lattice has more, or no lattice has any.
    """
    found: list[str] = []
    for resolution in range(FINEST + 1):
        # seven finer hexagons lie in one: stop before one that is certainly too large is laid
        finer = sorted(str(cell) for cell in h3.geo_to_cells(shape, resolution))
        if len(finer) > most:
            break
        found = finer or found
        if len(finer) * 3 > most:
            break
    if not found:
        raise InvalidInput("the area is too small or too large for a grid of so many points", field="candidates")
    return [Point(lon, lat) for lat, lon in map(h3.cell_to_latlng, found)]
