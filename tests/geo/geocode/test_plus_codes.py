from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.place import Point
from geo.geocode.parse import parse_address
from geo.geocode.plus_codes import ALPHABET, complete, find_area, is_full, is_short


@pytest.mark.parametrize(
    ("code", "lat", "lon", "size"),
    [
        # examples of the specification
        ("7FG49Q00+", 20.375, 2.775, 0.05),
        ("7FG49QCJ+2V", 20.3700625, 2.7821875, 0.000125),
        ("7FG49QCJ+2VX", 20.3701125, 2.782234375, 0.000025),
        ("8FVC2222+22", 47.0000625, 8.0000625, 0.000125),
        ("4VCPPQGP+Q9", -41.2730625, 174.7859375, 0.000125),
        ("62G20000+", 0.5, -179.5, 1.0),
        ("22220000+", -89.5, -179.5, 1.0),
    ],
)
def test_examples_of_the_specification(code: str, lat: float, lon: float, size: float) -> None:
    area = find_area(code)
    assert area is not None
    assert (area.point.lat, area.point.lon) == pytest.approx((lat, lon), abs=1e-9)
    assert area.height_deg == pytest.approx(size)


@pytest.mark.parametrize(
    "code", ["", "+", "8FVC2222", "8FVC2222+2", "ZZZZ2222+22", "X9222222+22", "2X222222+22", "AB+CD"]
)
def test_what_is_no_code_is_none(code: str) -> None:
    assert find_area(code) is None
    assert complete(code, Point(8, 47)) is None


@pytest.mark.parametrize(
    ("code", "near", "full"),
    [
        # examples of the specification for short codes
        ("9C3W9QCJ+2VX", Point(-1.217765625, 51.3701125), "9C3W9QCJ+2VX"),
        ("CJ+2VX", Point(-1.217765625, 51.3701125), "9C3W9QCJ+2VX"),
        ("9QCJ+2VX", Point(-1.217765625, 51.3701125), "9C3W9QCJ+2VX"),
        ("9qcj+2vx", Point(-1.217765625, 51.3701125), "9C3W9QCJ+2VX"),
        ("22+", Point(0, 0), None),
        # over the edge of a cell and of the world
        ("2222+22", Point(9.99, 47.99), "8FWG2222+22"),
        ("2222+22", Point(179.999, 0.001), "62G22222+22"),
    ],
)
def test_short_codes_are_completed_near_a_place(code: str, near: Point, full: str | None) -> None:
    assert complete(code, near) == full


CODES = st.text(alphabet=ALPHABET, min_size=8, max_size=8).filter(
    lambda c: c[0] in ALPHABET[:9] and c[1] in ALPHABET[:18]
)


@given(CODES, st.text(alphabet=ALPHABET, min_size=2, max_size=5), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_a_short_code_near_its_own_place_is_itself(head: str, tail: str, north: float, east: float) -> None:
    area = find_area(f"{head}+{tail}")
    assert area is not None
    assert -90 <= area.point.lat <= 90
    lat, lon = area.point.lat + north, area.point.lon + east
    if -89 < lat < 89 and -179 < lon < 179:
        assert complete(f"{head[4:]}+{tail}", Point(lon, lat)) == f"{head}+{tail}"


def test_kinds() -> None:
    assert is_full("8fvc2222+22")
    assert not is_short("8FVC2222+22")
    assert is_short("57XX+G5")
    assert not is_full("57XX+G5")


@pytest.mark.parametrize(
    ("text", "code", "locality"),
    [
        ("8FVC2222+22", "8FVC2222+22", None),
        ("57XX+G5 Helsinki", "57XX+G5", "Helsinki"),
        ("57xx+g5, Helsinki, Finland", "57XX+G5", "Helsinki"),
        ("Main St + Elm St", None, None),
    ],
)
def test_codes_in_an_address(text: str, code: str | None, locality: str | None) -> None:
    parsed = parse_address(text)
    assert (parsed.plus_code, parsed.locality) == (code, locality)
