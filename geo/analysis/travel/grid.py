"""What is within reach, drawn from a matrix alone: the squares of a grid whose middle is near enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from shapely import box, union_all
from shapely.geometry import MultiPolygon, Polygon

from geo.crs import metric_crs, to_degrees, to_metres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely.geometry import LinearRing
    from shapely.geometry.base import BaseGeometry

    from geo.domain.travel import TravelModel
    from geo.domain.words import Mode

    FloatArray = NDArray[np.float64]

SQUARES: Final = 41
"""On each side of the grid; odd, so that the place itself lies in the middle of one."""


def draw_by_matrix(
    model: TravelModel, lon: float, lat: float, minutes: Sequence[float], mode: Mode, *, towards: bool
) -> list[MultiPolygon]:
    """Draw what is within reach of a place by measuring to the middle of each square of a grid around it.

    Parameters
    ----------
    model
        Whose matrix is used.
    lon, lat
        WGS 84.
    minutes
        The times to draw.

    Returns
    -------
    list of MultiPolygon
        One for each time, WGS 84. A shape is right within half a square, which is a fortieth of its own width.
    """
    crs = metric_crs([lon], [lat])
    middle, home = to_metres([lon], [lat], crs)[0], np.array([[lon, lat]])

    def reached(half_m: float, within_min: float) -> FloatArray:
        ticks = (np.arange(SQUARES) - SQUARES // 2) * (2 * half_m / SQUARES)
        centres = middle + np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
        degrees = to_degrees(centres, crs)
        travel_min = model.matrix(degrees, home, mode) if towards else model.matrix(home, degrees, mode)
        return np.asarray(centres[travel_min.ravel() <= within_min])

    shapes = []
    for each in minutes:
        # nothing lies farther off than the bound, most lies far within it: look at all of it, then again more closely
        bound_m = model.reach_m(each, mode)
        coarse = np.abs(reached(bound_m, each) - middle).max(axis=None, initial=0.0)
        half_m = min(bound_m, coarse + 3 * bound_m / SQUARES)
        shapes.append(_squares(reached(half_m, each), half_m / SQUARES, crs))
    return shapes


def _squares(centres: FloatArray, side_m: float, crs: CRS) -> MultiPolygon:
    around = box(centres[:, 0] - side_m, centres[:, 1] - side_m, centres[:, 0] + side_m, centres[:, 1] + side_m)
    return _in_degrees(union_all(around, grid_size=0.01), crs)


def _in_degrees(drawn: BaseGeometry, crs: CRS) -> MultiPolygon:
    def ring(line: LinearRing) -> FloatArray:
        return to_degrees(np.asarray(line.coords), crs)

    parts = [part for part in getattr(drawn, "geoms", [drawn]) if isinstance(part, Polygon) and not part.is_empty]
    return MultiPolygon([Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors]) for part in parts])
