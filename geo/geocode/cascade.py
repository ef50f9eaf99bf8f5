"""From parsed addresses to candidates: exact doors first, then streets spelt alike, then coarser places.

Every step asks the gazetteer once for a whole batch, so a thousand addresses cost as many questions as one, and only
for those that no earlier step has settled.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.domain.words import MatchQuality
from geo.geocode.coarse import find_crossings, find_middles, find_numbered_places, find_places, find_postcodes
from geo.geocode.doors import at_number, between, between_hyphened, in_ranges
from geo.geocode.hits import Hit, choose_hits
from geo.geocode.lookup import Lookup
from geo.geocode.normalise import name_key
from geo.geocode.numbers import NO_NUMBER, hyphen_variants, leading_int, range_holds
from geo.geocode.parse import parse_address, postcode_key
from geo.geocode.score import decide, fault, score_of
from geo.geocode.street_names import bases_of
from geo.geocode.typed_points import find_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from geo.domain.place import Candidate, GeocodeResult
    from geo.geocode.gazetteer import Door, Gazetteer, StreetName
    from geo.geocode.reading import Reading

MAX_FUZZY_READINGS: Final = 5
MAX_BASES: Final = 12
_BASE_EDITS: Final = 3
_NOT_ASKED: Final = -2
_TOWN_FAULTS: Final = frozenset({"locality.misspelt", "locality.conflict"})


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
    for lookup in lookups:
        typed = find_typed(lookup.parsed, area)
        if typed is not None:
            lookup.found.append(typed)
    pending = [lookup for lookup in lookups if not lookup.found]
    find_doors(gazetteer, pending)
    find_places(gazetteer, [lookup for lookup in pending if not lookup.numbered])
    for step in (find_crossings, find_hyphened, find_between, find_alike, find_between, find_with_words, find_between):
        pending = [lookup for lookup in pending if not lookup.is_settled]
        if pending:
            step(gazetteer, pending)
    bare = [lookup for lookup in pending if not lookup.found or not lookup.numbered]
    find_middles(gazetteer, bare)
    for coarse in (find_numbered_places, find_postcodes):
        bare = [lookup for lookup in bare if not lookup.found]
        if bare:
            coarse(gazetteer, bare)
    check_towns(gazetteer, lookups)
    return [decide(lookup.found, area) for lookup in lookups]


def check_towns(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Judge a town that differs by what is known of towns: its postcode may have several, and some are spelt alike."""
    doubted = [
        (lookup, name_key(lookup.parsed.locality))
        for lookup in lookups
        if lookup.parsed.locality and any(f.name in _TOWN_FAULTS for c in lookup.found for f in c.faults)
    ]
    if not doubted:
        return
    towns = {town for _, town in doubted}
    theirs = {name_key(c.locality) for lookup, _ in doubted for c in lookup.found if c.locality}
    known = gazetteer.known_towns(towns)
    codes = {town: set(found) for town, found in gazetteer.postcodes_of(towns | theirs).items()}
    for lookup, town in doubted:
        lookup.found = [_with_town(candidate, town, codes, is_known=town in known) for candidate in lookup.found]


def _with_town(candidate: Candidate, town: str, codes: Mapping[str, set[str]], *, is_known: bool) -> Candidate:
    names = {f.name for f in candidate.faults} & _TOWN_FAULTS
    here = codes.get(town, set())
    if candidate.postcode is None:
        is_here = bool(here & codes.get(name_key(candidate.locality or ""), set()))
    else:
        is_here = postcode_key(candidate.postcode) in here
    if not names or not (is_here or (is_known and "locality.misspelt" in names)):
        return candidate
    judged = fault("locality.other_name" if is_here else "locality.conflict")
    faults = tuple(judged if f.name in _TOWN_FAULTS else f for f in candidate.faults)
    return replace(candidate, faults=faults, score=score_of(faults))


Streets = dict[tuple[str, int], dict["StreetName", list["Door"]]]


def _ask(gazetteer: Gazetteer, wanted: Collection[tuple[str, int]]) -> Streets:
    found: Streets = defaultdict(dict)
    for street, door, asked in gazetteer.named(wanted) if wanted else ():
        doors = found[street.base, asked].setdefault(street, [])
        if door is not None:
            doors.append(door)
    return found


@lru_cache(maxsize=65_536)
def _numbers_of(numbers: tuple[str, ...]) -> tuple[int, ...]:
    return tuple({leading_int(number) for number in numbers}) or (_NOT_ASKED,)


def find_doors(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Look up every reading by its very name."""
    wanted = {
        (base, number)
        for lookup in lookups
        for reading in lookup.parsed.readings
        for base in bases_of(reading.street_key)
        for number in _numbers_of(reading.numbers)
    }
    found = _ask(gazetteer, wanted)
    for lookup in lookups:
        for reading in lookup.parsed.readings:
            bases = bases_of(reading.street_key)
            _take(lookup, reading, bases, found)
            if lookup.hits and any(hit.street.key == reading.street_key for hit in lookup.hits):
                lookup.named.add(reading.street_key)


def _take(lookup: Lookup, reading: Reading, bases: Iterable[str], found: Streets) -> None:
    """Turn the streets found for one reading into candidates, or into hits whose number is yet to be placed."""
    numbers = _numbers_of(reading.numbers)
    pairs = [here for base in bases for number in numbers if (here := found.get((base, number)))]
    if not pairs:
        return
    streets = pairs[0]
    if len(pairs) > 1:
        streets = defaultdict(list)
        for here in pairs:
            for street, doors in here.items():
                streets[street] = streets[street] + doors
    is_named = reading.street_key in lookup.named
    for hit in choose_hits(reading, streets, is_named=is_named, here=lookup.here, words=lookup.words):
        doors = streets[hit.street]
        if reading.numbers and doors:
            lookup.found += at_number(lookup.parsed, hit, doors) or between_hyphened(lookup.parsed, hit, doors)
        lookup.hits.append(hit)


def find_hyphened(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Look on the streets of the very name for the number with a hyphen more or less."""
    wanted = {
        (hit.street.base, leading_int(variant))
        for lookup in lookups
        for hit in lookup.hits
        if hit.reading.numbers and _is_open(lookup, hit)
        for variant in hyphen_variants(hit.reading.numbers[-1])
    }
    doors: dict[int, list[Door]] = defaultdict(list)
    for street, door, _ in gazetteer.named(wanted) if wanted else ():
        if door is not None:
            doors[street.street_id].append(door)
    for lookup in lookups:
        for hit in lookup.hits:
            if hit.reading.numbers and doors.get(hit.street.street_id) and _is_open(lookup, hit):
                lookup.found += at_number(lookup.parsed, hit, doors[hit.street.street_id])


def find_between(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Place the numbers that are no doors between their neighbours, or within a range."""
    open_hits = [(lookup, hit) for lookup in lookups for hit in lookup.hits if _is_open(lookup, hit)]
    pairs = {(hit.street.street_id, hit.number) for _, hit in open_hits}
    if not pairs:
        return
    doors: dict[int, list[Door]] = defaultdict(list)
    for door in gazetteer.around(pairs):
        doors[door.street_id].append(door)
    ranges = defaultdict(list)
    for found in gazetteer.ranges(pairs):
        ranges[found.street_id].append(found)
    lines = gazetteer.lines(doors) if doors else {}
    for lookup, hit in open_hits:
        street_id = hit.street.street_id
        near = [door for door in doors[street_id] if _is_near(door, hit.number)]
        made = at_number(lookup.parsed, hit, [door for door in near if range_holds(door.number_key, hit.number)])
        made = made or between(lookup.parsed, hit, near, lines.get(street_id))
        held = [found for found in ranges[street_id] if found.low <= hit.number <= found.high]
        lookup.found += made or in_ranges(lookup.parsed, hit, held)


def _is_near(door: Door, number: int) -> bool:
    return (door.number_int - number) % 2 == 0


def _is_open(lookup: Lookup, hit: Hit) -> bool:
    return hit.number != NO_NUMBER and not any(c.match_quality is MatchQuality.ROOFTOP for c in lookup.found)


def find_alike(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Look for streets that are spelt alike, or that have the number in the postcode."""
    readings = [(lookup, reading) for lookup in lookups for reading in lookup.parsed.readings[:MAX_FUZZY_READINGS]]
    typed = {base for _, reading in readings for base in bases_of(reading.street_key)}
    alike = gazetteer.bases_like(typed) if typed else {}
    blocks = {
        (lookup.parsed.postcode, number)
        for lookup, reading in readings
        if lookup.parsed.postcode and reading.numbers
        for number in _numbers_of(reading.numbers)
    }
    having = gazetteer.bases_having(blocks) if blocks else {}
    words = gazetteer.known_words({word for base in typed for word in base.split()}) if typed else ()
    for lookup, reading in readings:
        lookup.words = words
        lookup.here = {*lookup.here, *_in_block(lookup, reading, having)}

    def bases_for(lookup: Lookup, reading: Reading, base: str) -> Iterable[str]:
        block = _in_block(lookup, reading, having) if base == bases_of(reading.street_key)[0] else ()
        return [*alike.get(base, ()), *block]

    _take_bases(gazetteer, readings, bases_for, _nearest)


def _in_block(lookup: Lookup, reading: Reading, having: Mapping[tuple[str, int], Sequence[str]]) -> Iterable[str]:
    code = lookup.parsed.postcode
    return [base for number in _numbers_of(reading.numbers) for base in having.get((code, number), ())] if code else []


def find_with_words(gazetteer: Gazetteer, lookups: Sequence[Lookup]) -> None:
    """Look for streets with a word more or a word less, where nothing else was found."""
    bare = [lookup for lookup in lookups if not lookup.found]
    readings = [(lookup, reading) for lookup in bare for reading in lookup.parsed.readings[:MAX_FUZZY_READINGS]]
    typed = {base for _, reading in readings for base in bases_of(reading.street_key)}
    longer = gazetteer.bases_with_words(typed) if typed else {}
    _take_bases(gazetteer, readings, lambda _lookup, _reading, base: longer.get(base, ()), _longer)


def _take_bases(
    gazetteer: Gazetteer,
    readings: Sequence[tuple[Lookup, Reading]],
    bases_for: Callable[[Lookup, Reading, str], Iterable[str]],
    choose: Callable[[str, Iterable[str]], Sequence[str]],
) -> None:
    chosen: list[tuple[Lookup, Reading, Sequence[str]]] = []
    for lookup, reading in readings:
        own = bases_of(reading.street_key)
        likely = [near for base in own for near in choose(base, bases_for(lookup, reading, base)) if near not in own]
        if likely:
            chosen.append((lookup, reading, list(dict.fromkeys(likely))[:MAX_BASES]))
    wanted = {(base, n) for _, reading, bases in chosen for base in bases for n in _numbers_of(reading.numbers)}
    found = _ask(gazetteer, wanted)
    for lookup, reading, bases in chosen:
        _take(lookup, reading, bases, found)


def _nearest(base: str, found: Iterable[str]) -> Sequence[str]:
    choices = list(found)
    near = process.extract(base, choices, scorer=OSA.distance, score_cutoff=_BASE_EDITS, limit=MAX_BASES)
    return [*(choice for choice, _, _ in near), *_longer(base, choices)]


def _longer(base: str, found: Iterable[str]) -> Sequence[str]:
    words = set(base.split())
    return [other for other in found if " " in other and _is_nested(words, set(other.split()))]


def _is_nested(words: set[str], others: set[str]) -> bool:
    return words <= others or others < words
