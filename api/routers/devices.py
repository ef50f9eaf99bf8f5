"""Canvassers' phones: a code to enrol each, a list, and a way to end one at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.devices import add_device, connect_device, end_device, enrol_again, get_device, list_devices

from api.access import requires
from api.deps import AudienceDep, OriginDep, SessionDep
from api.openrosa import OPENROSA, collect_settings
from api.params import After, Limit
from api.qr import draw_qr
from api.routers.paging import page
from api.routers.people import link_to
from api.schemas.access import DEVICE_IN_EXAMPLES, ConnectedOut, DeviceIn, DevicePage, EnrolmentOut

if TYPE_CHECKING:
    from geo.domain.principals import Device
    from geo.domain.words import Audience
    from geo.privacy.tokens import Token

router = APIRouter(tags=["people and access"])
PATH: Final = "/v1/devices"
ENROL: Final = "/canvass/enrol"
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]


def _code(request: Request, response: Response, device: Device, token: Token, audience: Audience) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    link = link_to(request, ENROL, token)
    return {"device": disclose(device, audience), "link": link, "qr_svg": draw_qr(link), "token": token.text}


@router.post(PATH, status_code=201, operation_id="add_device", dependencies=_MANAGES, response_model=EnrolmentOut)
def post_device(
    request: Request,
    response: Response,
    session: SessionDep,
    audience: AudienceDep,
    sent: Annotated[DeviceIn, Body(openapi_examples=DEVICE_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Expect a phone; the answer has the code it scans, good for fifteen minutes and once."""
    device, token = add_device(session, sent.label, lasts=timedelta(days=sent.days))
    return _code(request, response, device, token, audience)


@router.get(PATH, operation_id="list_devices", dependencies=_MANAGES, response_model=DevicePage)
def get_devices(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Mapping[str, Any]:
    """List the phones in the order they were added."""
    return page(list_devices(session, after=after, limit=limit), limit=limit, audience=audience)


@router.post(PATH + "/{device_id}/code", operation_id="renew_code", dependencies=_MANAGES, response_model=EnrolmentOut)
def post_code(
    request: Request, response: Response, session: SessionDep, audience: AudienceDep, device_id: UUID
) -> Mapping[str, Any]:
    """Give a phone a new code; what it carried until now ends."""
    token = enrol_again(session, device_id)
    return _code(request, response, get_device(session, device_id), token, audience)


@router.post(PATH + "/{device_id}/odk", operation_id="connect_odk", dependencies=_MANAGES, response_model=ConnectedOut)
def post_odk(
    response: Response, session: SessionDep, audience: AudienceDep, origin: OriginDep, device_id: UUID
) -> Mapping[str, Any]:
    """Give a phone what ODK Collect and its like are set up with, as a code to scan; what it carried until now ends."""
    response.headers["Cache-Control"] = "no-store"
    device, token = connect_device(session, device_id)
    settings = collect_settings(origin, device.label, token.text)
    server = {"server_url": f"{origin}{OPENROSA}", "user": device.label, "password": token.text}
    return {"device": disclose(device, audience), **server, "settings": settings, "qr_svg": draw_qr(settings)}


@router.delete(PATH + "/{device_id}", status_code=204, operation_id="end_device", dependencies=_MANAGES)
def delete_device(session: SessionDep, device_id: UUID) -> None:
    """End a phone: nothing it carries is good from now on."""
    end_device(session, device_id)
