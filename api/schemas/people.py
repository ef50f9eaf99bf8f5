"""Consents and erasures as they are sent and as they leave."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, Field

from geo.domain.consent import ConsentDraft
from geo.domain.words import ConsentScope, ConsentWay, SubjectKind

from api.schemas.common import Body, Instant, Language, Page, Yes


class ConsentIn(Body):
    """What a person agrees to."""

    what: ConsentScope
    how: ConsentWay
    language: Language | None = Field(default=None, description="the language it was explained in")

    def to_draft(self) -> ConsentDraft:
        """Make the draft the store takes."""
        return ConsentDraft(self.what, self.how, self.language)


class WithdrawIn(Body):
    """That a person takes their consent back."""

    withdraw: Yes


class ConsentOut(BaseModel):
    """One consent as it was recorded."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    what: ConsentScope
    how: ConsentWay
    language: str | None
    recorded_by: UUID | None
    given_at: Instant
    withdrawn_at: Instant | None


class ConsentPage(Page):
    """A page of consents."""

    items: list[ConsentOut]


class EraseIn(Body):
    """That somebody is to be erased. It cannot be undone, not even by restoring a backup."""

    for_good: Yes


class ErasedOut(BaseModel):
    """How many rows of each kind are gone; all 0 when it was done before."""

    needs: int
    helpers: int
    entries: int
    keys: int


CONSENT_EXAMPLES = {
    "spoken": {
        "summary": "Said at the door",
        "value": {"what": "share_with_partner", "how": "spoken", "language": "so"},
    }
}
