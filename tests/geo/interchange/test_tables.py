from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from geo.errors import SourceUnreadable
from geo.interchange.answers import write_csv_answers, write_xlsx_answers
from geo.interchange.asked import AddressColumns, PointColumns, check_columns
from geo.interchange.opening import open_table
from geo.interchange.table import TableKind, TableRow, kind_of
from geo.interchange.table_csv import MAX_ROW_LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

CSV, LINES, XLSX = TableKind.CSV, TableKind.JSON_LINES, TableKind.XLSX


def rows_of(raw: bytes, kind: TableKind = CSV, sheet: str | None = None) -> list[TableRow]:
    return list(open_table(io.BytesIO(raw), kind, sheet=sheet).rows)


def workbook(*rows: Sequence[object], title: str = "one") -> bytes:
    book, raw = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    book.save(raw)
    return raw.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_table_is_read_however_it_was_saved(encoding: str, sign: str, ends: str) -> None:
    text = ends.join(["id" + sign + "q", "1" + sign + "Hämeentie 1", "2" + sign + '"a' + sign + ' ""b"""', ""])
    rows = rows_of(text.encode(encoding))
    assert rows == [({"id": "1", "q": "Hämeentie 1"}, None), ({"id": "2", "q": f'a{sign} "b"'}, None)]


def test_what_cannot_be_read_is_one_row_and_swallows_no_other() -> None:
    raw = b'id,q\n1,a\n2,"never closed\n3,\xff\xfe\n4,"ab"c\n5\n6,a,b,c\n\n,\n7,"two\nlines"\n8,z\n'
    rows = rows_of(raw)
    assert [cells.get("id") for cells, _ in rows] == ["1", None, "3", None, "5", "6", "", "7", "8"]
    assert [error and error.split()[1] for _, error in rows] == [None, "3", "4", "5", None, None, None, None, None]
    assert rows[1][0] == {"line": '2,"never closed'}
    assert rows[2][0]["q"] == "\ufffd\ufffd"
    assert rows[5][0]["extra"] == "b,c"
    assert rows[7][0]["q"] == "two\nlines"


def test_a_quotation_mark_that_is_never_closed_costs_one_row_of_a_long_table() -> None:
    lines = [f"{n},x" for n in range(10 * MAX_ROW_LINES)]
    lines[7] = '7,"x'
    rows = rows_of("\n".join(["id,q", *lines]).encode())
    assert [error is None for _, error in rows] == [n != 7 for n in range(len(lines))]
    assert [cells.get("id", "7") for cells, _ in rows] == [str(n) for n in range(len(lines))]


def test_a_line_without_end_is_cut_and_the_next_is_read() -> None:
    raw = b"q\n" + b"x" * 3_000_000 + b"\nlast\n"
    rows = rows_of(raw)
    assert rows[-1] == ({"q": "last"}, None)
    assert len(rows) == 2
    assert rows[0][1] is not None


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(b"", CSV), (b'"q\n', CSV), (b"q\xff\n1\n", CSV), (b"not a workbook", XLSX), (b"", XLSX), (b"PK\x03\x04", XLSX)],
)
def test_a_table_without_a_header_is_refused(raw: bytes, kind: TableKind) -> None:
    with pytest.raises(SourceUnreadable):
        open_table(io.BytesIO(raw), kind)


def test_every_column_has_a_name_of_its_own() -> None:
    table = open_table(io.BytesIO(b"q,note,note,note\n1,2,3,4\n"), CSV)
    assert table.columns == ("q", "note", "note (2)", "note (3)")
    check_columns(table.columns, ["q"])
    with pytest.raises(SourceUnreadable, match="line 1: two columns have the name 'note'"):
        check_columns(table.columns, ["note"])
    with pytest.raises(SourceUnreadable, match="line 1: there is no column 'x'"):
        check_columns(table.columns, ["x"])


def test_json_lines_that_are_none_say_so() -> None:
    raw = b'{"q": "a"}\n\n[1]\nx\n{"q": NaN}\n{"q": 1e999}\n\xff\n' + b"[" * 100_000 + b'\n{"q": "\\ud800"}'
    rows = rows_of(raw, LINES)
    assert [error is None for _, error in rows] == [True, False, False, False, False, False, False, True]
    assert [error.split()[1] for _, error in rows if error] == ["3", "4", "5", "6", "7", "8"]


@given(st.binary(max_size=400), st.sampled_from([CSV, LINES, XLSX]))
def test_any_bytes_are_rows_or_are_refused(raw: bytes, kind: TableKind) -> None:
    try:
        rows = rows_of(b"q\n" + raw if kind is CSV else raw, kind)
    except SourceUnreadable:
        return
    json.dumps([cells for cells, _ in rows], allow_nan=False)


def test_a_sheet_is_read_as_text_with_its_empty_rows_but_those_at_the_end() -> None:
    raw = workbook(["q", "n", None], ["a", 12.0, "beyond"], [None, None], ["=1+1", True], [None], [None])
    assert rows_of(raw, XLSX) == [
        ({"q": "a", "n": "12", "extra": "beyond"}, None),
        ({"q": "", "n": ""}, None),
        ({"q": "=1+1", "n": "true"}, None),
    ]
    assert rows_of(raw, XLSX, "one")
    with pytest.raises(SourceUnreadable, match="no sheet"):
        rows_of(raw, XLSX, "two")
    with pytest.raises(SourceUnreadable, match=r"only an \.xlsx"):
        rows_of(b"q\n", CSV, "one")


def test_a_workbook_made_to_burst_is_refused_before_it_does() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(60):
            part.write(b" " * 1_000_000)
    tracemalloc.start()
    with pytest.raises(SourceUnreadable, match="too large"):
        open_table(io.BytesIO(raw.getvalue()), XLSX)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_workbook_with_entities_is_refused() -> None:
    raw, made = io.BytesIO(), io.BytesIO(workbook(["q"], ["a"]))
    with zipfile.ZipFile(raw, "w") as packed, zipfile.ZipFile(made) as whole:
        for name in whole.namelist():
            text = whole.read(name)
            bomb = b'<!DOCTYPE x [<!ENTITY a "b">]>' if name == "xl/workbook.xml" else b""
            packed.writestr(name, bomb + text)
    with pytest.raises(SourceUnreadable, match="entities"):
        open_table(io.BytesIO(raw.getvalue()), XLSX)


def test_the_kind_of_a_table_is_in_its_name() -> None:
    assert [kind_of(name) for name in ("a.CSV", "b.ndjson", "c.jsonl", "d.xlsx")] == [CSV, LINES, LINES, XLSX]
    with pytest.raises(SourceUnreadable):
        kind_of("a.txt")


# -- what is asked, and answered -----------------------------------------------------------------------------


def test_an_address_stands_in_one_column_or_in_its_parts() -> None:
    columns = AddressColumns.from_pairs(["street=s", "number=n", "city=c"], "q")
    assert columns.text_of({"q": "a 1", "s": "b"}) == "a 1"
    assert columns.text_of({"q": "", "s": "b", "n": 2, "c": "d"}) == "b 2, d"
    assert columns.text_of({}) == ""
    for bad in (["town=x"], ["street"], ["street=a", "street=b"]):
        with pytest.raises(SourceUnreadable):
            AddressColumns.from_pairs(bad)


@pytest.mark.parametrize(
    ("lon", "lat", "known"),
    [
        ("24.9", "60.1", True),
        (24.9, 60, True),
        ("181", "1", False),
        ("nan", "1", False),
        ("", "1", False),
        ("x", "1", False),
    ],
)
def test_a_point_is_two_numbers_in_range(lon: object, lat: object, *, known: bool) -> None:
    assert (PointColumns().point_of({"lon": lon, "lat": lat}) is not None) == known


def test_answers_become_tables_in_which_nothing_is_a_formula() -> None:
    answer = {"input": {"q": "=cmd()", "lon": "@x"}, "lon": -1.5, "faults": ["a", "b"], "label": "-2+3"}
    lines = [json.dumps(answer).encode() + b"\n"]
    answered = ("lon", "faults", "label")
    csv_out, xlsx_out = io.BytesIO(), io.BytesIO()
    write_csv_answers(csv_out, lines, ["q", "lon"], answered)
    assert csv_out.getvalue().decode("utf-8-sig").splitlines() == [
        "q,lon,found_lon,faults,label",
        "'=cmd(),'@x,-1.5,a; b,'-2+3",
    ]
    write_xlsx_answers(xlsx_out, lines, ["q", "lon"], answered)
    sheet = load_workbook(io.BytesIO(xlsx_out.getvalue())).active
    assert sheet is not None
    assert [cell.value for cell in list(sheet.iter_rows())[1]] == ["=cmd()", "@x", -1.5, "a; b", "-2+3"]
    assert {cell.data_type for cell in list(sheet.iter_rows())[1]} == {"s", "n"}
