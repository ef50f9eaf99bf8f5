"""The gazetteer of this host: addresses, streets, places and postcodes, looked up in sets."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, cast

from shapely import from_wkb
from sqlalchemy import text

from geo.domain.place import Point
from geo.geocode.candidates import label_of
from geo.geocode.gazetteer import Door, NamedPlace, PostcodeArea, StreetMiddle
from geo.geocode.geocoder import GazetteerGeocoder, ReverseResult
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shapely import Polygon
    from sqlalchemy import RowMapping
    from sqlalchemy.orm import Session

DOOR_REACH_M: Final = 60.0
"""Metres from a point to the door it may be named after."""
STREET_REACH_M: Final = 250.0
"""Metres from a point to the street it may be named after."""


class StoredGazetteer:
    """The session's network's gazetteer in PostGIS; each question is one statement, whatever the number of keys.

    Parameters
    ----------
    session
        Any session; nothing is written.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._queries = load_queries("gazetteer")

    def _ask(self, name: str, **values: object) -> Sequence[RowMapping]:
        return self._session.execute(text(self._queries[name]), values).mappings().all()

    def service_area(self) -> Polygon | None:
        """Give the area served, WGS 84, if one was set."""
        wkb = self._session.scalar(text(self._queries["service_area"]))
        return None if wkb is None else cast("Polygon", from_wkb(bytes(wkb)))

    def doors_at(self, wanted: Collection[tuple[str, str]]) -> Sequence[Door]:
        """List the doors with these pairs of street key and number key; at most 20 for each."""
        keys, numbers = _columns(wanted)
        return [_door(row) for row in self._ask("doors_at", keys=keys, numbers=numbers)]

    def doors_around(self, wanted: Collection[tuple[str, int]]) -> Sequence[Door]:
        """List for each pair of street key and number its doors, and the nearest of the same parity on either side."""
        keys, numbers = _columns(wanted)
        return [_door(row) for row in self._ask("doors_around", keys=keys, numbers=numbers)]

    def streets_like(self, keys: Collection[str]) -> Mapping[str, Sequence[str]]:
        """List for each key up to 20 keys of streets that share enough trigrams with it, the likest first."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._ask("streets_like", keys=sorted(keys)):
            found[row["typed"]].append(row["found"])
        return found

    def streets_with_number(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[str]]:
        """List for each pair of street key and number up to 12 streets that have the number, the likest first."""
        keys, numbers = _columns(wanted)
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for row in self._ask("streets_with_number", keys=keys, numbers=numbers):
            found[row["typed"], row["number"]].append(row["found"])
        return found

    def street_middles(self, keys: Collection[str]) -> Sequence[StreetMiddle]:
        """List the streets with these keys; those without a line by their doors."""
        rows = self._ask("street_middles", keys=sorted(keys))
        return [StreetMiddle(r["name"], r["key"], r["locality"], _point(r), r["reach_m"], r["source"]) for r in rows]

    def places_like(self, keys: Collection[str]) -> Mapping[str, Sequence[NamedPlace]]:
        """List for each name key up to 8 places that share enough trigrams with it."""
        found: dict[str, list[NamedPlace]] = defaultdict(list)
        for r in self._ask("places_like", keys=sorted(keys)):
            found[r["typed"]].append(NamedPlace(r["name"], r["key"], r["kind"], _point(r), r["source"]))
        return found

    def postcodes(self, codes: Collection[str]) -> Sequence[PostcodeArea]:
        """List the postcodes with these keys, however their source spaced them."""
        spelt = sorted({form for code in codes for form in _spellings(code)})
        rows = self._ask("postcodes", codes=spelt)
        return [PostcodeArea(r["postcode"], _point(r), r["radius_m"], r["source"]) for r in rows]

    def reverse(self, point: Point) -> ReverseResult:
        """Name what lies at a point; see :meth:`LocalGeocoder.reverse`."""
        reach = {"door_m": DOOR_REACH_M, "street_m": STREET_REACH_M}
        row = self._ask("reverse", lon=point.lon, lat=point.lat, **reach)[0]
        if row["door_m"] is None:
            return ReverseResult(None, row["road_m"], row["road"], row["quarter"])
        address = label_of(row["street"], row["street_key"], row["number"], row["postcode"], row["locality"])
        return ReverseResult(address, row["door_m"], row["street"], row["quarter"])


class LocalGeocoder(GazetteerGeocoder):
    """The geocoder of this host, by the gazetteer of the session's network; nothing leaves the host.

    Parameters
    ----------
    session
        Any session; nothing is written.
    """

    def __init__(self, session: Session) -> None:
        self._stored = StoredGazetteer(session)
        super().__init__(self._stored)

    def reverse(self, point: Point) -> ReverseResult:
        """Name what lies at a point.

        Parameters
        ----------
        point
            WGS 84.

        Returns
        -------
        ReverseResult
            The nearest door within 60 m, else the nearest street within 250 m, and the smallest area that holds
            the point; true metres.
        """
        return self._stored.reverse(point)


def _columns(pairs: Collection[tuple[str, Any]]) -> tuple[list[str], list[Any]]:
    ordered = sorted(pairs)
    return [key for key, _ in ordered], [number for _, number in ordered]


def _point(row: RowMapping) -> Point:
    return Point(row["lon"], row["lat"])


def _door(row: RowMapping) -> Door:
    return Door(
        row["street"],
        row["street_key"],
        row["number"],
        row["number_key"],
        row["number_int"],
        row["postcode"],
        row["locality"],
        _point(row),
        row["source"],
    )


def _spellings(code: str) -> set[str]:
    # British codes part before the last three signs, Swedish after three, Brazilian after five
    return {code, f"{code[:-3]} {code[-3:]}", f"{code[:3]} {code[3:]}", f"{code[:5]}-{code[5:]}"}
