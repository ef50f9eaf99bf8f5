"""Who reaches whom, for places that come and go and are known by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import shapely
from shapely import STRtree

from geo.analysis.catchments import CatchmentReach
from geo.analysis.gaps import MODES, Demand, Supply
from geo.analysis.outlines import MARGIN_M, Outlines, find_boxes, list_drawn
from geo.analysis.reach import reached_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.analysis.gaps import Suits
    from geo.analysis.reach import Reached, ReachFinder

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    ShapeArray = NDArray[np.object_]

    Shapes = tuple[Any, ...]

MOST_APART: Final = 256
"""Some milliseconds for a tree of ten thousand shapes, once in so many changes."""


class LiveReach(Protocol):
    """Finds the right help within reach of needs, for places that are put and dropped one by one."""

    def put(self, number: int, shapes: Shapes) -> None:
        """Take up what is within reach of a place: for each of ``MODES`` a polygon or nothing."""

    def drop(self, number: int) -> None:
        """Forget a place."""

    def find(self, demand: Demand, supply: Supply, suits: Suits, places: IntArray) -> Reached:
        """Find the help within reach as :class:`geo.analysis.reach.ReachFinder` does.

        Parameters
        ----------
        demand
            Some needs.
        supply
            Some places, in the order of ``places``.
        suits
            Which kinds of help suit which kinds of need.
        places
            The numbers of the places, in ascending order.
        """


@dataclass(frozen=True, slots=True)
class PlainReach:
    """Reach for which nothing needs to be kept: needs and places tell all.

    Attributes
    ----------
    finder
        Is asked anew each time.
    """

    finder: ReachFinder

    def put(self, number: int, shapes: Shapes) -> None:
        """Take up a place."""

    def drop(self, number: int) -> None:
        """Forget a place."""

    def find(self, demand: Demand, supply: Supply, suits: Suits, places: IntArray) -> Reached:  # noqa: ARG002 - as the protocol
        """Find the help within reach."""
        return self.finder.find(demand, supply, suits)


class ShapedReach:
    """Reach by the shapes around places, in the plane system of the needs, kept ready for one more need.

    Parameters
    ----------
    most_apart
        So many shapes that have changed are kept apart from the tree before another is planted.
    """

    def __init__(self, *, most_apart: int = MOST_APART) -> None:
        self._most_apart = most_apart
        self._shapes: ShapeArray = np.full((len(MODES), 0), None, dtype=object)
        self._near: dict[int, _Near] = {}

    def put(self, number: int, shapes: Shapes) -> None:
        """Take up what is within reach of a place: for each of ``MODES`` a polygon or nothing."""
        self._shapes = _lengthen(self._shapes, number)
        self._shapes[:, number] = shapes or None
        for mode, near in self._near.items():
            near.put(number, self._shapes[mode, number])

    def drop(self, number: int) -> None:
        """Forget a place."""
        self.put(number, ())

    def find(self, demand: Demand, supply: Supply, suits: Suits, places: IntArray) -> Reached:
        """Find the help within reach: that of one need by what is kept, that of many by all shapes anew."""
        if len(demand.xy) == 1:
            return self._find_of_need(demand, supply, suits, places)
        if len(places) == 1:
            return self._find_of_place(demand, supply, suits, int(places[0]))
        return CatchmentReach(self._shapes[:, places]).find(demand, supply, suits)

    def _find_of_need(self, demand: Demand, supply: Supply, suits: Suits, places: IntArray) -> Reached:
        mode, kind = int(demand.mode[0]), int(demand.kind[0])
        if mode not in self._near:
            self._near[mode] = _Near(self._shapes[mode], self._most_apart)
        near = self._near[mode]
        number = near.find(demand.xy, demand.uncertainty_m)
        number = number[np.isin(number, places)]
        number = number[suits.best[kind][supply.kind[np.searchsorted(places, number)]]]
        point, off_m = shapely.points(demand.xy).repeat(len(number)), demand.uncertainty_m.repeat(len(number))
        touched = near.outlines.touch(number, point, off_m)
        number, point, off_m = number[touched], point[touched], off_m[touched]
        column = np.searchsorted(places, number)
        sure = near.outlines.hold(number, point, off_m) & suits.sure[kind][supply.kind[column]]
        return reached_of(np.zeros(len(column), np.int64), column, sure, (1, len(places)))

    def _find_of_place(self, demand: Demand, supply: Supply, suits: Suits, number: int) -> Reached:
        """Compare the needs in the box around the shape with it, and no others."""
        west, south, east, north = shapely.bounds(self._shapes[:, number])[demand.mode].T
        (x, y), off_m = demand.xy.T, demand.uncertainty_m + MARGIN_M
        # nothing has a box of no numbers, in which nobody is
        rows = np.flatnonzero((x >= west - off_m) & (x <= east + off_m) & (y >= south - off_m) & (y <= north + off_m))
        some = Demand(demand.xy[rows], demand.kind[rows], demand.mode[rows], demand.uncertainty_m[rows])
        found = CatchmentReach(self._shapes[:, [number]]).find(some, supply, suits)
        near, is_sure = np.diff(found.best.indptr) > 0, np.diff(found.sure.indptr) > 0
        return reached_of(rows[near], np.zeros(near.sum(), np.int64), is_sure[near], (len(demand.xy), 1))


class _Near:
    """The shapes of one mode, by number: in a tree, and those that changed since apart."""

    def __init__(self, shapes: ShapeArray, most_apart: int) -> None:
        self._most_apart = most_apart
        self.outlines = Outlines.of(shapes.copy())
        self._plant()

    def _plant(self) -> None:
        self._planted = list_drawn(self.outlines.shapes)
        self._tree = STRtree(self.outlines.shapes[self._planted])
        self._is_apart = np.zeros(len(self.outlines.shapes), dtype=bool)

    def put(self, number: int, shape: Any) -> None:  # noqa: ANN401 - a polygon or nothing
        shapes, edges = _lengthen(self.outlines.shapes, number), _lengthen(self.outlines.edges, number)
        fresh = Outlines.of(np.array([shape], dtype=object))
        shapes[number], edges[number] = fresh.shapes[0], fresh.edges[0]
        self.outlines = Outlines(shapes, edges)
        self._is_apart = np.concatenate([self._is_apart, np.zeros(len(shapes) - len(self._is_apart), dtype=bool)])
        self._is_apart[number] = True
        if np.count_nonzero(self._is_apart) > self._most_apart:
            self._plant()

    def find(self, xy: FloatArray, off_m: FloatArray) -> IntArray:
        """List those whose box is no farther from one point than a distance."""
        planted = self._planted[find_boxes(self._tree, xy, off_m)[1]]
        apart = np.flatnonzero(self._is_apart)
        apart = apart[list_drawn(self.outlines.shapes[apart])]
        fresh = apart[find_boxes(STRtree(self.outlines.shapes[apart]), xy, off_m)[1]]
        return np.concatenate([planted[~self._is_apart[planted]], fresh])


def _lengthen(shapes: ShapeArray, number: int) -> ShapeArray:
    """Make room for a number, and for more than that, along the last axis."""
    have = shapes.shape[-1]
    if number < have:
        return shapes
    more = np.full((*shapes.shape[:-1], number + 1 - have + have // 2), None, dtype=object)
    return np.concatenate([shapes, more], axis=-1)
