"""Asking outside as it is sent and as it leaves."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from geo.domain.outside import (
    KEEP_DAYS,
    KEEP_NONE_DAYS,
    LEAST_GAP_MS,
    MAX_ENDPOINT,
    MAX_TOWN,
    MOST_GAP_MS,
    MOST_KEEP_DAYS,
    MOST_KEEP_NONE_DAYS,
    USUAL_GAP_MS,
    Outcome,
    OutsideBar,
    OutsideService,
)
from geo.domain.words import RemoteProvider

from api.schemas.common import Body, Instant, count


class OutsideServiceIn(Body):
    """The one service the network may ask from now on."""

    provider: RemoteProvider
    endpoint: Annotated[str, Field(min_length=1, max_length=MAX_ENDPOINT)] = Field(
        description="https:// and the host, as its provider names it; nothing is built in"
    )
    gap_ms: Annotated[int, count(LEAST_GAP_MS, MOST_GAP_MS)] | None = Field(
        default=None, description="milliseconds between two questions; as the kind of service asks when left out"
    )
    country: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = Field(
        default=None, description="ISO 3166, small letters"
    )
    town: Annotated[str, Field(min_length=1, max_length=MAX_TOWN)] | None = Field(
        default=None, description="the network's own town, sent with every question"
    )
    keep_days: Annotated[int, count(0, MOST_KEEP_DAYS)] = KEEP_DAYS
    keep_none_days: Annotated[int, count(0, MOST_KEEP_NONE_DAYS)] = KEEP_NONE_DAYS

    def to_service(self) -> OutsideService:
        """Make the record the store takes."""
        gap_ms = USUAL_GAP_MS[self.provider] if self.gap_ms is None else self.gap_ms
        return OutsideService(
            self.provider, self.endpoint, gap_ms, self.country, self.town, self.keep_days, self.keep_none_days
        )


class OutsideServiceOut(BaseModel):
    """A service a network allows."""

    provider: RemoteProvider
    endpoint: str
    gap_ms: int
    country: str | None
    town: str | None
    keep_days: int
    keep_none_days: int
    updated_at: Instant


class OutsideOut(BaseModel):
    """Whether this host permits asking outside at all, and what the network allows; ``null`` is nobody."""

    is_permitted: bool
    service: OutsideServiceOut | None


class OutsideViewOut(BaseModel):
    """How asking about a need stands; ``line`` is what would leave, word for word."""

    need_id: UUID
    provider: RemoteProvider | None
    host: str | None
    is_ready: bool
    bar: OutsideBar | None
    line: str | None


class OutsideReportOut(BaseModel):
    """What came of asking; the places found are among the need's candidates."""

    need_id: UUID
    provider: RemoteProvider
    outcome: Outcome
    found: int
    is_cached: bool


SERVICE_EXAMPLES = {
    "own": {
        "summary": "A Nominatim of one's own on this machine",
        "value": {"provider": "nominatim", "endpoint": "http://127.0.0.1:8088", "country": "fi", "town": "Helsinki"},
    }
}
