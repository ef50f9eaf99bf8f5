"""Free text to the parts of an address: rules only, linear in the length, never raising."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from geo.geocode import plus_codes, second_opinion, street_words
from geo.geocode.address_words import CORNER_WORDS, RECIPIENTS
from geo.geocode.coordinates import find_coordinates
from geo.geocode.crossings import Crossing, find_crossings
from geo.geocode.landmarks import Landmark, take_landmarks
from geo.geocode.normalise import MAX_TEXT, bare_words, fold
from geo.geocode.parts import (
    MAX_PARTS,
    clean,
    split_parts,
    take_boxes,
    take_postcode,
    town_of,
    without_contacts,
    without_country,
)
from geo.geocode.plain_lines import read_plain_line, read_plain_street
from geo.geocode.reading import Reading, is_number
from geo.geocode.readings import MAX_READINGS, read_line
from geo.geocode.units import take_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.domain.place import Point

__all__ = ["Crossing", "Landmark", "ParsedAddress", "parse_address", "postcode_key"]

_ZIP_PLUS_4: Final = re.compile(r"(\d{5})-?\d{4}")
_COUNTRY_PREFIX: Final = re.compile(r"^[A-Z]{1,3}-")
_PLUS: Final = re.compile(r"(?<![\w+])[02-9CFGHJMPQRVWX]{2,8}\+[2-9CFGHJMPQRVWX]{0,7}(?!\w)", re.IGNORECASE)
_SPACES: Final = re.compile(r" {2,}")
_HEAD: Final = "1 Main St"
_MAX_CLEAN: Final = 120
_MAX_TAIL: Final = 60
_ZIP: Final = 5
_SURELY_STREET: Final = 6


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """The parts of an address as typed.

    ``readings`` keeps every way its street line can be read, the likeliest first; ``crossings`` and ``landmarks`` stand
    beside them. ``axes_swapped`` says that ``point`` was typed longitude first, ``plus_code`` is full, or short with
    its town in ``locality``, and ``is_nonsense`` says that nothing in the text can be a place.
    """

    raw: str
    number: str | None = None
    street: str | None = None
    unit: str | None = None
    postcode: str | None = None
    locality: str | None = None
    is_po_box: bool = False
    point: Point | None = None
    readings: tuple[Reading, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    plus_code: str | None = None
    axes_swapped: bool = False
    is_nonsense: bool = False


def postcode_key(text: str) -> str:
    """Make the key of a postcode: capitals, no spaces or hyphens, no country before it, US ZIP without its +4."""
    if len(text) == _ZIP and text.isdigit() and text.isascii():
        return text
    bare = _COUNTRY_PREFIX.sub("", "".join(text[:MAX_TEXT].split()).upper())
    plus_4 = _ZIP_PLUS_4.fullmatch(bare)
    return plus_4[1] if plus_4 else bare.replace("-", "")


def parse_address(text: str) -> ParsedAddress:
    """Take an address apart.

    Parameters
    ----------
    text
        Anything a person typed; the first 500 characters count.

    Returns
    -------
    ParsedAddress
        Empty parts where nothing was recognised. Coordinates typed as text (latitude first unless the first
        number cannot be one) are in ``point``. A post box is noted and never read as a street.
    """
    return _read_plain(text) or _read_any(text)


def _read_plain(text: str) -> ParsedAddress | None:
    """Read the common shapes (number, words, commas, region, ZIP; street, number, postcode, town) from memory.

    Each half was read once by the long way, so the answer is the same; most addresses of a city share both halves.
    """
    if len(text) > _MAX_CLEAN or not text.isprintable():
        return None
    head, _, tail = (_SPACES.sub(" ", text) if "  " in text else text).partition(",")
    head = head.strip(" ")
    if "1" <= head[:1] <= "9":
        number, _, line = head.partition(" ")
        if not tail and line[-_ZIP - 1 : -_ZIP] == " " and line[-_ZIP:].isdigit():
            line, tail = line[: -_ZIP - 1], line[-_ZIP:]
        readings, unit = read_plain_line(number, line)
    else:
        readings, unit = read_plain_street(head), None
    town = _read_tail(tail) if readings and len(tail) <= _MAX_TAIL else None
    if readings is None or town is None or (unit and town[2]):
        return None
    first = readings[0]
    unit = unit or town[2] or first.unit
    return ParsedAddress(text, first.numbers[0], first.street, unit, town[0], town[1], readings=readings)


@lru_cache(maxsize=16_384)
def _read_tail(tail: str) -> tuple[str | None, str | None, str | None] | None:
    """Give postcode, town and flat of what follows a plain street line, or ``None`` if there is more in it."""
    if not tail:
        return None, None, None
    read, plain = _read_any(f"{_HEAD},{tail}"), _read_any(_HEAD)
    if replace(read, raw="", postcode=None, locality=None, unit=None) != replace(plain, raw=""):
        return None
    digits = "".join(c for c in tail if c.isdigit())
    known = "".join(c for c in read.unit or "" if c.isdigit()) + (read.postcode or "")
    is_known = digits == known or (read.postcode is not None and digits[:-4] == known)
    return (read.postcode, read.locality, read.unit) if is_known else None


def _read_any(text: str) -> ParsedAddress:
    raw = clean(text[:MAX_TEXT])
    found = find_coordinates(raw)
    if found is not None:
        return ParsedAddress(raw, point=found.point, axes_swapped=found.axes_swapped)
    if "+" in raw:
        coded = _read_plus_code(raw)
        if coded is not None:
            return coded
    return _read_words(raw, raw)


def _read_plus_code(raw: str) -> ParsedAddress | None:
    code = _PLUS.search(raw)
    if code is None or not (plus_codes.is_full(code[0]) or plus_codes.is_short(code[0])):
        return None
    beside = raw[: code.start()] + ", " + raw[code.end() :]
    read = _read_words(beside, raw)
    if not read.number:
        parts = without_country(split_parts(beside))
        town = town_of(parts)
        read = replace(read, street=None, readings=(), locality=read.locality or town)
    return replace(read, plus_code=code[0].upper(), is_nonsense=False)


def _read_words(text: str, raw: str) -> ParsedAddress:
    parts = without_contacts(split_parts(text), text)
    if not parts:
        return ParsedAddress(raw, is_nonsense=True)
    parts, postcode, town = take_postcode(without_country(parts)[:MAX_PARTS])
    parts, is_po_box = take_boxes(_without_recipients(parts))
    parts, landmarks = take_landmarks(parts)
    parts, unit = take_units(parts)
    crossings = find_crossings(parts, town)
    readings, towns = _read_parts(_join_lone_numbers(parts))
    if landmarks and not any(_street_likeness(part) for part in parts):
        readings, towns = (), parts
    if is_po_box:
        readings = tuple(reading for reading in readings if reading.numbers)
    elif not crossings and not any(reading.numbers for reading in readings):
        readings = _with_second_opinion(readings, parts)
    first = readings[0] if readings else None
    return ParsedAddress(
        raw,
        number=first.numbers[0] if first and first.numbers else None,
        street=first.street if first else None,
        unit=unit or (first.unit if first else None),
        postcode=postcode_key(postcode) if postcode else None,
        locality=town_of([town]) or town_of(towns),
        is_po_box=is_po_box,
        readings=readings,
        crossings=crossings,
        landmarks=landmarks,
    )


def _without_recipients(parts: list[str]) -> list[str]:
    """Drop whom a letter is for ("attn: Jane Doe", "c/o"), but not an address behind it."""
    kept: list[str] = []
    for part in parts:
        words = bare_words(part)
        if RECIPIENTS.isdisjoint(words):
            kept.append(part)
            continue
        tokens = part.split()
        at = next((at for at, word in enumerate(words) if word in RECIPIENTS), None)
        if at is not None:
            behind = tokens[at + 1 :] if any(c.isdigit() for token in tokens[at + 1 :] for c in token) else []
            tokens = [*tokens[:at], *behind]
        if tokens:
            kept.append(" ".join(tokens))
    return kept


def _read_parts(parts: list[str]) -> tuple[tuple[Reading, ...], list[str]]:
    """Read the part that is likeliest a street; what follows it is the town."""
    if not parts:
        return (), []
    likeness = [_street_likeness(part) for part in parts]
    at = max(range(len(parts)), key=lambda n: (likeness[n], -n))
    readings = read_line(parts[at])
    for other, part in enumerate(parts):
        if other != at and likeness[other] >= _SURELY_STREET:
            readings = (*readings, *read_line(part)[:2])
    later = range(at + 1, len(parts))
    if at + 1 < len(parts) and town_of(parts[at + 1 :]) is None:
        # only the state stands behind the comma, so the town must be in the line
        readings = tuple(dict.fromkeys((*read_line(" ".join(parts[at:])), *readings)))
    towns = [parts[n] for n in later if likeness[n] < _SURELY_STREET and _may_be_town(parts[n])]
    return tuple(dict.fromkeys(readings))[:MAX_READINGS], towns


def _may_be_town(part: str) -> bool:
    words = bare_words(part)
    return not (len(words) == 1 and is_number(words[0])) and words[0] not in CORNER_WORDS


def _join_lone_numbers(parts: list[str]) -> list[str]:
    if len(parts) == 1:
        return parts
    joined: list[str] = []
    for part in parts:
        lone_before = joined and is_number(fold(joined[-1]))
        lone_now = joined and is_number(fold(part)) and not any(c.isdigit() for c in joined[-1])
        if lone_before or lone_now:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


@lru_cache(maxsize=16_384)
def _street_likeness(part: str) -> int:
    folded = bare_words(part)
    numbered = any(is_number(word) for word in folded) and any(c.isalpha() for c in part)
    opens = bool(folded) and is_number(folded[0])
    return 4 * numbered + 2 * _has_type(folded) + opens


def _has_type(folded: Sequence[str]) -> bool:
    if any(word in street_words.TYPES or word in street_words.NUMBERED_TYPES for word in folded[1:]):
        return True
    if any(word.endswith(street_words.COMPOUND_ENDINGS) for word in folded):
        return True
    return len(folded) > 1 and folded[0] in street_words.LEADING_TYPES


def _with_second_opinion(readings: tuple[Reading, ...], parts: list[str]) -> tuple[Reading, ...]:
    line = ", ".join(parts)
    if not any(c.isdigit() for c in line) or not any(c.isalpha() for c in line):
        return readings
    other = second_opinion.ask(line)
    return (*readings[: MAX_READINGS - 1], other) if other else readings
