"""The ways one line of an address can be read: which part is the number, which the street, which the town."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from geo.geocode import street_words as words
from geo.geocode.address_words import NUMBER_SUFFIXES, REGION_TAILS, REGIONS
from geo.geocode.normalise import bare_words, number_key
from geo.geocode.parts import town_of
from geo.geocode.reading import STAIR_FLAT, Reading, is_number, is_street_name
from geo.geocode.street_ends import find_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_READINGS: Final = 8
_LETTER_FLAT: Final = re.compile(r"([a-z])(\d{0,4})")
_GRID: Final = re.compile(r"[nsew]\d{1,5}")
_PAIR: Final = re.compile(r"([a-z]?\d{1,5}[a-z]?)([-/])(\d{1,6})")
_GLUED: Final = re.compile(r"(\d{1,6})-?([a-z]{3,})")
_DASH: Final = "-"
_HALVES: Final = frozenset({"1/2", "1/4", "3/4", "1/3", "2/3"})
_RANGE: Final = 100
_MIN_STEM, _MIN_GLUED = 4, 3
_QUEENS: Final = 2
_MAX_CACHED: Final = 100
_ODD_TAIL: Final = re.compile(r"\s\d{1,6}(?:\s|$)")
_MAX_BEFORE: Final = 3
_GLUED_TYPES: Final = tuple(
    sorted(
        (word for word in words.SURE_TYPES if len(word) >= _MIN_GLUED and word not in dict(words.BARE_ENDINGS)),
        key=lambda word: (-len(word), word),
    )
)


def read_line(line: str) -> tuple[Reading, ...]:
    """List the ways to read one line, the likeliest first.

    Parameters
    ----------
    line
        A part of an address with its postcode and unit already taken out.

    Returns
    -------
    tuple of Reading
        At most ``MAX_READINGS``; empty if the line has no letter.
    """
    tokens = _join_dashes(line.split())
    readings = _named(_number_first(tokens)) or _named(_number_after(tokens)) or _named(split_street(tokens, ()))
    kept: dict[tuple[str, tuple[str, ...], str | None], Reading] = {}
    for reading in readings:
        kept.setdefault((reading.street_key, reading.numbers, reading.unit), reading)
    return tuple(kept.values())[:MAX_READINGS]


def _join_dashes(tokens: list[str]) -> list[str]:
    """Close the gaps of "170 - 22470" and "12 -14"."""
    if "-" not in tokens and "/" not in tokens:
        return tokens
    joined: list[str] = []
    for token in tokens:
        if joined and ((_is_open(joined[-1]) and token[0].isdigit()) or (_is_sign(token) and joined[-1][-1].isdigit())):
            joined[-1] += token
        elif token != _DASH:
            joined.append(token)
    return joined


def _is_sign(word: str) -> bool:
    return word in ("-", "/")


def _is_open(word: str) -> bool:
    return len(word) > 1 and word[-1] in "-/"


def _named(readings: list[Reading]) -> list[Reading]:
    return [reading for reading in readings if is_street_name(reading.street)]


def _number_first(tokens: list[str]) -> list[Reading]:
    if len(tokens) < 2:  # noqa: PLR2004 - a number and at least one word
        return []
    first = _bare(tokens[0])
    if first.isdigit():
        return [] if _bare(tokens[1]) in words.NUMBERED_TYPES or not is_number(first) else _plain_first(first, tokens)
    return _odd_first(first, tokens)


def _odd_first(first: str, tokens: list[str]) -> list[Reading]:
    """Read a line whose first word is not digits alone: "E 613 ...", "N6 W23001 ...", "123Main St", "B2 518 ..."."""
    if first in words.COMPASS_WORDS and len(tokens) > _MAX_BEFORE - 1 and is_number(_bare(tokens[1])):
        return _compass_first(tokens)
    if _GRID.fullmatch(first) and _GRID.fullmatch(_bare(tokens[1])):
        return split_street(tokens[2:], (number_key(f"{first} {_bare(tokens[1])}"),))
    glued = _GLUED.fullmatch(first)
    if glued and not _is_ordinal(first):
        return [*split_street([tokens[0][len(glued[1]) :].lstrip("-"), *tokens[1:]], (number_key(glued[1]),))]
    if len(first) == 1 and first.isalpha() and len(tokens) > _MAX_BEFORE and _are_unit_and_number(tokens):
        unit = f"{tokens[0]}{tokens[1]}"
        return split_street(tokens[3:], (number_key(tokens[2]),), unit)
    if not is_number(first) or _bare(tokens[1]) in words.NUMBERED_TYPES:
        return _lettered_unit(first, tokens)
    return _plain_first(first, tokens)


def _bare(token: str) -> str:
    return bare_words(token)[0].strip("#") if token else ""


def _is_ordinal(word: str) -> bool:
    return word.lstrip("0123456789")[:2] in ("st", "nd", "rd", "th")


def _are_unit_and_number(tokens: list[str]) -> bool:
    return tokens[1].isdigit() and tokens[2].isdigit()


def _lettered_unit(first: str, tokens: list[str]) -> list[Reading]:
    """Read "B2 518 Beatty St" as a flat before the number."""
    flat = _LETTER_FLAT.fullmatch(first)
    if flat and flat[2] and len(tokens) > _MAX_BEFORE - 1 and tokens[1].isdigit():
        return split_street(tokens[2:], (number_key(tokens[1]),), tokens[0])
    return []


def _compass_first(tokens: list[str]) -> list[Reading]:
    """Read "E 613 Mitchell Ave" as 613 E Mitchell Ave."""
    number = (number_key(tokens[1]),)
    plain = split_street(tokens[2:], number)
    if not plain or _bare(tokens[2]) in words.TYPES:
        return []
    return [*split_street([tokens[0], *tokens[2:]], number), plain[0]]


def _plain_first(first: str, tokens: list[str]) -> list[Reading]:
    second = _bare(tokens[1])
    rest = tokens[1:]
    if second in _HALVES:
        return split_street(tokens[2:], (number_key(f"{first} {second}"), number_key(first)))
    if second in NUMBER_SUFFIXES and len(tokens) > 2:  # noqa: PLR2004 - number, suffix, street
        return split_street(tokens[2:], (number_key(first + second), number_key(first)))
    if len(second) == 1 and second.isalpha() and second not in words.COMPASS_KEYS and first.isdigit():
        lettered = split_street(tokens[2:], (number_key(first + second),))
        plain = split_street(rest, (number_key(first),))
        # "613 K St NW" lies in a street of one letter, "12 A Main St" more likely has a letter behind its number
        is_street = len(tokens) > 2 and _bare(tokens[2]) in words.TYPES  # noqa: PLR2004 - number, letter, type
        return [*plain, *lettered[:1]] if is_street else [*lettered, *plain]
    if second.isdigit() and len(tokens) > 2:  # noqa: PLR2004 - two numbers and a name
        return _two_numbers(first, second, tokens)
    pair = _PAIR.fullmatch(first)
    return _paired(first, pair, rest) if pair else split_street(rest, (number_key(first),))


def _two_numbers(first: str, second: str, tokens: list[str]) -> list[Reading]:
    """Read "216 17 113th Ave", "128 850 Saucier Ave" and "10372 99 St"."""
    plain = split_street(tokens[1:], (number_key(first),))
    third = _bare(tokens[2])
    is_street = third in words.SURE_TYPES and not (third == _SAINT and _opens_street(bare_words(" ".join(tokens[2:]))))
    if is_street or third in _NAMED_BY_NUMBER:
        return plain
    joined = split_street(tokens[2:], (number_key(f"{first}-{second}"), number_key(first + second)))
    apart = split_street(tokens[2:], (number_key(second),), tokens[0])
    if len(second) <= _QUEENS and first.isdigit():
        return [*joined[:2], *apart[:2], *plain[:2]]
    return [*apart[:3], *(joined[:1] if len(second) <= _MAX_BEFORE else []), *plain[:2]]


_NAMED_BY_NUMBER: Final = frozenset({"mile", "de"})
"""Words that make a name of the number before them: "18 Mile Road", "9 de Julio"."""

_SAINT: Final = "st"
"""A saint where another type follows: "128 850 St Paul Ave"."""


def _paired(first: str, pair: re.Match[str], rest: list[str]) -> list[Reading]:
    """Read "216-17" as one number, "12-14" as a range, "205-1234" as a flat before a number as well."""
    low, sign, high = pair[1], pair[2], pair[3]
    if not low.isdigit():
        return [*split_street(rest, (number_key(high),), low.upper()), *split_street(rest, (number_key(first),))[:1]]
    distance = int(high) - int(low)
    ranged = 0 < distance <= _RANGE
    keys = [
        number_key(first),
        *([number_key(f"{low}-{high}")] if sign == "/" else []),
        *([number_key(low)] if ranged else []),
    ]
    whole = split_street(rest, tuple(dict.fromkeys(keys)))
    if ranged or distance <= 0 or len(high) < _MAX_BEFORE:
        return whole
    return [*whole[:1], *split_street(rest, (number_key(high),), low), *whole[1:]]


def split_street(tokens: list[str], numbers: tuple[str, ...], unit: str | None = None) -> list[Reading]:
    """Split words into street and what follows, likeliest first.

    Parameters
    ----------
    tokens
        Words of a line behind its number.
    numbers, unit
        What each reading carries.

    Returns
    -------
    list of Reading
        With the street cut behind its type, then at other places where it may end.
    """
    if not tokens:
        return []
    line = " ".join(tokens)
    cuts = _cached_cut(line) if len(line) <= _MAX_CACHED else _recent_cut(line)
    readings = [Reading(street, numbers, unit, rest, is_loose) for street, rest, is_loose in cuts]
    if not numbers or not _ODD_TAIL.search(line):
        return readings
    return [part for reading in readings for part in _take_bare_unit(reading)]


def _take_bare_unit(reading: Reading) -> list[Reading]:
    """Read a number behind the street as a flat ("850 Saucier Ave 128 Kelowna", "860 W Blackhawk 305")."""
    if reading.rest and not reading.is_loose and _bare(reading.rest.split()[0]).isdigit():
        first, *others = reading.rest.split()
        return [replace(reading, unit=reading.unit or first, rest=" ".join(others) or None)]
    *street, last = reading.street.split()
    folded = [_bare(word) for word in street]
    if not reading.rest and last.isdigit() and street and not _is_route(folded) and folded[-1] not in _BEFORE_NUMBERS:
        bare = replace(reading, street=" ".join(street), unit=reading.unit or last)
        return [bare, reading]
    return [reading]


_BEFORE_NUMBERS: Final = (
    frozenset({"highway", "hwy", "route", "rte", "rt", "no", "number", "interstate", "loop", "us", "fm"})
    | words.COMPASS_WORDS
)
"""Words behind which a number is part of the name."""


def _cut(line: str) -> tuple[tuple[str, str | None, bool], ...]:
    tokens = line.split()
    folded = list(bare_words(line))
    bare = len(tokens) - _region_width(folded)
    ends, is_marked = find_ends(folded[:bare])
    cuts: dict[int, bool] = {}
    for at, is_loose in ends:
        cuts.setdefault(at, is_loose)
    ordered = list(cuts.items())
    if not is_marked and (bare == len(tokens) or not ordered):
        ordered = [(bare, False), *((at, loose) for at, loose in ordered if at != bare)]
    elif bare not in cuts:
        ordered.append((bare, False))
    if bare != len(tokens):
        ordered.append((len(tokens), False))
    made = [(" ".join(_undoubled(tokens[:at])), town_of(tokens[at:]), loose) for at, loose in ordered if at]
    glued = _split_glued(tokens, folded, made[0])
    return (*made, *glued)


_cached_cut: Final = lru_cache(maxsize=32_768)(_cut)
_recent_cut: Final = lru_cache(maxsize=64)(_cut)


def _undoubled(tokens: list[str]) -> list[str]:
    """Drop a type that was written twice ("Oak St Street"); "Street Rd" and "Court St" stay."""
    if len(tokens) > 2:  # noqa: PLR2004 - a name and two types
        last, before = words.TYPES.get(_bare(tokens[-1])), words.TYPES.get(_bare(tokens[-2]))
        if last and last == before:
            return tokens[:-1]
    return tokens


def _split_glued(
    tokens: list[str], folded: list[str], best: tuple[str, str | None, bool]
) -> list[tuple[str, str | None, bool]]:
    """Offer "Monta Ave" for "Montaave" where the street has no type of its own."""
    at = len(best[0].split())
    if at == 0 or at > len(folded) or any(word in words.TYPES for word in folded[:at]):
        return []
    last = folded[at - 1]
    for kind in _GLUED_TYPES:
        if last.endswith(kind) and len(last) >= len(kind) + _MIN_STEM and last.isalpha():
            cut = len(tokens[at - 1]) - len(kind)
            street = " ".join([*tokens[: at - 1], tokens[at - 1][:cut], tokens[at - 1][cut:]])
            return [(street, best[1], False)]
    return []


def _region_width(folded: list[str]) -> int:
    """Count the words of a state or province at the end of a line."""
    if len(folded) > 1 and folded[-1] in REGIONS and folded[-1] not in words.TYPES:
        # "Omaha NE" is in Nebraska, "County Road AA NE" leads north-east
        is_compass = folded[-1] in words.COMPASS_WORDS and (len(folded[-2]) <= _QUEENS or folded[-2] in words.TYPES)
        return 0 if is_compass else 1
    for tail in REGION_TAILS:
        if folded[-1] == tail[-1] and len(folded) > len(tail) + 1 and tuple(folded[-len(tail) :]) == tail:
            return len(tail)
    return 0


def _number_after(tokens: list[str]) -> list[Reading]:
    folded = bare_words(" ".join(tokens))
    for at, number in enumerate(folded):
        if at and is_number(number) and not (at + 1 < len(folded) and folded[at + 1] in words.NUMBERED_TYPES):
            later = _number_first(tokens[at:]) if _opens_street(folded[at + 1 :]) else []
            # "Highway 40" and "Aukio 1918" end in a number of their own
            whole = split_street(tokens, ())
            door = _door(tokens[:at], number, tokens[at + 1 :])
            if _is_route(folded[:at]):
                return [*later, *whole[:2], door]
            return [*later, door, *_last_word(door, folded[at - 1], at), *whole[:1]]
    return []


def _last_word(door: Reading, word: str, at: int) -> list[Reading]:
    """Offer "Mannerheimintie" for "Virtanen Mannerheimintie", with the words left over as unexplained."""
    if at == 1 or not word.endswith(words.COMPOUND_ENDINGS) or word in words.GLUED_ENDINGS:
        return []
    *before, street = door.street.split()
    return [replace(door, street=street, rest=" ".join([*before, door.rest or ""]).strip(), is_loose=True)]


_OPENERS: Final = frozenset(word for word in words.LEADING_TYPES if len(word) > _QUEENS)


def _opens_street(folded: tuple[str, ...]) -> bool:
    return bool(folded) and (folded[0] in _OPENERS or any(word in words.TYPES for word in folded[1:]))


def _is_route(folded: Sequence[str]) -> bool:
    bare = folded[1:] if len(folded) > 1 and folded[0] in words.COMPASS_WORDS else folded
    return tuple(bare[-words.ROUTE_LENGTH :]) in words.ROUTES or (len(bare) == 1 and bare[0] in REGIONS)


def _door(street: list[str], number: str, rest: list[str]) -> Reading:
    glued = STAIR_FLAT.fullmatch(number)
    if glued:
        return _with_stair(street, glued[1], glued[2], glued[3], rest)
    stair = _LETTER_FLAT.fullmatch(_bare(rest[0])) if rest and number[-1].isdigit() else None
    if stair is None:
        return Reading(" ".join(street), _keys(number), rest=" ".join(rest) or None)
    flat, rest = stair[2], rest[1:]
    if not flat and rest and rest[0].isdigit():
        flat, rest = rest[0], rest[1:]
    return _with_stair(street, number, stair[1], flat, rest)


def _keys(number: str) -> tuple[str, ...]:
    pair = _PAIR.fullmatch(number)
    if pair and pair[1].isdigit() and 0 < int(pair[3]) - int(pair[1]) <= _RANGE:
        return tuple(dict.fromkeys((number_key(number), number_key(f"{pair[1]}-{pair[3]}"), number_key(pair[1]))))
    return (number_key(number),)


def _with_stair(street: list[str], number: str, stair: str, flat: str, rest: list[str]) -> Reading:
    unit = f"{stair.upper()} {flat}".strip()
    numbers = (number_key(number + stair), number_key(number))
    return Reading(" ".join(street), numbers, unit, " ".join(rest) or None)
