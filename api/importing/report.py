"""What became of each row of an import, as a table: one line for each thing that is to be said of a row."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryKind
from geo.interchange.csv_rows import as_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from geo.domain.imports import ImportFile, ImportRow

HEADER: Final = ("row", "outcome", "meaning", "field", "column", "reason", "entry", "record")
_WOULD: Final = {
    RowOutcome.MADE: "would be made",
    RowOutcome.HELD: "would be held, to be corrected",
    RowOutcome.KNOWN: "came before, would not be taken in again",
    RowOutcome.REPEATED: "repeats an earlier row of this file",
}
_WAS: Final = {
    RowOutcome.MADE: "was made",
    RowOutcome.HELD: "is held, to be corrected",
    RowOutcome.KNOWN: "came before, was not taken in again",
    RowOutcome.REPEATED: "repeats an earlier row of this file",
}
_LONGER: Final = {
    EntryKind.NEED: {"name": "contact_name", "note": "contact_note"},
    EntryKind.HELPER: {"note": "contact_note"},
    EntryKind.ASSET: {},
}


def field_of(file: ImportFile, pointer: str) -> str:
    """Name the field of the map that a fault is about; the whole row where it is about none."""
    parts = [part for part in pointer.split("/") if part and not part.isdecimal()]
    last = parts[-1] if parts else "row"
    if parts[:1] == ["contact"]:
        last = _LONGER[file.kind].get(last, last)
    return "address" if last == "location" else last


def column_of(file: ImportFile, field: str) -> str:
    """Name the columns of the file that a field was read from."""
    return " + ".join(file.mapping.columns.get(field, ()))


def report_lines(file: ImportFile, rows: Iterable[ImportRow]) -> Iterator[tuple[object, ...]]:
    """Give the lines of the report; nothing that a row says is repeated in it."""
    is_check = file.state in (ImportState.CHECKING, ImportState.CHECKED, ImportState.UPLOADED)
    words = _WOULD if is_check else _WAS
    for row in rows:
        told = (row.row, row.outcome.value, words[row.outcome])
        for fault in row.faults or (None,):
            field = "" if fault is None else field_of(file, fault.pointer)
            reason = "" if fault is None else fault.reason
            yield (*told, field, column_of(file, field), reason, row.entry_id or "", row.record_id or "")


def write_report(target: TextIO, file: ImportFile, rows: Iterable[ImportRow]) -> None:
    """Write the report as CSV; no cell is a formula.

    Parameters
    ----------
    target
        An open text file, opened with ``newline=""``.
    """
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in report_lines(file, rows):
        writer.writerow([as_cell(str(cell)) if not isinstance(cell, int) else cell for cell in line])
