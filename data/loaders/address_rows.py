"""Rows of an address file turned into doors, or told why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Final

from geo.crs import MAX_SPAN_DEG
from geo.errors import SourceUnreadable
from geo.geocode.normalise import number_key, street_key
from geo.store.gazetteer_sources import AddressRow

from data.loaders import cells
from data.loaders.csv_rows import BadRow, Row, read_rows
from data.loaders.geojson_rows import read_features, text_of
from data.loaders.service_area import grown
from data.loaders.text import clean_text
from data.loaders.text_files import nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from data.loaders.address_columns import Columns
    from data.loaders.margin import Bbox
    from data.loaders.tally import Tally
    from data.loaders.text_files import Watch

    Near = Callable[[float, float], bool]

NEAR_DEG: Final = MAX_SPAN_DEG / 2
UNUSED: Final = ("unit", "premise")
_SAMPLE: Final = 2_000
_MAX: Final = {"street": 200, "number": 30, "postcode": 20, "city": 200}
_MANY: Final = 1_000_000
_EMPTY: Final[dict[str, str]] = {}

_clean = lru_cache(1 << 16)(clean_text)
_number_key = lru_cache(1 << 16)(number_key)


@dataclass(frozen=True, slots=True)
class AddressFile:
    """A file of addresses, CSV or GeoJSON, and which of its columns is which."""

    path: Path
    columns: Columns
    has_shapes: bool = False

    def rows(self, watch: Watch = nobody) -> Iterator[Row]:
        """Read its rows; those of GeoJSON have their place in the columns ``@lon`` and ``@lat``."""
        if self.has_shapes:
            return _placed(self.path, watch)
        return read_rows(self.path, required=tuple(one for many in self.columns.values() for one in many), watch=watch)

    def place(self, row: Row) -> tuple[str, str]:
        """Give what a row says of longitude and latitude."""
        if self.has_shapes:
            return row.text("@lon"), row.text("@lat")
        return row.text(self.columns["lon"][0]), row.text(self.columns["lat"][0])


def _placed(path: Path, watch: Watch) -> Iterator[Row]:
    for feature in read_features(path, watch=watch):
        lon, lat = _position(feature.geometry)
        yield Row(feature.line, {**feature.cells, "@lon": lon, "@lat": lat}, feature.bad)


def _position(geometry: object) -> tuple[str, str]:
    found = geometry if isinstance(geometry, dict) else _EMPTY
    at: object = found.get("coordinates")
    if found.get("type") != "Point" or not isinstance(at, list) or len(at) not in (2, 3):
        return "", ""
    return text_of(at[0]), text_of(at[1])


class _Seen:
    """Tells rows that came before: every one of the last million, and no more than two million in memory."""

    def __init__(self) -> None:
        self._now: set[int] = set()
        self._before: set[int] = set()

    def add(self, key: int) -> bool:
        """Remember a key; false if it is known."""
        if key in self._now or key in self._before:
            return False
        if len(self._now) >= _MANY:
            self._before, self._now = self._now, set()
        self._now.add(key)
        return True


@dataclass(slots=True)
class AddressReader:
    """Turns rows into doors, counts what is left out, and keeps the box around them in degrees."""

    file: AddressFile
    tally: Tally
    near: Near
    within: Bbox | None = None
    box: Bbox | None = None
    seen: _Seen = field(default_factory=_Seen)

    def read(self, watch: Watch) -> Iterator[AddressRow]:
        """Read the file once; bad rows are told by line and reason and never end it."""
        unused = [(name, self.file.columns[name]) for name in UNUSED if name in self.file.columns]
        ignored = self.tally.counts.ignored
        for row in self.file.rows(watch):
            try:
                address = self._address(row)
            except BadRow as bad:
                self.tally.skip(row.line, bad.reason)
                continue
            if isinstance(address, str):
                self.tally.pass_over(address)
                continue
            self.tally.take()
            for name, columns in unused:
                if any(row.text(column) for column in columns):
                    ignored[name] += 1
            point, box = address.point, self.box
            if box is None or not (box[0] <= point.lon <= box[2] and box[1] <= point.lat <= box[3]):
                self.box = grown(box, point.lon, point.lat)
            yield address

    def _address(self, row: Row) -> AddressRow | str:
        """Make a door; a word says why a row is left out though nothing is wrong with it."""
        if row.bad:
            raise BadRow(row.bad)
        street, number = self._text(row, "street"), self._text(row, "number")
        if not street or not (key := street_key(street)):
            raise BadRow("no_street")
        if not number or not (door := _number_key(number)):
            raise BadRow("no_house_number")
        point = cells.point(*self.file.place(row))
        if point is None:
            raise BadRow("no_coordinates")
        lon, lat = point.lon, point.lat
        if not self.near(lon, lat):
            if self.near(lat, lon):
                raise BadRow("lon_lat_swapped")
            if self.within is not None:
                return "outside_the_box"
            raise BadRow("too_far_from_the_rest")
        postcode = self._text(row, "postcode")
        if not self.seen.add(hash((key, door, postcode, lon, lat))):
            return "same_as_before"
        return AddressRow(street, number, point, postcode, self._text(row, "city"))

    def _text(self, row: Row, name: str) -> str | None:
        columns = self.file.columns.get(name)
        if columns is None:
            return None
        get = row.cells.get
        if len(columns) == 1:
            written = get(columns[0], "")
        else:
            written = " ".join([cell for column in columns if (cell := get(column))])
        found = _clean(written, _MAX[name])
        if found is None and len(written.strip()) > _MAX[name]:
            raise BadRow(f"{name}_too_long")
        return found


def near_box(box: Bbox) -> Near:
    """Make the test of lying within a box."""
    west, south, east, north = box
    return lambda lon, lat: west <= lon <= east and south <= lat <= north


def near_middle(file: AddressFile) -> Near:
    """Make the test of lying near the middle of a file's first rows, by which swapped and stray places are told.

    Raises
    ------
    SourceUnreadable
        If no row of the file says where it is.
    """
    points = list(islice(_points(file), _SAMPLE))
    if not points:
        raise SourceUnreadable(f"{file.path.name} holds no address that can be used")
    lon, lat = median(p[0] for p in points), median(p[1] for p in points)
    return near_box((lon - NEAR_DEG, lat - NEAR_DEG, lon + NEAR_DEG, lat + NEAR_DEG))


def _points(file: AddressFile) -> Iterator[tuple[float, float]]:
    for row in file.rows():
        try:
            point = None if row.bad else cells.point(*file.place(row))
        except BadRow:
            continue
        if point is not None:
            yield point.lon, point.lat
