"""Codes of doors and pages on walk sheets: short, without letters that look alike, and safe against slips.

A code is five characters that name the turf and the door, and one that checks them. The alphabet has 23 characters, a
prime number, and the check is a sum with a weight of its own for each place, modulo 23, as ISBN-10 does modulo 11
(ISO 2108:1992): any one wrong character and any two that changed places are noticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.turf import MAX_DOORS, MAX_NUMBER
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHABET: Final = "23456789CDFGHJKMNPRTVWX"
"""No vowels, so that no word comes out, and nothing that looks like another: no B, I, L, O, Q, S, U, Z, 0, 1."""
DIGITS: Final = 5
LENGTH: Final = DIGITS + 1
MAX_PAGES: Final = 40
"""Pages of one walk sheet; they have codes of their own behind those of the doors."""
_BASE: Final = len(ALPHABET)
_SPACE: Final = _BASE**DIGITS
_BLOCK: Final = MAX_DOORS + MAX_PAGES + 1
# coprime to the space, so that doors that follow each other have codes that look nothing alike
_STRIDE: Final = 2_654_435
_BACK: Final = pow(_STRIDE, -1, _SPACE)


def door_code(turf_number: int, position: int) -> str:
    """Write the code of a door.

    Parameters
    ----------
    turf_number
        From 1 to ``MAX_NUMBER``.
    position
        From 1 to ``MAX_DOORS``.
    """
    return _write(turf_number, position)


def page_code(turf_number: int, page: int) -> str:
    """Write the code of a page of a walk sheet; pages count from 1."""
    return _write(turf_number, MAX_DOORS + page)


def read_code(text: str) -> tuple[int, int | None, int | None]:
    """Read a code as it was typed: small letters, blanks and hyphens do not matter.

    Returns
    -------
    tuple
        The number of the turf, and the position of the door or else the page.

    Raises
    ------
    InvalidInput
        If it is no code, or one with a slip.
    """
    found = tidy(text)
    if len(found) != LENGTH or any(char not in ALPHABET for char in found):
        raise InvalidInput(f"a code has {LENGTH} characters of {ALPHABET}", field="code")
    values = [ALPHABET.index(char) for char in found]
    if _weighed(values) % _BASE:
        raise InvalidInput("this code has a slip in it; look at the sheet again", field="code")
    spread = 0
    for value in values[:DIGITS]:
        spread = spread * _BASE + value
    turf_number, place = divmod(spread * _BACK % _SPACE, _BLOCK)
    if not 1 <= turf_number <= MAX_NUMBER or place == 0:
        raise InvalidInput("no sheet has this code", field="code")
    return (turf_number, place, None) if place <= MAX_DOORS else (turf_number, None, place - MAX_DOORS)


def tidy(text: str) -> str:
    """Take out of a typed code what does not count."""
    return "".join(char for char in text.upper() if char not in " -.\t")


def spaced(code: str) -> str:
    """Write a code in two halves, as it is printed."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def near_codes(text: str) -> Iterator[str]:
    """Give the good codes that a code with one wrong character, or two that changed places, may have been.

    Yields
    ------
    str
        Some may be of no sheet that was ever printed.
    """
    typed = tidy(text)
    if len(typed) != LENGTH:
        return
    swaps = [(*typed[:at], typed[at + 1], typed[at], *typed[at + 2 :]) for at in range(LENGTH - 1)]
    slips = [(*typed[:at], char, *typed[at + 1 :]) for at in range(LENGTH) for char in ALPHABET]
    for chars in dict.fromkeys([*swaps, *slips]):
        if all(char in ALPHABET for char in chars) and not _weighed([ALPHABET.index(char) for char in chars]) % _BASE:
            yield "".join(chars)


def _write(turf_number: int, place: int) -> str:
    if not 1 <= turf_number <= MAX_NUMBER or not 1 <= place < _BLOCK:
        raise InvalidInput("there is no code for this door or page", field="code")
    spread = (turf_number * _BLOCK + place) * _STRIDE % _SPACE
    values: list[int] = []
    for _ in range(DIGITS):
        spread, value = divmod(spread, _BASE)
        values.insert(0, value)
    # the last place weighs 1, so the check is what makes the sum whole
    check = -_weighed([*values, 0]) % _BASE
    return "".join(ALPHABET[value] for value in (*values, check))


def _weighed(values: list[int]) -> int:
    return sum(weight * value for weight, value in zip(range(LENGTH, 0, -1), values, strict=True))
