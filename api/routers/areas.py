"""Areas: named polygons with their people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response

from geo.domain.principals import Permission
from geo.geometry import parse_area, to_geojson
from geo.privacy.disclosure import disclose
from geo.store.areas import create_area, delete_area, get_area, list_areas, update_area

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Limit
from api.routers.paging import made, page
from api.schemas.areas import AREA_EXAMPLES, AreaChange, AreaIn, AreaOut, AreaPage

if TYPE_CHECKING:
    from geo.domain.records import Area
    from geo.domain.words import Audience

router = APIRouter(tags=["areas"])
PATH = "/v1/areas"
Answer = Mapping[str, Any]


def _show(area: Area, audience: Audience) -> dict[str, Any]:
    return disclose(area, audience) | {"geometry": to_geojson(area.geometry)}


@router.post(
    PATH,
    status_code=201,
    operation_id="create_area",
    dependencies=[requires(Permission.CHANGE_TOWN)],
    response_model=AreaOut,
)
def post_area(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[AreaIn, Body(openapi_examples=AREA_EXAMPLES)],
) -> Answer:
    """Take an area in. A shape that is not valid is refused, never repaired."""
    area, is_new = once.create(session, lambda: create_area(session, sent.to_draft()), get_area)
    return made(response, _show(area, audience), path=PATH, is_new=is_new)


@router.get(PATH, operation_id="list_areas", dependencies=[requires(Permission.READ_FIGURES)], response_model=AreaPage)
def get_areas(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List areas in the order of arrival."""
    found = list_areas(session, after=after, limit=limit)
    items = [_show(area, audience) for area in found]
    return page(found, limit=limit, audience=audience) | {"items": items}


@router.get(
    PATH + "/{area_id}",
    operation_id="get_area",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=AreaOut,
)
def get_one_area(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, area_id: UUID
) -> Answer | Response:
    """Read one area; its ETag is what a change must name."""
    area = get_area(session, area_id)
    if is_known(request, version_tag(area.version)):
        return not_modified(version_tag(area.version))
    return tag_record(response, _show(area, audience))


@router.patch(
    PATH + "/{area_id}",
    operation_id="update_area",
    dependencies=[requires(Permission.CHANGE_TOWN)],
    response_model=AreaOut,
)
def patch_area(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    area_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[AreaChange, Body(openapi_examples={"people": {"value": {"population": 2400}}})],
) -> Answer:
    """Change an area that has not changed since it was read."""
    geometry = None if sent.geometry is None else parse_area(sent.geometry)
    changes = sent.changes(without=frozenset({"geometry"}))
    area = update_area(session, area_id, changes, geometry=geometry, expected_version=version)
    return tag_record(response, _show(area, audience))


@router.delete(
    PATH + "/{area_id}", status_code=204, operation_id="delete_area", dependencies=[requires(Permission.CHANGE_TOWN)]
)
def remove_area(session: SessionDep, area_id: UUID, version: ExpectedVersion) -> None:
    """Remove an area."""
    delete_area(session, area_id, expected_version=version)
