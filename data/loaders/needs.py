"""Load needs from CSV; an address that is not surely found waits in the review queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.place import MAX_UNCERTAINTY_M, Location, location_from_geocode
from geo.domain.words import Access, Category, ConsentWay, LocationState, MatchQuality, Urgency
from geo.store.engine import transaction
from geo.store.geocoding import look_up
from geo.store.needs import create_need

from data.loaders import cells
from data.loaders.csv_rows import BadRow
from data.loaders.intake import MAX_ADDRESS, SOURCE, Ids, in_batches, read_as, store_row
from data.loaders.report import Layer, no_progress
from data.loaders.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from geo.domain.place import GeocodeResult, Point
    from geo.store.engine import SessionFactory

    from data.loaders.csv_rows import Row
    from data.loaders.report import LoadReport, Progress

GIVEN_UNCERTAINTY_M: Final = 15.0
_CONTACT: Final = {"name": 200, "phone": 40, "email": 254, "preferred_channel": 20, "note": 4000}


@dataclass(frozen=True, slots=True)
class _NeedRow:
    draft: NeedDraft
    contact: Contact | None
    address: str | None
    point: Point | None
    accuracy_m: float


def load_needs(sessions: SessionFactory, path: Path, *, progress: Progress = no_progress) -> LoadReport:
    """Load needs; none is lost: one whose address cannot be found is stored all the same and waits for a person.

    Parameters
    ----------
    sessions
        Where to; in batches of 500, each in its own transaction, so that a run cut short can be repeated.
    path
        A CSV file with the column ``category``, and any of ``urgency``, ``household_size``, ``languages``,
        ``access``, ``address`` or ``lon`` and ``lat`` (with ``accuracy_m``, metres), ``withheld``, ``received_at``,
        ``id``, and ``consent`` with ``name``, ``phone``, ``email``, ``preferred_channel`` and ``note``: contact
        data is kept only where ``consent`` is yes.
    progress
        Told after each batch.

    Returns
    -------
    LoadReport
        Bad rows by line and reason. A row that was loaded before, by its ``id`` or its line in the same file, counts
        as ``already_loaded``.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read or has no column ``category``.
    """
    tally, ids = Tally(path.name, "needs"), Ids(path)
    states = {state: Layer() for state in LocationState}
    for batch in in_batches(read_as(path, ("category",), tally, partial(_need, ids=ids))):
        with transaction(sessions) as session:
            answers = look_up(session, [None if need.point else need.address for _, need in batch])
            for (line, need), answer in zip(batch, answers, strict=True):
                location = _location(need, answer)
                if store_row(session, tally, line, partial(create_need, session, need.draft, location, need.contact)):
                    states[location.state].made += 1
        progress(f"{tally.counts.taken} needs", 0, 0)
    return tally.report(more={f"needs {state.value}": layer for state, layer in states.items() if layer.made})


def _need(row: Row, ids: Ids) -> _NeedRow:
    received_at = cells.instant(row, "received_at")
    draft = NeedDraft(
        category=cells.word(row, "category", Category),
        urgency=cells.word(row, "urgency", Urgency, Urgency.NORMAL),
        household_size=cells.whole(row, "household_size", least=1, most=50, default=1),
        languages=cells.languages(row),
        access=cells.several(row, "access", Access),
        withheld=cells.yes(row, "withheld"),
        source=SOURCE,
        received_at=received_at,
        id=cells.identifier(row) or ids.of(row, received_at),
    )
    accuracy = row.text("accuracy_m")
    accuracy_m = cells.number(accuracy, "bad_accuracy_m") if accuracy else GIVEN_UNCERTAINTY_M
    if not 0 <= accuracy_m <= MAX_UNCERTAINTY_M:
        raise BadRow("bad_accuracy_m")
    address = cells.line(row, "address", MAX_ADDRESS)
    return _NeedRow(draft, _contact(row), address, cells.point(row.text("lon"), row.text("lat")), accuracy_m)


def _contact(row: Row) -> Contact | None:
    if not cells.yes(row, "consent"):
        return None
    given = {name: cells.line(row, name, most) for name, most in _CONTACT.items()}
    if not any(given.values()):
        return None
    # a table is typed from paper, or from what was said and noted down
    return Contact(
        name=given["name"],
        phone=given["phone"],
        email=given["email"],
        preferred_channel=given["preferred_channel"],
        note=given["note"],
        consent_at=datetime.now(UTC),
        consent_how=ConsentWay.WRITTEN,
    )


def _location(need: _NeedRow, answer: GeocodeResult | None) -> Location:
    if need.point is not None:
        return Location(
            LocationState.LOCATED, MatchQuality.MANUAL, need.point, need.accuracy_m, address_typed=need.address
        )
    if need.address is None or answer is None:
        return Location(LocationState.NONE)
    return location_from_geocode(need.address, answer)
