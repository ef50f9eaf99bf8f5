"""Travel time from distance: the straight line times a detour factor.

Stands in wherever no street graph is loaded, and says so in every output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.domain.travel import TravelModelInfo
from geo.domain.words import Mode
from geo.errors import InvalidInput
from geo.units import BICYCLE_M_PER_MIN, CAR_M_PER_MIN, WALK_M_PER_MIN, WHEELCHAIR_M_PER_MIN

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
        note = (
            f"Straight line times {self.detour:g}, at {SPEED_M_PER_MIN[Mode.WALK] * 0.06:g} km/h on foot; no streets."
        )
        return TravelModelInfo("straight_line", note)

    def minutes(self, straight_m: float, mode: Mode) -> float:
        """Estimate minutes for a straight-line distance in metres."""
        return straight_m * self.detour / SPEED_M_PER_MIN[mode]

    def reach_m(self, minutes: float, mode: Mode) -> float:
        """Give the straight-line distance in metres that is within so many minutes."""
        return minutes * SPEED_M_PER_MIN[mode] / self.detour


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
