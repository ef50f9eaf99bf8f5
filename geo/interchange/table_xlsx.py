"""Spreadsheets (XLSX), streamed both ways; a file made to burst is refused before it is unpacked."""

from __future__ import annotations

import warnings
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from geo.errors import SourceUnreadable
from geo.interchange.table import EXTRA, MAX_COLUMNS, Table, name_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from geo.interchange.table import TableRow

MAX_ROWS: Final = 1_048_576
"""Rows of the largest sheet there can be."""
MAX_UNPACKED: Final = 1_000_000_000
"""Bytes a workbook may unpack to."""
MAX_TIMES: Final = 400
"""How many times its size a workbook of more than a megabyte may unpack to."""
_MAX_PARTS: Final = 2_000
_HARMLESS: Final = 1_000_000
_TEXTS: Final = "xl/sharedStrings.xml"
_OPENING: Final = 2_000
_PIECE: Final = 1 << 16
_MACROS: Final = ("vbaproject.bin", "vbadata.xml")


def read_xlsx(stream: BinaryIO, sheet: str | None = None, max_unpacked: int = MAX_UNPACKED) -> Table:
    """Read a sheet whose first row names its columns; see :func:`geo.interchange.opening.open_table`.

    Parameters
    ----------
    stream
        An open, seekable file.
    sheet
        Its name; the first when left out.
    max_unpacked
        Bytes it may unpack to; its texts, which are held in memory, to a quarter of that.

    Returns
    -------
    Table
        Cells as text: of a formula the value that was stored with it, or the formula itself where none was; of a
        whole number its digits, of a day its ISO form. Empty rows at the end are no rows.

    Raises
    ------
    SourceUnreadable
        If it is no workbook, has no such sheet, or would unpack to more than it may.
    """
    from openpyxl import load_workbook

    _check_size(stream, max_unpacked)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            found = book.worksheets[0] if sheet is None else book[sheet]
        rows = _iterate(found)
        if _has_formulas(book, found):
            told = load_workbook(stream, read_only=True, keep_links=False)
            rows = map(_with_formulas, rows, _iterate(told[found.title]))
        header = [_text(cell) for cell in next(iter(rows), ())]
    except KeyError:
        raise SourceUnreadable(f"there is no sheet {sheet!r}") from None
    except Exception as error:
        raise SourceUnreadable("this is not an .xlsx workbook that can be read") from error
    while header and not header[-1]:
        header.pop()
    columns = name_columns(header)
    place = [1]
    return Table(columns, _rows(rows, columns, place), at=lambda: place[0])


def _iterate(sheet: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - the reader's own types
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
    return rows


def _has_formulas(book: Any, sheet: Any) -> bool:  # noqa: ANN401 - the reader's own types
    """Look for formulas, so that a sheet without any is read once."""
    before = b""
    with book._archive.open(sheet._worksheet_path) as part:  # noqa: SLF001 - named nowhere else
        while piece := part.read(_PIECE):
            if any(sign in before + piece for sign in (b"<f>", b"<f ", b"<f/")):
                return True
            before = piece[-2:]
    return False


def _with_formulas(values: tuple[Any, ...], formulas: tuple[Any, ...]) -> tuple[Any, ...]:
    # a workbook that no spreadsheet has worked out yet has no values, and an empty cell would hide what stood there
    shown = [formula if value is None else value for value, formula in zip(values, formulas, strict=False)]
    return (*shown, *values[len(shown) :])


def _check_size(stream: BinaryIO, most: int) -> None:
    try:
        with zipfile.ZipFile(stream) as packed:
            fault = _fault_of(packed, most)
    # whatever the unpackers raise for damaged parts: zlib, lzma and bz2 have errors of their own
    except Exception as error:
        raise SourceUnreadable("this is not an .xlsx workbook") from error
    if fault is not None:
        raise SourceUnreadable(fault)
    stream.seek(0)


def _fault_of(packed: zipfile.ZipFile, most: int) -> str | None:
    parts = packed.infolist()
    if any(part.filename.lower().endswith(_MACROS) for part in parts):
        return "this workbook holds macros; save it as .xlsx without them"
    # a reader stops at the size a part declares, so that what is declared is what can come out
    unpacked = sum(part.file_size for part in parts)
    packed_size = sum(part.compress_size for part in parts)
    texts = sum(part.file_size for part in parts if part.filename == _TEXTS)
    doubtful = unpacked > _HARMLESS and unpacked > MAX_TIMES * packed_size
    if len(parts) > _MAX_PARTS or unpacked > most or texts > most // 4 or doubtful:
        return "this workbook is too large when unpacked"
    written = (part for part in parts if part.filename.endswith((".xml", ".rels")))
    if any(_declares(packed, part) for part in written):
        return "this workbook declares entities, which no spreadsheet writes"
    return None


def _declares(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with packed.open(part) as opened:
        opening = opened.read(_OPENING)
    return b"<!DOCTYPE" in opening or b"<!ENTITY" in opening or opening.startswith((b"\xff\xfe", b"\xfe\xff"))


def _rows(rows: Iterator[tuple[Any, ...]], columns: tuple[str, ...], place: list[int]) -> Iterator[TableRow]:
    width = len(columns)
    empty = 0
    number = 1
    while True:
        number += 1
        place[0] = number
        try:
            cells = next(rows, None)
        except Exception:  # noqa: BLE001 - the reader raises whatever its parsers raise
            yield {}, f"row {number} cannot be read, nor can what follows it"
            return
        if cells is None:
            return
        if not any(cell is not None for cell in cells):
            empty += 1
            continue
        for _ in range(empty):
            yield dict.fromkeys(columns, ""), None
        empty = 0
        texts = [_text(cell) for cell in cells[:width]]
        row = dict(zip(columns, texts + [""] * (width - len(texts)), strict=True))
        beyond = [text for text in map(_text, cells[width:]) if text]
        yield row | ({EXTRA: ",".join(beyond)} if beyond else {}), None


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, datetime | date | time) else str(cell)


def write_xlsx(target: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a workbook of one sheet; text is stored as text, so that none of it is a formula.

    Parameters
    ----------
    target
        An open file.
    columns
        The first row.
    rows
        Texts, numbers and nothing.

    Raises
    ------
    SourceUnreadable
        If there are more rows than a sheet can hold.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    sheet.append([_cell(sheet, name) for name in columns])
    for count, row in enumerate(rows, start=2):
        if count > MAX_ROWS:
            raise SourceUnreadable(f"a sheet holds {MAX_ROWS} rows; write .csv or .jsonl")
        sheet.append([_cell(sheet, value) for value in row])
    book.save(target)


_MAX_CELL: Final = 32_767


def _cell(sheet: Any, value: Any) -> Any:  # noqa: ANN401 - the writer's own types
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:_MAX_CELL])
    if cell.data_type == "f":
        cell.data_type = "s"
    return cell
