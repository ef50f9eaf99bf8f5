"""Travel time from distance: the straight line times a detour factor.

Stands in wherever no street graph is loaded, and says so in every output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from shapely.geometry import MultiPolygon

from geo.crs import circle_around, geodesic_m
from geo.domain.reasons import Reason, ReasonCode
from geo.domain.travel import TravelModelInfo
from geo.domain.words import Mode
from geo.errors import InvalidInput
from geo.units import BICYCLE_M_PER_MIN, CAR_M_PER_MIN, WALK_M_PER_MIN, WHEELCHAIR_M_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from geo.domain.reasons import Parts

DETOUR_FACTOR: Final = 1.3
"""How much longer the way is than the straight line.

Between the 1.2 to 1.4 found for street networks: Ballou, Rahardja and Sakai 2002 (doi:10.1016/S0965-8564(01)00044-1)
and, for the way to hospitals, Boscoe, Henry and Zdeb 2012 (doi:10.1080/00330124.2011.583586).
"""
SPEED_M_PER_MIN: Final = {
    Mode.WALK: WALK_M_PER_MIN,
    Mode.WHEELCHAIR: WHEELCHAIR_M_PER_MIN,
    Mode.BICYCLE: BICYCLE_M_PER_MIN,
    Mode.CAR: CAR_M_PER_MIN,
}
MIN_STANDARD_MIN, MAX_STANDARD_MIN = 1.0, 240.0


@dataclass(frozen=True, slots=True)
class StraightLineTravel:
    """Minutes as straight-line metres times ``detour`` over a fixed speed for each mode."""

    detour: float = DETOUR_FACTOR

    @property
    def info(self) -> TravelModelInfo:
        """How this model is named in outputs."""
        how = Reason(ReasonCode.STRAIGHT_LINE, self.parts)
        return TravelModelInfo("straight_line", (how,), f"straight-{self.detour:g}")

    @property
    def parts(self) -> Parts:
        """What is told of it: the detour factor, and kilometres an hour on foot."""
        return {"detour": self.detour, "walk_kmh": round(SPEED_M_PER_MIN[Mode.WALK] * 0.06, 2)}

    def minutes(self, straight_m: float, mode: Mode) -> float:
        """Estimate minutes for a straight-line distance in metres."""
        return straight_m * self.detour / SPEED_M_PER_MIN[mode]

    def reach_m(self, minutes: float, mode: Mode) -> float:
        """Give the straight-line distance in metres that is within so many minutes."""
        return minutes * SPEED_M_PER_MIN[mode] / self.detour

    def matrix(
        self, sources: ArrayLike, targets: ArrayLike, mode: Mode, limit_min: float | None = None
    ) -> NDArray[np.float64]:
        """Measure on the ellipsoid from every source to every target; see :class:`geo.domain.travel.TravelModel`."""
        start, end = as_points(sources), as_points(targets)
        if not (len(start) and len(end)):
            return np.empty((len(start), len(end)))
        straight_m = geodesic_m(start[:, None, 0], start[:, None, 1], end[None, :, 0], end[None, :, 1])
        return cut_off(straight_m * self.detour / SPEED_M_PER_MIN[mode], limit_min)

    def pairs(self, sources: ArrayLike, targets: ArrayLike, mode: Mode) -> NDArray[np.float64]:
        """Measure from each source to the target beside it: shapes ``(n, 2)``, to minutes of shape ``(n,)``."""
        start, end = as_points(sources), as_points(targets)
        straight_m = geodesic_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
        return np.asarray(straight_m * self.detour / SPEED_M_PER_MIN[mode])

    def isochrones(
        self, points: ArrayLike, minutes: Sequence[float], mode: Mode, *, towards: bool = False
    ) -> list[list[MultiPolygon]]:
        """Draw circles; there and back are the same (see :class:`geo.domain.travel.TravelModel`)."""
        del towards
        radii_m = [self.reach_m(each, mode) for each in check_minutes(minutes)]
        return [
            [MultiPolygon([circle_around(lon, lat, radius_m)]) for radius_m in radii_m]
            for lon, lat in as_points(points).tolist()
        ]


def as_points(points: ArrayLike) -> NDArray[np.float64]:
    """Read longitudes and latitudes as an array of shape ``(n, 2)``.

    Raises
    ------
    InvalidInput
        Unless they are finite degrees.
    """
    found = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    # written so that what is not a number fails too
    if not (np.abs(found) <= (180.0, 90.0)).all():
        raise InvalidInput("points must be longitude and latitude in degrees", field="points")
    return found


def check_minutes(minutes: Sequence[float]) -> list[float]:
    """Refuse times that nothing can be drawn for.

    Raises
    ------
    InvalidInput
        Unless each lies above zero and within four hours.
    """
    if not all(0 < each <= MAX_STANDARD_MIN for each in minutes):
        raise InvalidInput("minutes must be above 0 and at most 240", field="minutes")
    return [float(each) for each in minutes]


def cut_off(travel_min: NDArray[np.float64], limit_min: float | None) -> NDArray[np.float64]:
    """Take ways longer than the limit for unreachable."""
    return travel_min if limit_min is None else np.where(travel_min <= limit_min, travel_min, np.inf)


def check_standard(standard_min: float) -> float:
    """Refuse a service standard nobody could mean.

    Raises
    ------
    InvalidInput
        Unless it lies between one minute and four hours.
    """
    if not MIN_STANDARD_MIN <= standard_min <= MAX_STANDARD_MIN:
        raise InvalidInput("the standard must be between 1 and 240 minutes", field="standard_min")
    return standard_min
