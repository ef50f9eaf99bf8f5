"""Free text to the parts of an address: rules only, linear in the length, never raising."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from geo.domain.place import MAX_LAT, MAX_LON, Point
from geo.geocode.address_words import BOX_STARTS, BOX_WORDS, COUNTRIES, REGIONS, UNIT_WORDS
from geo.geocode.normalise import MAX_TEXT, fold, name_key
from geo.geocode.readings import Reading, is_number, is_type, read_line

_MAX_PARTS: Final = 12
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_PART: Final = re.compile(r"[,;\n\t]+")
_COORDINATE: Final = r"([+-]?\d{1,3}\.\d{3,15})\s?\u00b0?\s?"
_PAIR: Final = re.compile(rf"\s*{_COORDINATE}([NS])?\s*[,;/ ]\s*{_COORDINATE}([EW])?\s*", re.IGNORECASE)
_UNIT: Final = re.compile(
    rf"(?:\b(?:{'|'.join(UNIT_WORDS)})\b\.?\s{{0,3}}#?\s?|#\s?)((?:\d{{1,5}}[a-z]?|[a-z]\d{{0,4}})\b)"
    r"|\b\d{1,2}(?:st|nd|rd|th)\s(?:fl|floor)\b",
    re.IGNORECASE,
)
_BOX: Final = re.compile(
    rf"\b(?:{'|'.join(re.escape(word) for word in BOX_WORDS)})\s?#?\s?\d{{1,7}}\b"
    rf"|^(?:{'|'.join(BOX_STARTS)})\s\d{{1,7}}\b",
    re.IGNORECASE,
)
_POSTCODE: Final = re.compile(
    r"\b(?:[a-z]{1,2}-)?\d{5}-\d{3,4}\b|\b(?:[a-z]{1,2}-)?\d{5}\b|\b[a-z]\d[a-z]\s?\d[a-z]\d\b"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}$",
    re.IGNORECASE,
)
_POSTCODE_LATER: Final = re.compile(r"^(?:\d{3}\s\d{2}|\d{4}(?:\s[A-Z]{2})?)(?=\s[^\W\d]|$)")
_POSTCODE_OPENING: Final = re.compile(r"^\d{3}\s\d{2}(?=\s[^\W\d]{3})")
_ZIP_PLUS_4: Final = re.compile(r"(\d{5})-?\d{4}")
_COUNTRY_PREFIX: Final = re.compile(r"^[A-Z]{1,2}-")


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """The parts of an address as typed. ``readings`` keeps every way its street line can be read."""

    raw: str
    number: str | None = None
    street: str | None = None
    unit: str | None = None
    postcode: str | None = None
    locality: str | None = None
    is_po_box: bool = False
    point: Point | None = None
    readings: tuple[Reading, ...] = ()
    crossings: tuple[Any, ...] = ()
    landmarks: tuple[Any, ...] = ()


@lru_cache(maxsize=16_384)
def postcode_key(text: str) -> str:
    """Make the key of a postcode: capitals, no spaces or hyphens, no country before it, US ZIP without its +4."""
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
    raw = _CONTROL.sub(" ", text[:MAX_TEXT])
    point = _read_point(raw)
    if point is not None:
        return ParsedAddress(raw, point=point)
    parts = [" ".join(part.split()) for part in _PART.split(raw.replace("½", " 1/2"))]
    parts = _without_country([part for part in parts if part])[:_MAX_PARTS]
    parts, postcode, town = _take_postcode(parts)
    parts, is_po_box = _take_boxes(parts)
    parts, unit = _take_unit(parts)
    read = _read_parts(raw, _join_lone_numbers(parts), is_po_box=is_po_box)
    return replace(
        read,
        unit=unit or read.unit,
        postcode=postcode_key(postcode) if postcode else None,
        locality=_town([town]) or read.locality,
    )


def _read_parts(raw: str, parts: list[str], *, is_po_box: bool) -> ParsedAddress:
    at = max(range(len(parts)), key=lambda n: (_street_likeness(parts[n]), -n), default=0)
    readings = read_line(parts[at]) if parts else ()
    if is_po_box:
        readings = tuple(reading for reading in readings if reading.numbers)
    towns = [town for town in parts[at + 1 :] if not is_number(fold(town))]
    first = readings[0] if readings else None
    return ParsedAddress(
        raw,
        number=first.numbers[0] if first and first.numbers else None,
        street=first.street if first else None,
        unit=first.unit if first else None,
        locality=_town(towns),
        is_po_box=is_po_box,
        readings=readings,
    )


def _read_point(raw: str) -> Point | None:
    found = _PAIR.fullmatch(raw)
    if found is None:
        return None
    a, b = float(found[1]), float(found[3])
    a = -abs(a) if (found[2] or "").upper() == "S" else a
    b = -abs(b) if (found[4] or "").upper() == "W" else b
    lat, lon = (b, a) if abs(a) > MAX_LAT else (a, b)
    return Point(lon, lat) if abs(lon) <= MAX_LON and abs(lat) <= MAX_LAT else None


def _without_country(parts: list[str]) -> list[str]:
    if len(parts) > 1 and fold(parts[-1]).strip(" .") in COUNTRIES:
        return parts[:-1]
    return parts


def _take_postcode(parts: list[str]) -> tuple[list[str], str | None, str]:
    """Take the last postcode out; what followed it in its part is the town ("00100 Helsinki")."""
    for at in range(len(parts) - 1, -1, -1):
        found = _find_postcode(parts[at], is_first=at == 0)
        if found is not None:
            left, town = parts[at][: found.start()].strip(), parts[at][found.end() :].strip()
            return [p for p in (*parts[:at], left, *parts[at + 1 :]) if p], found[0], town
    return parts, None, ""


def _find_postcode(part: str, *, is_first: bool) -> re.Match[str] | None:
    found = list(_POSTCODE.finditer(part))
    # a line that opens with five digits opens with a house number, unless nobody numbers houses that way
    if found and (found[-1].start() > 0 or not is_first or part.startswith("0") or found[-1].end() == len(part)):
        return found[-1]
    return (_POSTCODE_OPENING if is_first else _POSTCODE_LATER).match(part)


def _take_boxes(parts: list[str]) -> tuple[list[str], bool]:
    kept = [" ".join(_BOX.sub(" ", part).split()) for part in parts]
    return [part for part in kept if part], kept != parts


def _take_unit(parts: list[str]) -> tuple[list[str], str | None]:
    for at, part in enumerate(parts):
        found = _UNIT.search(part)
        if found is not None and (found.start() > 0 or found.end() == len(part) or is_number(fold(part.split()[-1]))):
            left = " ".join((part[: found.start()] + " " + part[found.end() :]).split())
            return [p for p in (*parts[:at], left, *parts[at + 1 :]) if p], found[1] or found[0]
        if found is not None and len(part.split()) > 2:  # noqa: PLR2004 - unit word, its value, and a line behind it
            return [*parts[:at], part[found.end() :].strip(), *parts[at + 1 :]], found[1] or found[0]
    return parts, None


def _join_lone_numbers(parts: list[str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        lone_before = joined and is_number(fold(joined[-1]))
        lone_now = joined and is_number(fold(part)) and not any(c.isdigit() for c in joined[-1])
        if lone_before or lone_now:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def _street_likeness(part: str) -> int:
    tokens = part.split()
    numbered = any(is_number(fold(token)) for token in tokens) and any(c.isalpha() for c in part)
    opens = bool(tokens) and is_number(fold(tokens[0]))
    typed = any(is_type(token) for token in tokens[1:])
    return 4 * numbered + 2 * typed + opens


def _town(parts: list[str]) -> str | None:
    words = " ".join(parts).split()
    while len(words) > 1 and name_key(words[-1]) in REGIONS:
        words.pop()
    town = " ".join(words)
    return None if not town or name_key(town) in REGIONS else town
