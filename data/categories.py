"""Which places of OpenStreetMap meet which needs, and how much: the table documented in docs/loading.md.

OpenStreetMap does not say how many households a place can help in a week. The capacities below are assumptions for
planning, and every asset made with them says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.domain.words import Category

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of asset: its label, what it meets, and the assumed capacity in needs per week."""

    label: str
    categories: tuple[Category, ...]
    capacity_per_week: int


KINDS: Final[dict[str, Kind]] = {
    "library": Kind("Library", (Category.COMPANY, Category.PAPERWORK), 6),
    "pharmacy": Kind("Pharmacy", (Category.MEDICINE,), 8),
    "clinic": Kind("Clinic", (Category.MEDICINE,), 6),
    "community_centre": Kind("Community centre", (Category.COMPANY, Category.FOOD, Category.HOUSEHOLD), 8),
    "social_facility": Kind("Social service", (Category.PAPERWORK, Category.COMPANY), 8),
    "food_bank": Kind("Food bank", (Category.FOOD,), 25),
    "homeless_shelter": Kind("Shelter", (Category.SHELTER, Category.HYGIENE), 15),
    "clothing_bank": Kind("Clothing bank", (Category.HOUSEHOLD,), 15),
    "day_care": Kind("Day care", (Category.CHILDCARE, Category.COMPANY), 4),
    "place_of_worship": Kind("Place of worship", (Category.COMPANY, Category.FOOD, Category.SHELTER), 3),
    "supermarket": Kind("Supermarket", (Category.FOOD, Category.WATER, Category.HYGIENE), 6),
    "convenience": Kind("Corner shop", (Category.FOOD, Category.WATER), 2),
    "marketplace": Kind("Market", (Category.FOOD,), 4),
    "school": Kind("School", (Category.CHILDCARE, Category.SHELTER), 5),
    "kindergarten": Kind("Kindergarten", (Category.CHILDCARE,), 4),
    "drinking_water": Kind("Drinking water", (Category.WATER,), 10),
    "toilets": Kind("Public toilets", (Category.HYGIENE,), 5),
    "shower": Kind("Public showers", (Category.HYGIENE,), 15),
    "laundry": Kind("Laundry", (Category.HYGIENE, Category.HOUSEHOLD), 5),
    "town_hall": Kind("Town hall", (Category.PAPERWORK,), 8),
    "public_office": Kind("Public office", (Category.PAPERWORK,), 3),
    "association": Kind("Association", (Category.COMPANY, Category.PAPERWORK), 1),
    "second_hand": Kind("Second-hand shop", (Category.HOUSEHOLD,), 5),
    "hardware": Kind("Hardware shop", (Category.HOUSEHOLD,), 4),
    "taxi": Kind("Taxi stand", (Category.TRANSPORT,), 3),
    "bus_station": Kind("Bus station", (Category.TRANSPORT,), 5),
}

_BY_TAG: Final[dict[tuple[str, str], str]] = {
    ("amenity", "library"): "library",
    ("amenity", "pharmacy"): "pharmacy",
    ("healthcare", "pharmacy"): "pharmacy",
    ("amenity", "clinic"): "clinic",
    ("amenity", "doctors"): "clinic",
    ("amenity", "hospital"): "clinic",
    ("healthcare", "clinic"): "clinic",
    ("healthcare", "doctor"): "clinic",
    ("healthcare", "centre"): "clinic",
    ("amenity", "community_centre"): "community_centre",
    ("amenity", "social_centre"): "community_centre",
    ("amenity", "social_facility"): "social_facility",
    ("amenity", "food_bank"): "food_bank",
    ("amenity", "food_sharing"): "food_bank",
    ("amenity", "place_of_worship"): "place_of_worship",
    ("shop", "supermarket"): "supermarket",
    ("shop", "convenience"): "convenience",
    ("shop", "grocery"): "convenience",
    ("shop", "greengrocer"): "convenience",
    ("amenity", "marketplace"): "marketplace",
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "kindergarten",
    ("amenity", "childcare"): "kindergarten",
    ("amenity", "drinking_water"): "drinking_water",
    ("amenity", "water_point"): "drinking_water",
    ("amenity", "toilets"): "toilets",
    ("amenity", "shower"): "shower",
    ("amenity", "public_bath"): "shower",
    ("shop", "laundry"): "laundry",
    ("amenity", "townhall"): "town_hall",
    ("office", "government"): "public_office",
    ("amenity", "public_building"): "public_office",
    ("office", "ngo"): "association",
    ("office", "association"): "association",
    ("office", "charity"): "association",
    ("shop", "second_hand"): "second_hand",
    ("shop", "charity"): "second_hand",
    ("shop", "hardware"): "hardware",
    ("shop", "doityourself"): "hardware",
    ("amenity", "taxi"): "taxi",
    ("amenity", "bus_station"): "bus_station",
}
_BY_SOCIAL_FACILITY: Final = {
    "food_bank": "food_bank",
    "soup_kitchen": "food_bank",
    "shelter": "homeless_shelter",
    "clothing_bank": "clothing_bank",
    "day_care": "day_care",
}
OSM_CRITERIA: Final[dict[str, bool | list[str]]] = {
    key: sorted({value for k, value in _BY_TAG if k == key}) for key in sorted({k for k, _ in _BY_TAG})
}
"""The tags to look for in an extract."""

_IN_HIDING: Final = ("abuse", "victim", "woman", "women", "violence", "refugee", "asylum")


def osm_kind(tags: Mapping[str, str]) -> str | None:
    """Name the kind of asset that OpenStreetMap's tags describe; ``None`` if it is none.

    A refuge, whose safety lies in nobody knowing it, is none, even where it has been mapped.
    """
    if any(word in tags.get("social_facility:for", "") for word in _IN_HIDING):
        return None
    if tags.get("amenity") == "social_facility":
        return _BY_SOCIAL_FACILITY.get(tags.get("social_facility", ""), "social_facility")
    return next((_BY_TAG[key, tags[key]] for key, _ in _BY_TAG if (key, tags.get(key)) in _BY_TAG), None)
