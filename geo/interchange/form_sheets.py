"""The sheets of an XLSForm: opened within bounds, without macros or links, and what is found wrong in them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Final

from geo.errors import FormRefused, SourceUnreadable
from geo.interchange.table_xlsx import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping

SHEETS: Final = ("survey", "choices", "settings")
MAX_BYTES: Final = 1_000_000
MAX_UNPACKED: Final = 20_000_000
MAX_ROWS: Final = 3_000
"""Rows of one sheet."""
MAX_FAULTS: Final = 50
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its number as a spreadsheet shows it, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Give a cell; empty when the sheet has no such column."""
        return self.cells.get(column, "").strip()


class Faults:
    """Collects what is wrong with a form, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, sheet: str, row: int, column: str, reason: str) -> None:
        """Note a fault; the row counts as in a spreadsheet."""
        if len(self.found) < MAX_FAULTS:
            self.found.append((f"/{sheet}/{row}/{column}".rstrip("/"), reason))

    def stop(self) -> None:
        """Refuse the form if anything was noted.

        Raises
        ------
        FormRefused
            With all faults.
        """
        if self.found:
            raise FormRefused(self.found)


def told_name(name: str) -> str:
    """Give a column's name as it may stand in an answer: short and plain."""
    return re.sub(r"[^A-Za-z0-9_:.-]", "", name)[:40]


def open_sheets(content: bytes) -> dict[str, list[Row]]:
    """Read the rows of the sheets that a form is made of; those that are not there are empty.

    Raises
    ------
    SourceUnreadable
        If it is no ``.xlsx`` workbook with a sheet ``survey``, holds macros or links, or is too large.
    """
    if len(content) > MAX_BYTES:
        raise SourceUnreadable(f"a form may have {MAX_BYTES} bytes")
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            parts = [name.lower() for name in packed.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise SourceUnreadable("this is not an .xlsx workbook") from None
    if any("vbaproject" in name or "macrosheet" in name or "activex" in name for name in parts):
        raise SourceUnreadable("this workbook has macros; save it as .xlsx without them")
    if any("externallink" in name or "connections.xml" in name for name in parts):
        raise SourceUnreadable("this workbook refers to other files; save it without links")
    found = {name: _rows(content, name) for name in SHEETS}
    if _has_formulas(content):
        # what a formula gives may be kept beside it, or not: then a condition would be left out without a word
        raise SourceUnreadable("this workbook has formulas; paste their values instead")
    return found


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        sheets = (name for name in packed.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml"))
        return any(_FORMULA.search(packed.read(name)) for name in sheets)


def _rows(content: bytes, sheet: str) -> list[Row]:
    try:
        table = read_xlsx(BytesIO(content), sheet, max_unpacked=MAX_UNPACKED)
    except SourceUnreadable as error:
        if str(error).startswith("there is no sheet") and sheet != "survey":
            return []
        raise
    found = []
    for number, (cells, fault) in enumerate(islice(table.rows, MAX_ROWS + 1), start=2):
        if fault is not None:
            raise SourceUnreadable(fault)
        if any(cells.values()):
            found.append(Row(number, {_column(name): text for name, text in cells.items() if name}))
        if number > MAX_ROWS:
            raise SourceUnreadable(f"a sheet of a form may have {MAX_ROWS} rows")
    return found


def _column(name: str) -> str:
    base, mark, language = name.partition("::")
    return base.strip().lower().replace(" ", "_") + mark + language.strip()
