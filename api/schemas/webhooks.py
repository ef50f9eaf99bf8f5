"""Targets of news, as they are sent and as they leave."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from geo.domain.webhooks import HookCollection, HookEnd

from api.schemas.common import Body, Instant, Page


class WebhookIn(Body):
    """A target to be told when something changes; whose view it follows, unless it is the network's own."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    collection: HookCollection
    agreement_id: UUID | None = None


class WebhookOut(BaseModel):
    """A target."""

    id: UUID
    agreement_id: UUID | None
    collection: HookCollection
    url: str
    created_at: Instant
    failures: int
    last_sent_at: Instant | None
    last_error: str | None
    ended_at: Instant | None
    ended_reason: HookEnd | None


class NewWebhookOut(WebhookOut):
    """A target just made, with the secret that what is sent to it is signed with; it is shown this once."""

    secret: str


class WebhookPage(Page):
    """A page of targets."""

    items: list[WebhookOut]


class PingOut(BaseModel):
    """Whether a try arrived, and if not why."""

    arrived: bool
    reason: str | None


WEBHOOK_IN_EXAMPLES: Final = {"one": {"value": {"url": "https://localhost/barnraiser", "collection": "needs"}}}
