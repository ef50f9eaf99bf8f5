"""Load named places that people give instead of an address: landmarks, quarters, stations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.place import Point
from geo.errors import SourceUnreadable
from geo.geocode.normalise import name_key
from geo.store.gazetteer_import import PlaceRow, replace_source

from data.loaders.nearness import find_strays
from data.loaders.osm.names import names_of
from data.loaders.osm.places import MappedOnce
from data.loaders.replacing import describe_file, load_once
from data.loaders.report import no_progress
from data.loaders.service_area import widen_service_area
from data.loaders.shape_rows import ShapeRow, read_shapes
from data.loaders.streets import box_of, tags_of
from data.loaders.tally import Tally
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory
    from geo.store.gazetteer_sources import SourceInfo

    from data.loaders.report import LoadReport, Progress

_RULES: Final = 1
_MAX_KIND: Final = 60
_OTHERS: Final = "other_names"


def load_places(
    sessions: SessionFactory, path: Path, *, licence: str = "", attribution: str = "", progress: Progress = no_progress
) -> LoadReport:
    """Load places in the place of those loaded from a file of this name before.

    Parameters
    ----------
    sessions
        Where to; all rows are stored in one transaction.
    path
        CSV with ``name``, ``kind``, ``lon`` and ``lat``, or GeoJSON with ``name`` and ``kind`` (WGS 84). Further names
        are taken from ``other_names`` (parted by semicolons), ``alt_name`` and such, and ``name:sv`` or ``name_sv``. A
        kind such as ``amenity=library`` counts as ``library``. It is held in memory.
    licence, attribution
        Shown wherever the data shows.
    progress
        Told how much of the file is in.

    Returns
    -------
    LoadReport
        Bad rows by line and reason. Of places with one name and kind within 300 m only the first is kept, the others
        are counted as ``mapped_twice``.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, or holds no place at all.
    OutsideServiceArea
        If it is so far from the area served that no local map could hold both.
    """
    info = describe_file(path, "places", rules=_RULES, licence=licence, attribution=attribution, options={})

    def store(session: Session, info: SourceInfo) -> tuple[UUID, LoadReport]:
        tally = Tally(path.name, "places")
        rows, shapes = _read(path, tally, progress)
        if not rows:
            raise SourceUnreadable(f"{path.name} holds no place that can be used")
        source_id = replace_source(session, info, places=rows)
        widen_service_area(session, box_of(shapes))
        return source_id, tally.report(attribution)

    report = load_once(sessions, info, store)
    progress("done", 1, 1)
    return report


def _read(path: Path, tally: Tally, progress: Progress) -> tuple[list[PlaceRow], list[BaseGeometry]]:
    read: list[tuple[ShapeRow, tuple[str, ...]]] = []
    for row in read_shapes(path, watch=lambda done, total: progress(f"{len(read)} places", done, total)):
        names = _names(row)
        reason = row.bad or ("no_coordinates" if row.shape is None else None)
        if reason or not names or not name_key(names[0]):
            tally.skip(row.line, reason or "no_name")
        else:
            read.append((row, names))
    known, shapes = MappedOnce(), []
    points = [row.shape.representative_point() for row, _ in read if row.shape is not None]
    for (row, names), point, stray in zip(read, points, find_strays(points), strict=True):
        if stray:
            tally.skip(row.line, stray)
        elif not known.add(PlaceRow(names[0], _kind(row), Point(point.x, point.y), names[1:])):
            tally.pass_over("mapped_twice")
        else:
            tally.take()
            tally.counts.made += len(names) - 1
            shapes.append(point)
    return known.rows, shapes


def _names(row: ShapeRow) -> tuple[str, ...]:
    tags = tags_of(row.cells, "name")
    languages = {key.partition(":")[2] for key in tags if key.startswith("name:")}
    found = names_of(tags | {"alt_name": ";".join((tags.get("alt_name", ""), tags.get(_OTHERS, "")))}, languages)
    return tuple(dict.fromkeys(name for name in found if name == found[0] or name_key(name)))


def _kind(row: ShapeRow) -> str:
    key, equals, value = row.cells.get("kind", "").partition("=")
    written = clean_text(key if equals and value.strip() == "yes" else value or key, 10_000)
    return (written or "place")[:_MAX_KIND]
