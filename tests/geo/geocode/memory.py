"""A gazetteer in memory, as plain as its contract: what the database answers must agree with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.domain.place import Point
from geo.geocode.cascade import leading_int
from geo.geocode.edits import count_edits
from geo.geocode.gazetteer import Door, NamedPlace, PostcodeArea, StreetMiddle
from geo.geocode.normalise import name_key, number_key, street_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shapely import Polygon

MOST = 4


def door(
    street: str, number: str, lon: float, lat: float, postcode: str | None = None, town: str | None = None
) -> Door:
    key = number_key(number)
    return Door(street, street_key(street), number, key, leading_int(key), postcode, town, Point(lon, lat), "test")


@dataclass
class MemoryGazetteer:
    doors: Sequence[Door] = ()
    streets: Sequence[StreetMiddle] = ()
    named: Sequence[NamedPlace] = ()
    areas: Sequence[PostcodeArea] = ()
    area: Polygon | None = None
    asked: list[str] = field(default_factory=list)

    def service_area(self) -> Polygon | None:
        self.asked.append("service_area")
        return self.area

    def doors_at(self, wanted: Collection[tuple[str, str]]) -> Sequence[Door]:
        self.asked.append("doors_at")
        return [d for d in self.doors if (d.street_key, d.number_key) in wanted]

    def doors_around(self, wanted: Collection[tuple[str, int]]) -> Sequence[Door]:
        self.asked.append("doors_around")
        keys = {key for key, _ in wanted}
        return [d for d in self.doors if d.street_key in keys]

    def streets_like(self, keys: Collection[str]) -> Mapping[str, Sequence[str]]:
        self.asked.append("streets_like")
        known = sorted({d.street_key for d in self.doors} | {s.key for s in self.streets})
        return {key: [k for k in known if count_edits(key, k, MOST) <= MOST] for key in keys}

    def streets_with_number(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[str]]:
        self.asked.append("streets_with_number")
        having = defaultdict(set)
        for d in self.doors:
            having[d.number_int].add(d.street_key)
        return {pair: sorted(having[pair[1]]) for pair in wanted}

    def street_middles(self, keys: Collection[str]) -> Sequence[StreetMiddle]:
        self.asked.append("street_middles")
        return [s for s in self.streets if s.key in keys]

    def places_like(self, keys: Collection[str]) -> Mapping[str, Sequence[NamedPlace]]:
        self.asked.append("places_like")
        return {key: [p for p in self.named if count_edits(key, p.key, MOST) <= MOST] for key in keys}

    def postcodes(self, codes: Collection[str]) -> Sequence[PostcodeArea]:
        self.asked.append("postcodes")
        return [a for a in self.areas if a.postcode in codes]


def middle(name: str, lon: float, lat: float, reach_m: float = 200.0) -> StreetMiddle:
    return StreetMiddle(name, street_key(name), None, Point(lon, lat), reach_m, "test")


def place(name: str, kind: str, lon: float, lat: float) -> NamedPlace:
    return NamedPlace(name, name_key(name), kind, Point(lon, lat), "test")
