"""Hundreds of bad rows and files: each answered by itself, by its field and reason; nothing by halves."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo.domain.imports import RowOutcome
from geo.domain.words import EntryKind, EntryState
from geo.errors import SourceUnreadable
from geo.interchange.opening import open_table
from geo.interchange.table import TableKind, kind_of
from geo.store.engine import make_sessions
from geo.store.entries import count_entries
from geo.store.needs import count_balance
from geo.store.network import set_service_area

from api.importing.report import field_of
from api.importing.tables import MAX_UNPACKED, describe
from tests.api.importing_rows import bring, rows_of
from tests.bad_tables import (
    COLUMNS,
    as_csv,
    as_lines,
    as_sheet,
    bad_lines,
    bad_rows,
    damaged_files,
    good_row,
    mixed,
    refused_files,
    workbook,
)
from tests.ring import RING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from geo.store.engine import SessionFactory

ROOT = Path(__file__).parents[2]
MOST_MB = 400


@pytest.fixture
def town(connection: Connection) -> SessionFactory:
    sessions = make_sessions(connection, role=None, keys=RING)
    with sessions() as session:
        set_service_area(session, (24.9, 60.1, 25.0, 60.2))
        session.commit()
    return sessions


def test_there_are_hundreds_of_bad_tables_of_which_no_two_are_alike() -> None:
    files = [raw for _, raw in refused_files().values()] + [raw for _, raw in damaged_files()]
    assert len({json.dumps(cells) for _, cells in bad_rows()}) == len(bad_rows()) >= 100
    assert len(set(files)) >= 130
    assert 3 * len(bad_rows()) + len(files) + len(bad_lines()) >= 450


@pytest.mark.parametrize("form", ["csv", "semicolons", "utf-16", "xlsx", "jsonl"])
def test_each_bad_row_is_held_by_its_field_and_the_good_ones_beside_it_are_made(
    town: SessionFactory, form: str
) -> None:
    rows = list(mixed())
    cells = [row for _, row in rows]
    raw = {
        "csv": lambda: as_csv(cells),
        "semicolons": lambda: as_csv(cells, sign=";"),
        "utf-16": lambda: as_csv(cells, encoding="utf-16"),
        "xlsx": lambda: as_sheet(cells),
        "jsonl": lambda: as_lines(cells),
    }[form]()
    kind = TableKind(form) if form in ("xlsx", "jsonl") else TableKind.CSV
    file = bring(town, raw, form=kind)
    found = rows_of(town, file)
    assert len(found) == len(rows)
    wrong = []
    for (field, told), row in zip(rows, found, strict=True):
        fields = {field_of(file, fault.pointer) for fault in row.faults}
        is_right = row.outcome is (RowOutcome.MADE if field is None else RowOutcome.HELD)
        allowed = {"address", "lon", "lat", "location", "row"} if field == "row" else {field}
        if not is_right or (field is not None and not fields & allowed):
            wrong.append((field, told, row.outcome, row.faults))
    assert wrong == []
    with town() as session:
        assert count_balance(session).received == sum(field is None for field, _ in rows)
        counts = count_entries(session)
    assert counts[EntryState.HELD] == len(bad_rows())
    assert all(fault.reason and len(fault.reason) < 300 for row in found for fault in row.faults)


@pytest.mark.parametrize("name", bad_lines())
def test_a_line_that_is_no_row_is_held_and_swallows_no_other(town: SessionFactory, name: str) -> None:
    before, after = (as_csv([good_row(n)]).split(b"\r\n", 1)[1] for n in (1, 2))
    head = ",".join(COLUMNS).encode() + b"\r\n"
    file = bring(town, head + before + bad_lines()[name] + b"\r\n" + after)
    found = rows_of(town, file)
    made = [row.row for row in found if row.outcome is RowOutcome.MADE]
    held = [row for row in found if row.outcome is RowOutcome.HELD]
    assert (made, [row.row for row in held]) == ([2, 4], [3]), (name, found)
    assert held[0].faults


@pytest.mark.parametrize("name", refused_files())
def test_a_file_that_is_no_table_is_refused_whole(name: str) -> None:
    ending, raw = refused_files()[name]
    with pytest.raises(SourceUnreadable) as told:
        describe(io.BytesIO(raw), EntryKind.NEED, TableKind(ending), f"list.{ending}")
    assert 0 < len(str(told.value)) < 300


@pytest.mark.parametrize("name", ["list.xlsm", "list.xls", "list.ods", "list.pdf", "list", "list.csv.exe"])
def test_a_file_of_another_kind_is_named(name: str) -> None:
    with pytest.raises(SourceUnreadable, match="ends in"):
        kind_of(name)


def test_damaged_workbooks_are_refused_or_read_to_their_end() -> None:
    for _, raw in damaged_files():
        try:
            table = open_table(io.BytesIO(raw), TableKind.XLSX, max_unpacked=MAX_UNPACKED)
        except SourceUnreadable:
            continue
        assert len(list(table.rows)) <= 2


def test_formulas_merged_cells_and_days_of_a_sheet(town: SessionFactory) -> None:
    from datetime import date, datetime

    from openpyxl import load_workbook

    raw = workbook(
        ["category", "household_size", "received_at"],
        ["food", "=1+1", datetime(2026, 1, 3, 12)],  # noqa: DTZ001 - a sheet knows no zones
        ["food", 2.0, date(2026, 1, 4)],
        ["food", 3, 46026],
        ["=A1", 1, None],
    )
    book = load_workbook(io.BytesIO(raw))
    book.active.merge_cells("A2:A3")  # type: ignore[union-attr]
    merged = io.BytesIO()
    book.save(merged)
    file = bring(town, merged.getvalue(), form=TableKind.XLSX)
    found = {row.row: row for row in rows_of(town, file)}
    assert [found[n].outcome.value for n in (2, 3, 4, 5)] == ["held", "held", "made", "held"], found
    assert [f.pointer for n in (2, 3, 5) for f in found[n].faults] == ["/household_size", "/category", "/category"]


MEASURED = """
import io, json, resource, sys
from geo.domain.imports import ColumnMap
from geo.domain.words import EntryKind
from geo.errors import SourceUnreadable
from geo.interchange.table import TableKind
from geo.interchange.opening import open_table
from api.importing.tables import MAX_UNPACKED, describe, number_rows
from tests.bad_tables import bad_lines, damaged_files, refused_files, COLUMNS

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def taken(kind, raw):
    try:
        describe(io.BytesIO(raw), EntryKind.NEED, TableKind(kind), "list")
        return sum(1 for _ in number_rows(open_table(io.BytesIO(raw), TableKind(kind), max_unpacked=MAX_UNPACKED)))
    except SourceUnreadable:
        return 0

head = ",".join(COLUMNS).encode() + b"\\n"
corpus = [*refused_files().values(), *(("xlsx", raw) for _, raw in damaged_files())]
corpus += [("csv", head + raw + b"\\n") for raw in bad_lines().values()]
# what it takes to make them is theirs; what it takes to read them is ours
before = peak()
rows = sum(taken(kind, raw) for kind, raw in corpus)
print(json.dumps({"rows": rows, "grown_mb": peak() - before}))
"""


def test_reading_all_of_them_takes_no_more_memory_than_a_good_table() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    told = json.loads(answer.stdout)
    assert told["rows"] >= len(bad_lines())
    assert told["grown_mb"] < MOST_MB
