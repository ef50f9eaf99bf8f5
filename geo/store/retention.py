"""Retention: what is known about a person fades by itself once their need is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, or_, select, update

from geo.domain.retention import FADED_RESOLUTION
from geo.domain.words import CELL_RESOLUTION
from geo.privacy.cells import parent_cell
from geo.store import tables
from geo.store.audit import record
from geo.store.deciding import forget_decided
from geo.store.engine import make_sessions, transaction
from geo.store.entry_keeping import count_due_entries, count_due_photos, drop_photos, empty_entries
from geo.store.fading import fade_promises
from geo.store.form_parts import forget_parts
from geo.store.imports import forget_stale
from geo.store.merges import fade_merges
from geo.store.needs import IS_CLOSED, need
from geo.store.network import list_networks
from geo.store.privacy_rules import retention_of
from geo.store.remote_cache import forget_expired
from geo.store.rows import mine
from geo.store.turfs import fade_turfs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

BATCH: Final = 100
_MOST_BATCHES: Final = 10_000
STALE: Final = timedelta(days=7)
"""How long a table is kept of which nothing is taken in."""
exact, contact, submission = tables.location_exact, tables.contact, tables.submission


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """How many needs lost their exact place, how many their contact and raw entry; and entries and photos that went."""

    places: int = 0
    contacts: int = 0
    entries: int = 0
    photos: int = 0

    def __add__(self, other: RetentionReport) -> RetentionReport:
        return RetentionReport(
            self.places + other.places, self.contacts + other.contacts,
            self.entries + other.entries, self.photos + other.photos,
        )  # fmt: skip

    @property
    def is_done(self) -> bool:
        """Whether nothing was left to do."""
        return not (self.places or self.contacts or self.entries or self.photos)

    def as_dict(self) -> dict[str, int]:
        """Give the counts by name."""
        return {name: getattr(self, name) for name in ("places", "contacts", "entries", "photos")}


def apply_retention(session: Session, now: datetime, *, limit: int = BATCH) -> RetentionReport:
    """Remove what has been kept long enough, of at most ``limit`` needs for each of the two terms.

    Doing so again removes what is left, until nothing is. A need that was opened again before its term keeps all.

    Parameters
    ----------
    now
        The instant to count back from.
    """
    kept = retention_of(session)
    placed = _take(session, _has_place(), kept.coarsen_before(now), limit)
    reached = _take(session, _can_be_reached(), kept.contact_before(now), limit)
    _fade_places(session, placed)
    _remove_contacts(session, reached)
    return RetentionReport(
        len(placed), len(reached), empty_entries(session, kept, now, limit), drop_photos(session, kept, now, limit)
    )


def retain_everywhere(
    engine: Engine, now: datetime, *, keys: KeyRing | None = None, stop: Callable[[], bool] = lambda: False
) -> RetentionReport:
    """Apply retention to every network of an installation.

    Parameters
    ----------
    now
        The instant to count back from.
    keys
        The installation's; without them photos stay, because they are sealed together with what was typed.
    stop
        Asked between batches; once it says yes, the rest is left for the next round.
    """
    total = RetentionReport()
    with engine.connect() as connection:
        networks = list_networks(connection)
    for network in networks:
        total += retain(make_sessions(engine, network=network, keys=keys), now, stop=stop)
        _fade(make_sessions(engine, network=network, role=None), now, stop)
    return total


def _fade(sessions: SessionFactory, now: datetime, stop: Callable[[], bool]) -> None:
    gone = 1
    while gone and not stop():
        with transaction(sessions) as session:
            gone = fade_promises(session, retention_of(session).contact_before(now))


def retain(sessions: SessionFactory, now: datetime, *, stop: Callable[[], bool] = lambda: False) -> RetentionReport:
    """Apply retention to one network, in transactions of one batch each, so that none holds others up for long."""
    total = RetentionReport()
    for _ in range(_MOST_BATCHES):
        if stop():
            break
        with transaction(sessions) as session:
            step = apply_retention(session, now)
        if step.is_done:
            break
        total += step
    with transaction(sessions) as session:
        forget_expired(session, now=now)
        forget_stale(session, now - STALE)
        fade_turfs(session, retention_of(session), now)
        forget_parts(session, now)
    return total


def count_overdue(session: Session, now: datetime) -> RetentionReport:
    """Count the needs of which something is still kept although its time has come."""
    kept = retention_of(session)
    places, contacts = (
        session.scalar(select(func.count()).select_from(_due(what, before).subquery())) or 0
        for what, before in ((_has_place(), kept.coarsen_before(now)), (_can_be_reached(), kept.contact_before(now)))
    )
    return RetentionReport(
        places, contacts, count_due_entries(session, kept, now), count_due_photos(session, kept, now)
    )


def _due(what: ColumnElement[bool], before: datetime) -> Select[Any]:
    return select(need.c.id, need.c.cell).where(mine(need), IS_CLOSED, need.c.closed_at <= before, what)


def _take(session: Session, what: ColumnElement[bool], before: datetime, limit: int) -> Sequence[tuple[UUID, str]]:
    # whoever is changing a need this moment may be opening it again; it comes up next time
    query = _due(what, before).order_by(need.c.closed_at, need.c.id).limit(limit)
    return [(row.id, row.cell) for row in session.execute(query.with_for_update(of=need, skip_locked=True))]


def _has_place() -> ColumnElement[bool]:
    is_fine = need.c.cell.like(f"8{CELL_RESOLUTION}%")
    return or_(is_fine, exists().where(exact.c.need_id == need.c.id, exact.c.network_id == need.c.network_id))


def _can_be_reached() -> ColumnElement[bool]:
    sealed = and_(submission.c.record_id == need.c.id, submission.c.sealed.is_not(None))
    return or_(
        exists().where(contact.c.need_id == need.c.id, contact.c.network_id == need.c.network_id),
        exists().where(sealed, submission.c.network_id == need.c.network_id),
    )


def _fade_places(session: Session, needs: Sequence[tuple[UUID, str | None]]) -> None:
    if not needs:
        return
    ids = [found for found, _ in needs]
    session.execute(delete(exact).where(exact.c.need_id.in_(ids), mine(exact)))
    forget_decided(session, ids)
    fade_merges(session, ids)
    faded = [
        {"faded": found, "coarse": parent_cell(cell, FADED_RESOLUTION)}
        for found, cell in needs
        if cell is not None and cell.startswith(f"8{CELL_RESOLUTION}")
    ]
    if faded:
        values = {
            "cell": bindparam("coarse"),
            "public_cell": bindparam("coarse"),
            "version": need.c.version + 1,
            "updated_at": func.now(),
        }
        connection = session.connection()
        connection.execute(update(need).where(need.c.id == bindparam("faded"), mine(need)).values(values), faded)
    for found in ids:
        record(session, "fade_place", need.name, [found], ("cell", "location"))


def _remove_contacts(session: Session, needs: Sequence[tuple[UUID, str | None]]) -> None:
    ids = [found for found, _ in needs]
    if not ids:
        return
    session.execute(delete(contact).where(contact.c.need_id.in_(ids), mine(contact)))
    came_from = update(submission).where(submission.c.record_id.in_(ids), mine(submission))
    session.execute(came_from.values(sealed=None, key_id=None))
    fade_merges(session, ids)
    for found in ids:
        record(session, "remove_contact", need.name, [found], ("contact", "entry"))
