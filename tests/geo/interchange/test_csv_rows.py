"""Rows in and out, without a database."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import SourceUnreadable
from geo.interchange.csv_rows import EXTRA, read_rows, write_features

CELL = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=("Cs",)), max_size=30)


def _read(text: str, need: str = "q") -> list[dict[str, str]]:
    return list(read_rows(io.StringIO(text, newline=""), need=need))


@given(st.lists(st.tuples(CELL, CELL), max_size=20))
def test_every_row_comes_back_in_order(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([("id", "q"), *rows])
    assert [(row["id"], row["q"]) for row in _read(written.getvalue())] == rows


def test_a_blank_line_is_a_row_only_where_there_is_one_column() -> None:
    assert [row["q"] for row in _read("q\na\n\nb\n")] == ["a", "", "b"]
    assert [row["q"] for row in _read("q,r\na,1\n\nb,2\n")] == ["a", "b"]


def test_short_and_long_rows_are_kept() -> None:
    assert _read("q,r\na\nb,1,2,3\n") == [{"q": "a", "r": ""}, {"q": "b", "r": "1", EXTRA: "2,3"}]


@pytest.mark.parametrize("text", ["", "a,b\n", "q,q\n", 'q\n"open', 'q\n"a"b\n'])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(SourceUnreadable):
        _read(text)


def test_features_become_rows_and_text_never_a_formula() -> None:
    written = io.StringIO(newline="")
    properties = {"name": "=1+1", "categories": ["food", "water"], "demand": -3, "why": None}
    point = {"type": "Point", "coordinates": [24.9, 60.1]}
    features = [
        {"id": "a", "geometry": point, "properties": properties},
        {"id": "b", "geometry": None, "properties": properties},
    ]
    assert write_features(written, features) == 2
    first, second = csv.DictReader(io.StringIO(written.getvalue(), newline=""))
    assert first["name"] == "'=1+1"
    assert first["categories"] == "food; water"
    assert (first["demand"], first["why"], first["lon"], second["lon"]) == ("-3", "", "24.9", "")


def test_no_features_are_no_rows() -> None:
    written = io.StringIO(newline="")
    assert write_features(written, []) == 0
    assert written.getvalue() == ""
