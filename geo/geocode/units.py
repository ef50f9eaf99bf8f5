"""Flats, floors, rooms and lots taken out of a line."""

from __future__ import annotations

import re
from typing import Final

from geo.geocode import street_words
from geo.geocode.address_words import BARE_UNITS, DANGLING_UNITS, FLOOR_WORDS, UNIT_WORDS
from geo.geocode.normalise import bare_words

_VALUE: Final = re.compile(
    r"#?(?:[a-z]{0,2}\d{1,7}[a-z]{0,2}(?:[-/]\w{1,6})?|[a-z]\d{0,4}|\d{1,4}[a-z]\d{1,4}|[a-z]\d[a-z])"
)
_HASHED: Final = re.compile(r"#\w{1,6}(?:-\d{1,3}[a-z]?)?")
_HASHED_PAIR: Final = re.compile(r"#(\w{1,5})-(\d{1,6})")
_FLOOR: Final = re.compile(r"\d{1,3}(?:st|nd|rd|th|\.|\.?:s)?")
_GLUED: Final = re.compile(r"(apt|unit|suite|ste|lgh|rm|room)\.?#?(\d{1,5}[a-z]?)")
_GLUED_SOMEWHERE: Final = re.compile(r"\b(?:apt|unit|suite|ste|lgh|rm|room)\.?#?\d", re.IGNORECASE)
_TRIGGERS: Final = UNIT_WORDS | FLOOR_WORDS | BARE_UNITS | DANGLING_UNITS
_ONE_LETTER_DANGER: Final = street_words.COMPASS_KEYS


def take_units(parts: list[str]) -> tuple[list[str], str | None]:
    """Take every flat out of the parts.

    Parameters
    ----------
    parts
        Parts of an address.

    Returns
    -------
    list of str, str or None
        The parts without flats, and what the flats were called ("4", "C 4"), in order.
    """
    kept: list[str] = []
    units: list[str] = []
    for part in parts:
        left, found = _take(part)
        units += found
        kept += left
    return kept, " ".join(dict.fromkeys(units)) or None


def _take(part: str) -> tuple[list[str], list[str]]:
    words = bare_words(part)
    if "#" not in part and _TRIGGERS.isdisjoint(words) and not _GLUED_SOMEWHERE.search(part):
        return [part], []
    tokens, folded = part.split(), list(words)
    kept: list[str] = []
    lines: list[str] = []
    units: list[str] = []
    at = 0
    while at < len(tokens):
        width, value, left = _unit_at(tokens, folded, at)
        if width:
            units += [value] if value else []
            if _is_line(kept):
                # a flat stands behind its street, so what follows is the town
                lines.append(" ".join(kept))
                kept = []
            kept += [left] if left else []
            at += width
        else:
            kept.append(tokens[at])
            at += 1
    return [line for line in (*lines, " ".join(kept)) if line], units


def _is_line(kept: list[str]) -> bool:
    text = " ".join(kept)
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text) and len(kept) > 1


def _unit_at(tokens: list[str], folded: list[str], at: int) -> tuple[int, str, str]:
    """Give how many words a flat takes here, what it is called, and what stays of them."""
    word, following = folded[at], folded[at + 1] if at + 1 < len(folded) else ""
    if word.startswith("#"):
        return _hashed(tokens, folded, at)
    found = _valued(tokens, folded, at) if word in UNIT_WORDS else (0, "", "")
    glued = None if found[0] else _GLUED.fullmatch(word)
    if found[0] or glued:
        return (1, glued[2].upper(), "") if glued else found
    if (
        following in FLOOR_WORDS
        and (_FLOOR.fullmatch(word) or word in street_words.ORDINALS)
        and _may_be_floor(folded, at)
    ):
        return 2, f"{tokens[at]} {tokens[at + 1].rstrip(',')}", ""
    if word in DANGLING_UNITS and _dangles(folded, at):
        return 1, "", ""
    if word in BARE_UNITS and at + 1 == len(folded) and at > 1 and _is_end(folded[at - 1]):
        return 1, tokens[at], ""
    return 0, "", ""


def _hashed(tokens: list[str], folded: list[str], at: int) -> tuple[int, str, str]:
    pair = _HASHED_PAIR.fullmatch(folded[at])
    if pair and at == 0 and len(tokens) > 1:
        return 1, pair[1].upper(), pair[2]
    if _HASHED.fullmatch(folded[at]):
        return 1, tokens[at].strip("#.,:"), ""
    if folded[at] == "#" and at + 1 < len(folded) and _VALUE.fullmatch(folded[at + 1]):
        return 2, tokens[at + 1].strip("#.,:"), ""
    return (1, "", "") if folded[at] == "#" else (0, "", "")


def _valued(tokens: list[str], folded: list[str], at: int) -> tuple[int, str, str]:
    value_at = at + 1
    while value_at < len(folded) and (folded[value_at] in ("#", "-", "no", "nr") or folded[value_at] in DANGLING_UNITS):
        value_at += 1
    if value_at >= len(folded) or not _VALUE.fullmatch(folded[value_at]):
        return 0, "", ""
    value = folded[value_at]
    after = folded[value_at + 1] if value_at + 1 < len(folded) else ""
    # "Flat C" is a flat, "Lot St" is not; a single letter before a type is a name
    if value.isalpha() and (after in street_words.TYPES or (value in _ONE_LETTER_DANGER and after)):
        return 0, "", ""
    if at == 0 and after in street_words.SURE_TYPES and value_at + 2 >= len(folded):
        return 0, "", ""
    others = (*folded[:at], *folded[value_at + 1 :])
    if value.isdigit() and not any(c.isdigit() for word in others for c in word) and _opens_street(folded, value_at):
        return 0, "", ""
    width = value_at - at + 1
    name = tokens[value_at].strip("#.,:")
    if value.isalpha() and after.isdigit() and value_at + 2 < len(folded) and folded[value_at + 2].isdigit():
        return width + 1, f"{name} {tokens[value_at + 1]}", ""
    return width, name, ""


def _opens_street(folded: list[str], at: int) -> bool:
    """Tell whether the only number is that of the house: "Patricia Apts 1110 Cardero St"."""
    return not street_words.SURE_TYPES.isdisjoint(folded[at + 2 :])


def _may_be_floor(folded: list[str], at: int) -> bool:
    """Tell a floor from "12 Floor St" and from Florida behind a numbered street."""
    after = folded[at + 2] if at + 2 < len(folded) else ""
    is_ordinal = not folded[at].isdigit()
    return after not in street_words.SURE_TYPES and (is_ordinal or at > 1)


def _dangles(folded: list[str], at: int) -> bool:
    after = folded[at + 1] if at + 1 < len(folded) else ""
    is_apart = at == 0 or _is_end(folded[at - 1]) or after.isdigit()
    return len(folded) > 1 and after not in street_words.TYPES and is_apart


def _is_end(word: str) -> bool:
    return word in street_words.TYPES or word in street_words.COMPASS_WORDS or word in DANGLING_UNITS or word.isdigit()
