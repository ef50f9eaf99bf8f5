"""The table of an import opened: its rows with their numbers in the file, and its header read by itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo.domain.imports import TableFile
from geo.interchange.opening import open_table
from geo.interchange.table import TableKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from geo.domain.words import EntryKind
    from geo.interchange.table import Table

MAX_UNPACKED: Final = 200_000_000
"""Bytes a workbook may unpack to; its rows are streamed, and its texts held up to a quarter of that."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row: its number in the file, its cells by header, and why it could not be read."""

    number: int
    cells: Mapping[str, Any]
    fault: str | None


def describe(
    stream: BinaryIO,
    kind: EntryKind,
    form: TableKind,
    name: str,
    *,
    source: str | None = None,
    encoding: str = "utf-8",
    sheet: str | None = None,
) -> TableFile:
    """Read what a file is: its headers and the hash of its bytes; afterwards it stands at its beginning.

    Parameters
    ----------
    stream
        An open, seekable file.
    source
        What its rows are known under; the file's name without its ending when left out. The same rows of the same
        source are taken in once.

    Raises
    ------
    SourceUnreadable
        If it is no table of this kind, or has no headers.
    """
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    stream.seek(0)
    table = open_table(stream, form, sheet=sheet, encoding=encoding, max_unpacked=MAX_UNPACKED)
    columns = _columns(table)
    stem = (source or name.rpartition(".")[0] or name)[:100]
    return TableFile(kind, name[:200], form.value, digest.digest(), columns, stem, encoding, sheet)


def _columns(table: Table) -> tuple[str, ...]:
    if table.columns:
        return table.columns
    # rows of JSON lines bring their names with them; the first says what there is
    first = next(table.rows, ({}, None))[0]
    return tuple(str(name)[:200] for name in first)[:200]


def number_rows(table: Table) -> Iterator[NumberedRow]:
    """Give the rows that say anything, each with its number in the file; the header is row 1 of a text or sheet."""
    for count, (cells, fault) in enumerate(table.rows, start=2):
        if fault is None and not any(str(cell).strip() for cell in cells.values() if cell is not None):
            continue
        yield NumberedRow(table.at() if table.at is not None else count, cells, fault)
