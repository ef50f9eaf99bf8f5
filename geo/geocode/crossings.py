"""The ways a text can be read as the crossing of two streets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.geocode import street_words
from geo.geocode.address_words import CORNER_WORDS, CROSSING_CLOSINGS, CROSSING_JOINS, CROSSING_OPENINGS
from geo.geocode.normalise import bare_words, fold
from geo.geocode.parts import without_region
from geo.geocode.reading import is_number
from geo.geocode.readings import split_street

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CROSSINGS: Final = 8
_MAX_JOINS: Final = 3
_SIGN: Final = re.compile(r"[&@+/]")
_SIGNS: Final = re.compile(r"\s?([&@+])\s?")
_SLASH: Final = re.compile(
    r"(?<=[^\W\d_]{2})\s?/\s?(?=\w)|(?<=[\w.])\s/\s(?=\w)|(?<=\d)/(?=[^\W\d_]{2})|(?<=\.)/(?=\w)"
)
_CASE_ENDING: Final = re.compile(r":i?n$")
_JOINS: Final = CROSSING_JOINS | CORNER_WORDS
_OPENERS: Final = frozenset(words[0] for words in CROSSING_OPENINGS)
TRIGGERS: Final = _JOINS | CROSSING_CLOSINGS | _OPENERS
_BETWEEN: Final = frozenset({"between", "entre", "mellan"})
_PLURALS: Final = {
    **{
        f"{word}s": word
        for word in ("street", "avenue", "road", "drive", "lane", "court", "place", "boulevard", "terrace")
    },
    "sts": "st",
    "aves": "ave",
    "rds": "rd",
    "drs": "dr",
    "lns": "ln",
    "cts": "ct",
    "blvds": "blvd",
}
_ARTICLES: Final = frozenset({"the", "of", "de", "von", "av", "mellan", "between"})


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two streets that may meet, as typed, and the words of the town behind them."""

    first: str
    second: str
    rest: str | None = None


def find_crossings(parts: Sequence[str], town: str) -> tuple[Crossing, ...]:
    """List the ways to read an address as a crossing.

    Parameters
    ----------
    parts
        Parts of an address, with postcode, country and flats taken out.
    town
        The town that stood behind the postcode, or nothing.

    Returns
    -------
    tuple of Crossing
        At most ``MAX_CROSSINGS``, likeliest first.
    """
    found: list[Crossing] = []
    for at, part in enumerate(parts):
        spaced = _SLASH.sub(" / ", _SIGNS.sub(r" \1 ", part)) if _SIGN.search(part) else part
        words = bare_words(spaced)
        if TRIGGERS.isdisjoint(words):
            continue
        tokens, folded = spaced.split(), list(words)
        later = [*parts[at + 1 :], *([town] if town else [])]
        for first, second, tail in _pairs(tokens, folded, parts[at - 1] if at else ""):
            found += _crossings(first, second, [*tail, *later])
        if found:
            break
    return tuple(dict.fromkeys(found))[:MAX_CROSSINGS]


def _pairs(tokens: list[str], folded: list[str], before: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Give both streets in words, with what follows a closing word ("kulma")."""
    tokens, folded, lead = _open(tokens, folded)
    closing = next(
        (at for at, word in enumerate(folded) if at and word in CROSSING_CLOSINGS and word not in CORNER_WORDS), 0
    )
    tail: list[str] = []
    if closing:
        tokens, folded, tail = tokens[:closing], folded[:closing], tokens[closing + 1 :]
    elif len(folded) > 2 and folded[-1] in CROSSING_CLOSINGS:  # noqa: PLR2004 - two names and a word for their corner
        tokens, folded = tokens[:-1], folded[:-1]
    joins = [at for at in range(1, len(folded) - 1) if _is_join(folded, at)][:_MAX_JOINS]
    if not joins and tokens and (lead or before) and lead != tokens:
        yield (lead or before.split()), tokens, tail
    for at, end in zip(joins, [*joins[1:], len(tokens)][: len(joins)], strict=True):
        start = next((other + 1 for other in reversed(joins) if other < at and folded[at] != folded[other]), 0)
        is_third = start and folded[start - 1] in _BETWEEN
        yield (tokens[: start - 1] if is_third else tokens[:at]), tokens[at + 1 : end], tail


def _open(tokens: list[str], folded: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Drop "corner of" and what stands before it, which is kept where no other word joins two streets."""
    for at in range(len(folded)):
        if folded[at] not in _OPENERS:
            continue
        for words in CROSSING_OPENINGS:
            end = at + len(words)
            if tuple(folded[at:end]) == words and end < len(folded) and not _is_mere_type(folded, end):
                while end < len(folded) - 1 and folded[end] in _ARTICLES:
                    end += 1
                return tokens[end:], folded[end:], tokens[:at]
    return tokens, folded, []


def _is_join(folded: list[str], at: int) -> bool:
    if folded[at] not in _JOINS:
        return False
    return folded[at] not in ("x", "y") or not _is_mere_type(folded, at + 1)


def _is_mere_type(folded: list[str], at: int) -> bool:
    """Tell "X Rd", short for cross road, from "x St Andrews Ave"."""
    later = folded[at + 1 :]
    return folded[at] in street_words.SURE_TYPES and street_words.SURE_TYPES.isdisjoint(later)


def _crossings(first: list[str], second: list[str], later: list[str]) -> list[Crossing]:
    firsts = [name for name in _firsts(first) if _is_street(name)]
    made: list[Crossing] = []
    for name, plural, rest in _seconds(second):
        town = without_region(" ".join([rest, *later]).strip()) or None
        if not _is_street(name):
            continue
        made += [Crossing(f"{one} {plural}" if plural else one, name, town) for one in firsts]
    return made


def _firsts(tokens: list[str]) -> list[str]:
    while tokens and fold(tokens[0]).strip(".,:") in _ARTICLES:
        tokens = tokens[1:]
    plain = _plain(tokens)
    names = [plain, " ".join(tokens)]
    if len(tokens) > 2 and is_number(fold(tokens[0])):  # noqa: PLR2004 - "12 Main St", but not "42 St"
        names.insert(0, " ".join(tokens[1:]))
    return [name for name in dict.fromkeys(names) if name][:2]


def _seconds(tokens: list[str]) -> list[tuple[str, str, str]]:
    """Give the ways the second street may end: name, type shared with the first, and what follows."""
    while len(tokens) > 1 and fold(tokens[0]).strip(".,:") in _ARTICLES:
        tokens = tokens[1:]
    ways: list[tuple[str, str, str]] = []
    for at, token in enumerate(tokens):
        singular = _PLURALS.get(fold(token).strip(".,"))
        if at and singular:
            ways.append((" ".join([*tokens[:at], singular]), singular, " ".join(tokens[at + 1 :])))
            break
    for reading in split_street(tokens, ())[:3]:
        plain = _plain(reading.street.split())
        ways.append((plain, "", reading.rest or ""))
        if plain != reading.street:
            ways.append((reading.street, "", reading.rest or ""))
    # "Broad way" is no other street than "Broadway"
    return list({(name.replace(" ", ""), rest): (name, kind, rest) for name, kind, rest in reversed(ways)}.values())[
        ::-1
    ]


def _plain(tokens: list[str]) -> str:
    """Undo the genitive of Finnish names ("Kaivokadun", "Aleksanterinkatu:n")."""
    if not tokens:
        return ""
    last = _CASE_ENDING.sub("", tokens[-1])
    for inflected, plain in street_words.GENITIVES:
        if len(last) > len(inflected) + 1 and fold(last).endswith(inflected) and len(fold(last)) == len(last):
            return " ".join([*tokens[:-1], last[: -len(inflected)] + plain])
    return " ".join([*tokens[:-1], last])


def _is_street(name: str) -> bool:
    return len(name) > 1 and any(c.isalnum() for c in name)
