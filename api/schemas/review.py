"""The review queue as it leaves, and what a person answers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, model_validator

from geo.domain.words import MatchQuality

from api.schemas.common import Body, Page, PointIn, Uncertainty, Yes, count
from api.schemas.needs import NeedOut

if TYPE_CHECKING:
    from typing import Self


class OfferOut(BaseModel):
    """A place the geocoder offers, in words, without its coordinates."""

    index: int
    label: str
    match_quality: MatchQuality
    uncertainty_m: float
    score: int
    faults: list[str]


class ReviewItemOut(BaseModel):
    """A need whose address waits for a person."""

    need: NeedOut
    address_typed: str | None
    candidates: list[OfferOut]


class ReviewPage(Page):
    """A page of the queue; ``count`` is all that waits."""

    items: list[ReviewItemOut]
    count: int


class LocationChoice(Body):
    """Exactly one of a pin, one of the places offered, or a yes to the place there is."""

    point: PointIn | None = None
    uncertainty_m: Uncertainty | None = None
    candidate: Annotated[int, count(0, 99)] | None = None
    confirm: Yes | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [self.point is not None, self.candidate is not None, self.confirm is not None]
        if sum(given) != 1:
            raise ValueError("give exactly one of point, candidate and confirm")
        if self.uncertainty_m is not None and self.point is None:
            raise ValueError("uncertainty_m belongs to a point")
        return self


CHOICE_EXAMPLES = {
    "pin": {"summary": "A pin", "value": {"point": {"lon": 24.9557, "lat": 60.1742}, "uncertainty_m": 15}},
    "candidate": {"summary": "The first place offered", "value": {"candidate": 0}},
    "confirm": {"summary": "The place it has is right", "value": {"confirm": True}},
}
