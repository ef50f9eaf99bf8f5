"""One row of a table judged by itself: what it would become, or why it cannot be used as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from geo.domain.entries import ENTRY_FORM, Fault
from geo.interchange.row_body import read_row

from api import strict_json
from api.handlers import errors_of
from api.schemas.entries import BODIES, AssetEntryIn, HelperEntryIn
from api.schemas.needs import NeedIn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from geo.domain.imports import ImportFile

    from api.importing.tables import NumberedRow

MAX_ROW: Final = 200_000
"""Characters that are kept of a row."""
Sent = NeedIn | AssetEntryIn | HelperEntryIn


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what it says in our words; ``sent`` is there where all of it can be used."""

    number: int
    cells: Mapping[str, Any]
    body: Mapping[str, Any]
    key: str
    sent: Sent | None
    received_at: datetime | None
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()

    def typed(self, file: ImportFile, sha256: str) -> dict[str, Any]:
        """Write what is kept of it: every cell as it stood, from which row of which file, and how it was read."""
        came = {"file": file.name, "sha256": sha256, "row": self.number, "source": file.source}
        return {"form": ENTRY_FORM, "import": came, "cells": self.cells, "body": dict(self.body)}


def judge(row: NumberedRow, file: ImportFile, now: datetime) -> Judged:
    """Judge a row.

    Parameters
    ----------
    now
        An instant that no row can come after.
    """
    cells = {str(name)[:200]: str(cell) for name, cell in row.cells.items()}
    if row.fault is not None:
        return Judged(row.number, _cut(cells), {}, "", None, None, (Fault("/row", row.fault),))
    if sum(map(len, cells.values())) > MAX_ROW:
        told = Fault("/row", f"a row may have {MAX_ROW} characters; the rest was cut off")
        return Judged(row.number, _cut(cells), {}, "", None, None, (told,))
    found = read_row(file.kind, cells, file.mapping, now=now)
    faults, sent = list(found.faults), None
    if not faults:
        sent, more = _validate(file, found.body)
        faults += more
    notes = tuple(found.notes)
    return Judged(row.number, cells, found.body, found.key, sent, found.received_at, tuple(faults), notes)


def _cut(cells: Mapping[str, str]) -> dict[str, str]:
    left, kept = MAX_ROW, {}
    for name, cell in cells.items():
        kept[name] = cell[:left]
        left -= len(kept[name])
    return kept


def _validate(file: ImportFile, body: dict[str, Any]) -> tuple[Sent | None, list[Fault]]:
    try:
        strict_json.check_texts(body)
        return BODIES[file.kind].model_validate(_worded(body)), []
    except strict_json.BadText as error:
        return None, [Fault(error.pointer.removeprefix("/body"), error.reason)]
    except ValidationError as error:
        return None, [Fault(f["pointer"], f["reason"]) for f in errors_of(error.errors())]


def _worded(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
