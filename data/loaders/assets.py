"""Load public assets from CSV or GeoJSON."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.domain.drafts import AssetDraft
from geo.domain.words import AssetStatus, Category, StepFree
from geo.store.assets import upsert_assets
from geo.store.engine import transaction
from geo.store.geocoding import look_up, sure_point

from data.loaders import cells
from data.loaders.areas import read_features
from data.loaders.csv_rows import BadRow, Row
from data.loaders.intake import SOURCE, in_batches, read_as, store_row
from data.loaders.report import no_progress
from data.loaders.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from data.loaders.report import LoadReport, Progress

_MAX_CATEGORIES: Final = 10
_GEOJSON: Final = frozenset({".geojson", ".json"})
_POSITION: Final = 2


def load_assets(sessions: SessionFactory, path: Path, *, progress: Progress = no_progress) -> LoadReport:
    """Load public places and services; one that was loaded before is brought up to date.

    Parameters
    ----------
    sessions
        Where to; in batches of 500, each in its own transaction.
    path
        CSV, or GeoJSON points by the ending ``.geojson`` or ``.json``, with ``name``, ``kind`` and ``categories``, and
        any of ``description``, ``status``, ``lon`` and ``lat`` or ``address``, ``capacity_per_week``,
        ``opening_hours``, ``schedule``, ``step_free``, ``languages``, ``interpreter`` and ``ref``, the source's own
        name for the asset (its name and kind when left out). Things at private homes do not belong here: add them
        one by one, as private.
    progress
        Told after each batch.

    Returns
    -------
    LoadReport
        Bad rows by line, or features by their place in the file, and reason.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read or lacks a column.
    """
    tally, seen = Tally(path.name, "assets"), set[str]()
    if path.suffix.lower() in _GEOJSON:
        rows = _from_features(path, tally)
    else:
        rows = read_as(path, ("name", "kind", "categories"), tally, _asset)
    for batch in in_batches(rows):
        with transaction(sessions) as session:
            _store(session, tally, [(line, draft) for line, draft in batch if _is_first(draft, line, seen, tally)])
        progress(f"{tally.counts.taken} assets", 0, 0)
    return tally.report()


def _store(session: Session, tally: Tally, batch: list[tuple[int, AssetDraft]]) -> None:
    answers = look_up(session, [None if draft.point else draft.address for _, draft in batch])
    for (line, draft), answer in zip(batch, answers, strict=True):
        point = draft.point or sure_point(answer)
        if point is None:
            tally.skip(line, "address_not_found" if draft.address else "no_place")
        else:
            store_row(session, tally, line, partial(upsert_assets, session, [replace(draft, point=point)]))


def _is_first(draft: AssetDraft, line: int, seen: set[str], tally: Tally) -> bool:
    ref = draft.source_ref or ""
    if ref in seen:
        tally.skip(line, "same_ref_twice")
        return False
    seen.add(ref)
    return True


def _asset(row: Row) -> AssetDraft:
    categories = cells.several(row, "categories", Category)
    if not 1 <= len(categories) <= _MAX_CATEGORIES:
        raise BadRow("no_categories")
    name, kind = cells.line(row, "name", 200, needed=True) or "", cells.line(row, "kind", 60, needed=True) or ""
    capacity = row.text("capacity_per_week")
    return AssetDraft(
        kind=kind,
        categories=categories,
        name=name,
        description=cells.line(row, "description", 2000),
        status=cells.word(row, "status", AssetStatus, AssetStatus.ACTIVE),
        point=cells.point(row.text("lon"), row.text("lat")),
        address=cells.line(row, "address", 300),
        capacity_per_week=cells.whole(row, "capacity_per_week", least=0, most=1_000_000, default=0)
        if capacity
        else None,
        opening_hours=cells.opening_hours(row),
        schedule=cells.schedule(row, "schedule"),
        step_free=cells.word(row, "step_free", StepFree, StepFree.UNKNOWN),
        languages=cells.languages(row),
        interpreter=cells.yes(row, "interpreter"),
        source=SOURCE,
        source_ref=cells.line(row, "ref", 200) or f"{kind}: {name}"[:200],
    )


def _from_features(path: Path, tally: Tally) -> Iterator[tuple[int, AssetDraft]]:
    for place, feature in enumerate(read_features(path), start=1):
        try:
            yield place, _asset(_row(place, feature))
        except BadRow as bad:
            tally.skip(place, bad.reason)


def _row(place: int, feature: object) -> Row:
    """Write a feature as a row, so that both forms are read alike."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise BadRow("not_a_feature")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    given = properties.items() if isinstance(properties, dict) else ()
    values = {str(name).lower(): _cell(value) for name, value in given if value is not None}
    if geometry is not None:
        values |= _position(geometry)
    return Row(place, values)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(_cell(part) for part in value if not isinstance(part, list | dict))
    return "" if isinstance(value, dict) else str(value)


def _position(geometry: object) -> dict[str, str]:
    point = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    position = point[:_POSITION] if isinstance(point, list) else []
    if len(position) < _POSITION or any(isinstance(n, bool) or not isinstance(n, int | float) for n in position):
        raise BadRow("not_a_point")
    lon, lat = (repr(float(n)) for n in position)
    return {"lon": lon, "lat": lat}
