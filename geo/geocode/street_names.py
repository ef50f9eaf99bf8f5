"""Compare a street name as typed with one that exists."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from geo.geocode.edits import count_edits
from geo.geocode.score import fault
from geo.geocode.street_words import COMPASS, COMPASS_KEYS, FULL_WORDS, NAME_ENDINGS, TRAILING_TYPES

if TYPE_CHECKING:
    from geo.domain.place import Fault

_DIGITS: Final = re.compile(r"\d+")
_COMPASS_WORDS: Final = {key: word for word, key in COMPASS.items()}
_SHORT, _MEDIUM = 4, 8
_SAFE_LENGTH: Final = 5
_COMPASS_PREFIX: Final = re.compile(
    r"(?:north|south|east|west|upper|lower|old|new|ita|lansi|etela|pohjois|norra|sodra)"
)
_ENDING: Final = re.compile(rf"(?:{'|'.join(NAME_ENDINGS.split())})$")
_SUFFIX: Final = re.compile(r"(?:katu|tie|kuja|polku|kaari|gatan|vagen|strasse|esplanadi)$")


@dataclass(frozen=True, slots=True)
class StreetParts:
    """A street key taken apart: compass word before, name, type, compass word after."""

    before: str
    name: str
    type: str
    after: str


@lru_cache(maxsize=65_536)
def split_key(key: str) -> StreetParts:
    """Take a street key apart; a name is never left empty."""
    tokens = key.split()
    before = after = kind = ""
    if len(tokens) > 1 and tokens[-1] in COMPASS_KEYS and len(tokens) > 2:  # noqa: PLR2004 - name, type, compass
        after = tokens.pop()
    if len(tokens) > 1 and tokens[-1] in TRAILING_TYPES:
        kind = tokens.pop()
    if len(tokens) > 1 and tokens[0] in COMPASS_KEYS:
        before = tokens.pop(0)
    return StreetParts(before, " ".join(tokens), kind, after)


def compare_streets(typed: str, found: str) -> tuple[Fault, ...] | None:
    """Name what is different between two street keys.

    Parameters
    ----------
    typed, found
        Keys made by ``street_key``: what a person wrote, and a street that exists.

    Returns
    -------
    tuple of Fault, or None
        Empty if they are equal; ``None`` if they are not the same street by any reading. Digits must agree: 113 is
        never a slip for 115.
    """
    if typed == found:
        return ()
    one, other = split_key(typed), split_key(found)
    readings = ((one, other), (_type_as_name(one), other), (one, _compass_as_name(other)))
    compared = [faults for a, b in readings if (faults := _compare_parts(a, b)) is not None]
    return min(compared, key=lambda faults: sum(f.penalty for f in faults), default=None)


def _type_as_name(parts: StreetParts) -> StreetParts:
    """Read "Hunt Ridge" as a name whose type was left out."""
    return replace(parts, name=f"{parts.name} {FULL_WORDS[parts.type]}", type="") if parts.type else parts


def _compass_as_name(parts: StreetParts) -> StreetParts:
    """Read "S Lake Way" as it is spoken, so that "Souh Lake Way" is near it."""
    word = _COMPASS_WORDS.get(parts.before)
    return replace(parts, before="", name=f"{word} {parts.name}") if word else parts


def _compare_parts(one: StreetParts, other: StreetParts) -> tuple[Fault, ...] | None:
    named = _compare_names(one, other)
    if named is None:
        return None
    typed_way, found_way = one.before or one.after, other.before or other.after
    return (*named, *_compare_part("type", one.type, other.type), *_compare_part("compass", typed_way, found_way))


def _compare_part(part: str, typed: str, found: str) -> tuple[Fault, ...]:
    if typed == found:
        return ()
    return (fault(f"{part}.conflict" if typed else f"{part}.missing"),)


def _compare_names(one: StreetParts, other: StreetParts) -> tuple[Fault, ...] | None:
    typed, found = one.name, other.name
    if typed == found:
        return ()
    if _DIGITS.findall(typed) != _DIGITS.findall(found):
        return None
    a, b = typed.replace(" ", ""), found.replace(" ", "")
    if a == b:
        return (fault("street.spacing"),)
    missing = _words_missing(set(typed.split()), set(found.split()))
    if missing is not None:
        return missing
    most = _most_edits(min(len(a), len(b)))
    edits = count_edits(a, b, most)
    return _misspelt(a, b, edits) if edits <= most else None


def _most_edits(length: int) -> int:
    return 1 if length <= _SHORT else 2 if length <= _MEDIUM else 3


def _misspelt(typed: str, found: str, edits: int) -> tuple[Fault, ...]:
    spelling = fault("street.misspelt", edits)
    return (spelling, fault("street.unsafe_spelling")) if _is_unsafe(typed, found, edits) else (spelling,)


def _is_unsafe(typed: str, found: str, edits: int) -> bool:
    """Tell whether the slip may as well be another name: East for West, Hill for Mill, Oak for Oaks."""
    opening, heading = _COMPASS_PREFIX.match(typed), _COMPASS_PREFIX.match(found)
    bare, known = _SUFFIX.sub("", typed), _SUFFIX.sub("", found)
    ending = _ENDING.search(bare)
    stem = min(len(bare), len(known))
    return (
        typed[0] != found[0]
        or (opening and opening[0]) != (heading and heading[0])
        or (ending is not None and _ENDING.findall(known) != [ending[0]])
        or stem < _SAFE_LENGTH
        or edits > max(1, stem // 5)
        or typed in (found + "s", found + "n")
        or found in (typed + "s", typed + "n")
        or _SUFFIX.findall(typed) not in ([], _SUFFIX.findall(found))
    )


def _words_missing(typed: set[str], found: set[str]) -> tuple[Fault, ...] | None:
    common = typed & found
    if common and (typed < found or found < typed) and any(len(word) > _SHORT for word in common):
        return (fault("street.word_missing"),)
    return None
