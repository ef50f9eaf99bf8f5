"""The organizer's first look: what changed, what waits longest, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from geo.domain.now import LONGEST_BACK
from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.last_visit import note_visit
from geo.store.needs import count_balance
from geo.store.now import get_now as read_now

from api.access import requires
from api.deps import AudienceDep, FreshDep, SessionDep
from api.params import Limit
from api.schemas.common import At
from api.schemas.now import LastVisitOut, NowOut

router = APIRouter(tags=["board"])
SinceThen = Annotated[At | None, Query(description=f"a day ago when left out; at most {LONGEST_BACK.days} days ago")]


@router.get("/v1/now", operation_id="get_now", dependencies=[requires(Permission.READ_NEEDS)], response_model=NowOut)
def get_now(
    session: SessionDep, audience: AudienceDep, fresh: FreshDep, *, since: SinceThen = None, limit: Limit = 10
) -> Mapping[str, Any]:
    """Show how needs came and went since an instant, those that wait longest for somebody, and what to do next."""
    moment = datetime.now(UTC)
    balance = count_balance(session)
    told = read_now(
        session,
        balance,
        since=since or moment - timedelta(days=1),
        unconfirmed_since=fresh.until,
        limit=limit,
        now=moment,
    )
    return {
        "flow": disclose(told.flow, audience),
        "longest": [disclose(one, audience) for one in told.longest],
        "tasks": [disclose(one, audience) for one in told.tasks],
        "balance": balance.as_dict(),
    }


@router.post(
    "/v1/now/seen",
    operation_id="note_visit",
    dependencies=[requires(Permission.READ_NEEDS)],
    response_model=LastVisitOut,
)
def post_seen(session: SessionDep, audience: AudienceDep) -> Mapping[str, Any]:
    """Note that one looks at the first page, and tell when one last did; looks within four hours are one visit."""
    return disclose(note_visit(session), audience)
