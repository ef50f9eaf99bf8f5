"""Load an address register from CSV: any column names, any size, bad rows reported and left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from geo.crs import MAX_SPAN_DEG
from geo.errors import InvalidInput, OutsideServiceArea, SourceUnreadable
from geo.geocode.normalise import name_key, number_key, street_key
from geo.store.engine import transaction
from geo.store.gazetteer_import import replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo, find_source, keep_report
from geo.store.network import get_network, set_service_area

from data.loaders import cells
from data.loaders.csv_rows import BadRow, read_rows
from data.loaders.margin import with_margin
from data.loaders.osm.extract import file_checksum
from data.loaders.report import no_progress, report_from_dict
from data.loaders.tally import Tally
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geo.domain.place import Point
    from geo.store.engine import SessionFactory

    from data.loaders.csv_rows import Row
    from data.loaders.report import LoadReport, Progress

FIELDS: Final = ("number", "street", "city", "postcode", "lon", "lat")
NEEDED: Final = ("number", "street", "lon", "lat")
_SAMPLE: Final = 2_000
_NEAR_DEG: Final = MAX_SPAN_DEG / 2
_EVERY: Final = 10_000
_MAX = {"street": 200, "number": 30, "postcode": 20, "city": 200}


@dataclass(slots=True)
class _Reader:
    """Turns rows into addresses near ``middle``, and keeps the box around them in degrees."""

    columns: Mapping[str, str]
    middle: tuple[float, float]
    tally: Tally
    progress: Progress
    box: tuple[float, float, float, float] | None = None

    def read(self, path: Path) -> Iterator[AddressRow]:
        for row in read_rows(path, required=tuple(self.columns.values())):
            if row.line % _EVERY == 0:
                self.progress(f"{self.tally.counts.taken} addresses", 0, 0)
            try:
                address = self._address(row)
            except BadRow as bad:
                self.tally.skip(row.line, bad.reason)
                continue
            self.tally.take()
            self._grow(address.point)
            yield address

    def _address(self, row: Row) -> AddressRow:
        if row.bad:
            raise BadRow(row.bad)
        street, number = self._text(row, "street"), self._text(row, "number")
        if not street or not street_key(street):
            raise BadRow("no_street")
        if not number or not number_key(number):
            raise BadRow("no_house_number")
        point = cells.point(row.text(self.columns["lon"]), row.text(self.columns["lat"]))
        if point is None:
            raise BadRow("no_coordinates")
        if not _is_near((point.lon, point.lat), self.middle):
            raise BadRow(
                "lon_lat_swapped" if _is_near((point.lat, point.lon), self.middle) else "too_far_from_the_rest"
            )
        return AddressRow(street, number, point, self._text(row, "postcode"), self._text(row, "city"))

    def _text(self, row: Row, field: str) -> str | None:
        written = row.text(self.columns[field]) if field in self.columns else ""
        found = clean_text(written, _MAX[field])
        if written and found is None and len(written) > _MAX[field]:
            raise BadRow(f"{field}_too_long")
        return found

    def _grow(self, point: Point) -> None:
        west, south, east, north = self.box or (point.lon, point.lat, point.lon, point.lat)
        self.box = (min(west, point.lon), min(south, point.lat), max(east, point.lon), max(north, point.lat))


def load_addresses(
    sessions: SessionFactory,
    path: Path,
    *,
    columns: Mapping[str, str],
    licence: str = "",
    attribution: str = "",
    progress: Progress = no_progress,
) -> LoadReport:
    """Load address points in the place of those loaded from a file of this name before.

    Parameters
    ----------
    sessions
        Where to; all rows are stored in one transaction.
    path
        A CSV file in UTF-8 with a header; it is streamed, so its size does not matter.
    columns
        Which of its columns is which: ``number``, ``street``, ``lon`` and ``lat`` (WGS 84 degrees) are needed,
        ``city`` and ``postcode`` help.
    licence, attribution
        Shown wherever the data shows.
    progress
        Told how many rows are in.

    Returns
    -------
    LoadReport
        Bad rows by line and reason: no street, no number, coordinates that are no numbers, out of range, swapped, or
        more than three degrees from the middle of the file.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, lacks a column, or holds no address at all.
    InvalidInput
        If ``columns`` names a field that does not exist, or lacks one that is needed.
    OutsideServiceArea
        If the addresses are so far from the area served that no local map could hold both.
    """
    started = perf_counter()
    columns = _checked(columns)
    slug = f"addresses-{name_key(path.stem).replace(' ', '-')}"[:100]
    checksum = f"{file_checksum(path)} {json.dumps(dict(sorted(columns.items())))}"
    with transaction(sessions) as session:
        earlier = find_source(session, slug)
    if earlier is not None and earlier.checksum == checksum:
        return report_from_dict(earlier.report, elapsed_s=perf_counter() - started)
    reader = _Reader(columns, _middle(path, columns), Tally(path.name, "addresses"), progress)
    info = SourceInfo(slug, path.name, licence, attribution, checksum)
    with transaction(sessions) as session:
        source_id = replace_source(session, info, addresses=reader.read(path))
        if reader.box is None:
            raise SourceUnreadable(f"{path.name} holds no address that can be used")
        _widen_service_area(session, reader.box)
        report = reader.tally.report(attribution)
        keep_report(session, source_id, report.as_dict())
    return report


def _checked(columns: Mapping[str, str]) -> dict[str, str]:
    unknown, missing = sorted(set(columns) - set(FIELDS)), [name for name in NEEDED if not columns.get(name)]
    if unknown or missing:
        what = f"there is no field {unknown[0]}" if unknown else f"say which column is the {missing[0]}"
        raise InvalidInput(f"{what}; the fields are {', '.join(FIELDS)}", field="map")
    return {name: column.strip().lower() for name, column in columns.items() if column}


def _middle(path: Path, columns: Mapping[str, str]) -> tuple[float, float]:
    """Find the middle of the first rows, against which swapped and stray coordinates are told."""
    points = list(islice(_points(path, columns), _SAMPLE))
    if not points:
        raise SourceUnreadable(f"{path.name} holds no address that can be used")
    return median(p.lon for p in points), median(p.lat for p in points)


def _points(path: Path, columns: Mapping[str, str]) -> Iterator[Point]:
    for row in read_rows(path, required=tuple(columns.values())):
        try:
            point = cells.point(row.text(columns["lon"]), row.text(columns["lat"]))
        except BadRow:
            continue
        if point is not None:
            yield point


def _is_near(place: tuple[float, float], middle: tuple[float, float]) -> bool:
    return max(abs(place[0] - middle[0]), abs(place[1] - middle[1])) <= _NEAR_DEG


def _widen_service_area(session: Session, box: tuple[float, float, float, float]) -> None:
    served = get_network(session).bbox
    west, south, east, north = with_margin(box)
    if served is not None:
        west, south = min(west, served[0]), min(south, served[1])
        east, north = max(east, served[2]), max(north, served[3])
    if max(east - west, north - south) > MAX_SPAN_DEG:
        raise OutsideServiceArea("these addresses are too far from the area served; use a home folder of their own")
    set_service_area(session, (west, south, east, north))
