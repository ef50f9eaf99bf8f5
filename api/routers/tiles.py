"""Vector tiles of the partner feeds: OGC API Tiles, read with any GIS or map library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from geo.domain.principals import Permission
from geo.domain.tiles import MATRIX_SET, TileAddress
from geo.errors import InvalidInput, NotFound, NotPermitted
from geo.store.canaries import list_fed
from geo.store.coverage import Question, compute_coverage
from geo.store.engine import APP_ROLE, Acting, transaction
from geo.store.network import get_network
from geo.store.partner_feed import count_drawn
from geo.store.tile_counts import fold_changes
from geo.store.tile_views import give_agreed, give_coverage, list_agreed, list_coverage
from geo.store.tiles import assets_tile, given_tile, needs_tile

from api import tile_sets
from api.access import PrincipalDep, requires
from api.deps import OriginDep, ReckoningDep, SessionDep, SessionsDep
from api.etags import is_known, not_modified
from api.ogc import pages
from api.ogc.answering import reply, write_json
from api.ogc.forms import HTML, JSON, Form, choose_form
from api.problems import BAD_REQUEST, QUOTA, Problem
from api.routers.ogc import FormDep
from api.schemas.tiles import MatrixSetOut, MatrixSetsOut, TileJsonOut, TileSetOut, TileSetsOut
from api.standards import StandardDep
from api.tile_sets import TILED, TILES_TYPE, TiledCollection

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from pydantic import BaseModel

    from geo.domain.principals import Principal
    from geo.domain.tiles import CoverageInCell
    from geo.store.tiles import GivenCells, Tile

    from api.tile_shelf import KeptTile, TileShelf

    Drawn = tuple[Hashable, Callable[[], Tile]]
    Endpoint = Callable[..., Any]


router = APIRouter(tags=["tiles"])
DROPPED: Final = "Barnraiser-Dropped"
COVERAGE_KEPT_S: Final = 15.0
"""Coverage of a map is worked out again after so long; counts of needs and places are always those of now."""
_MOST_DIGITS: Final = 7
_READ: Final = [requires(Permission.READ_FEEDS)]
_MVT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Mapbox Vector Tile 2.1", "content": {TILES_TYPE: {"schema": {"type": "string"}}}},
    204: {"description": "Nothing lies in this tile"},
}


def _read_on(path: str, name: str, **described: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401
    """Offer a path for reading: GET, and HEAD which answers the same without the content."""

    def offer(endpoint: Endpoint) -> Endpoint:
        router.head(path, include_in_schema=False, dependencies=_READ, **described)(endpoint)
        return router.get(path, operation_id=name, dependencies=_READ, **described)(endpoint)

    return offer


def _versions(sessions: SessionsDep, principal: PrincipalDep) -> Mapping[str, int]:
    """Bring counts up to date in a transaction of its own, which nobody waits for longer than that takes."""
    with transaction(sessions, Acting(principal.network, APP_ROLE, None, "tiles")) as session:
        return fold_changes(session)


def _address(
    z: Annotated[str, Path(description="zoom (tile matrix)", examples=["12"])],
    y: Annotated[str, Path(description="row from the north", examples=["1185"])],
    x: Annotated[str, Path(description="column from the west", examples=["2331"])],
) -> TileAddress:
    """Read which tile is meant.

    Raises
    ------
    Problem
        400 if these are no numbers.
    NotFound
        If there is no such tile.
    """
    if not all(part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS for part in (z, y, x)):
        raise Problem(BAD_REQUEST, "zoom, row and column are whole numbers")
    try:
        return TileAddress(int(z), int(y), int(x))
    except InvalidInput as error:
        raise NotFound(str(error)) from None


VersionsDep = Annotated[dict[str, int], Depends(_versions)]
AddressDep = Annotated[TileAddress, Depends(_address)]


async def _tiled(collection: Annotated[str, Path(json_schema_extra={"enum": list(TILED)})]) -> TiledCollection:
    """Find a collection that is cut into tiles; any other has no such resource, whatever else it has."""
    if collection not in TILED:
        raise NotFound
    return collection


TiledDep = Annotated[TiledCollection, Depends(_tiled)]


class _Drawing:
    """One request's way to a tile: from the shelf, or drawn."""

    def __init__(
        self,
        request: Request,
        session: SessionDep,
        principal: PrincipalDep,
        standard: StandardDep,
        reckoning: ReckoningDep,
        versions: VersionsDep,
    ) -> None:
        self.session, self.principal, self.versions = session, principal, versions
        self._standard, self._reckoning = standard, reckoning
        self._shelf: TileShelf = request.app.state.tile_shelf
        # a partner's view is its own, and that of staff is the same for all of them
        self._who = principal.network, principal.audience, principal.actor if principal.agreement else None

    def tile(self, collection: TiledCollection, at: TileAddress) -> KeptTile:
        """Give a tile as it is now."""
        drawn = {"needs": self._needs, "assets": self._assets, "coverage": self._coverage}[collection]
        version, draw = drawn(at)
        return self._shelf.tile((*self._who, collection, at), version, draw)

    def _assets(self, at: TileAddress) -> Drawn:
        version = self.versions.get("assets", 0), self.versions.get("homes", 0)
        return version, lambda: assets_tile(self.session, at, self.principal.audience)

    def _needs(self, at: TileAddress) -> Drawn:
        noted, agreement = self.versions.get("needs", 0), self.principal.agreement
        if agreement is None:
            return noted, lambda: needs_tile(self.session, at, self.principal.audience)
        # a partner's view changes with what was agreed and with its canaries as well
        version = noted, agreement.version, *(one.id for one in list_fed(self.session, agreement))

        def give() -> GivenCells:
            agreed = self._shelf.view((*self._who, version), lambda: list_agreed(self.session, agreement))
            return give_agreed(agreed, at.level)

        return version, self._given(at, ("needs", version), give)

    def _coverage(self, at: TileAddress) -> Drawn:
        def work_out() -> tuple[int, list[CoverageInCell]]:
            question = Question(self._reckoning.travel, self._standard.asked())
            report = compute_coverage(self.session, question, live=self._reckoning.live)
            return self._shelf.number(), list_coverage(report.rows)

        number, cells = self._shelf.view((*self._who, "coverage"), work_out, most_s=COVERAGE_KEPT_S)
        return number, self._given(
            at, ("coverage", number), lambda: give_coverage(cells, at.level, self.principal.audience)
        )

    def _given(self, at: TileAddress, what: tuple[Hashable, ...], give: Callable[[], GivenCells]) -> Callable[[], Tile]:
        def draw() -> Tile:
            return given_tile(self.session, at, self._shelf.view((*self._who, *what, at.level), give))

        return draw


DrawingDep = Annotated[_Drawing, Depends(_Drawing)]


def _check(principal: Principal, collection: TiledCollection) -> None:
    if collection == "coverage" and not principal.may(Permission.READ_FIGURES):
        raise NotPermitted


def _send(request: Request, form: Form, document: BaseModel) -> Response:
    told = document.model_dump(mode="json", exclude_none=True)
    return reply(request, pages.tiles_page(told) if form is HTML else write_json(told), form)


@_read_on(
    "/ogc/tileMatrixSets", "list_ogc_tile_matrix_sets", response_model=MatrixSetsOut, response_model_exclude_none=True
)
def get_matrix_sets(request: Request, origin: OriginDep, form: FormDep) -> Response:
    """Name the one way in which the world is cut into tiles."""
    return _send(request, form, MatrixSetsOut(**tile_sets.matrix_sets(origin)))


@_read_on(f"/ogc/tileMatrixSets/{MATRIX_SET}", "get_ogc_tile_matrix_set", response_model=MatrixSetOut)
def get_matrix_set(request: Request, form: FormDep) -> Response:
    """Describe the way in which the world is cut into tiles."""
    return _send(request, form, MatrixSetOut(**tile_sets.matrix_set()))


@_read_on(
    "/ogc/collections/{collection}/tiles",
    "list_ogc_tilesets",
    response_model=TileSetsOut,
    response_model_exclude_none=True,
)
def get_tile_sets(
    request: Request, origin: OriginDep, principal: PrincipalDep, collection: TiledDep, form: FormDep
) -> Response:
    """List the sets of tiles of a collection."""
    _check(principal, collection)
    return _send(request, form, TileSetsOut(**tile_sets.tile_sets(origin, collection)))


@_read_on(
    f"/ogc/collections/{{collection}}/tiles/{MATRIX_SET}",
    "get_ogc_tileset",
    response_model=TileSetOut,
    response_model_exclude_none=True,
)
def get_tile_set(
    request: Request,
    session: SessionDep,
    origin: OriginDep,
    principal: PrincipalDep,
    *,
    collection: TiledDep,
    form: FormDep,
) -> Response:
    """Describe a set of tiles."""
    _check(principal, collection)
    document = tile_sets.tile_set(origin, collection, principal.audience, get_network(session).bbox)
    return _send(request, form, TileSetOut(**document))


@_read_on(
    f"/ogc/collections/{{collection}}/tiles/{MATRIX_SET}/tilejson.json",
    "get_ogc_tilejson",
    response_model=TileJsonOut,
    response_model_exclude_none=True,
)
def get_tile_json(
    request: Request, session: SessionDep, origin: OriginDep, principal: PrincipalDep, collection: TiledDep
) -> Response:
    """Describe a set of tiles as TileJSON."""
    _check(principal, collection)
    document = tile_sets.tile_json(origin, collection, principal.audience, get_network(session).bbox)
    return _send(request, choose_form(request, None, (JSON,)), TileJsonOut(**document))


@_read_on(
    f"/ogc/collections/{{collection}}/tiles/{MATRIX_SET}/{{z}}/{{y}}/{{x}}",
    "get_ogc_tile",
    response_class=Response,
    responses=_MVT,
)
def get_tile(
    request: Request, drawing: DrawingDep, principal: PrincipalDep, at: AddressDep, collection: TiledDep
) -> Response:
    """Give a tile; a partner has its own view of needs, under the same rules as in its feed."""
    _check(principal, collection)
    kept = drawing.tile(collection, at)
    if is_known(request, kept.tag):
        return not_modified(kept.tag)
    if principal.agreement is not None and not count_drawn(drawing.session, principal.agreement, kept.shown):
        raise Problem(QUOTA)
    headers = {"ETag": kept.tag, "Cache-Control": "private, no-cache"}
    headers |= {DROPPED: str(kept.dropped)} if kept.dropped else {}
    if not kept.content:
        return Response(status_code=204, headers=headers)
    return Response(kept.content, media_type=TILES_TYPE, headers=headers)
