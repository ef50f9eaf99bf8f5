"""Partner feeds: OGC API Features, GeoJSON, read with any GIS. Needs are cell polygons, never points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from fastapi import APIRouter, Request, Response
from shapely.geometry import shape

from geo.domain.principals import Permission
from geo.errors import NotPermitted
from geo.interchange.geojson import MEDIA_TYPE, feature_collection
from geo.privacy.cells import cell_polygon
from geo.store.assets import AssetFilter, list_assets
from geo.store.coverage import compute_coverage
from geo.store.feeds import asset_feature, coverage_feature, need_feature
from geo.store.needs import list_needs
from geo.store.network import get_network
from geo.store.partner_feed import count_drawn, partner_features

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, ReckoningDep, SessionDep, SettingsDep
from api.etags import respond_once
from api.params import (
    After,
    Bbox,
    Box,
    Limit,
    RawCursor,
    TextCursor,
    decode_cursor,
    decode_text,
    encode_cursor,
    encode_text,
)
from api.problems import QUOTA, Problem
from api.schemas.ogc import CollectionOut, CollectionsOut, ConformanceOut, LandingOut

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement, Principal
    from geo.domain.records import Asset, Need

    Read = Callable[[UUID | None, int], Sequence[Any]]

router = APIRouter(tags=["ogc"])
Collection = Literal["needs", "assets", "coverage"]
TITLES: Final[Mapping[Collection, tuple[str, str]]] = {
    "needs": ("Needs", "What people ask for, each as the H3 cell of its household; without a place, without geometry."),
    "assets": ("Assets", "Services and places that can meet a need; those at private homes as their H3 cell."),
    "coverage": ("Coverage", "Demand, what of it can be served within the standard, and the gap, by H3 cell."),
}
CONFORMS: Final = ("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",)
LEAST_PAGE: Final = 200
SCAN_PAGES: Final = 10
"""Pages read at most for one answer when a box leaves most records out; the next link goes on from there."""
_ITEMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "GeoJSON (RFC 7946)",
        "content": {MEDIA_TYPE: {"example": feature_collection([], links=[], numberReturned=0)}},
    }
}


def _link(request: Request, path: str, rel: str, kind: str = "application/json") -> dict[str, str]:
    return {"href": str(request.url.replace(path=path, query="")), "rel": rel, "type": kind}


@router.get(
    "/ogc", operation_id="get_ogc_landing", dependencies=[requires(Permission.READ_FEEDS)], response_model=LandingOut
)
def get_landing(request: Request, session: SessionDep) -> Mapping[str, Any]:
    """Say what there is and where."""
    return {
        "title": get_network(session).name,
        "description": "Needs, assets and coverage of a mutual-aid network.",
        "links": [
            _link(request, "/ogc", "self"),
            _link(request, "/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.1"),
            _link(request, "/ogc/conformance", "conformance"),
            _link(request, "/ogc/collections", "data"),
        ],
    }


@router.get(
    "/ogc/conformance",
    operation_id="get_ogc_conformance",
    dependencies=[requires(Permission.READ_FEEDS)],
    response_model=ConformanceOut,
)
def get_conformance() -> Mapping[str, Any]:
    """Name the parts of the standard that are kept."""
    return {"conformsTo": list(CONFORMS)}


@router.get(
    "/ogc/collections",
    operation_id="list_ogc_collections",
    dependencies=[requires(Permission.READ_FEEDS)],
    response_model=CollectionsOut,
)
def get_collections(request: Request, session: SessionDep, principal: PrincipalDep) -> Mapping[str, Any]:
    """List the collections the caller may have."""
    box = get_network(session).bbox
    listed = [_describe(request, name, box) for name in TITLES if _may_have(principal, name)]
    return {"links": [_link(request, "/ogc/collections", "self")], "collections": listed}


@router.get(
    "/ogc/collections/{collection}",
    operation_id="get_ogc_collection",
    dependencies=[requires(Permission.READ_FEEDS)],
    response_model=CollectionOut,
)
def get_collection(
    request: Request, session: SessionDep, principal: PrincipalDep, collection: Collection
) -> Mapping[str, Any]:
    """Describe one collection."""
    if not _may_have(principal, collection):
        raise NotPermitted
    return _describe(request, collection, get_network(session).bbox)


def _may_have(principal: Principal, name: Collection) -> bool:
    return name != "coverage" or principal.may(Permission.READ_FIGURES)


def _describe(request: Request, name: Collection, box: tuple[float, ...] | None) -> dict[str, Any]:
    title, description = TITLES[name]
    path = f"/ogc/collections/{name}"
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    # the whole network's area, never the box around the records: that would tell where the outermost one is
    extent = {} if box is None else {"extent": {"spatial": {"bbox": [list(box)], "crs": crs84}}}
    links = [_link(request, path, "self"), _link(request, f"{path}/items", "items", MEDIA_TYPE)]
    return {"id": name, "title": title, "description": description, "itemType": "feature", **extent, "links": links}


@router.get(
    "/ogc/collections/needs/items",
    operation_id="list_ogc_needs",
    dependencies=[requires(Permission.READ_FEEDS)],
    response_class=Response,
    responses=_ITEMS,
)
def get_needs_items(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    *,
    bbox: Box,
    cursor: RawCursor = None,
    limit: Limit = 100,
) -> Response:
    """Give needs as the cells of their households; a partner gets what its agreement allows, under ids of its own."""
    if principal.agreement is not None:
        return _partner_items(request, session, principal.agreement, bbox=bbox, cursor=cursor, limit=limit)

    def read(last: UUID | None, size: int) -> Sequence[Need]:
        return list_needs(session, after=last, limit=size)

    def draw(need: Need) -> dict[str, Any]:
        return need_feature(need, principal.audience)

    after = decode_cursor(cursor)
    found, following = _scan(read, draw, after=after, limit=limit, keep=lambda need: _in_box(need.cell, bbox))
    return _items(request, found, following)


def _partner_items(
    request: Request, session: Session, agreement: Agreement, *, bbox: Bbox | None, cursor: str | None, limit: int
) -> Response:
    """Page through a partner's own view; nothing here looks behind it."""
    after = decode_text(cursor)
    view = [one for one in partner_features(session, agreement) if bbox is None or _is_in(one, bbox)]
    rest = [one for one in view if after is None or str(one["id"]) > after]
    if not count_drawn(session, agreement, len(rest[:limit])):
        raise Problem(QUOTA)
    return _items(request, rest[:limit], encode_text(str(rest[limit - 1]["id"])) if len(rest) > limit else None)


def _is_in(one: dict[str, Any], bbox: Bbox) -> bool:
    drawn = one["geometry"]
    return drawn is not None and bbox.holds(*shape(drawn).bounds)


@router.get(
    "/ogc/collections/assets/items",
    operation_id="list_ogc_assets",
    dependencies=[requires(Permission.READ_FEEDS)],
    response_class=Response,
    responses=_ITEMS,
)
def get_assets_items(
    request: Request, session: SessionDep, audience: AudienceDep, bbox: Box, after: After, limit: Limit = 100
) -> Response:
    """Give assets at their public places."""

    def read(last: UUID | None, size: int) -> Sequence[Asset]:
        return list_assets(session, where=AssetFilter(bbox=bbox), after=last, limit=size)

    def draw(asset: Asset) -> dict[str, Any]:
        return asset_feature(asset, audience)

    found, following = _scan(read, draw, after=after, limit=limit, keep=lambda _asset: True)
    return _items(request, found, following)


@router.get(
    "/ogc/collections/coverage/items",
    operation_id="list_ogc_coverage",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses=_ITEMS,
)
def get_coverage_items(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    *,
    bbox: Box,
    after: TextCursor,
    limit: Limit = 100,
) -> Response:
    """Give coverage by cell and category, in the order of their keys."""
    report = compute_coverage(
        session, model=reckoning.travel, standard_min=settings.demo.standard_min, live=reckoning.live
    )
    rows = {f"{row.key}.{row.category.value}": row for row in report.rows if _in_box(row.key, bbox)}
    keys = [key for key in sorted(rows) if after is None or key > after]
    features = [coverage_feature(rows[key], audience) for key in keys[:limit]]
    return _items(request, features, encode_text(keys[limit - 1]) if len(keys) > limit else None)


def _in_box(cell: str | None, box: Bbox | None) -> bool:
    """Compare boxes of cells, never of places: a box must not narrow anyone down."""
    return box is None or (cell is not None and box.holds(*cell_polygon(cell).bounds))


def _scan(
    read: Read, draw: Callable[[Any], dict[str, Any]], *, after: UUID | None, limit: int, keep: Callable[[Any], bool]
) -> tuple[list[dict[str, Any]], str | None]:
    """Read pages until enough records are kept; also tell where to go on."""
    found: list[dict[str, Any]] = []
    reached: UUID | None = after
    for record, is_last in _records(read, after, max(limit, LEAST_PAGE)):
        reached = record.id
        if keep(record):
            found.append(draw(record))
        if is_last:
            return found, None
        if len(found) == limit:
            break
    return found, None if reached is None or reached == after else encode_cursor(reached)


def _records(read: Read, after: UUID | None, size: int) -> Iterator[tuple[Any, bool]]:
    """Give records in order, each with whether it is the last of all."""
    for _page in range(SCAN_PAGES):
        records = read(after, size)
        short = len(records) < size
        for index, record in enumerate(records):
            yield record, short and index == len(records) - 1
        if short:
            return
        after = records[-1].id


def _items(request: Request, features: Sequence[dict[str, Any]], following: str | None) -> Response:
    links = [{"href": str(request.url), "rel": "self", "type": MEDIA_TYPE}]
    if following is not None:
        onward = request.url.include_query_params(cursor=following)
        links.append({"href": str(onward), "rel": "next", "type": MEDIA_TYPE})
    content = feature_collection(features, links=links, numberReturned=len(features))
    return respond_once(request, content, media_type=MEDIA_TYPE)
