"""Whether something is near something else, in true metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.crs import geodesic_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.domain.place import Point


def any_within(point: Point, others: Sequence[Point], radius_m: float) -> bool:
    """Tell whether one of ``others`` lies less than ``radius_m`` metres from a point."""
    if not others:
        return False
    lons, lats = [other.lon for other in others], [other.lat for other in others]
    return bool((geodesic_m(point.lon, point.lat, lons, lats) < radius_m).any())
