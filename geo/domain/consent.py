"""Consent: what a person agreed to, how they said so, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from geo.domain.words import ConsentScope, ConsentWay, SubjectKind


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """What a person agrees to now. ``language`` is the one it was explained in, when that was noted."""

    what: ConsentScope
    how: ConsentWay
    language: str | None = None
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """One agreement as it was recorded; a withdrawn one stays, so that it can be told what held when."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    what: ConsentScope
    how: ConsentWay
    language: str | None
    recorded_by: UUID | None
    given_at: datetime
    withdrawn_at: datetime | None

    @property
    def holds(self) -> bool:
        """Whether it has not been withdrawn."""
        return self.withdrawn_at is None
