"""Compare a street name as typed with one that exists."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from geo.geocode.edits import count_edits
from geo.geocode.score import fault
from geo.geocode.street_words import COMPASS, COMPASS_KEYS, FULL_WORDS, NAME_ENDINGS, TRAILING_TYPES, TYPES

if TYPE_CHECKING:
    from geo.domain.place import Fault

_DIGITS: Final = re.compile(r"\d+")
_COMPASS_WORDS: Final = {key: word for word, key in COMPASS.items()}
_SHORT, _MEDIUM = 4, 8
_LITTLE: Final = frozenset({"and", "the", "of", "de", "la", "du"})
"""Words that people leave out and put in: "Rod Gun Road" is Rod & Gun Road."""
_PURE_TYPES: Final = frozenset({"ave", "blvd", "cir", "ct", "dr", "hwy", "ln", "pkwy", "pl", "rd", "st", "ter"})
"""Types that are hardly ever a part of the name before another type, as the Ridge of Hunt Ridge Road is."""
_LOOK_ALIKE: Final = str.maketrans("0158", "olsb")
_SAFE_LENGTH: Final = 4
_SURE_LENGTH: Final = 8
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


@lru_cache(maxsize=65_536)
def bases_of(key: str) -> tuple[str, ...]:
    """List the names without types under which a street may be known.

    Returns
    -------
    tuple of str
        The name itself first; then with its type as part of it ("Hunt Ridge" may be Hunt Ridge Road), and with its
        compass word spoken ("N Park" may be North Park Street).
    """
    parts = split_key(key)
    bases = [parts.name]
    if parts.type and parts.type not in _PURE_TYPES:
        bases.append(f"{parts.name} {FULL_WORDS[parts.type]}")
    if word := _COMPASS_WORDS.get(parts.name):
        bases.append(word)
    if word := _COMPASS_WORDS.get(parts.before):
        bases.append(f"{word} {parts.name}")
    bases += [other.name for other in _slipped(parts)]
    return tuple(dict.fromkeys(bases))


@lru_cache(maxsize=65_536)
def compare_streets(typed: str, found: str, *, is_here: bool = False) -> tuple[Fault, ...] | None:
    """Name what is different between two street keys.

    Parameters
    ----------
    typed, found
        Keys made by ``street_key``: what a person wrote, and a street that exists.
    is_here
        Whether that street has the number in the postcode that was typed, so that a badly misspelt name may still
        be it.

    Returns
    -------
    tuple of Fault, or None
        Empty if they are equal; ``None`` if they are not the same street by any reading. Digits must agree: 113 is
        never a slip for 115.
    """
    if typed == found:
        return ()
    one, other = split_key(typed), split_key(found)
    spoken = _compass_as_name(one)
    readings = ((one, other), (_type_as_name(one), other), (one, _compass_as_name(other)), (spoken, other))
    compared = [faults for a, b in readings if (faults := _compare_parts(a, b, is_here=is_here)) is not None]
    for slipped in _slipped(one):
        faults = _compare_parts(slipped, other, is_here=is_here)
        if faults is not None and not any(f.name == "street.misspelt" for f in faults):
            compared.append((*faults, fault("street.misspelt")))
    return min(compared, key=lambda faults: sum(f.penalty for f in faults), default=None)


def _slipped(parts: StreetParts) -> tuple[StreetParts, ...]:
    """List what a name may be if one of the words around it was misspelt, or read by a machine."""
    found = (_compass_slip(parts), _type_slip(parts), _type_first(parts), _read_by_eye(parts))
    return tuple(other for other in found if other is not None)


def _compass_slip(parts: StreetParts) -> StreetParts | None:
    """Read "Wset 41" as West 41: a compass word with one slip of the hand, before a name."""
    first, _, rest = parts.name.partition(" ")
    if parts.before or not rest or len(first) < (_SHORT - 1 if rest[0].isdigit() else _SHORT):
        return None
    way = next((key for word, key in COMPASS.items() if count_edits(first, word, 1) == 1), None)
    return replace(parts, before=way, name=rest) if way else None


def _type_slip(parts: StreetParts) -> StreetParts | None:
    """Read "55 Avelue" as 55 Avenue: a type with one slip of the hand, after a name."""
    rest, _, last = parts.name.rpartition(" ")
    if parts.type or not rest or len(last) < _SHORT:
        return None
    near = (key for word, key in TYPES.items() if len(word) >= _SHORT and count_edits(last, word, 1) == 1)
    kind = next((key for key in near if key in TRAILING_TYPES), None)
    return replace(parts, type=kind, name=rest) if kind else None


def _type_first(parts: StreetParts) -> StreetParts | None:
    """Read "Road Stoneoak" as Stoneoak Road."""
    first, _, rest = parts.name.partition(" ")
    kind = TYPES.get(first)
    if parts.type or kind not in _PURE_TYPES or len(rest) < _SHORT:
        return None
    return replace(parts, type=kind, name=rest)


def _read_by_eye(parts: StreetParts) -> StreetParts | None:
    """Read "key5er" as keyser: digits in a word of letters, as a machine takes them from paper."""
    words = [_letters(word) for word in parts.name.split()]
    name = " ".join(words)
    return replace(parts, name=name) if name != parts.name else None


def _letters(word: str) -> str:
    letters = sum(c.isalpha() for c in word)
    return word.translate(_LOOK_ALIKE) if letters > len(word) - letters > 0 and not word[:2].isdigit() else word


def _type_as_name(parts: StreetParts) -> StreetParts:
    """Read "Hunt Ridge" as a name whose type was left out."""
    return replace(parts, name=f"{parts.name} {FULL_WORDS[parts.type]}", type="") if parts.type else parts


def _compass_as_name(parts: StreetParts) -> StreetParts:
    """Read "S Lake Way" as it is spoken, so that "Souh Lake Way" is near it."""
    word = _COMPASS_WORDS.get(parts.before)
    return replace(parts, before="", name=f"{word} {parts.name}") if word else parts


def _compare_parts(one: StreetParts, other: StreetParts, *, is_here: bool) -> tuple[Fault, ...] | None:
    named = _compare_names(one.name, other.name, is_here=is_here)
    if named is None:
        return None
    typed_way, found_way = one.before or one.after, other.before or other.after
    return (*named, *_compare_part("type", one.type, other.type), *_compare_part("compass", typed_way, found_way))


def _compare_part(part: str, typed: str, found: str) -> tuple[Fault, ...]:
    if typed == found:
        return ()
    return (fault(f"{part}.conflict" if typed else f"{part}.missing"),)


def _compare_names(typed: str, found: str, *, is_here: bool) -> tuple[Fault, ...] | None:
    if typed == found:
        return ()
    if _DIGITS.findall(typed) != _DIGITS.findall(found):
        return None
    if typed.replace(" ", "") == found.replace(" ", "") or _COMPASS_WORDS.get(typed) == found:
        return (fault("street.spacing"),)
    words, others = set(typed.split()), set(found.split())
    if words == others:
        return (fault("street.word_order"),)
    if words - _LITTLE == others - _LITTLE and words & others:
        return (fault("street.spacing"),)
    missing = _words_missing(words, others)
    return missing or _misspelt(typed, found, is_here=is_here)


def _misspelt(typed: str, found: str, *, is_here: bool) -> tuple[Fault, ...] | None:
    a, b = typed.replace(" ", ""), found.replace(" ", "")
    most = _most_edits(min(len(a), len(b)))
    likely = max(most, min(3, max(len(a), len(b)) // 2)) if is_here else most
    edits = count_edits(a, b, likely)
    if edits > likely:
        return None
    spelling = fault("street.misspelt", edits)
    if edits > most or not is_safe_spelling(typed, found, edits):
        return spelling, fault("street.unsafe_spelling")
    is_doubtful = a[0] != b[0] or min(len(a), len(b)) < _SURE_LENGTH
    return (spelling, fault("street.doubtful_spelling")) if is_doubtful else (spelling,)


def _most_edits(length: int) -> int:
    return 1 if length <= _SHORT else 2 if length <= _MEDIUM else 3


def is_safe_spelling(typed: str, found: str, edits: int) -> bool:
    """Tell whether a name differs only as a slip of the hand would make it differ.

    Parameters
    ----------
    typed, found
        Names as keys have them, without type and compass.
    edits
        How many slips lie between them.

    Returns
    -------
    bool
        False where what was typed may as well be another name: East for West, Oak for Oaks, Bridge for Ridge, or a
        name too short for so many slips.
    """
    a, b = typed.replace(" ", ""), found.replace(" ", "")
    opening, heading = _COMPASS_PREFIX.match(a), _COMPASS_PREFIX.match(b)
    bare, known = _SUFFIX.sub("", a), _SUFFIX.sub("", b)
    ending = _ENDING.search(bare)
    stem = min(len(bare), len(known))
    return not (
        (opening and opening[0]) != (heading and heading[0])
        or (ending is not None and _ENDING.findall(known) != [ending[0]])
        or stem < _SAFE_LENGTH
        or edits > max(1, stem // 5)
        or (edits == 1 and a[0] != b[0] and stem <= _SAFE_LENGTH)
        or a == b + "s"
        or (bare != a and known in (bare + "n", bare[:-1]))
        or _SUFFIX.findall(a) not in ([], _SUFFIX.findall(b))
    )


def changed_words(typed: str, found: str) -> tuple[str, ...]:
    """List the words of a typed name that the other lacks; each must be no word of its own to be a slip."""
    others = set(found.split())
    return tuple(word for word in typed.split() if word not in others)


def _words_missing(typed: set[str], found: set[str]) -> tuple[Fault, ...] | None:
    common = typed & found
    if common and (typed < found or found < typed) and any(len(word) > _SHORT for word in common):
        return (fault("street.word_missing"),)
    return None
