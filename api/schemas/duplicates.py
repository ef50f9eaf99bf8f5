"""Requests that may be one as they leave, and what a person says about them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from geo.domain.duplicates import Fact, PairState

from api.schemas.common import Body, Instant, Page
from api.schemas.needs import NeedOut
from api.schemas.reasons import ReasonOut

MERGE_EXAMPLES = {
    "as they are": {"value": {"take": []}},
    "newer facts": {
        "value": {"take": ["household_size", "note"], "earlier_version": 3, "later_version": 1},
        "description": "the earlier request takes the size of the household and the note from the later one",
    },
}


class RequestSideOut(BaseModel):
    """One request of a pair."""

    need: NeedOut
    has_place: bool
    has_contact: bool
    has_phone: bool


class PartsOut(BaseModel):
    """Bits for two requests being one, by what was compared; negative ones speak against it."""

    place: float = 0.0
    unit: float = 0.0
    reach: float = 0.0
    category: float = 0.0
    time: float = 0.0
    household_size: float = 0.0


class DuplicateOut(BaseModel):
    """Two requests that may be one."""

    id: UUID
    state: PairState
    bits: float = Field(description="what speaks for it altogether; each bit doubles the odds")
    parts: PartsOut
    metres_apart: int | None
    found_at: Instant
    decided_at: Instant | None
    earlier: RequestSideOut
    later: RequestSideOut
    why: list[str] = Field(description="what speaks for and against it, the strongest first, in English")
    because: list[ReasonOut] = Field(description="the same as codes with their parts, in the same order")
    facts: list[Fact] = Field(description="what of the later request the earlier one may take")
    can_undo: bool


class DuplicatePage(Page):
    """A page of pairs, and how many wait altogether."""

    items: list[DuplicateOut]
    count: int


class MergeIn(Body):
    """How two requests are made one; the earlier is kept."""

    take: Annotated[tuple[Fact, ...], Field(max_length=len(Fact), description="facts that the earlier takes over")] = ()
    earlier_version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="as it was looked at")] = None
    later_version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="as it was looked at")] = None
