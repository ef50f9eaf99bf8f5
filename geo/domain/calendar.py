"""The shared calendar: what is done again and again, when, and who has promised to be there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

MAX_ROLES: Final = 10
MAX_IN_ROLE: Final = 200
MAX_SHIFTS: Final = 400
"""How many shifts of one activity lie ahead at most."""
HORIZON_DAYS: Final = 366
"""How far ahead shifts are laid out."""


class SignUpState(StrEnum):
    """What became of a promise to be there."""

    SIGNED_UP = "signed_up"
    CANCELLED = "cancelled"
    DONE = "done"
    NO_SHOW = "no_show"


class FeedKind(StrEnum):
    """Whose calendar a feed is: one helper's, the whole network's, or one place's."""

    HELPER = "helper"
    NETWORK = "network"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """An activity as it comes in.

    ``schedule`` is written as RFC 5545 writes it, and meant in ``time_zone``; ``roles`` says how many of each are
    wanted at most; ``uid`` is what another calendar calls it.
    """

    title: str
    schedule: str
    roles: dict[str, int]
    kind: str = "activity"
    time_zone: str | None = None
    asset_id: UUID | None = None
    area_id: UUID | None = None
    organization_id: UUID | None = None
    place: str | None = None
    uid: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Something done together, once or again and again."""

    id: UUID
    title: str
    kind: str
    schedule: str
    time_zone: str
    roles: dict[str, int]
    asset_id: UUID | None
    area_id: UUID | None
    organization_id: UUID | None
    place: str | None
    uid: str | None
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One occurrence of an activity. ``taken`` counts who is signed up for each role."""

    id: UUID
    activity_id: UUID
    title: str
    kind: str
    place: str | None
    asset_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    roles: dict[str, int]
    taken: dict[str, int]


@dataclass(frozen=True, slots=True)
class SignUp:
    """A helper's promise to be at a shift in a role, and what became of it."""

    id: UUID
    shift_id: UUID
    helper_id: UUID
    role: str
    state: SignUpState
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """A feed's address as it is listed: never its token."""

    id: UUID
    kind: FeedKind
    helper_id: UUID | None
    asset_id: UUID | None
    label: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A shift as a feed shows it: what, where, when and which roles; no person, no need, no home."""

    uid: str
    title: str
    place: str | None
    roles: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BadEvent:
    """An event of a file that could not be taken, and where it begins."""

    line: int
    reason: str
