"""Marked feeds: a few made-up needs that one partner alone is given, and what was seen of them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from geo.domain.words import Category, Urgency


class CanaryDoor(StrEnum):
    """Where a canary was asked for, or handed in."""

    FEEDS = "feeds"
    RECORDS = "records"
    PAGES = "pages"
    FILE = "file"


class CanaryAsker(StrEnum):
    """Who asked for a canary that is not theirs; an organizer who hands in a file that was found is ``finder``."""

    PARTNER = "partner"
    PHONE = "phone"
    STRANGER = "stranger"
    BAD_KEY = "bad_key"
    ELSEWHERE = "elsewhere"
    FINDER = "finder"


@dataclass(frozen=True, slots=True)
class Canary:
    """A need that nobody has, in the feed of one agreement alone.

    ``name`` is the partner's own id for it. ``cell`` is of resolution 9; the feed draws it as it draws every need.
    ``received_at`` is the first instant of a week.
    """

    id: UUID
    agreement_id: UUID
    name: str
    cell: str
    category: Category
    urgency: Urgency
    received_at: datetime
    planted_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CanaryHit:
    """That a canary was seen where its partner was not: by which door, by whom, how often.

    ``asker`` names the other partner's agreement, where a partner asked.
    """

    canary_id: UUID
    name: str
    door: CanaryDoor
    who: CanaryAsker
    asker: str | None
    first_at: datetime
    last_at: datetime
    count: int
