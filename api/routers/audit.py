"""What has happened, for organizers to read; and the one way to an exact place or a contact, which is noted there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Query

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.audit import list_audit
from geo.store.reveals import reveal_contact, reveal_place

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit, encode_cursor
from api.schemas.audit import REVEAL_EXAMPLES, AuditPage, RevealIn, RevealOut

router = APIRouter(tags=["audit"])
_MOST: Final = 2**63 - 1
Action = Annotated[
    str | None, Query(pattern="^[a-z_]{1,40}$", description="only entries of this action", examples=["reveal"])
]


@router.get(
    "/v1/audit", operation_id="list_audit", dependencies=[requires(Permission.READ_AUDIT)], response_model=AuditPage
)
def get_audit(
    session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100, action: Action = None
) -> Mapping[str, Any]:
    """List what has happened, the newest first: who did what to which records, without what they held."""
    # a marker is an id everywhere; here it is the number of an entry, written as one
    before = None if after is None else min(after.int, _MOST)
    found = list_audit(session, after=before, limit=limit, action=action)
    following = encode_cursor(UUID(int=found[-1].seq)) if len(found) == limit else None
    return {"items": [disclose(entry, audience) for entry in found], "next": following}


@router.post(
    "/v1/needs/{need_id}/reveal",
    operation_id="reveal_need",
    dependencies=[requires(Permission.REVEAL)],
    response_model=RevealOut,
)
def post_reveal(
    session: SessionDep,
    audience: AudienceDep,
    need_id: UUID,
    sent: Annotated[RevealIn, Body(openapi_examples=REVEAL_EXAMPLES)],
) -> Mapping[str, Any]:
    """Show the exact place or the contact behind a need. It is in the audit before the answer is sent."""
    reveal = reveal_place if sent.what == "place" else reveal_contact
    return {sent.what: disclose(reveal(session, need_id, reason=sent.reason), audience)}
