"""House numbers as keys: what they begin with, which other keys may mean the same door, which ranges hold them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

NO_NUMBER: Final = -1
"""Stands for a number that begins with no digit."""
_LEADING: Final = re.compile(r"[0-9]{1,9}")
_RANGE: Final = re.compile(r"(\d{1,5})[a-z]?-(\d{1,5})[a-z]?")
HYPHENED: Final = re.compile(r"(\d{1,4})-(\d{1,4})")
"""A number that counts from its cross street, or a range of two."""
_SPLIT: Final = re.compile(r"\d{3,7}")
_MAX_RANGE: Final = 40
_MAX_TAIL: Final = 3


@lru_cache(maxsize=65_536)
def leading_int(key: str) -> int:
    """Read the digits a number key begins with, at most nine; -1 if it begins with none."""
    found = _LEADING.match(key)
    return int(found[0]) if found else NO_NUMBER


def without_suffix(key: str) -> str:
    """Take the letter off: 12a and 12b may be one house, 216-17 and 216-19 are two."""
    return key.rstrip("abcdefghijklmnopqrstuvwxyz")


def range_holds(key: str, wanted: int) -> bool:
    """Tell whether a ranged number such as 1-5 stands for ``wanted`` too; both ends lie on one side of the street."""
    found = _RANGE.fullmatch(key)
    if found is None:
        return False
    low, high = int(found[1]), int(found[2])
    return low <= wanted <= high <= low + _MAX_RANGE and (wanted - low) % 2 == 0


def hyphen_variants(key: str) -> tuple[str, ...]:
    """List the keys that differ from this one by a hyphen alone.

    In Queens 216-17 is house 17 behind 216th Street, and people write 21617 as well.
    """
    joined = HYPHENED.fullmatch(key)
    if joined:
        return (joined[1] + joined[2],)
    if not _SPLIT.fullmatch(key):
        return ()
    tails = range(1, min(_MAX_TAIL, len(key) - 1) + 1)
    return tuple(f"{key[:-tail]}-{key[-tail:]}" for tail in sorted(tails, key=lambda tail: tail != 2))  # noqa: PLR2004 - two digits are the rule
