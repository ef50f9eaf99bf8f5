"""Street lines of the common shapes, read from memory: only the house number differs from a line read before."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from geo.geocode import address_words as words
from geo.geocode import crossings, landmarks, street_words
from geo.geocode.normalise import bare_words
from geo.geocode.reading import Reading
from geo.geocode.readings import read_line

_MAX_LINE: Final = 60
_WORD: Final = r"(?:[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_])){0,40}\.?|\d{1,3}(?:st|nd|rd|th))"
_LINE: Final = re.compile(rf"{_WORD}(?: {_WORD}){{0,9}}", re.IGNORECASE)
_DOOR: Final = re.compile(r"([^\d,]{2,60}) ([1-9]\d{0,3})(?: ([A-Za-z])(?: ([1-9]\d{0,2}))?)?")
_FLAT: Final = re.compile(r"([^#]{1,60}) (?:(?:apt|unit|suite|ste)\.? |#)([1-9]\d{0,3})", re.IGNORECASE)
_MAX_NUMBER: Final = 6
_POSTAL: Final = frozenset(
    word
    for phrase in (*words.BOX_WORDS, *words.BOX_STARTS, *words.POSTAL_WORDS, *words.COUNTRIES)
    for word in phrase.replace(".", " ").split()
)
_SPECIAL: Final = frozenset(
    words.UNIT_WORDS
    | words.FLOOR_WORDS
    | words.BARE_UNITS
    | words.DANGLING_UNITS
    | words.NUMBER_SUFFIXES
    | words.RECIPIENTS
    | crossings.TRIGGERS
    | landmarks.TRIGGERS
    | street_words.NUMBERED_TYPES
    | _POSTAL
)
"""Words that some rule looks at; a line with one of them is read the long way."""


def read_plain_line(number: str, line: str) -> tuple[tuple[Reading, ...] | None, str | None]:
    """Read a plain number before a plain street line.

    Parameters
    ----------
    number, line
        "9511" and "STONEOAK RD": all before the first comma or the ZIP.

    Returns
    -------
    tuple of Reading or None, str or None
        What ``read_line`` gives, ``None`` if the line must be read the long way; and the flat behind the street.
    """
    if not number.isdigit() or not number.isascii() or len(number) > _MAX_NUMBER:
        return None, None
    flat = _FLAT.fullmatch(line) if line[-1:].isdigit() else None
    cuts = _cuts(flat[1] if flat else line)
    if cuts is None:
        return None, None
    numbers = (number,)
    readings = tuple([Reading(street, numbers, None, rest, is_loose) for street, rest, is_loose in cuts])
    return readings, flat[2] if flat else None


@lru_cache(maxsize=65_536)
def _cuts(line: str) -> tuple[tuple[str, str | None, bool], ...] | None:
    """Give street, what follows it and whether its end is a guess, for each reading whatever the number is."""
    if not _is_plain(line):
        return None
    first = bare_words(line)[0]
    if len(first) == 1 and first not in street_words.COMPASS_KEYS:
        return None
    readings = read_line(f"1 {line}")
    if not readings or any(reading.numbers != ("1",) or reading.unit for reading in readings):
        return None
    return tuple((reading.street, reading.rest, reading.is_loose) for reading in readings)


def _is_plain(line: str) -> bool:
    return len(line) <= _MAX_LINE and _LINE.fullmatch(line) is not None and _SPECIAL.isdisjoint(bare_words(line))


def read_plain_street(line: str) -> tuple[Reading, ...] | None:
    """Read a plain street with its number, stair and flat behind it ("Mannerheimintie 5 A 12").

    Parameters
    ----------
    line
        All before the first comma.

    Returns
    -------
    tuple of Reading, or None
        What ``read_line`` gives; ``None`` if the line must be read the long way.
    """
    door = _DOOR.fullmatch(line)
    if door is None or not _is_door_street(door[1]):
        return None
    return _doors(line, door[1], door[2], door[3], door[4])


def _doors(line: str, street: str, number: str, stair: str | None, flat: str | None) -> tuple[Reading, ...]:
    whole = Reading(line)
    if stair is None:
        return Reading(street, (number,)), whole
    unit = f"{stair.upper()} {flat}" if flat else stair.upper()
    return Reading(street, (number + stair.lower(), number), unit), whole


@lru_cache(maxsize=65_536)
def _is_door_street(street: str) -> bool:
    """Tell whether every number behind a street is read alike."""
    if not _is_plain(street):
        return False
    samples = ((street, "1", None, None), (street, "1", "B", None), (street, "1", "B", "2"), (street, "9999", "S", "9"))
    lines = (f"{street} 1", f"{street} 1 B", f"{street} 1 B 2", f"{street} 9999 S 9")
    return all(read_line(line) == _doors(line, *sample) for line, sample in zip(lines, samples, strict=True))
