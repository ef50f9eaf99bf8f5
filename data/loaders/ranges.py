"""Load ranges of house numbers along pieces of street, where the doors themselves are not known."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from geo.domain.place import Point
from geo.errors import SourceUnreadable
from geo.store.gazetteer_import import replace_source

from data.loaders.csv_rows import BadRow
from data.loaders.osm.addresses import place_postcodes
from data.loaders.range_sides import Piece, is_road, is_tiger, read_piece, sides_of
from data.loaders.replacing import describe_file, load_once
from data.loaders.report import Layer, no_progress
from data.loaders.service_area import widen_service_area
from data.loaders.shape_rows import read_shapes
from data.loaders.streets import NamedLine, box_of, join_lines, without_strays
from data.loaders.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory
    from geo.store.gazetteer_import import PostcodeRow, RangeRow
    from geo.store.gazetteer_sources import SourceInfo

    from data.loaders.report import LoadReport, Progress

_RULES: Final = 1


def load_ranges(
    sessions: SessionFactory,
    path: Path,
    *,
    city: bool = False,
    licence: str = "",
    attribution: str = "",
    progress: Progress = no_progress,
) -> LoadReport:
    """Load ranges in the place of those loaded from a file of this name before.

    Parameters
    ----------
    sessions
        Where to; all rows are stored in one transaction.
    path
        Either a row for each range, with ``from``, ``to``, ``interpolation`` (``even``, ``odd``, ``all`` or a step),
        ``street``, ``postcode`` and a line where the doors stand; or a row for each piece of street as TIGER/Line has
        it (ADDRFEAT, EDGES): ``FULLNAME``, ``LFROMHN``, ``LTOHN``, ``RFROMHN``, ``RTOHN``, ``ZIPL``, ``ZIPR``,
        ``PARITYL``, ``PARITYR`` and the line of its middle, from which both sides are drawn. It is held in memory.
    city
        Whether the column ``city`` names towns; in files made from TIGER/Line it names counties, which nobody writes.
    licence, attribution
        Shown wherever the data shows.
    progress
        Told how much of the file is in.

    Returns
    -------
    LoadReport
        Bad ranges by line and reason; ``ranges`` and ``streets`` are what was made of the rows. A piece of street
        without numbers is kept for its crossings, and counted as ``no_house_numbers``.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, or holds no range at all.
    OutsideServiceArea
        If it is so far from the area served that no local map could hold both.
    """
    info = describe_file(path, "ranges", rules=_RULES, licence=licence, attribution=attribution, options={"city": city})

    def store(session: Session, info: SourceInfo) -> tuple[UUID, LoadReport]:
        tally = Tally(path.name, "rows")
        pieces = _read(path, tally, progress, city=city)
        ranges = [row for piece in pieces for row in piece.ranges]
        if not ranges:
            raise SourceUnreadable(f"{path.name} holds no range of house numbers that can be used")
        made, codes = Layer(), Layer()
        lines = [NamedLine(piece.line, {"name": piece.street}, piece.middle) for piece in pieces]
        streets, postcodes = join_lines(lines, made), _postcodes(ranges, codes)
        source_id = replace_source(session, info, streets=streets, ranges=ranges, postcodes=postcodes)
        widen_service_area(session, box_of([line.shape for line in lines]))
        layers = {"ranges": Layer(len(ranges)), "streets": Layer(len(streets), 0, +made.skipped), "postcodes": codes}
        return source_id, tally.report(attribution, layers)

    report = load_once(sessions, info, store)
    progress("done", 1, 1)
    return report


def _read(path: Path, tally: Tally, progress: Progress, *, city: bool) -> list[Piece]:
    found: list[Piece] = []
    for row in read_shapes(path, watch=lambda done, total: progress(f"{len(found)} pieces of street", done, total)):
        if row.bad:
            tally.skip(row.line, row.bad)
            continue
        if not is_road(row.cells):
            tally.pass_over("not_a_street")
            continue
        try:
            piece = sides_of(row) if is_tiger(row.cells) else read_piece(row, city=city)
        except BadRow as bad:
            tally.skip(row.line, bad.reason)
            continue
        for reason in piece.faults:
            tally.note(row.line, reason)
        tally.counts.ignored["no_house_numbers"] += not (piece.ranges or piece.faults)
        found.append(piece)
    tally.counts.ignored = +tally.counts.ignored
    return without_strays(found, tally)


def _postcodes(ranges: Sequence[RangeRow], layer: Layer) -> list[PostcodeRow]:
    points: dict[str, list[Point]] = defaultdict(list)
    for row in ranges:
        if row.postcode:
            middle = row.line.interpolate(0.5, normalized=True)
            points[row.postcode].append(Point(middle.x, middle.y))
    return place_postcodes(points, layer)
