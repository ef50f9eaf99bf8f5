"""Shapes made ready for many points to be compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import STRtree

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]
    ShapeArray = NDArray[np.object_]

MARGIN_M: Final = 0.01
"""Boxes are wider by so much, so that rounding loses nobody."""


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

    def touch(self, which: IntArray, points: ShapeArray, off_m: FloatArray) -> BoolArray:
        """Tell whether each polygon is no farther from a point than a distance; parameters as for :meth:`hold`."""
        near: BoolArray = shapely.dwithin(self.shapes[which], points, off_m)
        return near

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


def find_boxes(tree: STRtree, xy: FloatArray, off_m: FloatArray) -> tuple[IntArray, IntArray]:
    """Find the shapes in a tree whose box is no farther than a distance (metres) from points: point and shape of each.

    It may find a few more at the very edge; whether a shape itself is near, :meth:`Outlines.touch` tells, quicker than
    a tree does, which knows nothing of what is prepared.
    """
    x, y, wide_m = xy[:, 0], xy[:, 1], off_m + MARGIN_M
    row, found = tree.query(shapely.box(x - wide_m, y - wide_m, x + wide_m, y + wide_m))
    return row, found


def list_drawn(shapes: ShapeArray) -> IntArray:
    """List the shapes that are there and hold any ground."""
    return np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
