"""The short code of a stop, for paper and the telephone: six characters, and one slip is always noticed.

The alphabet has 31 characters that nobody mistakes for each other. Since 31 is prime and every place has a weight of
its own, one wrong character and two that changed places always give another remainder.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from uuid import UUID

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L."""
LENGTH: Final = 6
_SPACERS: Final = str.maketrans("", "", " -.\t")


def make_code(stop_id: UUID) -> str:
    """Make the code of a stop; the same stop always has the same one, and another stop seldom has it too."""
    number = int.from_bytes(sha256(b"stop code\0" + stop_id.bytes).digest()[:8], "big")
    text = ""
    for _ in range(LENGTH - 1):
        number, digit = divmod(number, len(ALPHABET))
        text += ALPHABET[digit]
    return text + _check(text)


def read_code(typed: str) -> str:
    """Read a code as somebody wrote it: small letters, spaces and hyphens do not matter.

    Raises
    ------
    InvalidInput
        If it is no code, or one with a slip in it.
    """
    text = typed.translate(_SPACERS).upper()
    if len(text) != LENGTH or set(text) - set(ALPHABET) or _check(text[:-1]) != text[-1]:
        raise InvalidInput("this is not the code of a stop; read it once more", field="code")
    return text


def show_code(code: str) -> str:
    """Write a code in two groups, as it stands on paper."""
    return f"{code[:3]} {code[3:]}"


def _check(text: str) -> str:
    total = sum(weight * ALPHABET.index(char) for weight, char in enumerate(text, start=2))
    return ALPHABET[total % len(ALPHABET)]
