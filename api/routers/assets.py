"""Assets: services, places and stock that can meet a need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response

from geo.domain.place import Point
from geo.domain.principals import Permission
from geo.domain.words import AssetStatus, Category
from geo.privacy.disclosure import disclose
from geo.store.assets import AssetFilter, create_asset, delete_asset, get_asset, list_assets, update_asset

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Box, Limit
from api.routers.paging import made, page
from api.schemas.assets import ASSET_EXAMPLES, AssetChange, AssetIn, AssetOut, AssetPage
from api.schemas.common import ShortLine

if TYPE_CHECKING:
    from api.schemas.common import PointIn

router = APIRouter(tags=["assets"])
PATH = "/v1/assets"
Answer = Mapping[str, Any]


@router.post(
    PATH,
    status_code=201,
    operation_id="create_asset",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=AssetOut,
)
def post_asset(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[AssetIn, Body(openapi_examples=ASSET_EXAMPLES)],
) -> Answer:
    """Take an asset in. One at a private home keeps its point to itself."""
    asset, is_new = once.create(session, lambda: create_asset(session, sent.to_draft()), get_asset)
    return made(response, disclose(asset, audience), path=PATH, is_new=is_new)


@router.get(PATH, operation_id="list_assets", dependencies=[requires(Permission.READ_HELP)], response_model=AssetPage)
def get_assets(
    session: SessionDep,
    audience: AudienceDep,
    after: After,
    bbox: Box,
    *,
    category: Category | None = None,
    kind: Annotated[ShortLine | None, Query()] = None,
    status: AssetStatus | None = None,
    limit: Limit = 100,
) -> Answer:
    """List assets in the order of arrival."""
    where = AssetFilter(category, kind, status, bbox)
    return page(list_assets(session, where=where, after=after, limit=limit), limit=limit, audience=audience)


@router.get(
    PATH + "/{asset_id}",
    operation_id="get_asset",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=AssetOut,
)
def get_one_asset(
    request: Request, session: SessionDep, audience: AudienceDep, response: Response, asset_id: UUID
) -> Answer | Response:
    """Read one asset; its ETag is what a change must name."""
    asset = get_asset(session, asset_id)
    if is_known(request, version_tag(asset.version)):
        return not_modified(version_tag(asset.version))
    return tag_record(response, disclose(asset, audience))


@router.patch(
    PATH + "/{asset_id}",
    operation_id="update_asset",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=AssetOut,
)
def patch_asset(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    asset_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[AssetChange, Body(openapi_examples={"closed": {"value": {"status": "temporarily_closed"}}})],
) -> Answer:
    """Change an asset that has not changed since it was read."""
    changes = sent.changes(without=frozenset({"point"}))
    asset = update_asset(session, asset_id, changes, point=as_point(sent.point), expected_version=version)
    return tag_record(response, disclose(asset, audience))


@router.delete(
    PATH + "/{asset_id}", status_code=204, operation_id="delete_asset", dependencies=[requires(Permission.CHANGE_HELP)]
)
def remove_asset(session: SessionDep, asset_id: UUID, version: ExpectedVersion) -> None:
    """Remove an asset."""
    delete_asset(session, asset_id, expected_version=version)


def as_point(sent: PointIn | None) -> Point | None:
    """Take a place that may have been sent."""
    return None if sent is None else Point(sent.lon, sent.lat)
