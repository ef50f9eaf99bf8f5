"""Bring a gazetteer in: streets, address points, ranges, places and postcodes of one source, replaced as a whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import shapely
from sqlalchemy import delete, func, insert, select, text

from geo.analysis.crossings import find_crossings
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.geocode.deletions import BEGINNING, deletions
from geo.geocode.normalise import MAX_KEY, name_key, number_key, street_key
from geo.geocode.numbers import leading_int
from geo.geocode.parse import postcode_key
from geo.geocode.street_names import split_key
from geo.store.audit import record
from geo.store.copying import Copying, point_ewkb, shape_ewkb
from geo.store.gazetteer_sources import AddressRow, Source, SourceInfo, find_source, source
from geo.store.gazetteer_tables import SOURCE_BITS
from geo.store.rows import mine
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from shapely import LineString, MultiLineString
    from sqlalchemy.orm import Session

MIN_RADIUS_M, MAX_RADIUS_M = 100.0, 50_000.0
MAX_TOWNS: Final = 100
"""So many names of towns may stand with one postcode."""
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StreetRow:
    """One named street; ``geometry`` is WGS 84, ``length_m`` true metres, ``other_names`` those in other languages."""

    name: str
    geometry: MultiLineString
    length_m: float
    locality: str | None = None
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RangeRow:
    """House numbers from ``first`` to ``last`` along ``line`` (WGS 84); ``step`` is 2 for one side, 1 for both."""

    street: str
    first: int
    last: int
    step: int
    line: LineString
    postcode: str | None = None
    locality: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One named place that people give instead of an address."""

    name: str
    kind: str
    point: Point
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """One postcode: its middle, and the radius in metres that holds nearly all of its addresses.

    ``localities`` are names of towns that may be written with it, beside those that its addresses name.
    """

    postcode: str
    point: Point
    radius_m: float
    localities: tuple[str, ...] = ()


class _Streets:
    """The streets of one source, numbered as they come, and all the names each goes by."""

    def __init__(self, first_id: int) -> None:
        self._next = first_id
        self._lined: dict[str, list[tuple[int, MultiLineString]]] = defaultdict(list)
        self._known: dict[str, int] = {}
        self._keys: dict[str, str] = {}
        self.names: list[Row] = []
        self.lines: list[tuple[int, MultiLineString]] = []

    def add(self, row: StreetRow) -> int:
        """Give a street that has a line its number, and note its names."""
        street_id = self._new_id()
        self.lines.append((street_id, row.geometry))
        for at, name in enumerate(dict.fromkeys((row.name, *row.other_names))):
            key = self._key(name)
            if key and not any(own == street_id for own, _ in self._lined[key]):
                self._lined[key].append((street_id, row.geometry))
                self._name(street_id, key, name, row.locality, is_first=at == 0)
        return street_id

    def of(self, name: str, point: Point) -> int:
        """Find the street of a door: of those with a line the nearest, else the one that doors alone make known."""
        key = self._key(name)
        lined = self._lined.get(key)
        if lined is None:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = self._new_id()
                self._name(known, key, name, None, is_first=True)
            return known
        if len(lined) == 1:
            return lined[0][0]
        here = shapely.Point(point.lon, point.lat)
        return min(lined, key=lambda one: one[1].distance(here))[0]

    def _new_id(self) -> int:
        self._next += 1
        return self._next

    def _key(self, name: str) -> str:
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = street_key(name)
        return key

    def _name(self, street_id: int, key: str, name: str, locality: str | None, *, is_first: bool) -> None:
        self.names.append((street_id, key, split_key(key).name, name, locality, is_first))


def claim_source(session: Session, slug: str) -> Source | None:
    """Wait until nobody else loads this source, keep others waiting until the transaction ends, and find it."""
    # a large file takes its time
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL lock_timeout = 0"))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"geo_source {slug}"))))
    return find_source(session, slug)


def replace_source(
    session: Session,
    info: SourceInfo,
    *,
    addresses: Iterable[AddressRow] = (),
    streets: Iterable[StreetRow] = (),
    ranges: Iterable[RangeRow] = (),
    places: Iterable[PlaceRow] = (),
    postcodes: Iterable[PostcodeRow] = (),
) -> UUID:
    """Put a source's rows in the place of those it had, within the caller's transaction.

    Parameters
    ----------
    info
        The source; whatever was loaded under the same slug goes.
    addresses, ranges, places, postcodes
        Read once and copied as they come, so an endless file needs no memory.
    streets
        Held in memory with their lines, from which the crossings are computed.

    Returns
    -------
    uuid.UUID
        The id of the new source.

    Raises
    ------
    InvalidInput
        If the database refuses a row; then nothing has changed once the caller rolls back. Until the commit every
        other session looks addresses up in what was there before.
    """
    claim_source(session, info.slug)
    session.execute(delete(source).where(source.c.slug == info.slug, mine(source)))
    source_id = new_id()
    values = {name: getattr(info, name) for name in ("slug", "name", "kind", "licence", "attribution", "checksum")}
    added = insert(source).values(id=source_id, report=dict(info.report), **values).returning(source.c.number)
    number = session.execute(added).scalar_one()
    copying = Copying(session)
    known = _Streets(number << SOURCE_BITS)
    copying.rows("geo_street", _STREET, _street_rows(streets, known))
    copying.rows("geo_address", _ADDRESS, _address_rows(addresses, known))
    copying.rows("geo_range", _RANGE, _range_rows(ranges, known))
    copying.rows("geo_street_name", _NAME, known.names)
    copying.rows("geo_base", _BASE, _base_rows(number, known.names))
    copying.rows("geo_word", _WORD, _word_rows(number, known.names))
    copying.rows("geo_crossing", _CROSSING, _crossing_rows(known.lines))
    _copy_places(copying, number << SOURCE_BITS, places)
    _copy_postcodes(session, copying, number, postcodes)
    _copy_towns(session, copying, number)
    record(session, "load", source.name, [source_id], values)
    return source_id


_number_key: Final = lru_cache(65_536)(number_key)
_STREET: Final = ("id", "name", "locality", "length_m", "geom")
_ADDRESS: Final = ("street_id", "number_int", "seq", "number_key", "number", "postcode", "locality", "geom")
_RANGE: Final = ("street_id", "seq", "low", "high", "step", "is_reversed", "postcode", "locality", "geom")
_NAME: Final = ("street_id", "key", "base", "name", "locality", "is_first")
_BASE: Final = ("source_number", "base", "deletions")
_WORD: Final = ("word", "source_number")
_CROSSING: Final = ("street_a", "street_b", "seq", "geom")
_PLACE: Final = ("id", "name", "kind", "geom")
_PLACE_NAME: Final = ("place_id", "key", "name")
_TOWN: Final = ("key", "source_number")
_POSTCODE: Final = ("source_number", "postcode", "key", "radius_m", "localities", "geom")


def _street_rows(streets: Iterable[StreetRow], known: _Streets) -> Iterator[Row]:
    for row in streets:
        yield known.add(row), row.name, row.locality, row.length_m, shape_ewkb(row.geometry)


def _address_rows(addresses: Iterable[AddressRow], known: _Streets) -> Iterator[Row]:
    for seq, row in enumerate(addresses):
        key = _number_key(row.number)
        written = None if row.number == key.upper() else row.number
        street_id = known.of(row.street, row.point)
        geom = point_ewkb(row.point.lon, row.point.lat)
        yield street_id, leading_int(key), seq, key, written, row.postcode, row.locality, geom


def _range_rows(ranges: Iterable[RangeRow], known: _Streets) -> Iterator[Row]:
    for seq, row in enumerate(ranges):
        middle = row.line.interpolate(0.5, normalized=True)
        low, high = sorted((row.first, row.last))
        street_id = known.of(row.street, Point(middle.x, middle.y))
        is_reversed = int(row.first > row.last)
        yield street_id, seq, low, high, row.step, is_reversed, row.postcode, row.locality, shape_ewkb(row.line)


def _base_rows(number: int, names: Sequence[Row]) -> Iterator[Row]:
    for base in dict.fromkeys(row[2] for row in names):
        yield number, base, _array({*deletions(base), *deletions(base, BEGINNING)})


def _word_rows(number: int, names: Sequence[Row]) -> Iterator[Row]:
    for word in dict.fromkeys(word for row in names for word in row[2].split() if word.isalpha()):
        yield word, number


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _crossing_rows(lines: Sequence[tuple[int, MultiLineString]]) -> Iterator[Row]:
    for seq, (one, other, lon, lat) in enumerate(find_crossings([line for _, line in lines])):
        yield lines[one][0], lines[other][0], seq, point_ewkb(lon, lat)


def _copy_places(copying: Copying, first_id: int, places: Iterable[PlaceRow]) -> None:
    names: list[Row] = []

    def rows() -> Iterator[Row]:
        for place_id, row in enumerate(places, start=first_id):
            called = {name_key(name): name for name in (*reversed(row.other_names), row.name)}
            names.extend((place_id, key, name) for key, name in called.items() if 0 < len(key) <= MAX_KEY)
            yield place_id, row.name, row.kind, point_ewkb(row.point.lon, row.point.lat)

    copying.rows("geo_place", _PLACE, rows())
    copying.rows("geo_place_name", _PLACE_NAME, names)


def _copy_postcodes(session: Session, copying: Copying, number: int, given: Iterable[PostcodeRow]) -> None:
    """Store the postcodes given and those that the addresses carry, each with every town that may stand with it."""
    low = number << SOURCE_BITS
    span = {"low": low, "high": low + (1 << SOURCE_BITS) - 1}
    found = session.execute(text(load_queries("gazetteer")["middles_of_postcodes"]), span).mappings().all()
    towns: dict[str, dict[str, None]] = defaultdict(dict)
    rows: dict[str, tuple[float, float, float]] = {}
    for row in given:
        rows[row.postcode] = (row.radius_m, row.point.lon, row.point.lat)
        towns[row.postcode].update(dict.fromkeys(map(name_key, row.localities)))
    for known in found:
        radius_m = min(max(known["radius_m"], MIN_RADIUS_M), MAX_RADIUS_M)
        rows.setdefault(known["postcode"], (radius_m, known["lon"], known["lat"]))
        towns[known["postcode"]].update(dict.fromkeys(map(name_key, known["localities"] or ())))
    copying.rows(
        "geo_postcode",
        _POSTCODE,
        (
            (number, code, postcode_key(code), radius_m,
             _array(f'"{town}"' for town in list(towns[code])[:MAX_TOWNS] if town), point_ewkb(lon, lat))
            for code, (radius_m, lon, lat) in rows.items()
        ),
    )  # fmt: skip


def _copy_towns(session: Session, copying: Copying, number: int) -> None:
    low = number << SOURCE_BITS
    span = {"low": low, "high": low + (1 << SOURCE_BITS) - 1}
    named = session.execute(text(load_queries("gazetteer")["towns_of"]), span).scalars()
    keys = dict.fromkeys(key for town in named if (key := name_key(town)))
    copying.rows("geo_town", _TOWN, ((key, number) for key in keys))
