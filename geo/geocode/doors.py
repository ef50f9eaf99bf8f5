"""Find a house number on one street: the door itself, its range, its suffix, or its place between its neighbours."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import shapely

from geo.crs import metres_per_degree, near_m
from geo.domain.words import MatchQuality
from geo.geocode import candidates as make
from geo.geocode.numbers import HYPHENED, NO_NUMBER, hyphen_variants, range_holds, without_suffix
from geo.geocode.score import fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapely import LineString, MultiLineString

    from geo.domain.place import Candidate, Fault
    from geo.geocode.gazetteer import Door, NumberRange
    from geo.geocode.hits import Hit
    from geo.geocode.parse import ParsedAddress

MAX_GAP_M: Final = 800.0
"""Neighbours farther apart say nothing about what lies between them."""
SURE_GAP_M: Final = 120.0
"""Up to here a number between two neighbours may be placed without a person."""
IRREGULAR_M: Final = 60.0
"""Where the neighbours themselves would be placed this wrongly by theirs, numbers do not follow the street."""
NEAREST_M: Final = 100.0
NEAREST: Final = 8
"""A number this far beyond the last one is offered at that door, for a person to decide."""
_OFF_LINE_M: Final = 100.0
RANGE_M: Final = 120.0
"""How far the doors of a range of numbers usually lie from where the range puts them."""


def at_number(parsed: ParsedAddress, hit: Hit, doors: Sequence[Door]) -> list[Candidate]:
    """List the candidates for a number on a street.

    Parameters
    ----------
    parsed, hit
        What was typed, and the street it may mean; its reading must have a number.
    doors
        Those of the street whose numbers begin with the same digits, or with a hyphen more or less.

    Returns
    -------
    list of Candidate
        Of the first kind that exists: the very number, a range that holds it, the number with a hyphen more or less,
        the number with another suffix. Empty if none does.
    """
    numbers = hit.reading.numbers
    for number in numbers:
        same = [door for door in doors if door.number_key == number]
        if same:
            return make.at_doors(parsed, hit, same, _read_otherwise(numbers[0], number))
    plain = numbers[-1]
    if plain.isdigit():
        ranged = [door for door in doors if range_holds(door.number_key, int(plain))]
        if ranged:
            return make.at_doors(parsed, hit, ranged, (fault("number.range"),))
    variants = hyphen_variants(plain)
    hyphened = [door for door in doors if door.number_key in variants] if variants else []
    if hyphened:
        return make.at_doors(parsed, hit, hyphened, (fault("number.hyphen_assumed"),))
    bare = without_suffix(plain)
    suffixed = [door for door in doors if without_suffix(door.number_key) == bare]
    return make.at_doors(parsed, hit, suffixed, (fault("number.suffix"),)) if suffixed else []


def _read_otherwise(typed: str, number: str) -> tuple[Fault, ...]:
    """Name what was left out of a number to find its door."""
    if typed == number:
        return ()
    if typed.replace("-", "") == number:
        return (fault("number.hyphen_assumed"),)
    if " 1/2" in typed:
        return (fault("number.suffix"),)
    return (fault("number.range" if "-" in typed or "/" in typed else "number.stair_ignored"),)


def between_hyphened(
    parsed: ParsedAddress, hit: Hit, doors: Sequence[Door], line: MultiLineString | None = None
) -> list[Candidate]:
    """Place a number such as 216-17 between 216-15 and 216-19, which stand behind the same cross street.

    Parameters
    ----------
    doors
        Those whose numbers begin with the same digits.
    """
    typed = HYPHENED.fullmatch(hit.reading.numbers[0])
    if typed is None:
        return []
    parted = ((door, HYPHENED.fullmatch(door.number_key)) for door in doors)
    block = [door._replace(number_int=int(found[2])) for door, found in parted if found and found[1] == typed[1]]
    return _bracketed(parsed, hit, int(typed[2]), block, line)


def between(parsed: ParsedAddress, hit: Hit, doors: Sequence[Door], line: MultiLineString | None) -> list[Candidate]:
    """Place a number between its neighbours of the same parity, along the street's line where there is one.

    Parameters
    ----------
    doors
        The nearest on either side.
    line
        The street's line, WGS 84.

    Returns
    -------
    list of Candidate
        One for each town in which the street has neighbours on both sides; or, where the number lies just beyond
        the last door, that door, for a person to decide.
    """
    if not hit.reading.numbers[-1].isdigit() or hit.number != int(hit.reading.numbers[-1]):
        return []
    return _bracketed(parsed, hit, hit.number, doors, line) or _nearest(parsed, hit, doors)


def _bracketed(
    parsed: ParsedAddress, hit: Hit, number: int, doors: Sequence[Door], line: MultiLineString | None
) -> list[Candidate]:
    made: list[Candidate] = []
    for low, high in _brackets(doors, number):
        gap_m = near_m(low.lon, low.lat, high.lon, high.lat)
        if gap_m > MAX_GAP_M:
            continue
        lon, lat = _place_between(low, high, number, line)
        faults = [fault("number.interpolated"), *([fault("number.wide_gap")] if gap_m > SURE_GAP_M else [])]
        if _misplaced_m(doors, low, high) > IRREGULAR_M:
            faults.append(fault("number.irregular"))
        made.append(make.interpolated(parsed, hit, low, (lon, lat), max(make.MIN_GAP_M, gap_m / 2), faults))
    return made


def in_ranges(parsed: ParsedAddress, hit: Hit, ranges: Sequence[NumberRange]) -> list[Candidate]:
    """Place a number within the ranges that hold it, evenly along their line."""
    plain = hit.reading.numbers[-1]
    if not plain.isdigit():
        return []
    made = []
    for found in ranges:
        share = (hit.number - found.low) / max(1, found.high - found.low)
        along = 1 - share if found.is_reversed else share
        point = found.line.interpolate(along, normalized=True)
        faults = [fault("number.interpolated"), fault("number.wide_gap")]
        length_m = _length_m(found.line)
        uncertainty_m = max(RANGE_M, length_m / 2)
        made.append(make.interpolated(parsed, hit, found, (point.x, point.y), uncertainty_m, faults))
    return made


def _length_m(line: LineString) -> float:
    east, north = metres_per_degree(line.centroid.y)
    scaled: float = shapely.transform(line, lambda xy: xy * (east, north)).length
    return scaled


def _nearest(parsed: ParsedAddress, hit: Hit, doors: Sequence[Door]) -> list[Candidate]:
    near = [door for door in doors if abs(door.number_int - hit.number) <= NEAREST]
    if not near:
        return []
    best = min(near, key=lambda door: abs(door.number_int - hit.number))
    at, near_it = (best.lon, best.lat), [fault("number.nearest")]
    return [make.interpolated(parsed, hit, best, at, NEAREST_M, near_it, MatchQuality.STREET)]


def _brackets(doors: Sequence[Door], number: int) -> Iterator[tuple[Door, Door]]:
    """Pair the nearest numbers below and above, town by town: one name may be several streets."""
    towns: dict[str | None, list[Door]] = defaultdict(list)
    for door in doors:
        if door.number_int != NO_NUMBER and (door.number_int - number) % 2 == 0:
            towns[door.postcode or door.locality].append(door)
    for here in towns.values():
        below = [door for door in here if door.number_int < number]
        above = [door for door in here if door.number_int > number]
        if below and above:
            yield _nearest_pair(below, above)


def _nearest_pair(below: Sequence[Door], above: Sequence[Door]) -> tuple[Door, Door]:
    last, first = max(d.number_int for d in below), min(d.number_int for d in above)
    lows, highs = [d for d in below if d.number_int == last], [d for d in above if d.number_int == first]
    # a number may have several doors far apart; those that are neighbours are meant
    return min(((a, b) for a in lows for b in highs), key=lambda pair: _apart(*pair))


def _misplaced_m(doors: Sequence[Door], low: Door, high: Door) -> float:
    """Place each of two neighbours by the other and the one beyond, and measure how far off the worse one is."""
    town = low.postcode or low.locality
    here = [door for door in doors if (door.postcode or door.locality) == town]
    below = max((d for d in here if d.number_int < low.number_int), key=lambda d: d.number_int, default=None)
    above = min((d for d in here if d.number_int > high.number_int), key=lambda d: d.number_int, default=None)
    before = _off_m(below, low, high) if below else 0.0
    return max(before, _off_m(low, high, above) if above else 0.0)


def _off_m(one: Door, between: Door, other: Door) -> float:
    share = (between.number_int - one.number_int) / (other.number_int - one.number_int)
    lon, lat = one.lon + share * (other.lon - one.lon), one.lat + share * (other.lat - one.lat)
    return near_m(lon, lat, between.lon, between.lat)


def _apart(one: Door, other: Door) -> float:
    return near_m(one.lon, one.lat, other.lon, other.lat)


def _place_between(low: Door, high: Door, number: int, line: MultiLineString | None) -> tuple[float, float]:
    share = (number - low.number_int) / (high.number_int - low.number_int)
    straight = low.lon + share * (high.lon - low.lon), low.lat + share * (high.lat - low.lat)
    return (_along(low, high, share, line) if line is not None else None) or straight


def _along(low: Door, high: Door, share: float, line: MultiLineString) -> tuple[float, float] | None:
    """Go along the piece of the line that both neighbours stand at, as far beside it as they do."""
    scale = metres_per_degree(low.lat)
    ends = [shapely.Point(door.lon * scale[0], door.lat * scale[1]) for door in (low, high)]
    pieces = shapely.get_parts(shapely.transform(line, lambda xy: xy * scale))
    off = shapely.distance(pieces, ends[0]) + shapely.distance(pieces, ends[1])
    at = int(off.argmin())
    piece: LineString = pieces[at]
    if off[at] > 2 * _OFF_LINE_M:
        return None
    first, last = piece.project(ends[0]), piece.project(ends[1])
    where = first + share * (last - first)
    sides = [_beside(piece, end, along) for end, along in zip(ends, (first, last), strict=True)]
    foot = piece.interpolate(where)
    (ax, ay), aside = _direction(piece, where), sides[0] + share * (sides[1] - sides[0])
    return (foot.x - ay * aside) / scale[0], (foot.y + ax * aside) / scale[1]


def _direction(line: LineString, along: float) -> tuple[float, float]:
    a, b = line.interpolate(max(0.0, along - 1.0)), line.interpolate(min(line.length, along + 1.0))
    length = a.distance(b) or 1.0
    return (b.x - a.x) / length, (b.y - a.y) / length


def _beside(line: LineString, point: shapely.Point, along: float) -> float:
    """Measure how far to the left of the line a point is, in the line's units."""
    foot, (dx, dy) = line.interpolate(along), _direction(line, along)
    return float(dx * (point.y - foot.y) - dy * (point.x - foot.x))
