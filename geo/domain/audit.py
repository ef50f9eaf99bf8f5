"""What has happened, as it is told: who did what to which records, with the names of fields and never their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from geo.domain.place import Point
    from geo.domain.words import MatchQuality

MAX_IDS: Final = 1000
"""The most records one entry names; more are counted only."""
MAX_FIELDS: Final = 100
MAX_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done, at its place in the network's chain.

    ``count`` says how many records it was done to. ``object_ids`` names them where there are at most ``MAX_IDS``.
    ``reason`` is what an organizer gave for a reveal, until the need is gone.
    """

    seq: int
    at: datetime
    actor_kind: str
    actor: UUID | None
    action: str
    object_kind: str
    object_ids: tuple[UUID, ...]
    fields: tuple[str, ...]
    count: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is chained: whose it is, the hash of the one before, and its own."""

    network_id: UUID
    entry: AuditEntry
    prev: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a network's chain, as it was at ``at``."""

    network_id: UUID
    seq: int
    hash: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class ExactPlace:
    """Where a need exactly is and what was typed for it: what a reveal shows, and nothing else."""

    need_id: UUID
    point: Point | None
    uncertainty_m: float | None
    match_quality: MatchQuality
    address_typed: str | None
