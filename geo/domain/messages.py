"""Messages to people: whom they are for, by which way they go, how far they have come, and when nobody is disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.hours import get_zone
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, time
    from uuid import UUID

MAX_KEY: Final = 120
A_PERSON_ASKING: Final = "a person asking"
A_PERSON_ORGANIZING: Final = "an organizer"
AN_ORGANIZATION: Final = "an organization"
_STEP: Final = timedelta(minutes=1)
_MOST_STEPS: Final = 3 * 24 * 60


class RecipientKind(StrEnum):
    """Whom a message is for: a helper, whoever asked for a need, somebody with an account, or an organization."""

    HELPER = "helper"
    NEED = "need"
    PERSON = "person"
    ORGANIZATION = "organization"


class Channel(StrEnum):
    """By which way a message goes; the local one leaves it for an organizer to read and pass on."""

    LOCAL = "local"
    EMAIL = "email"
    SMS = "sms"
    SIGNAL = "signal"


class MessageState(StrEnum):
    """How far a message has come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class MessageFault(StrEnum):
    """Why a message was not sent; a kind, never what somebody's server answered."""

    NO_CONTACT = "no_contact"
    REFUSED = "refused"
    STALLED = "stalled"
    STOPPED = "stopped"
    DROPPED = "dropped"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for."""

    kind: RecipientKind
    id: UUID


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which nobody wants to be disturbed, by the clock of a zone; they may run over midnight."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end or any(at.tzinfo or at.second or at.microsecond for at in (self.start, self.end)):
            raise InvalidInput("write two different times of day, in whole minutes", field="quiet_from")

    def cover(self, instant: datetime, time_zone: str) -> bool:
        """Tell whether an instant lies in them."""
        local = instant.astimezone(get_zone(time_zone)).time()
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def over_at(self, instant: datetime, time_zone: str) -> datetime:
        """Give the first whole minute from an instant on at which they do not hold, in UTC.

        The clock is walked minute by minute: whatever it does on the days on which it is put forward or back, comes out
        right without a rule for it.
        """
        found = instant.astimezone(UTC)
        if not self.cover(found, time_zone):
            return found
        found = found.replace(second=0, microsecond=0)
        for _ in range(_MOST_STEPS):
            found += _STEP
            if not self.cover(found, time_zone):
                break
        return found


@dataclass(frozen=True, slots=True)
class Preference:
    """How somebody wants to be told: by which way, in which language, when not, and whether at all.

    What is empty is left to the network. Quiet hours are by the clock of ``time_zone``, or else of the network.
    """

    channel: Channel | None = None
    language: str | None = None
    quiet: QuietHours | None = None
    time_zone: str | None = None
    is_stopped: bool = False

    def __post_init__(self) -> None:
        if self.time_zone is not None:
            get_zone(self.time_zone)

    @property
    def quiet_from(self) -> time | None:
        """When quiet hours begin."""
        return None if self.quiet is None else self.quiet.start

    @property
    def quiet_until(self) -> time | None:
        """When quiet hours end."""
        return None if self.quiet is None else self.quiet.end


@dataclass(frozen=True, slots=True)
class Message:
    """A message as organizers list it: to whom by the name they chose, and never by which number or address."""

    id: UUID
    recipient_kind: RecipientKind
    recipient_id: UUID
    recipient: str
    template: str
    language: str | None
    channel: Channel | None
    state: MessageState
    tries: int
    due_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    last_error: MessageFault | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MessageText:
    """What a message says, for an organizer who passes it on."""

    id: UUID
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """How the messages of a network stand; ``oldest_due_at`` is since when the oldest that is due waits."""

    waiting: int
    due: int
    failed: int
    oldest_due_at: datetime | None

    def as_dict(self) -> Mapping[str, int | str | None]:
        """Give it as JSON has it."""
        since = self.oldest_due_at
        oldest = None if since is None else since.isoformat(timespec="seconds")
        return {"waiting": self.waiting, "due": self.due, "failed": self.failed, "oldest_due_at": oldest}
