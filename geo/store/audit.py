"""What has happened: noted while a transaction runs, written as its last statement, read back by organizers.

The chain of a network has one end, which only one transaction at a time can add to. So nothing is written before the
commit, and that end is held for as short as can be.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, event, func, insert, select

from geo.domain.audit import MAX_FIELDS, MAX_IDS, AuditEntry
from geo.store.audit_tables import audit, reveal_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

OPERATOR: Final = "operator"
MANY: Final = 100
"""More like entries than this, of one transaction of the operator, are a load and become one entry."""
MAX_LIMIT: Final = 1000
COLUMNS: Final = [
    audit.c[name]
    for name in ("seq", "at", "actor_kind", "actor", "action", "object_kind", "object_ids", "fields", "count")
]
_WAITING: Final = "audit_waiting"
_REASONED: Final = {"need": "need_id", "helper": "helper_id", "submission": "entry_id"}


@dataclass(frozen=True, slots=True)
class _Note:
    """An entry that waits for the commit, and the savepoints it was made in, outermost first."""

    within: tuple[SessionTransaction, ...]
    action: str
    kind: str
    ids: tuple[UUID, ...]
    fields: tuple[str, ...]
    count: int
    reason: str | None


def record(
    session: Session,
    action: str,
    kind: str,
    ids: Iterable[UUID] = (),
    fields: Iterable[str] = (),
    *,
    count: int | None = None,
    reason: str | None = None,
) -> None:
    """Note what is being done; it is written when the transaction commits, and gone when it does not.

    Parameters
    ----------
    action, kind
        What is done to what kind of record, each in small letters and underscores.
    ids
        The records; where they are more than ``MAX_IDS``, only their number is kept.
    fields
        Names of the fields that are given, changed or shown; never their values.
    count
        How many records, where they are not named; the number of ``ids`` when left out, and at least 1.
    reason
        Why a need, a helper or an entry is revealed; kept beside the chain, and gone with what it is about.
    """
    named = tuple(ids)
    most = max(count or len(named), 1)
    within = tuple(_lineage(session))
    kept = named if len(named) <= MAX_IDS else ()
    note = _Note(within, action, kind, kept, tuple(sorted(set(fields)))[:MAX_FIELDS], most, reason)
    session.info.setdefault(_WAITING, []).append(note)


def _lineage(session: Session) -> Iterator[SessionTransaction]:
    if session.get_transaction() is None:
        session.begin()
    found = session.get_nested_transaction() or session.get_transaction()
    while found is not None:
        yield found
        found = found.parent


def keep_audit(factory: sessionmaker[Session], who: Callable[[Session], tuple[str, UUID | None]]) -> None:
    """Make the sessions of a factory write what was noted in them.

    Parameters
    ----------
    who
        Tells what kind of caller acts in a session, and which.
    """

    def write(session: Session) -> None:
        # the end of a savepoint is no commit
        if not session.in_nested_transaction():
            _write(session, *who(session))

    event.listen(factory, "before_commit", write)
    event.listen(factory, "after_soft_rollback", _forget_within)
    event.listen(factory, "after_transaction_end", _forget_all)


def _write(session: Session, kind: str, actor: UUID | None) -> None:
    notes: list[_Note] = session.info.pop(_WAITING, [])
    rows = [_row(note) | {"actor_kind": kind, "actor": actor} for note in _joined(notes, by_operator=kind == OPERATOR)]
    plain = [row for row in rows if row["reason"] is None]
    for row in rows:
        if row["reason"] is not None:
            _write_reasoned(session, row)
    if plain:
        session.execute(insert(audit).values([_without_reason(row) for row in plain]))


def _row(note: _Note) -> dict[str, Any]:
    return {
        "action": note.action,
        "object_kind": note.kind,
        "object_ids": list(note.ids),
        "fields": list(note.fields),
        "count": note.count,
        "reason": note.reason,
    }


def _without_reason(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "reason"}


def _write_reasoned(session: Session, row: dict[str, Any]) -> None:
    seq = session.scalar(insert(audit).values(**_without_reason(row)).returning(audit.c.seq))
    about = _REASONED[row["object_kind"]]
    values = {"seq": seq, about: row["object_ids"][0], "reason": row["reason"]}
    session.execute(insert(reveal_reason).values(**values))


def _joined(notes: Sequence[_Note], *, by_operator: bool) -> list[_Note]:
    """Make one entry of many like ones; what people do through the API is never joined."""
    if not by_operator or len(notes) <= MANY:
        return list(notes)
    alike: dict[tuple[str, str], list[_Note]] = defaultdict(list)
    for note in notes:
        alike[note.action, note.kind].append(note)
    return [one for group in alike.values() for one in (group if len(group) <= MANY else [_join(group)])]


def _join(notes: Sequence[_Note]) -> _Note:
    first, ids = notes[0], [one for note in notes for one in note.ids]
    fields = sorted({name for note in notes for name in note.fields})[:MAX_FIELDS]
    kept = tuple(ids) if len(ids) <= MAX_IDS else ()
    return _Note((), first.action, first.kind, kept, tuple(fields), sum(note.count for note in notes), None)


def _forget_within(session: Session, ended: SessionTransaction) -> None:
    if _WAITING in session.info:
        session.info[_WAITING] = [note for note in session.info[_WAITING] if ended not in note.within]


def _forget_all(session: Session, ended: SessionTransaction) -> None:
    # closing a session rolls back without saying so
    if ended.parent is None:
        session.info.pop(_WAITING, None)


def list_audit(
    session: Session, *, after: int | None = None, limit: int = 100, action: str | None = None
) -> Sequence[AuditEntry]:
    """List what has happened in the network, the newest first.

    Parameters
    ----------
    after
        The number of the last entry of the page before.
    action
        Only entries of this action, such as ``reveal``.
    """
    conditions = [audit.c.network_id == func.current_network()]
    if after is not None:
        conditions.append(audit.c.seq < after)
    if action is not None:
        conditions.append(audit.c.action == action)
    reasons = and_(reveal_reason.c.network_id == audit.c.network_id, reveal_reason.c.seq == audit.c.seq)
    query = select(*COLUMNS, reveal_reason.c.reason).outerjoin(reveal_reason, reasons).where(*conditions)
    page = query.order_by(audit.c.seq.desc()).limit(min(limit, MAX_LIMIT))
    return [entry_from_row(row) for row in session.execute(page).mappings()]


def entry_from_row(row: RowMapping | Mapping[str, Any]) -> AuditEntry:
    """Read an entry from a row that has ``COLUMNS``."""
    values = dict(row)
    return AuditEntry(**(values | {"object_ids": tuple(row["object_ids"]), "fields": tuple(row["fields"])}))
