"""What a phone carries of its turfs, and what it hands in of their doors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import ValidationError

from geo.domain.principals import Permission, PrincipalKind
from geo.domain.turf import VisitSource
from geo.geometry import to_geojson
from geo.privacy.disclosure import disclose
from geo.store.turf_assignments import get_carried, list_carried
from geo.store.visits import VisitReceipt, receive_visits

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep, SettingsDep
from api.etags import packed_for, respond_once
from api.grounds import make_ground
from api.handlers import errors_of
from api.params import After, Limit
from api.problems import VALIDATION, lookup, respond
from api.routers.paging import page
from api.schemas.turfs import VISITS_EXAMPLES, CarriedPage, GroundOut, VisitIn, VisitsIn, VisitsOut, WalkOut
from api.statics import BASEMAP

if TYPE_CHECKING:
    from geo.domain.turf import CarriedTurf
    from geo.domain.words import Audience

router = APIRouter(tags=["turfs"])
MINE: Final = "/v1/my-turfs"
Answer = Mapping[str, Any]


def _show(turf: CarriedTurf, audience: Audience) -> dict[str, Any]:
    return disclose(turf, audience) | {"geometry": to_geojson(turf.geometry)}


@router.get(
    MINE, operation_id="list_my_turfs", dependencies=[requires(Permission.READ_OWN)], response_model=CarriedPage
)
def get_my_turfs(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List the turfs that this phone carries today."""
    found = list_carried(session, after=after, limit=limit)
    return page(found, limit=limit, audience=audience) | {"items": [_show(turf, audience) for turf in found]}


@router.get(
    MINE + "/{turf_id}",
    operation_id="get_my_turf",
    dependencies=[requires(Permission.READ_OWN)],
    response_model=WalkOut,
)
def get_my_turf(request: Request, session: SessionDep, audience: AudienceDep, turf_id: UUID) -> Response:
    """Give a turf to take along: its addresses in walking order, and nothing of who lives there or what was met."""
    turf, doors = get_carried(session, turf_id)
    streets = list(dict.fromkeys(door.street for door in doors))
    walk = {"turf": _show(turf, audience), "streets": streets, "doors": [disclose(door, audience) for door in doors]}
    return respond_once(request, walk)


@router.get(
    MINE + "/{turf_id}/ground",
    operation_id="get_my_ground",
    dependencies=[requires(Permission.READ_OWN)],
    response_model=GroundOut,
)
def get_my_ground(
    request: Request, session: SessionDep, settings: SettingsDep, audience: AudienceDep, turf_id: UUID
) -> Response:
    """Give the ground of a turf to take along: streets, water, buildings and addresses, as everybody may know them."""
    ground = make_ground(session, turf_id, settings.home.tiles / BASEMAP)
    return packed_for(request, respond_once(request, disclose(ground, audience)))


@router.post(
    "/v1/visits",
    operation_id="submit_visits",
    dependencies=[requires(Permission.SUBMIT)],
    response_model=VisitsOut,
    response_model_exclude_unset=True,
)
def post_visits(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    sent: Annotated[VisitsIn, Body(openapi_examples=VISITS_EXAMPLES)],
) -> Any:  # noqa: ANN401 - the answer, or a problem that carries it
    """Receive visits one by one; sending them again changes nothing and gives the same answer."""
    checked = [_check(index, raw) for index, raw in enumerate(sent.visits)]
    drafts = [one.to_draft(sent.sent_at) for one in checked if isinstance(one, VisitIn)]
    source = VisitSource.PHONE if principal.kind is PrincipalKind.DEVICE else VisitSource.SCREEN
    receipts = iter(receive_visits(session, drafts, source=source, now=datetime.now(UTC)))
    results = [_told(index, next(receipts)) if isinstance(one, VisitIn) else one for index, one in enumerate(checked)]
    if all(result["status"] == "rejected" for result in results):
        return respond(VALIDATION, request.url.path, detail="no visit could be kept", extra={"results": results})
    return {"results": results}


def _check(index: int, raw: dict[str, Any]) -> VisitIn | dict[str, Any]:
    try:
        return VisitIn.model_validate(raw)
    except ValidationError as error:
        faults = errors_of(error.errors(), inside=("body", "visits", index))
        return {"id": _usable_id(raw), "status": "rejected", "code": VALIDATION.status, "errors": faults}


def _usable_id(raw: dict[str, Any]) -> str | None:
    try:
        return str(UUID(str(raw.get("id"))[:36]))
    except ValueError:
        return None


def _told(index: int, receipt: VisitReceipt) -> dict[str, Any]:
    told = {"id": str(receipt.id)}
    if receipt.refused is None:
        return told | (
            {"status": "created", "code": 201} if receipt.is_new else {"status": "already_received", "code": 200}
        )
    field = f"/body/visits/{index}/{receipt.refused.field or ''}".rstrip("/")
    fault = {"pointer": field, "reason": str(receipt.refused)}
    return told | {"status": "rejected", "code": lookup(receipt.refused).status, "errors": [fault]}
