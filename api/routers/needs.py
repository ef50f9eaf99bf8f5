"""Needs: asked for, read, listed, changed and removed. They leave with their cell, never with a point or address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from geo.domain.principals import Permission
from geo.domain.words import CLOSED_STATUSES, Category, LocationState, NeedStatus, Urgency
from geo.privacy.disclosure import disclose
from geo.store.judging import judge_now
from geo.store.needs import NeedFilter, delete_need, get_need, list_needs, update_need
from geo.store.telling import release_others

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.locating import store_need
from api.params import After, Cell, Limit
from api.routers.paging import made, page
from api.schemas.needs import NEED_EXAMPLES, NeedChange, NeedIn, NeedOut, NeedPage

router = APIRouter(tags=["needs"])
PATH = "/v1/needs"
Answer = Mapping[str, Any]


@router.post(
    PATH,
    status_code=201,
    operation_id="create_need",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=NeedOut,
)
def post_need(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[NeedIn, Body(openapi_examples=NEED_EXAMPLES)],
) -> Answer:
    """Take a need in. An address is geocoded here; one that cannot be placed waits in the review queue."""
    need, is_new = once.create(session, lambda: store_need(session, sent), get_need)
    if is_new:
        judge_now(session, need.id)
    return made(response, disclose(need, audience), path=PATH, is_new=is_new)


def _wanted(
    category: Category | None = None,
    urgency: Urgency | None = None,
    status: NeedStatus | None = None,
    location_state: LocationState | None = None,
    cell: Annotated[Cell | None, Query()] = None,
) -> NeedFilter:
    return NeedFilter(category, urgency, status, location_state, cell)


Wanted = Annotated[NeedFilter, Depends(_wanted)]


@router.get(PATH, operation_id="list_needs", dependencies=[requires(Permission.READ_NEEDS)], response_model=NeedPage)
def get_needs(session: SessionDep, audience: AudienceDep, after: After, where: Wanted, limit: Limit = 100) -> Answer:
    """List needs in the order of arrival."""
    return page(list_needs(session, where=where, after=after, limit=limit), limit=limit, audience=audience)


@router.get(
    PATH + "/{need_id}", operation_id="get_need", dependencies=[requires(Permission.READ_NEEDS)], response_model=NeedOut
)
def get_one_need(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, need_id: UUID
) -> Answer | Response:
    """Read one need; its ETag is what a change must name."""
    need = get_need(session, need_id)
    if is_known(request, version_tag(need.version)):
        return not_modified(version_tag(need.version))
    return tag_record(response, disclose(need, audience))


@router.patch(
    PATH + "/{need_id}",
    operation_id="update_need",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=NeedOut,
)
def patch_need(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    need_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[NeedChange, Body(openapi_examples={"met": {"value": {"status": "met"}}})],
) -> Answer:
    """Change a need that has not changed since it was read."""
    need = update_need(session, need_id, sent.changes(), expected_version=version)
    if need.status in CLOSED_STATUSES:
        release_others(session, need_id)
    return tag_record(response, disclose(need, audience))


@router.delete(
    PATH + "/{need_id}", status_code=204, operation_id="delete_need", dependencies=[requires(Permission.CHANGE_NEEDS)]
)
def remove_need(session: SessionDep, need_id: UUID, version: ExpectedVersion) -> None:
    """Remove a need with its place and contact."""
    delete_need(session, need_id, expected_version=version)
