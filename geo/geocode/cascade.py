"""From parsed addresses to candidates: exact doors first, then streets spelt alike, then coarser places.

Every step asks the gazetteer once for a whole batch, so a thousand addresses cost as many questions as one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geo.domain.words import MatchQuality
from geo.geocode import candidates as make
from geo.geocode.doors import find_at_number
from geo.geocode.edits import count_edits
from geo.geocode.normalise import name_key
from geo.geocode.parse import ParsedAddress, parse_address, postcode_key
from geo.geocode.score import CONFLICTS, RIVAL_MARGIN, decide, fault
from geo.geocode.street_names import compare_streets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.domain.place import Candidate, Fault, GeocodeResult
    from geo.geocode.gazetteer import Door, Gazetteer
    from geo.geocode.readings import Reading

MAX_FUZZY_READINGS: Final = 5
MAX_HITS: Final = 6
_PLACE_EDITS: Final = 2
_MIN_PLACE: Final = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A street that may be the one that was typed."""

    reading: Reading
    key: str
    faults: tuple[Fault, ...]

    @property
    def penalty(self) -> int:
        """What its faults cost."""
        return sum(f.penalty for f in self.faults)

    @property
    def number(self) -> int | None:
        """The digits the typed number begins with."""
        return leading_int(self.reading.numbers[0]) if self.reading.numbers else None


@dataclass(slots=True)
class Lookup:
    """One address on its way through the steps."""

    parsed: ParsedAddress
    found: list[Candidate] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        """Whether a door was found that contradicts nothing typed."""
        return any(
            c.match_quality is MatchQuality.ROOFTOP and not any(f.name in CONFLICTS for f in c.faults)
            for c in self.found
        )


def leading_int(number: str) -> int | None:
    """Read the digits a number key begins with; at most nine."""
    digits = number[: len(number) - len(number.lstrip("0123456789"))][:9]
    return int(digits) if digits else None


def geocode_batch(gazetteer: Gazetteer, texts: Sequence[str]) -> list[GeocodeResult]:
    """Geocode addresses together.

    Parameters
    ----------
    gazetteer
        Where to look.
    texts
        Addresses as typed.

    Returns
    -------
    list of GeocodeResult
        One for each text, in order.
    """
    lookups = [Lookup(parse_address(text)) for text in texts]
    area = gazetteer.service_area()
    find_points(lookups)
    find_doors(gazetteer, lookups)
    pending = [lookup for lookup in lookups if not lookup.is_settled and lookup.parsed.point is None]
    find_streets(gazetteer, pending)
    find_numbers(gazetteer, pending)
    find_middles(gazetteer, [lookup for lookup in pending if not lookup.found])
    find_places(gazetteer, [lookup for lookup in pending if not lookup.found])
    find_postcodes(gazetteer, [lookup for lookup in pending if not lookup.found])
    return [decide(lookup.found, area) for lookup in lookups]


def find_points(lookups: Iterable[Lookup]) -> None:
    """Answer those who typed coordinates."""
    for lookup in lookups:
        point = lookup.parsed.point
        if point is not None:
            label = f"{point.lat:.5f}, {point.lon:.5f}"
            lookup.found.append(make.make_candidate(point, label, MatchQuality.MANUAL, make.ROOFTOP_M, "typed", ()))


def find_doors(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Look up every reading exactly."""
    wanted = {
        (reading.street_key, number)
        for lookup in lookups
        for reading in lookup.parsed.readings
        for number in reading.numbers
    }
    doors: dict[tuple[str, str], list[Door]] = defaultdict(list)
    for door in gazetteer.doors_at(wanted) if wanted else ():
        doors[door.street_key, door.number_key].append(door)
    for lookup in lookups:
        for reading in lookup.parsed.readings:
            lookup.found += _exact(lookup.parsed, reading, doors)


def _exact(parsed: ParsedAddress, reading: Reading, doors: dict[tuple[str, str], list[Door]]) -> Iterable[Candidate]:
    for at, number in enumerate(reading.numbers):
        here = doors.get((reading.street_key, number))
        if here:
            faults = [fault("number.stair_ignored")] if at else []
            return make.at_doors(parsed, reading, here, faults)
    return []


def find_streets(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Find the streets each address may mean, by spelling and by having the number."""
    readings = [(lookup, r) for lookup in lookups for r in lookup.parsed.readings[:MAX_FUZZY_READINGS]]
    keys = {reading.street_key for _, reading in readings}
    numbered = {(r.street_key, n) for _, r in readings if r.numbers and (n := leading_int(r.numbers[0])) is not None}
    alike = gazetteer.streets_like(keys) if keys else {}
    having = gazetteer.streets_with_number(numbered) if numbered else {}
    for lookup, reading in readings:
        key = reading.street_key
        number = leading_int(reading.numbers[0]) if reading.numbers else None
        near = {*alike.get(key, ()), *(having.get((key, number), ()) if number is not None else ())}
        lookup.hits += _choose_hits(reading, near)


def _choose_hits(reading: Reading, keys: Iterable[str]) -> list[Hit]:
    compared = ((key, compare_streets(reading.street_key, key)) for key in keys)
    hits = sorted(
        (Hit(reading, key, faults) for key, faults in compared if faults is not None), key=lambda h: (h.penalty, h.key)
    )
    if hits and not hits[0].faults:
        # the name as typed exists, so it is no slip for another
        hits = [hit for hit in hits if not any(f.name == "street.misspelt" for f in hit.faults)]
    return [_warn(hit, hits) for hit in hits[:MAX_HITS]]


def _warn(hit: Hit, hits: Sequence[Hit]) -> Hit:
    """Say so if a second street is as near to what was typed."""
    slips = {"street.misspelt": 1, "type.missing": 0, "compass.missing": 0}
    reach = max((slips[f.name] for f in hit.faults if f.name in slips), default=None)
    if reach is None:
        return hit
    limit = hit.penalty + reach * (RIVAL_MARGIN + 1)
    if any(other.key != hit.key and other.penalty <= limit for other in hits):
        return Hit(hit.reading, hit.key, (*hit.faults, fault("street.similar_name_near")))
    return hit


def find_numbers(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Look for the number on each street that may be meant, or between its neighbours."""
    wanted = {(hit.key, hit.number) for lookup in lookups for hit in lookup.hits if hit.number is not None}
    pairs = {(key, number) for key, number in wanted if number is not None}
    by_street: dict[str, list[Door]] = defaultdict(list)
    for door in gazetteer.doors_around(pairs) if pairs else ():
        by_street[door.street_key].append(door)
    for lookup in lookups:
        for hit in lookup.hits:
            if hit.reading.numbers:
                faults = hit.faults
                lookup.found += find_at_number(lookup.parsed, hit.reading, by_street.get(hit.key, []), faults)


def find_middles(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer whole streets where no door was found."""
    keys = {hit.key for lookup in lookups for hit in lookup.hits}
    middles = defaultdict(list)
    for middle in gazetteer.street_middles(keys) if keys else ():
        middles[middle.key].append(middle)
    for lookup in lookups:
        for hit in lookup.hits:
            if not (lookup.parsed.number and not hit.reading.numbers):
                lookup.found += [make.on_street(lookup.parsed, hit.reading, m, hit.faults) for m in middles[hit.key]]


def find_places(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer named places for what was no street."""
    names = {id(lookup): _place_names(lookup.parsed) for lookup in lookups}
    keys = {key for found in names.values() for key in found}
    alike = gazetteer.places_like(keys) if keys else {}
    for lookup in lookups:
        for key in names[id(lookup)]:
            for place in alike.get(key, ()):
                edits = count_edits(key, place.key, _PLACE_EDITS)
                if edits == 0 or (edits <= _PLACE_EDITS and min(len(key), len(place.key)) >= _MIN_PLACE):
                    faults = [fault("place.misspelt", edits)] if edits else []
                    lookup.found.append(make.at_place(lookup.parsed, place, faults))


def _place_names(parsed: ParsedAddress) -> set[str]:
    names = {name_key(reading.street) for reading in parsed.readings}
    if not parsed.readings and parsed.locality and not parsed.postcode:
        names.add(name_key(parsed.locality))
    return {name for name in names if name}


def find_postcodes(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer the middle of the postcode where nothing else is known."""
    codes = {lookup.parsed.postcode for lookup in lookups if lookup.parsed.postcode}
    areas = defaultdict(list)
    for area in gazetteer.postcodes(codes) if codes else ():
        areas[postcode_key(area.postcode)].append(area)
    for lookup in lookups:
        if lookup.parsed.postcode:
            lookup.found += [make.in_postcode(lookup.parsed, area) for area in areas[lookup.parsed.postcode]]
