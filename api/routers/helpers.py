"""Helpers: the volunteers, known by the name they chose and the cell they live in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from geo.domain.principals import Permission
from geo.domain.words import Category, ConsentWay, HelperStatus, Vehicle
from geo.privacy.disclosure import disclose
from geo.store.helpers import (
    HelperFilter,
    create_helper,
    delete_helper,
    get_helper,
    list_helpers,
    set_contact,
    update_helper,
)
from geo.store.reveals import reveal_helper_contact

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Limit
from api.routers.assets import as_point
from api.routers.paging import made, page
from api.schemas.audit import LOOK_EXAMPLES, ContactOut, LookIn
from api.schemas.common import At, Language
from api.schemas.helpers import CONTACT_EXAMPLES, HELPER_EXAMPLES, HelperChange, HelperIn, HelperOut, HelperPage
from api.schemas.needs import ContactIn

router = APIRouter(tags=["helpers"])
PATH = "/v1/helpers"
Answer = Mapping[str, Any]


@router.post(
    PATH,
    status_code=201,
    operation_id="create_helper",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=HelperOut,
)
def post_helper(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[HelperIn, Body(openapi_examples=HELPER_EXAMPLES)],
) -> Answer:
    """Take a helper in; the home is kept apart."""
    home = as_point(sent.home)
    contact = None if sent.contact is None else sent.contact.to_contact(ConsentWay.FORM)
    helper, is_new = once.create(session, lambda: create_helper(session, sent.to_draft(), home, contact), get_helper)
    return made(response, disclose(helper, audience), path=PATH, is_new=is_new)


def _wanted(
    *,
    category: Category | None = None,
    status: HelperStatus | None = None,
    language: Annotated[Language | None, Query()] = None,
    vehicle: Vehicle | None = None,
    has_room: Annotated[bool | None, Query(description="whether they have room left this week")] = None,
    asked_before: Annotated[At | None, Query(description="last asked before this instant, or never")] = None,
) -> HelperFilter:
    return HelperFilter(category, status, language, vehicle, has_room, asked_before)


Wanted = Annotated[HelperFilter, Depends(_wanted)]


@router.get(PATH, operation_id="list_helpers", dependencies=[requires(Permission.READ_HELP)], response_model=HelperPage)
def get_helpers(session: SessionDep, audience: AudienceDep, after: After, where: Wanted, limit: Limit = 100) -> Answer:
    """List helpers in the order of arrival."""
    return page(list_helpers(session, where=where, after=after, limit=limit), limit=limit, audience=audience)


@router.get(
    PATH + "/{helper_id}",
    operation_id="get_helper",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=HelperOut,
)
def get_one_helper(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, helper_id: UUID
) -> Answer | Response:
    """Read one helper; their ETag is what a change must name."""
    helper = get_helper(session, helper_id)
    if is_known(request, version_tag(helper.version)):
        return not_modified(version_tag(helper.version))
    return tag_record(response, disclose(helper, audience))


@router.patch(
    PATH + "/{helper_id}",
    operation_id="update_helper",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=HelperOut,
)
def patch_helper(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    helper_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[HelperChange, Body(openapi_examples={"pause": {"value": {"status": "paused"}}})],
) -> Answer:
    """Change a helper that has not changed since they were read."""
    changes = sent.changes(without=frozenset({"home"}))
    helper = update_helper(session, helper_id, changes, home=as_point(sent.home), expected_version=version)
    return tag_record(response, disclose(helper, audience))


@router.delete(
    PATH + "/{helper_id}",
    status_code=204,
    operation_id="delete_helper",
    dependencies=[requires(Permission.CHANGE_HELP)],
)
def remove_helper(session: SessionDep, helper_id: UUID, version: ExpectedVersion) -> None:
    """Remove a helper with their home and contact."""
    delete_helper(session, helper_id, expected_version=version)


@router.put(
    PATH + "/{helper_id}/contact",
    operation_id="set_helper_contact",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=HelperOut,
)
def put_contact(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    helper_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[ContactIn, Body(openapi_examples=CONTACT_EXAMPLES)],
) -> Answer:
    """Keep how to reach a helper, sealed, in place of what was kept before."""
    contact = sent.to_contact(ConsentWay.FORM)
    return tag_record(response, disclose(set_contact(session, helper_id, contact, expected_version=version), audience))


@router.delete(
    PATH + "/{helper_id}/contact",
    status_code=204,
    operation_id="remove_helper_contact",
    dependencies=[requires(Permission.CHANGE_HELP)],
)
def remove_contact(session: SessionDep, helper_id: UUID, version: ExpectedVersion) -> None:
    """Keep no longer how to reach a helper."""
    set_contact(session, helper_id, None, expected_version=version)


@router.post(
    PATH + "/{helper_id}/reveal",
    operation_id="reveal_helper",
    dependencies=[requires(Permission.REVEAL)],
    response_model=ContactOut,
)
def post_reveal(
    session: SessionDep,
    audience: AudienceDep,
    helper_id: UUID,
    sent: Annotated[LookIn, Body(openapi_examples=LOOK_EXAMPLES)],
) -> Answer:
    """Show how to reach a helper. It is in the audit before the answer is sent, with the reason."""
    return disclose(reveal_helper_contact(session, helper_id, sent.reason), audience)
