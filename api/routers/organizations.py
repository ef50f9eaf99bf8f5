"""Organizations: who stands behind assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response

from geo.domain.principals import Permission
from geo.domain.words import ConsentWay
from geo.privacy.disclosure import disclose
from geo.store.organizations import (
    create_organization,
    delete_organization,
    get_organization,
    list_organizations,
    remove_organization_contact,
    set_organization_contact,
    update_organization,
)

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Limit
from api.routers.paging import made, page
from api.schemas.helpers import CONTACT_EXAMPLES
from api.schemas.needs import ContactIn
from api.schemas.organizations import (
    ORGANIZATION_EXAMPLES,
    OrganizationChange,
    OrganizationIn,
    OrganizationOut,
    OrganizationPage,
)

router = APIRouter(tags=["organizations"])
PATH = "/v1/organizations"
Answer = Mapping[str, Any]


@router.post(
    PATH,
    status_code=201,
    operation_id="create_organization",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=OrganizationOut,
)
def post_organization(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[OrganizationIn, Body(openapi_examples=ORGANIZATION_EXAMPLES)],
) -> Answer:
    """Take an organization in."""
    found, is_new = once.create(session, lambda: create_organization(session, sent.to_draft()), get_organization)
    return made(response, disclose(found, audience), path=PATH, is_new=is_new)


@router.get(
    PATH,
    operation_id="list_organizations",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=OrganizationPage,
)
def get_organizations(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List organizations in the order of arrival."""
    return page(list_organizations(session, after=after, limit=limit), limit=limit, audience=audience)


@router.get(
    PATH + "/{organization_id}",
    operation_id="get_organization",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=OrganizationOut,
)
def get_one_organization(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, organization_id: UUID
) -> Answer | Response:
    """Read one organization; its ETag is what a change must name."""
    found = get_organization(session, organization_id)
    if is_known(request, version_tag(found.version)):
        return not_modified(version_tag(found.version))
    return tag_record(response, disclose(found, audience))


@router.patch(
    PATH + "/{organization_id}",
    operation_id="update_organization",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=OrganizationOut,
)
def patch_organization(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    organization_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[OrganizationChange, Body(openapi_examples={"rename": {"value": {"name": "Harbour Kitchen"}}})],
) -> Answer:
    """Change an organization that has not changed since it was read."""
    found = update_organization(session, organization_id, sent.changes(), expected_version=version)
    return tag_record(response, disclose(found, audience))


@router.delete(
    PATH + "/{organization_id}",
    status_code=204,
    operation_id="delete_organization",
    dependencies=[requires(Permission.CHANGE_HELP)],
)
def remove_organization(session: SessionDep, organization_id: UUID, version: ExpectedVersion) -> None:
    """Remove an organization; its assets stay."""
    delete_organization(session, organization_id, expected_version=version)


@router.put(
    PATH + "/{organization_id}/contact",
    status_code=204,
    operation_id="set_organization_contact",
    dependencies=[requires(Permission.CHANGE_HELP)],
)
def put_contact(
    session: SessionDep, organization_id: UUID, sent: Annotated[ContactIn, Body(openapi_examples=CONTACT_EXAMPLES)]
) -> None:
    """Keep how to reach an organization, sealed: they are asked now and then whether what is listed is still true."""
    set_organization_contact(session, organization_id, sent.to_contact(ConsentWay.FORM))


@router.delete(
    PATH + "/{organization_id}/contact",
    status_code=204,
    operation_id="remove_organization_contact",
    dependencies=[requires(Permission.CHANGE_HELP)],
)
def remove_contact(session: SessionDep, organization_id: UUID) -> None:
    """Forget how to reach an organization; nobody there is asked any more."""
    remove_organization_contact(session, organization_id)
