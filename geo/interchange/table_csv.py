"""Comma-separated tables in which one broken row never swallows the next."""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable
from geo.interchange.table import EXTRA, Table, legible, name_columns, read_line, unread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from geo.interchange.table import TableRow

MAX_ROW_LINES: Final = 100
"""A quote that is not closed within so many lines was no quote."""
_SIGNS: Final = (",", ";", "\t")


class _Endless(Exception):
    """A row goes on for too many lines."""

    def __str__(self) -> str:
        return "a quotation mark is not closed"


class _Lines:
    """Hands out lines one by one, and takes back those of a row that turned out to be none."""

    __slots__ = ("_back", "_stream", "is_garbled", "number", "taken")

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 1
        self.is_garbled = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_ROW_LINES:
            raise _Endless
        line = self._back.popleft() if self._back else read_line(self._stream)
        if not line:
            raise StopIteration
        if not line.isascii() and legible(line) != line:
            self.is_garbled = True
        self.taken.append(line)
        return line

    def next_row(self) -> int:
        """Begin a row; gives the number of its first line, from 1."""
        self.number += len(self.taken)
        self.taken.clear()
        self.is_garbled = False
        return self.number

    def give_back_all(self) -> None:
        """Hand the lines of this row out again."""
        self._back.extendleft(reversed(self.taken))
        self.taken.clear()

    def give_back(self) -> str:
        """Keep the first line of the row, and hand the others out again."""
        first, *others = self.taken
        self._back.extendleft(reversed(others))
        del self.taken[1:]
        return first


def read_csv(stream: TextIO) -> Table:
    """Read a table whose first row names its columns; see :func:`geo.interchange.opening.open_table`.

    Parameters
    ----------
    stream
        Opened with ``newline=""`` and ``errors="surrogateescape"``. Commas, semicolons or tabs part the cells,
        whichever the first line has most of.

    Returns
    -------
    Table
        A row with too few cells is filled up, one with too many keeps them under ``extra``. A blank line is a row
        only in a table of one column.
    """
    lines = _Lines(stream)
    opening = read_line(stream)
    lines.taken = [opening] if opening else []
    lines.give_back_all()
    sign = max(_SIGNS, key=opening.count)
    reader = csv.reader(lines, delimiter=sign, strict=True)
    try:
        header = next(reader, [])
    except (csv.Error, _Endless) as error:
        raise SourceUnreadable(f"line 1 cannot be read: {error}") from None
    if lines.is_garbled:
        raise SourceUnreadable("line 1 is not UTF-8 text; save the file as UTF-8")
    columns = name_columns(header)
    return Table(columns, _rows(reader, lines, columns), at=lambda: lines.number)


def _rows(reader: Iterator[list[str]], lines: _Lines, columns: tuple[str, ...]) -> Iterator[TableRow]:
    width = len(columns)
    while True:
        first = lines.next_row()
        try:
            cells = next(reader, None)
        except (csv.Error, _Endless) as error:
            yield unread(lines.give_back()), f"line {first} cannot be read: {error}"
            continue
        if cells is None:
            return
        if lines.is_garbled:
            row = _name([legible(cell) for cell in cells], columns, width)
            yield row, f"line {first} is not UTF-8 text"
        elif len(cells) == width:
            yield dict(zip(columns, cells, strict=True)), None
        elif cells or width == 1:
            yield _name(cells, columns, width), None


def _name(cells: list[str], columns: tuple[str, ...], width: int) -> dict[str, str]:
    filled = cells + [""] * (width - len(cells))
    row = dict(zip(columns, filled, strict=False))
    beyond = filled[width:]
    return row | {EXTRA: ",".join(beyond)} if beyond else row
