"""Turn what a gazetteer holds into candidates, each with the faults that set it apart from what was typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from geo.crs import near_m
from geo.domain.place import Candidate, Fault, Point
from geo.domain.words import MatchQuality
from geo.geocode.address_words import COUNTRIES, REGIONS
from geo.geocode.edits import count_edits
from geo.geocode.normalise import name_key
from geo.geocode.parse import ParsedAddress, postcode_key
from geo.geocode.reading import is_type
from geo.geocode.score import fault, score_of
from geo.geocode.street_names import split_key
from geo.geocode.street_words import COMPASS_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.geocode.gazetteer import Crossing, Door, NamedPlace, NumberRange, PostcodeArea, StreetMiddle
    from geo.geocode.hits import Hit
    from geo.geocode.reading import Reading

ROOFTOP_M: Final = 15.0
SAME_DOOR_M: Final = 100.0
"""Points this near with one number are one address: a large building is known by each of its entrances."""
STAIR_M: Final = 30.0
MIN_GAP_M: Final = 20.0
MIN_STREET_M: Final = 50.0
CROSSING_M: Final = 20.0
PLACE_M: Final = 100.0
QUARTER_M: Final = 1_000.0
MAX_M: Final = 100_000.0
_QUARTERS: Final = frozenset({"suburb", "neighbourhood", "quarter", "city_block", "town", "city", "village", "borough"})
_TOWNS: Final = frozenset({"town", "city", "village", "municipality"})
_TOWN_EDITS: Final = 2
_ROUGH: Final = frozenset({"number.stair_ignored", "number.range", "number.suffix"})


def make_candidate(
    point: Point,
    label: str,
    quality: MatchQuality,
    uncertainty_m: float,
    source: str,
    faults: Iterable[Fault],
    postcode: str | None = None,
    locality: str | None = None,
) -> Candidate:
    """Make a candidate with its score; ``uncertainty_m`` is held within what a location may carry."""
    kept = tuple(faults)
    return Candidate(
        point, label, quality, round(min(uncertainty_m, MAX_M), 1), score_of(kept), source, kept, postcode, locality
    )


def label_of(street: str, key: str, number: str | None, postcode: str | None, locality: str | None) -> str:
    """Write an address the way its place writes them: the number first where streets have English types."""
    parts = (number, street) if split_key(key).type else (street, number)
    line = " ".join(part for part in parts if part)
    town = " ".join(part for part in (postcode, locality) if part)
    return f"{line}, {town}" if town else line


def at_doors(parsed: ParsedAddress, hit: Hit, doors: Sequence[Door], faults: Iterable[Fault]) -> list[Candidate]:
    """Make the candidates for doors that exist, the points of one building together."""
    known = (*hit.faults, *faults)
    if len(doors) == 1:
        return [_at_door(parsed, hit, doors[0], 0.0, known)]
    return [_at_door(parsed, hit, door, spread_m, known) for door, spread_m in merge_doors(doors)]


def merge_doors(doors: Sequence[Door]) -> list[tuple[Door, float]]:
    """Bring the points of one address together.

    Parameters
    ----------
    doors
        In the gazetteer's order, the surest point of an address first.

    Returns
    -------
    list of (Door, float)
        The first point of each address, and how far the others of the same address are from it in metres; a large
        building carries its number at every entrance. Points more than ``SAME_DOOR_M`` apart, or with different
        postcodes, stay different places.
    """
    merged: list[tuple[Door, float]] = []
    for door in doors:
        for at, (first, spread_m) in enumerate(merged):
            away_m = near_m(first.lon, first.lat, door.lon, door.lat) if _same_address(first, door) else math.inf
            if away_m <= SAME_DOOR_M:
                whole = first._replace(postcode=first.postcode or door.postcode)
                merged[at] = (whole, max(spread_m, away_m))
                break
        else:
            merged.append((door, 0.0))
    return merged


def _same_address(one: Door, other: Door) -> bool:
    if (one.street_id, one.number_key) != (other.street_id, other.number_key):
        return False
    return not (one.postcode and other.postcode) or postcode_key(one.postcode) == postcode_key(other.postcode)


def _at_door(parsed: ParsedAddress, hit: Hit, door: Door, spread_m: float, faults: tuple[Fault, ...]) -> Candidate:
    all_faults = [*faults, *place_faults(parsed, hit, door.postcode, door.locality), *_typed_faults(parsed)]
    least_m = STAIR_M if any(f.name in _ROUGH for f in all_faults) else ROOFTOP_M
    label = label_of(hit.street.name, hit.street.key, door.number, door.postcode, door.locality)
    point = Point(door.lon, door.lat)
    uncertainty_m = max(least_m, spread_m)
    return make_candidate(
        point, label, MatchQuality.ROOFTOP, uncertainty_m, hit.street.source, all_faults, door.postcode, door.locality
    )


def interpolated(
    parsed: ParsedAddress,
    hit: Hit,
    beside: Door | NumberRange,
    place: tuple[float, float],
    uncertainty_m: float,
    faults: Iterable[Fault],
    quality: MatchQuality = MatchQuality.INTERPOLATED,
) -> Candidate:
    """Make the candidate for a number that is no door, at ``place`` (longitude, latitude), named like ``beside``."""
    town = place_faults(parsed, hit, beside.postcode, beside.locality)
    all_faults = [*hit.faults, *faults, *town, *_typed_faults(parsed)]
    number = hit.reading.numbers[-1].upper()
    label = label_of(hit.street.name, hit.street.key, number, beside.postcode, beside.locality)
    where = (beside.postcode, beside.locality)
    return make_candidate(Point(*place), label, quality, uncertainty_m, hit.street.source, all_faults, *where)


def on_street(parsed: ParsedAddress, hit: Hit, middle: StreetMiddle) -> Candidate:
    """Make the candidate for a street as a whole; its uncertainty reaches to its farther end."""
    street = hit.street
    missing = [fault("number.missing")] if parsed.number else []
    missing += [fault("crossing.missing")] if parsed.crossings else []
    if hit.reading.rest and not parsed.number and street.locality is None:
        missing.append(fault("words.unexplained"))
    town = place_faults(parsed, hit, None, street.locality)
    uncertainty_m = max(MIN_STREET_M, middle.reach_m)
    label = label_of(street.name, street.key, None, None, street.locality)
    faults = [*hit.faults, *missing, *town]
    return make_candidate(
        middle.point, label, MatchQuality.STREET, uncertainty_m, street.source, faults, None, street.locality
    )


def at_crossing(parsed: ParsedAddress, crossing: Crossing, rest: str | None, faults: Iterable[Fault]) -> Candidate:
    """Make the candidate for a place where two streets meet."""
    town = crossing.first.locality or crossing.second.locality
    typed = _town_key(parsed.locality or rest)
    agrees = _compare_towns(typed, name_key(town or ""), agrees=False)
    label = f"{crossing.first.name} / {crossing.second.name}"
    label = f"{label}, {town}" if town else label
    return make_candidate(
        crossing.point, label, MatchQuality.INTERSECTION, CROSSING_M, crossing.first.source, [*faults, *agrees]
    )


def left_over(parsed: ParsedAddress, *explained: str) -> list[Fault]:
    """Name it if something was typed that neither these words nor the town, the region or the country explain."""
    typed = (*explained, parsed.locality or "", parsed.postcode or "")
    known = {word for text in typed for word in name_key(text).split()}
    words = name_key(parsed.raw).split()
    joined = "".join(known)
    spare = (word for word in words if word not in known and word not in joined and word not in REGIONS | COUNTRIES)
    return [fault("words.unexplained")] if any(spare) else []


def at_place(parsed: ParsedAddress, place: NamedPlace, faults: Iterable[Fault], *, spread_m: float = 0.0) -> Candidate:
    """Make the candidate for a named place, of which parts lie up to ``spread_m`` metres away."""
    instead = [fault("place.instead_of_street")] if parsed.number else []
    quality = MatchQuality.LOCALITY if place.kind in _TOWNS else MatchQuality.PLACE
    uncertainty_m = (QUARTER_M if place.kind in _QUARTERS else PLACE_M) + spread_m
    return make_candidate(place.point, place.name, quality, uncertainty_m, place.source, [*faults, *instead])


def in_postcode(parsed: ParsedAddress, area: PostcodeArea) -> Candidate:
    """Make the candidate for a postcode, which is an answer only where no street was asked for."""
    faults = (
        [fault("postcode.instead_of_street")]
        if parsed.street or (not parsed.is_po_box and left_over(parsed, parsed.postcode or ""))
        else []
    )
    box = [fault("po_box")] if parsed.is_po_box else []
    return make_candidate(area.point, area.postcode, MatchQuality.POSTCODE, area.radius_m, area.source, [*faults, *box])


def _typed_faults(parsed: ParsedAddress) -> list[Fault]:
    unit = [fault("unit.ignored")] if parsed.unit else []
    if any(mark.is_near and any(c.isdigit() for c in mark.name) for mark in parsed.landmarks):
        unit.append(fault("place.near"))
    return [*unit, fault("po_box")] if parsed.is_po_box else unit


def place_faults(parsed: ParsedAddress, hit: Hit, postcode: str | None, locality: str | None) -> tuple[Fault, ...]:
    """Name what is different between the postcode and town typed and those of a candidate."""
    reading = hit.reading
    known = postcode_key(postcode) if postcode else None
    agrees = bool(known) and parsed.postcode == known
    conflict = (fault("postcode.conflict"),) if parsed.postcode and known and not agrees else ()
    typed = _town_key(parsed.locality or reading.rest)
    here = name_key(locality or "")
    way, _, after = typed.partition(" ")
    if way in COMPASS_KEYS and after and not here.startswith(way):
        # "Gorge Rd W, Victoria" without a comma: the street has another side than the one typed, or none
        conflict, typed = (*conflict, fault("compass.conflict")), after
    town = _compare_towns(typed, here, agrees=agrees)
    if not agrees and (not typed or not here or town) and _is_doubtful(hit):
        conflict = (*conflict, fault("street.unconfirmed"))
    if _is_unexplained(parsed, reading, here) or (reading.is_loose and (not locality or town)):
        return (*conflict, fault("words.unexplained"))
    return (*conflict, *town)


def _is_doubtful(hit: Hit) -> bool:
    return any(f.name == "street.doubtful_spelling" for f in hit.faults)


def _is_unexplained(parsed: ParsedAddress, reading: Reading, known: str) -> bool:
    """Tell whether what follows the street is neither its town nor nothing: "Piney Grove" leaves the "Lane"."""
    rest = _town_key(reading.rest)
    if not rest or rest in (known, _town_key(parsed.locality)):
        return False
    return parsed.locality is not None or is_type(rest.split()[0])


def _town_key(text: str | None) -> str:
    words = name_key(text or "").split()
    while words and words[-1] in REGIONS:
        words.pop()
    return " ".join(words)


def _compare_towns(typed: str, known: str, *, agrees: bool) -> tuple[Fault, ...]:
    if not typed or not known or typed == known:
        return ()
    if count_edits(typed, known, _TOWN_EDITS) <= _TOWN_EDITS:
        return (fault("locality.misspelt"),)
    related = typed.startswith(known) or known.startswith(typed) or typed.endswith(known)
    return (fault("locality.other_name" if agrees or related else "locality.conflict"),)
