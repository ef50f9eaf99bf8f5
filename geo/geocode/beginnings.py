"""What somebody has typed so far of an address: the beginnings of names, a number, a second street, a town."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from geo.geocode.normalise import MAX_TEXT, fold, name_key, number_key, street_key
from geo.geocode.numbers import leading_int
from geo.geocode.street_words import TYPES

MAX_FORMS: Final = 8
_MAX_WORDS: Final = 12
_LEAST_TYPE: Final = 2
_JOINT: Final = re.compile(r"\s*[/&]\s*|\s(?:and|ja|och|at|x)(?:\s|$)", re.IGNORECASE)
_LETTERED: Final = re.compile(r"[a-z]\d{0,2}")
_NO_NUMBER_SIGN: Final = re.compile(r"[^0-9a-z/ -]")
_SURE, _DOUBTFUL = 4, 8
_MAX_DIGITS: Final = 6
LAST: Final = "\U0010ffff"
"""Sorts behind everything that begins alike."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was typed so far.

    ``names`` are the forms in which the whole may begin a name, ``streets`` those of what is left without the number,
    ``second`` those of the street after a sign such as ``/``; ``typed`` is the longest of them with letters alone.
    """

    typed: str
    names: tuple[str, ...]
    streets: tuple[str, ...] = ()
    number: str | None = None
    second: tuple[str, ...] = ()
    town: str = ""


def read_beginning(text: str) -> Beginning:
    """Read what was typed so far.

    Parameters
    ----------
    text
        Anything; what follows the first comma is taken for the town.

    Returns
    -------
    Beginning
        Without any name where no letter and no digit was typed.
    """
    line, _, town = text[:MAX_TEXT].partition(",")
    words = line.split()[:_MAX_WORDS]
    line = " ".join(words)
    joint = _JOINT.search(line)
    if joint is not None and joint.start() > 0:
        first, second = forms_of(line[: joint.start()]), forms_of(line[joint.end() :])
        return Beginning(first[0] if first else "", forms_of(line), first, None, second, name_key(town))
    rest, number = _take_number(words)
    streets = forms_of(rest) if number else ()
    names = forms_of(line)
    typed = (streets or names or ("",))[0]
    return Beginning(typed, names, streets, number, (), name_key(town))


def _take_number(words: list[str]) -> tuple[str, str | None]:
    """Take the house number off either end; a name is left."""
    opens = [bool(word[0].isdigit()) for word in words]
    if len(words) > 2 and opens[-2] and _LETTERED.fullmatch(fold(words[-1])):  # noqa: PLR2004 - name, number, letter
        return " ".join(words[:-2]), _number(" ".join(words[-2:]))
    if len(words) > 1 and opens[-1]:
        return " ".join(words[:-1]), _number(words[-1])
    if len(words) > 1 and opens[0]:
        return " ".join(words[1:]), _number(words[0])
    return " ".join(words), None


def _number(text: str) -> str:
    return _NO_NUMBER_SIGN.sub("", number_key(text))


def forms_of(text: str) -> tuple[str, ...]:
    """List the keys that may begin with what was typed: as it stands, and with its words in their one form."""
    plain = name_key(text)
    if not plain:
        return ()
    forms = [plain, street_key(text)]
    words = plain.split()
    if len(words) > 1 and len(words[-1]) >= _LEAST_TYPE:
        # "main stre" is on its way to "main street", whose key is "main st"
        kinds = {short for word, short in TYPES.items() if word.startswith(words[-1])}
        forms += [street_key(f"{' '.join(words[:-1])} {kind}") for kind in sorted(kinds)]
    return tuple(dict.fromkeys(form for form in forms if form))[:MAX_FORMS]


def slips_in(typed: str, known: str) -> int | None:
    """Count the slips of the hand between what was typed and how a name begins; nothing if there are too many.

    Parameters
    ----------
    typed, known
        Keys; the second may go on.

    Returns
    -------
    int or None
        None of the first three letters' worth is forgiven, one to seven letters, two beyond.
    """
    a, b = typed.replace(" ", ""), known.replace(" ", "")
    most = 0 if len(a) < _SURE else 1 if len(a) < _DOUBTFUL else 2
    if [c for c in a if c.isdigit()] != [c for c in b[: len(a) + 1] if c.isdigit()]:
        return None
    least = min(OSA.distance(a, b[:end], score_cutoff=most) for end in range(max(len(a) - 1, 1), len(a) + 2))
    return least if least <= most else None


def number_ranges(number: str) -> list[tuple[int, int]]:
    """List the ranges of whole numbers that a number typed so far may become: 1 is 1, 10 to 19, 100 to 199."""
    first = leading_int(number)
    if first < 0:
        return []
    if not number.isdigit():
        return [(first, first)]
    most = max(_MAX_DIGITS - len(str(first)), 0)
    return [(first * 10**n, (first + 1) * 10**n - 1) for n in range(most + 1)] if first else [(0, 0)]
