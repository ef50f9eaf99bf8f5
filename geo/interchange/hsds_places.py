"""HSDS services as places where help can be had: one for each location of a service, as plain values.

Nothing that was written is taken on trust: what is too long is cut, what is no word of ours is left out and told, and a
service without a name, or without anything that says what it offers, is refused with a reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from geo.domain.place import Point
from geo.domain.words import CATEGORY_LABELS, AssetStatus, Category, StepFree
from geo.errors import InvalidGeometry
from geo.interchange.hsds import INTERPRETER, KIND_TERM_ID, NO_ORGANIZATION_ID, NOT_GIVEN, STATUS, STEP_FREE, as_url
from geo.interchange.hsds_hours import hours_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Record = dict[str, Any]
MAX_ID: Final = 90
MAX_PLACES: Final = 200
"""Locations of one service at most."""
_STATUS: Final = {written: AssetStatus(word) for word, written in STATUS.items()}
_STEP_FREE: Final = {told.lower(): StepFree(word) for word, told in STEP_FREE.items()} | {
    "wheelchair": StepFree.YES, "wheelchair accessible": StepFree.YES, "wheelchair access": StepFree.YES,
    "ramp": StepFree.YES, "ada accessible": StepFree.YES, "not wheelchair accessible": StepFree.NO,
}  # fmt: skip
_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()./-]{2,38}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}", re.ASCII)
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_KEYWORDS: Final[tuple[tuple[Category, re.Pattern[str]], ...]] = tuple(
    (category, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for category, words in (
        (Category.FOOD, r"food|meal|pantr|grocer|soup kitchen|nutrition"),
        (Category.WATER, r"drinking water|water distribution|bottled water"),
        (Category.MEDICINE, r"medic|health|clinic|pharmac|dental|nurs"),
        (Category.SHELTER, r"shelter|housing|homeless|warming|cooling cent"),
        (Category.TRANSPORT, r"transport|rides?\b|paratransit"),
        (Category.CHILDCARE, r"child ?care|day ?care|after-?school|early childhood|babysit"),
        (Category.COMPANY, r"companion|friendly visit|befriend|social support|senior cent"),
        (Category.HOUSEHOLD, r"household|furniture|home repair|chore|appliance"),
        (Category.PAPERWORK, r"legal|benefits|tax prep|immigration|paperwork|citizenship|enrol+ment"),
        (Category.HYGIENE, r"hygiene|shower|laundry|diaper|toilet"),
    )
)
"""What the terms of other taxonomies are read as, where the caller has not said otherwise."""


@dataclass(frozen=True, slots=True)
class HsdsOrganization:
    """An organization as a package names it; ``ref`` is its id there."""

    ref: str
    name: str
    description: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class HsdsPlace:
    """A service at one of its locations, or at none.

    ``ref`` is its name within its source and stays the same from one package to the next; ``point`` is WGS 84. A place
    whose ``point`` is missing may have an ``address`` that can be looked up. ``ignored`` says what was left out.
    """

    ref: str
    service_id: str
    name: str
    kind: str
    categories: tuple[Category, ...]
    status: AssetStatus
    organization: HsdsOrganization | None = None
    description: str | None = None
    point: Point | None = None
    address: str | None = None
    opening_hours: str | None = None
    schedule: str | None = None
    step_free: StepFree = StepFree.UNKNOWN
    languages: tuple[str, ...] = ()
    interpreter: bool = False
    assured_on: date | None = None
    phone: str | None = None
    website: str | None = None
    ignored: tuple[str, ...] = field(default=())


class Unusable(ValueError):
    """A service that cannot be used; ``reason`` is one of a few words and repeats nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def places_of(
    service: Mapping[str, Any], terms: Mapping[str, Category], readable: Callable[[str], bool]
) -> Iterator[HsdsPlace]:
    """Read one nested service.

    Parameters
    ----------
    service
        As ``read_package`` or ``read_json`` give it.
    terms
        What the caller has said of terms: by their code or their name in lower case, the category they mean.
    readable
        Tells whether a text is opening hours as OpenStreetMap writes them.

    Yields
    ------
    HsdsPlace
        One for each location, a single one without a place for a service at none.

    Raises
    ------
    Unusable
        If it has no id or name, a status that HSDS does not know, or nothing that says what it offers.
    """
    service_id, name = _line(service.get("id"), MAX_ID), _line(service.get("name"), 200)
    if not service_id:
        raise Unusable("no_id")
    if not name:
        raise Unusable("no_name")
    status = _STATUS.get(str(service.get("status") or "active").strip().lower())
    if status is None:
        raise Unusable("bad_status")
    ignored: list[str] = []
    common = _common(service, ignored) | {
        "service_id": service_id,
        "name": name,
        "status": status,
        "categories": _categories(service, terms, name),
        "kind": _kind(service),
    }
    sites = [site for site in _records(service, "service_at_locations") if isinstance(site, dict)]
    if len(sites) > MAX_PLACES:
        raise Unusable("too_many_locations")
    seen: set[str] = set()
    for site in sites or [{}]:
        found = _place(service, site, common, list(ignored), readable)
        if found.ref not in seen:
            seen.add(found.ref)
            yield found


def _place(
    service: Mapping[str, Any],
    site: Mapping[str, Any],
    common: Record,
    ignored: list[str],
    readable: Callable[[str], bool],
) -> HsdsPlace:
    nested = site.get("location")
    location: Record = nested if isinstance(nested, dict) else {}
    at = _line(location.get("id") or site.get("location_id") or site.get("id"), MAX_ID)
    entries = _records(service, "schedules") or _records(site, "schedules") or _records(location, "schedules")
    opening_hours, schedule = hours_of(entries, readable)
    phones = [*_records(service, "phones"), *_records(site, "phones"), *_records(location, "phones")]
    is_virtual = str(location.get("location_type") or "").lower() == "virtual"
    return HsdsPlace(
        ref=f"{common['service_id']}@{at or '-'}",
        point=None if is_virtual else _point(location, ignored),
        address=None if is_virtual else _address(location),
        opening_hours=opening_hours,
        schedule=schedule,
        step_free=_step_free(location, ignored),
        phone=_phone(phones, ignored),
        languages=_languages([*_records(service, "languages"), *_records(location, "languages")], ignored),
        ignored=tuple(dict.fromkeys(ignored)),
        **common,
    )


def _common(service: Mapping[str, Any], ignored: list[str]) -> Record:
    told = _line(service.get("interpretation_services"), 500)
    if told and told != INTERPRETER:
        ignored.append("interpretation_services")
    return {
        "organization": _organization(service),
        "description": _text(service.get("description"), 2000),
        "interpreter": told == INTERPRETER,
        "assured_on": _day(service.get("assured_date"), ignored),
        "website": as_url(_line(service.get("url"), 500)),
    }


def _organization(service: Mapping[str, Any]) -> HsdsOrganization | None:
    given = service.get("organization")
    if not isinstance(given, dict):
        return None
    ref, name = _line(given.get("id"), MAX_ID), _line(given.get("name"), 200)
    if not ref or not name or ref == NO_ORGANIZATION_ID:
        return None
    description = _text(given.get("description"), 2000)
    website = as_url(_line(given.get("website") or given.get("url"), 500))
    # what HSDS demands and nobody has said was written as the name
    return HsdsOrganization(ref, name, None if description == name else description, website)


def _categories(service: Mapping[str, Any], terms: Mapping[str, Category], name: str) -> tuple[Category, ...]:
    named = [term for one in _records(service, "attributes") if (term := _term(one))]
    known = [terms[word] for term in named for word in _words(term) if word in terms]
    ours = [category for term in named for category in _own(term)]
    guessed = [category for term in named for category in _guess(str(term.get("name") or ""))]
    found = tuple(dict.fromkeys(known or ours or guessed or _guess(name)))[:10]
    if not found:
        raise Unusable("no_category")
    return found


def _term(attribute: Mapping[str, Any]) -> Record:
    term = attribute.get("taxonomy_term")
    return term if isinstance(term, dict) else {}


def _words(term: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(term.get(name) or "").strip().lower() for name in ("code", "name"))


def _own(term: Mapping[str, Any]) -> list[Category]:
    words = _words(term)
    return [
        category for category, label in CATEGORY_LABELS.items() if category.value in words or label.lower() in words
    ]


def _guess(text: str) -> list[Category]:
    return [category for category, words in _KEYWORDS if words.search(text)]


def _kind(service: Mapping[str, Any]) -> str:
    for attribute in _records(service, "attributes"):
        term_id = attribute.get("taxonomy_term_id") or _term(attribute).get("id")
        if term_id == KIND_TERM_ID and (value := _line(attribute.get("value"), 60)):
            return value
    return "service"


def _point(location: Mapping[str, Any], ignored: list[str]) -> Point | None:
    given = location.get("longitude"), location.get("latitude")
    if all(value in (None, "") for value in given):
        return None
    try:
        lon, lat = (float(value) for value in given)  # type: ignore[arg-type] # whatever was written
        return Point(lon, lat)
    except (TypeError, ValueError, OverflowError, InvalidGeometry):
        ignored.append("bad_coordinates")
        return None


def _address(location: Mapping[str, Any]) -> str | None:
    """Write an address in one line, in the order a reader expects: street, town, state and postcode."""
    kinds = ("physical", "", "postal")
    given = [one for one in _records(location, "addresses") if str(one.get("address_type") or "").lower() in kinds]
    if not given:
        return None
    chosen = min(given, key=lambda one: kinds.index(str(one.get("address_type") or "").lower()))
    parts = {
        name: _part(chosen.get(name)) for name in ("address_1", "address_2", "city", "state_province", "postal_code")
    }
    whole = parts["address_1"]
    for more in (parts["address_2"], parts["city"], _behind(whole, parts["state_province"], parts["postal_code"])):
        if more and more.lower() not in whole.lower():
            whole = f"{whole}, {more}" if whole else more
    return whole[:300] or None


def _behind(whole: str, *parts: str) -> str:
    return " ".join(part for part in parts if part and part.lower() not in whole.lower())


def _part(value: object) -> str:
    told = _line(value, 200)
    return "" if told.lower() == NOT_GIVEN else told


def _step_free(location: Mapping[str, Any], ignored: list[str]) -> StepFree:
    given = _records(location, "accessibility") or _records(location, "accessibility_for_disabilities")
    told = [_line(one.get("description"), 500).lower().rstrip(".") for one in given]
    found = [_STEP_FREE[words] for words in told if words in _STEP_FREE]
    if any(words and words not in _STEP_FREE for words in told):
        ignored.append("accessibility")
    return found[0] if found else StepFree.UNKNOWN


def _phone(phones: list[Record], ignored: list[str]) -> str | None:
    numbers = [_line(one.get("number"), 40) for one in phones]
    good = [number for number in numbers if _PHONE.fullmatch(number)]
    if len(good) < len(numbers):
        ignored.append("phone")
    return good[0] if good else None


def _languages(entries: list[Record], ignored: list[str]) -> tuple[str, ...]:
    codes = [_line(one.get("code") or one.get("name"), 40).lower() for one in entries]
    good = dict.fromkeys(code for code in codes if _LANGUAGE.fullmatch(code))
    if any(not _LANGUAGE.fullmatch(code) for code in codes):
        ignored.append("languages")
    return tuple(good)[:20]


def _day(value: object, ignored: list[str]) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        ignored.append("assured_date")
        return None


def _records(owner: Mapping[str, Any], name: str) -> list[Record]:
    given = owner.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _line(value: object, most: int) -> str:
    """Take a text as one line without anything unseen, cut to its length."""
    return (
        ""
        if value is None or isinstance(value, dict | list)
        else " ".join(_UNSEEN.sub("", str(value)).split())[:most].strip()
    )


def _text(value: object, most: int) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return _UNSEEN.sub("", str(value)).replace("\r\n", "\n").strip()[:most].strip() or None
