"""Undoing an import: all that came from its rows is taken back together, or nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, delete, func, literal, select, update

from geo.domain.imports import ImportFile, ImportState, RowOutcome
from geo.domain.words import EntryKind, EntryState
from geo.errors import Conflict
from geo.store.access_tables import referral
from geo.store.audit import record
from geo.store.calendar_tables import activity, calendar_feed, sign_up
from geo.store.driver_round_tables import driver_round, round_stop
from geo.store.import_tables import import_file, import_row
from geo.store.imports import get_import
from geo.store.link_tables import link
from geo.store.match_locks import hold_for_removal
from geo.store.match_tables import kept_apart
from geo.store.message_tables import message
from geo.store.review_tables import review_decision
from geo.store.rows import mine
from geo.store.tables import asset, helper, match, need, submission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

_AT_ONCE: Final = 5_000
_RECORDS: Final = {EntryKind.NEED: need, EntryKind.ASSET: asset, EntryKind.HELPER: helper}
USED_ASSET: Final = (
    match.c.asset_id, activity.c.asset_id, calendar_feed.c.asset_id, driver_round.c.start_asset_id,
    round_stop.c.asset_id,
)  # fmt: skip
"""What shows that something has been done with an asset."""
_USED: Final = {
    EntryKind.NEED: (
        match.c.need_id, referral.c.need_id, link.c.need_id, message.c.need_id, review_decision.c.need_id,
    ),
    EntryKind.HELPER: (
        match.c.helper_id, sign_up.c.helper_id, calendar_feed.c.helper_id, driver_round.c.helper_id,
        kept_apart.c.helper_id, message.c.helper_id,
    ),
    EntryKind.ASSET: USED_ASSET,
}  # fmt: skip
"""What shows that something has been done with a record; all else that names one goes with it."""


def undo_import(session: Session, import_id: UUID) -> ImportFile:
    """Take back everything an import has made, as long as nothing has been done with any of it.

    Raises
    ------
    NotFound
        If there is no such import.
    Conflict
        If its rows are not all in, or something has been done with one: it was changed, matched or corrected.
    """
    file = get_import(session, import_id)
    _hold_done(session, import_id)
    made, entries = _made_by(session, import_id)
    owned = _RECORDS[file.kind]
    if file.kind is EntryKind.NEED:
        hold_for_removal(session, need_ids=made)
    elif file.kind is EntryKind.HELPER:
        hold_for_removal(session, helper_ids=made)
    else:
        hold_for_removal(session, asset_ids=made)
    _check_untouched(session, file, made)
    _remove(session, owned, made)
    if made:
        record(session, "delete", owned.name, count=len(made))
    _remove(session, submission, entries)
    _close_undone(session, import_id)
    record(session, "undo", import_file.name, [import_id], count=max(len(made), 1))
    return get_import(session, import_id)


def _hold_done(session: Session, import_id: UUID) -> None:
    query = select(import_file.c.state).where(import_file.c.id == import_id, mine(import_file))
    if session.scalar(query.with_for_update()) not in (ImportState.DONE.value, ImportState.RUNNING.value):
        raise Conflict("nothing of this import is in")


def _made_by(session: Session, import_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """List the records an import has made, and the entries its rows are kept as."""
    entry = submission.c.id == import_row.c.entry_id
    query = select(submission.c.record_id, submission.c.id).join_from(import_row, submission, entry)
    theirs = query.where(import_row.c.import_id == import_id, mine(import_row), mine(submission))
    # held, so that nobody corrects one of them meanwhile
    rows = session.execute(theirs.with_for_update(of=submission)).all()
    return [row.record_id for row in rows if row.record_id is not None], [row.id for row in rows]


def _remove(session: Session, owned: Table, ids: Sequence[UUID]) -> None:
    # some at a time: each statement has only so long, and a table may have any number of rows
    for at in range(0, len(ids), _AT_ONCE):
        session.execute(delete(owned).where(_among(owned.c.id, ids[at : at + _AT_ONCE]), mine(owned)))


def _close_undone(session: Session, import_id: UUID) -> None:
    rows = import_row.c.import_id == import_id, mine(import_row)
    session.execute(update(import_row).where(*rows).values(is_kept=False))
    gone = {"state": ImportState.UNDONE.value, "sealed": None, "key_id": None, "ended_at": func.now()}
    session.execute(update(import_file).where(import_file.c.id == import_id, mine(import_file)).values(**gone))


def _check_untouched(session: Session, file: ImportFile, made: Sequence[UUID]) -> None:
    owned = _RECORDS[file.kind]
    there = _count(session, owned, owned.c.id, made)
    changed = _count(session, owned, owned.c.id, made, owned.c.version > 1)
    used = sum(_count(session, column.table, column, made) for column in _USED[file.kind])
    touched = len(made) - there + changed + used + _count_decided(session, file.id)
    if touched:
        raise Conflict(f"something has been done with {touched} of its rows; undo those first, or leave it")


def _count(session: Session, owned: Any, column: Any, ids: Sequence[UUID], *more: ColumnElement[bool]) -> int:  # noqa: ANN401 - a table and its column
    query = select(func.count(column.distinct())).where(_among(column, ids), mine(owned), *more)
    return session.scalar(query) or 0


def _count_decided(session: Session, import_id: UUID) -> int:
    """Count held rows that were corrected or let go of since."""
    theirs = import_row.c.import_id == import_id, mine(import_row), import_row.c.outcome == RowOutcome.HELD.value
    query = select(func.count()).join_from(submission, import_row, import_row.c.entry_id == submission.c.id)
    return session.scalar(query.where(*theirs, submission.c.state != EntryState.HELD.value)) or 0


def _among(column: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    found: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(Uuid)))
    return found
