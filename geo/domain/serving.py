"""Who serves a kind of need already, near a place: shown before a new project or referral does the same again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class ServingPlace:
    """An active service for a kind of need.

    ``travel_min`` and ``reason`` are those of the nearest help; nothing where the need has no place. ``referred``
    counts the referrals to it that run.
    """

    asset_id: UUID
    name: str
    organization_id: UUID | None
    opening_hours: str | None
    travel_min: float | None
    reason: str
    referred: int


@dataclass(frozen=True, slots=True)
class ServingPartner:
    """A partner to whom needs can be referred now; ``covers`` says whether this kind and place are in its agreement."""

    agreement_id: UUID
    name: str
    organization_id: UUID | None
    covers: bool
    referred: int
