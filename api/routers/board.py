"""The board of needs by how they stand, and the matches of one need or one helper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from geo.domain.board import Lane
from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.privacy.disclosure import disclose
from geo.store.board import count_lanes, list_board, list_matches_of_helper, list_matches_of_need
from geo.store.needs import count_balance

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.params import Limit
from api.schemas.board import BoardOut, MatchedNeeds

router = APIRouter(tags=["board"])
READS = [requires(Permission.READ_NEEDS)]
Answer = Mapping[str, Any]


@router.get("/v1/board", operation_id="get_board", dependencies=READS, response_model=BoardOut)
def get_board(
    session: SessionDep,
    audience: AudienceDep,
    *,
    lane: Annotated[Lane, Query(description="whose needs are listed; all lanes are counted")] = Lane.WAITING,
    category: Category | None = None,
    limit: Limit = 50,
) -> Answer:
    """Show one lane of the board, the most urgent and longest waiting first, with the counts of every lane."""
    counted = count_lanes(session, category=category)
    cards = list_board(session, lane, category=category, limit=limit)
    return {
        "lanes": [disclose(one, audience) for one in counted.values()],
        "lane": lane,
        "items": [disclose(card, audience) for card in cards],
        "balance": count_balance(session, category=category).as_dict(),
    }


@router.get(
    "/v1/needs/{need_id}/matches", operation_id="list_matches_of_need", dependencies=READS, response_model=MatchedNeeds
)
def get_matches_of_need(session: SessionDep, audience: AudienceDep, need_id: UUID, limit: Limit = 100) -> Answer:
    """List whom a need was brought together with, the newest first."""
    return {"items": [disclose(one, audience) for one in list_matches_of_need(session, need_id, limit=limit)]}


@router.get(
    "/v1/helpers/{helper_id}/matches",
    operation_id="list_matches_of_helper",
    dependencies=READS,
    response_model=MatchedNeeds,
)
def get_matches_of_helper(session: SessionDep, audience: AudienceDep, helper_id: UUID, limit: Limit = 100) -> Answer:
    """List what a helper was asked about, the newest first."""
    return {"items": [disclose(one, audience) for one in list_matches_of_helper(session, helper_id, limit=limit)]}
