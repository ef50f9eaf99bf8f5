"""Tables of any kind opened alike, whatever marks their files begin with."""

from __future__ import annotations

import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable
from geo.interchange.table import TableKind
from geo.interchange.table_csv import read_csv
from geo.interchange.table_jsonl import read_jsonl
from geo.interchange.table_xlsx import MAX_UNPACKED, read_xlsx

if TYPE_CHECKING:
    from typing import BinaryIO, TextIO

    from geo.interchange.table import Table

ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "windows-1252", "windows-1251", "windows-1256", "gb18030")
"""How a text may be written: as it should be, and as spreadsheets of the languages here save it."""
_BOMS: Final = {BOM_UTF8: "utf-8", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}


def open_table(
    stream: BinaryIO,
    kind: TableKind,
    *,
    sheet: str | None = None,
    max_unpacked: int | None = None,
    encoding: str = "utf-8",
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
    encoding
        How a text is written, one of ``ENCODINGS``, where no mark at its beginning says so.

    Returns
    -------
    Table
        One row for each of the file, in order. A row that cannot be read is one of them, with what is wrong.

    Raises
    ------
    SourceUnreadable
        If it has no header, or is no table of this kind.
    """
    if encoding not in ENCODINGS:
        raise SourceUnreadable(f"a text is written in {', '.join(ENCODINGS)}")
    if kind is TableKind.XLSX:
        return read_xlsx(stream, sheet, max_unpacked or MAX_UNPACKED)
    if sheet is not None:
        raise SourceUnreadable("only an .xlsx file has sheets")
    text = _as_text(stream, encoding)
    table = read_csv(text) if kind is TableKind.CSV else read_jsonl(text)
    return replace(table, kept=text)


def _as_text(stream: BinaryIO, wanted: str) -> TextIO:
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    opening = buffered.peek(4)[:4]
    for mark, encoding in _BOMS.items():
        if opening.startswith(mark):
            buffered.read(len(mark))
            faulty = "surrogateescape" if encoding == "utf-8" else "replace"
            return io.TextIOWrapper(buffered, encoding, errors=faulty, newline="")
    faulty = "surrogateescape" if wanted == "utf-8" else "replace"
    return io.TextIOWrapper(buffered, wanted, errors=faulty, newline="")
