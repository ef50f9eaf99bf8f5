"""Places described by another one: "behind the library", "kirjaston takana", "bakom biblioteket"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.geocode import street_words
from geo.geocode.address_words import ARTICLES, AT, BEHIND, CORNER_WORDS, CROSSING_OPENINGS, NEAR
from geo.geocode.normalise import bare_words, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LANDMARKS: Final = 4
_OPENINGS: Final = (*((words, True) for words in NEAR), *((words, False) for words in AT))
_BY_FIRST: Final[dict[str, tuple[tuple[tuple[str, ...], bool], ...]]] = {
    first: tuple(sorted(((w, near) for w, near in _OPENINGS if w[0] == first), key=lambda entry: -len(entry[0])))
    for first in {words[0] for words, _ in _OPENINGS}
}
_INSIDE: Final = frozenset(
    {"behind", "opposite", "near", "beside", "outside", "bakom", "bredvid", "mittemot", "hinter", "neben", "derriere"}
)
TRIGGERS: Final = frozenset(_BY_FIRST) | BEHIND
_CORNERS: Final = CORNER_WORDS | {words[0] for words in CROSSING_OPENINGS}
_VOWELS: Final = "aeiouy"
_HARD: Final = "kpt"
_BEFORE_DOUBLE: Final = "aeiouylnr"
_MIN_WORD: Final = 4


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place that was named to find another. ``is_near`` says that the spot is beside it and not the place itself."""

    name: str
    is_near: bool


def take_landmarks(parts: Sequence[str]) -> tuple[list[str], tuple[Landmark, ...]]:
    """Take landmarks out of the parts of an address.

    Parameters
    ----------
    parts
        Parts of an address, postcode and country gone.

    Returns
    -------
    list of str, tuple of Landmark
        What is left, and at most ``MAX_LANDMARKS`` landmarks, best first. A numbered street beside which the spot lies
        stays among the parts too.
    """
    kept: list[str] = []
    found: list[Landmark] = []
    for part in parts:
        words = bare_words(part)
        if TRIGGERS.isdisjoint(words):
            kept.append(part)
            continue
        left, landmarks = _take(part.split(), list(words))
        kept += [left] if left else []
        found += landmarks
    return kept, tuple(dict.fromkeys(found))[:MAX_LANDMARKS]


def _take(tokens: list[str], folded: list[str]) -> tuple[str, list[Landmark]]:
    whole = " ".join(tokens)
    if folded[-1] in BEHIND and len(folded) > 1 and not any(word[0].isdigit() for word in folded if word):
        return "", _plain_forms(tokens[:-1])
    for at in range(len(tokens)):
        opening = _opening_at(folded, at)
        if opening is None:
            continue
        width, is_near = opening
        start = at + width
        while start < len(tokens) - 1 and folded[start] in ARTICLES:
            start += 1
        named = tokens[start:]
        left = tokens[:at]
        is_corner = folded[start] in _CORNERS
        if is_corner or any(word[:1].isdigit() for word in folded[start:]):
            if not is_near and not is_corner:
                return whole, []
            left += named
        if is_corner and not is_near:
            return " ".join(left), []
        landmarks = _plain_forms(named) if folded[at] in BEHIND else [Landmark(" ".join(named), is_near)]
        return " ".join(left), landmarks
    return whole, []


def _opening_at(folded: list[str], at: int) -> tuple[int, bool] | None:
    for words, is_near in _BY_FIRST.get(folded[at], ()):
        end = at + len(words)
        if end >= len(folded) or tuple(folded[at:end]) != words or folded[end] in street_words.TYPES:
            continue
        if at == 0 or (is_near and at > 1 and (len(words) > 1 or words[0] in _INSIDE or folded[end] == "the")):
            return len(words), is_near
    return None


def _plain_forms(tokens: list[str]) -> list[Landmark]:
    """Undo a Finnish genitive or partitive of the last word; what was typed comes last."""
    last = tokens[-1]
    stem = fold(last)
    guesses: list[str] = []
    if len(stem) > _MIN_WORD and len(stem) == len(last):
        cut = 1 if stem[-1] == "n" and stem[-2] in _VOWELS else 1 if stem[-1] == "a" and stem[-2] in _VOWELS else 0
        if cut:
            bare = last[:-1]
            if stem[-1] == "n" and stem[-3] in _HARD and stem[-4] in _BEFORE_DOUBLE:
                guesses.append(f"{bare[:-1]}{bare[-2]}{bare[-1]}")
            guesses.insert(0, bare)
    names = [" ".join([*tokens[:-1], word]) for word in (*guesses, last)]
    return [Landmark(name, is_near=True) for name in names]
