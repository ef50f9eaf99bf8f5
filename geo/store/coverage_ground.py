"""Rows of coverage by where they are: which are in view, as no more hexagons than can be drawn, and their sums.

Everything here follows from the rows alone. It is kept beside them, so that a map that is moved works nothing out anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import h3
import numpy as np
import shapely

from geo.domain.coverage import Totals
from geo.domain.tiles import LEVELS, CoverageInCell
from geo.domain.words import Category
from geo.privacy.cells import cell_polygon, fits, parent_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geo.domain.coverage import CoverageRow

    Box = tuple[float, float, float, float]
    Mask = NDArray[np.bool_]
    IntArray = NDArray[np.int64]

_KINDS: Final = {category: number for number, category in enumerate(Category)}
_KEPT: Final = 131_072


@dataclass(frozen=True, slots=True)
class InView:
    """What a map draws: rows of cells of their own, or hexagons of one resolution when those would be too many.

    Attributes
    ----------
    level
        Resolution of H3, of larger hexagons alone.
    """

    rows: tuple[CoverageRow, ...] = ()
    level: int | None = None
    cells: tuple[CoverageInCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A page of some rows, and what all of them add up to.

    Attributes
    ----------
    rows
        The page, in the order of all.
    count
        How many there are in all.
    widest
        The gap of the cell in which it is widest, all its rows together.
    """

    rows: tuple[CoverageRow, ...]
    count: int
    widest: int
    totals: dict[Category, Totals]


class CoverageGround:
    """Rows with H3 cells for keys, in the order in which they are given.

    Parameters
    ----------
    rows
        The widest gap first.
    """

    def __init__(self, rows: Sequence[CoverageRow]) -> None:
        self._rows = rows
        self._cells_held: dict[Category | None, Mask] = {}
        self._added: dict[tuple[int, Category | None], IntArray] = {}

    @cached_property
    def keys(self) -> list[str]:
        """Every cell that has a row, once."""
        return list(dict.fromkeys(row.key for row in self._rows))

    @cached_property
    def _at(self) -> IntArray:
        number = {key: n for n, key in enumerate(self.keys)}
        return np.array([number[row.key] for row in self._rows], dtype=np.int64)

    @cached_property
    def _kind(self) -> IntArray:
        return np.array([_KINDS[row.category] for row in self._rows], dtype=np.int64)

    @cached_property
    def _figures(self) -> IntArray:
        """Demand, what of it is covered, and what is covered at best; shape ``(n, 3)``."""
        totals = (row.totals for row in self._rows)
        told = [(each.demand, each.covered, each.covered_best) for each in totals]
        return np.array(told, dtype=np.int64).reshape(-1, 3)

    @cached_property
    def _bounds(self) -> NDArray[np.float64]:
        return _bounds_of(self.keys)

    @cached_property
    def _middles(self) -> NDArray[np.float64]:
        """Latitude and longitude of each cell's middle."""
        return np.array([h3.cell_to_latlng(key) for key in self.keys], dtype=np.float64).reshape(-1, 2)

    @cached_property
    def _larger(self) -> dict[int, tuple[list[str], IntArray, NDArray[np.float64]]]:
        """Of each resolution looked at: the hexagons, which of them each cell is in, and their bounds."""
        return {}

    def look(self, box: Box | None, *, category: Category | None = None, most: int | None = None) -> InView:
        """Find what is in view: the rows of its cells, or no more than ``most`` hexagons with what they add up to.

        Parameters
        ----------
        box
            West, south, east, north in degrees (WGS 84); everywhere when left out.
        most
            A hexagon that is only partly in view counts whole; cells of their own are not larger than that.
        """
        seen = self._held(category) & _touch(self._bounds, box)
        if most is None or np.count_nonzero(seen) <= most:
            return InView(self._take(self._of(category) & seen[self._at]))
        for level in reversed(LEVELS):
            names, _, bounds = self._at_level(level)
            sums = self._sums(level, category)
            larger = np.flatnonzero(_touch(bounds, box) & (sums[:, 0] > 0))
            if len(larger) <= most:
                break
        cells = [
            CoverageInCell(names[n], demand, covered, demand - covered)
            for n, (demand, covered, _best) in zip(larger.tolist(), sums[larger].tolist(), strict=True)
        ]
        return InView((), level, tuple(sorted(cells, key=lambda one: (-one.gap, -one.demand, one.cell))[:most]))

    def _held(self, category: Category | None) -> Mask:
        """Tell which cells have any row of a category."""
        if category not in self._cells_held:
            self._cells_held[category] = np.bincount(self._at[self._of(category)], minlength=len(self.keys)) > 0
        return self._cells_held[category]

    def _sums(self, level: int, category: Category | None) -> IntArray:
        """Add up the figures of a category in each hexagon of a resolution."""
        if (level, category) not in self._added:
            names, of_key, _ = self._at_level(level)
            asked = self._of(category)
            self._added[level, category] = self._sum_by(of_key[self._at[asked]], asked, len(names))
        return self._added[level, category]

    def _at_level(self, level: int) -> tuple[list[str], IntArray, NDArray[np.float64]]:
        if level not in self._larger:
            parents = [parent_cell(key, level) if fits(key, level) else key for key in self.keys]
            number = {name: n for n, name in enumerate(dict.fromkeys(parents))}
            of_key = np.array([number[name] for name in parents], dtype=np.int64)
            self._larger[level] = list(number), of_key, _bounds_of(list(number))
        return self._larger[level]

    def choose(
        self,
        *,
        category: Category | None = None,
        within: BaseGeometry | None = None,
        cell: str | None = None,
        offset: int = 0,
        limit: int,
    ) -> Chosen:
        """Choose rows by category, by an outline their cell's middle lies in (WGS 84), and by cell; and take a page."""
        chosen = self._of(category)
        if within is not None:
            chosen &= _hold(within, self._middles)[self._at]
        if cell is not None:
            chosen &= np.array([key == cell for key in self.keys], dtype=bool)[self._at]
        by_cell = self._sum_by(self._at[chosen], chosen, len(self.keys))
        by_kind = zip(_KINDS, self._sum_by(self._kind[chosen], chosen, len(_KINDS)).tolist(), strict=True)
        return Chosen(
            self._take(chosen, offset, limit),
            int(chosen.sum()),
            int((by_cell[:, 0] - by_cell[:, 1]).max(initial=0)),
            {kind: Totals(*figures) for kind, figures in by_kind if figures[0]},
        )

    def _of(self, category: Category | None) -> Mask:
        return np.ones(len(self._at), dtype=bool) if category is None else self._kind == _KINDS[category]

    def _take(self, chosen: Mask, offset: int = 0, limit: int | None = None) -> tuple[CoverageRow, ...]:
        numbers = np.flatnonzero(chosen)[offset:]
        return tuple(self._rows[n] for n in numbers[:limit].tolist())

    def _sum_by(self, groups: IntArray, chosen: Mask, many: int) -> IntArray:
        told = self._figures[chosen]
        columns = [np.bincount(groups, weights=told[:, n], minlength=many) for n in range(told.shape[1])]
        return np.stack(columns, axis=1).astype(np.int64)


def _hold(outline: BaseGeometry, lat_lon: NDArray[np.float64]) -> Mask:
    shapely.prepare(outline)
    # what lies on the outline is within
    held: Mask = shapely.intersects_xy(outline, lat_lon[:, 1], lat_lon[:, 0])
    return held


def _touch(bounds: NDArray[np.float64], box: Box | None) -> Mask:
    if box is None:
        return np.ones(len(bounds), dtype=bool)
    west, south, east, north = box
    apart = (bounds[:, 2] < west) | (bounds[:, 0] > east) | (bounds[:, 3] < south) | (bounds[:, 1] > north)
    return ~apart


def _bounds_of(cells: Sequence[str]) -> NDArray[np.float64]:
    return np.array([_bounds(cell) for cell in cells], dtype=np.float64).reshape(-1, 4)


@lru_cache(maxsize=_KEPT)
def _bounds(cell: str) -> tuple[float, float, float, float]:
    west, south, east, north = cell_polygon(cell).bounds
    return west, south, east, north
