"""Forms of campaigns: added from an XLSForm, asked and withdrawn by organizers, carried by phones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from geo.domain.principals import Permission
from geo.errors import NotFound
from geo.interchange.xlsform import read_xlsform
from geo.privacy.disclosure import disclose
from geo.store.forms import (
    activate_version,
    add_version,
    get_form,
    get_version,
    list_active,
    list_forms,
    list_versions,
    withdraw_form,
)

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import respond_once
from api.params import After, Limit
from api.routers.geocode_batch import XLSX
from api.routers.paging import page
from api.schemas.forms import CarriedForm, CarriedForms, FormOut, FormPage, VersionOut, VersionsOut

router = APIRouter(tags=["forms"])
PATH: Final = "/v1/forms"
ONE: Final = PATH + "/{form_id}"
CARRIED: Final = "/canvass/forms"
_MANAGES: Final = [requires(Permission.MANAGE_FORMS)]
_CARRIES: Final = [requires(Permission.SUBMIT)]
Answer = Mapping[str, Any]
_WORKBOOK: Final = {
    "requestBody": {
        "required": True,
        "content": {
            XLSX: {
                "schema": {"type": "string", "format": "binary"},
                "examples": {"one": {"summary": "An XLSForm", "value": "a workbook with a sheet named survey"}},
            }
        },
    }
}


async def _content(request: Request) -> bytes:
    return await request.body()


@router.post(
    PATH,
    status_code=201,
    operation_id="add_form",
    dependencies=_MANAGES,
    response_model=VersionOut,
    openapi_extra=_WORKBOOK,
)
def post_form(
    response: Response, session: SessionDep, audience: AudienceDep, content: Annotated[bytes, Depends(_content)]
) -> Answer:
    """Add a form, or a version of it, from an XLSForm; nobody is asked it before it is made active.

    The same workbook again is the version that is there: 200 instead of 201.
    """
    read = read_xlsform(content)
    version, is_new = add_version(session, read.model, read.xml, read.content_hash)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"{PATH}/{version.form_id}"
    return disclose(version, audience)


@router.get(PATH, operation_id="list_forms", dependencies=_MANAGES, response_model=FormPage)
def get_forms(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List the forms in the order they were added."""
    return page(list_forms(session, after=after, limit=limit), limit=limit, audience=audience)


@router.get(ONE, operation_id="get_form", dependencies=_MANAGES, response_model=FormOut)
def get_one(session: SessionDep, audience: AudienceDep, form_id: UUID) -> Answer:
    """Read one form."""
    return disclose(get_form(session, form_id), audience)


@router.get(ONE + "/versions", operation_id="list_form_versions", dependencies=_MANAGES, response_model=VersionsOut)
def get_versions(session: SessionDep, audience: AudienceDep, form_id: UUID) -> Answer:
    """List the versions of a form, the newest first, with all they ask."""
    return {"items": [disclose(version, audience) for version in list_versions(session, form_id)]}


@router.post(
    ONE + "/versions/{version_id}/activate", operation_id="activate_form", dependencies=_MANAGES, response_model=FormOut
)
def post_activate(session: SessionDep, audience: AudienceDep, form_id: UUID, version_id: UUID) -> Answer:
    """Let phones and ODK programs ask this version, in place of any other of the form."""
    if get_version(session, version_id).form_id != form_id:
        raise NotFound("there is no such version")
    return disclose(activate_version(session, version_id), audience)


@router.post(ONE + "/withdraw", operation_id="withdraw_form", dependencies=_MANAGES, response_model=FormOut)
def post_withdraw(session: SessionDep, audience: AudienceDep, form_id: UUID) -> Answer:
    """Ask a form no more; what is filled in already still comes in."""
    return disclose(withdraw_form(session, form_id), audience)


@router.get(f"{CARRIED}.json", operation_id="list_carried_forms", dependencies=_CARRIES, response_model=CarriedForms)
def get_carried_all(request: Request, session: SessionDep, audience: AudienceDep) -> Response:
    """Give all that is asked now, for a phone to take along."""
    found = [_carried(disclose(version, audience)) for version in list_active(session)]
    return respond_once(request, {"items": found})


@router.get(
    CARRIED + "/{version_id}.json", operation_id="get_carried_form", dependencies=_CARRIES, response_model=CarriedForm
)
def get_carried(request: Request, session: SessionDep, audience: AudienceDep, version_id: UUID) -> Response:
    """Give one version that is asked, or was; a phone may still have entries with it."""
    return respond_once(request, _carried(disclose(get_version(session, version_id), audience)))


def _carried(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in CarriedForm.model_fields}
