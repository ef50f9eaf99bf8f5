"""Whether what is listed of an asset is still true: when it is asked, what may be answered, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.words import AssetStatus

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from geo.domain.records import Asset
    from geo.domain.words import Category

ASK_AGAIN: Final = timedelta(days=30)
"""Nobody is asked about the same asset more often."""


class ListedAnswer(StrEnum):
    """What an organization may say of what is listed."""

    TRUE = "true"
    CHANGED = "changed"
    CLOSED = "closed"


class ListedChange(StrEnum):
    """What of it has changed; an organizer finds out how."""

    HOURS = "hours"
    PLACE = "place"
    CONTACT = "contact"
    OFFER = "offer"
    OTHER = "other"


class ListedState(StrEnum):
    """How an asset stands on the page of the link."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ListedAsset:
    """A public asset as its organization sees it by a link: what everybody may know, and what they said of it."""

    state: ListedState
    name: str
    categories: tuple[Category, ...]
    address: str | None
    opening_hours: str | None
    phone: str | None
    assured_on: date | None

    @property
    def answers(self) -> tuple[ListedAnswer, ...]:
        """What may be said now: a mistake can be put right for as long as the link opens."""
        said = {ListedState.CONFIRMED: ListedAnswer.TRUE, ListedState.CLOSED: ListedAnswer.CLOSED}.get(self.state)
        return tuple(answer for answer in ListedAnswer if answer is not said)


@dataclass(frozen=True, slots=True)
class AssetCheck:
    """What was answered about an asset, and whether an organizer has seen to it."""

    id: UUID
    asset_id: UUID
    answer: ListedAnswer
    reason: ListedChange | None
    answered_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long a confirmation lasts, seen from a day."""

    today: date
    lasts: timedelta

    @property
    def until(self) -> date:
        """The day before which a confirmation is too old."""
        return self.today - self.lasts

    def is_past(self, asset: Asset) -> bool:
        """Tell whether nobody has confirmed an asset for too long.

        One that nobody ever confirmed counts from its last change; one that is defunct is not asked about.
        """
        since = asset.assured_on or asset.updated_at.date()
        return asset.status is not AssetStatus.DEFUNCT and since < self.until
