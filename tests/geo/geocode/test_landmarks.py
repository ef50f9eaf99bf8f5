from __future__ import annotations

import pytest

from geo.geocode.landmarks import Landmark
from geo.geocode.parse import parse_address


@pytest.mark.parametrize(
    ("text", "name", "is_near"),
    [
        ("behind the library", "library", True),
        ("Behind The Library, Towson", "Library", True),
        ("across from Kallio church", "Kallio church", True),
        ("next to the fire station", "fire station", True),
        ("by the river", "river", True),
        ("around the corner from our school", "school", True),
        ("at the library", "library", False),
        ("12 Main St behind the library", "library", True),
        ("12 Main St, across from Kallio church", "Kallio church", True),
        ("opposite 12 Main St", "12 Main St", True),
        ("kirjaston takana", "kirjasto", True),
        ("kirjaston takana", "kirjaston", True),
        ("Kallion kirkon vieress\u00e4", "Kallion kirkko", True),
        ("vastap\u00e4\u00e4t\u00e4 kirjastoa", "kirjasto", True),
        ("bakom biblioteket", "biblioteket", True),
        ("mitt emot stationen, Ume\u00e5", "stationen", True),
        ("hinter der Kirche", "Kirche", True),
        ("derri\u00e8re la mairie", "mairie", True),
        ("detr\u00e1s de la iglesia", "iglesia", True),
        ("atr\u00e1s da igreja", "igreja", True),
    ],
)
def test_a_place_beside_another(text: str, name: str, is_near: bool) -> None:  # noqa: FBT001
    assert Landmark(name, is_near) in parse_address(text).landmarks


def test_what_stands_beside_a_landmark_is_the_town() -> None:
    parsed = parse_address("next to the fire station, Towson, MD")
    assert parsed.readings == ()
    assert parsed.locality == "Towson"


def test_a_street_before_a_landmark_is_read_as_ever() -> None:
    parsed = parse_address("12 Main St, behind the library, Towson")
    assert (parsed.number, parsed.street, parsed.locality) == ("12", "Main St", "Towson")


@pytest.mark.parametrize("text", ["Kallio church", "12 Main St", "Near Ave", "12 By Pass Rd", "12 Main St, Towson"])
def test_a_plain_text_is_no_landmark(text: str) -> None:
    assert parse_address(text).landmarks == ()
