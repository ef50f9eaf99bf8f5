"""Load named streets from a file of lines: put together by name, with where they cross."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import numpy as np
import shapely

from geo.crs import metric_crs
from geo.errors import SourceUnreadable
from geo.geocode.normalise import street_key
from geo.store.gazetteer_import import replace_source

from data.loaders.nearness import find_strays
from data.loaders.osm.extract import Feature
from data.loaders.osm.names import names_of, spoken_languages
from data.loaders.osm.streets import NOT_STREETS, other_names, read_streets
from data.loaders.replacing import describe_file, load_once
from data.loaders.report import Layer, no_progress
from data.loaders.service_area import widen_service_area
from data.loaders.shape_rows import read_shapes
from data.loaders.tally import Tally
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from uuid import UUID

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory
    from geo.store.gazetteer_import import StreetRow
    from geo.store.gazetteer_sources import SourceInfo

    from data.loaders.margin import Bbox
    from data.loaders.report import LoadReport, Progress
    from data.loaders.shape_rows import ShapeRow

_RULES: Final = 1
_NAMED: Final = ("name", "fullname", "street", "street_name")
D = TypeVar("D", bound="Drawn")
_TOWNS: Final = ("locality", "city", "town")


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line with its tags, among them ``name``, and the town it lies in."""

    line: int
    tags: dict[str, str]
    shape: BaseGeometry
    locality: str | None = None


def load_streets(
    sessions: SessionFactory,
    path: Path,
    *,
    name: str = "",
    licence: str = "",
    attribution: str = "",
    progress: Progress = no_progress,
) -> LoadReport:
    """Load named lines in the place of those loaded from a file of this name before.

    Parameters
    ----------
    sessions
        Where to; all rows are stored in one transaction.
    path
        CSV with well-known text, GeoJSON, a Shapefile or a GeoPackage (WGS 84). Further names are taken from columns
        such as ``alt_name`` and ``name:sv`` or ``name_sv``. It is held in memory.
    name
        The column with the name; ``name``, ``fullname``, ``street`` or ``street_name`` when left out.
    licence, attribution
        Shown wherever the data shows.
    progress
        Told how much of the file is in.

    Returns
    -------
    LoadReport
        Bad rows by line and reason. What is no street by its column ``highway`` is counted as ``not_a_street``.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, or holds no street at all.
    OutsideServiceArea
        If it is so far from the area served that no local map could hold both.
    """
    info = describe_file(
        path, "streets", rules=_RULES, licence=licence, attribution=attribution, options={"name": name}
    )

    def store(session: Session, info: SourceInfo) -> tuple[UUID, LoadReport]:
        tally = Tally(path.name, "lines")
        lines = _read(path, name.strip().lower(), tally, progress)
        if not lines:
            raise SourceUnreadable(f"{path.name} holds no street that can be used")
        made = Layer()
        streets = join_lines(lines, made)
        source_id = replace_source(session, info, streets=streets)
        widen_service_area(session, box_of([line.shape for line in lines]))
        layer = Layer(len(streets), made.made, +made.skipped)
        return source_id, tally.report(attribution, {"streets": layer})

    report = load_once(sessions, info, store)
    progress("done", 1, 1)
    return report


def _read(path: Path, name: str, tally: Tally, progress: Progress) -> list[NamedLine]:
    found: list[NamedLine] = []
    for row in read_shapes(path, watch=lambda done, total: progress(f"{len(found)} lines", done, total)):
        reason = row.bad or _lack(row)
        if reason:
            tally.skip(row.line, reason)
            continue
        tags = tags_of(row.cells, name or next((one for one in _NAMED if one in row.cells), "name"))
        if not street_key(next(iter(names_of(tags, ())), "")):
            tally.skip(row.line, "no_name")
        elif tags.get("highway") in NOT_STREETS:
            tally.pass_over("not_a_street")
        elif row.shape is not None:
            town = next((row.cells[one] for one in _TOWNS if row.cells.get(one)), None)
            found.append(NamedLine(row.line, tags, row.shape, clean_text(town, 200)))
    return without_strays(found, tally)


def _lack(row: ShapeRow) -> str | None:
    if row.shape is None:
        return "no_line"
    return None if "LineString" in row.shape.geom_type else "not_a_line"


def tags_of(found: dict[str, str], name: str) -> dict[str, str]:
    """Give the cells of a row as OpenStreetMap would have them: ``name`` first, and ``name_sv`` as ``name:sv``."""
    tags = {_tag(key): cell for key, cell in found.items() if cell.strip()}
    return tags | {"name": found.get(name, "")}


def _tag(column: str) -> str:
    before, under, language = column.rpartition("_")
    is_language = bool(under) and before.endswith("name") and 2 <= len(language) <= 3  # noqa: PLR2004 - ISO 639 codes
    return f"{before}:{language}" if is_language else column


class Drawn(Protocol):
    """What has a line of the file and a shape."""

    @property
    def line(self) -> int:
        """Where it stands in the file."""

    @property
    def shape(self) -> BaseGeometry:
        """What it looks like, WGS 84."""


def without_strays(lines: Sequence[D], tally: Tally) -> list[D]:
    """Leave out the lines far from all others, and count the rest as taken."""
    kept: list[D] = []
    for line, reason in zip(lines, find_strays([line.shape for line in lines]), strict=True):
        if reason:
            tally.skip(line.line, reason)
        else:
            tally.take()
            kept.append(line)
    return kept


def box_of(shapes: Sequence[BaseGeometry]) -> Bbox:
    """Give the box around shapes, in degrees."""
    west, south, east, north = shapely.total_bounds(np.asarray(shapes, dtype=object)).tolist()
    return west, south, east, north


def join_lines(lines: Iterable[NamedLine], layer: Layer) -> list[StreetRow]:
    """Put lines of one name together.

    Parameters
    ----------
    lines
        Near one another, so that one metric system serves them all.
    layer
        Counts what is too large to keep, and further names as made.
    """
    lines = list(lines)
    features = [Feature(f"line/{line.line}", line.tags, line.shape) for line in lines]
    west, south, east, north = box_of([line.shape for line in lines])
    return read_streets(
        features,
        layer,
        crs=metric_crs([west, east], [south, north]),
        aliases=other_names(features, spoken_languages(features)),
        localities=_towns(lines),
    )


def _towns(lines: Iterable[NamedLine]) -> dict[str, str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if line.locality:
            counts[street_key(line.tags["name"])][line.locality] += 1
    return {key: found.most_common(1)[0][0] for key, found in counts.items()}
