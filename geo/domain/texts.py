"""Text messages that come in: from which gateway, whose they are, and how each conversation stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class HookKind(StrEnum):
    """How a gateway hands texts in and signs them."""

    PLAIN = "plain"
    TWILIO = "twilio"


class TalkState(StrEnum):
    """How a conversation stands: it goes on, or how it ended."""

    GOING = "going"
    DONE = "done"
    HANDED_OVER = "handed_over"
    LAPSED = "lapsed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Texting:
    """How an installation holds conversations: a person's number to give, and how long silence ends one."""

    person: str | None = None
    expires_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class InboundText:
    """One text as a gateway handed it in; ``message_id`` is the gateway's, the same each time it tries again."""

    message_id: str
    sender: str
    text: str

    def __repr__(self) -> str:
        return "InboundText()"


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """What is answered to a text, if anything, and the conversation that it handed over to organizers."""

    reply: str | None
    handed_over: UUID | None = None


@dataclass(frozen=True, slots=True)
class TextHook:
    """Where a gateway hands texts in, as it is listed: never its secret."""

    id: UUID
    kind: HookKind
    label: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TextConversation:
    """How a conversation stands, as organizers list it: neither whose number it is nor a word of it."""

    id: UUID
    state: TalkState
    step: str
    language: str | None
    need_id: UUID | None
    begun_at: datetime
    changed_at: datetime
    handed_over_at: datetime | None
    taken_at: datetime | None
