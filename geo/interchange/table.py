"""Tables of rows from a file of any kind, streamed: what cannot be read becomes a row that says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

TableRow: TypeAlias = tuple[dict[str, Any], str | None]
"""The cells by column name, and what is wrong with the row, if anything."""
MAX_LINE: Final = 1_000_000
"""Longest line that is read, in characters; the rest of a longer one is passed over."""
MAX_COLUMNS: Final = 1_000
UNREAD: Final = "line"
"""The name under which a row that could not be read is kept as it stood."""
MAX_UNREAD: Final = 500
EXTRA: Final = "extra"
"""The name under which cells beyond the last column are kept."""
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
    at: Callable[[], int] | None = None
    """Tells the number of the row that was handed out last: its first line in a text, its row in a sheet, from 1."""


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
