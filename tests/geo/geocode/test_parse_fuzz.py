"""Anything at all: no exception, bounded answers, and the short way and the long way agree."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geocode import parse
from geo.geocode.crossings import MAX_CROSSINGS
from geo.geocode.landmarks import MAX_LANDMARKS
from geo.geocode.normalise import MAX_TEXT
from geo.geocode.parse import parse_address
from geo.geocode.readings import MAX_READINGS

if TYPE_CHECKING:
    import pytest

_PIECES = (
    "12|Main St|St|Ave|,|\n| |#|apt|4|and|&|/|@|corner of|between|x|1/2|½|-|--|(|)|[|]|PO Box|12345|21093-1234|V8W 9V3|"
    "SW1A 2AA|kirjaston|takana|behind|the|library|katu|k.|t.|5 A 12|as.|lgh|\u202e|\u200f|\u05d0\u05d1|\u0627\u0644|"
    "\U0001f3e0|\u6f22\u5b57|'; DROP TABLE x;--|%|_|\\|\"|\x00|\ud800|N|W|N6W23001|60.1|24.9|\u00b0|+|8FVC9G8F+6X|www.|"
    "http://|a@b.co|tel|+358|0|00100|Helsinki|MD|USA|\u0301|\ufb01|\u0664\u0662|\u216b|\u00b2|\u2460|1st|twenty|third|"
    "county road|US|50|I|95|a.|-1|1-|/|1/|((((|....|::|A:n|kulma|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!|<script>|${x}|{{x}}"
)
PIECES = _PIECES.split("|")


def check(text: str) -> None:
    parsed = parse_address(text)
    assert len(parsed.raw) <= MAX_TEXT
    assert len(parsed.readings) <= MAX_READINGS
    assert len(parsed.crossings) <= MAX_CROSSINGS
    assert len(parsed.landmarks) <= MAX_LANDMARKS
    assert all(reading.street_key for reading in parsed.readings)
    assert all(number and len(number) <= 30 for reading in parsed.readings for number in reading.numbers)
    if parsed.point is not None:
        assert abs(parsed.point.lat) <= 90
        assert abs(parsed.point.lon) <= 180


def test_ten_thousand_made_up_texts() -> None:
    rng = random.Random(0)  # noqa: S311 - makes up texts
    for _ in range(10_000):
        pieces = (rng.choice(PIECES) for _ in range(rng.choice((1, 3, 8, 20, 60))))
        check(rng.choice(("", " ", ",")).join(pieces))


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=600))
def test_any_text(text: str) -> None:
    check(text)


_WORDS = (
    "Main Oak St Ave Avenue Road N West Park Hill Lake Court Old Mill Pike Broadway Saint Paul 5th 113th Storgatan "
    "Mannerheimintie katu Puistokatu Kaivokatu Rua das Flores and at x Apt Unit B MD Towson Vancouver by near Highway "
    "County The O'Brien Smith-Jones ave. st."
)
WORDS = st.sampled_from(_WORDS.split())
NUMBERS = st.sampled_from(["5", "12", "9511", "21236", "0", "012", "123456", "1234567", "12a", "1-3", "1/2"])
TAILS = st.sampled_from(
    [
        "",
        ", Towson",
        ", Towson, MD 21236",
        ", MD 21236",
        ", 21236",
        " 21236",
        " md 21236",
        ", 00100 Helsinki",
        ", Helsinki",
        ", 114 55 Stockholm, Sweden",
        ", Apt 4, Towson",
        ", behind the library",
        ", 5",
        " Apt 4, Towson, MD 21236",
        " #12, 21236-1234",
        ", #12, Towson",
        ", Unit 4 Towson MD 21236",
        " Ste. 200",
        "  MD ,  21236-1234",
        " ,  Towson \u200b",
        ", Oak Ave",
        ", USA",
        ", , ,",
        ",",
    ]
)


@settings(max_examples=2_000, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=5), NUMBERS, TAILS, st.sampled_from(["before", "", " A", " B 12", " n"]))
def test_the_short_way_and_the_long_way_agree(street: list[str], number: str, tail: str, stair: str) -> None:
    line = " ".join(street)
    text = f"{number} {line}{tail}" if stair == "before" else f"{line} {number}{stair}{tail}"
    plain = parse._read_plain(text)
    if plain is not None:
        assert plain == parse._read_any(text)


def test_no_socket_opens_while_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for text in ("12 Main St, Towson", "Room 4 at 7 in the old mill 5b", "57XX+G5 Helsinki", "60.1, 24.9"):
        parse_address(text)
