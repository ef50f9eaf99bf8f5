"""Cells: the fixed hexagons (H3, Uber 2018) a household is known by outside the restricted tables.

Points are never jittered for publication: random masks average away. A cell is the same for every household in
it and for every reader, so asking again gains nothing.
"""

from __future__ import annotations

import h3
from shapely.geometry import Polygon

from geo.domain.place import Point
from geo.domain.words import CELL_RESOLUTION
from geo.errors import InvalidInput


def cell_of(point: Point, resolution: int = CELL_RESOLUTION) -> str:
    """Find the cell a point lies in.

    Parameters
    ----------
    point
        WGS 84 degrees.
    resolution
        H3 resolution; 9 has an edge of about 201 m, 8 of about 531 m.

    Returns
    -------
    str
        The cell's 15 hexadecimal digits.
    """
    return str(h3.latlng_to_cell(point.lat, point.lon, resolution))


def parent_cell(cell: str, resolution: int) -> str:
    """Find the coarser cell that holds this one.

    Raises
    ------
    InvalidInput
        If the cell does not exist, or is coarser than that itself.
    """
    if not fits(cell, resolution):
        raise InvalidInput("there is no such cell in this grid", field="cell")
    return str(h3.cell_to_parent(cell, resolution))


def drawn_from(cells: frozenset[str]) -> frozenset[str]:
    """Find every cell whose households may be drawn within an area.

    A household may be drawn as the coarser cell around its own, and such a cell belongs to the area when its middle
    does. Were only the households inside counted, a coarse cell on the edge would tell on which side they live.

    Parameters
    ----------
    cells
        The area, resolution 9.

    Returns
    -------
    frozenset of str
        These cells, and all cells of each coarser one whose middle is among them.
    """
    coarse = {str(h3.cell_to_parent(cell, CELL_RESOLUTION - 1)) for cell in cells}
    inside = [parent for parent in coarse if h3.cell_to_center_child(parent, CELL_RESOLUTION) in cells]
    return cells | {str(child) for parent in inside for child in h3.cell_to_children(parent, CELL_RESOLUTION)}


def fits(cell: str, resolution: int) -> bool:
    """Tell whether a cell exists and is as fine as a grid, or finer."""
    return bool(h3.is_valid_cell(cell) and h3.get_resolution(cell) >= resolution)


def cell_polygon(cell: str) -> Polygon:
    """Draw a cell.

    Returns
    -------
    shapely.geometry.Polygon
        WGS 84, longitude first, exterior counter-clockwise (RFC 7946).

    Raises
    ------
    InvalidInput
        If the cell does not exist.
    """
    _check(cell)
    return Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])


def cell_centre(cell: str) -> Point:
    """Find the middle of a cell."""
    _check(cell)
    lat, lon = h3.cell_to_latlng(cell)
    return Point(lon, lat)


def _check(cell: str) -> None:
    if not h3.is_valid_cell(cell):
        raise InvalidInput("there is no such cell", field="cell")
