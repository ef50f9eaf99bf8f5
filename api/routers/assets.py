"""Assets: services, places and stock that can meet a need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import StringConstraints

from geo.domain.place import Point
from geo.domain.principals import Permission
from geo.domain.words import AssetStatus, Category
from geo.privacy.disclosure import disclose
from geo.store.assets import AssetFilter, create_asset, delete_asset, get_asset, list_assets, update_asset
from geo.store.verifying import list_checks, settle_check

from api.access import requires
from api.deps import AudienceDep, FreshDep, SessionDep
from api.etags import ExpectedVersion, is_known, not_modified, tag_record, version_tag
from api.idempotency import OnceDep
from api.params import After, Box, Limit, Near, encode_cursor
from api.routers.paging import made, page
from api.schemas.assets import ASSET_EXAMPLES, AssetChange, AssetCheckPage, AssetIn, AssetOut, AssetPage
from api.schemas.common import ShortLine

if TYPE_CHECKING:
    from geo.domain.listed import Freshness
    from geo.domain.records import Asset
    from geo.domain.words import Audience

    from api.schemas.common import PointIn

router = APIRouter(tags=["assets"])
PATH = "/v1/assets"
Answer = Mapping[str, Any]
Search = Annotated[
    str | None,
    Query(description="a part of the name, the description or the address"),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
]


def _where(
    bbox: Box,
    fresh: FreshDep,
    *,
    category: Category | None = None,
    kind: Annotated[ShortLine | None, Query()] = None,
    status: AssetStatus | None = None,
    unconfirmed: Annotated[bool, Query(description="only what has not been confirmed for too long")] = False,
    search: Search = None,
    near: Near = None,
) -> AssetFilter:
    plain = AssetFilter(category, kind, status, bbox, fresh.until if unconfirmed else None, search)
    return plain if near is None else replace(plain, near=near.point, within_m=near.within_m)


Where = Annotated[AssetFilter, Depends(_where)]


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
    fresh: FreshDep,
    once: OnceDep,
    response: Response,
    sent: Annotated[AssetIn, Body(openapi_examples=ASSET_EXAMPLES)],
) -> Answer:
    """Take an asset in. One at a private home keeps its point to itself."""
    asset, is_new = once.create(session, lambda: create_asset(session, sent.to_draft()), get_asset)
    return made(response, _shown(asset, audience, fresh), path=PATH, is_new=is_new)


@router.get(PATH, operation_id="list_assets", dependencies=[requires(Permission.READ_HELP)], response_model=AssetPage)
def get_assets(
    session: SessionDep, audience: AudienceDep, fresh: FreshDep, where: Where, after: After, limit: Limit = 100
) -> Answer:
    """List assets in the order of arrival."""
    found = list_assets(session, where=where, after=after, limit=limit)
    following = encode_cursor(found[-1].id) if len(found) == limit else None
    return {"items": [_shown(asset, audience, fresh) for asset in found], "next": following}


@router.get(
    PATH + "/{asset_id}",
    operation_id="get_asset",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=AssetOut,
)
def get_one_asset(
    request: Request, session: SessionDep, audience: AudienceDep, fresh: FreshDep, response: Response, asset_id: UUID
) -> Answer | Response:
    """Read one asset; its ETag is what a change must name."""
    asset = get_asset(session, asset_id)
    if is_known(request, version_tag(asset.version)):
        return not_modified(version_tag(asset.version))
    return tag_record(response, _shown(asset, audience, fresh))


@router.patch(
    PATH + "/{asset_id}",
    operation_id="update_asset",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=AssetOut,
)
def patch_asset(
    session: SessionDep,
    audience: AudienceDep,
    fresh: FreshDep,
    response: Response,
    asset_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[AssetChange, Body(openapi_examples={"closed": {"value": {"status": "temporarily_closed"}}})],
) -> Answer:
    """Change an asset that has not changed since it was read."""
    changes = sent.changes(without=frozenset({"point"}))
    asset = update_asset(session, asset_id, changes, point=as_point(sent.point), expected_version=version)
    return tag_record(response, _shown(asset, audience, fresh))


@router.delete(
    PATH + "/{asset_id}", status_code=204, operation_id="delete_asset", dependencies=[requires(Permission.CHANGE_HELP)]
)
def remove_asset(session: SessionDep, asset_id: UUID, version: ExpectedVersion) -> None:
    """Remove an asset."""
    delete_asset(session, asset_id, expected_version=version)


def _shown(asset: Asset, audience: Audience, fresh: Freshness) -> dict[str, Any]:
    """Disclose an asset, and say whether what it says is past its date."""
    return disclose(asset, audience) | {"is_unconfirmed": fresh.is_past(asset)}


@router.get(
    "/v1/asset-checks",
    operation_id="list_asset_checks",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=AssetCheckPage,
)
def get_checks(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List what organizations have answered about their assets and nobody has seen to."""
    return page(list_checks(session, after=after, limit=limit), limit=limit, audience=audience)


@router.post(
    "/v1/asset-checks/{check_id}/settle",
    status_code=204,
    operation_id="settle_asset_check",
    dependencies=[requires(Permission.CHANGE_HELP)],
)
def post_settled(session: SessionDep, check_id: UUID) -> None:
    """Note that somebody has seen to an answer."""
    settle_check(session, check_id)


def as_point(sent: PointIn | None) -> Point | None:
    """Take a place that may have been sent."""
    return None if sent is None else Point(sent.lon, sent.lat)
