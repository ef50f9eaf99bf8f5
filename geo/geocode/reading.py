"""One way to read a line of an address, and what its words can be taken for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from geo.geocode import street_words as words
from geo.geocode.normalise import name_key, street_key

_NUMBER: Final = re.compile(
    r"\d{1,6}[a-z]?|\d{1,5}[a-z]?[-/]\d{0,5}[a-z]?|[a-z]?\d{1,4}-\d{3,6}|[a-z]\d{2,5}|[nsew]\d{1,5}[nsew]\d{1,5}"
)
STAIR_FLAT: Final = re.compile(r"(\d{1,5})([a-z])(\d{1,4})")
"""A number, a stair and a flat written as one: 12a5."""


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
    street_key: str = field(init=False, compare=False)
    """The key of the street; worked out once, because it is asked for at every step of a lookup."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "street_key", street_key(self.street))


def is_number(token: str) -> bool:
    """Tell whether a folded word can be a house number ("12", "12a", "216-17", "1-3", "n6w23001")."""
    return (token.isdigit() and len(token) <= 6) or _is_odd_number(token)  # noqa: PLR2004 - the longest number of a house


@lru_cache(maxsize=16_384)
def _is_odd_number(token: str) -> bool:
    return _NUMBER.fullmatch(token) is not None or STAIR_FLAT.fullmatch(token) is not None


def is_type(token: str) -> bool:
    """Tell whether a word is a street type as written in an English-speaking place."""
    return words.TYPES.get(name_key(token)) in words.TRAILING_TYPES


@lru_cache(maxsize=32_768)
def is_street_name(street: str) -> bool:
    """Tell whether a text can name a street: it has a letter ("209th" has), and is not a mere type or number."""
    named = street_key(street).split()
    return bool(named) and any(c.isalpha() for c in street) and not (len(named) == 1 and is_type(named[0]))
