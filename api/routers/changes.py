"""What has changed since a cursor, for programs that keep a copy: records as they are now, and those that went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from geo.domain.principals import Permission
from geo.store.changes import read_changes
from geo.store.partner_feed import count_drawn
from geo.store.partner_ledger import read_partner_changes

from api.access import PrincipalDep, requires
from api.deps import SessionDep
from api.etags import respond_once
from api.params import Limit, decode_text, encode_text
from api.problems import QUOTA, Problem
from api.schemas.changes import ChangesOut

if TYPE_CHECKING:
    from geo.domain.changes import ChangePage

router = APIRouter(tags=["changes"])
_FORM: Final = re.compile(r"[slp]\.[0-9a-f.-]{1,90}")
Cursor = Annotated[str | None, Query(max_length=150, description="`next` of the answer before; none at first")]
Collection = Annotated[Literal["needs", "assets"], Query(description="what to follow", examples=["needs"])]


@router.get(
    "/v1/changes",
    operation_id="list_changes",
    dependencies=[requires(Permission.READ_FEEDS)],
    response_model=ChangesOut,
)
def get_changes(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    *,
    collection: Collection,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """Tell what came, changed and went; without a cursor everything there is, to begin with."""
    since, agreement = decode_text(cursor, _FORM), principal.agreement
    if agreement is not None and collection == "needs":
        page = read_partner_changes(session, agreement, since=since, limit=limit)
    else:
        page = read_changes(session, collection, principal.audience, since=since, limit=limit)
    if agreement is not None and not count_drawn(session, agreement, len(page.changes)):
        raise Problem(QUOTA)
    return respond_once(request, _told(collection, page))


def _told(collection: str, page: ChangePage) -> dict[str, Any]:
    changes = [{"id": each.id, "feature": each.feature, "gone": each.gone} for each in page.changes]
    return {"collection": collection, "changes": changes, "next": encode_text(page.next), "has_more": page.has_more}
