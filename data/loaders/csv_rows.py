"""Rows of a CSV file, one at a time: a bad row is told apart, it never ends the file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

_SEPARATORS: Final = (",", ";", "\t", "|")
MAX_CELL: Final = 10_000
MAX_COLUMNS: Final = 200


class BadRow(ValueError):
    """This row cannot be used; ``reason`` is one of a small set of words and repeats nothing of the row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it ends on, counted from 1, and its cells by column name in lower case."""

    line: int
    cells: dict[str, str]
    bad: str | None = None

    def text(self, column: str) -> str:
        """Read a cell; a missing one is empty."""
        return self.cells.get(column, "").strip()


def read_rows(path: Path, *, required: tuple[str, ...] = ()) -> Iterator[Row]:
    """Read a CSV file in UTF-8, with a header, separated by commas, semicolons, tabs or bars.

    Parameters
    ----------
    path
        Read as a stream: its size does not matter.
    required
        Columns without which the file is of no use.

    Yields
    ------
    Row
        Rows whose text is not UTF-8, or whose cells do not fit the header, come with ``bad`` set and no cells.

    Raises
    ------
    SourceUnreadable
        If the file cannot be opened, is empty, or lacks a column.
    """
    try:
        # bytes that are no UTF-8 come through as lone surrogates, so that one bad row does not end the file
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            separator = _separator(file, path)
            reader = csv.reader(file, delimiter=separator)
            header = [name.strip().lower() for name in next(reader, [])]
            _check_header(header, required, path)
            yield from _rows(reader, header)
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be opened: {error.strerror}") from None


def _separator(file: TextIO, path: Path) -> str:
    first = file.readline(MAX_CELL)
    if not first.strip():
        raise SourceUnreadable(f"{path.name} is empty")
    if "\0" in first or not _is_text(first):
        raise SourceUnreadable(f"{path.name} is not text in UTF-8")
    file.seek(0)
    return max(_SEPARATORS, key=first.count)


def _check_header(header: list[str], required: tuple[str, ...], path: Path) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise SourceUnreadable(f"{path.name} has no column named {', '.join(missing)}")
    if len(header) > MAX_COLUMNS or len(set(header)) != len(header):
        raise SourceUnreadable(f"{path.name} has too many columns, or two of one name")


def _rows(reader: Reader, header: list[str]) -> Iterator[Row]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, {}, "unreadable_row")
            continue
        if any(cell.strip() for cell in cells):
            yield _row(reader.line_num, header, cells)


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header):
        return Row(line, {}, "more_cells_than_columns")
    if any(len(cell) > MAX_CELL for cell in cells):
        return Row(line, {}, "cell_too_long")
    if any("\0" in cell or not _is_text(cell) for cell in cells):
        return Row(line, {}, "not_utf8")
    return Row(line, dict(zip(header, cells, strict=False)))


def _is_text(cell: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in cell)
