"""What may be asked outside: a street line with its house number, and a postcode. Nothing else of a record ever is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.geocode.normalise import fold
from geo.geocode.parse import parse_address
from geo.geocode.reading import is_type

if TYPE_CHECKING:
    from geo.geocode.parse import ParsedAddress

_NUMBER: Final = re.compile(r"\d{1,6}(?:-\d{1,5})?(?: 1/2)?[a-z]?", re.IGNORECASE)
_STREET: Final = re.compile(r"[^\W_](?:[\w .'\u2019/-]{0,78}[\w.])?")
_LONG_NUMBER: Final = re.compile(r"\d{5}")
_POSTCODE: Final = re.compile(r"[0-9A-Z]{3,10}", re.IGNORECASE)
_MOST_WORDS: Final = 7
_ABOUT_PEOPLE: Final = frozenset(
    {
        "ask", "attention", "attn", "behind", "beside", "between", "call", "care", "contact", "door", "floor", "for",
        "mr", "mrs", "ms", "near", "nearby", "next", "opposite", "phone", "puh", "ring", "room", "tel", "telephone",
    }
)  # fmt: skip
"""Words that tell of people and doors; a line with one of them is more than a street."""


@dataclass(frozen=True, slots=True)
class Question:
    """A street with its house number, and a postcode if one was typed."""

    street: str
    number: str
    postcode: str | None = None
    number_first: bool = True

    @property
    def line(self) -> str:
        """The street line, in the order in which it was typed."""
        parts = (self.number, self.street) if self.number_first else (self.street, self.number)
        return " ".join(parts)

    @property
    def text(self) -> str:
        """All that leaves, on one line."""
        return f"{self.line}, {self.postcode}" if self.postcode else self.line

    @property
    def key(self) -> str:
        """The same for all spellings that differ in case, accents or spaces alone."""
        return "\n".join(fold(part or "") for part in (self.number, self.street, self.postcode))

    def __repr__(self) -> str:
        # where a question is shown by mistake, it shows nothing
        return "Question(…)"


def make_question(typed: str) -> Question | None:
    """Take from what was typed the street line and the postcode, and leave everything else behind.

    Parameters
    ----------
    typed
        What a person wrote as an address.

    Returns
    -------
    Question or None
        None where there is no street with a house number, where only a unit or a post box is named, or where the line
        holds words or figures that are no part of a street: then nothing may be asked.
    """
    parsed = parse_address(typed)
    if parsed.point is not None or parsed.is_po_box or not parsed.number or not parsed.street:
        return None
    street, number = _only_street(parsed.street), _only_number(parsed)
    if street is None or number is None:
        return None
    postcode = parsed.postcode if parsed.postcode and _POSTCODE.fullmatch(parsed.postcode) else None
    return Question(street, number, postcode, number_first=_is_number_first(parsed))


def _only_street(text: str) -> str | None:
    words = text.split()
    types = [at for at, word in enumerate(words) if is_type(word)]
    # what follows a street's type is a town or a remark; one that opens a name ("Avenue of the Americas") ends nothing
    if types and types[-1] > 0:
        end = types[-1] + 1
        while end < len(words) and len(words[end].strip(".")) <= 2:  # noqa: PLR2004 - N, SE and the like
            end += 1
        words = words[:end]
    street = " ".join(words)
    plain = {fold(word).strip(".") for word in words}
    if len(words) > _MOST_WORDS or plain & _ABOUT_PEOPLE or _LONG_NUMBER.search(street):
        return None
    return street if _STREET.fullmatch(street) else None


def _only_number(parsed: ParsedAddress) -> str | None:
    number = " ".join((parsed.number or "").split())
    # a stair or flat that stands behind the number ("12 A 5") belongs to the unit, which stays here
    if parsed.unit and number[-1:].isalpha() and fold(parsed.unit).startswith(fold(number[-1])):
        number = number[:-1].rstrip()
    return number if _NUMBER.fullmatch(number) else None


def _is_number_first(parsed: ParsedAddress) -> bool:
    raw, digits = fold(parsed.raw), re.match(r"\d+", fold(parsed.number or ""))
    street_at = raw.find(fold(parsed.street or ""))
    number_at = raw.find(digits[0]) if digits else -1
    return street_at < 0 or number_at < street_at
