"""The coarser steps of a lookup: crossings, whole streets, named places, postcodes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from geo.domain.words import MatchQuality
from geo.geocode import candidates as make
from geo.geocode.edits import count_edits
from geo.geocode.normalise import name_key, street_key
from geo.geocode.parse import ParsedAddress, postcode_key
from geo.geocode.score import fault, metres_between
from geo.geocode.street_names import bases_of, compare_streets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.domain.place import Candidate
    from geo.geocode.gazetteer import Gazetteer, NamedPlace
    from geo.geocode.lookup import Lookup

_PLACE_EDITS: Final = 2
_MIN_PLACE: Final = 5
MAX_ALIKE: Final = 6
ONE_PLACE_M: Final = 300.0
"""A station, the square before it and the stops on it are one place to whoever names them."""


def find_crossings(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Answer those who named two streets that meet."""
    asked = [lookup for lookup in lookups if lookup.parsed.crossings]
    if not asked:
        return
    wanted = {
        (first, second)
        for lookup in asked
        for crossing in lookup.parsed.crossings
        for first in bases_of(street_key(crossing.first))
        for second in bases_of(street_key(crossing.second))
    }
    _cross(gazetteer, asked, wanted)
    asked = [lookup for lookup in asked if not lookup.found]
    if not asked:
        return
    typed = {
        base
        for lookup in asked
        for crossing in lookup.parsed.crossings
        for side in (crossing.first, crossing.second)
        for base in bases_of(street_key(side))
    }
    alike = {base: (base, *found[:MAX_ALIKE]) for base, found in gazetteer.bases_like(typed).items()}
    wanted = {
        (first, second)
        for lookup in asked
        for crossing in lookup.parsed.crossings
        for one in bases_of(street_key(crossing.first))
        for other in bases_of(street_key(crossing.second))
        for first in alike.get(one, (one,))
        for second in alike.get(other, (other,))
    }
    _cross(gazetteer, asked, wanted)


def _cross(gazetteer: Gazetteer, lookups: Sequence[Lookup], wanted: set[tuple[str, str]]) -> None:
    found = defaultdict(list)
    for crossing in gazetteer.crossings(wanted):
        found[crossing.first.base, crossing.second.base].append(crossing)
    for lookup in lookups:
        made: list[Candidate] = []
        for typed in lookup.parsed.crossings:
            one, other = street_key(typed.first), street_key(typed.second)
            for crossings in found.values():
                for crossing in crossings:
                    sides = compare_streets(one, crossing.first.key), compare_streets(other, crossing.second.key)
                    if sides[0] is not None and sides[1] is not None:
                        faults = [*sides[0], *sides[1]]
                        made.append(make.at_crossing(lookup.parsed, crossing, typed.rest, faults))
        lookup.found += made


def find_middles(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer whole streets where no door was found."""
    ids = {hit.street.street_id for lookup in lookups for hit in lookup.hits}
    middles = defaultdict(list)
    for middle in gazetteer.middles(ids) if ids else ():
        middles[middle.street_id].append(middle)
    for lookup in lookups:
        for hit in lookup.hits:
            if not (lookup.parsed.number and not hit.reading.numbers):
                for middle in middles[hit.street.street_id]:
                    _add_street(lookup, make.on_street(lookup.parsed, hit, middle))


def _add_street(lookup: Lookup, street: Candidate) -> None:
    """Add a whole street; a stop or a square that is called after it and lies on it is no other place."""
    lookup.found = [other for other in lookup.found if street.faults or not _lies_on(other, street)]
    lookup.found.append(street)


def _lies_on(place: Candidate, street: Candidate) -> bool:
    if place.match_quality is not MatchQuality.PLACE or place.faults:
        return False
    return metres_between(place.point, street.point) <= street.uncertainty_m + make.PLACE_M


def find_places(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer named places for what was no street."""
    names = {id(lookup): _place_names(lookup.parsed) for lookup in lookups}
    keys = {key for found in names.values() for key in found}
    alike = gazetteer.places_like(keys) if keys else {}
    for lookup in lookups:
        for key, is_near in names[id(lookup)].items():
            for place, spread_m in _gather(alike.get(key, ())):
                beside = [fault("place.near")] if is_near else []
                edits = count_edits(key, place.key, _PLACE_EDITS)
                if edits == 0 or (edits <= _PLACE_EDITS and min(len(key), len(place.key)) >= _MIN_PLACE):
                    faults = [fault("place.misspelt", edits)] if edits else make.left_over(lookup.parsed, place.name)
                    lookup.found.append(make.at_place(lookup.parsed, place, beside or faults, spread_m=spread_m))
                elif _is_part(key, place.key):
                    lookup.found.append(make.at_place(lookup.parsed, place, [*beside, fault("place.partial_name")]))


def _gather(places: Iterable[NamedPlace]) -> list[tuple[NamedPlace, float]]:
    """Bring places of one name that lie near one another together: a station, its square and its stops."""
    gathered: list[tuple[NamedPlace, float]] = []
    for place in places:
        for at, (first, spread_m) in enumerate(gathered):
            away_m = metres_between(first.point, place.point)
            if first.key == place.key and away_m <= ONE_PLACE_M:
                gathered[at] = (first, max(spread_m, away_m))
                break
        else:
            gathered.append((place, 0.0))
    return gathered


def find_numbered_places(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer named places for what seemed to be a street with a number, and is none."""
    find_places(gazetteer, [lookup for lookup in lookups if lookup.numbered])


def _is_part(typed: str, known: str) -> bool:
    words, others = set(typed.split()), set(known.split())
    common = words & others
    return bool(common) and (words < others or others < words) and any(len(word) >= _MIN_PLACE for word in common)


def _place_names(parsed: ParsedAddress) -> dict[str, bool]:
    names = {name_key(reading.street): False for reading in parsed.readings}
    if parsed.postcode is None:
        names[name_key(parsed.raw).removesuffix(name_key(parsed.locality or "")).strip()] = False
    if not parsed.readings and parsed.locality and not parsed.postcode:
        names[name_key(parsed.locality)] = False
    names.update((name_key(landmark.name), landmark.is_near) for landmark in parsed.landmarks)
    return {name: is_near for name, is_near in names.items() if name}


def find_postcodes(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Offer the middle of the postcode where nothing else is known."""
    codes = {lookup.parsed.postcode for lookup in lookups if lookup.parsed.postcode}
    areas = defaultdict(list)
    for area in gazetteer.postcodes(codes) if codes else ():
        areas[postcode_key(area.postcode)].append(area)
    for lookup in lookups:
        if lookup.parsed.postcode:
            lookup.found += [make.in_postcode(lookup.parsed, area) for area in areas[lookup.parsed.postcode]]
