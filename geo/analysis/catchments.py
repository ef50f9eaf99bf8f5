"""Help within reach along streets: needs as points, and around each place of help the shape of what it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.analysis.gaps import MODES
from geo.analysis.outlines import Outlines, find_boxes, list_drawn
from geo.analysis.reach import reached_of
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo.analysis.gaps import Demand, Suits, Supply
    from geo.analysis.reach import Reached

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]
    ShapeArray = NDArray[np.object_]

_AT_ONCE: Final = 100_000
"""So many needs are compared at once, for the sake of memory."""
_NO_PAIRS: Final = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class CatchmentReach:
    """Reach by shapes that were drawn.

    Attributes
    ----------
    shapes
        Shape ``(len(MODES), m)``: for each mode of a household and each place the valid polygons (metres, in the plane
        system of the needs) within which the standard is kept; nothing where nothing is within reach. A helper goes to
        the household in their own way, so their shape is the same for every mode of a household.
    """

    shapes: ShapeArray

    def take(self, places: IntArray) -> CatchmentReach:
        """Keep to some of the places, in this order."""
        return CatchmentReach(self.shapes[:, places])

    def find(self, demand: Demand, supply: Supply, suits: Suits) -> Reached:
        """Find the help whose shape a need lies in.

        Surely, when the need is inside and farther from the edge than its place is uncertain, so that it is inside
        from wherever it may be; at best, when no point of the shape is farther off than that.

        Parameters
        ----------
        demand, supply
            In the plane system of the shapes; the places in their order.
        suits
            Which kinds of help suit which kinds of need.

        Returns
        -------
        Reached
            Cost grows with the number of pairs found, times the logarithm of a shape's corners.

        Raises
        ------
        InvalidInput
            If there is not one shape for each place.
        """
        shape = (len(demand.xy), len(supply.xy))
        if self.shapes.shape != (len(MODES), shape[1]):
            raise InvalidInput("there must be one shape for each mode and place", field="shapes")
        found = list(self._find_each_kind(demand, supply, suits))
        rows, columns, sure = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else _NO_PAIRS
        return reached_of(rows, columns, sure, shape)

    def _find_each_kind(
        self, demand: Demand, supply: Supply, suits: Suits
    ) -> Iterator[tuple[IntArray, IntArray, BoolArray]]:
        for mode in np.unique(demand.mode).tolist():
            outlines = Outlines.of(self.shapes[mode])
            is_drawn = np.zeros(len(outlines.shapes), dtype=bool)
            is_drawn[list_drawn(outlines.shapes)] = True
            of_mode = demand.mode == mode
            for kind in np.unique(demand.kind[of_mode]).tolist():
                columns = np.flatnonzero(suits.best[kind][supply.kind] & is_drawn)
                if not columns.size:
                    continue
                tree = shapely.STRtree(outlines.shapes[columns])
                all_rows = np.flatnonzero(of_mode & (demand.kind == kind))
                for start in range(0, len(all_rows), _AT_ONCE):
                    rows = all_rows[start : start + _AT_ONCE]
                    xy, off_m = demand.xy[rows], demand.uncertainty_m[rows]
                    near, place = find_boxes(tree, xy, off_m)
                    points, column = shapely.points(xy)[near], columns[place]
                    touched = outlines.touch(column, points, off_m[near])
                    near, column, points = near[touched], column[touched], points[touched]
                    inside = outlines.hold(column, points, off_m[near])
                    yield rows[near], column, inside & suits.sure[kind][supply.kind[column]]
