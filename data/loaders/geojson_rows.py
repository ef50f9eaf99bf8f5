"""Features of a GeoJSON file of any size, one at a time: a collection, or one feature a line (RFC 7946, RFC 8142)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo.errors import SourceUnreadable

from data.loaders.csv_rows import MAX_CELL, MAX_COLUMNS
from data.loaders.text_files import MAX_LINE, is_text, nobody, open_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.loaders.text_files import TextFile, Watch

_CHUNK: Final = 1 << 16
_EVERY: Final = 5_000
_OPENING: Final = re.compile(r'"features"\s*:\s*\[')
_OWN_CRS: Final = re.compile(r'"crs"\s*:\s*\{[^\]]*?(?:CRS84|4326)')
_BETWEEN: Final = re.compile(r"[\s,\x1e]*")


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature: the line it begins on, its properties as text by name in lower case, its geometry as it came."""

    line: int
    cells: dict[str, str]
    geometry: object = None
    bad: str | None = None


def read_features(path: Path, *, watch: Watch = nobody) -> Iterator[FeatureRow]:
    """Read the features of a file, gzipped or not, as a stream.

    Parameters
    ----------
    path
        WGS 84; a FeatureCollection, or features one a line, also with the record separator before each.
    watch
        Told now and then how many bytes are in.

    Yields
    ------
    FeatureRow
        What is not JSON, no feature, or holds text that is not UTF-8, comes with ``bad`` set and no properties.

    Raises
    ------
    SourceUnreadable
        If the file cannot be opened, is neither of the two, is in another coordinate system, or ends within the
        collection.
    """
    with open_text(path) as file:
        head = file.read(MAX_LINE)
        rows = _by_line(file, head) if _is_feature(head) else _in_collection(file, head, path)
        for count, row in enumerate(rows):
            if count % _EVERY == 0:
                watch(file.done, file.total)
            yield row


def text_of(value: object) -> str:
    """Write a property as a cell of a table has it; lists and objects are empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    return repr(value) if isinstance(value, int | float) else ""


def _is_feature(head: str) -> bool:
    first = head.lstrip("\x1e \t\r\n").split("\n", 1)[0]
    try:
        # whatever is wrong with its numbers, it tells the form of the file
        found = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("type") == "Feature"


def _parsed(line: str) -> object:
    try:
        return json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _by_line(file: TextFile, head: str) -> Iterator[FeatureRow]:
    whole, last = head, ""
    if len(head) == MAX_LINE:
        whole, _, last = head.rpartition("\n")
    number = 0
    for number, line in enumerate(whole.split("\n"), start=1):
        yield from _line(number, line)
    for more in file.lines():
        number += 1
        yield from _line(number, last + more)
        last = ""


def _line(number: int, line: str) -> Iterator[FeatureRow]:
    plain = line.strip("\x1e \t\r\n,")
    if plain:
        yield _row(number, _parsed(plain))


def _in_collection(file: TextFile, head: str, path: Path) -> Iterator[FeatureRow]:
    opening = _OPENING.search(head)
    if opening is None:
        raise SourceUnreadable(f"{path.name} holds no GeoJSON features")
    before = head[: opening.start()]
    if '"crs"' in before and not _OWN_CRS.search(before):
        raise SourceUnreadable(f"{path.name} is in a coordinate system of its own; GeoJSON is WGS 84")
    scan = _Scan(file, head, opening.end())
    while (value := scan.next()) is not _END:
        if value is _CUT:
            raise SourceUnreadable(f"{path.name} ends within its features; it may not have come whole")
        yield _row(scan.line, value)


_END: Final = object()
_CUT: Final = object()


class _Scan:
    """Takes one value after another out of a list that may not fit into memory."""

    def __init__(self, file: TextFile, text: str, at: int) -> None:
        self._file, self._text, self._at = file, text, at
        self._decoder = json.JSONDecoder(parse_constant=_refuse)
        self._next_line = 1 + text.count("\n", 0, at)
        self.line = self._next_line

    def next(self) -> object:
        """Give the next value, ``None`` for what is none, or say that the list or the file is at its end."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            self._move(found.end() if found else self._at)
            if self._at < len(self._text):
                break
            if not self._more():
                return _CUT
        self.line = self._next_line
        if self._text[self._at] == "]":
            return _END
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if len(self._text) - self._at < MAX_LINE and self._more():
                    continue
                # the next value begins on the next line, as every program writes it
                end = self._text.find("\n", self._at)
                self._move(len(self._text) if end < 0 else end)
                return None
            self._move(end)
            return value

    def _more(self) -> bool:
        piece = self._file.read(_CHUNK)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def _move(self, to: int) -> None:
        self._next_line += self._text.count("\n", self._at, to)
        self._at = to


def _row(line: int, value: object) -> FeatureRow:
    if value is None:
        return FeatureRow(line, {}, bad="unreadable_row")
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return FeatureRow(line, {}, bad="not_a_feature")
    properties = value.get("properties")
    given: dict[str, Any] = properties if isinstance(properties, dict) else {}
    if len(given) > MAX_COLUMNS:
        return FeatureRow(line, {}, bad="more_cells_than_columns")
    cells = {name.strip().lower(): text_of(one) for name, one in given.items()}
    whole = "".join(cells.values())
    if len(whole) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells.values()):
        return FeatureRow(line, {}, bad="cell_too_long")
    if not is_text(whole):
        return FeatureRow(line, {}, bad="not_utf8")
    return FeatureRow(line, cells, value.get("geometry"))


def _refuse(_name: str) -> float:
    raise ValueError("not a finite number")
