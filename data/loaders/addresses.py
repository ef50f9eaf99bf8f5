"""Load an address register from CSV or GeoJSON: any column names, any size, bad rows reported and left out."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable
from geo.store.engine import transaction
from geo.store.gazetteer_import import replace_source

from data.loaders.address_columns import known_map, read_map
from data.loaders.address_rows import AddressFile, AddressReader, near_box, near_middle
from data.loaders.csv_rows import read_header
from data.loaders.geojson_rows import read_features
from data.loaders.replacing import describe_file, load_once
from data.loaders.report import no_progress
from data.loaders.service_area import get_served_box, widen_service_area
from data.loaders.tally import Tally
from data.loaders.text_files import is_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory
    from geo.store.gazetteer_sources import SourceInfo

    from data.loaders.margin import Bbox
    from data.loaders.report import LoadReport, Progress

_RULES: Final = 1
_SAMPLE: Final = 200


def load_addresses(
    sessions: SessionFactory,
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    licence: str = "",
    attribution: str = "",
    within: Bbox | None = None,
    clip: bool = False,
    progress: Progress = no_progress,
) -> LoadReport:
    """Load address points in the place of those loaded from a file of this name before.

    Parameters
    ----------
    sessions
        Where to; all rows are stored in one transaction.
    path
        CSV in UTF-8 with a header, or GeoJSON points, gzipped or not; it is streamed, so its size does not matter.
    columns
        Which of its columns is which: ``number``, ``street``, ``lon`` and ``lat`` (WGS 84 degrees) are needed,
        ``city`` and ``postcode`` help, ``unit`` and ``premise`` are counted and not kept; ``a+b`` joins two columns.
        Left out for files that name them as OpenAddresses does.
    licence, attribution
        Shown wherever the data shows.
    within
        West, south, east, north in degrees: only rows inside are taken, the others counted.
    clip
        Takes the box of the area served for ``within``.
    progress
        Told how many bytes of how many are in.

    Returns
    -------
    LoadReport
        Bad rows by line and reason: no street, no number, coordinates that are no numbers, out of range, swapped, or,
        without ``within``, more than three degrees from the middle of the file. A row with the street, number,
        postcode and point of one of the million rows before it is counted as ``same_as_before``.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, lacks a column, or holds no address at all.
    InvalidInput
        If ``columns`` names a field that does not exist, or lacks one that is needed; if nothing is served to clip by.
    OutsideServiceArea
        If the addresses are so far from the area served that no local map could hold both.
    """
    if clip and within is None:
        with transaction(sessions) as session:
            within = get_served_box(session)
    file = _opened(path, columns)
    options = {"columns": file.columns, "within": within}
    info = describe_file(path, "addresses", rules=_RULES, licence=licence, attribution=attribution, options=options)

    def store(session: Session, info: SourceInfo) -> tuple[UUID, LoadReport]:
        tally = Tally(path.name, "addresses")
        reader = AddressReader(file, tally, near_box(within) if within else near_middle(file), within)

        def watch(done: int, total: int) -> None:
            progress(f"{tally.counts.taken} addresses", done, total)

        source_id = replace_source(session, info, addresses=reader.read(watch))
        if reader.box is None:
            raise SourceUnreadable(f"{path.name} holds no address that can be used")
        widen_service_area(session, reader.box)
        return source_id, tally.report(attribution)

    report = load_once(sessions, info, store)
    progress("done", 1, 1)
    return report


def _opened(path: Path, columns: Mapping[str, str] | None) -> AddressFile:
    has_shapes = is_json(path)
    header = _property_names(path) if has_shapes else read_header(path)
    if columns is None:
        return AddressFile(path, known_map(header, has_shapes=has_shapes), has_shapes)
    return AddressFile(path, read_map(columns, header, has_shapes=has_shapes), has_shapes)


def _property_names(path: Path) -> set[str]:
    return {name for feature in islice(read_features(path), _SAMPLE) for name in feature.cells}
