"""Turn what a gazetteer holds into candidates, each with the faults that set it apart from what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.place import Candidate, Fault, Point
from geo.domain.words import MatchQuality
from geo.geocode.address_words import REGIONS
from geo.geocode.edits import count_edits
from geo.geocode.normalise import name_key
from geo.geocode.parse import ParsedAddress, postcode_key
from geo.geocode.readings import is_type
from geo.geocode.score import fault, score_of
from geo.geocode.street_names import split_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.geocode.gazetteer import Door, NamedPlace, PostcodeArea, StreetMiddle
    from geo.geocode.readings import Reading

ROOFTOP_M: Final = 15.0
STAIR_M: Final = 30.0
MIN_GAP_M: Final = 20.0
MIN_STREET_M: Final = 50.0
PLACE_M: Final = 100.0
QUARTER_M: Final = 1_000.0
MAX_M: Final = 100_000.0
_QUARTERS: Final = frozenset({"suburb", "neighbourhood", "quarter", "city_block", "town", "city", "village", "borough"})
_TOWNS: Final = frozenset({"town", "city", "village", "municipality"})
_TOWN_EDITS: Final = 2


def make_candidate(
    point: Point, label: str, quality: MatchQuality, uncertainty_m: float, source: str, faults: Iterable[Fault]
) -> Candidate:
    """Make a candidate with its score; ``uncertainty_m`` is held within what a location may carry."""
    kept = tuple(faults)
    return Candidate(point, label, quality, round(min(uncertainty_m, MAX_M), 1), score_of(kept), source, kept)


def label_of(street: str, key: str, number: str | None, postcode: str | None, locality: str | None) -> str:
    """Write an address the way its place writes them: the number first where streets have English types."""
    parts = (number, street) if split_key(key).type else (street, number)
    line = " ".join(part for part in parts if part)
    town = " ".join(part for part in (postcode, locality) if part)
    return f"{line}, {town}" if town else line


def at_door(parsed: ParsedAddress, reading: Reading, door: Door, faults: Iterable[Fault]) -> Candidate:
    """Make the candidate for a door that exists."""
    all_faults = [*faults, *place_faults(parsed, reading, door.postcode, door.locality), *_typed_faults(parsed)]
    rough = any(f.name in ("number.stair_ignored", "number.range", "number.suffix") for f in all_faults)
    label = label_of(door.street, door.street_key, door.number, door.postcode, door.locality)
    return make_candidate(
        door.point, label, MatchQuality.ROOFTOP, STAIR_M if rough else ROOFTOP_M, door.source, all_faults
    )


def between_doors(
    parsed: ParsedAddress,
    reading: Reading,
    number: str,
    doors: tuple[Door, Door],
    gap_m: float,
    faults: Iterable[Fault],
) -> Candidate:
    """Make the candidate for a number that is missing between two doors ``gap_m`` metres apart."""
    low, high = doors
    share = (int(number) - (low.number_int or 0)) / max(1, (high.number_int or 0) - (low.number_int or 0))
    point = Point(
        low.point.lon + share * (high.point.lon - low.point.lon),
        low.point.lat + share * (high.point.lat - low.point.lat),
    )
    all_faults = [*faults, *place_faults(parsed, reading, low.postcode, low.locality), *_typed_faults(parsed)]
    label = label_of(low.street, low.street_key, number, low.postcode, low.locality)
    return make_candidate(point, label, MatchQuality.INTERPOLATED, max(MIN_GAP_M, gap_m / 2), low.source, all_faults)


def on_street(parsed: ParsedAddress, reading: Reading, street: StreetMiddle, faults: Iterable[Fault]) -> Candidate:
    """Make the candidate for a street as a whole; its uncertainty is half its length."""
    missing = [fault("number.missing")] if parsed.number else []
    town = place_faults(parsed, reading, None, street.locality)
    uncertainty_m = max(MIN_STREET_M, street.length_m / 2)
    label = label_of(street.name, street.key, None, None, street.locality)
    return make_candidate(
        street.point, label, MatchQuality.STREET, uncertainty_m, street.source, [*faults, *missing, *town]
    )


def at_place(parsed: ParsedAddress, place: NamedPlace, faults: Iterable[Fault]) -> Candidate:
    """Make the candidate for a named place."""
    instead = [fault("place.instead_of_street")] if parsed.number else []
    quality = MatchQuality.LOCALITY if place.kind in _TOWNS else MatchQuality.PLACE
    uncertainty_m = QUARTER_M if place.kind in _QUARTERS else PLACE_M
    return make_candidate(place.point, place.name, quality, uncertainty_m, place.source, [*faults, *instead])


def in_postcode(parsed: ParsedAddress, area: PostcodeArea) -> Candidate:
    """Make the candidate for a postcode, which is an answer only where no street was asked for."""
    faults = [fault("postcode.instead_of_street")] if parsed.street else []
    box = [fault("po_box")] if parsed.is_po_box else []
    return make_candidate(area.point, area.postcode, MatchQuality.POSTCODE, area.radius_m, area.source, [*faults, *box])


def _typed_faults(parsed: ParsedAddress) -> list[Fault]:
    unit = [fault("unit.ignored")] if parsed.unit else []
    return [*unit, fault("po_box")] if parsed.is_po_box else unit


def place_faults(
    parsed: ParsedAddress, reading: Reading, postcode: str | None, locality: str | None
) -> tuple[Fault, ...]:
    """Name what is different between the postcode and town typed and those of a candidate."""
    known = postcode_key(postcode) if postcode else None
    agrees = bool(known) and parsed.postcode == known
    conflict = (fault("postcode.conflict"),) if parsed.postcode and known and not agrees else ()
    typed = _town_key(parsed.locality or reading.rest)
    town = _compare_towns(typed, name_key(locality or ""), agrees=agrees)
    if _is_unexplained(parsed, reading, name_key(locality or "")) or (reading.is_loose and (not locality or town)):
        return (*conflict, fault("words.unexplained"))
    return (*conflict, *town)


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
