"""What a geocoder asks of a gazetteer, in sets: one question answers a thousand addresses.

The answers are named tuples and no dataclasses: a batch makes a hundred thousand of them, straight from rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shapely import LineString, MultiLineString, Polygon

    from geo.domain.place import Point


class StreetName(NamedTuple):
    """One name of a street; ``key`` is made by ``street_key``, ``base`` is the name in it without type and compass."""

    street_id: int
    key: str
    base: str
    name: str
    locality: str | None
    source: str


class Door(NamedTuple):
    """An address point. ``number_int`` is what its number begins with, -1 if that is no digit."""

    street_id: int
    number_int: int
    number: str
    number_key: str
    postcode: str | None
    locality: str | None
    lon: float
    lat: float


class NumberRange(NamedTuple):
    """House numbers along a piece of a street, from its first point to its last.

    ``step`` is 2 where the numbers of one side lie along it, 1 where those of both do; with ``is_reversed`` the
    highest number is at the first point.
    """

    street_id: int
    low: int
    high: int
    step: int
    is_reversed: bool
    postcode: str | None
    locality: str | None
    line: LineString


class StreetMiddle(NamedTuple):
    """A street as a whole: a point on it near its middle, and the metres from there to its farther end."""

    street_id: int
    point: Point
    reach_m: float


class Crossing(NamedTuple):
    """Where two streets meet, by the names they were asked for."""

    first: StreetName
    second: StreetName
    point: Point


class NamedPlace(NamedTuple):
    """A place with a name: a square, a station, a neighbourhood."""

    name: str
    key: str
    kind: str
    point: Point
    source: str


class PostcodeArea(NamedTuple):
    """The middle of a postcode, the metres around it that hold its addresses, and the keys of its towns."""

    postcode: str
    point: Point
    radius_m: float
    source: str
    localities: tuple[str, ...] = ()


class Gazetteer(Protocol):
    """Where addresses, streets, places and postcodes are looked up by their keys."""

    def service_area(self) -> Polygon | None:
        """Give the area served, WGS 84, if one was set."""

    def named(self, wanted: Collection[tuple[str, int]]) -> Sequence[tuple[StreetName, Door | None, int]]:
        """List for each pair of base and number the streets of that name, each with its doors of that number.

        A street without such a door comes once, with ``None``; the last of the three is the number that was asked for.
        """

    def around(self, wanted: Collection[tuple[int, int]]) -> Sequence[Door]:
        """List for each pair of street and number the nearest doors of the same parity on either side."""

    def ranges(self, wanted: Collection[tuple[int, int]]) -> Sequence[NumberRange]:
        """List for each pair of street and number the ranges that hold it."""

    def lines(self, street_ids: Collection[int]) -> Mapping[int, MultiLineString]:
        """Give the lines of those of the streets that have one, WGS 84."""

    def bases_like(self, bases: Collection[str]) -> Mapping[str, Sequence[str]]:
        """List for each base those spelt alike."""

    def known_words(self, words: Collection[str]) -> Collection[str]:
        """Tell which of these words some street's name has."""

    def known_towns(self, keys: Collection[str]) -> Collection[str]:
        """Tell which of these name keys are towns that addresses name."""

    def postcodes_of(self, towns: Collection[str]) -> Mapping[str, Collection[str]]:
        """List for each name key of a town the keys of the postcodes that it may be named with."""

    def bases_with_words(self, bases: Collection[str]) -> Mapping[str, Sequence[str]]:
        """List for each base those that share most of its letters: a word more, a word less."""

    def bases_having(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[str]]:
        """List for each pair of postcode and number the bases of the streets that have such a door."""

    def middles(self, street_ids: Collection[int]) -> Sequence[StreetMiddle]:
        """Place whole streets, by their lines or else by their doors."""

    def crossings(self, wanted: Collection[tuple[str, str]]) -> Sequence[Crossing]:
        """List for each pair of bases where streets of these names meet."""

    def places_like(self, keys: Collection[str]) -> Mapping[str, Sequence[NamedPlace]]:
        """List for each name key the places spelt alike."""

    def postcodes(self, codes: Collection[str]) -> Sequence[PostcodeArea]:
        """List the postcodes with these keys."""
