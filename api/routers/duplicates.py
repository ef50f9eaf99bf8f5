"""Requests that may be one: the queue for organizers, and what they say. Nobody else ever hears of a likeness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body

from geo.domain.duplicates import PairState
from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.duplicates import count_duplicates, get_duplicate, list_duplicates
from geo.store.merging import check_versions, merge, say_different
from geo.store.unmerging import undo_decision

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.duplicates import MERGE_EXAMPLES, DuplicateOut, DuplicatePage, MergeIn

router = APIRouter(tags=["duplicates"])
PATH = "/v1/duplicates"
MOST = 100
Answer = Mapping[str, Any]


@router.get(
    PATH, operation_id="list_duplicates", dependencies=[requires(Permission.READ_NEEDS)], response_model=DuplicatePage
)
def get_duplicates(
    session: SessionDep, audience: AudienceDep, after: After, state: PairState = PairState.WAITING, limit: Limit = 20
) -> Answer:
    """List pairs of requests that may be one, the likeliest first; a page has at most 100."""
    most = min(limit, MOST)
    found = list_duplicates(session, state=state, after=after, limit=most)
    return page(found, limit=most, audience=audience) | {"count": count_duplicates(session)}


@router.get(
    PATH + "/{pair_id}",
    operation_id="get_duplicate",
    dependencies=[requires(Permission.READ_NEEDS)],
    response_model=DuplicateOut,
)
def get_one_pair(session: SessionDep, audience: AudienceDep, pair_id: UUID) -> Answer:
    """Read one pair."""
    return disclose(get_duplicate(session, pair_id), audience)


@router.post(
    PATH + "/{pair_id}/different",
    operation_id="say_different",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=DuplicateOut,
)
def post_different(session: SessionDep, audience: AudienceDep, pair_id: UUID) -> Answer:
    """Say that the two are not one; they are not shown together again."""
    say_different(session, pair_id)
    return disclose(get_duplicate(session, pair_id), audience)


@router.post(
    PATH + "/{pair_id}/merge",
    operation_id="merge_duplicate",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=DuplicateOut,
)
def post_merge(
    session: SessionDep,
    audience: AudienceDep,
    pair_id: UUID,
    sent: Annotated[MergeIn, Body(openapi_examples=MERGE_EXAMPLES)],
) -> Answer:
    """Make one request of the two: the earlier goes on, with what it takes of the later, which is closed as merged."""
    check_versions(session, pair_id, sent.earlier_version, sent.later_version)
    merge(session, pair_id, frozenset(sent.take))
    return disclose(get_duplicate(session, pair_id), audience)


@router.post(
    PATH + "/{pair_id}/undo",
    operation_id="undo_duplicate",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=DuplicateOut,
)
def post_undo(session: SessionDep, audience: AudienceDep, pair_id: UUID) -> Answer:
    """Take back what was said about a pair: two that were merged are two again, as they were."""
    undo_decision(session, pair_id)
    return disclose(get_duplicate(session, pair_id), audience)
