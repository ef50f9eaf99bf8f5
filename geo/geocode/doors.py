"""Find a house number among the doors of one street: itself, its range, its suffix, or its place between neighbours."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from geo.geocode import candidates as make
from geo.geocode.score import fault, metres_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.domain.place import Candidate, Fault
    from geo.geocode.gazetteer import Door
    from geo.geocode.parse import ParsedAddress
    from geo.geocode.readings import Reading

MAX_GAP_M: Final = 800.0
"""Neighbours farther apart say nothing about what lies between them."""
SURE_GAP_M: Final = 250.0
"""Up to here a number between two neighbours may be placed without a person."""
_MAX_RANGE: Final = 40
_RANGE: Final = re.compile(r"(\d{1,5})[a-z]?-(\d{1,5})[a-z]?")


def find_at_number(
    parsed: ParsedAddress, reading: Reading, doors: Sequence[Door], faults: Sequence[Fault]
) -> list[Candidate]:
    """List the candidates for a number on a street.

    Parameters
    ----------
    parsed, reading
        What was typed, and how it is read here; it must have a number.
    doors
        Those of the street with that number, and its neighbours.
    faults
        What is already held against the street.

    Returns
    -------
    list of Candidate
        Of the first kind that exists: the very number, a range that holds it, the number between its neighbours,
        the number with another suffix. Empty if none does.
    """
    for at, number in enumerate(reading.numbers):
        same = [door for door in doors if door.number_key == number]
        if same:
            stair = [fault("number.stair_ignored")] if at else []
            return make.at_doors(parsed, reading, same, [*faults, *stair])
    plain = reading.numbers[-1]
    if plain.isdigit():
        ranged = [door for door in doors if _holds(door.number_key, int(plain))]
        if ranged:
            return make.at_doors(parsed, reading, ranged, [*faults, fault("number.range")])
    suffixed = [door for door in doors if _digits(door.number_key) == _digits(plain)]
    if suffixed:
        return make.at_doors(parsed, reading, suffixed, [*faults, fault("number.suffix")])
    return _interpolate(parsed, reading, doors, faults) if plain.isdigit() else []


def _digits(number: str) -> str:
    # 216-17 and 216-19 are two houses, 12a and 12b may be one
    return number.rstrip("abcdefghijklmnopqrstuvwxyz")


def _holds(number: str, wanted: int) -> bool:
    found = _RANGE.fullmatch(number)
    if found is None:
        return False
    low, high = int(found[1]), int(found[2])
    return low <= wanted <= high <= low + _MAX_RANGE and (wanted - low) % 2 == 0


def _interpolate(
    parsed: ParsedAddress, reading: Reading, doors: Sequence[Door], faults: Sequence[Fault]
) -> list[Candidate]:
    number = reading.numbers[-1]
    made = []
    for low, high in _brackets(doors, int(number)):
        gap_m = metres_between(low.point, high.point)
        if gap_m <= MAX_GAP_M:
            wide = [fault("number.wide_gap")] if gap_m > SURE_GAP_M else []
            more = [*faults, fault("number.interpolated"), *wide]
            made.append(make.between_doors(parsed, reading, number, (low, high), gap_m, more))
    return made


def _brackets(doors: Sequence[Door], number: int) -> Iterable[tuple[Door, Door]]:
    """Pair the nearest numbers below and above, town by town: one name may be several streets."""
    towns: dict[str | None, list[Door]] = defaultdict(list)
    for door in doors:
        if door.number_int is not None and (door.number_int - number) % 2 == 0:
            towns[door.postcode or door.locality].append(door)
    for here in towns.values():
        below = [door for door in here if (door.number_int or 0) < number]
        above = [door for door in here if (door.number_int or 0) > number]
        if below and above:
            yield max(below, key=lambda d: d.number_int or 0), min(above, key=lambda d: d.number_int or 0)
