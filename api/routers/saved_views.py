"""Saved views: the filters of a page under a name, one's own or the network's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response

from geo.domain.principals import Permission
from geo.domain.saved_views import ViewPage
from geo.privacy.disclosure import disclose
from geo.store.saved_views import create_view, delete_view, get_view, list_views, update_view

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.routers.paging import made
from api.schemas.saved_views import VIEW_EXAMPLES, ViewChange, ViewIn, ViewOut, ViewsOut

router = APIRouter(tags=["board"])
PATH: Final = "/v1/views"
Answer = Mapping[str, Any]
READS = [requires(Permission.READ_NEEDS)]
CHANGES = [requires(Permission.CHANGE_NEEDS)]


@router.post(PATH, status_code=201, operation_id="create_view", dependencies=CHANGES, response_model=ViewOut)
def post_view(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[ViewIn, Body(openapi_examples=VIEW_EXAMPLES)],
) -> Answer:
    """Keep the filters of a page under a name, for oneself or for everybody in the network."""
    found, is_new = once.create(
        session,
        lambda: create_view(session, sent.page, sent.name, sent.words, is_shared=sent.is_shared, view_id=sent.id),
        get_view,
    )
    return made(response, disclose(found, audience), path=PATH, is_new=is_new)


@router.get(PATH, operation_id="list_views", dependencies=READS, response_model=ViewsOut)
def get_views(
    session: SessionDep,
    audience: AudienceDep,
    page: Annotated[ViewPage | None, Query(description="of this page")] = None,
) -> Answer:
    """List one's own views and the network's, by name; nobody sees what others keep for themselves."""
    return {"items": [disclose(one, audience) for one in list_views(session, page)]}


@router.get(PATH + "/{view_id}", operation_id="get_view", dependencies=READS, response_model=ViewOut)
def get_one_view(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, view_id: UUID
) -> Answer | Response:
    """Read one view; its ETag is what a change must name."""
    found = get_view(session, view_id)
    if is_known(request, version_tag(found.version)):
        return not_modified(version_tag(found.version))
    return tag_record(response, disclose(found, audience))


@router.patch(PATH + "/{view_id}", operation_id="update_view", dependencies=CHANGES, response_model=ViewOut)
def patch_view(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    view_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[ViewChange, Body(openapi_examples={"rename": {"value": {"name": "Food by the harbour"}}})],
) -> Answer:
    """Change a view that has not changed since it was read; a shared one is anybody's to change."""
    found = update_view(session, view_id, sent.changes(), expected_version=version)
    return tag_record(response, disclose(found, audience))


@router.delete(PATH + "/{view_id}", status_code=204, operation_id="delete_view", dependencies=CHANGES)
def remove_view(session: SessionDep, view_id: UUID, version: ExpectedVersion) -> None:
    """Remove a view."""
    delete_view(session, view_id, expected_version=version)
