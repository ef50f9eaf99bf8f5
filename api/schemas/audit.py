"""What has happened, as organizers see it, and what a reveal asks for and shows."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from geo.domain.audit import MAX_REASON
from geo.domain.words import MatchQuality

from api.schemas.common import Body, Instant, Page, _one_line

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=MAX_REASON),
    AfterValidator(_one_line),
    Field(examples=["Delivery on Friday"]),
]


class RevealIn(Body):
    """What to show of a need, and why; the reason stands in the audit until the need is gone."""

    what: Literal["place", "contact"]
    reason: Reason


class LookIn(Body):
    """Why somebody looks; the reason stands in the audit until what was looked at is gone."""

    reason: Reason


class PlaceOut(BaseModel):
    """Where a need exactly is; the point is empty while only an address is known."""

    need_id: UUID
    lon: float | None
    lat: float | None
    uncertainty_m: float | None
    match_quality: MatchQuality
    address_typed: str | None


class ContactOut(BaseModel):
    """How to reach the person."""

    name: str | None
    phone: str | None
    email: str | None
    preferred_channel: str | None
    note: str | None
    consent_at: Instant | None


class RevealOut(BaseModel):
    """What was asked for; the other is null."""

    place: PlaceOut | None = None
    contact: ContactOut | None = None


class AuditEntryOut(BaseModel):
    """One thing that was done: names of fields, never what they held."""

    seq: int
    at: Instant
    actor_kind: str
    actor: UUID | None
    action: str
    object_kind: str
    object_ids: list[UUID]
    fields: list[str]
    count: int
    reason: str | None


class AuditPage(Page):
    """A page of what has happened, the newest first."""

    items: list[AuditEntryOut]


REVEAL_EXAMPLES = {
    "place": {"summary": "The exact place", "value": {"what": "place", "reason": "Delivery on Friday"}},
    "contact": {"summary": "The contact", "value": {"what": "contact", "reason": "Asking when to come"}},
}
LOOK_EXAMPLES = {"why": {"summary": "With a reason", "value": {"reason": "Asking what the third line says"}}}
