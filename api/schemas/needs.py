"""Needs as they are sent and as they leave."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.words import Access, Category, ConsentWay, LocationState, MatchQuality, NeedStatus, ReviewMark, Urgency

from api.schemas.common import (
    AddressLine,
    Body,
    BodyLat,
    BodyLon,
    Change,
    ClientId,
    Flag,
    Instant,
    Languages,
    Line,
    Page,
    Uncertainty,
    Version,
    Yes,
    count,
)

if TYPE_CHECKING:
    from typing import Self

HouseholdSize = Annotated[int, count(1, 50)]
AccessList = Annotated[tuple[Access, ...], Field(max_length=3)]
_CONTACT_CHANNELS = Literal["phone", "sms", "email", "visit", "none"]


class LocationIn(Body):
    """Where: an address as typed, or a point with how it was found. Exactly one of the two."""

    address: AddressLine | None = None
    lon: BodyLon | None = None
    lat: BodyLat | None = None
    accuracy_m: Uncertainty | None = None
    method: Annotated[
        Literal["gps", "manual", "pin", "suggestion"] | None,
        Field(description="measured, told, set on a map, or an address that was chosen of those offered"),
    ] = None
    typed: Annotated[AddressLine | None, Field(description="the address as it was typed, kept beside the point")] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        point = (self.lon is not None, self.lat is not None, self.method is not None)
        beside = self.accuracy_m is not None or self.typed is not None
        if self.address is not None and (any(point) or beside):
            raise ValueError("give an address or a point, not both")
        if self.address is None and not all(point):
            raise ValueError("give an address, or lon, lat and method")
        return self


class ContactIn(Body):
    """How to reach the person; kept apart, and only with their consent."""

    name: Line | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[+0-9 ()/.-]{3,40}$")] | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,189}$")] | None = None
    preferred_channel: _CONTACT_CHANNELS | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)] | None = None
    consent: Yes = Field(description="the person agreed to this being kept")

    def to_contact(self, how: ConsentWay) -> Contact:
        """Make what is stored; consent becomes the instant it arrived, and how it was given."""
        return Contact(self.name, self.phone, self.email, self.preferred_channel, self.note, datetime.now(UTC), how)


class NeedIn(Body):
    """A need as it is asked for."""

    id: ClientId | None = None
    category: Category
    urgency: Urgency = Urgency.NORMAL
    household_size: HouseholdSize = 1
    languages: Languages = ()
    access: AccessList = ()
    household_id: ClientId | None = None
    withheld: Flag = Field(default=False, description="kept off every map and figure but the balance line")
    contact: ContactIn | None = None
    location: LocationIn | None = None

    def to_draft(
        self, *, need_id: UUID | None = None, source: str = "api", received_at: datetime | None = None
    ) -> NeedDraft:
        """Make the draft the store takes."""
        return NeedDraft(
            category=self.category,
            urgency=self.urgency,
            household_size=self.household_size,
            household_id=self.household_id,
            languages=self.languages,
            access=tuple(dict.fromkeys(self.access)),
            withheld=self.withheld,
            source=source,
            received_at=received_at,
            id=self.id or need_id,
        )


class NeedChange(Change):
    """What may be changed about a need; its place is changed through the review queue."""

    category: Category | None = None
    urgency: Urgency | None = None
    status: NeedStatus | None = None
    household_size: HouseholdSize | None = None
    languages: Languages | None = None
    access: AccessList | None = None
    withheld: Flag | None = None


class NeedOut(BaseModel):
    """A need as organizers see it: its cell, never its address or point."""

    id: UUID
    category: Category
    urgency: Urgency
    status: NeedStatus
    location_state: LocationState
    match_quality: MatchQuality
    uncertainty_m: float | None
    cell: str | None
    household_size: int
    languages: list[str]
    access: list[Access]
    withheld: bool
    source: str
    received_at: Instant
    closed_at: Instant | None
    updated_at: Instant
    version: Version
    review_mark: ReviewMark | None


class NeedPage(Page):
    """A page of needs."""

    items: list[NeedOut]


NEED_EXAMPLES = {
    "address": {
        "summary": "With an address as typed",
        "value": {
            "category": "food",
            "urgency": "high",
            "household_size": 3,
            "languages": ["fi", "so"],
            "access": ["no_car"],
            "location": {"address": "Liisankatu 12 B 7"},
        },
    },
    "gps": {
        "summary": "With the phone's position",
        "value": {
            "category": "medicine",
            "location": {"lon": 24.9557, "lat": 60.1742, "accuracy_m": 12.0, "method": "gps"},
        },
    },
    "no_location": {"summary": "Without a place", "value": {"category": "company"}},
}
