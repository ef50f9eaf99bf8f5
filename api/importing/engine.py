"""Imports gone through batch by batch: each batch is one transaction, in which the import also notes how far it is.

A run that is killed therefore leaves whole batches, and goes on behind them. A check does exactly what a run does,
and takes it back before anything is kept but what would have become of each row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from geo.domain.entries import Fault
from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryState
from geo.errors import GeoError, KeysUnavailable, SourceUnreadable
from geo.interchange.opening import open_table
from geo.interchange.table import TableKind
from geo.store.engine import transaction
from geo.store.import_rows import Earlier, KeptRow, RowHasher, find_earlier, keep_rows
from geo.store.imports import end, get_import, hold_import, note_progress

from api.importing.judging import Judged, judge
from api.importing.making import look_up, make
from api.importing.tables import MAX_UNPACKED, number_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.imports import ImportFile
    from geo.domain.place import GeocodeResult
    from geo.store.engine import Acting, SessionFactory

_Row = tuple[Judged, bytes, bytes]
BATCH: Final = 200
CHANGED: Final = "a row of this name came before and says something else; what was made of it stays as it is"
_DONE: Final = {ImportState.CHECKING: ImportState.CHECKED, ImportState.RUNNING: ImportState.DONE}


@dataclass(slots=True)
class _Named:
    """Names rows: by their key, or by what they say and how often the file has said so before."""

    hasher: RowHasher
    said: Counter[bytes]

    def name(self, row: Judged) -> tuple[bytes, bytes]:
        """Give the name of a row, and the hash of what it says."""
        content = self.hasher.content(row.cells)
        if row.key:
            return self.hasher.key(row.key), content
        times = self.said[content]
        self.said[content] += 1
        return self.hasher.nth(content, times), content


def never() -> bool:
    """Go on."""
    return False


def nobody(_done: int) -> None:
    """Tell nobody."""


def work_through(
    sessions: SessionFactory,
    import_id: UUID,
    stream: BinaryIO,
    *,
    acting: Acting | None = None,
    stop: Callable[[], bool] = never,
    progress: Callable[[int], None] = nobody,
) -> ImportFile:
    """Go through the rows of an import that is at work, from where it stands.

    Parameters
    ----------
    sessions
        With the installation's keys.
    stream
        The file, open at its beginning.
    acting
        For whom, when not for whom the sessions were made.
    stop
        Asked between batches; the rest is then left for the next time.
    progress
        Told after each batch how many rows have been gone through.

    Raises
    ------
    KeysUnavailable
        If the session has no keys.
    """
    with transaction(sessions, acting) as session:
        file = get_import(session, import_id)
        named = _Named(RowHasher(session, file.kind, file.source), Counter())
    if file.state not in _DONE:
        return file
    done = 0
    try:
        for batch in _batches(file, stream, named):
            done += len(batch)
            fresh = [one for one in batch if one[0].number >= file.next_row]
            if fresh:
                if stop():
                    return file
                with transaction(sessions, acting) as session:
                    if not _take(session, file, fresh):
                        return get_import(session, import_id)
                file = replace(file, next_row=_after(fresh))
            progress(done)
    except _Unreadable as error:
        with transaction(sessions, acting) as session:
            return end(session, import_id, ImportState.CHECKED, total=0, error=str(error)[:500])
    with transaction(sessions, acting) as session:
        held = hold_import(session, import_id)
        return file if held is None else end(session, import_id, _DONE[held.state], total=done)


class _Unreadable(Exception):
    """A file that is no table after all."""


def _batches(file: ImportFile, stream: BinaryIO, named: _Named) -> Iterator[list[_Row]]:
    form = TableKind(file.format)
    try:
        table = open_table(stream, form, sheet=file.sheet, encoding=file.encoding, max_unpacked=MAX_UNPACKED)
    except SourceUnreadable as error:
        raise _Unreadable(str(error)) from None
    now = datetime.now(UTC)
    rows = ((one, *named.name(one)) for one in (judge(row, file, now) for row in number_rows(table)))
    while batch := list(islice(rows, BATCH)):
        yield batch


def _after(rows: Sequence[_Row]) -> int:
    return rows[-1][0].number + 1


def _take(session: Session, file: ImportFile, rows: Sequence[_Row]) -> bool:
    """Take a batch in with the mark behind it; not where somebody else goes through the import."""
    held = hold_import(session, file.id)
    if held is None or held.next_row != file.next_row:
        return False
    _take_batch(session, held, rows)
    note_progress(session, file.id, _after(rows))
    return True


def _take_batch(session: Session, file: ImportFile, rows: Sequence[_Row]) -> None:
    trial = file.state is ImportState.CHECKING
    earlier = find_earlier(session, file.id, [key for _, key, _ in rows])
    met: dict[bytes, list[Earlier]] = {}
    settled = [_settle(file, row, key, content, earlier, met) for row, key, content in rows]
    answers = look_up(
        session, [row if kept is None else None for (row, _, _), (kept, _) in zip(rows, settled, strict=True)]
    )
    with session.begin_nested() as within:
        made = [
            kept or _make(session, file, row, (key, content), answer, before)
            for (row, key, content), (kept, before), answer in zip(rows, settled, answers, strict=True)
        ]
        if trial:
            within.rollback()
    keep_rows(session, file, made, trial=trial)


def _settle(
    file: ImportFile,
    row: Judged,
    key: bytes,
    content: bytes,
    earlier: Mapping[bytes, Sequence[Earlier]],
    met: dict[bytes, list[Earlier]],
) -> tuple[KeptRow | None, Earlier | None]:
    """Decide about a row that came before or cannot be used; nothing for one that is to be made."""
    before = [*earlier.get(key, ()), *met.get(key, ())]
    outcome = RowOutcome.HELD if row.faults else RowOutcome.MADE
    met.setdefault(key, []).append(Earlier(content, outcome, file.id, row.number, None, None))
    same = [one for one in before if one.content == content]
    if same:
        here = all(one.import_id == file.id for one in same)
        return KeptRow(row.number, key, content, RowOutcome.REPEATED if here else RowOutcome.KNOWN), None
    held = next((one for one in before if one.entry_state is EntryState.HELD and one.import_id != file.id), None)
    if before and held is None:
        return _hold(file, row, key, content, (Fault("/key", CHANGED),)), None
    if row.faults:
        return replace(_hold(file, row, key, content, row.faults), replaces=held), held
    return None, held


def _hold(file: ImportFile, row: Judged, key: bytes, content: bytes, faults: tuple[Fault, ...]) -> KeptRow:
    typed = row.typed(file, file.sha256.hex())
    return KeptRow(row.number, key, content, RowOutcome.HELD, faults, typed, received_at=row.received_at)


def _make(
    session: Session,
    file: ImportFile,
    row: Judged,
    name: tuple[bytes, bytes],
    answer: GeocodeResult | None,
    before: Earlier | None,
) -> KeptRow:
    try:
        with session.begin_nested():
            record_id, notes = make(session, row, answer)
    except GeoError as error:
        if isinstance(error, KeysUnavailable):
            raise
        fault = Fault(f"/{error.field or 'row'}", str(error))
        return replace(_hold(file, row, *name, (fault,)), replaces=before)
    faults = (*row.notes, *notes)
    return replace(
        _hold(file, row, *name, faults), outcome=RowOutcome.MADE, record_id=record_id, replaces=before
    )  # fmt: skip
