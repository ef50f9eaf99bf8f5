"""The ways one line of an address can be read: which part is the number, which the street, which the town."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from geo.geocode import street_words
from geo.geocode.address_words import REGIONS
from geo.geocode.normalise import fold, name_key, number_key, street_key

MAX_READINGS: Final = 8
_NUMBER: Final = re.compile(r"\d{1,6}[a-z]?|\d{1,5}[a-z]?[-/]\d{0,5}[a-z]?|[nsew]\d{1,5}[nsew]\d{1,5}")
_STAIR_FLAT: Final = re.compile(r"(\d{1,5})([a-z])(\d{1,4})")
_LETTER_FLAT: Final = re.compile(r"([a-z])(\d{0,4})")
_HALF: Final = "1/2"
_MAX_SPLITS: Final = 5
_MIN_LOOSE: Final = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a line.

    ``numbers`` are the keys to try, best first: "5 A" may be a door of its own or a stair of number 5. ``rest``
    is what stood behind the street without a comma, and ``is_loose`` says that nothing marked where the street ends.
    """

    street: str
    numbers: tuple[str, ...] = ()
    unit: str | None = None
    rest: str | None = None
    is_loose: bool = False

    @property
    def street_key(self) -> str:
        """The key of the street."""
        return street_key(self.street)


def is_number(token: str) -> bool:
    """Tell whether a folded word can be a house number ("12", "12a", "216-17", "1-3", "n6w23001")."""
    return _NUMBER.fullmatch(token) is not None or _STAIR_FLAT.fullmatch(token) is not None


def is_type(token: str) -> bool:
    """Tell whether a word is a street type as written in an English-speaking place."""
    return street_words.TYPES.get(name_key(token)) in street_words.TRAILING_TYPES


def read_line(line: str) -> tuple[Reading, ...]:
    """List the ways to read one line, the longest street first.

    Parameters
    ----------
    line
        A part of an address with its postcode and unit already taken out.

    Returns
    -------
    tuple of Reading
        At most ``MAX_READINGS``; empty if the line has no letter.
    """
    tokens = line.split()
    readings = _named(_number_first(tokens)) or _named(_number_after(tokens)) or _named(_streets(tokens, ()))
    kept: dict[tuple[str, tuple[str, ...]], Reading] = {}
    for reading in readings:
        kept.setdefault((reading.street_key, reading.numbers), reading)
    return tuple(kept.values())[:MAX_READINGS]


def _named(readings: list[Reading]) -> list[Reading]:
    return [reading for reading in readings if _is_name(reading.street)]


def _is_name(street: str) -> bool:
    words = street_key(street).split()
    lettered = [w for w in words if any(c.isalpha() for c in w)]
    return bool(lettered) and not (len(words) == 1 and is_type(words[0]))


def _number_first(tokens: list[str]) -> list[Reading]:
    if len(tokens) < 2 or not is_number(fold(tokens[0])):  # noqa: PLR2004 - a number and at least one word
        return []
    first, second = tokens[0], fold(tokens[1])
    if second == _HALF:
        return _streets(tokens[2:], (number_key(f"{first} {second}"),))
    plain = _streets(tokens[1:], (number_key(first),))
    if len(second) == 1 and second.isalpha() and second not in street_words.COMPASS_KEYS and first.isdigit():
        return [*_streets(tokens[2:], (number_key(first + second),)), *plain]
    return plain


def _streets(tokens: list[str], numbers: tuple[str, ...]) -> list[Reading]:
    """Split words into street and what follows: the whole, then after each street type, then anywhere."""
    if not tokens:
        return []
    bare = tokens[:-1] if len(tokens) > 1 and _is_region(tokens[-1]) else tokens
    ends = [n for n in range(len(bare) - 1, 1, -1) if is_type(bare[n - 1])]
    if len(bare) > 2 and is_type(bare[0]) and len(bare[1]) == 1:  # noqa: PLR2004 - "Avenue B", then the town
        ends.append(2)
    with_compass = [n + 1 for n in ends if name_key(bare[n]) in _COMPASS]
    marked = sorted({*ends, *with_compass}, reverse=True)[:_MAX_SPLITS]
    readings = [Reading(" ".join(tokens), numbers)]
    if bare is not tokens:
        readings.append(Reading(" ".join(bare), numbers, rest=tokens[-1]))
    readings += [Reading(" ".join(bare[:n]), numbers, rest=" ".join(tokens[n:])) for n in marked]
    if not marked and not is_type(bare[-1]):
        loose = range(len(bare) - 1, max(0, len(bare) - 1 - _MIN_LOOSE), -1)
        readings += [Reading(" ".join(bare[:n]), numbers, rest=" ".join(tokens[n:]), is_loose=True) for n in loose]
    return readings


_COMPASS: Final = street_words.COMPASS_KEYS | set(street_words.COMPASS)


def _is_region(token: str) -> bool:
    key = name_key(token)
    return key in REGIONS and key not in street_words.TYPES


def _number_after(tokens: list[str]) -> list[Reading]:
    for at, token in enumerate(tokens):
        if at and is_number(fold(token)):
            followed = any(is_type(word) for word in tokens[at + 1 :])
            later = _number_first(tokens[at:]) if followed else []
            # "Highway 40" and "Aukio 1918" end in a number of their own
            return [*later, _door(tokens[:at], fold(token), tokens[at + 1 :]), Reading(" ".join(tokens))]
    return []


def _door(street: list[str], number: str, rest: list[str]) -> Reading:
    glued = _STAIR_FLAT.fullmatch(number)
    if glued:
        return _with_stair(street, glued[1], glued[2], glued[3], rest)
    stair = _LETTER_FLAT.fullmatch(fold(rest[0])) if rest and number[-1].isdigit() else None
    if stair is None:
        return Reading(" ".join(street), (number_key(number),), rest=" ".join(rest) or None)
    flat, rest = stair[2], rest[1:]
    if not flat and rest and rest[0].isdigit():
        flat, rest = rest[0], rest[1:]
    return _with_stair(street, number, stair[1], flat, rest)


def _with_stair(street: list[str], number: str, stair: str, flat: str, rest: list[str]) -> Reading:
    unit = f"{stair.upper()} {flat}".strip()
    numbers = (number_key(number + stair), number_key(number))
    return Reading(" ".join(street), numbers, unit, " ".join(rest) or None)
