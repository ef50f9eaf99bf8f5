"""The gazetteer of this host: addresses, streets, crossings, places and postcodes, looked up in sets."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from shapely import from_wkb

from geo.domain.place import Point
from geo.geocode.deletions import deletions
from geo.geocode.gazetteer import Crossing, Door, NamedPlace, NumberRange, PostcodeArea, StreetMiddle, StreetName
from geo.geocode.geocoder import GazetteerGeocoder
from geo.store.asking import Questions
from geo.store.gazetteer_tables import SOURCE_BITS
from geo.store.reverse import LocalReverse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shapely import MultiLineString, Polygon
    from sqlalchemy.orm import Session

    from geo.geocode.geocoder import ReverseResult

Row = tuple[Any, ...]


class StoredGazetteer:
    """The session's network's gazetteer in PostGIS; each question is one statement, whatever the number of keys.

    It speaks to the driver itself: a lookup takes a few tenths of a millisecond, and building the statement anew each
    time would take as long again.

    Parameters
    ----------
    session
        Any session; nothing is written. Its transaction goes on with plans made for any values.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._questions = Questions(session, "gazetteer")
        self._slugs: dict[int, str] = {}
        self._area: Polygon | None = None
        self._has_area = False
        self._told: object = None

    def ask(self, name: str, *values: object) -> Sequence[Row]:
        """Put one of the named questions."""
        return self._execute(name, values)

    def _execute(self, name: str, values: Sequence[object] | Mapping[str, object]) -> Sequence[Row]:
        connection = self._session.connection()
        transaction = self._session.get_transaction()
        if transaction is not self._told:
            # every plan here is a walk down indexes, whatever the values; making it anew takes longer than the walk
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
            self._told = transaction
        return self._questions.ask(name, values)

    def _source_of(self, row_id: int) -> str:
        number = row_id >> SOURCE_BITS
        if number not in self._slugs:
            self._slugs = dict(cast("list[tuple[int, str]]", self.ask("source_slugs")))
        return self._slugs.get(number, "")

    def service_area(self) -> Polygon | None:
        """Give the area served, WGS 84, if one was set."""
        if not self._has_area:
            rows = self.ask("service_area")
            wkb = rows[0][0] if rows else None
            self._area = None if wkb is None else cast("Polygon", from_wkb(bytes(wkb)))
            self._has_area = True
        return self._area

    def named(self, wanted: Collection[tuple[str, int]]) -> Sequence[tuple[StreetName, Door | None, int]]:
        """List for each pair of base and number up to 60 streets of that name, each with up to 40 doors."""
        found: list[tuple[StreetName, Door | None, int]] = []
        known: dict[tuple[int, str], StreetName] = {}
        for (
            street_id,
            key,
            base,
            name,
            town,
            number_int,
            number,
            number_key,
            code,
            locality,
            lon,
            lat,
            asked,
        ) in self.ask("named", *_columns(wanted)):
            street = known.get((street_id, key))
            if street is None:
                street = StreetName(street_id, key, base, name, town, self._source_of(street_id))
                known[street_id, key] = street
            if number_key is None:
                found.append((street, None, asked))
                continue
            written = number or number_key.upper()
            found.append((street, Door(street_id, number_int, written, number_key, code, locality, lon, lat), asked))
        return found

    def around(self, wanted: Collection[tuple[int, int]]) -> Sequence[Door]:
        """List for each pair of street and number up to six doors of the same parity on either side."""
        doors = (Door(i, n, nr or key.upper(), key, c, t, lon, lat) for i, n, nr, key, c, t, lon, lat in
                 self.ask("around", *_columns(wanted)))  # fmt: skip
        return list(dict.fromkeys(doors))

    def ranges(self, wanted: Collection[tuple[int, int]]) -> Sequence[NumberRange]:
        """List for each pair of street and number up to six ranges that hold it."""
        rows = self.ask("ranges", *_columns(wanted))
        return [NumberRange._make((*row[:-1], from_wkb(bytes(row[-1])))) for row in rows]

    def lines(self, street_ids: Collection[int]) -> Mapping[int, MultiLineString]:
        """Give the lines of those of the streets that have one, WGS 84."""
        return {row[0]: cast("MultiLineString", from_wkb(bytes(row[1]))) for row in self.ask("lines", list(street_ids))}

    def bases_like(self, bases: Collection[str]) -> Mapping[str, Sequence[str]]:
        """List for each base up to 60 that share what is left when letters are taken out, the likest first."""
        taken_out = {base: deletions(base) for base in sorted(bases)}
        asked = [base for base, rests in taken_out.items() if rests]
        written = ["{" + ",".join(map(str, taken_out[base])) + "}" for base in asked]
        return _lists(self.ask("bases_like", _lines(asked), _lines(written))) if asked else {}

    def known_words(self, words: Collection[str]) -> Collection[str]:
        """Tell which of these words some street's name has."""
        return {row[0] for row in self.ask("known_words", _lines(words))}

    def known_towns(self, keys: Collection[str]) -> Collection[str]:
        """Tell which of these name keys are towns that addresses name, or places of that name."""
        return {row[0] for row in self.ask("known_towns", _lines(keys))}

    def postcodes_of(self, towns: Collection[str]) -> Mapping[str, Collection[str]]:
        """List for each name key of a town the keys of the postcodes that it may be named with."""
        return _lists(self.ask("postcodes_of", _lines(towns)))

    def bases_with_words(self, bases: Collection[str]) -> Mapping[str, Sequence[str]]:
        """List for each base up to 12 that share enough triples of letters with it, the likest first."""
        return _lists(self.ask("bases_with_words", _lines(sorted(bases))))

    def bases_having(self, wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[str]]:
        """List for each pair of postcode and number the bases of up to 400 doors, however the postcode is spaced."""
        spelt = {(form, number): (code, number) for code, number in wanted for form in _spellings(code)}
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for postcode, number, base in self.ask("bases_having", *_columns(spelt)):
            found[spelt[postcode, number]].append(base)
        return found

    def middles(self, street_ids: Collection[int]) -> Sequence[StreetMiddle]:
        """Place whole streets; those without a line by their doors, town by town."""
        rows = self.ask("middles", sorted(street_ids))
        return [StreetMiddle(street_id, Point(lon, lat), reach_m) for street_id, lon, lat, reach_m in rows]

    def crossings(self, wanted: Collection[tuple[str, str]]) -> Sequence[Crossing]:
        """List for each pair of bases where streets of these names meet; at most 20,000 for all."""
        found = []
        for row in self.ask("crossings", *_columns(wanted)):
            first, second = (StreetName._make((*row[at : at + 5], self._source_of(row[at]))) for at in (1, 6))
            found.append(Crossing(first, second, Point(row[11], row[12])))
        return found

    def places_like(self, keys: Collection[str]) -> Mapping[str, Sequence[NamedPlace]]:
        """List for each name key up to 8 places of that name or one that shares enough triples of letters with it."""
        found: dict[str, list[NamedPlace]] = defaultdict(list)
        for typed, _, key, kind, lon, lat, place_id, name in self.ask("places_like", _lines(sorted(keys))):
            found[typed].append(NamedPlace(name, key, kind, Point(lon, lat), self._source_of(place_id)))
        return found

    def postcodes(self, codes: Collection[str]) -> Sequence[PostcodeArea]:
        """List the postcodes with these keys, however their source spaced them."""
        rows = self.ask("postcodes", sorted(codes))
        return [
            PostcodeArea(code, Point(lon, lat), radius_m, self._source_of(number << SOURCE_BITS), tuple(localities))
            for code, lon, lat, radius_m, number, localities in rows
        ]


class LocalGeocoder(GazetteerGeocoder):
    """The geocoder of this host, by the gazetteer of the session's network; nothing leaves the host.

    Parameters
    ----------
    session
        Any session; nothing is written.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(StoredGazetteer(session))
        self._reverse = LocalReverse(session)

    def reverse(self, point: Point) -> ReverseResult:
        """Name what lies at a point.

        Parameters
        ----------
        point
            WGS 84.

        Returns
        -------
        ReverseResult
            The nearest door within 60 m, else the nearest crossing within 25 m, else the nearest street within
            250 m, and the smallest area that holds the point; true metres.
        """
        return self._reverse.find(point)


def _columns(pairs: Collection[tuple[Any, Any]]) -> tuple[str, str]:
    """Write pairs as two lists, a value on each line: the server takes them apart faster than the driver writes arrays.

    No key has a line break, because keys are made of letters, digits and spaces.
    """
    return _lines(key for key, _ in pairs), _lines(number for _, number in pairs)


def _lines(values: Iterable[object]) -> str:
    return "\n".join(map(str, values))


def _lists(pairs: Sequence[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for typed, like in pairs:
        found[typed].append(like)
    return found


def _spellings(code: str) -> set[str]:
    # British codes part before the last three signs, Swedish after three, Brazilian after five
    return {code, f"{code[:-3]} {code[-3:]}", f"{code[:3]} {code[3:]}", f"{code[:5]}-{code[5:]}"}
