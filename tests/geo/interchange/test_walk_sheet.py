"""Walk sheets read back: every door with its code, in every size and script, and the same bytes each time."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from shapely import LineString, MultiLineString, MultiPolygon, box

from geo.domain.door_codes import door_code, page_code, read_code, spaced
from geo.domain.place import Point
from geo.domain.turf import MAX_DOORS, Outcome, Paper
from geo.interchange.walk_sheet import LABELS, SIZES_MM, SheetDoor, WalkSheet, write_walk_sheet

from api.sheets import find_fonts

MM_PT = 72 / 25.4


def sheet(doors: int = 40, street: str = "Liisankatu", **values: object) -> WalkSheet:
    rows = [
        SheetDoor(
            at,
            door_code(5, at),
            f"{street} {(at - 1) // 25}".strip(),
            str(at),
            "odd" if at % 2 else "even",
            Point(24.94 + at * 0.00005, 60.17 + at % 7 * 0.0003),
        )
        for at in sorted(range(1, doors + 1), key=lambda at: ((at - 1) // 25, at % 2))
    ]
    rows = [replace(row, position=at, code=door_code(5, at)) for at, row in enumerate(rows, 1)]
    lines = [(street, MultiLineString([LineString([(24.939, 60.171), (24.97, 60.1712)])]))]
    plain = WalkSheet(
        network="Harbour network",
        name="North",
        note="Ask about the heating.",
        number=5,
        until="2026-05-31",
        doors=rows,
        outline=MultiPolygon([box(24.939, 60.169, 24.967, 60.173)]),
        streets=lines,
        printed_at=datetime(2026, 5, 4, tzinfo=UTC),
        attribution="© Test mappers",
        link="http://localhost:8000/dash/turfs?code=",
    )
    return replace(plain, **values)  # type: ignore[arg-type] # fields of the sheet


def read(raw: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages]


def codes_in(text: str) -> list[str]:
    return [found.replace(" ", "") for found in re.findall(r"\b[2-9C-X]{3} [2-9C-X]{3}\b", text)]


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("with_fonts", [True, False])
def test_every_door_has_its_row_and_its_code(paper: Paper, with_fonts: bool) -> None:  # noqa: FBT001 - a case
    asked = sheet(120)
    raw = write_walk_sheet(asked, paper=paper, fonts=find_fonts() if with_fonts else None)
    pages = read(raw)
    wanted = {door.code for door in asked.doors}
    found = [code for page in pages[1:] for code in codes_in(page) if read_code(code)[1] is not None]
    assert sorted(found) == sorted(wanted)
    for at, page in enumerate(pages, 1):
        assert f"page {at} of {len(pages)}" in page
        assert spaced(page_code(5, at)) in page
        assert "© Test mappers" in page
    for word in ("North", "Harbour network", "120 doors", "until 2026-05-31", "Ask about the heating."):
        assert word in pages[0]
    for outcome in Outcome:
        assert LABELS[outcome] in pages[1]
    sizes = {
        (round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in PdfReader(io.BytesIO(raw)).pages
    }
    assert sizes == {tuple(round(side * MM_PT) for side in SIZES_MM[paper])}


def test_a_turf_of_fifty_doors_fits_on_two_sides() -> None:
    assert len(read(write_walk_sheet(sheet(50)))) == 2


def test_the_largest_turf_has_a_code_for_each_page() -> None:
    scattered = [
        SheetDoor(at, door_code(5, at), f"Street {at}", "1", "none", Point(24.94, 60.17))
        for at in range(1, MAX_DOORS + 1)
    ]
    pages = read(write_walk_sheet(replace(sheet(1), doors=scattered)))
    assert len({spaced(page_code(5, at)) for at in range(1, len(pages) + 1)}) == len(pages)


def test_the_same_turf_on_the_same_day_is_the_same_sheet() -> None:
    fonts = find_fonts()
    assert write_walk_sheet(sheet(), fonts=fonts) == write_walk_sheet(sheet(), fonts=fonts)


def test_set_up_brings_the_fonts() -> None:
    assert find_fonts() is not None


@pytest.mark.parametrize(
    ("street", "told"),
    [
        ("Невский проспект", "Невский проспект"),
        ("Øster Søgade", "Øster Søgade"),
        ("Λεωφόρος", "Λεωφόρος"),
        ("Jidka Xoriyadda", "Jidka Xoriyadda"),
        ("南京路", "南京路"),
        ("浅草通り", "浅草通り"),
        ("세종대로", "세종대로"),
        ("Kiinankatu 中国街", "Kiinankatu 中国街"),
        # what the fonts have no letters for stands in Latin ones
        ("বকুল", "bkul"),
    ],
)
def test_streets_are_written_in_their_script(street: str, told: str) -> None:
    assert told in read(write_walk_sheet(sheet(4, street), fonts=find_fonts()))[1]


def test_without_a_font_for_them_chinese_names_are_in_latin_letters() -> None:
    found = find_fonts()
    assert found is not None
    for fonts in (replace(found, others=()), None):
        assert "NanJingLu" in read(write_walk_sheet(sheet(4, "南京路"), fonts=fonts))[1]


def test_a_long_chinese_name_is_cut_short_and_turned_along_its_street() -> None:
    pages = read(write_walk_sheet(sheet(4, "南京东路步行街" * 12), fonts=find_fonts()))
    assert "…" in pages[1]
    # along the street on the map there is room for a short one
    assert "南京路" in read(write_walk_sheet(sheet(4, "南京路"), fonts=find_fonts()))[0]


def test_what_runs_from_right_to_left_is_joined_and_does_so() -> None:
    raw = write_walk_sheet(sheet(4, "شارع الملك", name="حي"), fonts=find_fonts())
    page = read(raw)[1]
    assert any(ord(char) in range(0x0600, 0x0700) or ord(char) in range(0xFE70, 0xFF00) for char in page)
    assert "Shar" not in page


@given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=400))
@settings(max_examples=100 if os.environ.get("BARNRAISER_FULL") else 12)
def test_no_words_break_a_sheet(name: str, number: str, note: str) -> None:
    asked = sheet(3, name, name=name, note=note)
    doors = [replace(door, number=number) for door in asked.doors]
    for fonts in (find_fonts(), None):
        assert len(read(write_walk_sheet(replace(asked, doors=doors), fonts=fonts))) == 2


def test_a_turf_of_one_door_has_a_map() -> None:
    lonely = replace(sheet(1), streets=[], outline=MultiPolygon([box(24.94, 60.17, 24.94001, 60.17001)]))
    text = read(write_walk_sheet(lonely))
    assert any(scale in text[0] for scale in ("10 m", "20 m", "50 m"))
    assert "1 doors" not in text[0]
