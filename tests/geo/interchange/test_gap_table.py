"""The table under the map as CSV: read back as it was, and harmless to a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from geo.interchange.gap_table import HEADER, write_gap_table

from tests.payloads import ALL


def row(**values: Any) -> dict[str, Any]:
    plain = {"label": "Kallio", "category": "food", "demand": 4, "covered": 1, "gap": 3, "coverage": 0.25}
    return plain | {"out_of_reach": 2, "why": "no food within reach", "cell": "891126d3303ffff"} | values


def written(*rows: dict[str, Any]) -> list[dict[str, str]]:
    target = io.StringIO(newline="")
    assert write_gap_table(target, rows) == len(rows)
    return list(csv.DictReader(io.StringIO(target.getvalue(), newline="")))


def test_the_widest_gap_comes_first_in_words() -> None:
    first, second = written(row(gap=1), row(gap=3, category="water"))
    assert tuple(first) == HEADER
    assert (first["need"], first["needs_without_help"]) == ("Drinking water", "3")
    assert (second["need"], second["needs"], second["share_helped"]) == ("Food", "4", "0.25")
    assert written() == []


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "=HYPERLINK(1)", "a;=1+1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    (found,) = written(row(label=text, why=text))
    for cell in (found["place"], found["why"]):
        assert cell != text
        assert not cell.strip().startswith(("=", "+", "-", "@"))


def test_what_people_write_is_read_back() -> None:
    for found, text in zip(
        written(*(row(label=text, cell=f"{at:03}") for at, text in enumerate(ALL))), ALL, strict=True
    ):
        assert found["place"].replace("'", "") == text.replace("'", "")
