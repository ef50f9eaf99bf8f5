"""A gazetteer in memory, as plain as its contract: what the database answers must agree with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from geo.domain.place import Point
from geo.geocode.edits import count_edits
from geo.geocode.gazetteer import Crossing, Door, NamedPlace, NumberRange, PostcodeArea, StreetMiddle, StreetName
from geo.geocode.normalise import name_key, number_key, street_key
from geo.geocode.numbers import leading_int
from geo.geocode.street_names import split_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shapely import MultiLineString, Polygon

MOST = 4


class House(NamedTuple):
    """A door by the name of its street, as a test writes it."""

    street: str
    number: str
    point: Point
    postcode: str | None
    locality: str | None


class Middle(NamedTuple):
    """A street by its name, with a point near its middle."""

    street: str
    point: Point
    reach_m: float


def door(
    street: str, number: str, lon: float, lat: float, postcode: str | None = None, town: str | None = None
) -> House:
    return House(street, number, Point(lon, lat), postcode, town)


def middle(name: str, lon: float, lat: float, reach_m: float = 200.0) -> Middle:
    return Middle(name, Point(lon, lat), reach_m)


def place(name: str, kind: str, lon: float, lat: float) -> NamedPlace:
    return NamedPlace(name, name_key(name), kind, Point(lon, lat), "test")


@dataclass
class MemoryGazetteer:
    houses: Sequence[House] = ()
    streets: Sequence[Middle] = ()
    named_places: Sequence[NamedPlace] = ()
    areas: Sequence[PostcodeArea] = ()
    area: Polygon | None = None
    meetings: Sequence[tuple[str, str, Point]] = ()
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = [h.street for h in self.houses] + [m.street for m in self.streets]
        names += [name for one, other, _ in self.meetings for name in (one, other)]
        self._streets: dict[str, StreetName] = {}
        for name in names:
            key = street_key(name)
            known = StreetName(len(self._streets), key, split_key(key).name, name, None, "test")
            self._streets.setdefault(key, known)
        self._doors = [_door(self._streets[street_key(h.street)].street_id, h) for h in self.houses]

    @property
    def bases(self) -> list[str]:
        return sorted({street.base for street in self._streets.values()})

    def service_area(self) -> Polygon | None:
        self.asked.append("service_area")
        return self.area

    def named(self, wanted: Collection[tuple[str, int]]) -> Sequence[tuple[StreetName, Door | None, int]]:
        self.asked.append("named")
        found: list[tuple[StreetName, Door | None, int]] = []
        for base, number in sorted(wanted):
            for street in self._streets.values():
                if street.base == base:
                    here = [d for d in self._doors if (d.street_id, d.number_int) == (street.street_id, number)]
                    found += [(street, d, number) for d in here] or [(street, None, number)]
        return found

    def around(self, wanted: Collection[tuple[int, int]]) -> Sequence[Door]:
        self.asked.append("around")
        return [d for d in self._doors if any(d.street_id == s and d.number_int != n for s, n in wanted)]

    def ranges(self, wanted: Collection[tuple[int, int]]) -> Sequence[NumberRange]:  # noqa: ARG002 - it has none
        self.asked.append("ranges")
        return []

    def lines(self, street_ids: Collection[int]) -> Mapping[int, MultiLineString]:  # noqa: ARG002 - it has none
        self.asked.append("lines")
        return {}

    def bases_like(self, bases: Collection[str]) -> Mapping[str, Sequence[str]]:
        self.asked.append("bases_like")
        return {base: [b for b in self.bases if count_edits(base, b, MOST) <= MOST] for base in bases}

    def known_words(self, words: Collection[str]) -> Collection[str]:
        self.asked.append("known_words")
        return {word for base in self.bases for word in base.split()} & set(words)

    def known_towns(self, keys: Collection[str]) -> Collection[str]:
        self.asked.append("known_towns")
        return {name_key(d.locality) for d in self._doors if d.locality} & set(keys)

    def postcodes_of(self, towns: Collection[str]) -> Mapping[str, Collection[str]]:
        self.asked.append("postcodes_of")
        return {town: [a.postcode for a in self.areas if town in a.localities] for town in towns}

    def bases_with_words(self, bases: Collection[str]) -> Mapping[str, Sequence[str]]:
        self.asked.append("bases_with_words")
        return {base: [b for b in self.bases if set(b.split()) & set(base.split())] for base in bases}

    def bases_having(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[str]]:
        self.asked.append("bases_having")
        names = {street.street_id: street.base for street in self._streets.values()}
        having = defaultdict(list)
        for d in self._doors:
            having[d.postcode, d.number_int].append(names[d.street_id])
        return {pair: having[pair] for pair in wanted}

    def middles(self, street_ids: Collection[int]) -> Sequence[StreetMiddle]:
        self.asked.append("middles")
        own = [(self._streets[street_key(m.street)].street_id, m) for m in self.streets]
        return [StreetMiddle(street_id, m.point, m.reach_m) for street_id, m in own if street_id in street_ids]

    def crossings(self, wanted: Collection[tuple[str, str]]) -> Sequence[Crossing]:
        self.asked.append("crossings")
        both = [(self._streets[street_key(a)], self._streets[street_key(b)], p) for a, b, p in self.meetings]
        turned = [Crossing(*x) for a, b, p in both for x in ((a, b, p), (b, a, p))]
        return [crossing for crossing in turned if (crossing.first.base, crossing.second.base) in wanted]

    def places_like(self, keys: Collection[str]) -> Mapping[str, Sequence[NamedPlace]]:
        self.asked.append("places_like")
        return {key: [p for p in self.named_places if count_edits(key, p.key, MOST) <= MOST] for key in keys}

    def postcodes(self, codes: Collection[str]) -> Sequence[PostcodeArea]:
        self.asked.append("postcodes")
        return [a for a in self.areas if a.postcode in codes]


def _door(street_id: int, house: House) -> Door:
    key = number_key(house.number)
    where = (house.point.lon, house.point.lat)
    return Door(street_id, leading_int(key), house.number, key, house.postcode, house.locality, *where)
