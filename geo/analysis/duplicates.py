"""How likely two requests are one, by adding up what each thing that is known of both says for and against it.

The model is that of record linkage (Fellegi and Sunter, "A Theory for Record Linkage", Journal of the American
Statistical Association 64, 1969): for each thing compared, the logarithm of how likely what is seen is if the two are
one request, over how likely it is if they are not. Places are compared with their uncertainty; a telephone number that
many requests bear says less (Winkler, "Frequency-Based Matching in the Fellegi-Sunter Model", 1989).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from geo.domain.duplicates import Asking, Likeness

if TYPE_CHECKING:
    from datetime import timedelta

THRESHOLD_BITS: Final = 14.0
"""From so many bits on two requests are shown to a person; the odds before are about one in a thousand."""
WITHIN_M: Final = 60.0
"""Farther apart, no two requests reach the threshold unless they name the same telephone number."""
PRECISE_M: Final = 30.0
"""A place that is known no better than this says nothing of which door it is."""

_AREA_M2: Final = 250_000.0
"""The neighbourhood from which another request might as well come."""
_LEAST_M: Final = 10.0
"""No place is known better: houses are as wide, and many live in one."""
_SIGMAS: Final = math.sqrt(-2 * math.log(0.05))
"""How many standard deviations of a two-dimensional normal distribution a radius spans that holds 95 of 100."""
_PLACE_MOST, _PLACE_LEAST = 10.0, -6.0
_SAME_UNIT, _OTHER_UNIT = 4.0, -8.0
_SAME_REACH, _OTHER_REACH = math.log2(0.9 * 5_000), math.log2(0.1)
_SAME_CATEGORY: Final = math.log2(0.95 / 0.2)
_OTHER_CATEGORY: Final = -40.0
"""A household that asks for food and for company has two needs, whatever else agrees."""
_TAU_D, _SPAN_D = 10.0, 90.0
_TIME_LEAST: Final = -4.0
_SIZE: Final = {0: math.log2(0.7 / 0.3), 1: math.log2(0.2 / 0.3)}
_OTHER_SIZE: Final = math.log2(0.1 / 0.4)
_UNSAID_SIZE: Final = math.log2(0.4 / 0.5)
"""One is also what stands where nobody said how many they are."""


def compare(one: Asking, other: Asking, distance_m: float | None) -> Likeness:
    """Compare two requests; it does not matter which is named first.

    Parameters
    ----------
    distance_m
        Metres between their places; none where one of them has no place.

    Returns
    -------
    Likeness
        Bits for and against their being one request. What is not known of both counts nothing.
    """
    return Likeness(
        place=_place(one.uncertainty_m, other.uncertainty_m, distance_m),
        unit=_unit(one, other),
        reach=_reach(one, other),
        category=_SAME_CATEGORY if one.category is other.category else _OTHER_CATEGORY,
        time=_time(abs(one.received_at - other.received_at)),
        household_size=_size(*sorted((one.household_size, other.household_size))),
    )


def _size(smaller: int, larger: int) -> float:
    if smaller == 1 < larger:
        return _UNSAID_SIZE
    return _SIZE.get(larger - smaller, _OTHER_SIZE)


def is_likely(found: Likeness) -> bool:
    """Tell whether a person should look at two requests."""
    return found.bits >= THRESHOLD_BITS


def same_door(uncertainty_m: float, other_m: float, distance_m: float, *, doors_per_km2: float = 2_000.0) -> float:
    """Give the probability that two places are one door, among all the doors that either might be.

    Parameters
    ----------
    uncertainty_m, other_m
        Radii in metres within which each is expected.
    distance_m
        Metres between them.
    doors_per_km2
        How close doors stand.
    """
    variance = _variance(uncertainty_m, other_m)
    here = math.exp(-(distance_m**2) / (2 * variance))
    return here / (here + 2 * math.pi * variance * doors_per_km2 / 1e6)


def _variance(uncertainty_m: float, other_m: float) -> float:
    return (max(uncertainty_m, _LEAST_M) / _SIGMAS) ** 2 + (max(other_m, _LEAST_M) / _SIGMAS) ** 2


def _place(uncertainty_m: float | None, other_m: float | None, distance_m: float | None) -> float:
    """Compare how often one place is found twice so far apart with how often two places of a neighbourhood are."""
    if uncertainty_m is None or other_m is None or distance_m is None:
        return 0.0
    variance = _variance(uncertainty_m, other_m)
    bits = math.log2(_AREA_M2 / (2 * math.pi * variance)) - distance_m**2 / (2 * variance * math.log(2))
    return min(max(bits, _PLACE_LEAST), _PLACE_MOST)


def _unit(one: Asking, other: Asking) -> float:
    """Compare flats: where both are named in a house that both surely are in."""
    if one.unit is None or other.unit is None or not (_is_precise(one) and _is_precise(other)):
        return 0.0
    return _SAME_UNIT if one.unit == other.unit else _OTHER_UNIT


def _is_precise(asking: Asking) -> bool:
    return asking.uncertainty_m is not None and asking.uncertainty_m <= PRECISE_M


def _reach(one: Asking, other: Asking) -> float:
    if one.reach is None or other.reach is None:
        return 0.0
    if one.reach != other.reach:
        return _OTHER_REACH
    return _SAME_REACH - math.log2(max(one.reach_count, other.reach_count, 2) - 1)


def _time(between: timedelta) -> float:
    days = between.total_seconds() / 86_400
    return max(math.log2(_SPAN_D / _TAU_D) - days / (_TAU_D * math.log(2)), _TIME_LEAST)
