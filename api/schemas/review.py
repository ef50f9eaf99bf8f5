"""The review queue as it leaves, and what a person answers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from geo.domain.words import DecisionKind, MatchQuality, ReviewState

from api.schemas.common import Body, Flag, Instant, Line, Page, PointIn, Uncertainty, Yes, count
from api.schemas.needs import NeedOut

if TYPE_CHECKING:
    from typing import Self


class OfferOut(BaseModel):
    """A place the geocoder offers: in words, and where the register has it."""

    index: int
    lon: float
    lat: float
    label: str
    match_quality: MatchQuality
    uncertainty_m: float
    score: int
    faults: list[str]


class ReviewItemOut(BaseModel):
    """A need whose address waits for a person."""

    need: NeedOut
    state: ReviewState
    address_typed: str | None
    candidates: list[OfferOut]
    note: str | None = Field(description="what is to be asked")
    can_remember: bool = Field(description="whether a decision may answer for the same text again")


class DecidedOut(BaseModel):
    """A decision that stands."""

    id: UUID
    need: NeedOut
    kind: DecisionKind
    decided_by: UUID | None = Field(description="the member; null for the command line")
    decided_at: Instant
    address_typed: str | None
    note: str | None
    remembered: bool
    can_undo: bool


class ReviewCountsOut(BaseModel):
    """How many needs are on each list, and how many were decided since midnight, UTC."""

    waiting: int
    ask_again: int
    outside_area: int
    decided_today: int


class ReviewPage(Page):
    """A page of one list; ``count`` is how many are on it in all, of decisions those of today."""

    items: list[ReviewItemOut] | list[DecidedOut]
    count: int
    counts: ReviewCountsOut


class LocationChoice(Body):
    """Exactly one decision: a pin, a place that was offered, a yes, that somebody be asked, or that it lies outside."""

    point: PointIn | None = None
    uncertainty_m: Uncertainty | None = None
    candidate: Annotated[int, count(0, 99)] | None = None
    confirm: Yes | None = None
    ask_again: Yes | None = None
    note: Annotated[Line | None, Field(description="what is to be asked")] = None
    outside_area: Yes | None = None
    remember: Annotated[
        Flag | None, Field(description="place the same text there again; true for a pin and a candidate when left out")
    ] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.point, self.candidate, self.confirm, self.ask_again, self.outside_area)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of point, candidate, confirm, ask_again and outside_area")
        if self.uncertainty_m is not None and self.point is None:
            raise ValueError("uncertainty_m belongs to a point")
        if self.note is not None and self.ask_again is None:
            raise ValueError("note belongs to ask_again")
        if self.remember and self.point is None and self.candidate is None:
            raise ValueError("only a point or a candidate can be remembered")
        return self


class AliasOut(BaseModel):
    """What is remembered for a text: never the text, and the cell in place of the point."""

    id: UUID
    label: str | None = Field(description="as the gazetteer writes the place; null for a pin")
    cell: str
    match_quality: MatchQuality
    uncertainty_m: float
    learned_by: UUID | None = Field(description="the member; null for the command line")
    learned_at: Instant


class AliasPage(Page):
    """A page of aliases, the newest first."""

    items: list[AliasOut]


CHOICE_EXAMPLES = {
    "pin": {"summary": "A pin", "value": {"point": {"lon": 24.9557, "lat": 60.1742}, "uncertainty_m": 15}},
    "candidate": {"summary": "The first place offered", "value": {"candidate": 0}},
    "this need only": {"summary": "The same, for this need only", "value": {"candidate": 0, "remember": False}},
    "confirm": {"summary": "The place it has is right", "value": {"confirm": True}},
    "ask again": {"summary": "Somebody must be asked", "value": {"ask_again": True, "note": "Which stair?"}},
    "outside": {"summary": "It lies outside the area served", "value": {"outside_area": True}},
}
