"""Names for the units that figures carry, and the few conversions between them."""

from __future__ import annotations

from typing import Final

Metres = float
Minutes = float

EARTH_RADIUS_M: Final[Metres] = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""

WALK_M_PER_MIN: Final = 80.0
"""Walking speed, 4.8 km/h: the usual planning figure for adults on foot."""

WHEELCHAIR_M_PER_MIN: Final = 55.0
"""Speed in a manual wheelchair on pavements, 3.3 km/h."""

BICYCLE_M_PER_MIN: Final = 240.0
"""Everyday city cycling, 14.4 km/h."""

CAR_M_PER_MIN: Final = 400.0
"""Driving in town with lights and parking, 24 km/h."""

SECONDS_PER_MIN: Final = 60.0
