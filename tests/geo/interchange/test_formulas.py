"""No text in a CSV file begins a formula, in any spreadsheet of any country; numbers stay what they are."""

# ruff: noqa: RUF001 - lookalikes of other scripts are what is tested

from __future__ import annotations

import csv
import io
import unicodedata
from itertools import product

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.interchange.csv_rows import write_features

SIGNS = ["=", "+", "-", "@", "%", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"]
BEFORE = ["", " ", "  ", "\t", "\r", "\n", "\r\n", "\0", "\u200b", "\ufeff", "\u00a0", "\u3000", "\u202e", "\u2060 "]
BODIES = ["1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x","y")', "SUM(1)*cmd"]
PAYLOADS = [
    *(f"{before}{sign}{body}" for (before, sign), body in zip(product(BEFORE, SIGNS), BODIES * 49, strict=True)),
    "\tplain", "\rplain", "\nplain", "\0plain", "a\n=1+1", "a\r\n@SUM(1)", "a;=1+1", "a; -2+3", "a\t=1+1", "a|=1+1",
    ";=1+1", "food; =cmd|' /C calc'!A0", "+358 40 123", "-", "=", "--1", "+-1", "-1+cmd", "1;+1+1", "%0A=1+1",
    "-1.2.3", "+1 1", "-٣", "DDE;=DDE(1)",
]  # fmt: skip
NUMBERS = ["-1.26", "+1", "-1", "0", "12", "+3,5", "-1e5", "1E-5", -3, -3.5, 7, 0, 1e300]


def write(*texts: object) -> list[str]:
    target = io.StringIO(newline="")
    properties = {f"c{n}": text for n, text in enumerate(texts)}
    write_features(target, [{"id": "x", "geometry": None, "properties": properties}])
    header, *rows = csv.reader(io.StringIO(target.getvalue(), newline=""))
    (row,) = rows
    return [row[header.index(f"c{n}")] for n in range(len(texts))]


def seen(text: str) -> str:
    """The first characters a spreadsheet might look at."""
    kept = [c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"}]
    return unicodedata.normalize("NFKC", "".join(kept[:1]))


def begins_a_formula(text: str) -> bool:
    return text[:1] in {"\t", "\r", "\n", "\0"} or seen(text)[:1] in set("=+-@%−")


def test_there_are_two_hundred_payloads_and_each_is_one() -> None:
    assert len(PAYLOADS) >= 200
    assert all(begins_a_formula(p) or any(c in p for c in ";|\t\r\n") for p in PAYLOADS)


@pytest.mark.parametrize("wrap", [lambda text: text, lambda text: [text, "x"], lambda text: ["x", text]])
def test_no_payload_begins_a_cell_in_any_column(wrap: object) -> None:
    assert callable(wrap)
    for payload in PAYLOADS:
        for cell in write(*[wrap(payload)] * 12):
            assert not begins_a_formula(cell), ascii(payload)
            # a spreadsheet that parts at another sign sees each of these as the beginning of a cell
            for part in cell.replace("|", ";").replace("\t", ";").replace("\n", ";").replace("\r", ";").split(";"):
                assert seen(part) not in set("=+-@%−"), ascii(payload)


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_stay_as_they_are(number: object) -> None:
    assert write(number) == [str(number)]


def test_every_character_that_was_written_is_still_there() -> None:
    for payload in PAYLOADS:
        (cell,) = write(payload)
        assert cell.replace("'", "") == payload.replace("'", ""), ascii(payload)


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=20))
def test_whatever_is_written_begins_no_formula(text: str) -> None:
    (cell,) = write(text)
    plain = text.lstrip("+-").replace(",", ".").replace(".", "", 1)
    assert not begins_a_formula(cell) or (plain.isascii() and plain.replace("e", "").replace("E", "")[:1].isdigit())
    assert cell.replace("'", "") == text.replace("'", "")


def test_a_workbook_made_of_the_file_holds_text() -> None:
    target = io.StringIO(newline="")
    rows = [{"id": str(n), "geometry": None, "properties": {"name": p}} for n, p in enumerate(PAYLOADS)]
    write_features(target, rows)
    frame = pd.read_csv(io.StringIO(target.getvalue(), newline=""), keep_default_na=False, dtype=str)
    assert len(frame) == len(PAYLOADS)
    sheet = openpyxl.Workbook().active
    assert sheet is not None
    for name in frame["name"]:
        # a workbook cannot hold control characters at all
        sheet.append(["".join(c for c in name if c >= " ")])
    assert {cell.data_type for (cell,) in sheet.iter_rows()} == {"s"}
