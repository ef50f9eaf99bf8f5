"""Rows of a CSV file, one at a time: a bad row is told apart, it never ends the file."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from geo.errors import SourceUnreadable

from data.loaders.text_files import is_text, nobody, open_text

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterator
    from pathlib import Path

    from data.loaders.text_files import TextFile, Watch

_SEPARATORS: Final = (",", ";", "\t", "|")
MAX_CELL: Final = 10_000
MAX_HEADER: Final = 100_000
_EVERY: Final = 5_000
MAX_COLUMNS: Final = 200


class BadRow(ValueError):
    """This row cannot be used; ``reason`` is one of a small set of words and repeats nothing of the row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Row(NamedTuple):
    """One row: the line it ends on, counted from 1, and its cells by column name in lower case."""

    line: int
    cells: dict[str, str]
    bad: str | None = None

    def text(self, column: str) -> str:
        """Read a cell; a missing one is empty."""
        return self.cells.get(column, "").strip()


def read_rows(
    path: Path, *, required: tuple[str, ...] = (), max_cell: int = MAX_CELL, watch: Watch = nobody
) -> Iterator[Row]:
    """Read a CSV file in UTF-8, gzipped or not, with a header, separated by commas, semicolons, tabs or bars.

    Parameters
    ----------
    path
        Read as a stream: its size does not matter.
    required
        Columns without which the file is of no use.
    max_cell
        The longest cell that is accepted, in characters, at most 131,072.
    watch
        Told now and then how many bytes are in.

    Yields
    ------
    Row
        Rows whose text is not UTF-8, or whose cells do not fit the header, come with ``bad`` set and no cells.

    Raises
    ------
    SourceUnreadable
        If the file cannot be opened, is empty, or lacks a column.
    """
    with open_text(path) as file:
        reader, header = _opened(file, path)
        _check_header(header, required, path)
        for count, row in enumerate(_rows(reader, header, max_cell)):
            if count % _EVERY == 0:
                watch(file.done, file.total)
            yield row


def read_header(path: Path) -> list[str]:
    """Read the names of a file's columns, in lower case.

    Raises
    ------
    SourceUnreadable
        If the file cannot be opened, or does not begin with a line of text.
    """
    with open_text(path) as file:
        return _opened(file, path)[1]


def _opened(file: TextFile, path: Path) -> tuple[Reader, list[str]]:
    lines = file.lines()
    first = next(lines, "")
    if not first.strip():
        raise SourceUnreadable(f"{path.name} is empty")
    if len(first) > MAX_HEADER or not is_text(first):
        raise SourceUnreadable(f"{path.name} is not text in UTF-8")
    reader = csv.reader(chain([first], lines), delimiter=max(_SEPARATORS, key=first.count))
    try:
        return reader, [name.strip().lower() for name in next(reader, [])]
    except csv.Error:
        raise SourceUnreadable(f"{path.name} does not begin with the names of its columns") from None


def _check_header(header: list[str], required: tuple[str, ...], path: Path) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise SourceUnreadable(f"{path.name} has no column named {', '.join(missing)}")
    if len(header) > MAX_COLUMNS or len(set(header)) != len(header):
        raise SourceUnreadable(f"{path.name} has too many columns, or two of one name")


def _rows(reader: Reader, header: list[str], max_cell: int) -> Iterator[Row]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, {}, "unreadable_row")
            continue
        whole = "".join(cells)
        if not whole or whole.isspace():
            continue
        if len(cells) > len(header):
            yield Row(reader.line_num, {}, "more_cells_than_columns")
        elif len(whole) > max_cell and any(len(cell) > max_cell for cell in cells):
            yield Row(reader.line_num, {}, "cell_too_long")
        elif not is_text(whole):
            yield Row(reader.line_num, {}, "not_utf8")
        else:
            yield Row(reader.line_num, dict(zip(header, cells, strict=False)))
