"""Keys: the form in which two spellings of one name are equal.

Keys are compared, never shown. They are made in the same way when a gazetteer is loaded and when an address is
looked up, so a change here calls for loading again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from geo.geocode import street_words as words

MAX_TEXT: Final = 500
"""Longest text that is looked at, in characters; what follows is ignored."""

MAX_KEY: Final = 200
"""Longest street key, in characters."""

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
_ACCENTS: Final = re.compile(r"[\u0300-\u036f]")
_OTHER_DIGIT: Final = re.compile(r"[^\W\D0-9]")
_SILENT: Final = re.compile(r"['\u2018\u2019\u02bc`\u00b4]|(?<=\b\w)\.(?=\w\b)|(?<=[^\W\d]):(?=[^\W\d])")
_GAP: Final = re.compile(r"[\W_]+")
_GLUED_ORDINAL: Final = re.compile(r"(\d{1,5})(?:st|nd|rd|th)([a-z]{2,12})")
_ORDINAL: Final = re.compile(r"(\d{1,5})(?:st|nd|rd|th)")
_NUMBER_NOISE: Final = re.compile(r"^(?:no|nr|n:o)[ .]+(?=\d)|[#.,]")
_NUMBER_GAP: Final = re.compile(r"\s*([/-])\s*|\s+")
_HALF: Final = re.compile(r"(?<=\d)[ -]*1/2\b")
_LETTER_DASH: Final = re.compile(r"(?<=\d)-(?=[a-z])")
_MAX_NUMBER: Final = 30
_MIN_COMPOUND: Final = 4


def fold(text: str) -> str:
    """Lower the case and take the accents off Latin, Greek and Cyrillic letters (ä and å become a, ö becomes o).

    Parameters
    ----------
    text
        Anything; only its first ``MAX_TEXT`` characters count.

    Returns
    -------
    str
        Folded text with its punctuation; letters of other scripts stay, or their streets would all be one.
    """
    if text.isascii():
        return text[:MAX_TEXT].lower()
    spelled = _DASHES.sub("-", text[:MAX_TEXT].replace("½", " 1/2"))
    # twice, because mathematical capitals only turn into letters with a lower case by decomposing
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", spelled).casefold())
    plain = _ACCENTS.sub("", decomposed.translate(_LETTERS)).replace("\u2044", "/")
    return unicodedata.normalize("NFC", _OTHER_DIGIT.sub(_ascii_digit, plain))[:MAX_TEXT]


def _ascii_digit(found: re.Match[str]) -> str:
    return str(unicodedata.decimal(found[0]))


def _spaced(folded: str) -> str:
    # marks of scripts such as Devanagari are part of the word, though the expression takes them for gaps
    kept = "".join(c if c.isascii() or unicodedata.category(c)[0] in "LNMP" else " " for c in folded)
    joined = _SILENT.sub("", kept.replace("&", " and "))
    if joined.isascii():
        return _GAP.sub(" ", joined).strip()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in joined).split())


def name_key(text: str) -> str:
    """Make the key of any name.

    Parameters
    ----------
    text
        A name as it was written.

    Returns
    -------
    str
        Folded words with single spaces between them. Apostrophes vanish ("O'Brien" is ``obrien``), stops between
        single letters too ("N.W." is ``nw``), ``&`` becomes ``and``, every other sign parts words.
    """
    return _spaced(fold(text))


def _undot(folded: str) -> str:
    stem = folded.rstrip()
    if not stem.endswith("."):
        return folded
    stem = stem.rstrip(".")
    last = re.split(r"[\W_]", stem)[-1]
    if len(last) < _MIN_COMPOUND or last in words.TYPES:
        return folded
    for short, full in words.DOTTED_ENDINGS:
        if last.endswith(short) and len(last) > len(short) + 1:
            return stem[: len(stem) - len(short)] + full
    return folded


def _open_ordinals(tokens: list[str]) -> list[str]:
    opened: list[str] = []
    for token in tokens:
        glued = _GLUED_ORDINAL.fullmatch(token)
        ordinal = _ORDINAL.fullmatch(token)
        if glued and glued[2] in words.TYPES:
            opened += [glued[1], glued[2]]
        elif token in ("th", "nd") and opened and opened[-1].isdigit():
            continue
        else:
            opened.append(ordinal[1] if ordinal else words.ORDINALS.get(token, token))
    return opened


def _point_compass(tokens: list[str]) -> list[str]:
    # "East St" keeps its word, because "E St" beside it is another street
    first, last = tokens[0], tokens[-1]
    opening = next((full for endings, full in words.COMPASS_OPENINGS if last.endswith(endings)), None)
    if opening is not None and len(tokens) > 1:
        tokens[0] = opening.get(first, first)
    elif len(tokens) > 1 and tokens[1] not in words.TYPES:
        tokens[0] = words.COMPASS.get(first, first)
    if len(tokens) > 2:  # noqa: PLR2004 - a name, its type, and then the compass word
        tokens[-1] = words.COMPASS.get(last, last)
    return tokens


def _glue(tokens: list[str]) -> list[str]:
    if len(tokens) > 1 and tokens[-1] in words.GLUED_ENDINGS:
        return [*tokens[:-2], tokens[-2] + tokens[-1]]
    return tokens


def street_key(text: str) -> str:
    """Make the key of a street name (without the house number).

    Parameters
    ----------
    text
        A street name as it was written, shortened or not, in any of the languages of the tables.

    Returns
    -------
    str
        ``name_key`` with types, compass words and ordinals in one form: "North First Street", "N. 1st St" and
        "n 1 st" agree, "Aleksanterink." is ``aleksanterinkatu``, "Storg." is ``storgatan``.
    """
    return _street_key(text[:MAX_TEXT])


@lru_cache(maxsize=65_536)
def _street_key(text: str) -> str:
    tokens = _open_ordinals(_spaced(_undot(fold(text))).split())
    if not tokens:
        return ""
    return " ".join(_name_types(_point_compass(_glue(tokens))))[:MAX_KEY]


def _name_types(tokens: list[str]) -> list[str]:
    last = len(tokens) - 1
    if tokens[last] in words.COMPASS_KEYS and last > 1:
        last -= 1
    named = [_full_word(tokens, at) for at in range(last)]
    kind = words.TYPES.get(tokens[last])
    ending = kind if last and kind in words.TRAILING_TYPES else words.FULL_WORDS.get(tokens[last], tokens[last])
    return [*named, ending, *tokens[last + 1 :]]


def _full_word(tokens: list[str], at: int) -> str:
    if tokens[at] == "st":
        # "St Paul" is a saint, "Charles St Ave" is a street
        return "street" if at and tokens[at + 1] in words.TYPES else "saint"
    return words.FULL_WORDS.get(tokens[at], tokens[at])


def number_key(text: str) -> str:
    """Make the key of a house number.

    Parameters
    ----------
    text
        A number as it was written: "12 A", "No. 12", "216-17", "1 - 3", "12½".

    Returns
    -------
    str
        At most 30 characters: a letter joins its number (``12a``), hyphens and ranges stay (``216-17``, ``1-3``),
        a half is spelled out (``12 1/2``), leading zeros go.
    """
    plain = _NUMBER_NOISE.sub("", fold(text).strip())
    half = bool(_HALF.search(plain))
    plain = _NUMBER_GAP.sub(r"\1", _HALF.sub("", plain)) if half else _NUMBER_GAP.sub(r"\1", plain)
    plain = _LETTER_DASH.sub("", plain)
    plain = plain.lstrip("0") or ("0" if plain else "")
    return (plain + (" 1/2" if half else ""))[:_MAX_NUMBER]
