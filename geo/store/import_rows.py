"""Rows of imports: recognised by keyed hashes, kept as entries, and listed."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, LargeBinary, any_, func, insert, literal, or_, select, update

from geo.domain.entries import Fault
from geo.domain.ids import new_id
from geo.domain.imports import ImportFile, ImportRow, RowOutcome
from geo.domain.words import EntryChannel, EntryKind, EntryState
from geo.store import tables
from geo.store.audit import record
from geo.store.engine import keys_of
from geo.store.import_tables import import_file, import_row
from geo.store.imports import get_import
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours
from geo.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

submission = tables.submission
MAX_TYPED: Final = 300_000
MAX_FAULTS: Final = 20
_DIGEST: Final = 16


class RowHasher:
    """Makes the keyed hashes by which the rows of one network's files are known again.

    Without the key file nothing can be told from them, neither a name nor whether two rows are alike.
    """

    def __init__(self, session: Session, kind: EntryKind, source: str) -> None:
        network = session.scalar(select(func.current_network()))
        self._key = keys_of(session).derive(f"import-row:{network}")
        self._of = f"{kind.value}\0{source}\0".encode()

    def content(self, cells: Mapping[str, Any]) -> bytes:
        """Hash what a row says."""
        return self._hash(json.dumps(dict(cells), sort_keys=True, ensure_ascii=True, default=str))

    def key(self, text: str) -> bytes:
        """Hash how a row is called."""
        return self._hash(f"key\0{text}")

    def nth(self, content: bytes, times: int) -> bytes:
        """Name a row that is called nothing: by what it says, and how many of the file said so before."""
        return content if times == 0 else self._hash(f"{content.hex()}\0{times}")

    def _hash(self, text: str) -> bytes:
        return hmac.new(self._key, self._of + text.encode(errors="surrogatepass"), sha256).digest()[:_DIGEST]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A row of the same name that was gone through before."""

    content: bytes
    outcome: RowOutcome
    import_id: UUID
    number: int
    entry_id: UUID | None
    entry_state: EntryState | None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row as it is to be noted; ``typed`` is what is sealed as its entry, where it becomes one."""

    number: int
    row_key: bytes
    content: bytes
    outcome: RowOutcome
    faults: tuple[Fault, ...] = ()
    typed: Mapping[str, Any] | None = None
    record_id: UUID | None = None
    received_at: datetime | None = None
    replaces: Earlier | None = None


def find_earlier(session: Session, import_id: UUID, keys: Sequence[bytes]) -> Mapping[bytes, Sequence[Earlier]]:
    """Find rows of these names that were taken in before, or were met before in this very import."""
    columns = [import_row.c[n] for n in ("row_key", "content", "outcome", "import_id", "number", "entry_id")]
    counts = or_(import_row.c.is_kept, import_row.c.import_id == import_id)
    entry = submission.c.id == import_row.c.entry_id
    query = select(*columns, submission.c.state).join_from(import_row, submission, entry, isouter=True)
    # one bound array; hundreds of single values would take longer to bind than to look up
    among = import_row.c.row_key == any_(literal(list(keys), ARRAY(LargeBinary)))
    found: dict[bytes, list[Earlier]] = {}
    for row in session.execute(query.where(among, mine(import_row), counts)):
        state = None if row.state is None else EntryState(row.state)
        one = Earlier(bytes(row.content), RowOutcome(row.outcome), row.import_id, row.number, row.entry_id, state)
        found.setdefault(bytes(row.row_key), []).append(one)
    return found


def keep_rows(session: Session, file: ImportFile, rows: Sequence[KeptRow], *, trial: bool) -> None:
    """Note what became of a batch of rows; those that are taken in are kept as typed, sealed, as entries.

    Parameters
    ----------
    trial
        Whether nothing is taken in: then no entry is made.

    Raises
    ------
    KeysUnavailable
        If the session has no keys.
    """
    entries = {} if trial else {row.number: new_id() for row in rows if row.typed is not None}
    if entries:
        kept = [row for row in rows if row.number in entries]
        with refused_as_ours():
            session.execute(insert(submission), [_entry(session, file, row, entries[row.number]) for row in kept])
        for row in kept:
            if row.replaces is not None:
                _replace(session, row.replaces)
    values = [
        {
            "import_id": file.id,
            "number": row.number,
            "row_key": row.row_key,
            "content": row.content,
            "outcome": row.outcome.value,
            "is_kept": not trial and row.typed is not None,
            "entry_id": entries.get(row.number),
            "faults": _faults(row.faults),
        }
        for row in rows
    ]
    if values:
        session.execute(insert(import_row), values)
        record(session, "check" if trial else "import", import_file.name, [file.id], count=len(values))


def _faults(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [{"pointer": f.pointer[:100], "reason": f.reason[:300]} for f in faults[:MAX_FAULTS]]


def _entry(session: Session, file: ImportFile, row: KeptRow, entry_id: UUID) -> dict[str, Any]:
    sealed, key_id = seal(
        session, entry_id, {"typed": dict(row.typed or {}), "corrected": None, "photo": None}, most=MAX_TYPED
    )
    state = EntryState.MADE if row.outcome is RowOutcome.MADE else EntryState.HELD
    return {
        "id": entry_id,
        "kind": file.kind.value,
        "body_hash": sha256(row.row_key + row.content).digest(),
        "sealed": sealed,
        "key_id": key_id,
        "result": {"faults": _faults(row.faults)} if row.faults else {},
        "record_id": row.record_id,
        "device_at": row.received_at,
        "state": state.value,
        "channel": EntryChannel.IMPORT.value,
    }


def _replace(session: Session, earlier: Earlier) -> None:
    """Let go of an entry that was held, now that its row came again and says something else."""
    theirs = submission.c.id == earlier.entry_id, mine(submission), submission.c.state == EntryState.HELD.value
    session.execute(
        update(submission).where(*theirs).values(state=EntryState.DISCARDED.value, sealed=None, key_id=None)
    )
    before = (
        import_row.c.import_id == earlier.import_id, import_row.c.number == earlier.number, mine(import_row),
    )  # fmt: skip
    session.execute(update(import_row).where(*before).values(is_kept=False))
    if earlier.entry_id is not None:
        record(session, "discard", submission.name, [earlier.entry_id])


def list_import_rows(
    session: Session, import_id: UUID, *, outcome: RowOutcome | None = None, after: int | None = None, limit: int = 100
) -> Sequence[ImportRow]:
    """List what became of the rows of an import, in the order of the file.

    Parameters
    ----------
    after
        The number of the last row of the page before.

    Raises
    ------
    NotFound
        If there is no such import.
    """
    get_import(session, import_id)
    where = [import_row.c.import_id == import_id, mine(import_row)]
    if outcome is not None:
        where.append(import_row.c.outcome == outcome.value)
    if after is not None:
        where.append(import_row.c.number > after)
    columns = [import_row.c[name] for name in ("number", "outcome", "entry_id", "faults")]
    entry = submission.c.id == import_row.c.entry_id
    query = select(*columns, submission.c.record_id).join_from(import_row, submission, entry, isouter=True)
    rows = session.execute(query.where(*where).order_by(import_row.c.number).limit(min(limit, MAX_LIMIT)))
    return [
        ImportRow(
            row.number, RowOutcome(row.outcome), row.entry_id, row.record_id,
            tuple(Fault(f["pointer"], f["reason"]) for f in row.faults),
        )
        for row in rows
    ]  # fmt: skip


def iterate_rows(session: Session, import_id: UUID) -> Iterator[ImportRow]:
    """Go through all rows of an import, a page at a time."""
    after: int | None = None
    while page := list_import_rows(session, import_id, after=after, limit=MAX_LIMIT):
        yield from page
        after = page[-1].row
