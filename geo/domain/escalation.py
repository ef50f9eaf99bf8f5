"""Proposals nobody answered in time, and what is done about each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

LOOKED_BACK: Final = timedelta(days=30)
"""Proposals made longer ago are left to the list of needs that wait for an organizer."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A proposal that nobody answered in time.

    Attributes
    ----------
    level
        How many of the need's proposals that is by now; the ring in which help is looked for widens with each.
    next_match_id
        The proposal to the next helper, who was asked by itself; none where nobody was.
    told_at
        When organizers were told; none where the next was asked instead.
    """

    need_id: UUID
    match_id: UUID
    level: int
    at: datetime
    next_match_id: UUID | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class EscalationReport:
    """How many proposals went unanswered, whom else was asked, and about how many needs organizers were told."""

    unanswered: int = 0
    asked: int = 0
    told: int = 0

    def __add__(self, other: EscalationReport) -> EscalationReport:
        return EscalationReport(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))
