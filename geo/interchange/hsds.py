"""Assets as HSDS 3 services: the nested form, made from what has been disclosed and from nothing else.

An asset is one service at one location. What HSDS demands and nobody has said is told as such ("not given"), and an
asset without an organization stands under one that says so, because the tables of HSDS demand one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from geo.domain.words import CATEGORY_LABELS, AssetStatus, Category, StepFree
from geo.interchange.hsds_hours import schedules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Shown = dict[str, Any]
NAMES: Final = UUID("8a5cbd8e-6a3c-5f2e-9c53-0f6d3bfa2f11")
"""What the ids of derived records are made from, with the id of the asset: the same every time."""
_AT_LOCATION: Final = uuid5(NAMES, "service_at_location").int & ~(0xF << 76 | 0b11 << 62)
"""What tells the two ids apart; version and variant stay."""
TAXONOMY_ID: Final = str(uuid5(NAMES, "taxonomy:category"))
KIND_TERM_ID: Final = str(uuid5(NAMES, "term:kind"))
NO_ORGANIZATION_ID: Final = str(uuid5(NAMES, "organization:none"))
NOT_GIVEN: Final = "not given"
INTERPRETER: Final = "With an interpreter, in any language."
STEP_FREE: Final[Mapping[str, str]] = {
    StepFree.YES.value: "Step-free access",
    StepFree.LIMITED.value: "Limited step-free access",
    StepFree.NO.value: "No step-free access",
}
STATUS: Final[Mapping[str, str]] = {status.value: status.value.replace("_", " ") for status in AssetStatus}
_POSTCODES: Final = re.compile(
    r"\b([A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[0-9]{5}(?:-[0-9]{4})?)\b"
)
_STATE: Final = re.compile(r"\b([A-Z]{2}) [0-9]{5}\b")
_URL: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Served:
    """The area a network serves, by its name and as WGS 84 edges: west, south, east, north in degrees."""

    name: str
    bbox: tuple[float, float, float, float] | None


def derived_id(asset_id: str, what: str) -> str:
    """Make the id of a record that hangs on an asset; it stays the same as long as the asset does."""
    return str(uuid5(NAMES, f"{asset_id}:{what}"))


def at_location_id(asset_id: str) -> str:
    """Make the id of a service at its location out of the service's own, and the service's own out of that."""
    return str(UUID(int=UUID(asset_id).int ^ _AT_LOCATION))


def taxonomy() -> Shown:
    """Give the one taxonomy: what can be needed or offered."""
    return {
        "id": TAXONOMY_ID,
        "name": "Barnraiser categories",
        "description": "What is needed or offered in a neighbourhood, and the kind of place where it is.",
    }


def taxonomy_terms() -> list[Shown]:
    """List the terms: one for each category, and one for the kind of place, whose attribute carries a value."""
    labels = {term_id(category): (category.value, label) for category, label in CATEGORY_LABELS.items()}
    labels[KIND_TERM_ID] = ("kind", "Kind of place")
    return [
        {
            "id": id_,
            "code": code,
            "name": label,
            "description": f"{label}, as something that can be had here." if code != "kind" else f"{label}, in a word.",
            "taxonomy_id": TAXONOMY_ID,
            "taxonomy_detail": taxonomy(),
        }
        for id_, (code, label) in labels.items()
    ]


def term_id(category: Category) -> str:
    """Give the id of a category's term."""
    return str(uuid5(NAMES, f"term:{category.value}"))


def organization(shown: Mapping[str, Any] | None) -> Shown:
    """Write a disclosed organization; none is an organization that says so."""
    if shown is None:
        told = "These services are listed by a neighbourhood network, which names no organization behind them."
        return {"id": NO_ORGANIZATION_ID, "name": "No organization is named", "description": told}
    made = {"id": shown["id"], "name": shown["name"], "description": shown.get("description") or shown["name"]}
    return made | _given(website=as_url(shown.get("url")))


def as_url(text: str | None) -> str | None:
    """Give an address of the web, or nothing where it is none that a reader could follow."""
    if text is None or not _URL.fullmatch(text):
        return None
    try:
        return text if urlsplit(text).hostname else None
    except ValueError:
        return None


def minimal(shown: Mapping[str, Any]) -> Shown:
    """Write the least of a service: its id, and when it last changed."""
    return {"id": shown["id"], "last_modified": shown["updated_at"]}


def service(shown: Mapping[str, Any], listing: Mapping[str, Any] | None = None) -> Shown:
    """Write a disclosed asset as a service with what stands in its own row, and nothing nested.

    Parameters
    ----------
    shown
        What ``disclose`` gave of the asset.
    listing
        What it gave of the asset's listing, if it has one.
    """
    found = {
        "id": shown["id"],
        "name": shown["name"],
        "status": STATUS[shown["status"]],
        "organization_id": shown.get("organization_id") or NO_ORGANIZATION_ID,
    }
    return found | _given(
        description=shown.get("description"),
        url=as_url((listing or {}).get("website")),
        interpretation_services=INTERPRETER if shown.get("interpreter") else None,
        assured_date=shown.get("assured_on"),
        alert=shown.get("alert"),
        last_modified=shown.get("updated_at"),
    )


def full_service(
    shown: Mapping[str, Any], org: Mapping[str, Any] | None, listing: Mapping[str, Any] | None, served: Served
) -> Shown:
    """Write a disclosed asset as a fully nested service.

    Parameters
    ----------
    shown, org, listing
        What ``disclose`` gave of the asset, its organization and its listing.
    served
        The network's area, which becomes the service's.

    Returns
    -------
    dict
        Valid against HSDS 3's ``service`` schema. Without a place, it is at no location.
    """
    asset_id = str(shown["id"])
    made = service(shown, listing)
    at = at_location(shown)
    phone = (listing or {}).get("phone")
    return made | _filled(
        organization=organization(org),
        phones=[{"id": derived_id(asset_id, "phone"), "service_id": asset_id, "number": phone, "type": "voice"}]
        if phone
        else [],
        schedules=_schedules(shown, asset_id),
        languages=_languages(shown, asset_id),
        service_areas=_service_areas(asset_id, served),
        service_at_locations=[at] if at else [],
        attributes=_attributes(shown, asset_id),
    )


def at_location(shown: Mapping[str, Any]) -> Shown | None:
    """Write where a service is, its location nested; nothing for one that is at no public place."""
    asset_id = str(shown["id"])
    if shown.get("lon") is None and not shown.get("address"):
        return None
    location_id = derived_id(asset_id, "location")
    location = {"id": location_id, "location_type": "physical", "name": shown["name"]}
    location |= _given(latitude=shown.get("lat"), longitude=shown.get("lon"))
    location |= _filled(
        addresses=_addresses(shown.get("address"), asset_id, location_id),
        accessibility=_accessibility(shown, asset_id, location_id),
    )
    ids = {"service_id": asset_id, "location_id": location_id}
    return {"id": at_location_id(asset_id), **ids, "location": location}


def _schedules(shown: Mapping[str, Any], asset_id: str) -> list[Shown]:
    entries = schedules_of(shown.get("opening_hours"), shown.get("schedule"))
    return [
        {"id": derived_id(asset_id, f"schedule:{n}"), "service_id": asset_id} | entry for n, entry in enumerate(entries)
    ]


def _languages(shown: Mapping[str, Any], asset_id: str) -> list[Shown]:
    return [
        {"id": derived_id(asset_id, f"language:{code}"), "service_id": asset_id, "name": code, "code": code}
        for code in shown.get("languages", ())
    ]


def _service_areas(asset_id: str, served: Served) -> list[Shown]:
    if served.bbox is None:
        return []
    west, south, east, north = (round(edge, 5) for edge in served.bbox)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return [
        {
            "id": derived_id(asset_id, "service_area"),
            "service_id": asset_id,
            "name": served.name,
            "description": "The area of the network that lists this service; it may be had beyond it as well.",
            "extent": json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":")),
            "extent_type": "geojson",
        }
    ]


def _addresses(text: str | None, asset_id: str, location_id: str) -> list[Shown]:
    if not text:
        return []
    parts = {"city": _city(text), "postal_code": _first(_POSTCODES, text), "state_province": _first(_STATE, text)}
    told = {name: part or NOT_GIVEN for name, part in parts.items()} | {"country": NOT_GIVEN}
    ids = {"id": derived_id(asset_id, "address"), "location_id": location_id}
    return [ids | {"address_1": text, "address_type": "physical"} | told]


def _first(form: re.Pattern[str], text: str) -> str | None:
    found = form.findall(text)
    return found[-1] if found else None


def _city(text: str) -> str | None:
    """Take the town from an address: what stands behind a comma beside the postcode, or else in the last part."""
    parts = [_STATE.sub("", part) for part in text.split(",")[1:]]
    named = [" ".join(_POSTCODES.sub("", part).split()) for part in parts]
    return next((name for name in named if name and not any(char.isdigit() for char in name)), None)


def _accessibility(shown: Mapping[str, Any], asset_id: str, location_id: str) -> list[Shown]:
    told = STEP_FREE.get(shown.get("step_free", StepFree.UNKNOWN.value))
    ids = {"id": derived_id(asset_id, "accessibility"), "location_id": location_id}
    return [ids | {"description": told}] if told else []


def _attributes(shown: Mapping[str, Any], asset_id: str) -> list[Shown]:
    terms = {term["code"]: term for term in taxonomy_terms()}
    made = [_attribute(asset_id, terms[word], "service_type") for word in shown["categories"]]
    kind = _attribute(asset_id, terms["kind"], "service_kind") | {"value": shown["kind"]}
    return [*made, kind]


def _attribute(asset_id: str, term: Shown, link_type: str) -> Shown:
    return {
        "id": derived_id(asset_id, f"attribute:{term['code']}"),
        "link_id": asset_id,
        "link_entity": "service",
        "link_type": link_type,
        "taxonomy_term_id": term["id"],
        "taxonomy_term": term,
    }


def _given(**fields: Any) -> Shown:  # noqa: ANN401 - texts and numbers
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _filled(**fields: Any) -> Shown:  # noqa: ANN401 - lists, and the one record
    return {name: value for name, value in fields.items() if value}
