"""Keys: the form in which two spellings of one name are equal.

Keys are compared, never shown. They are made in the same way when a gazetteer is loaded and when an address is
looked up, so a change here calls for loading again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from geo.geocode import street_words as words
from geo.geocode.address_words import REGION_CODES, REGIONS

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
_MIN_PAIRED: Final = 3
_MAX_CACHED: Final = 100
_SAINT: Final = "st"
_ESPLANADE: Final = "espl"
"""Short for a Finnish word and a Swedish one ("Espl.", "N. Espl.")."""
_UNDOTTED: Final = (".", *(short for short, _ in words.BARE_ENDINGS))
_WORD_GAP: Final = re.compile(r"[\W_]")
_SLASHED_TYPE: Final = re.compile(r"^c/\s?")
_PARTICLES: Final = frozenset({"da", "das", "de", "del", "do", "dos", "la", "las", "los", "el"})
_ROUTE_WORDS: Final = frozenset({"route", "rte", "rt", "hwy", "highway"})


def fold(text: str) -> str:
    """Lower the case, take the accents off (ä and å become a, ö becomes o) and write other scripts in Latin letters.

    Parameters
    ----------
    text
        Anything; only its first ``MAX_TEXT`` characters count.

    Returns
    -------
    str
        Folded text with its punctuation. Cyrillic, Greek, Arabic, Hebrew, Chinese and other letters are transliterated
        by ``anyascii``.
    """
    if text.isascii():
        return text[:MAX_TEXT].lower()
    spelled = _DASHES.sub("-", text[:MAX_TEXT].replace("½", " 1/2"))
    # twice, because mathematical capitals only turn into letters with a lower case by decomposing
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", spelled).casefold())
    plain = _ACCENTS.sub("", decomposed.translate(_LETTERS)).replace("\u2044", "/")
    latin = _OTHER_DIGIT.sub(_ascii_digit, plain)
    if not latin.isascii():
        composed = unicodedata.normalize("NFC", latin)
        latin = "".join(c if c.isascii() else _latin(c) for c in composed)
        # names in a script the library does not know stay, or they would all be one
        latin = latin if any(c.isalnum() for c in latin) else composed
    return latin[:MAX_TEXT]


@lru_cache(maxsize=4_096)
def _latin(letter: str) -> str:
    # signs and pictures are no letters, though the library has names for them
    return anyascii(letter).lower() if unicodedata.category(letter)[0] in "LMN" else letter


def _ascii_digit(found: re.Match[str]) -> str:
    return str(unicodedata.decimal(found[0]))


def _spaced(folded: str) -> str:
    if folded.isascii():
        if folded.isalnum():
            return folded
        return _GAP.sub(" ", _SILENT.sub("", folded.replace("&", " and "))).strip()
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
    return _cached_name_key(text) if len(text) <= _MAX_CACHED else _spaced(fold(text))


@lru_cache(maxsize=65_536)
def _cached_name_key(text: str) -> str:
    return _spaced(fold(text))


def _undot(folded: str) -> str:
    stem = folded.rstrip()
    endings = words.DOTTED_ENDINGS if stem.endswith(".") else words.BARE_ENDINGS
    if not stem.endswith(_UNDOTTED):
        return folded
    stem = stem.rstrip(".")
    last = _WORD_GAP.split(stem)[-1]
    if len(last) < _MIN_COMPOUND or last in words.TYPES:
        return folded
    if last == _ESPLANADE:
        is_swedish = stem[:1] in "nsov" and not stem.startswith("pohj")
        return stem + ("anaden" if is_swedish and " " in stem else "anadi")
    for short, full in endings:
        if last.endswith(short) and len(last) > len(short) + 1:
            return stem[: len(stem) - len(short)] + full
    return folded


def _open_ordinals(tokens: list[str]) -> list[str]:
    opened: list[str] = []
    for token in tokens:
        if token in words.ORDINALS and opened and opened[-1] in words.ORDINAL_TENS:
            opened[-1] = words.ORDINALS[f"{opened[-1]} {token}"]
        elif token[0].isdigit() and not token.isdigit():
            opened += _open_glued(token)
        elif token in ("th", "nd", "st", "rd") and opened and _takes_ordinal(opened[-1], token):
            continue
        else:
            opened.append(words.ORDINALS.get(token, token))
    return opened


def _open_glued(token: str) -> list[str]:
    ordinal = _ORDINAL.fullmatch(token)
    if ordinal:
        return [ordinal[1]]
    glued = _GLUED_ORDINAL.fullmatch(token)
    return [glued[1], glued[2]] if glued and glued[2] in words.TYPES else [token]


def _takes_ordinal(number: str, ending: str) -> bool:
    """Tell whether a lone "th" belongs to the number before it; "2 St" and "2 Rd" are streets."""
    return number.isdigit() and ending in ("th", "nd")


def _point_compass(tokens: list[str]) -> list[str]:
    # "East St" keeps its word, because "E St" beside it is another street
    first, last = tokens[0], tokens[-1]
    if len(tokens) > _MIN_PAIRED and f"{first}{tokens[1]}" in words.COMPASS_WORDS and tokens[2] not in words.TYPES:
        tokens = [words.COMPASS.get(first + tokens[1], first + tokens[1]), *tokens[2:]]
    elif len(tokens) > 1 and first in words.COMPASS and tokens[1] not in words.TYPES:
        tokens[0] = words.COMPASS[first]
    if len(tokens) > _MIN_PAIRED and tokens[-2] + last in words.COMPASS_WORDS and tokens[-3] in words.TYPES:
        return [*tokens[:-2], words.COMPASS.get(tokens[-2] + last, tokens[-2] + last)]
    if len(tokens) > 2:  # noqa: PLR2004 - a name, its type, and then the compass word
        tokens[-1] = words.COMPASS.get(last, last)
    return tokens


def _open_compass(tokens: list[str]) -> list[str]:
    """Write out the short word that opens a Finnish or Swedish name ("P. Rautatiekatu", "N. Espl.")."""
    for endings, full in words.COMPASS_OPENINGS:
        if len(tokens) > 1 and tokens[0] in full and tokens[-1].endswith(endings):
            return [full[tokens[0]], *tokens[1:]]
    return tokens


def _glue(tokens: list[str]) -> list[str]:
    last = tokens[-1]
    if len(tokens) > 1 and last in words.GLUED_ENDINGS and last not in words.TYPES:
        tokens = [*tokens[:-2], tokens[-2] + last]
    for ending, definite in words.DEFINITE_ENDINGS:
        if tokens[-1].endswith(ending) and len(tokens[-1]) > len(ending) + 2:
            tokens[-1] = tokens[-1][: -len(ending)] + definite
    return tokens


def _open_leading_type(tokens: list[str]) -> list[str]:
    """Write out a type that opens a name ("C/ Mayor", "av. Paulista"), but not the R of "R St"."""
    full = words.LEADING_TYPES.get(tokens[0])
    if full is None or len(tokens) < 2 or (len(tokens[0]) == 1 and not _opens_name(tokens)):  # noqa: PLR2004 - and a name
        return tokens
    if (
        (tokens[1] in words.TYPES and tokens[1] != _SAINT)
        or tokens[1] in words.COMPASS_WORDS
        or tokens[-1] in words.SURE_TYPES
    ):
        return tokens
    tokens = [full, *tokens[1:]]
    if len(tokens) > 2:  # noqa: PLR2004 - type, name, compass
        tokens[-1] = words.TRAILING_COMPASS.get(tokens[-1], tokens[-1])
    return tokens


def _opens_name(tokens: list[str]) -> bool:
    return tokens[1] in _PARTICLES


def _name_route(tokens: list[str]) -> list[str]:
    """Give a numbered road its one name ("Co Rd 7", "US-50"); a state's letters stay ("MD-45")."""
    at = 1 if tokens[0] in words.COMPASS_KEYS and len(tokens) > 2 else 0  # noqa: PLR2004 - compass, road, number
    if tokens[at] not in words.ROUTE_OPENINGS and tokens[at] not in REGIONS and tokens[at] not in _REGION_STARTS:
        return tokens
    for length in range(min(words.ROUTE_LENGTH, len(tokens) - at - 1), 0, -1):
        opening = tuple(tokens[at : at + length])
        name = words.ROUTES.get(opening)
        if name is None and length == 1 and opening[0] in REGIONS and opening[0] not in words.TYPES:
            name = f"{opening[0]} route"
        if name is not None:
            rest = tokens[at + length :]
            if rest[0] in ("no", "number", "nr", "rte", "route", "hwy", "highway") and len(rest) > 1:
                rest = rest[1:]
            if rest[0][0].isdigit():
                return [*tokens[:at], *name.split(), *rest]
    return tokens


_REGION_STARTS: Final = frozenset(name.split()[0] for name in REGION_CODES)


def _shorten_region(tokens: list[str]) -> list[str]:
    """Shorten "Maryland Route 45" to "md route 45"."""
    for length in (1, 2):
        code = REGION_CODES.get(" ".join(tokens[:length]))
        if code and len(tokens) > length + 1 and tokens[length] in _ROUTE_WORDS and tokens[length + 1][0].isdigit():
            return [code, "route", *tokens[length + 1 :]]
    return tokens


def bare_words(line: str) -> tuple[str, ...]:
    """Give the words of a line, folded, without the signs around them and the stops inside ("N.W." is ``nw``).

    A word that is nothing but signs stays as it is, so that places in the result are places in ``line.split()``.
    """
    return _cached_bare_words(line) if len(line) <= _MAX_CACHED else _recent_bare_words(line)


def _bare_words(line: str) -> tuple[str, ...]:
    return tuple([_bare_word(token) for token in line.split()])


_cached_bare_words: Final = lru_cache(maxsize=32_768)(_bare_words)
# long texts are remembered only while they are read, so that no sender can fill the memory
_recent_bare_words: Final = lru_cache(maxsize=64)(_bare_words)


@lru_cache(maxsize=4_096)
def _bare_word(token: str) -> str:
    folded = fold(token)
    word = folded.strip(".,;:()\"'")
    return (word.replace(".", "") if "." in word else word) or folded


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
    return _cached_street_key(text) if len(text) <= _MAX_CACHED else _recent_street_key(text[:MAX_TEXT])


def _street_key(text: str) -> str:
    folded = fold(text)
    if "/" in folded[:3]:
        folded = _SLASHED_TYPE.sub("calle ", folded)
    tokens = _spaced(_undot(folded)).split()
    if not tokens:
        return ""
    tokens = _point_compass(_glue(_open_compass(_open_ordinals(tokens))))
    tokens = _name_route(_shorten_region(tokens))
    opened = _open_leading_type(tokens)
    if opened is not tokens and opened[0] not in words.TYPES:
        return " ".join([opened[0], *(_full_word(opened, at) for at in range(1, len(opened)))])[:MAX_KEY]
    return " ".join(_name_types(opened))[:MAX_KEY]


_cached_street_key: Final = lru_cache(maxsize=65_536)(_street_key)
_recent_street_key: Final = lru_cache(maxsize=64)(_street_key)


def _name_types(tokens: list[str]) -> list[str]:
    last = len(tokens) - 1
    if tokens[last] in words.COMPASS_KEYS and last > 1:
        last -= 1
    named = [_full_word(tokens, at) for at in range(last)]
    kind = words.TYPES.get(tokens[last])
    ending = kind if last and kind in words.TRAILING_TYPES else words.FULL_WORDS.get(tokens[last], tokens[last])
    return [*named, ending, *tokens[last + 1 :]]


def _full_word(tokens: list[str], at: int) -> str:
    word = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    if word == "st":
        # "St Paul" is a saint, "Charles St Ave" is a street
        return "street" if at and following in words.TYPES else "saint"
    if word == "x" and at and following in words.TYPES:
        return "cross"
    if word == "ste" and following:
        return "sainte"
    return words.FULL_WORDS.get(word, word)


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
