"""Rows of other people's tables read cell by cell: what can be read, and what is said where it cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.imports import ColumnMap
from geo.domain.words import EntryKind
from geo.interchange.column_map import FIELDS
from geo.interchange.row_body import RowRead, read_row

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ODD = ("yes", "=1+1", "60,17", "-1e9", "NaN", "\0", "3.4.2026", "46115,5", "🦉")
CELL = st.text(max_size=30) | st.sampled_from(ODD)
PLACE = {"lon": 24.94, "lat": 60.17, "method": "manual"}


def read(kind: EntryKind = EntryKind.NEED, words: dict[str, str] | None = None, **cells: str) -> RowRead:
    return read_row(kind, cells, ColumnMap({name: (name,) for name in cells}, words or {}), now=NOW)


@given(kind=st.sampled_from(EntryKind), data=st.data())
def test_any_row_is_read_or_told_by_its_field_and_no_cell_is_repeated(kind: EntryKind, data: st.DataObject) -> None:
    cells = {name: "SECRET" + data.draw(CELL) for name in FIELDS[kind]} | data.draw(
        st.dictionaries(st.sampled_from(FIELDS[kind]), CELL)
    )
    found = read_row(kind, cells, ColumnMap({name: (name,) for name in FIELDS[kind]}), now=NOW)
    for fault in (*found.faults, *found.notes):
        assert fault.pointer[1:] in (*FIELDS[kind], "row")
        assert "SECRET" not in fault.reason


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90), comma=st.booleans())
def test_degrees_are_read_with_a_point_or_a_comma(lon: float, lat: float, comma: bool) -> None:  # noqa: FBT001 - drawn
    x, y = (f"{value:.7f}".replace(".", "," if comma else ".") for value in (lon, lat))
    found = read(category="food", lon=x, lat=y)
    if float(x.replace(",", ".")) == float(y.replace(",", ".")) == 0:
        assert [fault.pointer for fault in found.faults] == ["/lon"]
    else:
        place = found.body["location"]
        assert (place["lon"], place["lat"]) == pytest.approx((lon, lat), abs=1e-7)


@given(days=st.integers(36_526, 46_173))
def test_a_day_counted_by_a_spreadsheet_is_that_day(days: int) -> None:
    expected = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=days)
    for written in (str(days), f"{days}.0", f"{expected:%Y-%m-%d}", f"{expected:%d.%m.%Y}"):
        assert read(category="food", received_at=written).received_at == expected, written


@pytest.mark.parametrize(
    "cells",
    [
        {"received_at": "3/4/2026"}, {"received_at": "2027-01-01"}, {"received_at": "1999-01-01"},
        {"received_at": "31.2.2026"}, {"received_at": "9999999999999"}, {"household_size": "3.5"},
        {"household_size": "-1"}, {"household_size": "٣"}, {"household_size": "1e3"}, {"lon": "24.9"},
        {"lat": "abc", "lon": "1"}, {"lat": "24.9", "lon": "600"}, {"lon": "60.1", "lat": "124.9"},
        {"lon": "0", "lat": "0"}, {"lon": "inf", "lat": "1"}, {"geopoint": "60"}, {"geopoint": "1 2 3 4 5"},
        {"withheld": "perhaps"}, {"consent": "perhaps", "phone": "1"}, {"public_note": "\0", "address": "a\0b"},
        {"address": "x" * 10_001},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(cells: dict[str, str]) -> None:
    assert read(category="food", **cells).faults


@pytest.mark.parametrize(
    ("cells", "body"),
    [
        ({"geopoint": "60.17 24.94 12 5"}, {"location": PLACE | {"accuracy_m": 5}}),
        ({"geopoint": "60.17, 24.94"}, {"location": PLACE}),
        ({"address": "  Katu   1 "}, {"location": {"address": "Katu 1"}}),
        ({"household_size": "3.0"}, {"household_size": 3}),
        ({"languages": "fi so"}, {"languages": ["fi", "so"]}),
        ({"languages": "fi; so, fi"}, {"languages": ["fi", "so"]}),
        ({"withheld": "Kyllä"}, {"withheld": True}),
        ({"urgency": "URGENTE"}, {"urgency": "high"}),
        ({"phone": "040", "consent": "haa"}, {"contact": {"phone": "040", "consent": True}}),
        ({"phone": "040", "consent": "no"}, {}),
        ({"phone": "040"}, {}),
    ],
)  # fmt: skip
def test_what_can_be_read_is_in_our_words(cells: dict[str, str], body: dict[str, Any]) -> None:
    found = read(**cells)
    assert (found.body, found.faults) == (body, [])


def test_how_to_reach_somebody_is_left_aside_where_nobody_says_they_agreed() -> None:
    (note,) = read(phone="040").notes
    assert note.pointer == "/consent"


def test_words_of_the_file_and_what_holds_for_all_rows_count() -> None:
    told = ColumnMap({"category": ("what",)}, {"Parcel": "food"}, {"urgency": "high", "category": "water"})
    assert read_row(EntryKind.NEED, {"what": "parcel"}, told, now=NOW).body == {"category": "food", "urgency": "high"}
    assert read_row(EntryKind.NEED, {"what": " "}, told, now=NOW).body == {"category": "water", "urgency": "high"}


def test_a_formula_becomes_no_word() -> None:
    assert read(category="=food").body["category"] == "=food"
