"""Text messages as gateways hand them in, and conversations as they leave."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from geo.domain.texting.conversation import Step
from geo.domain.texting.words import MAX_TEXT
from geo.domain.texts import TalkState
from geo.privacy.phone_numbers import read_number

from api.schemas.common import Body, Instant, Page, Yes


def _number(value: str) -> str:
    found = read_number(value)
    if found is None:
        raise ValueError("must be a phone number")
    return found


Number = Annotated[str, Field(max_length=60), AfterValidator(_number)]


class TextIn(Body):
    """One text, as a plain gateway hands it in; its id stands in the header ``Webhook-Id``."""

    sender: Number = Field(description="the number of whoever wrote", examples=["+358401234567"])
    text: Annotated[str, Field(max_length=MAX_TEXT)]


class TextOut(BaseModel):
    """What is to be sent back to whoever wrote; nothing when nothing is."""

    reply: str | None


class TextConversationOut(BaseModel):
    """How a conversation stands: neither whose number it is nor a word of it."""

    id: UUID
    state: TalkState
    step: Step
    language: str | None
    need_id: UUID | None
    begun_at: Instant
    changed_at: Instant
    handed_over_at: Instant | None
    taken_at: Instant | None


class TextConversationPage(Page):
    """A page of conversations."""

    items: list[TextConversationOut]


class TakeOverIn(Body):
    """That an organizer sees to whoever asked for a person."""

    taken: Yes


TEXT_EXAMPLES: dict[str, Any] = {
    "first": {"summary": "Somebody's first text", "value": {"sender": "+358401234567", "text": "I need food"}}
}
TWILIO_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["MessageSid", "From", "Body"],
                    "properties": {name: {"type": "string"} for name in ("MessageSid", "From", "Body")},
                },
                "examples": {"first": {"value": {"MessageSid": "SM1", "From": "+358401234567", "Body": "I need food"}}},
            }
        },
    }
}
