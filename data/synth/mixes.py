"""The believable mixes synthetic people are drawn from; every share is an assumption, none is a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from geo.domain.words import Access, Category, HelperStatus, NeedStatus, Urgency, Vehicle

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

T = TypeVar("T")

CATEGORIES: Final = {
    Category.FOOD: 0.24,
    Category.MEDICINE: 0.12,
    Category.COMPANY: 0.12,
    Category.TRANSPORT: 0.11,
    Category.HOUSEHOLD: 0.10,
    Category.PAPERWORK: 0.09,
    Category.CHILDCARE: 0.07,
    Category.HYGIENE: 0.07,
    Category.SHELTER: 0.04,
    Category.WATER: 0.04,
}
URGENCIES: Final = {Urgency.LOW: 0.2, Urgency.NORMAL: 0.56, Urgency.HIGH: 0.2, Urgency.CRITICAL: 0.04}
STATUSES: Final = {
    NeedStatus.OPEN: 0.78,
    NeedStatus.IN_PROGRESS: 0.06,
    NeedStatus.MET: 0.12,
    NeedStatus.WITHDRAWN: 0.04,
}
LANGUAGES: Final = {
    "fi": 0.55, "sv": 0.1, "ru": 0.1, "en": 0.08, "so": 0.05, "ar": 0.05, "et": 0.04, "uk": 0.03,
}  # fmt: skip
HOUSEHOLD_SIZES: Final = {1: 0.46, 2: 0.26, 3: 0.12, 4: 0.09, 5: 0.04, 6: 0.02, 7: 0.01}
ACCESS: Final = {Access.NO_CAR: 0.4, Access.WHEELCHAIR: 0.06, Access.NO_PHONE: 0.05}
VEHICLES: Final = {Vehicle.NONE: 0.5, Vehicle.BICYCLE: 0.32, Vehicle.CAR: 0.18}
HELPER_STATUSES: Final = {HelperStatus.ACTIVE: 0.92, HelperStatus.PAUSED: 0.06, HelperStatus.LEFT: 0.02}
HELPER_CATEGORIES: Final = {
    Category.FOOD: 0.24,
    Category.COMPANY: 0.2,
    Category.HOUSEHOLD: 0.15,
    Category.TRANSPORT: 0.12,
    Category.MEDICINE: 0.09,
    Category.PAPERWORK: 0.08,
    Category.CHILDCARE: 0.06,
    Category.WATER: 0.03,
    Category.HYGIENE: 0.02,
    Category.SHELTER: 0.01,
}
AVAILABILITIES: Final = {
    "DTSTART:20240101T170000\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH": 0.26,
    "DTSTART:20240101T090000\nDURATION:PT7H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": 0.24,
    "DTSTART:20240106T100000\nDURATION:PT6H\nRRULE:FREQ=WEEKLY;BYDAY=SA,SU": 0.16,
    "DTSTART:20240102T080000\nDURATION:PT14H\nRRULE:FREQ=WEEKLY;BYDAY=TU,SA": 0.12,
    "DTSTART:20240101T080000\nDURATION:PT14H\nRRULE:FREQ=DAILY": 0.1,
    None: 0.12,
}
"""When helpers are free; some have not said."""
INTERPRETER_SHARE: Final = 0.02
MAX_TRAVEL_MIN: Final = {10: 0.2, 15: 0.35, 20: 0.3, 30: 0.15}
WITHHELD_SHARE: Final = 0.02
SAME_HOME_SHARE: Final = 0.12
SECOND_LANGUAGE_SHARE: Final = 0.35
NEVER_ASKED_SHARE: Final = 0.3

GIVEN_NAMES: Final = (
    "Aino", "Oskari", "Helmi", "Onni", "Venla", "Eino", "Saimi", "Toivo", "Linnea", "Ebba", "Axel", "Vilhelm",
    "Nadja", "Pavel", "Irina", "Oleg", "Hodan", "Abdi", "Ayaan", "Yusuf", "Layla", "Samir", "Noor", "Karim", "Kadri",
    "Mart", "Liis", "Olena", "Taras", "Solomiya", "Grace", "Oliver",
)  # fmt: skip
INITIALS: Final = "ABEGHIKLMNOPRSTVZ"

ORGANIZATIONS: Final = (
    ("Harbour Kitchen", "food_bank", (Category.FOOD,), 30),
    ("Lantern Community House", "community_centre", (Category.COMPANY, Category.HOUSEHOLD), 20),
    ("Open Door Night Shelter", "homeless_shelter", (Category.SHELTER, Category.HYGIENE), 15),
    ("Paper Crane Advice Desk", "social_facility", (Category.PAPERWORK,), 18),
    ("Little Boat Childcare Circle", "day_care", (Category.CHILDCARE,), 12),
    ("Wheels for Neighbours", "transport_service", (Category.TRANSPORT,), 15),
    ("Willow Medicine Runners", "delivery_service", (Category.MEDICINE, Category.FOOD), 16),
    ("Clear Spring Water Point", "drinking_water", (Category.WATER, Category.HYGIENE), 20),
)
"""Invented organizations: name, kind of asset, what it meets, needs per week."""


def draw(mix: Mapping[T, float], rng: np.random.Generator) -> T:
    """Draw one of a mix."""
    options = list(mix)
    return options[int(rng.choice(len(options), p=list(mix.values())))]


def draw_languages(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw the languages of a household, the first one first."""
    first = draw(LANGUAGES, rng)
    second = "en" if first == "fi" else "fi"
    return (first, second) if rng.random() < SECOND_LANGUAGE_SHARE else (first,)


def draw_name(rng: np.random.Generator) -> str:
    """Draw a given name with an initial; there is no family name behind it."""
    return f"{GIVEN_NAMES[int(rng.integers(len(GIVEN_NAMES)))]} {INITIALS[int(rng.integers(len(INITIALS)))]}."
