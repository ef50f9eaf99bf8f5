"""Who carries a turf: phones, on given days; and what such a phone may read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geoalchemy2.shape import to_shape
from sqlalchemy import Select, and_, func, insert, select, tuple_, update

from geo.domain.ids import new_id
from geo.domain.turf import LATE_DAYS, Assignment, CarriedTurf
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store.access_tables import device
from geo.store.audit import record
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours
from geo.store.turf_tables import turf, turf_assignment
from geo.store.turfs import get_turf, list_bare_doors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.turf import Door

assignment: Final = turf_assignment
MAX_ASSIGNMENTS: Final = 50
"""Phones that carry one turf at the same time."""


def _assignments() -> Select[Any]:
    columns = [assignment.c[name] for name in ("id", "turf_id", "device_id", "from_on", "until_on", "ended_at")]
    theirs = and_(device.c.id == assignment.c.device_id, device.c.network_id == assignment.c.network_id)
    return select(*columns, device.c.label.label("device_label")).join(device, theirs).where(mine(assignment))


def assign_turf(session: Session, turf_id: UUID, device_id: UUID, from_on: date, until_on: date) -> Assignment:
    """Let a phone carry a turf from one day to another, both counted, by the network's clock.

    Raises
    ------
    NotFound
        If the network has no such turf, or no such phone that is not ended.
    Conflict
        If the phone carries it already, it is closed, or enough phones do.
    InvalidInput
        If the days are out of order or the turf ends before.
    """
    found = get_turf(session, turf_id)
    if found.closed_at is not None:
        raise Conflict("this turf is closed; cut a new one")
    if not from_on <= until_on <= found.ends_on:
        raise InvalidInput("a phone carries a turf from one day to a later one, until the turf ends", field="until_on")
    known = select(device.c.id).where(device.c.id == device_id, mine(device), device.c.ended_at.is_(None))
    if session.scalar(known) is None:
        raise NotFound("there is no such phone")
    if len(list_assignments(session, turf_id)) >= MAX_ASSIGNMENTS:
        raise Conflict(f"{MAX_ASSIGNMENTS} phones carry this turf; take one back first")
    values = {"id": new_id(), "turf_id": turf_id, "device_id": device_id, "from_on": from_on, "until_on": until_on}
    with refused_as_ours():
        session.execute(insert(assignment).values(**values))
    record(session, "assign", turf.name, [turf_id], ("device", "from_on", "until_on"))
    return Assignment(**session.execute(_assignments().where(assignment.c.id == values["id"])).mappings().one())


def list_assignments(
    session: Session, turf_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> Sequence[Assignment]:
    """List the phones that carry a turf or will, in the order they were assigned."""
    query = _assignments().where(assignment.c.turf_id == turf_id, assignment.c.ended_at.is_(None))
    if after is not None:
        query = query.where(tuple_(assignment.c.id) > tuple_(after))
    rows = session.execute(query.order_by(assignment.c.id).limit(min(limit, MAX_LIMIT))).mappings()
    return [Assignment(**row) for row in rows]


def end_assignment(session: Session, turf_id: UUID, assignment_id: UUID) -> None:
    """Take a turf back from a phone: it reads nothing of it any more; what it noted there may still come in.

    Raises
    ------
    NotFound
        If the turf has no such assignment that stands.
    """
    ours = (assignment.c.id == assignment_id, assignment.c.turf_id == turf_id, mine(assignment))
    ended = update(assignment).where(*ours, assignment.c.ended_at.is_(None)).values(ended_at=func.now())
    if session.execute(ended.returning(assignment.c.id)).one_or_none() is None:
        raise NotFound("there is no such assignment")
    record(session, "unassign", turf.name, [turf_id], ("device",))


def may_note(session: Session, turf_id: UUID) -> bool:
    """Tell whether the phone that acts carries a turf or did until some days ago, so that its visits are taken in."""
    today = func.today_here()
    theirs = (assignment.c.turf_id == turf_id, assignment.c.device_id == func.current_actor(), mine(assignment))
    in_time = (assignment.c.from_on <= today, today <= assignment.c.until_on + LATE_DAYS)
    return session.scalar(select(assignment.c.id).where(*theirs, *in_time).limit(1)) is not None


def _carried() -> Select[Any]:
    names = ("id", "name", "note", "doors", "geom", "version")
    today = func.today_here()
    theirs = and_(assignment.c.turf_id == turf.c.id, assignment.c.network_id == turf.c.network_id)
    return (
        select(*(turf.c[name] for name in names), assignment.c.from_on, assignment.c.until_on)
        .join(assignment, theirs)
        .where(mine(turf), assignment.c.device_id == func.current_actor(), assignment.c.ended_at.is_(None))
        .where(assignment.c.from_on <= today, today <= assignment.c.until_on, turf.c.ends_on >= today)
    )


def list_carried(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[CarriedTurf]:
    """List the turfs that the phone that acts carries today."""
    query = _carried()
    if after is not None:
        query = query.where(tuple_(turf.c.id) > tuple_(after))
    rows = session.execute(query.order_by(turf.c.id).limit(min(limit, MAX_LIMIT))).mappings()
    return [_read_carried(dict(row)) for row in rows]


def get_carried(session: Session, turf_id: UUID) -> tuple[CarriedTurf, list[Door]]:
    """Read a turf that the phone that acts carries today, with its doors in walking order.

    Raises
    ------
    NotFound
        If it carries no such turf today.
    """
    row = session.execute(_carried().where(turf.c.id == turf_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such turf")
    return _read_carried(dict(row)), list_bare_doors(session, turf_id)


def _read_carried(values: dict[str, Any]) -> CarriedTurf:
    return CarriedTurf(
        **{name: value for name, value in values.items() if name != "geom"}, geometry=to_shape(values["geom"])
    )
