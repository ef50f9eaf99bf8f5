"""Comma-separated rows: strict about what is read, harmless to the spreadsheet that opens what is written."""

from __future__ import annotations

import csv
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from geo.errors import SourceUnreadable
from geo.interchange.table import EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

CsvRow = dict[str, str]
_FORMULA_SIGNS: Final = frozenset("=+-@%\N{MINUS SIGN}")
_BREAKS: Final = ("\t", "\r", "\n", "\0")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"})
"""Categories of characters that show nothing, so that a sign behind them looks like the first."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")
_PARTED: Final = re.compile(r"[;|\t\r\n]")


def read_rows(lines: Iterable[str], *, need: str) -> Iterator[CsvRow]:
    """Read rows by column name; the header is checked at once, the rows as they are asked for.

    Parameters
    ----------
    lines
        An open text file, opened with ``newline=""``.
    need
        A column that must be there.

    Returns
    -------
    Iterator of dict
        One for each row, in order, every column filled in. A blank line is a row only in a file of one column.

    Raises
    ------
    SourceUnreadable
        If the column is missing, a name occurs twice, or the file is not UTF-8 text in rows.
    """
    reader = csv.reader(lines, strict=True)
    header = next(_guarded(reader), [])
    if need not in header:
        raise SourceUnreadable(f"there is no column {need!r}; the file has {', '.join(header[:20]) or 'no header'}")
    if len(set(header)) != len(header):
        raise SourceUnreadable("two columns have the same name")
    return (_name(header, cells) for cells in _guarded(reader) if cells or len(header) == 1)


def write_features(target: TextIO, features: Iterable[Mapping[str, Any]]) -> int:
    """Write GeoJSON features as rows: the id, the properties, and longitude and latitude of those that are points.

    Parameters
    ----------
    target
        An open text file, opened with ``newline=""``.
    features
        All with the same properties.

    Returns
    -------
    int
        How many rows were written, the header not counted.
    """
    writer, count = None, 0
    for count, feature in enumerate(features, start=1):  # noqa: B007 - the count is the result
        row = {"id": feature.get("id"), **feature["properties"], **_coordinates(feature["geometry"])}
        if writer is None:
            writer = csv.DictWriter(target, list(row), lineterminator="\r\n")
            writer.writeheader()
        writer.writerow({name: as_cell(value) for name, value in row.items()})
    return count


def _guarded(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    line = 0
    while True:
        line += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            raise SourceUnreadable(f"row {line} is not UTF-8 text") from error
        except csv.Error as error:
            raise SourceUnreadable(f"row {line} cannot be read: {error}") from error


def _name(header: list[str], cells: list[str]) -> CsvRow:
    filled = cells + [""] * (len(header) - len(cells))
    row = dict(zip(header, filled, strict=False))
    beyond = filled[len(header) :]
    return row | {EXTRA: ",".join(beyond)} if beyond else row


def _coordinates(geometry: Mapping[str, Any] | None) -> dict[str, Any]:
    is_point = geometry is not None and geometry["type"] == "Point"
    lon, lat = geometry["coordinates"][:2] if geometry is not None and is_point else (None, None)
    return {"lon": lon, "lat": lat}


def as_cell(value: Any) -> Any:  # noqa: ANN401 - whatever JSON knows
    """Write a value as a cell: lists by semicolon, and no text that a spreadsheet would take for a formula."""
    if isinstance(value, (list, tuple)):
        return as_cell("; ".join(str(item) for item in value))
    if isinstance(value, dict):
        return as_cell("; ".join(f"{name}={item}" for name, item in value.items()))
    return _inert(value) if isinstance(value, str) else value


def of_cell(text: str) -> str:
    """Take away the apostrophes that :func:`as_cell` puts before what could begin a formula."""
    if text.startswith("'") and text[1:].startswith(_BREAKS):
        text = text[1:]
    pieces, start = [], 0
    for parted in _PARTED.finditer(text):
        pieces += [_unmarked(text[start : parted.start()]), parted[0]]
        start = parted.end()
    return "".join([*pieces, _unmarked(text[start:])])


def _unmarked(text: str) -> str:
    return text[1:] if text.startswith("'") and _marked(text[1:]) == text else text


def _inert(text: str) -> str:
    """Put an apostrophe before whatever could begin a formula; numbers stay numbers.

    A spreadsheet of another country parts cells at semicolons or tabs, whatever is quoted, so what follows one of
    those is looked at as well.
    """
    if _NUMBER.fullmatch(text):
        return text
    pieces, start = [], 0
    for parted in _PARTED.finditer(text):
        pieces += [_marked(text[start : parted.start()]), parted[0]]
        start = parted.end()
    guarded = "".join([*pieces, _marked(text[start:])])
    return f"'{guarded}" if guarded.startswith(_BREAKS) else guarded


def _marked(text: str) -> str:
    shown = next((char for char in text if unicodedata.category(char) not in _UNSEEN), "")
    return f"'{text}" if unicodedata.normalize("NFKC", shown)[:1] in _FORMULA_SIGNS else text
