"""What may be changed about an agreement, and what that would make of it."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from geo.domain.words import Category

from api.schemas.access import ReferralField
from api.schemas.common import Categories, Change, Flag, Instant, count


class AgreementChangeIn(Change):
    """What is to be different; what is left out stays. Days count from now.

    A new area is snapped to whole cells when this is saved; no request carries one later.
    """

    area: dict[str, Any] | None = Field(default=None, description="GeoJSON Polygon or MultiPolygon, WGS 84")
    categories: Categories | None = None
    fields: Annotated[tuple[ReferralField, ...], Field(max_length=5)] | None = None
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None
    quota_per_day: Annotated[int, count(1, 1_000_000)] | None = None
    days: Annotated[int, count(1, 1_100)] | None = None
    is_marked: Flag | None = None


class AgreementDifferenceOut(BaseModel):
    """What a change would make of an agreement and of the needs its partner sees; made-up ones not counted."""

    agreement_id: UUID
    changed: list[str]
    cells_before: int
    cells_after: int
    cells_added: int
    cells_removed: int
    categories_added: list[Category]
    categories_removed: list[Category]
    fields_added: list[str]
    fields_removed: list[str]
    expires_before: Instant
    expires_after: Instant
    quota_before: int
    quota_after: int
    needs_before: int | None
    needs_after: int | None
    needs_added: int | None
    needs_removed: int | None


AGREEMENT_CHANGE_EXAMPLES: Final = {"one": {"value": {"categories": ["food", "water"], "quota_per_day": 2000}}}
