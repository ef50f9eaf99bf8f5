"""Tables of JSON lines: one object a line, each with columns of its own."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from geo.interchange.table import Table, legible, read_line, unread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from geo.interchange.table import TableRow


def _refuse(_: str) -> float:
    raise ValueError("a number is not finite")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


_decode: Final = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite).decode


def read_jsonl(stream: TextIO) -> Table:
    """Read a table of JSON lines; see :func:`geo.interchange.opening.open_table`.

    Parameters
    ----------
    stream
        Opened with ``errors="surrogateescape"``. Blank lines are no rows.
    """
    place = [0]
    return Table((), _rows(stream, place), at=lambda: place[0])


def _rows(stream: TextIO, place: list[int]) -> Iterator[TableRow]:
    while line := read_line(stream):
        place[0] += 1
        if not line.isspace():
            yield _row(line, place[0])


def _row(line: str, number: int) -> TableRow:
    if not line.isascii() and legible(line) != line:
        return unread(line), f"line {number} is not UTF-8 text"
    try:
        row: Any = _decode(line)
    except (ValueError, RecursionError):
        return unread(line), f"line {number} is not JSON"
    if not isinstance(row, dict):
        return unread(line), f"line {number} is not a JSON object"
    return row, None
