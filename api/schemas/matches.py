"""Matches as they are asked for and as they leave."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from geo.domain.hours import Window
from geo.domain.match import DECLINE_REASONS, FAIL_REASONS, MatchReason
from geo.domain.proposing import LeftOut, ProposalAsked
from geo.domain.words import Category, MatchStatus, Urgency

from api.schemas.common import Body, ClientId, Instant, Page, count
from api.schemas.meta import BalanceOut, TravelModelOut
from api.schemas.reasons import ReasonOut

AnswerWithin = Annotated[
    float, Field(strict=True, ge=0.25, le=336, allow_inf_nan=False, description="hours after which it lapses by itself")
]


def _minutes(least: float, most: float, description: str) -> Any:  # noqa: ANN401 - pydantic's own
    return Field(strict=True, ge=least, le=most, allow_inf_nan=False, description=description)


class MatchIn(Body):
    """Ask one helper, or take one asset, for one need."""

    need_id: ClientId
    helper_id: ClientId | None = None
    asset_id: ClientId | None = None
    answer_within_h: AnswerWithin = 24.0
    anyway: Annotated[
        bool, Field(strict=True, description="ask a helper who was asked in the last 12 hours all the same")
    ] = False

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.helper_id is None) == (self.asset_id is None):
            raise ValueError("name a helper or an asset")
        return self


class DeclineIn(Body):
    """Why a proposal is declined."""

    reason: Annotated[MatchReason, Field(description=f"one of {', '.join(sorted(DECLINE_REASONS))}")]


class FailIn(Body):
    """Why help did not come about."""

    reason: Annotated[MatchReason, Field(description=f"one of {', '.join(sorted(FAIL_REASONS))}")]


class ProposeIn(Body):
    """For which needs helpers are to be proposed, and how."""

    category: Category | None = None
    urgency: Urgency | None = None
    need_ids: Annotated[tuple[ClientId, ...], Field(max_length=1000)] = ()
    start: Annotated[Instant | None, Field(description="when help is to be given; hours do not matter without")] = None
    end: Instant | None = None
    ring_min: Annotated[
        float, _minutes(1, 240, "minutes of travel asked of anybody; half as much again for each time nobody answered")
    ] = 30.0
    most_each: Annotated[int, count(1, 10)] = 2
    fair_min: Annotated[
        float, _minutes(0, 60, "each need a helper carries makes them so many minutes farther away")
    ] = 5.0
    cool_down_h: Annotated[float, _minutes(0, 336, "whoever was asked in so many hours before is not asked")] = 12.0
    answer_within_h: AnswerWithin = 24.0
    keep: Annotated[bool, Field(strict=True, description="store what is proposed; it lapses without an answer")] = False

    @model_validator(mode="after")
    def _window(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("give both start and end, or neither")
        if self.start is not None and self.end is not None:
            if not self.start < self.end:
                raise ValueError("must end after it starts")
            if self.end - self.start > timedelta(days=7):
                raise ValueError("must be at most a week long")
        return self

    def asked(self) -> ProposalAsked:
        """Turn into the library's own question."""
        names = ("category", "urgency", "need_ids", "ring_min", "most_each", "fair_min", "cool_down_h",
                 "answer_within_h", "keep")  # fmt: skip
        window = None
        if self.start is not None and self.end is not None:
            window = Window(self.start.astimezone(UTC), self.end.astimezone(UTC))
        return ProposalAsked(window=window, **{name: getattr(self, name) for name in names})


class ApartIn(Body):
    """Who is never to be brought together: a helper, and the household of a need."""

    helper_id: ClientId
    need_id: ClientId


class MatchOut(BaseModel):
    """A need brought together with a helper or an asset."""

    id: UUID
    need_id: UUID
    helper_id: UUID | None
    asset_id: UUID | None
    status: MatchStatus
    reason: MatchReason | None
    travel_min: int | None
    expires_at: AwareDatetime | None
    done_at: AwareDatetime | None
    confirmed_at: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class MatchPage(Page):
    """A page of matches."""

    items: list[MatchOut]


class MatchEventOut(BaseModel):
    """One step of a match."""

    match_id: UUID
    at: AwareDatetime
    actor: UUID | None
    from_status: MatchStatus | None
    to_status: MatchStatus
    reason: MatchReason | None
    is_undo: bool


class MatchEvents(BaseModel):
    """The steps of a match, the first one first."""

    items: list[MatchEventOut]


class WaitingNeedOut(BaseModel):
    """A need nobody is asked about by itself any more."""

    need_id: UUID
    unanswered: int
    reason: MatchReason | None


class WaitingNeeds(BaseModel):
    """Needs that need an organizer, the longest waiting first."""

    items: list[WaitingNeedOut]


class KeptApartOut(BaseModel):
    """A helper and a household that are never brought together."""

    id: UUID
    helper_id: UUID
    household_id: UUID
    created_at: AwareDatetime


class KeptApartPage(Page):
    """A page of those."""

    items: list[KeptApartOut]


class ProposedPairOut(BaseModel):
    """A helper to ask about a need."""

    need_id: UUID
    helper_id: UUID
    helper_name: str
    travel_min: int
    reason: str = Field(description="why this helper, in English")
    because: list[ReasonOut] = Field(description="the same as codes with their parts")
    match_id: UUID | None = Field(description="of the proposal, once it is kept")


class UnmatchedNeedOut(BaseModel):
    """A need nobody is proposed for."""

    need_id: UUID
    why: LeftOut


class ProposalOut(BaseModel):
    """Who is to be asked about what, and how good any other choice could be."""

    pairs: list[ProposedPairOut]
    unmatched: list[UnmatchedNeedOut]
    unmatched_by_reason: dict[LeftOut, int]
    objective: float = Field(description="weighted minutes; what is left out costs too")
    bound: float = Field(description="no choice that serves as many needs costs less")
    gap: float = Field(ge=0)
    optimal: bool
    helper_count: int
    kept: bool
    taken_meanwhile: int
    travel_model: TravelModelOut
    balance: BalanceOut


_NEED, _HELPER = "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41", "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c42"
MATCH_EXAMPLES: dict[str, Any] = {
    "helper": {"summary": "Ask a helper", "value": {"need_id": _NEED, "helper_id": _HELPER}},
    "asset": {"summary": "Take an asset", "value": {"need_id": _NEED, "asset_id": _HELPER, "answer_within_h": 4.0}},
}
PROPOSE_EXAMPLES: dict[str, Any] = {
    "look": {"summary": "See who would be asked about food", "value": {"category": "food"}},
    "keep": {
        "summary": "Propose for a window of time, and keep it for six hours",
        "value": {
            "start": "2026-03-04T15:00:00Z", "end": "2026-03-04T16:00:00Z", "ring_min": 20.0, "most_each": 1,
            "answer_within_h": 6.0, "keep": True,
        },
    },
}  # fmt: skip
DECLINE_EXAMPLES: dict[str, Any] = {"no_time": {"value": {"reason": "no_time"}}}
FAIL_EXAMPLES: dict[str, Any] = {"nobody_home": {"value": {"reason": "nobody_home"}}}
APART_EXAMPLES: dict[str, Any] = {"apart": {"value": {"helper_id": _HELPER, "need_id": _NEED}}}
