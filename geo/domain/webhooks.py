"""Where a partner, or the network itself, is told that something has changed; never what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class HookCollection(StrEnum):
    """What may be followed."""

    NEEDS = "needs"
    ASSETS = "assets"


class HookEnd(StrEnum):
    """Why nothing is sent any more."""

    REMOVED = "removed"
    AGREEMENT_ENDED = "agreement_ended"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A target as it is listed, never with its secret. Without an agreement it is the network's own."""

    id: UUID
    agreement_id: UUID | None
    collection: HookCollection
    url: str
    created_at: datetime
    failures: int
    last_sent_at: datetime | None
    last_error: str | None
    ended_at: datetime | None
    ended_reason: HookEnd | None
