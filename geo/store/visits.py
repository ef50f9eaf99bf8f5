"""Visits: what was met at a door, taken in once under the id its client gave it; the last one counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from geo.domain.place import Point
from geo.domain.turf import DoorProgress, Outcome, VisitSource, happened_at
from geo.errors import Conflict, GeoError, IdempotencyClash, NotFound
from geo.store.audit import record
from geo.store.rows import mine, refused_as_ours
from geo.store.sql import load_queries
from geo.store.turf_assignments import may_note
from geo.store.turf_tables import turf, turf_visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.turf import VisitDraft

visit: Final = turf_visit


@dataclass(frozen=True, slots=True)
class VisitReceipt:
    """What became of a visit: new, there before, or refused for a reason."""

    id: UUID
    is_new: bool = False
    refused: GeoError | None = None


def receive_visits(
    session: Session, drafts: Sequence[VisitDraft], *, source: VisitSource, now: datetime
) -> list[VisitReceipt]:
    """Take visits in one by one; the same again changes nothing, and one that is refused does not stop the others.

    Parameters
    ----------
    source
        A phone's are taken for the turfs it carries, or carried until some days ago.
    now
        When they came.

    Returns
    -------
    list of VisitReceipt
        In the order they were given.
    """
    found: dict[UUID, VisitReceipt] = {}
    # two senders of the same visits in another order would otherwise wait for each other
    for draft in sorted(drafts, key=lambda one: one.id):
        try:
            with session.begin_nested():
                found[draft.id] = VisitReceipt(draft.id, _receive(session, draft, source, now))
        except GeoError as error:
            found[draft.id] = VisitReceipt(draft.id, refused=error)
    new = [receipt.id for receipt in found.values() if receipt.is_new]
    if new:
        record(session, "create", visit.name, new, ("outcome",))
    return [found[draft.id] for draft in drafts]


def _receive(session: Session, draft: VisitDraft, source: VisitSource, now: datetime) -> bool:
    _check_turf(session, draft.turf_id, source)
    told = {"turf_id": draft.turf_id, "position": draft.position, "outcome": draft.outcome.value}
    values = told | {"id": draft.id, "source": source.value, "device_at": draft.device_at}
    statement = insert(visit).values(**values, happened_at=happened_at(draft, now))
    with refused_as_ours():
        once = statement.on_conflict_do_nothing(index_elements=["id"]).returning(visit.c.id)
        if session.execute(once).one_or_none() is not None:
            return True
    columns = [visit.c[name] for name in (*told, "device_at")]
    known = session.execute(select(*columns).where(visit.c.id == draft.id, mine(visit))).mappings().one_or_none()
    if known is None or dict(known) != told | {"device_at": draft.device_at}:
        raise IdempotencyClash(field="id")
    return False


def _check_turf(session: Session, turf_id: UUID, source: VisitSource) -> None:
    if source is VisitSource.PHONE:
        if not may_note(session, turf_id):
            raise NotFound("there is no such turf", field="turf_id")
        return
    row = session.execute(select(turf.c.closed_at).where(turf.c.id == turf_id, mine(turf))).one_or_none()
    if row is None:
        raise NotFound("there is no such turf", field="turf_id")
    if row.closed_at is not None:
        raise Conflict("this turf is closed", field="turf_id")


def list_progress(session: Session, turf_id: UUID) -> list[DoorProgress]:
    """List the doors of a turf in walking order with what was met there last."""
    rows = session.execute(text(load_queries("turfs")["progress"]), {"turf_id": turf_id})
    return [
        DoorProgress(
            row.position,
            row.street,
            row.number,
            Point(row.lon, row.lat),
            Outcome(row.outcome) if row.outcome else None,
            row.happened_at,
            row.visits,
        )
        for row in rows
    ]


def count_visits(session: Session, turf_id: UUID) -> int:
    """Count the visits of a turf, the whole history."""
    query = select(func.count()).select_from(visit).where(mine(visit), visit.c.turf_id == turf_id)
    return session.scalar(query) or 0
