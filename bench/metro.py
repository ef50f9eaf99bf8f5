"""A made-up metropolis: quarters around hubs and a thin spread between them, larger the more points it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.crs import metric_crs, to_degrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

CENTRE_LON, CENTRE_LAT = 25.0, 60.5
"""Far enough north that a degree of longitude is half as long as one of latitude."""
FULL_SIZE: Final = 200_000
FULL_HALF_SIDE_M: Final = 15_000.0
FULL_HUBS: Final = 40
HUB_SPREAD_M: Final = 1_200.0
SHARE_BETWEEN: Final = 0.3


@dataclass(frozen=True, slots=True)
class Metro:
    """Where the hubs are, metres from the centre, and what share of the people each draws.

    The density is that of 200,000 points on 30 by 30 km whatever the size, so that growth is that of a larger
    town and not of a fuller one.
    """

    half_side_m: float
    hubs: FloatArray
    pull: FloatArray

    @classmethod
    def build(cls, size: int, rng: np.random.Generator) -> Metro:
        """Draw a metropolis for so many points."""
        scale = size / FULL_SIZE
        half = FULL_HALF_SIDE_M * scale**0.5
        hubs = max(1, round(FULL_HUBS * scale))
        return cls(half, rng.uniform(-0.8 * half, 0.8 * half, (hubs, 2)), rng.dirichlet(np.full(hubs, 2.0)))

    def scatter(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Draw points, metres from the centre, shape ``(count, 2)``."""
        at = self.hubs[rng.choice(len(self.hubs), count, p=self.pull)] + rng.normal(0, HUB_SPREAD_M, (count, 2))
        between = rng.random(count) < SHARE_BETWEEN
        at[between] = rng.uniform(-self.half_side_m, self.half_side_m, (int(between.sum()), 2))
        return at


def degrees_of(xy: FloatArray) -> FloatArray:
    """Place points of a metropolis on the globe: longitude and latitude, WGS 84, shape ``(n, 2)``."""
    return to_degrees(xy, metric_crs(CENTRE_LON, CENTRE_LAT))
