"""All tiles that somebody may have, for a file: which there are, and each drawn as when it is asked for alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from geo.domain.tiles import HALF_WORLD_M, AssetsInCell, HomesInCell, NeedsInCell, TileAddress
from geo.interchange.tile_archive import in_archive_order
from geo.privacy.disclosure import disclose, fields_shown, may_have
from geo.store.public_coverage import list_public_coverage
from geo.store.rows import mine
from geo.store.tile_tables import tile_cell
from geo.store.tile_views import give_agreed, give_coverage, list_agreed
from geo.store.tiles import BUFFER, EXTENT, Tile, draw_assets, draw_given, draw_needs, give_cells, noted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement
    from geo.domain.tiles import CoverageInCell
    from geo.domain.words import Audience
    from geo.store.tiles import GivenCells


@dataclass(frozen=True, slots=True)
class Sheet:
    """Layers that are drawn together.

    Attributes
    ----------
    bounds_m
        For a resolution of H3, west, south, east, north of each hexagon that has something, in the metres of the map
        (EPSG:3857), shape ``(n, 4)``.
    draw
        Draws its layers of a tile.
    """

    bounds_m: Callable[[int], NDArray[np.float64]]
    draw: Callable[[TileAddress], Tile]


def list_sheets(session: Session, audience: Audience, agreement: Agreement | None = None) -> list[Sheet]:
    """List what an audience has of needs and places, and a partner of its agreement.

    Parameters
    ----------
    session
        For an agreement one that acts as ``PARTNER_ROLE`` for it; after :func:`geo.store.tile_counts.fold_changes`.

    Raises
    ------
    NotPermitted
        If the audience may not have places.
    """
    fields_shown(AssetsInCell, audience)
    counted = ("assets", "homes") if may_have(HomesInCell, audience) else ("assets",)
    found = [Sheet(_counted_bounds(session, counted), lambda at: draw_assets(session, at, audience))]
    if may_have(NeedsInCell, audience):
        found.append(Sheet(_counted_bounds(session, ("needs",)), lambda at: draw_needs(session, at, audience)))
    if agreement is not None:
        agreed = list_agreed(session, agreement)
        found.append(_given(session, lambda level: give_agreed(agreed, level)))
    return found


def coverage_sheet(session: Session, cells: Sequence[CoverageInCell], audience: Audience) -> Sheet:
    """Draw coverage of today's needs, for those who may have it."""
    return _given(session, lambda level: give_coverage(cells, level, audience))


def public_coverage_sheet(session: Session, audience: Audience, *, standard_min: float) -> Sheet:
    """Draw the hexagons of the newest weekly release with the public places near them, at the size they have."""
    rows = list_public_coverage(session, standard_min=standard_min)
    given = give_cells("coverage", [disclose(row, audience) for row in rows])
    return _given(session, lambda _level: given)


def _counted_bounds(session: Session, collections: Sequence[str]) -> Callable[[int], NDArray[np.float64]]:
    shape = tile_cell.c.geom
    edges = func.ST_XMin(shape), func.ST_YMin(shape), func.ST_XMax(shape), func.ST_YMax(shape)

    @lru_cache
    def bounds_m(level: int) -> NDArray[np.float64]:
        chosen = tile_cell.c.level == level, tile_cell.c.collection.in_(collections), shape.is_not(None)
        rows = session.execute(select(*edges).where(mine(tile_cell), *chosen)).all()
        return np.array([tuple(row) for row in rows], dtype=float).reshape(-1, 4)

    return bounds_m


def _given(session: Session, give: Callable[[int], GivenCells]) -> Sheet:
    kept = lru_cache(give)
    return Sheet(lambda level: kept(level).bounds_m, lambda at: draw_given(session, at, kept(at.level)))


def list_tiles(sheets: Iterable[Sheet], max_zoom: int) -> list[TileAddress]:
    """List the tiles that may hold something, in the order of an archive; few of them turn out to be empty."""
    drawn = list(sheets)
    found = set[TileAddress]()
    for z in range(max_zoom + 1):
        level = TileAddress(z, 0, 0).level
        boxes = np.concatenate([sheet.bounds_m(level) for sheet in drawn])
        found.update(TileAddress(z, y, x) for y, x in _tiles_over(boxes, z))
    return in_archive_order(found)


def _tiles_over(boxes_m: NDArray[np.float64], z: int) -> set[tuple[int, int]]:
    """Give row and column of each tile that a box touches, counting what is drawn beyond a tile's edge."""
    tiles = 1 << z
    side = 2 * HALF_WORLD_M / tiles
    wider = side * BUFFER / EXTENT
    grown = boxes_m + np.array([-wider, -wider, wider, wider])
    columns = np.floor((grown[:, [0, 2]] + HALF_WORLD_M) / side).clip(0, tiles - 1).astype(int)
    rows = np.floor((HALF_WORLD_M - grown[:, [3, 1]]) / side).clip(0, tiles - 1).astype(int)
    spans = np.unique(np.hstack([rows, columns]), axis=0).tolist()
    return {(y, x) for top, below, left, right in spans for y in range(top, below + 1) for x in range(left, right + 1)}


def draw_tiles(session: Session, sheets: Sequence[Sheet], tiles: Iterable[TileAddress]) -> Iterator[Tile]:
    """Draw each tile with the layers of all sheets, and one note of what found no room in any."""
    for at in tiles:
        yield noted(session, sum((sheet.draw(at) for sheet in sheets), Tile(b"")))
