"""Where streets meet."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.crs import metres_per_degree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

ONE_CROSSING_M: Final = 60.0
"""The lanes of two wide roads meet in four points that are one crossing to everybody."""
MAX_OF_A_PAIR: Final = 5
_PAIRS_AT_ONCE: Final = 50_000


def find_crossings(lines: Sequence[BaseGeometry]) -> Iterator[tuple[int, int, float, float]]:
    """Find where lines meet.

    Parameters
    ----------
    lines
        Line strings or multi-line strings, WGS 84, one for each street.

    Yields
    ------
    tuple of (int, int, float, float)
        The positions of two streets, the smaller first, and the longitude and latitude where they meet; at most five
        places for a pair, each the middle of the meeting points within 60 m of one another. Time grows with the
        number of meeting pieces, found by a packed tree.
    """
    parts, owner = shapely.get_parts(np.asarray(lines, dtype=object), return_index=True)
    if not len(parts):
        return
    one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
    kept = owner[one] < owner[other]
    one, other = one[kept], other[kept]
    found: dict[tuple[int, int], list[NDArray[np.float64]]] = defaultdict(list)
    for start in range(0, len(one), _PAIRS_AT_ONCE):
        a, b = one[start : start + _PAIRS_AT_ONCE], other[start : start + _PAIRS_AT_ONCE]
        for i, j, shape in zip(owner[a], owner[b], shapely.intersection(parts[a], parts[b]), strict=True):
            found[int(i), int(j)].extend(_points(shape))
    for (i, j), points in found.items():
        for lon, lat in _gather(points):
            yield i, j, lon, lat


def _points(shape: BaseGeometry) -> list[NDArray[np.float64]]:
    # where two streets share a stretch they meet in its middle
    pieces = [p if p.geom_type == "Point" else shapely.line_interpolate_point(p, 0.5, normalized=True)
              for p in shapely.get_parts(shape) if not p.is_empty]  # fmt: skip
    return [shapely.get_coordinates(piece)[0] for piece in pieces]


def _gather(points: list[NDArray[np.float64]]) -> list[tuple[float, float]]:
    """Bring points near one another together, first come first served."""
    groups: list[list[NDArray[np.float64]]] = []
    for point in points:
        scale = np.array(metres_per_degree(float(point[1])))
        near = (g for g in groups if np.hypot(*((np.mean(g, axis=0) - point) * scale)) <= ONE_CROSSING_M)
        group = next(near, None)
        if group is not None:
            group.append(point)
        elif len(groups) < MAX_OF_A_PAIR:
            groups.append([point])
    middles = [np.mean(group, axis=0) for group in groups]
    return [(float(middle[0]), float(middle[1])) for middle in middles]
