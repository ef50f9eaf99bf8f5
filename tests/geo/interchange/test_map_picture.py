"""Pictures of the map read back: what they say, how long the scale is, and that what people write stays text."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import h3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from shapely import MultiLineString, Polygon, box
from shapely import Point as ShapelyPoint

from geo.crs import geodesic_m, to_degrees
from geo.domain.balance import Balance
from geo.domain.gap_words import balance_words, class_of, classes, step_of
from geo.domain.place import Point
from geo.interchange.geojson import feature
from geo.interchange.map_picture import (
    FORMS,
    MapPicture,
    PictureSize,
    legend_keys,
    legend_sentence,
    scale_of,
    view_of,
    write_pdf,
    write_png,
)
from geo.interchange.picture_layers import HATCH_MM, add_up, hatch, keep_within, short
from geo.interchange.sheet_view import MapBox
from geo.privacy.cells import cell_polygon

from api.sheets import find_fonts
from tests.payloads import ALL, RUN

BOX = (24.93, 60.165, 24.96, 60.178)
CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(60.1715, 24.945, 9), 2))
PAPER = MapBox(12, 30, 270, 140)


def layers(name: str = "Corner pantry") -> dict[str, list[dict[str, Any]]]:
    gaps = [{"cell": cell, "demand": 9, "covered": 9 - at % 10, "gap": at % 10} for at, cell in enumerate(CELLS)]
    asset = {"id": "1", "name": name, "kind": "food_bank"}
    return {
        "coverage": [feature(None, cell_polygon(told["cell"]), told) for told in gaps],
        "needs": [feature(None, cell_polygon(cell), {"cell": cell, "count": 7}) for cell in CELLS],
        "helpers": [feature(None, cell_polygon(CELLS[0]), {"cell": CELLS[0], "count": 1234})],
        "assets": [feature("1", Point(24.945, 60.17), asset)],
    }


def picture(**values: Any) -> MapPicture:
    plain: dict[str, Any] = {
        "title": "12 of 40 open food needs find no help within 5 minutes on foot.",
        "network": "Kallio Mutual Aid",
        "box": BOX,
        "layers": layers(),
        "balance": Balance(received=44, located=40, approximate=0, needs_review=2, no_location=1, withheld=0, closed=1),
        "made_at": datetime(2026, 11, 29, 15, 2, tzinfo=UTC),
        "zone": "UTC",
        "limit": "within 5 minutes on foot",
        "kind": "food ",
        "step": 2,
        "travel_note": "Straight line times 1.3, at 4.8 km/h on foot.",
        "attribution": "© OpenStreetMap contributors",
        "streets": [("Liisankatu", MultiLineString([[(24.935, 60.17), (24.958, 60.171)]]))],
    }
    return MapPicture(**plain | values)


def words_of(raw: bytes) -> str:
    reader = PdfReader(io.BytesIO(raw))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


@pytest.mark.parametrize("size", PictureSize)
def test_a_page_says_what_it_shows_of_whom_from_where_and_when(size: PictureSize) -> None:
    shown = picture()
    # reading the fonts takes most of the time, and says the same on each paper
    raw = write_pdf(shown, size, find_fonts() if size is PictureSize.A4 else None)
    said = words_of(raw).replace("\u2013", "-")
    parts = [shown.title, shown.network, shown.attribution, shown.travel_note, legend_sentence(shown)]
    parts += [] if size is PictureSize.PHONE else ["Liisankatu", "Corner pantry"]
    parts += [balance_words(shown.balance, "food needs"), "Drawn on 29 November 2026 at 15:02 (UTC)"]
    for part in [*parts, *(words for _, words in legend_keys(shown))]:
        assert part.replace("\u2013", "-") in said
    paper = PdfReader(io.BytesIO(raw)).pages[0].mediabox
    assert float(paper.width) == pytest.approx(FORMS[size].width_mm * 72 / 25.4, abs=0.1)


@pytest.mark.parametrize("size", [PictureSize.A4, PictureSize.PHONE])
def test_a_picture_is_as_large_as_it_says_and_tells_its_title(size: PictureSize) -> None:
    shown, form = picture(), FORMS[size]
    with Image.open(io.BytesIO(write_png(shown, size, find_fonts()))) as drawn:
        assert drawn.size[0] == pytest.approx(form.width_mm * form.dpi / 25.4, abs=1.5)
        assert drawn.size[1] == pytest.approx(form.height_mm * form.dpi / 25.4, abs=1.5)
        drawn.load()
        assert drawn.info["Title"] == shown.title
        # ground, cells and letters, not an empty page
        assert len(drawn.convert("RGB").getcolors(maxcolors=1_000_000) or ()) > 50


def test_the_same_picture_gives_the_same_bytes() -> None:
    for write in (write_pdf, write_png):
        assert write(picture(), PictureSize.PHONE) == write(picture(), PictureSize.PHONE)
        assert write(picture(), PictureSize.PHONE) != write(picture(step=3), PictureSize.PHONE)


def test_a_picture_of_nothing_can_be_drawn() -> None:
    bare = picture(layers={}, streets=(), network="", title="", attribution="", travel_note="")
    assert write_png(bare, PictureSize.PHONE).startswith(b"\x89PNG")
    assert "N" in words_of(write_pdf(bare, PictureSize.A4))
    assert legend_keys(bare) == []
    assert legend_sentence(bare) == ""


@pytest.mark.parametrize("size", [PictureSize.A4, PictureSize.PHONE])
def test_what_people_write_is_written_as_it_is(size: PictureSize) -> None:
    for at in range(0, len(ALL), 16):
        name, network, where = ALL[at], ALL[(at + 5) % len(ALL)], ALL[(at + 9) % len(ALL)]
        shown = picture(network=network, where=where, title=name, layers={"assets": layers(name)["assets"]})
        raw = write_pdf(shown, size)
        assert RUN not in words_of(raw)
        assert "".join(name.split())[:12] in "".join(words_of(raw).split())
        assert not [name for name in (b"/JavaScript", b"/JS", b"/Launch", b"/URI") if name in raw]
        with Image.open(io.BytesIO(write_png(shown, size, find_fonts()))) as drawn:
            assert drawn.info["Title"] == name


@given(
    lon=st.floats(-170, 170), lat=st.floats(-65, 70), wide=st.floats(0.002, 0.8), high=st.floats(0.002, 0.8),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_the_scale_is_as_long_as_the_ground(lon: float, lat: float, wide: float, high: float) -> None:
    view = view_of((lon, lat, lon + wide, lat + high), PAPER)
    metres, long_mm = scale_of(view)
    assert long_mm <= PAPER.width / 4
    middle_x, middle_y = view.west + PAPER.width / 2 / view.mm_per_m, view.north - PAPER.height / 2 / view.mm_per_m
    ground = long_mm / view.mm_per_m
    for dx, dy in ((ground, 0.0), (0.0, ground)):
        (a, b) = to_degrees(_corners(middle_x, middle_y, dx, dy), view.crs)
        assert float(geodesic_m(a[0], a[1], b[0], b[1])) == pytest.approx(metres, rel=1e-3)


def _corners(x: float, y: float, dx: float, dy: float) -> Any:
    import numpy as np

    return np.array([[x - dx / 2, y - dy / 2], [x + dx / 2, y + dy / 2]])


@given(lon=st.floats(-170, 170), lat=st.floats(-65, 70), wide=st.floats(0.002, 0.8), high=st.floats(0.002, 0.8))
@settings(max_examples=40, deadline=None)
def test_all_of_the_box_lies_on_the_map(lon: float, lat: float, wide: float, high: float) -> None:
    from geo.crs import to_metres

    asked = (lon, lat, lon + wide, lat + high)
    view = view_of(asked, PAPER)
    corners = to_metres([asked[0], asked[2], asked[0], asked[2]], [asked[1], asked[3], asked[3], asked[1]], view.crs)
    for x, y in view.spots(corners.tolist()):
        assert PAPER.left - 1e-6 <= x <= PAPER.left + PAPER.width + 1e-6
        assert PAPER.top - 1e-6 <= y <= PAPER.top + PAPER.height + 1e-6


@pytest.mark.parametrize("gaps", [[1], [3, 5], [0.4], [17, 2, 90], [1234]])
def test_each_gap_has_the_colour_the_legend_names(gaps: list[float]) -> None:
    step = step_of(gaps)
    words = classes(step)
    for gap in range(1, int(max(gaps)) + 1):
        at = class_of(gap, step)
        assert at is not None
        first, _, last = words[at].rstrip("+").partition("\u2013")
        assert int(first) <= gap
        assert words[at].endswith("+") or gap <= int(last or first)
    assert class_of(0.0, step) is None
    assert class_of(max(gaps), step) is not None


def test_stripes_stay_within_their_cell_and_go_on_in_the_next() -> None:
    ring = Polygon([(10, 10), (18, 7), (26, 10), (26, 20), (18, 23), (10, 20)])
    found = list(hatch(ring))
    sums = [x + y for x, y in ring.exterior.coords]
    assert len(found) == pytest.approx((max(sums) - min(sums)) / HATCH_MM, abs=1)
    for line in found:
        for x, y in line:
            assert ring.distance(ShapelyPoint(x, y)) < 1e-9
            assert (x + y) / HATCH_MM == pytest.approx(round((x + y) / HATCH_MM), abs=1e-6)


def test_categories_of_a_cell_are_added_up_and_a_part_of_town_keeps_its_own() -> None:
    one = [feature(None, cell_polygon(CELLS[0]), {"cell": CELLS[0], "demand": 5, "covered": 2, "gap": 3})]
    (cell,) = add_up([*one, *one])
    assert (cell.demand, cell.covered, cell.gap, cell.has_no_help) == (10, 4, 6, False)
    assert keep_within(one, None) == one
    assert keep_within(one, box(*cell_polygon(CELLS[0]).bounds)) == one
    assert keep_within(one, box(0, 0, 1, 1)) == []


def test_what_had_no_room_is_said() -> None:
    crowded = layers()["needs"] * 2
    assert "Some counts are left out" in words_of(write_pdf(picture(layers={"needs": crowded}), PictureSize.A4))
    said = words_of(write_pdf(picture(layers={"needs": layers()["needs"]}), PictureSize.A4))
    assert "left out" not in said
    cut = replace(picture(layers={}), is_cut=True)
    assert "left out" in words_of(write_pdf(cut, PictureSize.A4))


@pytest.mark.parametrize(("count", "words"), [(7, "7"), (999, "999"), (1000, "1k"), (1234, "1.2k"), (12_345, "12k")])
def test_a_count_fits_its_badge(count: int, words: str) -> None:
    assert short(count) == words
