"""Whether two descriptions are of one place of help: by name, place, organization, phone and page.

The names are compared by the words they share (token set ratio of the library RapidFuzz, after Levenshtein 1966), with
accents and case taken away. Nothing here decides: it proposes, with its reasons, and people say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rapidfuzz import fuzz

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

NEAR_M: Final = 75.0
"""So far apart two points of one building may lie."""
_SAME_NAME: Final = 90.0
_LIKE_NAME: Final = 70.0
_BAR: Final = 60


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a place that may be one of ours."""

    name: str
    categories: tuple[str, ...]
    phone: str | None = None
    website: str | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """An asset that is likely the same, how it is called, how likely from 60 to 100, and what speaks for it."""

    asset_id: UUID
    name: str
    score: int
    reasons: tuple[str, ...]


def look_alike(known: Known, ours: Mapping[str, Any], uncertainty_m: float = 0.0) -> Twin | None:
    """Compare a place with an asset of ours.

    Parameters
    ----------
    known
        The place.
    ours
        The asset: ``id``, ``name``, ``categories``, ``phone``, ``website``, ``organization``, its ``url``, and
        ``distance_m``, which is none where one of the two has no point.
    uncertainty_m
        How well the place is known, in metres.

    Returns
    -------
    Twin or None
        Nothing below the bar: a like name nearby with a category in common, or a shared number or page with either.
    """
    likeness = fuzz.token_set_ratio(plain(known.name), plain(ours["name"]))
    distance = ours["distance_m"]
    facts = {
        "same_name": likeness >= _SAME_NAME,
        "like_name": _LIKE_NAME <= likeness < _SAME_NAME,
        "near": distance is not None and distance <= NEAR_M + uncertainty_m,
        "same_phone": _digits(known.phone) != "" and _digits(known.phone) == _digits(ours["phone"]),
        "same_website": _same_page(known.website, ours["website"], ours["url"]),
        "same_organization": bool(known.organization and ours["organization"])
        and plain(known.organization or "") == plain(ours["organization"] or ""),
        "same_category": bool(set(known.categories) & set(ours["categories"])),
    }
    score = sum(_WORTH[name] for name, holds in facts.items() if holds)
    is_one_of_two = facts["same_name"] or facts["like_name"] or facts["same_phone"]
    if score < _BAR or not is_one_of_two:
        return None
    return Twin(ours["id"], ours["name"], min(score, 100), tuple(name for name, holds in facts.items() if holds))


_WORTH: Final = {
    "same_name": 40, "like_name": 20, "near": 25, "same_phone": 40, "same_website": 20, "same_organization": 15,
    "same_category": 10,
}  # fmt: skip


def plain(text: str) -> str:
    """Write a name without case, accents and punctuation."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^\w\s]", " ", "".join(c for c in apart if not unicodedata.combining(c))).split())


def _digits(phone: str | None) -> str:
    """Take the last eight digits of a number: what is left of it however the country is written."""
    return re.sub(r"\D", "", phone or "")[-8:]


def _same_page(website: str | None, *others: str | None) -> bool:
    return bool(website) and any(_page(website) == _page(other) for other in others if other)


def _page(website: str | None) -> str:
    try:
        parts = urlsplit((website or "").lower())
        return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"
    except ValueError:
        return website or ""
