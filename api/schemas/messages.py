"""Messages to people as they leave, and how people want to be told as it is sent."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from geo.domain.hours import get_zone
from geo.domain.message_texts import Template
from geo.domain.messages import Channel, MessageFault, MessageState, Preference, QuietHours, RecipientKind
from geo.errors import InvalidInput

from api.schemas.common import Body, Flag, Instant, Language, Page, Yes

TimeOfDay = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), Field(description="by the clock of `time_zone`")
]


class MessageOut(BaseModel):
    """A message: to whom by the name they chose, never by number or address, and never what it says."""

    id: UUID
    recipient_kind: RecipientKind
    recipient_id: UUID
    recipient: str
    template: Template
    language: str | None
    channel: Channel | None
    state: MessageState
    tries: int
    due_at: Instant
    next_try_at: Instant
    sent_at: Instant | None
    last_error: MessageFault | None
    created_at: Instant


class MessagePage(Page):
    """A page of messages."""

    items: list[MessageOut]


class MessageTextOut(BaseModel):
    """What a message says, for passing it on by hand."""

    id: UUID
    language: str
    text: str


class RetryIn(Body):
    """That a message is to be tried again."""

    retry: Yes


class DropIn(Body):
    """That a message is not to be sent."""

    drop: Yes


class PreferenceIn(Body):
    """How somebody wants to be told; what is left out is not preferred any longer."""

    channel: Channel | None = None
    language: Language | None = None
    quiet_from: TimeOfDay | None = None
    quiet_until: TimeOfDay | None = None
    time_zone: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="a name of the IANA list; the network's when left out"
    )
    is_stopped: Flag = Field(default=False, description="wants no messages at all")

    @model_validator(mode="after")
    def _makes_sense(self) -> PreferenceIn:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet hours need both their ends")
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            raise ValueError("quiet hours must end at another time than they begin")
        if self.time_zone is not None:
            try:
                get_zone(self.time_zone)
            except InvalidInput as error:
                raise ValueError(str(error)) from None
        return self

    def to_preference(self) -> Preference:
        """Make the record the store takes."""
        quiet = None
        if self.quiet_from is not None and self.quiet_until is not None:
            quiet = QuietHours(time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until))
        return Preference(self.channel, self.language, quiet, self.time_zone, self.is_stopped)


class PreferenceOut(BaseModel):
    """How somebody wants to be told."""

    channel: Channel | None
    language: str | None
    quiet_from: str | None
    quiet_until: str | None
    time_zone: str | None
    is_stopped: bool


PREFERENCE_EXAMPLES: dict[str, Any] = {
    "quiet": {
        "summary": "By text message, in Finnish, and not at night",
        "value": {"channel": "sms", "language": "fi", "quiet_from": "21:00", "quiet_until": "08:00"},
    },
    "stop": {"summary": "No messages at all", "value": {"is_stopped": True}},
}
