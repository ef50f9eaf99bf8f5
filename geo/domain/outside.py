"""Asking an address service outside this host: what a network allows, and how asking about one need stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.words import RemoteProvider

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

LEAST_GAP_MS: Final = 100
"""No service is asked more often than ten times a second, whatever a network says."""
MOST_GAP_MS: Final = 60_000
USUAL_GAP_MS: Final[Mapping[RemoteProvider, int]] = {
    RemoteProvider.NOMINATIM: 1000,
    RemoteProvider.PHOTON: 1000,
    RemoteProvider.PELIAS: 500,
    RemoteProvider.CENSUS: 500,
}
"""Milliseconds between two questions where a network says nothing; one a second is what public servers ask for."""
KEEP_DAYS, MOST_KEEP_DAYS = 30, 90
KEEP_NONE_DAYS, MOST_KEEP_NONE_DAYS = 3, 30
MAX_ENDPOINT, MAX_TOWN = 300, 100


class OutsideBar(StrEnum):
    """What stands in the way of asking outside about a need."""

    HOST = "host"
    NETWORK = "network"
    PLACED = "placed"
    CONSENT = "consent"
    ADDRESS = "address"


class Outcome(StrEnum):
    """How asking outside came out."""

    FOUND = "found"
    NONE = "none"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OutsideService:
    """The one address service a network may ask, and how.

    ``gap_ms`` lies between two questions. ``country`` (ISO 3166, two letters) and ``town`` are the network's own and go
    along with every question, because a street alone is everywhere. ``keep_days`` and ``keep_none_days`` say how long
    answers, and that there was none, are kept.
    """

    provider: RemoteProvider
    endpoint: str
    gap_ms: int
    country: str | None = None
    town: str | None = None
    keep_days: int = KEEP_DAYS
    keep_none_days: int = KEEP_NONE_DAYS
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutsideView:
    """How asking outside about a need stands: by whom it would be answered, what is in the way, and what would leave.

    ``line`` is what would leave of the record, word for word; it is there only when nothing is in the way.
    """

    need_id: UUID
    provider: RemoteProvider | None
    host: str | None
    bar: OutsideBar | None
    line: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether nothing is in the way."""
        return self.bar is None


@dataclass(frozen=True, slots=True)
class OutsideReport:
    """What came of asking: how many places were ``found``, whether from what was kept, and which service answered."""

    need_id: UUID
    provider: RemoteProvider
    outcome: Outcome
    found: int
    is_cached: bool
