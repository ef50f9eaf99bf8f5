"""Shapes made ready for many points to be compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]
    ShapeArray = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Outlines:
    """Polygons and their edges, both prepared.

    Attributes
    ----------
    shapes, edges
        Shape ``(m,)`` each, metres; nothing where there is no polygon.
    """

    shapes: ShapeArray
    edges: ShapeArray

    @classmethod
    def of(cls, shapes: ShapeArray) -> Outlines:
        """Prepare polygons; cost grows with their corners."""
        shapely.prepare(shapes)
        edges = shapely.boundary(shapes)
        shapely.prepare(edges)
        return cls(shapes, edges)

    def hold(self, which: IntArray, points: ShapeArray, off_m: FloatArray) -> BoolArray:
        """Tell whether each polygon holds a point wherever within a distance of it that may be.

        Parameters
        ----------
        which
            Which polygon each point is compared with.
        points, off_m
            Of the same length.
        """
        inside: BoolArray = shapely.contains(self.shapes[which], points)
        inside[inside] = ~shapely.dwithin(self.edges[which[inside]], points[inside], off_m[inside])
        return inside


def list_drawn(shapes: ShapeArray) -> IntArray:
    """List the shapes that are there and hold any ground."""
    return np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
