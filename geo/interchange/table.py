"""Tables of rows from a file of any kind, streamed: what cannot be read becomes a row that says so."""

from __future__ import annotations

import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO, TextIO

TableRow: TypeAlias = tuple[dict[str, Any], str | None]
"""The cells by column name, and what is wrong with the row, if anything."""
MAX_LINE: Final = 1_000_000
"""Longest line that is read, in characters; the rest of a longer one is passed over."""
MAX_COLUMNS: Final = 1_000
UNREAD: Final = "line"
"""The name under which a row that could not be read is kept as it stood."""
MAX_UNREAD: Final = 500
_BOMS: Final = {BOM_UTF8: "utf-8", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}
_GARBLED: Final = dict.fromkeys(range(55296, 57344), 65533)


class TableKind(StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    XLSX = "xlsx"


_ENDINGS: Final = {
    ".csv": TableKind.CSV,
    ".jsonl": TableKind.JSON_LINES,
    ".ndjson": TableKind.JSON_LINES,
    ".xlsx": TableKind.XLSX,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is read as it is asked for.

    ``columns`` are the names in their order; none where each row brings its own.
    """

    columns: tuple[str, ...]
    rows: Iterator[TableRow]
    kept: object = None
    """What must not be let go before the file is closed by whoever opened it."""


def kind_of(name: str) -> TableKind:
    """Tell a table's kind by the ending of its name.

    Raises
    ------
    SourceUnreadable
        If the ending is none of ``.csv``, ``.jsonl``, ``.ndjson`` and ``.xlsx``.
    """
    kind = _ENDINGS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise SourceUnreadable(f"a table's name ends in {', '.join(_ENDINGS)}")
    return kind


def open_table(
    stream: BinaryIO, kind: TableKind, *, sheet: str | None = None, max_unpacked: int | None = None
) -> Table:
    """Open a table; its header is read at once, its rows as they are asked for.

    Parameters
    ----------
    stream
        An open file; an XLSX file must be seekable.
    kind
        How it is written.
    sheet
        The sheet of an XLSX file; its first when left out.
    max_unpacked
        Bytes an XLSX file may unpack to, where it may be less than for a file of one's own.

    Returns
    -------
    Table
        One row for each of the file, in order. A row that cannot be read is one of them, with what is wrong.

    Raises
    ------
    SourceUnreadable
        If it has no header, or is no table of this kind.
    """
    from geo.interchange.table_csv import read_csv
    from geo.interchange.table_jsonl import read_jsonl
    from geo.interchange.table_xlsx import MAX_UNPACKED, read_xlsx

    if kind is TableKind.XLSX:
        return read_xlsx(stream, sheet, max_unpacked or MAX_UNPACKED)
    if sheet is not None:
        raise SourceUnreadable("only an .xlsx file has sheets")
    text = _as_text(stream)
    table = read_csv(text) if kind is TableKind.CSV else read_jsonl(text)
    return replace(table, kept=text)


def _as_text(stream: BinaryIO) -> TextIO:
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    opening = buffered.peek(4)[:4]
    for mark, encoding in _BOMS.items():
        if opening.startswith(mark):
            buffered.read(len(mark))
            faulty = "surrogateescape" if encoding == "utf-8" else "replace"
            return io.TextIOWrapper(buffered, encoding, errors=faulty, newline="")
    return io.TextIOWrapper(buffered, "utf-8", errors="surrogateescape", newline="")


def unread(text: str) -> dict[str, Any]:
    """Keep what could not be read, so that nothing is lost."""
    return {UNREAD: legible(text.rstrip("\r\n")[:MAX_UNREAD])}


def legible(text: str) -> str:
    """Put the sign for an unreadable letter in place of bytes that are no text."""
    return text.translate(_GARBLED)


def read_line(stream: TextIO) -> str:
    """Read one line; of a line longer than ``MAX_LINE`` its beginning."""
    line = stream.readline(MAX_LINE)
    if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
        while (more := stream.readline(MAX_LINE)) and not more.endswith(("\n", "\r")):
            pass
    return line


def name_columns(header: Sequence[str]) -> tuple[str, ...]:
    """Give every column a name of its own: a second ``note`` becomes ``note (2)``.

    Raises
    ------
    SourceUnreadable
        If there are no columns, or more than ``MAX_COLUMNS``.
    """
    if not header or len(header) > MAX_COLUMNS:
        raise SourceUnreadable(f"the first line must name 1 to {MAX_COLUMNS} columns")
    named: dict[str, None] = {}
    for name in header:
        times, free = 1, name
        while free in named:
            times += 1
            free = f"{name} ({times})"
        named[free] = None
    return tuple(named)
