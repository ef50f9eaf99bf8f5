from __future__ import annotations

import pytest

from geo.geocode.crossings import MAX_CROSSINGS, Crossing
from geo.geocode.normalise import street_key
from geo.geocode.parse import parse_address

SPELLINGS = (
    "{a} and {b}",
    "{a} & {b}",
    "{a} @ {b}",
    "{a} at {b}",
    "{a} / {b}",
    "{a}/{b}",
    "{a} + {b}",
    "{a} x {b}",
    "{a} X {b}",
    "corner of {a} and {b}",
    "the corner of {a} & {b}",
    "Corner {a} and {b}",
    "cnr {a} and {b}",
    "cnr. {a} & {b}",
    "intersection of {a} and {b}",
    "{a}, corner {b}",
    "{a} corner {b}",
    "{a} cnr {b}",
    "{a} between {b} and Oak Ave",
    "at the corner of {a} and {b}",
    "{a} och {b}",
    "h\u00f6rnet av {a} och {b}",
    "{a} ja {b}",
    "{a}:n ja {b}:n kulma",
    "Ecke {a} und {b}",
    "{a} Ecke {b}",
    "{a} et {b}",
    "{a} esquina {b}",
    "{a} y {b}",
)
PAIRS = (
    ("Main St", "Elm St"),
    ("113th St", "5th Ave"),
    ("Jamaica Ave", "216 St"),
    ("N Charles St", "St Paul Pl"),
    ("Mannerheimintie", "Kaivokatu"),
    ("East 16th Avenue", "Glen Drive"),
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize("town", ["", ", Towson", ", Towson, MD 21204"])
def test_every_spelling_of_a_crossing(spelling: str, a: str, b: str, town: str) -> None:
    crossings = parse_address(spelling.format(a=a, b=b) + town).crossings
    found = [({street_key(c.first), street_key(c.second)}, c.rest) for c in crossings]
    expected = ({street_key(a), street_key(b)}, "Towson" if town else None)
    assert expected in found
    assert len(crossings) <= MAX_CROSSINGS


@pytest.mark.parametrize(
    ("text", "crossing"),
    [
        ("Main St and Elm St Towson MD", Crossing("Main St", "Elm St", "Towson")),
        ("1st and 2nd Streets", Crossing("1st street", "2nd street")),
        ("Mannerheimintien ja Kaivokadun kulma, Helsinki", Crossing("Mannerheimintie", "Kaivokatu", "Helsinki")),
        ("Fleminginkadun ja Helsinginkadun risteys", Crossing("Fleminginkatu", "Helsinginkatu")),
        ("Main and Elm", Crossing("Main", "Elm")),
        ("42nd & Broadway", Crossing("42nd", "Broadway")),
        ("12 Main St & Elm St", Crossing("Main St", "Elm St")),
        ("Main St between Elm St and Oak St", Crossing("Main St", "Oak St")),
    ],
)
def test_readings_of_crossings(text: str, crossing: Crossing) -> None:
    assert crossing in parse_address(text).crossings


def test_a_name_with_and_in_it_keeps_its_reading() -> None:
    parsed = parse_address("12 Smith & Wesson Rd")
    assert (parsed.number, parsed.street) == ("12", "Smith & Wesson Rd")
    assert parsed.crossings


@pytest.mark.parametrize(
    "text",
    [
        "12 1/2 Main St",
        "12/14 Main St",
        "c/o Joe, 12 Main St",
        "Stelly's X Rd",
        "3928 Cedar Hill X Rd Saanich BC",
        "12 Main St, Towson, MD 21204",
        "Mannerheimintie 5 A 12, 00100 Helsinki",
    ],
)
def test_what_is_no_crossing(text: str) -> None:
    assert parse_address(text).crossings == ()
