from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.domain.place import Point
from geo.geocode.parse import parse_address, postcode_key
from geo.geocode.readings import MAX_READINGS


@pytest.mark.parametrize(
    ("text", "number", "street", "unit", "postcode", "locality"),
    [
        ("Mannerheimintie 5, 00100 Helsinki", "5", "Mannerheimintie", None, "00100", "Helsinki"),
        ("Mannerheimintie 5 A 12, 00100 Helsinki", "5a", "Mannerheimintie", "A 12", "00100", "Helsinki"),
        ("Mannerheimintie 5 A 12 00100 Helsinki", "5a", "Mannerheimintie", "A 12", "00100", "Helsinki"),
        ("Mannerheimintie 5A12", "5a", "Mannerheimintie", "A 12", None, None),
        ("Eerikinkatu 3 a 5, Helsinki, Finland", "3a", "Eerikinkatu", "A 5", None, "Helsinki"),
        ("Storgatan 5 A lgh 1101, 114 55 Stockholm", "5a", "Storgatan", "1101", "11455", "Stockholm"),
        ("12 Main St Apt 4, City 21093", "12", "Main St", "4", "21093", "City"),
        ("9800 Kerrigan Court #12, Randallstown, MD 21133", "9800", "Kerrigan Court", "12", "21133", "Randallstown"),
        ("Apt 1B, 626 E Kilbourn Ave", "626", "E Kilbourn Ave", "1B", None, None),
        ("Apt 1B 626 E Kilbourn Ave, Milwaukee", "626", "E Kilbourn Ave", "1B", None, "Milwaukee"),
        ("216-17 113th Avenue, Queens NY 11429", "216-17", "113th Avenue", None, "11429", "Queens"),
        ("12 1/2 Main St", "12 1/2", "Main St", None, None, None),
        ("12\u00bd Main St", "12 1/2", "Main St", None, None, None),
        ("Rua das Flores, 123, 30130-010 Belo Horizonte", "123", "Rua das Flores", None, "30130010", "Belo Horizonte"),
        ("Kiasma, Mannerheiminaukio 2", "2", "Mannerheiminaukio", None, None, None),
        ("Library 12 Main St, Towson", "12", "Main St", None, None, "Towson"),
        ("12345 Main St, Towson 21204-1234", "12345", "Main St", None, "21204", "Towson"),
        ("5th Avenue", None, "5th Avenue", None, None, None),
        ("113 Ave", None, "113 Ave", None, None, None),
        ("Flat Rock Rd 12", "12", "Flat Rock Rd", None, None, None),
        ("00100 Helsinki", None, None, None, "00100", "Helsinki"),
        ("114 55 Stockholm", None, None, None, "11455", "Stockholm"),
        ("Kallio", None, "Kallio", None, None, None),
        ("", None, None, None, None, None),
        ("12", None, None, None, None, None),
    ],
)
def test_parts(
    text: str, number: str | None, street: str | None, unit: str | None, postcode: str | None, locality: str | None
) -> None:
    parsed = parse_address(text)
    found = (parsed.number, parsed.street, parsed.unit, parsed.postcode, parsed.locality)
    assert found == (number, street, unit, postcode, locality)


@pytest.mark.parametrize("text", ["PO Box 123, Towson, MD 21204", "P.O. Box 9", "PL 12, 00100 Helsinki", "Box 4, Umea"])
def test_a_post_box_is_never_a_street(text: str) -> None:
    parsed = parse_address(text)
    assert parsed.is_po_box
    assert parsed.readings == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("9511 stoneoak road nottingham md 21236", "stoneoak rd"),
        ("7940   winterset ave.  PIKESVILLE md , 21208-1234", "winterset ave"),
        ("18 Park Place Drive Towson", "park place dr"),
        ("18 Park Place Drive Towson", "park pl"),
        ("12 A Main St", "main st"),
        ("12 A Main St", "a main st"),
        ("County Road 5", "county road 5"),
        ("9036 Avenue B Sparrows Point", "avenue b"),
    ],
)
def test_doubtful_lines_keep_several_readings(text: str, key: str) -> None:
    readings = parse_address(text).readings
    assert key in [reading.street_key for reading in readings]
    assert len(readings) <= MAX_READINGS


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("60.1699, 24.9384", 24.9384, 60.1699),
        ("39.401N 76.602W", -76.602, 39.401),
        ("-33.8688;151.2093", 151.2093, -33.8688),
        ("151.2093, -33.8688", 151.2093, -33.8688),
    ],
)
def test_coordinates_typed_as_text(text: str, lon: float, lat: float) -> None:
    assert parse_address(text).point == Point(lon, lat)


def test_coordinates_off_the_earth_are_no_place() -> None:
    assert parse_address("999.1234, 500.1234").point is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("21204-1234", "21204"),
        ("114 55", "11455"),
        ("FI-00100", "00100"),
        ("v5k 0a1", "V5K0A1"),
        ("30130-010", "30130010"),
    ],
)
def test_postcode_key(text: str, key: str) -> None:
    assert postcode_key(text) == key


AWKWARD = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from("0123456789 ,;-/#.\n\t\x00\u202e\u200f\u05d0\u0627\ud83c\udfe0aAsSt½PO"[:40])
    ),
    max_size=300,
)


@settings(max_examples=10_000, deadline=None)
@given(AWKWARD)
def test_no_text_raises(text: str) -> None:
    parsed = parse_address(text)
    assert len(parsed.readings) <= MAX_READINGS
    assert all(reading.street_key for reading in parsed.readings)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1 ",
        "1-",
        "st ",
        "12 main st apt 4, ",
        "# ",
        "po box ",
        "\u202e",
        "\U0001f3e0",
        "0.0001,",
        "\x00",
        "\ud800",
    ],
)
def test_a_very_long_text_is_read_at_once(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    parse_address(text)
    assert time.process_time() - started < 0.25


def test_the_same_text_is_read_the_same_way_in_any_case() -> None:
    rng = random.Random(0)  # noqa: S311 - chooses the case of letters
    text = "9511 Stoneoak Road Apt 3, Nottingham, MD 21236"
    for _ in range(50):
        other = "".join(rng.choice((c.lower(), c.upper())) for c in text)
        assert parse_address(other).readings[0].street_key == "stoneoak rd"
        assert parse_address(other).postcode == "21236"
