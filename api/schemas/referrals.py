"""Referrals: needs handed to a partner's service, as organizers send and read them, and as the partner does."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from geo.domain.referrals import LONGEST_DAYS, USUAL_DAYS, ReferralReason, ReferralState
from geo.domain.words import Category, ConsentWay, NeedStatus

from api.schemas.common import Body, Instant, Page, count


class ReferralIn(Body):
    """A need to hand to a partner, place included; the person has agreed to it, and that is recorded."""

    need_id: UUID
    asset_id: UUID | None = Field(default=None, description="the service, one of the partner's organization")
    days: Annotated[int, count(1, LONGEST_DAYS)] = USUAL_DAYS
    consent: ConsentWay | None = Field(
        default=None, description="how the person agreed, to be recorded with it; left out where that is recorded"
    )


class ReferralOut(BaseModel):
    """A referral, as organizers read it."""

    id: UUID
    need_id: UUID
    agreement_id: UUID
    partner: str
    asset_id: UUID | None
    service: str | None
    category: Category
    need_status: NeedStatus
    state: ReferralState
    reason: ReferralReason | None
    consent_at: Instant
    created_at: Instant
    created_by: UUID | None
    answered_at: Instant | None
    ended_at: Instant | None
    expires_at: Instant
    reminded_at: Instant | None
    is_due_soon: bool


class ReferralPage(Page):
    """A page of referrals, and how many stand how."""

    items: list[ReferralOut]
    counts: dict[ReferralState, int]


class ReferralEventOut(BaseModel):
    """One step of a referral."""

    referral_id: UUID
    at: Instant
    actor: UUID | None
    from_state: ReferralState | None
    to_state: ReferralState
    reason: ReferralReason | None
    is_undo: bool


class ReferralEvents(BaseModel):
    """The steps of a referral, the first first."""

    items: list[ReferralEventOut]


class OwnReferralOut(BaseModel):
    """A referral as its partner reads it."""

    id: UUID
    state: ReferralState
    reason: ReferralReason | None
    service: str | None
    category: Category | None
    feature_id: str | None
    referred_at: Instant
    answered_at: Instant | None
    expires_at: Instant
    is_due_soon: bool
    answers: list[ReferralState]


class OwnReferralPage(Page):
    """A page of a partner's own referrals."""

    items: list[OwnReferralOut]


class ReferredFeature(BaseModel):
    """The need behind a referral: one GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class ReferralAnswer(Body):
    """What a partner answers; declining has a reason, and nothing else has."""

    outcome: Literal["accepted", "served", "declined", "not_eligible", "full"]
    reason: ReferralReason | None = None


class ServingPlaceOut(BaseModel):
    """An active service for this kind of need."""

    asset_id: UUID
    name: str
    organization_id: UUID | None
    opening_hours: str | None
    travel_min: int | None
    reason: str
    referred: int


class ServingPartnerOut(BaseModel):
    """A partner that needs can be referred to."""

    agreement_id: UUID
    name: str
    organization_id: UUID | None
    covers: bool
    referred: int


class ServingOut(BaseModel):
    """Who serves this kind of need already, and where the need has been referred to."""

    places: list[ServingPlaceOut]
    partners: list[ServingPartnerOut]
    referrals: list[ReferralOut]


REFERRAL_IN_EXAMPLES: Final = {
    "one": {"value": {"need_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41", "consent": "spoken"}}
}
REFERRAL_ANSWER_EXAMPLES: Final = {
    "accepted": {"value": {"outcome": "accepted"}},
    "declined": {"value": {"outcome": "declined", "reason": "outside_area"}},
}
