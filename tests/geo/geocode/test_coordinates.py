from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.coordinates import find_coordinates
from geo.geocode.parse import parse_address


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("60.1699, 24.9384", 24.9384, 60.1699),
        ("60.1699,24.9384", 24.9384, 60.1699),
        ("-33.8688;151.2093", 151.2093, -33.8688),
        ("39.401N 76.602W", -76.602, 39.401),
        ("60.1699\u00b0 N, 24.9384\u00b0 E", 24.9384, 60.1699),
        ("60,1699 24,9384", 24.9384, 60.1699),
        ("60,1699; 24,9384", 24.9384, 60.1699),
        ("60,1699, 24,9384", 24.9384, 60.1699),
        ("39\u00b024'51.1\"N 76\u00b028'50.7\"W", -76.48075, 39.41419444),
        ("39\u00b024\u203251.1\u2033N 76\u00b028\u203250.7\u2033W", -76.48075, 39.41419444),
        ("N39 24.852 W76 28.845", -76.48075, 39.4142),
        ("39 24 51 N, 76 28 50 W", -76.48055556, 39.41416667),
        ("W76 28.845 N39 24.852", -76.48075, 39.4142),
        ("60\u00b010'11\" 24\u00b056'18\"", 24.93833333, 60.16972222),
        ("39.4 north 76.6 west", -76.6, 39.4),
        ("geo:60.17,24.94", 24.94, 60.17),
        ("geo:60.17,24.94;u=35", 24.94, 60.17),
        ("lat: 60.17 lon: 24.94", 24.94, 60.17),
        ("longitude=24.94, latitude=60.17", 24.94, 60.17),
        ("POINT(24.94 60.17)", 24.94, 60.17),
        ("SRID=4326;POINT(-123.370780 48.417926)", -123.37078, 48.417926),
    ],
)
def test_every_spelling(text: str, lon: float, lat: float) -> None:
    found = find_coordinates(text)
    assert found is not None
    assert (found.point.lon, found.point.lat) == pytest.approx((lon, lat), abs=1e-7)
    assert not found.axes_swapped


def test_a_first_number_that_is_no_latitude_is_read_as_a_longitude_and_said_so() -> None:
    parsed = parse_address("151.2093, -33.8688")
    assert parsed.point is not None
    assert (parsed.point.lon, parsed.point.lat) == (151.2093, -33.8688)
    assert parsed.axes_swapped


def test_a_pair_that_may_be_either_stays_latitude_first() -> None:
    parsed = parse_address("24.9384, 60.1699")
    assert parsed.point is not None
    assert parsed.point.lat == 24.9384
    assert not parsed.axes_swapped


@pytest.mark.parametrize(
    "text",
    [
        "12 N 300 W",
        "45 N 100 W",
        "N6W23001",
        "999.1234, 500.1234",
        "60.17, 24.94",
        "12.5 3.5",
        "39 71 00 N 76 28 50 W",
        "39.41 N",
        "N 12.5 N 13.5",
        "geo:",
        "POINT()",
        "lat: 91 lon: 5",
        "12 Main St",
        "",
    ],
)
def test_what_is_no_place_on_earth_is_none(text: str) -> None:
    assert find_coordinates(text) is None


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([", ", ",", "; ", " "]))
def test_decimal_degrees_come_back(lat: float, lon: float, between: str) -> None:
    found = find_coordinates(f"{lat:.6f}{between}{lon:.6f}")
    assert found is not None
    assert (found.point.lat, found.point.lon) == pytest.approx((lat, lon), abs=1e-6)
