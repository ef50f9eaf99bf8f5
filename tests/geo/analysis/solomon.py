"""The first 25 customers of Solomon's C101 (1987, doi:10.1287/opre.35.2.254), with the optimum the literature gives.

Distances are cut off after one decimal, as those who proved the optimum do (Kohl and others 1999,
doi:10.1287/trsc.33.1.101): 191.3 with three vehicles of 200 units. A distance of one is a minute here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.domain.place import Point
from geo.domain.routing import Driver, RoutingAsked, StopAsked
from geo.domain.words import Mode

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

OPTIMUM_C101_25: Final = 191.3
SCALE: Final = 1000.0
"""Places are degrees here, and so small that their sums stay within the globe."""
CUSTOMERS: Final = (
    (45, 68, 10, 912, 967, 90), (45, 70, 30, 825, 870, 90), (42, 66, 10, 65, 146, 90), (42, 68, 10, 727, 782, 90),
    (42, 65, 10, 15, 67, 90), (40, 69, 20, 621, 702, 90), (40, 66, 20, 170, 225, 90), (38, 68, 20, 255, 324, 90),
    (38, 70, 10, 534, 605, 90), (35, 66, 10, 357, 410, 90), (35, 69, 10, 448, 505, 90), (25, 85, 20, 652, 721, 90),
    (22, 75, 30, 30, 92, 90), (22, 85, 10, 567, 620, 90), (20, 80, 40, 384, 429, 90), (20, 85, 40, 475, 528, 90),
    (18, 75, 20, 99, 148, 90), (15, 75, 20, 179, 254, 90), (15, 80, 10, 278, 345, 90), (30, 50, 10, 10, 73, 90),
    (30, 52, 20, 914, 965, 90), (28, 52, 20, 812, 883, 90), (28, 55, 10, 732, 777, 90), (25, 50, 10, 65, 144, 90),
    (25, 52, 40, 169, 224, 90),
)  # fmt: skip
DEPOT: Final = Point(40 / SCALE, 50 / SCALE)
CLOSES_MIN: Final = 1236.0


class PlaneTravel:
    """Distance in the plane as minutes, cut off after one decimal."""

    def matrix(
        self, sources: ArrayLike, targets: ArrayLike, mode: Mode, limit_min: float | None = None
    ) -> NDArray[np.float64]:
        del mode, limit_min
        start, end = np.asarray(sources) * SCALE, np.asarray(targets) * SCALE
        apart = np.hypot(start[:, None, 0] - end[None, :, 0], start[:, None, 1] - end[None, :, 1])
        return np.floor(apart * 10 + 1e-6) / 10

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


def c101_25() -> tuple[RoutingAsked, PlaneTravel]:
    stops = tuple(
        StopAsked(Point(x / SCALE, y / SCALE), demand, service, ready, due)
        for x, y, demand, ready, due, service in CUSTOMERS
    )
    driver = Driver(DEPOT, DEPOT, Mode.CAR, 0.0, CLOSES_MIN, 200)
    return RoutingAsked(stops, (driver,) * 6), PlaneTravel()
