"""Where a street name ends in a line without commas."""

from __future__ import annotations

import re
from typing import Final

from geo.geocode import street_words as words
from geo.geocode.address_words import COMPASS_TOWNS, REGIONS

_MAX_ENDS: Final = 5
_MIN_LOOSE: Final = 2
_LINKS: Final = frozenset({"of", "to"})
_PARTICLES: Final = frozenset({"and", "the", "of", "de", "des", "du", "del", "da", "das", "do", "dos", "la", "le"})
_CORE: Final = frozenset({"st", "ave", "rd", "dr", "blvd", "ln", "pkwy", "hwy"})
_ROUTE_NUMBER: Final = re.compile(r"\d{1,4}[a-z]{0,2}(?:-\d{1,4})?")
_ROUTE_LETTERS: Final = re.compile(r"[a-z]{1,3}")
_NUMBERED: Final = frozenset({"highway", "hwy", "route", "rte", "rt"})
_MILE: Final = "mile"
"""Opens no road: "Cariboo Hwy, 70 Mile House"."""
_LETTERED_ROUTES: Final = frozenset({"county road", "county rd", "county highway", "county hwy", "co rd"})


def find_ends(folded: list[str]) -> tuple[list[tuple[int, bool]], bool]:
    """Find where the name may end.

    Parameters
    ----------
    folded
        Words behind the house number, folded, without stops.

    Returns
    -------
    list of (int, bool), bool
        How many words belong to the name, likeliest first, each with whether nothing marks that end; and whether
        something marks the first.
    """
    route = _route_end(folded)
    if route:
        return [(_with_compass(folded, route), False), (route, False)], True
    ends = _numbered_ends(folded) or [at for at in range(len(folded), 1, -1) if _ends_at(folded, at)]
    if not ends:
        ends = _lettered_avenue(folded)
    if ends:
        marked = _runs(folded, ends)
        return [(at, False) for at in marked][:_MAX_ENDS], True
    return _loose_ends(folded), False


def _route_end(folded: list[str]) -> int:
    """Find the end of a numbered road: "Highway 33", "W US Hwy 50", "County Road GV", "MD 45"."""
    at = 1 if folded and folded[0] in words.COMPASS_WORDS and len(folded) > 2 else 0  # noqa: PLR2004 - and a road
    most = min(words.ROUTE_LENGTH, len(folded) - at - 1)
    for length in range(most, 0, -1):
        opening = tuple(folded[at : at + length])
        is_state = length == 1 and opening and opening[0] in REGIONS
        if opening not in words.ROUTES and not is_state:
            continue
        number = at + length
        if folded[number] in ("no", "number", "hwy", "highway", "route", "rte") and number + 1 < len(folded):
            number += 1
        is_numbered = _ROUTE_NUMBER.fullmatch(folded[number]) is not None
        is_lettered = " ".join(opening) in _LETTERED_ROUTES and _ROUTE_LETTERS.fullmatch(folded[number])
        if (is_numbered and not _is_address_of_type(folded, number)) or is_lettered:
            return number + 1
    return 0


def _is_address_of_type(folded: list[str], at: int) -> bool:
    """Tell whether the number belongs to a street of its own: "I 5 St"."""
    return (
        at + 1 < len(folded) and folded[at + 1] in words.SURE_TYPES and folded[at + 1] not in ("st", "hwy", "highway")
    )


def _with_compass(folded: list[str], end: int) -> int:
    if end < len(folded) and folded[end] in ("business", "bus", "bypass", "byp"):
        end += 1
    return end + 1 if end < len(folded) and folded[end] in words.COMPASS_WORDS else end


def _ends_at(folded: list[str], at: int) -> bool:
    word = folded[at - 1]
    if word not in words.SURE_TYPES:
        return False
    following = folded[at] if at < len(folded) else ""
    if following in _LINKS:
        return False
    # "Benton Pl St Louis": a saint, since a type stands before it and a name behind
    return not (_is_saint(folded, at) and folded[at - 2] in words.SURE_TYPES)


def _numbered_ends(folded: list[str]) -> list[int]:
    """Find the end of a named road with a number: "Indiana Highway 212", "Old Route 40"."""
    for at in range(1, len(folded) - 1):
        if at + 2 < len(folded) and folded[at + 2] == _MILE:
            continue
        if (
            folded[at] in _NUMBERED
            and _ROUTE_NUMBER.fullmatch(folded[at + 1])
            and not _is_address_of_type(folded, at + 1)
        ):
            return [at + 2]
    return []


def _is_saint(folded: list[str], at: int) -> bool:
    """Tell whether the word before a name may be a saint instead of a street."""
    following = folded[at] if at < len(folded) else ""
    is_name = bool(following) and following not in words.COMPASS_WORDS and following not in words.TYPES
    return folded[at - 1] == "st" and is_name


def _lettered_avenue(folded: list[str]) -> list[int]:
    opens = len(folded) > 1 and folded[0] in words.SURE_TYPES
    return [2] if opens and (len(folded[1]) == 1 or folded[1].isdigit()) else []


def _runs(folded: list[str], ends: list[int]) -> list[int]:
    """Order the ends: the last run of types first, with the compass word behind it, then the others.

    "Bryant Ave Uptown Square" ends at the avenue: squares and circles are names of buildings as often.
    """
    ordered: list[int] = []
    core = [at for at in ends if words.TYPES.get(folded[at - 1]) in _CORE and not _is_saint(folded, at)]
    best = core[0] if core else ends[0]
    while best + 1 in ends:
        best += 1
    for at in (best, *(other for other in ends if other != best)):
        whole = at
        # two compass words in a row are one direction ("Ave N W")
        while whole < len(folded) and whole < at + 2 and _is_compass_behind(folded, whole, at):
            whole += 1
        ordered += [whole, at] if whole != at else [at]
    return list(dict.fromkeys(ordered))


def _is_compass_behind(folded: list[str], at: int, end: int) -> bool:
    word = folded[at]
    if word not in words.COMPASS_WORDS:
        return False
    if at > end:
        return len(word) == 1 or folded[at - 1] + word in words.COMPASS_WORDS
    return not any(
        tuple(folded[at + 1 : at + 1 + len(town)]) == town
        for town in COMPASS_TOWNS.get(words.COMPASS.get(word, word), ())
    )


def _loose_ends(folded: list[str]) -> list[tuple[int, bool]]:
    """Offer ends that nothing marks: behind a word that is a type at times, then before the last words."""
    if folded and folded[-1] in words.TYPES:
        behind = [at for at in range(len(folded) - 1, 1, -1) if folded[at - 1] in words.LOOSE_TYPES]
        return [(at, False) for at in behind][:_MAX_ENDS]
    behind = [at for at in range(len(folded) - 1, 1, -1) if folded[at - 1] in words.LOOSE_TYPES]
    if behind:
        return [(at, False) for at in behind][: _MAX_ENDS - 1]
    guesses = range(len(folded) - 1, max(0, len(folded) - 1 - _MIN_LOOSE), -1)
    return [
        (at, True)
        for at in guesses
        if folded[at - 1] not in _PARTICLES and not words.COMPASS_WORDS.issuperset(folded[:at])
    ]
