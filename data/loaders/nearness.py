"""Stray shapes: those far from the middle of all others, or with longitude and latitude the wrong way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.crs import MAX_SPAN_DEG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

_NEAR_DEG: Final = MAX_SPAN_DEG / 2
_NULL_ISLAND_DEG: Final = 0.002


def find_strays(shapes: Sequence[BaseGeometry]) -> list[str | None]:
    """Say of each shape why it cannot lie where it does, if so.

    Parameters
    ----------
    shapes
        Not empty, WGS 84.

    Returns
    -------
    list of (str or None)
        ``too_far_from_the_rest`` more than three degrees from the middle of all, ``lon_lat_swapped`` if the other way
        round it would not be; ``coordinates_are_zero`` where a slip of a program puts things.
    """
    if not shapes:
        return []
    box = shapely.bounds(np.asarray(shapes, dtype=object))
    middle = np.median((box[:, :2] + box[:, 2:]) / 2, axis=0)

    def is_near(edges: np.ndarray) -> np.ndarray:
        low, high = middle - _NEAR_DEG, middle + _NEAR_DEG
        return np.asarray((edges[:, :2] >= low).all(axis=1) & (edges[:, 2:] <= high).all(axis=1))

    near, swapped = is_near(box), is_near(box[:, [1, 0, 3, 2]])
    zero = np.abs(box).sum(axis=1) < _NULL_ISLAND_DEG
    return [
        "coordinates_are_zero" if nil else None if good else "lon_lat_swapped" if turned else "too_far_from_the_rest"
        for nil, good, turned in zip(zero, near, swapped, strict=True)
    ]
