"""Edge effects: where part of what is in reach lies outside the area that was loaded, and is not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

_HALF_DIAGONAL: Final = 0.71


def near_edge(xy: FloatArray, reach_m: ArrayLike, area: Polygon | MultiPolygon | None) -> BoolArray:
    """Tell whose disc of reach sticks out of the loaded area.

    Help outside is not known, so such places look worse served than they are. The disc is the straight-line reach: what
    can be reached by streets lies within it, so a place that is not flagged misses nothing.

    Parameters
    ----------
    xy
        Shape ``(n, 2)``, metres in one plane system.
    reach_m
        One number, or shape ``(n,)``, metres from 0 on.
    area
        The loaded area in the same system; ``None`` or empty if nothing was loaded, and everything is at the edge.

    Returns
    -------
    ndarray
        Shape ``(n,)``. A disc that touches the border from inside counts as sticking out; a hole in the area is
        a border too.

    Raises
    ------
    InvalidInput
        For a reach that is negative or no number.
    """
    reach = np.broadcast_to(np.asarray(reach_m, np.float64), (len(xy),))
    if not (np.isfinite(reach).all() and (reach >= 0).all()):
        raise InvalidInput("a reach must be a number from 0 on", field="reach_m")
    if area is None or area.is_empty:
        return np.ones(len(xy), bool)
    border = area.boundary
    shapely.prepare([area, border])
    square, of_square = _squares(xy, float(reach.max(initial=1.0)))
    # a square that is farther from the border than any reach lies inside or outside as a whole
    wide = reach.max(initial=0.0) + _HALF_DIAGONAL * square.side_m
    clear = shapely.distance(border, shapely.points(square.centre)) > wide
    flagged = ~shapely.contains_xy(area, *square.centre.T)[of_square]
    near = np.flatnonzero(~clear[of_square])
    outside = ~shapely.contains_xy(area, *xy[near].T)
    flagged[near] = outside | shapely.dwithin(border, shapely.points(xy[near]), reach[near])
    return np.asarray(flagged, bool)


class _Squares(NamedTuple):
    centre: FloatArray
    side_m: float


def _squares(xy: FloatArray, side_m: float) -> tuple[_Squares, NDArray[np.int64]]:
    """Give the squares of a grid that hold any point, and for each point which one."""
    side = max(side_m, 1.0)
    grid = np.floor(xy / side).astype(np.int64)
    low = grid.min(axis=0, initial=0)
    width = int(grid[:, 1].max(initial=0) - low[1]) + 1
    number, of_square = np.unique((grid[:, 0] - low[0]) * width + grid[:, 1] - low[1], return_inverse=True)
    corner = np.column_stack([number // width, number % width]) + low
    return _Squares((corner + 0.5) * side, side), of_square


def shapes_near_edge(shapes: Sequence[BaseGeometry], reach_m: float, area: Polygon | MultiPolygon | None) -> BoolArray:
    """Tell from some part of which shapes the reach sticks out of the loaded area.

    Parameters
    ----------
    shapes
        In metres.
    reach_m, area
        As for :func:`near_edge`.

    Returns
    -------
    ndarray
        Shape ``(len(shapes),)``.
    """
    if not (np.isfinite(reach_m) and reach_m >= 0):
        raise InvalidInput("a reach must be a number from 0 on", field="reach_m")
    if area is None or area.is_empty:
        return np.ones(len(shapes), bool)
    border = area.boundary
    shapely.prepare([area, border])
    return np.asarray(~shapely.covers(area, shapes) | shapely.dwithin(border, shapes, reach_m), bool)
