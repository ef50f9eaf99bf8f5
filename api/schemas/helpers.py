"""Helpers, the volunteers, as they are sent and as they leave."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from geo.domain.drafts import HelperDraft
from geo.domain.words import Category, HelperStatus, Vehicle

from api.schemas.common import (
    Body,
    Categories,
    Change,
    ClientId,
    Flag,
    Instant,
    Languages,
    Page,
    PointIn,
    Schedule,
    Version,
    _one_line,
    count,
)
from api.schemas.needs import ContactIn

PublicName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_one_line)
]
PerWeek = Annotated[int, count(0, 200)]
TravelMin = Annotated[int, count(1, 240)]


class HelperIn(Body):
    """A volunteer as they sign up; the home is kept apart and only its cell is shown."""

    id: ClientId | None = None
    public_name: PublicName
    categories: Categories
    languages: Languages = ()
    vehicle: Vehicle = Vehicle.NONE
    status: HelperStatus = HelperStatus.ACTIVE
    capacity_per_week: PerWeek = 1
    max_travel_min: TravelMin = 20
    availability: Schedule | None = None
    interpreter: Flag = Field(default=False, description="interprets, for any language")
    home: PointIn | None = None
    contact: ContactIn | None = None

    def to_draft(self) -> HelperDraft:
        """Make the draft the store takes."""
        apart = {"home", "contact"}
        return HelperDraft(**{name: getattr(self, name) for name in type(self).model_fields if name not in apart})


class HelperChange(Change):
    """What may be changed about a helper."""

    nullable = frozenset({"availability"})

    public_name: PublicName | None = None
    categories: Categories | None = None
    languages: Languages | None = None
    vehicle: Vehicle | None = None
    status: HelperStatus | None = None
    capacity_per_week: PerWeek | None = None
    load: PerWeek | None = None
    max_travel_min: TravelMin | None = None
    availability: Schedule | None = None
    interpreter: Flag | None = None
    home: PointIn | None = None


class HelperOut(BaseModel):
    """A helper as organizers see them."""

    id: UUID
    public_name: str
    categories: list[Category]
    languages: list[str]
    vehicle: Vehicle
    status: HelperStatus
    capacity_per_week: int
    load: int
    max_travel_min: int
    availability: str | None
    interpreter: bool
    cell: str | None
    last_asked_at: Instant | None
    updated_at: Instant
    version: Version


class HelperPage(Page):
    """A page of helpers."""

    items: list[HelperOut]


HELPER_EXAMPLES = {
    "driver": {
        "summary": "Somebody with a car",
        "value": {
            "public_name": "Aino K.",
            "categories": ["food", "transport"],
            "languages": ["fi", "en"],
            "vehicle": "car",
            "capacity_per_week": 3,
            "max_travel_min": 20,
            "availability": "DTSTART:20260104T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=SU,WE",
            "home": {"lon": 24.9501, "lat": 60.1702},
        },
    }
}
CONTACT_EXAMPLES = {
    "phone": {
        "summary": "A telephone number, kept with consent",
        "value": {"phone": "+358 40 000 0000", "preferred_channel": "sms", "consent": True},
    }
}
