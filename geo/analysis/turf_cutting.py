"""Cutting doors into turfs: one walk through all of them, parted where a street or its side ends if it can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import MultiPoint, MultiPolygon, Polygon, STRtree

from geo.analysis.walking import walk_doors
from geo.crs import metric_crs, shapes_to_metres, to_degrees, to_metres
from geo.domain.turf import MAX_DOORS, Address
from geo.errors import InvalidInput
from geo.geometry import MAX_VERTICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    Ints = NDArray[np.int64]
    Costs = NDArray[np.float64]

SLACK: Final = 0.2
"""A turf has at most so much more or less than an equal share of the doors, rounded away from it."""
INSIDE_RUN: Final = 1.0
"""What it costs to part a turf from the next in the middle of one side of a street."""
OTHER_SIDE: Final = 0.3
"""What it costs to leave the other side of a street to another turf."""
_UNEVEN: Final = 4.0
AROUND_M: Final = 80.0
"""A turf's shape reaches so far beyond its doors at most."""
_CLOSE_M: Final = 15.0
_TOLERANCES_M: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclass(frozen=True, slots=True)
class CutTurf:
    """The doors of one turf in walking order, and its part of the area (WGS 84)."""

    doors: tuple[Address, ...]
    geometry: MultiPolygon


def turfs_for(doors: int, doors_each: int) -> int:
    """Tell how many turfs of about so many doors there are to be."""
    return max(1, round(doors / doors_each), math.ceil(doors / MAX_DOORS))


def cut_turfs(doors: Sequence[Address], area: MultiPolygon, count: int, *, seed: int = 0) -> list[CutTurf]:
    """Cut the doors of an area into turfs of nearly equal size that can each be walked.

    Parameters
    ----------
    doors
        WGS 84, those of the area, in the order of their numbers.
    area
        WGS 84.
    count
        How many turfs.
    seed
        For the walk; the same input gives the same turfs.

    Returns
    -------
    list of CutTurf
        Every door is in one turf, and the turfs in the order of the walk. Each has an equal share of the doors give or
        take ``SLACK``. Among the ways to part them one with the least cost: ``INSIDE_RUN``, ``OTHER_SIDE`` and how
        uneven they are, found by dynamic programming. The turf's shape is what of the area lies nearest to its doors,
        and not farther than ``AROUND_M``.

    Raises
    ------
    InvalidInput
        If there are fewer doors than turfs, or too many for so few.
    """
    if not 1 <= count <= len(doors):
        raise InvalidInput("there must be a door for each turf", field="turfs")
    if len(doors) > count * MAX_DOORS:
        raise InvalidInput(f"a turf has {MAX_DOORS} doors at most; make more turfs", field="turfs")
    walk = walk_doors(doors, seed=seed)
    ordered = [doors[at] for at in walk.order]
    sizes = part_walk(_parting_costs(ordered, walk.runs), count)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    parts = [tuple(ordered[first:last]) for first, last in pairwise(starts)]
    return [CutTurf(part, shape) for part, shape in zip(parts, _shapes(parts, area), strict=True)]


def _parting_costs(doors: Sequence[Address], runs: Ints) -> Costs:
    """Give what it costs to part the walk before each door."""
    same_run = np.concatenate([[False], runs[1:] == runs[:-1]])
    streets = np.array([door.street for door in doors])
    same_street = np.concatenate([[False], streets[1:] == streets[:-1]])
    return np.where(same_run, INSIDE_RUN, np.where(same_street, OTHER_SIDE, 0.0))


def part_walk(costs: Costs, count: int) -> Ints:
    """Part a walk.

    Parameters
    ----------
    costs
        Shape ``(n,)``: what it costs to part before each door.
    count
        How many parts, 1 to ``n``.

    Returns
    -------
    numpy.ndarray
        Shape ``(count,)``: how many doors each part has.
    """
    doors = len(costs)
    share = doors / count
    least, most = max(1, math.floor(share * (1 - SLACK))), min(MAX_DOORS, math.ceil(share * (1 + SLACK)))
    sizes = np.arange(least, most + 1)
    uneven = _UNEVEN * ((sizes - share) / share) ** 2
    price = np.append(costs, 0.0)
    best = np.full(doors + 1, np.inf)
    best[0] = 0.0
    chosen = np.zeros((count, doors + 1), dtype=np.int64)
    for part in range(count):
        reached = np.full((len(sizes), doors + 1), np.inf)
        for row, size in enumerate(sizes):
            reached[row, size:] = best[:-size] + uneven[row] + price[size:]
        chosen[part] = sizes[np.argmin(reached, axis=0)]
        best = reached.min(axis=0)
    found, at = [], doors
    for part in reversed(range(count)):
        found.append(int(chosen[part, at]))
        at -= found[-1]
    return np.array(found[::-1], dtype=np.int64)


def _shapes(parts: Sequence[Sequence[Address]], area: MultiPolygon) -> list[MultiPolygon]:
    if len(parts) == 1:
        return [area]
    doors = [door.point for part in parts for door in part]
    lons, lats = [point.lon for point in doors], [point.lat for point in doors]
    crs = metric_crs(lons, lats)
    places = shapely.points(to_metres(lons, lats, crs))
    whole = shapes_to_metres(np.array([area], dtype=object), crs)[0]
    owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    cells, owner = _cells(places, whole, owners)
    return [
        _drawn(_held(cells[owner == at], places[owners == at], whole), places[owners == at], crs)
        for at in range(len(parts))
    ]


def _held(cells: NDArray[np.object_], places: NDArray[np.object_], whole: MultiPolygon) -> shapely.Geometry:
    near = shapely.union_all(shapely.buffer(places, AROUND_M, quad_segs=3))
    return shapely.intersection(shapely.intersection(shapely.union_all(cells), near), whole)


def _cells(places: NDArray[np.object_], whole: MultiPolygon, owners: Ints) -> tuple[NDArray[np.object_], Ints]:
    """Give the part of the plane that is nearest to each place, and whose place it is."""
    drawn = shapely.voronoi_polygons(MultiPoint(places), extend_to=whole)
    cells = shapely.get_parts(drawn)
    cell, place = STRtree(places).query(cells, predicate="intersects")
    # doors of one point share a cell, and the first of them has it
    owner = np.full(len(cells), -1, dtype=np.int64)
    owner[cell[::-1]] = owners[place[::-1]]
    return cells[owner >= 0], owner[owner >= 0]


def _drawn(shape: shapely.Geometry, places: NDArray[np.object_], crs: CRS) -> MultiPolygon:
    """Take a shape back to degrees with as few corners as are stored; where nothing is left, the doors' own."""
    for tolerance_m in _TOLERANCES_M:
        polygons = list(_polygons(shapely.simplify(shape, tolerance_m)))
        found = MultiPolygon(polygons)
        if polygons and shapely.get_num_coordinates(found) <= MAX_VERTICES:
            moved = _to_degrees(found, crs)
            if moved.is_valid:
                return moved
    around = MultiPoint(places).convex_hull.buffer(_CLOSE_M, quad_segs=2)
    return _to_degrees(MultiPolygon([around]), crs)


def _polygons(shape: shapely.Geometry) -> Iterator[Polygon]:
    yield from (part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area > 1.0)


def _to_degrees(shape: MultiPolygon, crs: CRS) -> MultiPolygon:
    moved: MultiPolygon = shapely.transform(shape, lambda corners: to_degrees(corners, crs))
    return moved
