"""The cell a household is known by outside: it stays while the place only trembles.

A position from a telephone is off by several metres. Near the edge of a cell each correction might fall into the next
one, and a reader who sees the cell change would know that the home lies on the edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry import Polygon

from geo.crs import metric_crs, to_metres
from geo.privacy.cells import cell_of, cell_polygon

if TYPE_CHECKING:
    from geo.domain.place import Point

MOVED_M: Final = 50.0
"""A home that moved less than this has not moved, as far as anybody outside is told."""


def settled_cell(previous: str | None, point: Point) -> str:
    """Choose the cell that is told: the one before, unless the place now lies well outside it.

    A place starts inside its cell, so it must have moved more than ``MOVED_M`` before the cell changes, in however
    many small steps, and no earlier place has to be remembered.

    Parameters
    ----------
    previous
        The cell told until now.
    point
        The place as it is known now.
    """
    here = cell_of(point)
    if previous is None or previous == here:
        return here
    return previous if _outside_m(previous, point) <= MOVED_M else here


def _outside_m(cell: str, point: Point) -> float:
    """Measure in metres how far outside a cell a place lies; far-off places count as infinitely far."""
    lon, lat = np.array(cell_polygon(cell).exterior.coords).T
    if np.abs(lon - point.lon).min() > 1 or np.abs(lat - point.lat).min() > 1:
        return float("inf")
    crs = metric_crs(lon, lat)
    there = Polygon(to_metres(lon, lat, crs))
    x, y = to_metres([point.lon], [point.lat], crs)[0]
    return float(there.distance(shapely.Point(x, y)))
