"""Street lines of the common shape: words only, nothing in them that any rule but one looks at."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from geo.geocode import address_words as words
from geo.geocode import crossings, landmarks, street_words
from geo.geocode.normalise import fold
from geo.geocode.readings import read_line

_MAX_LINE: Final = 60
_LINE: Final = re.compile(r"(?:[A-Za-z][A-Za-z'-]{0,40}\.?|\d{1,3}(?:st|nd|rd|th))(?: (?:[A-Za-z][A-Za-z'-]{0,40}\.?|\d{1,3}(?:st|nd|rd|th))){0,9}", re.IGNORECASE)
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


@lru_cache(maxsize=65_536)
def read_clean_line(line: str) -> tuple[tuple[str, str | None, bool], ...] | None:
    """Read the words behind a plain house number.

    Parameters
    ----------
    line
        Everything between the number and the first comma or the ZIP.

    Returns
    -------
    tuple of (str, str or None, bool), or None
        Street, what follows it and whether its end is a guess, for each reading whatever the number is; ``None`` if the
        line must be read the long way.
    """
    if len(line) > _MAX_LINE or not _LINE.fullmatch(line):
        return None
    folded = [fold(token).strip(".'-") for token in line.split(" ")]
    if not _SPECIAL.isdisjoint(folded) or len(folded[0]) == 1 and folded[0] not in street_words.COMPASS_KEYS:
        return None
    readings = read_line(f"1 {line}")
    if not readings or any(reading.numbers != ("1",) or reading.unit for reading in readings):
        return None
    return tuple((reading.street, reading.rest, reading.is_loose) for reading in readings)
