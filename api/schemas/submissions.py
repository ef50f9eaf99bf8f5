"""What phones hand in after a round, and what became of each entry."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from api.schemas.common import Body, ClientId, Instant, Page
from api.schemas.needs import NeedIn

MAX_ENTRIES = 200


class SubmissionIn(Body):
    """The queue of a phone; entries are judged one by one."""

    entries: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_ENTRIES)]


class EntryIn(Body):
    """One entry, under the id the phone gave it."""

    id: ClientId
    kind: Literal["need"]
    device_at: Instant | None = None
    body: NeedIn


class FaultOut(BaseModel):
    """A value that cannot be used."""

    pointer: str
    reason: str


class EntryOut(BaseModel):
    """What became of an entry. ``id`` is null when the entry named none that can be used."""

    id: UUID | None
    status: Literal["created", "already_received", "rejected"]
    code: int = Field(description="as an HTTP status: 201, 200, 409 or 422")
    record_id: UUID | None = None
    errors: list[FaultOut] | None = None


class SubmissionOut(BaseModel):
    """One result for each entry, in the order they were sent."""

    results: list[EntryOut]


class ReceivedOut(BaseModel):
    """An entry that came."""

    id: UUID
    kind: str
    received_at: AwareDatetime


class ReceivedPage(Page):
    """A page of what one's own phone has handed in."""

    items: list[ReceivedOut]


SUBMISSION_EXAMPLES = {
    "round": {
        "summary": "Two entries of a round",
        "value": {
            "entries": [
                {
                    "id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
                    "kind": "need",
                    "device_at": "2026-05-04T15:20:00+03:00",
                    "body": {"category": "food", "household_size": 2, "location": {"address": "Liisankatu 12"}},
                },
                {"id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c42", "kind": "need", "body": {"category": "company"}},
            ]
        },
    }
}
