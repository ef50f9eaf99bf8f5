"""Open Location Codes: read one, and complete a short one near a place.

After the specification of Open Location Code (a grid of base 20, five pairs of digits, then cells of 4 by 5). The
package of its authors is from 2019 and raises for what people type, so these few lines are ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from geo.domain.place import MAX_LAT, MAX_LON, Point

ALPHABET: Final = "23456789CFGHJMPQRVWX"
_DIGIT: Final = {letter: at for at, letter in enumerate(ALPHABET)}
_PLUS_AT: Final = 8
_PAIRS: Final = 10
_MAX_DIGITS: Final = 15
_SIDE: Final = 20
_ROWS, _COLUMNS = 5, 4
_FULL: Final = re.compile(rf"[2-9CFGHJMPQR][2-9CFGHJMPQRV](?:[{ALPHABET}]{{6}}\+(?:[{ALPHABET}]{{2,7}})?|0{{6}}\+)")
_PADDED: Final = re.compile(rf"[2-9CFGHJMPQR][2-9CFGHJMPQRV](?:[{ALPHABET}]{{2}}0{{4}}|[{ALPHABET}]{{4}}0{{2}})\+")
_SHORT: Final = re.compile(rf"(?:[{ALPHABET}]{{2}}|[{ALPHABET}]{{4}}|[{ALPHABET}]{{6}})\+[{ALPHABET}]{{2,7}}")


@dataclass(frozen=True, slots=True)
class PlusArea:
    """The rectangle that a code stands for: its middle, and its size in degrees."""

    point: Point
    width_deg: float
    height_deg: float


def is_full(code: str) -> bool:
    """Tell whether a code says where on Earth it is."""
    upper = code.upper()
    return _FULL.fullmatch(upper) is not None or _PADDED.fullmatch(upper) is not None


def is_short(code: str) -> bool:
    """Tell whether a code needs a place beside it to say where on Earth it is."""
    return _SHORT.fullmatch(code.upper()) is not None


def find_area(code: str) -> PlusArea | None:
    """Decode a full code.

    Parameters
    ----------
    code
        As typed, in any case.

    Returns
    -------
    PlusArea, or None
        WGS 84 degrees; ``None`` if it is no full code.
    """
    if not is_full(code):
        return None
    digits = code.upper().replace("+", "").rstrip("0")[:_MAX_DIGITS]
    lat, lon, size = -MAX_LAT, -MAX_LON, float(_SIDE * _SIDE)
    for at in range(0, min(len(digits), _PAIRS), 2):
        size /= _SIDE
        lat += _DIGIT[digits[at]] * size
        lon += _DIGIT[digits[at + 1]] * size
    height = width = size
    for digit in digits[_PAIRS:]:
        row, column = divmod(_DIGIT[digit], _COLUMNS)
        height, width = height / _ROWS, width / _COLUMNS
        lat, lon = lat + row * height, lon + column * width
    return PlusArea(Point(min(lon + width / 2, MAX_LON), min(lat + height / 2, MAX_LAT)), width, height)


def complete(code: str, near: Point) -> str | None:
    """Complete a short code with the full one nearest to a place.

    Parameters
    ----------
    code
        A short code ("57XX+G5"); a full one is given back as it is.
    near
        The town that was named beside it, or the middle of the area served.

    Returns
    -------
    str, or None
        The full code in capitals; ``None`` if ``code`` is none of the two.
    """
    upper = code.upper()
    if is_full(upper):
        return upper
    if not is_short(upper):
        return None
    missing = _PLUS_AT - upper.index("+")
    step = float(_SIDE) ** (2 - missing / 2)
    start = _encode(near)[:missing] + upper
    area = find_area(start)
    if area is None:
        return None
    lat = _nearest(area.point.lat, near.lat, step, MAX_LAT)
    lon = _nearest(area.point.lon, near.lon, step, None)
    return _encode(Point(_around(lon), lat))[:missing] + upper


def _nearest(found: float, near: float, step: float, most: float | None) -> float:
    choices = [found + shift for shift in (0.0, step, -step) if most is None or -most <= found + shift <= most]
    return min(choices, key=lambda value: abs(value - near))


def _around(lon: float) -> float:
    return (lon + MAX_LON) % (2 * MAX_LON) - MAX_LON


def _encode(point: Point) -> str:
    """Give the first eight digits of the code of a point."""
    # a step below the smallest digit keeps a whole number from falling into the cell before it
    lat = min(point.lat, MAX_LAT - 1e-9) + MAX_LAT + 1e-10
    lon = _around(point.lon) + MAX_LON + 1e-10
    digits = ""
    size = float(_SIDE)
    for _ in range(_PLUS_AT // 2):
        row, column = int(lat // size), int(lon // size)
        digits += ALPHABET[row] + ALPHABET[column]
        lat, lon = lat - row * size, lon - column * size
        size /= _SIDE
    return digits
