"""Vector tiles: hexagons that were counted before, and places, each with the words its reader may have.

What a tile says is chosen by the disclosure's lists: a column that is not named there is not asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from geoalchemy2 import Geometry
from shapely import to_wkb
from sqlalchemy import LargeBinary, Text, cast, func, literal_column, select, text, type_coerce

from geo.domain.records import Asset
from geo.domain.tiles import POINTS_FROM_ZOOM, AssetsInCell, HomesInCell, NeedsInCell
from geo.domain.words import AssetStatus
from geo.privacy.disclosure import fields_shown, may_have
from geo.store import tables
from geo.store.rows import mine
from geo.store.sql import load_queries
from geo.store.tile_counts import draw_cells
from geo.store.tile_tables import tile_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from geo.domain.tiles import TileAddress
    from geo.domain.words import Audience

    Draw = Callable[[int], "Tile"]

asset = tables.asset
EXTENT: Final = 4096
BUFFER: Final = 64
MOST_BYTES: Final = 500_000
MOST_FEATURES: Final = 4_000
"""In one layer of a tile; what ranks lowest is left out, and the tile says how many that are."""
POINT_WORDS: Final = ("id", "name", "kind", "categories", "step_free", "opening_hours")
"""What a place may say in a tile, if its reader may have it."""
_QUERIES: Final = {name: text(query) for name, query in load_queries("tiles").items()}


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is sent: Mapbox Vector Tile 2.1, at most ``MOST_BYTES``, and how many features found no room."""

    content: bytes
    shown: int = 0
    dropped: int = 0

    def __add__(self, other: Tile) -> Tile:
        """Put two tiles' layers into one; a tile is a list of layers, so their bytes follow each other."""
        return Tile(self.content + other.content, self.shown + other.shown, self.dropped + other.dropped)


def needs_tile(session: Session, at: TileAddress, audience: Audience) -> Tile:
    """Draw open needs as counted hexagons.

    Raises
    ------
    NotPermitted
        If the audience may not have these.
    """
    return noted(session, draw_needs(session, at, audience))


def draw_needs(session: Session, at: TileAddress, audience: Audience) -> Tile:
    """Draw the same without a note of what found no room, to be put together with other layers."""
    return _counted(session, at, "needs", fields_shown(NeedsInCell, audience), MOST_BYTES)


def assets_tile(session: Session, at: TileAddress, audience: Audience) -> Tile:
    """Draw active places: as points near by, as counted hexagons farther out; those at homes as hexagons always.

    Raises
    ------
    NotPermitted
        If the audience may not have these.
    """
    return noted(session, draw_assets(session, at, audience))


def draw_assets(session: Session, at: TileAddress, audience: Audience) -> Tile:
    """Draw the same without a note of what found no room, to be put together with other layers."""
    half = MOST_BYTES // 2
    if at.z >= POINTS_FROM_ZOOM:
        found = _points(session, at, fields_shown(Asset, audience), half)
    else:
        found = _counted(session, at, "assets", fields_shown(AssetsInCell, audience), half)
    if may_have(HomesInCell, audience):
        found += _counted(session, at, "homes", fields_shown(HomesInCell, audience), half)
    return found


@dataclass(frozen=True, slots=True)
class GivenCells:
    """Hexagons that somebody may have, drawn once for all tiles of a zoom.

    Attributes
    ----------
    layer
        What the layer is called.
    shapes, words
        Of each hexagon: its outline as well-known binary, and what it says as JSON; those first that matter most.
    bounds_m
        West, south, east, north of each, in the metres of the map, shape ``(n, 4)``.
    """

    layer: str
    shapes: tuple[bytes, ...]
    words: tuple[str, ...]
    bounds_m: NDArray[np.float64]


def give_cells(layer: str, cells: Sequence[Mapping[str, Any]]) -> GivenCells:
    """Draw hexagons.

    Parameters
    ----------
    cells
        What each says, disclosed for its reader, ``cell`` among it; those first that matter most.
    """
    shapes = draw_cells([one["cell"] for one in cells])
    words = [json.dumps({name: value for name, value in one.items() if value is not None}) for one in cells]
    outlines = np.array([shape.bounds for shape in shapes], dtype=float).reshape(-1, 4)
    return GivenCells(layer, tuple(map(to_wkb, shapes)), tuple(words), outlines)


def given_tile(session: Session, at: TileAddress, given: GivenCells) -> Tile:
    """Draw hexagons that were given."""
    return noted(session, draw_given(session, at, given))


def draw_given(session: Session, at: TileAddress, given: GivenCells) -> Tile:
    """Draw the same without a note of what found no room, to be put together with other layers."""
    west, south, east, north = at.envelope_m
    box = given.bounds_m
    near = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
    chosen = np.flatnonzero(near).tolist()
    where = {"z": at.z, "x": at.x, "y": at.y, "layer": given.layer}

    def draw(limit: int) -> Tile:
        kept = chosen[:limit]
        values = {"shapes": [given.shapes[i] for i in kept], "words": [given.words[i] for i in kept]}
        row = session.execute(_QUERIES["given_cells"], where | values).one()
        return Tile(bytes(row.tile or b""), row.shown, len(chosen) - len(kept))

    return _fit(draw, MOST_BYTES) if chosen else Tile(b"")


def counted_query(at: TileAddress, collection: str, words: Sequence[str], limit: int) -> Select[Any]:
    """Ask for the hexagons of a tile, the fullest first."""
    # a category that nothing in a hexagon has is left out of it
    named = [tile_cell.c.cell, *(func.nullif(tile_cell.c[word], 0).label(word) for word in words if word != "cell")]
    query = select(*named, _drawn(tile_cell.c.geom, _envelope(at))).where(*_counted_in(at, collection))
    return query.order_by(tile_cell.c.count.desc(), tile_cell.c.cell).limit(limit)


def points_query(at: TileAddress, words: Sequence[str], limit: int) -> Select[Any]:
    """Ask for the places of a tile, thinned out evenly where there are too many."""
    # in a tile this small a degree of latitude is as long at the top as at the bottom, to less than a step of its grid
    envelope = func.ST_MakeEnvelope(*at.bounds, 4326, type_=Geometry)
    named = [_word(name) for name in POINT_WORDS if name in words]
    query = select(*named, _drawn(asset.c.geom, envelope)).where(*_points_in(at))
    return query.order_by(func.hashtextextended(cast(asset.c.id, Text), 0)).limit(limit)


def _envelope(at: TileAddress) -> ColumnElement[Any]:
    return func.ST_TileEnvelope(at.z, at.x, at.y, type_=Geometry)


def _counted_in(at: TileAddress, collection: str) -> list[ColumnElement[bool]]:
    chosen = [tile_cell.c.collection == collection, tile_cell.c.level == at.level]
    return [mine(tile_cell), *chosen, tile_cell.c.geom.op("&&")(_envelope(at))]


def _points_in(at: TileAddress) -> list[ColumnElement[bool]]:
    # what stands beside the tile by as much as is drawn beyond its edge belongs to it
    west, south, east, north = at.bounds
    wider, higher = (east - west) * BUFFER / EXTENT, (north - south) * BUFFER / EXTENT
    box = func.ST_MakeEnvelope(west - wider, south - higher, east + wider, north + higher, 4326, type_=Geometry)
    active = asset.c.status == AssetStatus.ACTIVE.value
    return [mine(asset), active, ~asset.c.is_private, asset.c.geom.op("&&")(box)]


def _word(name: str) -> ColumnElement[Any]:
    if name == "categories":
        return func.array_to_string(asset.c.categories, ",").label(name)
    return cast(asset.c[name], Text).label(name)


def _drawn(shape: ColumnElement[Any], envelope: ColumnElement[Any]) -> ColumnElement[Any]:
    # clipped: what lies beyond the tile's edge is the next one's
    drawn = func.ST_AsMVTGeom(shape, envelope, EXTENT, BUFFER, literal_column("true"))
    # as bytes, that nobody looks into on the way from one function to the other
    return type_coerce(drawn, LargeBinary).label("geom")


def _counted(session: Session, at: TileAddress, collection: str, words: Sequence[str], most_bytes: int) -> Tile:
    total = select(func.count()).select_from(tile_cell).where(*_counted_in(at, collection))

    def draw(limit: int) -> Tile:
        return _asked(session, collection, counted_query(at, collection, words, limit), limit, total)

    return _fit(draw, most_bytes)


def _points(session: Session, at: TileAddress, words: Sequence[str], most_bytes: int) -> Tile:
    total = select(func.count()).select_from(asset).where(*_points_in(at))

    def draw(limit: int) -> Tile:
        return _asked(session, "places", points_query(at, words, limit), limit, total)

    return _fit(draw, most_bytes)


def _asked(session: Session, layer: str, query: Select[Any], limit: int, total: Select[Any]) -> Tile:
    found = query.subquery("t")
    tile = func.ST_AsMVT(literal_column("t"), layer, EXTENT, "geom", type_=LargeBinary)
    row = session.execute(select(tile.label("tile"), func.count().label("shown")).select_from(found)).one()
    content = bytes(row.tile or b"")
    dropped = 0 if row.shown < limit else session.execute(total).scalar_one() - row.shown
    return Tile(content, row.shown, dropped) if row.shown else Tile(b"")


def _fit(draw: Draw, most_bytes: int) -> Tile:
    """Draw fewer until it is small enough; each time fewer by as much as it was too large."""
    limit = MOST_FEATURES
    while len((tile := draw(limit)).content) > most_bytes:
        limit = min(limit, tile.shown) * most_bytes * 9 // (10 * len(tile.content))
    return tile


def noted(session: Session, tile: Tile) -> Tile:
    """Say in the tile itself how many features found no room; once, after its last layer."""
    if not tile.dropped:
        return tile
    note = session.execute(_QUERIES["dropped"], {"dropped": tile.dropped}).scalar_one()
    return Tile(tile.content + bytes(note), tile.shown, tile.dropped)
