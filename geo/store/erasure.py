"""Erasure: everything about a person goes, ids stay behind as tombstones, and a restored backup is cleared again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from sqlalchemy import ARRAY, Column, ColumnElement, Table, Uuid, any_, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert

from geo.domain.words import SubjectKind
from geo.errors import NotFound
from geo.store import tables
from geo.store.audit import record
from geo.store.engine import transaction
from geo.store.erased import is_erased
from geo.store.erasure_log import Erasure
from geo.store.match_locks import hold_for_removal
from geo.store.match_tables import kept_apart
from geo.store.merges import merged_with
from geo.store.people_tables import consent, tombstone
from geo.store.remote_tables import geocode_cache
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory
    from geo.store.erasure_log import ErasureLog

_LOCKS: Final = {"submission": 0, "key": 1}
"""As ``submissions.receive`` and ``idempotency.find_made`` hold an id while they look whether it came before."""
_KINDS: Final = ("need", "helper", "household", "submission", "key")
_REPLAY: Final = 2000


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What an erasure removed; nothing when it had been done before."""

    needs: int = 0
    helpers: int = 0
    entries: int = 0
    keys: int = 0

    def as_dict(self) -> dict[str, int]:
        """Give the counts by name."""
        return {"needs": self.needs, "helpers": self.helpers, "entries": self.entries, "keys": self.keys}


def erase(
    session: Session, kind: SubjectKind, subject_id: UUID, *, log: ErasureLog, now: datetime
) -> tuple[ErasureReport, Erasure | None]:
    """Erase a need, a helper, or every need of a household, with whatever hangs on them.

    Of whom no record was made yet, the entry goes that waits under the same id.

    The line in the log is on the disk before anything is removed: when the transaction then fails, the erasure is
    done at the next start. What was asked for once is never forgotten.

    Returns
    -------
    tuple
        What was removed, and the erasure as logged; none when it had been done before.

    Raises
    ------
    NotFound
        If there is no such record, and none was erased.
    """
    erasure = _plan(session, kind, subject_id, now)
    if erasure is None:
        if is_erased(session, kind.value, subject_id) or is_erased(session, "submission", subject_id):
            return ErasureReport(), None
        raise NotFound(f"there is no such {kind.value}")
    log.add(erasure)
    return bury(session, erasure), erasure


def bury(session: Session, *erasures: Erasure) -> ErasureReport:
    """Remove the rows that erasures name and set their tombstones; doing so again changes nothing."""
    _hold(session, erasures)
    values = [
        {"kind": kind, "id": found, "erased_at": erasure.at} for erasure in erasures for kind, found in erasure.buried
    ]
    session.connection().execute(insert(tombstone).on_conflict_do_nothing(), values)
    ids = {kind: [found for one in erasures for found in one.ids(kind)] for kind in _KINDS}
    hold_for_removal(session, need_ids=ids["need"], helper_ids=ids["helper"])
    _remove(session, consent, consent.c.subject_id, [*ids["need"], *ids["helper"], *ids["household"]])
    report = ErasureReport(
        needs=_remove(session, tables.need, tables.need.c.id, ids["need"]),
        helpers=_remove(session, tables.helper, tables.helper.c.id, ids["helper"]),
        entries=_remove(session, tables.submission, tables.submission.c.id, ids["submission"]),
        keys=_remove(session, tables.idempotency, tables.idempotency.c.key, ids["key"]),
    )
    if report.needs:
        _forget_households(session)
    # answers of geocoders bear no name of whom they were for; as a cache they can all go
    session.execute(delete(geocode_cache).where(mine(geocode_cache)))
    for one in erasures:
        record(session, "erase", one.kind.value, [one.subject])
    return report


def _forget_households(session: Session) -> None:
    """Let go of whom households of which nothing is left were kept apart from."""
    need = tables.need
    left = select(need.c.id).where(need.c.household_id == kept_apart.c.household_id, mine(need))
    session.execute(delete(kept_apart).where(mine(kept_apart), ~left.exists()))


def _hold(session: Session, erasures: Sequence[Erasure]) -> None:
    """Wait for whoever is taking the same entries or keys in, always in the same order."""
    lock = text(
        "SELECT pg_advisory_xact_lock(hashtextextended(id, :seed)) "
        "FROM (SELECT unnest(CAST(:ids AS text[])) AS id ORDER BY 1) AS held"
    )
    for kind, seed in _LOCKS.items():
        held = [str(found) for one in erasures for found in one.ids(kind)]
        session.execute(lock, {"ids": held, "seed": seed})


def replay_erasures(log: ErasureLog, sessions_of: Callable[[UUID], SessionFactory]) -> list[Erasure]:
    """Erase again whatever the log names and the database still, or again, holds.

    Parameters
    ----------
    sessions_of
        Makes the sessions of a network.

    Returns
    -------
    list
        The erasures that were not yet, or no longer, done.
    """
    done: list[Erasure] = []
    by_network: dict[UUID, list[Erasure]] = {}
    for erasure in log.read():
        by_network.setdefault(erasure.network, []).append(erasure)
    for network, erasures in by_network.items():
        for start in range(0, len(erasures), _REPLAY):
            with transaction(sessions_of(network)) as session:
                done += _replay_some(session, network, erasures[start : start + _REPLAY])
    return done


def _replay_some(session: Session, network: UUID, erasures: Sequence[Erasure]) -> list[Erasure]:
    if session.scalar(select(tables.network.c.id).where(tables.network.c.id == network)) is None:
        return []
    buried, back = _buried(session, erasures), _back(session, erasures)
    undone = [one for one in erasures if not set(one.buried) <= buried or back & {found for _, found in one.buried}]
    if undone:
        bury(session, *_widen(session, undone))
    return undone


def _widen(session: Session, erasures: Sequence[Erasure]) -> list[Erasure]:
    """Add what an older backup holds of each person beyond what there was when they were erased."""
    households = [one.subject for one in erasures if one.kind is SubjectKind.HOUSEHOLD]
    need, more = tables.need, defaultdict[UUID, list[tuple[UUID, datetime]]](list)
    query = select(need.c.household_id, need.c.id, need.c.received_at)
    for household, found, at in session.execute(query.where(_among(need.c.household_id, households), mine(need))):
        more[household].append((found, at))
    # a household may ask again after it was erased
    back = {one.subject: {found for found, at in more[one.subject] if at <= one.at} for one in erasures}
    made = _made_of(session, [found for one in erasures for found in one.ids("submission")])
    erasures = [replace(one, buried=(*one.buried, *_made_since(one, made))) for one in erasures]
    records = {one.subject: {*one.ids("need"), *one.ids("helper"), *back[one.subject]} for one in erasures}
    sent = _sent_as(session, set().union(*records.values()))
    return [
        _with_more(one, back[one.subject], [key for r in sorted(records[one.subject]) for key in sent[r]])
        for one in erasures
    ]


def _made_of(session: Session, entries: Sequence[UUID]) -> dict[UUID, tuple[str, UUID]]:
    """Find what was made of entries that were still to be taken in when they were erased."""
    entry = tables.submission
    query = select(entry.c.id, entry.c.kind, entry.c.record_id).where(_among(entry.c.id, entries), mine(entry))
    rows = session.execute(query.where(entry.c.record_id.is_not(None)))
    return {row.id: (row.kind, row.record_id) for row in rows}


def _made_since(erasure: Erasure, made: dict[UUID, tuple[str, UUID]]) -> list[tuple[str, UUID]]:
    found = [made[entry] for entry in erasure.ids("submission") if entry in made]
    return [(kind, record_id) for kind, record_id in found if kind in ("need", "helper")]


def _with_more(erasure: Erasure, needs: set[UUID], keys: list[tuple[str, UUID]]) -> Erasure:
    named = (*erasure.buried, *(("need", found) for found in sorted(needs)), *keys)
    return replace(erasure, buried=tuple(dict.fromkeys(named)))


def _plan(session: Session, kind: SubjectKind, subject_id: UUID, now: datetime) -> Erasure | None:
    # whoever makes a record of the entry is waited for, so that the record is found
    entry = _hold_entry(session, kind, subject_id)
    needs = _needs_of(session, kind, subject_id)
    helpers: set[UUID] = set()
    if kind is SubjectKind.HELPER:
        query = select(tables.helper.c.id).where(tables.helper.c.id == subject_id, mine(tables.helper))
        helpers = set(session.scalars(query))
    if not needs and not helpers and entry is None:
        return None
    network = session.execute(select(func.current_network())).scalar_one()
    if not needs and not helpers:
        # it was never received as a need or a helper, and counts as none
        return Erasure(network, kind, subject_id, now, (("submission", subject_id),))
    return Erasure(network, kind, subject_id, now, _name(session, kind, subject_id, needs, helpers))


def _hold_entry(session: Session, kind: SubjectKind, entry_id: UUID) -> UUID | None:
    entry = tables.submission
    here = entry.c.id == entry_id, entry.c.kind == kind.value, mine(entry)
    row = session.execute(select(entry.c.id, entry.c.record_id).where(*here).with_for_update()).one_or_none()
    return None if row is None or row.record_id is not None else entry_id


def _needs_of(session: Session, kind: SubjectKind, subject_id: UUID) -> set[UUID]:
    need = tables.need
    if kind is SubjectKind.HELPER:
        return set()
    column = need.c.id if kind is SubjectKind.NEED else need.c.household_id
    found = set(session.scalars(select(need.c.id).where(column == subject_id, mine(need))))
    # what was merged is of the same person
    return merged_with(session, found)


def _name(
    session: Session, kind: SubjectKind, subject_id: UUID, needs: set[UUID], helpers: set[UUID]
) -> tuple[tuple[str, UUID], ...]:
    """Name every id that goes: records, the entries they came from and the keys they were sent with."""
    named = [(kind.value, subject_id), *(("need", found) for found in sorted(needs))]
    named += [("helper", found) for found in sorted(helpers)]
    sent = _sent_as(session, needs | helpers)
    return tuple(dict.fromkeys((*named, *(one for found in sorted(sent) for one in sent[found]))))


def _sent_as(session: Session, records: set[UUID]) -> defaultdict[UUID, list[tuple[str, UUID]]]:
    """Find the entries and keys that records came with."""
    found = defaultdict[UUID, list[tuple[str, UUID]]](list)
    entry, key = tables.submission, tables.idempotency
    for kind, table, column in (("submission", entry, entry.c.id), ("key", key, key.c.key)):
        query = select(table.c.record_id, column).where(_among(table.c.record_id, list(records)), mine(table))
        for record_id, sent in session.execute(query.order_by(column)):
            found[record_id].append((kind, sent))
    return found


def _buried(session: Session, erasures: Sequence[Erasure]) -> set[tuple[str, UUID]]:
    query = select(tombstone.c.kind, tombstone.c.id).where(_among(tombstone.c.id, _all_ids(erasures)), mine(tombstone))
    return {(row.kind, row.id) for row in session.execute(query)}


def _back(session: Session, erasures: Sequence[Erasure]) -> set[UUID]:
    """Find which of the erased ids the database holds again."""
    ids = _all_ids(erasures)
    found: set[UUID] = set()
    for table, column in (
        (tables.need, "id"),
        (tables.helper, "id"),
        (tables.submission, "id"),
        (tables.idempotency, "key"),
    ):
        found |= set(session.scalars(select(table.c[column]).where(_among(table.c[column], ids), mine(table))))
    for table in (tables.submission, tables.idempotency):
        found |= set(session.scalars(select(table.c.record_id).where(_among(table.c.record_id, ids), mine(table))))
    return found | _households_back(session, erasures)


def _households_back(session: Session, erasures: Sequence[Erasure]) -> set[UUID]:
    until = {one.subject: one.at for one in erasures if one.kind is SubjectKind.HOUSEHOLD}
    need = tables.need
    query = select(need.c.household_id, func.min(need.c.received_at)).where(
        _among(need.c.household_id, list(until)), mine(need)
    )
    rows = session.execute(query.group_by(need.c.household_id))
    return {household for household, first in rows if first <= until[household]}


def _all_ids(erasures: Sequence[Erasure]) -> list[UUID]:
    return list({found for one in erasures for _, found in one.buried})


def _among(column: Column[Any], ids: Sequence[UUID]) -> ColumnElement[bool]:
    # one bound array; thousands of single values would take longer to bind than to look up
    return column == any_(literal(list(ids), ARRAY(Uuid)))


def _remove(session: Session, table: Table, column: Column[Any], ids: Sequence[UUID]) -> int:
    if not ids:
        return 0
    return cast("CursorResult[Any]", session.execute(delete(table).where(_among(column, ids), mine(table)))).rowcount
