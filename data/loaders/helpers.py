"""Load helpers, the volunteers, from CSV."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.domain.drafts import HelperDraft
from geo.domain.words import Category, HelperStatus, Vehicle
from geo.store.engine import transaction
from geo.store.geocoding import look_up, sure_point
from geo.store.helpers import create_helper

from data.loaders import cells
from data.loaders.csv_rows import BadRow
from data.loaders.intake import MAX_ADDRESS, Ids, in_batches, read_as, store_row
from data.loaders.report import Layer, no_progress
from data.loaders.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from geo.domain.place import Point
    from geo.store.engine import SessionFactory

    from data.loaders.csv_rows import Row
    from data.loaders.report import LoadReport, Progress

_MAX_CATEGORIES: Final = 10


@dataclass(frozen=True, slots=True)
class _HelperRow:
    draft: HelperDraft
    address: str | None
    point: Point | None


def load_helpers(sessions: SessionFactory, path: Path, *, progress: Progress = no_progress) -> LoadReport:
    """Load helpers; one whose home is not surely found is stored without it, and never suggested by distance.

    Parameters
    ----------
    sessions
        Where to; in batches of 500, each in its own transaction.
    path
        A CSV file with the columns ``public_name`` and ``categories``, and any of ``languages``, ``vehicle``,
        ``status``, ``capacity_per_week``, ``max_travel_min``, ``availability``, ``interpreter``, ``address`` or
        ``lon`` and ``lat``, and ``id``.
    progress
        Told after each batch.

    Returns
    -------
    LoadReport
        Bad rows by line and reason, and how many helpers have no place.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read or lacks a column.
    """
    tally, ids, homeless = Tally(path.name, "helpers"), Ids(path), Layer()
    for batch in in_batches(read_as(path, ("public_name", "categories"), tally, partial(_helper, ids=ids))):
        with transaction(sessions) as session:
            answers = look_up(session, [None if helper.point else helper.address for _, helper in batch])
            for (line, helper), answer in zip(batch, answers, strict=True):
                home = helper.point or sure_point(answer)
                stored = store_row(session, tally, line, partial(create_helper, session, helper.draft, home))
                homeless.made += stored and home is None
        progress(f"{tally.counts.taken} helpers", 0, 0)
    return tally.report(more={"helpers without a place": homeless} if homeless.made else {})


def _helper(row: Row, ids: Ids) -> _HelperRow:
    categories = cells.several(row, "categories", Category)
    if not 1 <= len(categories) <= _MAX_CATEGORIES:
        raise BadRow("no_categories")
    draft = HelperDraft(
        public_name=cells.line(row, "public_name", 100, needed=True) or "",
        categories=categories,
        languages=cells.languages(row),
        vehicle=cells.word(row, "vehicle", Vehicle, Vehicle.NONE),
        status=cells.word(row, "status", HelperStatus, HelperStatus.ACTIVE),
        capacity_per_week=cells.whole(row, "capacity_per_week", least=0, most=200, default=1),
        max_travel_min=cells.whole(row, "max_travel_min", least=1, most=240, default=20),
        id=cells.identifier(row) or ids.of(row),
        availability=cells.schedule(row, "availability"),
        interpreter=cells.yes(row, "interpreter"),
    )
    address = cells.line(row, "address", MAX_ADDRESS)
    return _HelperRow(draft, address, cells.point(row.text("lon"), row.text("lat")))
