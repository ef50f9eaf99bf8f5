"""Turfs: made with their doors, which then stay as they are; changed by name, note and end; closed when they fade."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.domain.door_codes import door_code
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.turf import LONGEST_DAYS, MAX_DOORS, Door, Outcome, Side, Turf, TurfCut, TurfProgress
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store.audit import record
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine, refused_as_ours, update_row
from geo.store.sql import load_queries
from geo.store.turf_tables import turf, turf_assignment, turf_door, turf_number, turf_visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.retention import Retention
    from geo.domain.turf import Address, TurfDraft

PLAIN: Final = (
    "id", "number", "cut_id", "name", "note", "doors", "ends_on", "closed_at", "tally", "created_at", "updated_at",
    "version",
)  # fmt: skip
COLUMNS: Final = [*(turf.c[name] for name in PLAIN), turf.c.geom]
CHANGEABLE: Final = frozenset({"name", "note", "ends_on"})
MAX_TURFS: Final = 100
"""Turfs that are made at once."""


def turf_from_row(row: RowMapping) -> Turf:
    """Read a turf from a row that has ``COLUMNS``."""
    values = dict(row)
    return Turf(**{name: values[name] for name in PLAIN}, geometry=to_shape(values["geom"]))


def create_turfs(session: Session, drafts: Sequence[TurfDraft]) -> TurfCut:
    """Store turfs that are made at once, each with a number of its own that no turf had before.

    Raises
    ------
    Conflict
        If an id is taken.
    InvalidInput
        If there are too many, one has too many doors or none, or ends before today or too late.
    """
    if not 1 <= len(drafts) <= MAX_TURFS:
        raise InvalidInput(f"so many turfs cannot be made at once; {MAX_TURFS} can", field="turfs")
    for draft in drafts:
        check_end(session, draft.ends_on)
    first = _take_numbers(session, len(drafts))
    cut_id = drafts[0].id or new_id()
    ids = [_create(session, draft, number, cut_id) for number, draft in enumerate(drafts, first)]
    return TurfCut(cut_id, tuple(get_turf(session, made) for made in ids))


def _take_numbers(session: Session, count: int) -> int:
    statement = upsert(turf_number).values(last=count)
    raised = statement.on_conflict_do_update(index_elements=["network_id"], set_={"last": turf_number.c.last + count})
    with refused_as_ours():
        last: int = session.execute(raised.returning(turf_number.c.last)).scalar_one()
    return last - count + 1


def _create(session: Session, draft: TurfDraft, number: int, cut_id: UUID) -> UUID:
    if not 1 <= len(draft.doors) <= MAX_DOORS:
        raise InvalidInput(f"a turf has 1 to {MAX_DOORS} doors; cut a larger one into several", field="geometry")
    turf_id = draft.id or new_id()
    values = {"number": number, "cut_id": cut_id, "doors": len(draft.doors), "ends_on": draft.ends_on}
    words = {"name": draft.name, "note": draft.note, "geom": from_shape(draft.geometry, srid=4326)}
    insert_row(session, turf, {"id": turf_id, **values, **words})
    with refused_as_ours():
        rows = [{"turf_id": turf_id, "position": at, **_door_values(door)} for at, door in enumerate(draft.doors, 1)]
        session.execute(insert(turf_door), rows)
    return turf_id


def _door_values(door: Address) -> dict[str, Any]:
    words = {"street": door.street, "number": door.number, "side": door.side.value}
    where = {"postcode": door.postcode, "locality": door.locality, "geom": _point(door.point)}
    return words | where


def _point(place: Point) -> object:
    return from_shape(shapely.Point(place.lon, place.lat), srid=4326)


def check_end(session: Session, ends_on: date) -> None:
    """Refuse an end that is past or too far ahead, by the network's day.

    Raises
    ------
    InvalidInput
        As said.
    """
    today = today_here(session)
    if not 0 <= (ends_on - today).days <= LONGEST_DAYS:
        raise InvalidInput(f"a turf ends today or at most {LONGEST_DAYS} days from now", field="ends_on")


def today_here(session: Session) -> date:
    """Tell which day it is by the network's clock."""
    found: date = session.execute(select(func.today_here())).scalar_one()
    return found


def get_turf(session: Session, turf_id: UUID) -> Turf:
    """Read one turf.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return turf_from_row(get_row(session, select(*COLUMNS), turf, turf_id))


def get_cut(session: Session, cut_id: UUID) -> TurfCut:
    """Read the turfs that were made at once, as far as they are still there.

    Raises
    ------
    NotFound
        If none is.
    """
    query = select(*COLUMNS).where(mine(turf), turf.c.cut_id == cut_id).order_by(turf.c.number).limit(MAX_TURFS)
    found = tuple(turf_from_row(row) for row in session.execute(query).mappings())
    if not found:
        raise NotFound("there is no such cut")
    return TurfCut(cut_id, found)


def list_turfs(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Turf]:
    """List turfs in the order of their ids; ``after`` is the last id of the page before."""
    return [turf_from_row(row) for row in list_rows(session, select(*COLUMNS), turf, after=after, limit=limit)]


def count_turfs(session: Session) -> int:
    """Count the network's turfs."""
    return session.scalar(select(func.count()).select_from(turf).where(mine(turf))) or 0


def list_doors(session: Session, found: Turf) -> list[Door]:
    """List the doors of a turf in walking order, each with its code."""
    return [replace(door, code=door_code(found.number, door.position)) for door in list_bare_doors(session, found.id)]


def list_bare_doors(session: Session, turf_id: UUID) -> list[Door]:
    """List the doors of a turf in walking order, without their codes."""
    columns = [turf_door.c[name] for name in ("position", "street", "number", "side", "postcode", "locality")]
    place = (func.ST_X(turf_door.c.geom).label("lon"), func.ST_Y(turf_door.c.geom).label("lat"))
    query = select(*columns, *place).where(mine(turf_door), turf_door.c.turf_id == turf_id)
    rows = session.execute(query.order_by(turf_door.c.position).limit(MAX_DOORS))
    return [_door_from(row) for row in rows]


def _door_from(row: Any) -> Door:  # noqa: ANN401 - a row
    point = Point(row.lon, row.lat)
    return Door(row.position, "", row.street, row.number, Side(row.side), point, row.postcode, row.locality)


def tally_turfs(session: Session, turfs: Sequence[Turf]) -> list[TurfProgress]:
    """Tell how far each turf has been walked, without its streets; of a closed one what was kept."""
    asked = text(load_queries("turfs")["tallies"]).bindparams(bindparam("turf_ids", type_=ARRAY(PG_UUID)))
    found: dict[UUID, dict[str, int]] = {one.id: dict.fromkeys((o.value for o in Outcome), 0) for one in turfs}
    for row in session.execute(asked, {"turf_ids": list(found)}):
        found[row.turf_id][row.outcome] = row.doors
    tallies = [(one, found[one.id] | dict(one.tally)) for one in turfs]
    return [TurfProgress(one.id, one.doors, one.doors - sum(told.values()), told, ()) for one, told in tallies]


def update_turf(
    session: Session, turf_id: UUID, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Turf:
    """Change the name, the note or the end of a turf; its shape and its doors stay.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput
        As their names say.
    Conflict
        If its visits have faded already.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "ends_on" in values:
        check_end(session, values["ends_on"])
        if get_turf(session, turf_id).closed_at is not None:
            raise Conflict("this turf is closed; cut a new one")
    update_row(session, turf, turf_id, values, expected_version=expected_version)
    return get_turf(session, turf_id)


def delete_turf(session: Session, turf_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove a turf with its doors, its assignments and what was met there."""
    delete_row(session, turf, turf_id, expected_version=expected_version)


def fade_turfs(session: Session, kept: Retention, now: datetime, *, limit: int = 100) -> int:
    """Close the turfs that ended long enough ago: what was met at each door goes, and sums stay.

    Parameters
    ----------
    kept
        How long; as for the exact place of a need that was closed.
    now
        The instant to count back from.

    Returns
    -------
    int
        How many turfs were closed.
    """
    due = select(*COLUMNS).where(
        mine(turf), turf.c.closed_at.is_(None), turf.c.ends_on < kept.coarsen_before(now).date()
    )
    locked = due.order_by(turf.c.ends_on, turf.c.id).limit(limit).with_for_update(skip_locked=True)
    ended = [turf_from_row(row) for row in session.execute(locked).mappings()]
    for progress in tally_turfs(session, ended):
        ours = turf.c.id == progress.turf_id
        values = {"closed_at": now, "tally": dict(progress.outcomes), "version": turf.c.version + 1}
        session.execute(update(turf).where(ours, mine(turf)).values(**values, updated_at=func.now()))
    ids = [one.id for one in ended]
    for table in (turf_visit, turf_assignment):
        session.execute(delete(table).where(table.c.turf_id.in_(ids), mine(table)))
    if ids:
        record(session, "fade", turf.name, ids, ("visits",))
    return len(ids)
