"""Imports: a file brought, checked, gone through batch by batch, and listed with its counts."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, func, insert, select, text, tuple_, update

from geo.domain.ids import new_id
from geo.domain.imports import WORKING, ImportFile, ImportState, RowOutcome
from geo.domain.words import EntryKind
from geo.errors import Conflict, NotFound
from geo.interchange.column_map import map_from_json, map_to_json
from geo.store.audit import record
from geo.store.import_tables import import_file, import_row
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.engine import CursorResult, RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.imports import ColumnMap, TableFile

MAX_FILE: Final = 1_000_000
"""Bytes a file may have that is kept until its rows are in."""
_MOST: Final = 1_500_000
_BYTES: Final = "file"
_PLAIN: Final = (
    "id", "name", "source", "format", "encoding", "sheet", "next_row", "total_rows", "error", "created_by",
    "created_at", "ended_at",
)  # fmt: skip
_COLUMNS: Final = [import_file.c[name] for name in (*_PLAIN, "kind", "sha256", "columns", "mapping", "state")]
_BEFORE: Final = {
    ImportState.CHECKING: (ImportState.UPLOADED, ImportState.CHECKED),
    ImportState.RUNNING: (ImportState.UPLOADED, ImportState.CHECKED),
}


def add_import(session: Session, told: TableFile, mapping: ColumnMap, content: bytes | None = None) -> ImportFile:
    """Note a file that is to be imported.

    Parameters
    ----------
    told
        What is known of it.
    mapping
        Which column means what.
    content
        Its bytes, which are kept sealed until its rows are in; none where they are read from elsewhere.

    Raises
    ------
    InvalidInput
        If it is too large.
    KeysUnavailable
        If the session has no keys.
    """
    import_id = new_id()
    values: dict[str, Any] = {
        "id": import_id,
        "kind": told.kind.value,
        **{name: getattr(told, name) for name in ("name", "source", "format", "encoding", "sheet", "sha256")},
        "columns": list(told.columns),
        "mapping": map_to_json(mapping),
    }
    if content is not None:
        sealed = seal(session, import_id, {_BYTES: b64encode(content).decode()}, most=_MOST)
        values |= dict(zip(("sealed", "key_id"), sealed, strict=True))
    with refused_as_ours():
        session.execute(insert(import_file).values(**values))
    record(session, "create", import_file.name, [import_id], ("kind", "columns"))
    return get_import(session, import_id)


def find_content(session: Session, import_id: UUID) -> bytes | None:
    """Read the bytes of a file, as long as they are kept."""
    query = select(import_file.c.sealed).where(import_file.c.id == import_id, mine(import_file))
    sealed = session.scalar(query)
    return None if sealed is None else b64decode(unseal(session, import_id, sealed)[_BYTES])


def get_import(session: Session, import_id: UUID) -> ImportFile:
    """Read one import with its counts.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    query = select(*_COLUMNS).where(import_file.c.id == import_id, mine(import_file))
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such import")
    return _read(row, _counts(session, [import_id]))


def list_imports(session: Session, *, before: UUID | None = None, limit: int = 100) -> Sequence[ImportFile]:
    """List imports, the newest first; ``before`` is the last id of the page before."""
    where = [mine(import_file)]
    if before is not None:
        where.append(tuple_(import_file.c.id) < tuple_(before))
    query = select(*_COLUMNS).where(*where).order_by(import_file.c.id.desc()).limit(min(limit, MAX_LIMIT))
    rows = session.execute(query).mappings().all()
    counts = _counts(session, [row["id"] for row in rows])
    return [_read(row, counts) for row in rows]


def _counts(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[RowOutcome, int]]:
    keys = (import_row.c.import_id, import_row.c.outcome)
    query = select(*keys, func.count().label("total")).where(import_row.c.import_id.in_(ids), mine(import_row))
    found: dict[UUID, dict[RowOutcome, int]] = {one: dict.fromkeys(RowOutcome, 0) for one in ids}
    for row in session.execute(query.group_by(*keys)):
        found[row.import_id][RowOutcome(row.outcome)] = row.total
    return found


def _read(row: RowMapping, counts: Mapping[UUID, Mapping[RowOutcome, int]]) -> ImportFile:
    return ImportFile(
        **{name: row[name] for name in _PLAIN},
        kind=EntryKind(row["kind"]),
        sha256=bytes(row["sha256"]),
        columns=tuple(row["columns"]),
        mapping=map_from_json(row["mapping"]),
        state=ImportState(row["state"]),
        counts=counts[row["id"]],
    )


def find_mapping(session: Session, kind: EntryKind, columns: Sequence[str]) -> ColumnMap | None:
    """Find how a file with these very headers was read the last time it was imported."""
    same = import_file.c.columns == list(columns)
    done = import_file.c.state.in_([ImportState.RUNNING.value, ImportState.DONE.value])
    query = select(import_file.c.mapping).where(mine(import_file), import_file.c.kind == kind.value, same, done)
    kept = session.scalar(query.order_by(import_file.c.id.desc()).limit(1))
    return None if kept is None else map_from_json(kept)


def find_unfinished(session: Session, told: TableFile) -> ImportFile | None:
    """Find an import of this very file that was begun and broken off."""
    same = [
        import_file.c[name] == getattr(told, name)
        for name in ("sha256", "source", "kind", "encoding")
    ]  # fmt: skip
    query = select(import_file.c.id).where(mine(import_file), *same, import_file.c.state == ImportState.RUNNING.value)
    found = session.scalar(query.order_by(import_file.c.id.desc()).limit(1))
    return None if found is None else get_import(session, found)


def set_mapping(session: Session, import_id: UUID, mapping: ColumnMap) -> ImportFile:
    """Say which column means what; what was found out with another map is forgotten.

    Raises
    ------
    NotFound, Conflict
        If there is none, or its rows are being gone through or are in.
    """
    _move(session, import_id, ImportState.UPLOADED, _BEFORE[ImportState.CHECKING], mapping=map_to_json(mapping))
    _forget_rows(session, import_id)
    record(session, "map", import_file.name, [import_id], ("columns",))
    return get_import(session, import_id)


def begin(session: Session, import_id: UUID, state: ImportState) -> ImportFile:
    """Begin to go through the rows: to check them, or to take them in.

    Parameters
    ----------
    state
        ``CHECKING`` or ``RUNNING``.

    Raises
    ------
    NotFound, Conflict
        If there is none, or it is past that.
    """
    _move(session, import_id, state, _BEFORE[state], next_row=0, error=None)
    _forget_rows(session, import_id)
    record(session, "begin", import_file.name, [import_id], (state.value,))
    return get_import(session, import_id)


def _move(
    session: Session,
    import_id: UUID,
    state: ImportState,
    before: Sequence[ImportState],
    **values: Any,  # noqa: ANN401 - columns
) -> None:
    get_import(session, import_id)
    theirs = import_file.c.id == import_id, mine(import_file), import_file.c.state.in_([one.value for one in before])
    changed = session.execute(update(import_file).where(*theirs).values(state=state.value, **values))
    if not cast("CursorResult[Any]", changed).rowcount:
        raise Conflict("this import is past that, or its rows are being gone through")


def _forget_rows(session: Session, import_id: UUID) -> None:
    # rows of a check alone: those that were taken in are never forgotten
    theirs = import_row.c.import_id == import_id, mine(import_row), ~import_row.c.is_kept
    session.execute(delete(import_row).where(*theirs))


def hold_import(session: Session, import_id: UUID) -> ImportFile | None:
    """Take an import to work on for as long as the transaction lasts; none when another does, or it is not at work.

    Imports of one network wait for each other, so that two copies of one file make each record once.
    """
    states = import_file.c.state.in_([one.value for one in WORKING])
    query = select(import_file.c.id).where(import_file.c.id == import_id, mine(import_file), states)
    if session.scalar(query.with_for_update(skip_locked=True)) is None:
        return None
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('import ' || current_network()::text, 0))")
    session.execute(lock)
    return get_import(session, import_id)


def note_progress(session: Session, import_id: UUID, next_row: int) -> None:
    """Note up to which row an import has come."""
    theirs = update(import_file).where(import_file.c.id == import_id, mine(import_file))
    session.execute(theirs.values(next_row=next_row))
    record(session, "go_on", import_file.name, [import_id])


def end(session: Session, import_id: UUID, state: ImportState, *, total: int, error: str | None = None) -> ImportFile:
    """Note that all rows have been gone through; a file whose rows are in is no longer kept."""
    values: dict[str, Any] = {"state": state.value, "total_rows": total, "error": error}
    if state is ImportState.DONE:
        values |= {"sealed": None, "key_id": None, "ended_at": func.now()}
    session.execute(update(import_file).where(import_file.c.id == import_id, mine(import_file)).values(**values))
    record(session, "end", import_file.name, [import_id])
    return get_import(session, import_id)


def list_working(session: Session) -> Sequence[UUID]:
    """List the imports at work whose file is kept here, the oldest first."""
    states = import_file.c.state.in_([one.value for one in WORKING])
    query = select(import_file.c.id).where(mine(import_file), states, import_file.c.sealed.is_not(None))
    return list(session.scalars(query.order_by(import_file.c.id).limit(MAX_LIMIT)))


def delete_import(session: Session, import_id: UUID) -> None:
    """Forget an import of which nothing was taken in.

    Raises
    ------
    NotFound, Conflict
        If there is none, or its rows are in or are being taken in.
    """
    get_import(session, import_id)
    states = [one.value for one in (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED)]
    theirs = import_file.c.id == import_id, mine(import_file), import_file.c.state.in_(states)
    if not cast("CursorResult[Any]", session.execute(delete(import_file).where(*theirs))).rowcount:
        raise Conflict("rows of this import were taken in; undo it instead")
    record(session, "delete", import_file.name, [import_id])


def forget_stale(session: Session, before: datetime) -> int:
    """Forget files that were brought before an instant and never taken in; gives how many."""
    never = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED)
    states = import_file.c.state.in_([state.value for state in never])
    gone = delete(import_file).where(mine(import_file), states, import_file.c.created_at < before)
    ids = list(session.scalars(gone.returning(import_file.c.id)))
    if ids:
        record(session, "delete", import_file.name, ids)
    return len(ids)
