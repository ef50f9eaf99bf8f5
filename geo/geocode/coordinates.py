"""Coordinates typed as text: decimal, degrees with minutes and seconds, labelled, as a geo URI or a WKT point."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from geo.domain.place import MAX_LAT, MAX_LON, Point

_MAX_TYPED: Final = 100
_DECIMAL: Final = r"([+-]?\d{1,3}\.\d{1,15})"
_COMMA: Final = r"([+-]?\d{1,3}),(\d{2,15})"
_PAIR: Final = re.compile(rf"{_DECIMAL} ?(?:[,;/] ?| ){_DECIMAL}")
_COMMA_PAIR: Final = re.compile(rf"{_COMMA}(?:[;/] ?|, | ){_COMMA}")
_GEO: Final = re.compile(r"geo: ?([+-]?\d{1,3}(?:\.\d{1,15})?), ?([+-]?\d{1,3}(?:\.\d{1,15})?)(?:[,;?].{0,80})?")
_WKT: Final = re.compile(
    r"(?:srid ?= ?4326 ?; ?)?point ?(?:z )?\( ?([+-]?\d{1,3}(?:\.\d{1,15})?) "
    r"([+-]?\d{1,3}(?:\.\d{1,15})?)(?: [\d.+-]{1,20})? ?\)"
)
_LABELLED: Final = re.compile(
    r"(lat|latitude|lon|lng|long|longitude|x|y) ?[:=]? ?([+-]?\d{1,3}(?:\.\d{1,15})?) ?[,;&]? ?"
    r"(lat|latitude|lon|lng|long|longitude|x|y) ?[:=]? ?([+-]?\d{1,3}(?:\.\d{1,15})?)"
)
_ODD_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u00b0\u00ba\u02da", "\u00b0 ")
    | dict.fromkeys("'\"\u2032\u2033\u2018\u2019\u201c\u201d\u00b4`", " ")
    | {"\u2212": "-", "\u2013": "-"}
)
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_LABELS: Final = ("geo", "point", "srid", "lat", "lon", "lng", "east", "west")
_WORDS: Final = {"north": "n", "south": "s", "east": "e", "west": "w"}
_SEXAGESIMAL: Final = re.compile(r"[nsew]|[+-]?\d{1,3}(?:\.\d{1,15})?|[\u00b0,;: ]")
_MINUTES: Final = 60
_LEAST_DECIMALS: Final = 3
"""A bare pair with fewer decimals is a kilometre wide, and may be two figures of anything."""
_MOST_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point as typed. ``axes_swapped`` says that the longitude was typed first although nothing said so."""

    point: Point
    axes_swapped: bool = False


def find_coordinates(text: str) -> Coordinates | None:
    """Read a text that is nothing but coordinates.

    Parameters
    ----------
    text
        Anything. A bare pair is latitude first, unless the first number cannot be one.

    Returns
    -------
    Coordinates, or None
        WGS 84; ``None`` if the text is something else, or lies off the Earth.
    """
    if len(text) > _MAX_TYPED or not any(c.isdigit() for c in text):
        return None
    lowered = text.strip().lower()
    if _WORD.search(lowered) and not lowered.startswith(_LABELS) and "north" not in lowered and "south" not in lowered:
        return None
    plain = " ".join(lowered.translate(_ODD_SIGNS).split())
    return _find_written(plain) or _find_pair(plain) or _find_sexagesimal(plain)


def _find_written(plain: str) -> Coordinates | None:
    if plain.startswith("geo"):
        uri = _GEO.fullmatch(plain)
        return _at(float(uri[1]), float(uri[2])) if uri else None
    wkt = _WKT.fullmatch(plain)
    if wkt:
        return _at(float(wkt[2]), float(wkt[1]))
    labelled = _LABELLED.fullmatch(plain)
    if labelled and (_is_lat(labelled[1]) != _is_lat(labelled[3])):
        a, b = float(labelled[2]), float(labelled[4])
        return _at(a, b) if _is_lat(labelled[1]) else _at(b, a)
    return None


def _is_lat(label: str) -> bool:
    return label == "y" or label.startswith("lat")


def _find_pair(plain: str) -> Coordinates | None:
    bare = plain.replace("\u00b0", "").replace(" ,", ",")
    pair = _PAIR.fullmatch(" ".join(bare.split()))
    if pair:
        a, b = pair[1], pair[2]
        decimals = max(len(a.rpartition(".")[2]), len(b.rpartition(".")[2]))
    else:
        pair = _COMMA_PAIR.fullmatch(plain)
        if pair is None:
            return None
        a, b = f"{pair[1]}.{pair[2]}", f"{pair[3]}.{pair[4]}"
        decimals = max(len(pair[2]), len(pair[4]))
    return _in_any_order(float(a), float(b)) if decimals >= _LEAST_DECIMALS else None


def _in_any_order(a: float, b: float) -> Coordinates | None:
    if abs(a) > MAX_LAT:
        swapped = _at(b, a)
        return Coordinates(swapped.point, axes_swapped=True) if swapped else None
    return _at(a, b)


def _at(lat: float, lon: float) -> Coordinates | None:
    return Coordinates(Point(lon, lat)) if abs(lat) <= MAX_LAT and abs(lon) <= MAX_LON else None


def _find_sexagesimal(plain: str) -> Coordinates | None:
    """Read degrees, minutes and seconds; letters of the compass may stand before or after them."""
    for word, letter in _WORDS.items():
        plain = plain.replace(word, letter)
    if _SEXAGESIMAL.sub("", plain):
        return None
    tokens = [token for token in _SEXAGESIMAL.findall(plain) if token[-1].isalnum()]
    letters = [token for token in tokens if token.isalpha()]
    halves = _halves(tokens, letters)
    if halves is None or not ("\u00b0" in plain or (letters and _is_fine(halves))):
        return None
    a, b = _degrees(halves[0]), _degrees(halves[1])
    if a is None or b is None:
        return None
    if not letters:
        return _in_any_order(a, b)
    a = -abs(a) if letters[0] in "sw" else a
    b = -abs(b) if letters[1] in "sw" else b
    return _at(a, b) if letters[0] in "ns" else _at(b, a)


def _halves(tokens: list[str], letters: list[str]) -> tuple[list[str], list[str]] | None:
    numbers = [token for token in tokens if not token.isalpha()]
    if not letters:
        half = len(numbers) // 2
        return (numbers[:half], numbers[half:]) if len(numbers) in (2, 4, 6) else None
    if len(letters) != 2 or (letters[0] in "ns") == (letters[1] in "ns"):  # noqa: PLR2004 - one for each axis
        return None
    first, second = (at for at, token in enumerate(tokens) if token.isalpha())
    if first == 0:
        return tokens[1:second], tokens[second + 1 :]
    return (tokens[:first], tokens[first + 1 : second]) if second == len(tokens) - 1 else None


def _is_fine(halves: tuple[list[str], list[str]]) -> bool:
    """Tell coordinates from a street in a grid: "45 N 100 W" is a house in Utah."""
    return all(len(half) > 1 or "." in half[0] for half in halves if half)


def _degrees(half: list[str]) -> float | None:
    if not 1 <= len(half) <= _MOST_PARTS or any("." in part for part in half[:-1]):
        return None
    values = [float(part) for part in half]
    if any(not 0 <= value < _MINUTES for value in values[1:]):
        return None
    size = abs(values[0]) + sum(value / unit for value, unit in zip(values[1:], (60.0, 3600.0), strict=False))
    return -size if half[0].startswith("-") else size
