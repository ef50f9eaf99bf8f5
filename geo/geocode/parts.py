"""A typed address cut into parts; mail and web addresses, countries, postcodes and boxes taken out."""

from __future__ import annotations

import re
from typing import Final

from geo.geocode import street_words
from geo.geocode.address_words import (
    BOX_STARTS,
    BOX_WORDS,
    COUNTRIES,
    COUNTRY_TAILS,
    LATE_POSTCODES,
    POSTAL_WORDS,
    POSTCODES,
    REGION_CODES,
    REGION_TAILS,
    REGIONS,
)
from geo.geocode.normalise import bare_words, name_key

MAX_PARTS: Final = 12
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_PART: Final = re.compile(r"[,;|\n\t\u2022]+|\s--+\s|(?<=[^\W\d])\s[\u2013\u2014]\s")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
_ASIDE: Final = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]")
_MAIL: Final = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_WEB: Final = re.compile(
    r"(?:https?|ftp)://\S{1,400}|\bwww\.\S{1,400}|^[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.(?:com|org|net|edu|gov|io)(?:/\S{0,400})?$"
)
_PHONE: Final = re.compile(
    r"(?:(?:tel|telephone|phone|puh|ph|mob|mobile|cell|fax)\.?:?\s?)?"
    r"(?:\+\d[\d ()./-]{5,18}|\(\d{2,4}\)[\d ./-]{5,14}|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}|\d{3}[-.]\d{4}"
    r"|0\d{1,3}[- ]\d{3,4}[- ]?\d{2,4}|0\d{6,10}|\d{10,15})",
    re.IGNORECASE,
)
_POSTCODE: Final = re.compile(
    rf"(?<![\w-])(?:(?:us|se|s|fi|fin|d|de)-)?(?:{'|'.join(sorted(POSTCODES, key=len, reverse=True))})(?![\w-])",
    re.IGNORECASE,
)
_LATE: Final = re.compile(rf"(?:{'|'.join(LATE_POSTCODES)}|\d{{4}}\s[A-Z]{{2}})(?=\s[^\W\d]|$)")
_OPENING: Final = re.compile(r"\d{3}\s\d{2}(?=\s[^\W\d]{3})")


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in words)


_BOX: Final = re.compile(
    rf"\b(?:{_either(BOX_WORDS)})\.?\s?(?:no\.?\s?)?#?\s?(?:[a-z]?\d{{1,7}}[a-z]?)\b"
    rf"|^(?:{_either(BOX_STARTS)})\s\d{{1,7}}\b",
    re.IGNORECASE,
)
_POSTAL: Final = re.compile(
    r"\b(?:(?:postal\s)?(?:stn|station)\s[a-z]|general delivery|gd|rpo)$"
    rf"|\b(?:{_either(tuple(w for w in POSTAL_WORDS if w not in ('general delivery', 'gd', 'rpo', 'stn', 'station')))})"
    r"\.?\s?#?\s?[a-z]?\d{1,6}[a-z]?\b(?:\s(?:stn|station)\s[a-z]\b)?"
    r"|^general delivery\b|^gd\b|\bstn\s[a-z]\b",
    re.IGNORECASE,
)
_GLUED_POSTAL: Final = re.compile(r"\b(?:rr|hc|hcr|box)#?\d", re.IGNORECASE)
_KEPT_REGIONS: Final = frozenset({"new york", "washington", "quebec", "district of columbia"})


_COUNTRY_NAMES: Final = frozenset(name.replace(".", "") for name in COUNTRIES)
_COUNTRY_LAST: Final = frozenset(name.split()[-1] for name in _COUNTRY_NAMES)
_REGION_LAST: Final = frozenset(name.split()[-1] for name in REGION_CODES)
_POSTAL_FIRST: Final = frozenset(
    phrase.replace(".", "").split()[0] for phrase in (*BOX_WORDS, *BOX_STARTS, *POSTAL_WORDS)
)


def clean(text: str) -> str:
    """Replace control characters, marks of writing direction and broken halves of characters by spaces."""
    return text if text.isascii() and text.isprintable() else _CONTROL.sub(" ", text)


def split_parts(raw: str) -> list[str]:
    """Cut a text at commas and the like; asides in brackets go, where something else is left."""
    plain = raw
    if "(" in plain or "[" in plain:
        aside = _ASIDE.sub(" ", plain)
        plain = aside if any(c.isalpha() for c in aside) else plain
    parts = (" ".join(_DASHES.sub("-", part).split()) for part in _PART.split(plain.replace("½", " 1/2")))
    return [part for part in parts if part]


def without_contacts(parts: list[str], raw: str) -> list[str]:
    """Drop mail and web addresses and phone numbers: they are no place."""
    if "@" in raw:
        parts = [_MAIL.sub(" ", part).strip() for part in parts]
    if "." in raw or "://" in raw:
        parts = [_WEB.sub(" ", part).strip() for part in parts]
    kept = [part for part in parts if any(c.isalnum() for c in part)]
    return [part for part in kept if not (_PHONE.fullmatch(part) and (len(kept) == 1 or not part[0].isdigit()))]


def without_country(parts: list[str]) -> list[str]:
    """Drop the name of a country at the end."""
    folded = bare_words(parts[-1]) if parts else ("",)
    if folded[-1] not in _COUNTRY_LAST:
        return parts
    if len(parts) > 1 and " ".join(folded) in _COUNTRY_NAMES:
        return parts[:-1]
    for tail in (("usa",), *COUNTRY_TAILS) if len(folded) > 1 else ():
        if len(folded) > len(tail) and folded[-len(tail) :] == tail:
            before = folded[-len(tail) - 1]
            if len(parts) > 1 or before in REGIONS or before.isdigit() or tail == ("usa",):
                return [*parts[:-1], " ".join(parts[-1].split()[: -len(tail)])]
    return parts


def take_postcode(parts: list[str]) -> tuple[list[str], str | None, str]:
    """Take the last postcode out; what followed it in its part is the town ("00100 Helsinki")."""
    for at in range(len(parts) - 1, -1, -1):
        found = _find_postcode(parts, at)
        if found is not None:
            left, town = parts[at][: found.start()].strip(), parts[at][found.end() :].strip()
            return [p for p in (*parts[:at], left, *parts[at + 1 :]) if p], found[0], town
    return parts, None, ""


def _find_postcode(parts: list[str], at: int) -> re.Match[str] | None:
    part = parts[at]
    if not any(c.isdigit() for c in part):
        return None
    found = [code for code in _POSTCODE.finditer(part) if not _is_house(part, code, at)]
    # a line that opens with five digits opens with a house number, unless nobody numbers houses that way
    if found and (found[-1].start() > 0 or _is_opening_code(parts, at, found[-1])):
        return found[-1]
    if at == 0:
        opening = _OPENING.match(part)
        after = part[opening.end() :] if opening else ""
        return None if _has_type(after) or _has_type(f"x {after}") else opening
    return _LATE.match(part) if _follows_number(parts, at) else None


def _is_house(part: str, code: re.Match[str], at: int) -> bool:
    """Tell the number of a house from five digits of a postcode: "170 - 22470 Dewdney Trunk Rd", "01070 Lynn Rd"."""
    if not code[0].isdigit() or code.end() == len(part):
        return False
    is_behind_flat = at == 0 and code.start() > 0 and not any(c.isalpha() for c in part[: code.start()])
    return is_behind_flat or _has_type(part[code.end() :])


def _has_type(text: str) -> bool:
    return not street_words.SURE_TYPES.isdisjoint(bare_words(text)[1:])


def _is_opening_code(parts: list[str], at: int, found: re.Match[str]) -> bool:
    part = parts[at]
    if found.end() == len(part) or part.startswith("0"):
        return True
    return at > 0 and _follows_number(parts, at)


def _follows_number(parts: list[str], at: int) -> bool:
    """Tell "5, 1010 Wien" from "Oak House, 1200 Main St"."""
    if any(word in street_words.TYPES for word in bare_words(parts[at])[1:]):
        return False
    return any(c.isdigit() for part in parts[:at] for c in part)


def take_boxes(parts: list[str]) -> tuple[list[str], bool]:
    """Take post boxes and other words of the post out, and tell whether there were any."""
    kept: list[str] = []
    is_box = False
    for part in parts:
        left = part
        if not _POSTAL_FIRST.isdisjoint(bare_words(part)) or _GLUED_POSTAL.search(part):
            unboxed = _BOX.sub(" ", part)
            is_box = is_box or unboxed != part or part.lower().startswith(("general deliv", "gd"))
            left = " ".join(_POSTAL.sub(" ", unboxed).split())
        if any(c.isalnum() for c in left):
            kept.append(left)
    return kept, is_box


def town_of(parts: list[str]) -> str | None:
    """Give the words of the town, without the region behind them."""
    town = " ".join(" ".join(parts).split())
    if not town:
        return None
    bare = without_region(town)
    key = name_key(bare)
    return None if key in REGIONS or (key in REGION_CODES and key not in _KEPT_REGIONS) else bare


def without_region(town: str) -> str:
    """Drop a state or province behind a town ("Towson MD", "Providence Rhode Island")."""
    words = town.split()
    keys = list(bare_words(town))
    if len(words) <= 1 or (keys[-1] not in REGIONS and keys[-1] not in _REGION_LAST):
        return town
    while len(keys) > 1 and keys[-1] in REGIONS:
        keys.pop()
    if len(keys) == len(words):
        for tail in REGION_TAILS:
            if len(keys) > len(tail) and tuple(keys[-len(tail) :]) == tail:
                keys = keys[: -len(tail)]
                break
    return " ".join(words[: len(keys)])
