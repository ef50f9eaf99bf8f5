"""Asking an address service outside this host: what a network allows, and asking about one need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body

from geo.domain.outside import Outcome
from geo.domain.principals import Permission
from geo.errors import OutsideFailed, OutsideNotAllowed
from geo.privacy.disclosure import disclose
from geo.store.remote_lookup import ask_outside, view_outside
from geo.store.remote_service import allow_service, find_service, forbid_service

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep, SessionsDep, SettingsDep, acting_for
from api.etags import VersionIfGiven
from api.schemas.outside import (
    SERVICE_EXAMPLES,
    OutsideOut,
    OutsideReportOut,
    OutsideServiceIn,
    OutsideServiceOut,
    OutsideViewOut,
)

router = APIRouter(tags=["asking outside"])
PATH: Final = "/v1/remote-geocoding"
NEED_PATH: Final = "/v1/needs/{need_id}/remote-geocode"
Answer = Mapping[str, Any]


@router.get(
    PATH, operation_id="get_outside_service", dependencies=[requires(Permission.REVIEW)], response_model=OutsideOut
)
def get_service(session: SessionDep, audience: AudienceDep, settings: SettingsDep) -> Answer:
    """Tell which outside address service may be asked; nobody, unless an admin has said so."""
    service = find_service(session)
    shown = None if service is None else disclose(service, audience)
    return {"is_permitted": settings.remote.remote_geocoding, "service": shown}


@router.put(
    PATH,
    operation_id="allow_outside_service",
    dependencies=[requires(Permission.MANAGE_OUTSIDE, proof=True)],
    response_model=OutsideServiceOut,
)
def put_service(
    session: SessionDep,
    audience: AudienceDep,
    settings: SettingsDep,
    sent: Annotated[OutsideServiceIn, Body(openapi_examples=SERVICE_EXAMPLES)],
) -> Answer:
    """Allow one service, in place of the one before. Nobody is asked by this; each person must agree besides."""
    if not settings.remote.remote_geocoding:
        raise OutsideNotAllowed("whoever runs this host does not permit asking outside (BARNRAISER_REMOTE_GEOCODING)")
    return disclose(allow_service(session, sent.to_service(), settings.remote.reach), audience)


@router.delete(
    PATH,
    status_code=204,
    operation_id="forbid_outside_service",
    # stopping is never held up by a password
    dependencies=[requires(Permission.MANAGE_OUTSIDE)],
)
def delete_service(session: SessionDep) -> None:
    """Allow nobody any longer, and forget what was answered."""
    forbid_service(session)


@router.get(
    NEED_PATH, operation_id="view_outside", dependencies=[requires(Permission.REVIEW)], response_model=OutsideViewOut
)
def get_view(session: SessionDep, audience: AudienceDep, settings: SettingsDep, need_id: UUID) -> Answer:
    """Tell whether a service may be asked about a need, what is in the way, and the line that would leave."""
    return disclose(view_outside(session, need_id, settings.remote.reach), audience)


@router.post(
    NEED_PATH, operation_id="ask_outside", dependencies=[requires(Permission.REVIEW)], response_model=OutsideReportOut
)
def post_question(
    sessions: SessionsDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    settings: SettingsDep,
    need_id: UUID,
    version: VersionIfGiven,
) -> Answer:
    """Ask the service about a need's address; what it finds is offered in the review queue, never accepted by itself.

    The street line and the postcode leave, and nothing else of the record.
    """
    report = ask_outside(sessions, acting_for(principal), need_id, settings.remote.reach, expected_version=version)
    if report.outcome is Outcome.FAILED:
        # noted and committed by now; a failure is kept for minutes, so that asking again at once asks nobody
        raise OutsideFailed(report.outcome.value)
    return disclose(report, audience)
