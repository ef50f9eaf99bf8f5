"""Hexagons counted for tiles: brought up to date with what has changed, and drawn once they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from shapely import to_wkb, transform
from shapely.geometry import Polygon
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.types import Text

from geo.crs import WEB_MERCATOR, to_metres
from geo.domain.tiles import HALF_WORLD_M
from geo.privacy.cells import cell_polygon
from geo.store.rows import mine
from geo.store.sql import load_queries
from geo.store.tile_tables import tile_cell, tile_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_DRAW: Final = text(load_queries("tiles")["draw_cells"]).bindparams(
    bindparam("cells", type_=ARRAY(Text)), bindparam("shapes", type_=ARRAY(BYTEA))
)
_AT_ONCE: Final = 20_000


def count_changes(session: Session) -> None:
    """Count what has changed since it was counted last; hexagons that are new are drawn when somebody looks.

    Parameters
    ----------
    session
        As for :func:`fold_changes`.
    """
    session.execute(select(func.restricted.fold_tiles()))


def fold_changes(session: Session) -> Mapping[str, int]:
    """Count what has changed since it was counted last, and draw the hexagons that are new.

    Parameters
    ----------
    session
        One with a request's rights; other requests wait for its end, so it should do nothing else.

    Returns
    -------
    mapping
        The version of each collection: another one after every change that a tile of it could show.
    """
    count_changes(session)
    while undrawn := session.scalars(_undrawn()).all():
        shapes = [to_wkb(shape) for shape in draw_cells(undrawn)]
        session.execute(_DRAW, {"cells": list(undrawn), "shapes": shapes})
    versions = session.execute(select(tile_version.c.collection, tile_version.c.version).where(mine(tile_version)))
    return {row.collection: row.version for row in versions}


def _undrawn() -> Select[Any]:
    return select(tile_cell.c.cell).where(mine(tile_cell), tile_cell.c.geom.is_(None)).distinct().limit(_AT_ONCE)


def draw_cells(cells: Sequence[str]) -> list[Polygon]:
    """Draw hexagons in the metres of the map's own projection (EPSG:3857).

    One that lies across the 180th meridian is drawn whole, beyond the edge of the world.
    """
    shapes = np.array([cell_polygon(cell) for cell in cells], dtype=object)
    return [_whole(shape) for shape in transform(shapes, _on_the_map)] if len(shapes) else []


def _whole(shape: Polygon) -> Polygon:
    west, _, east, _ = shape.bounds
    if east - west <= HALF_WORLD_M:
        return shape
    return Polygon([(x - 2 * HALF_WORLD_M * (x > 0), y) for x, y in shape.exterior.coords])


def _on_the_map(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    return to_metres(corners[:, 0], corners[:, 1], WEB_MERCATOR)
