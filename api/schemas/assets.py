"""Assets as they are sent and as they leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from geo.analysis.opening import check_opening_hours
from geo.domain.drafts import AssetDraft
from geo.domain.hours import MAX_HOURS
from geo.domain.listed import ListedAnswer, ListedChange
from geo.domain.place import Point
from geo.domain.words import AssetStatus, Category, StepFree
from geo.errors import InvalidInput

from api.schemas.common import (
    AddressLine,
    Body,
    Categories,
    Change,
    ClientId,
    Flag,
    Instant,
    Languages,
    Line,
    Note,
    Page,
    PointIn,
    Schedule,
    ShortLine,
    Version,
    count,
)


def _opening_hours(value: str) -> str:
    try:
        check_opening_hours(value)
    except InvalidInput as error:
        raise ValueError(str(error)) from None
    return value


Capacity = Annotated[int, count(0, 1_000_000)]
Hours = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_HOURS),
    AfterValidator(_opening_hours),
    Field(description="as OpenStreetMap writes them", examples=["Mo-Fr 10:00-17:00; PH off"]),
]
Day = Annotated[date, Field(strict=False, ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class AssetIn(Body):
    """An asset as it is offered."""

    id: ClientId | None = None
    organization_id: ClientId | None = None
    kind: ShortLine
    categories: Categories
    name: Line
    description: Note | None = None
    status: AssetStatus = AssetStatus.ACTIVE
    is_private: Flag = Field(default=False, description="at somebody's home: its point is never shown")
    point: PointIn | None = None
    address: AddressLine | None = None
    capacity_per_week: Capacity | None = None
    opening_hours: Hours | None = None
    schedule: Schedule | None = None
    step_free: StepFree = StepFree.UNKNOWN
    languages: Languages = ()
    interpreter: Flag = Field(default=False, description="has an interpreter, for any language")

    def to_draft(self) -> AssetDraft:
        """Make the draft the store takes."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "point"}
        return AssetDraft(**given, point=None if self.point is None else Point(self.point.lon, self.point.lat))


class AssetChange(Change):
    """What may be changed about an asset."""

    nullable = frozenset(
        {"organization_id", "description", "address", "capacity_per_week", "opening_hours", "schedule", "assured_on"}
    )

    organization_id: ClientId | None = None
    kind: ShortLine | None = None
    categories: Categories | None = None
    name: Line | None = None
    description: Note | None = None
    status: AssetStatus | None = None
    point: PointIn | None = None
    address: AddressLine | None = None
    capacity_per_week: Capacity | None = None
    opening_hours: Hours | None = None
    schedule: Schedule | None = None
    step_free: StepFree | None = None
    languages: Languages | None = None
    interpreter: Flag | None = None
    assured_on: Day | None = None


class AssetOut(BaseModel):
    """An asset; one at a private home has a cell and no point."""

    id: UUID
    organization_id: UUID | None
    kind: str
    categories: list[Category]
    name: str
    description: str | None
    status: AssetStatus
    is_private: bool
    lon: float | None = None
    lat: float | None = None
    cell: str | None
    address: str | None = None
    capacity_per_week: int | None
    opening_hours: str | None
    schedule: str | None
    step_free: StepFree
    languages: list[str]
    interpreter: bool
    source: str
    source_ref: str | None = None
    assured_on: date | None
    updated_at: Instant
    version: Version
    is_unconfirmed: bool = Field(description="nobody has confirmed it for longer than a confirmation lasts")


class AssetCheckOut(BaseModel):
    """What an organization has answered about an asset."""

    id: UUID
    asset_id: UUID
    answer: ListedAnswer
    reason: ListedChange | None
    answered_at: Instant
    settled_at: Instant | None


class AssetCheckPage(Page):
    """A page of answers."""

    items: list[AssetCheckOut]


class AssetPage(Page):
    """A page of assets."""

    items: list[AssetOut]


ASSET_EXAMPLES = {
    "pantry": {
        "summary": "A pantry open to all",
        "value": {
            "kind": "food_bank",
            "categories": ["food"],
            "name": "Corner pantry",
            "point": {"lon": 24.9532, "lat": 60.1731},
            "capacity_per_week": 40,
            "opening_hours": "Tu,Th 16:00-19:00",
            "step_free": "yes",
        },
    }
}
