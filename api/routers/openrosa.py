"""Forms for ODK Collect, Enketo and other programs that speak OpenRosa: listed, fetched, and sent filled in."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query, Response

from geo.domain.principals import Permission
from geo.errors import SignInNeeded
from geo.privacy.disclosure import disclose
from geo.store.entries import count_quarantined
from geo.store.forms import get_version, list_active

from api.access import PrincipalDep, requires
from api.canvass.filled_forms import take_filled
from api.canvass.taking_in import take_in
from api.deps import AudienceDep, OriginDep, SessionDep, SessionsDep, SettingsDep
from api.openrosa import MULTIPART, NO_FILES, OPENROSA, SUBMISSION, XML, SentDep, answer, give, offer, say, write_list
from api.problems import TOO_MANY, Problem
from api.routers.entries import MOST_QUARANTINED
from api.routers.session import LimiterDep

router = APIRouter(tags=["forms"])
_READS: Final = [requires(Permission.SUBMIT)]
_SENDS: Final = [requires(Permission.HAND_IN)]
_XML: Final[dict[str, Any]] = {"content": {XML: {}}}
_WHOLE: Final = "<data id='winter' version='1'><meta><instanceID>uuid:…</instanceID></meta></data>"
_PARTS: Final = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {"type": "object", "properties": {"xml_submission_file": {"type": "string"}}},
                "examples": {"one": {"summary": "A filled-in form", "value": {"xml_submission_file": _WHOLE}}},
            }
        },
    }
}
DeviceId = Annotated[
    str | None, Query(alias="deviceID", max_length=200, description="what the program calls its phone; not looked at")
]
FormId = Annotated[str | None, Query(alias="formID", max_length=64, description="the name of one form")]


@router.get(
    f"{OPENROSA}/formList",
    operation_id="list_odk_forms",
    dependencies=_READS,
    response_class=Response,
    responses={200: _XML},
)
def get_list(session: SessionDep, origin: OriginDep, audience: AudienceDep, form_id: FormId = None) -> Response:
    """List the forms that are asked now, as ODK programs read it."""
    found = [version for version in list_active(session) if form_id in (None, version.name)]
    return answer(write_list([disclose(version, audience) for version in found], origin))


@router.get(
    OPENROSA + "/forms/{version_id}",
    operation_id="get_odk_form",
    dependencies=_READS,
    response_class=Response,
    responses={200: _XML},
)
def get_form(session: SessionDep, audience: AudienceDep, version_id: UUID) -> Response:
    """Give a form as ODK programs read it (XForms)."""
    return give(disclose(get_version(session, version_id), audience)["xml"])


@router.get(
    OPENROSA + "/forms/{version_id}/manifest",
    operation_id="get_odk_manifest",
    dependencies=_READS,
    response_class=Response,
    responses={200: _XML},
)
def get_manifest(session: SessionDep, version_id: UUID) -> Response:
    """List the files a form needs beside itself: none does."""
    get_version(session, version_id)
    return answer(NO_FILES)


@router.head(SUBMISSION, operation_id="offer_odk", dependencies=_SENDS, status_code=204)
def head_submission(origin: OriginDep, settings: SettingsDep, device_id: DeviceId = None) -> Response:  # noqa: ARG001 - sent by programs, of no use here
    """Tell a program where to send, and how much at once."""
    return offer(origin, settings.server.max_body_bytes)


@router.post(
    SUBMISSION,
    operation_id="hand_in_odk",
    dependencies=_SENDS,
    status_code=201,
    response_class=Response,
    responses={201: _XML, 202: _XML},
    openapi_extra=_PARTS,
)
def post_submission(
    session: SessionDep,
    sessions: SessionsDep,
    principal: PrincipalDep,
    limiter: LimiterDep,
    later: BackgroundTasks,
    sent: SentDep,
    device_id: DeviceId = None,  # noqa: ARG001 - likewise
) -> Response:
    """Receive a filled-in form, or a part of it; sending it again changes nothing and gives the same answer.

    A phone that was ended is answered alike; what it hands in waits in quarantine.
    """
    if principal.network is None or principal.actor is None:
        raise SignInNeeded
    if principal.is_ended:
        limiter.check_ended(str(principal.credential))
        if count_quarantined(session) >= MOST_QUARANTINED:
            raise Problem(TOO_MANY, "try again tomorrow", headers={"Retry-After": "86400"})
    fresh = take_filled(session, principal.network, principal.actor, sent, quarantined=principal.is_ended)
    if fresh and not principal.is_ended:
        later.add_task(take_in, sessions, principal.network, among=fresh)
    return say("more is to come", 202) if sent.is_incomplete else say("received", 201)
