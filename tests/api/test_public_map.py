"""The drawn map: everything shown lies in the picture, north is up, and what lies outside is cut off."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from geo.geometry import to_geojson
from geo.privacy.cells import cell_polygon

from api.public_map import MOST_HEIGHT, WIDTH, Frame, draw_cell, draw_ground, frame_files
from tests.grid import HELSINKI

LON, LAT = st.floats(-170, 170), st.floats(-80, 80)
NEAR = st.floats(-0.2, 0.2)


@given(LON, LAT, st.lists(st.tuples(NEAR, NEAR), min_size=1, max_size=12))
def test_all_that_is_framed_is_in_the_picture(lon: float, lat: float, moves: list[tuple[float, float]]) -> None:
    corners = [(lon + x, lat + y) for x, y in moves]
    frame = Frame.around(corners)
    assert 0 < frame.height <= MOST_HEIGHT + 1
    for at in corners:
        x, y = frame.at(*at)
        assert 0 <= x <= WIDTH
        assert 0 <= y <= frame.height


def test_north_is_up_and_east_is_right() -> None:
    frame = Frame.around([(24.9, 60.1), (25.0, 60.2)])
    assert frame.at(24.95, 60.19)[1] < frame.at(24.95, 60.11)[1]
    assert frame.at(24.91, 60.15)[0] < frame.at(24.99, 60.15)[0]


def test_a_metre_is_as_long_to_the_east_as_to_the_north() -> None:
    frame = Frame.around([(24.9, 60.1), (25.0, 60.2)])
    # at sixty degrees a degree of longitude is half as long as one of latitude
    assert abs(frame.per_lon / frame.per_lat - 0.5) < 0.01


def feature(shape: dict[str, object], name: str | None = None) -> dict[str, object]:
    return {"geometry": shape, "properties": {"name": name} if name else {}}


def test_ground_is_cut_to_the_frame() -> None:
    frame = Frame.around([(24.9, 60.1), (25.0, 60.2)])
    wide = {"type": "Polygon", "coordinates": [[[20, 55], [30, 55], [30, 65], [20, 65], [20, 55]]]}
    away = {"type": "MultiLineString", "coordinates": [[[10, 50], [11, 51]]]}
    street = {"type": "MultiLineString", "coordinates": [[[24.8, 60.15], [25.2, 60.15]]]}
    drawn = draw_ground([feature(wide, "All"), feature(away), feature(street)], frame)
    numbers = [int(n) for n in re.findall(r"-?\d+", drawn.areas[0] + drawn.streets)]
    assert min(numbers) >= 0
    assert max(numbers) <= max(WIDTH, frame.height)
    assert drawn.streets.count("M") == 1
    assert [label.text for label in drawn.labels] == ["All"]


def test_a_name_that_does_not_fit_is_left_out() -> None:
    frame = Frame.around([(24.9, 60.1), (25.0, 60.2)])
    small = {"type": "Polygon", "coordinates": [[[24.9, 60.1], [24.901, 60.1], [24.901, 60.101], [24.9, 60.1]]]}
    assert draw_ground([feature(small, "A long name of a small place")], frame).labels == ()


def test_a_hexagon_has_six_corners_around_its_middle() -> None:
    from geo.privacy.cells import cell_of

    cell = {"geometry": to_geojson(cell_polygon(cell_of(HELSINKI, 8))), "properties": {}}
    frame = frame_files([cell], [], [])
    path, x, y = draw_cell(cell, frame)
    assert len(re.findall(r"\d+ \d+", path)) == 7
    assert abs(x - WIDTH / 2) < 5
    assert abs(y - frame.height / 2) < 5


def test_nothing_to_show_is_a_picture_all_the_same() -> None:
    assert frame_files([], [], []).height > 0
