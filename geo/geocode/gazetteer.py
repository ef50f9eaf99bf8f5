"""What a geocoder asks of a gazetteer, in sets: one question answers a thousand addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shapely import Polygon

    from geo.domain.place import Point


@dataclass(frozen=True, slots=True)
class Door:
    """An address point. ``number_int`` is what its number begins with, ``None`` if that is no digit."""

    street: str
    street_key: str
    number: str
    number_key: str
    number_int: int | None
    postcode: str | None
    locality: str | None
    point: Point
    source: str


@dataclass(frozen=True, slots=True)
class StreetMiddle:
    """A street as a whole: a point on it near its middle, and the metres from there to its farther end."""

    name: str
    key: str
    locality: str | None
    point: Point
    reach_m: float
    source: str


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place with a name: a square, a station, a neighbourhood."""

    name: str
    key: str
    kind: str
    point: Point
    source: str


@dataclass(frozen=True, slots=True)
class PostcodeArea:
    """The middle of a postcode and the radius in metres that holds its addresses."""

    postcode: str
    point: Point
    radius_m: float
    source: str


class Gazetteer(Protocol):
    """Where addresses, streets, places and postcodes are looked up by their keys."""

    def service_area(self) -> Polygon | None:
        """Give the area served, WGS 84, if one was set."""

    def doors_at(self, wanted: Collection[tuple[str, str]]) -> Sequence[Door]:
        """List the doors with these pairs of street key and number key."""

    def doors_around(self, wanted: Collection[tuple[str, int]]) -> Sequence[Door]:
        """List for each pair of street key and number its doors, and the nearest of the same parity on either side."""

    def streets_like(self, keys: Collection[str]) -> Mapping[str, Sequence[str]]:
        """List for each key the keys of streets spelt alike, the key itself included if it exists."""

    def streets_with_number(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[str]]:
        """List for each pair of street key and number the streets that have the number and are spelt a little alike."""

    def street_middles(self, keys: Collection[str]) -> Sequence[StreetMiddle]:
        """List the streets with these keys."""

    def places_like(self, keys: Collection[str]) -> Mapping[str, Sequence[NamedPlace]]:
        """List for each name key the places spelt alike."""

    def postcodes(self, codes: Collection[str]) -> Sequence[PostcodeArea]:
        """List the postcodes with these keys."""
