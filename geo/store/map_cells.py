"""Hexagons for a map of what is in view: no more than can be drawn, from what was counted beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from geoalchemy2 import Geometry
from sqlalchemy import func, select

from geo.crs import WEB_MERCATOR, to_metres
from geo.domain.tiles import CATEGORIES, LEVELS, AssetsInCell, NeedsInCell
from geo.domain.words import AssetStatus
from geo.store import tables
from geo.store.rows import mine
from geo.store.tile_tables import tile_cell

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from geo.domain.words import Category

    Box = tuple[float, float, float, float]
    InCell = NeedsInCell | AssetsInCell

MOST_LAT: Final = 85.0
"""Farther from the equator the map has nothing."""
_RECORDS: Final[dict[str, type[NeedsInCell | AssetsInCell]]] = {"needs": NeedsInCell, "assets": AssetsInCell}


@dataclass(frozen=True, slots=True)
class CountedCells:
    """Hexagons of one resolution, and whether there were too many even of the largest.

    Attributes
    ----------
    level
        Resolution of H3.
    """

    level: int
    cells: tuple[InCell, ...]
    is_cut: bool = False

    @property
    def is_finest(self) -> bool:
        """Whether these are the cells that homes are known by."""
        return self.level == LEVELS[-1]


def find_counted(
    session: Session, collection: str, box: Box | None, *, category: Category | None = None, most: int
) -> CountedCells:
    """Count what is in view in the smallest hexagons of which no more than ``most`` are needed.

    Counts are those of the last `geo.store.tile_counts.fold_changes`.

    Parameters
    ----------
    collection
        ``needs`` that are open and on the map, or ``assets`` that are active and public.
    box
        West, south, east, north in degrees (WGS 84); everywhere when left out.
    category
        Only hexagons that have some of it.
    """
    for level in reversed(LEVELS):
        rows = session.execute(counted_query(collection, level, box, category=category, most=most)).mappings().all()
        if len(rows) <= most:
            break
    record = _RECORDS[collection]
    return CountedCells(level, tuple(record(**row) for row in rows[:most]), is_cut=len(rows) > most)


def counted_query(
    collection: str, level: int, box: Box | None, *, category: Category | None = None, most: int
) -> Select[Any]:
    """Ask for one more hexagon of a resolution than may be drawn."""
    words = ("cell", "count", *(("pressing",) if collection == "needs" else ()), *CATEGORIES)
    where = [mine(tile_cell), tile_cell.c.collection == collection, tile_cell.c.level == level]
    if box is not None:
        where.append(tile_cell.c.geom.op("&&")(_on_the_map(box)))
    if category is not None:
        where.append(tile_cell.c[category.value] > 0)
    return select(*(tile_cell.c[word] for word in words)).where(*where).limit(most + 1)


def _on_the_map(box: Box) -> ColumnElement[Any]:
    west, south, east, north = box
    lats = np.clip(np.array([south, north]), -MOST_LAT, MOST_LAT)
    (left, bottom), (right, top) = to_metres(np.array([west, east]), lats, WEB_MERCATOR).tolist()
    return func.ST_MakeEnvelope(left, bottom, right, top, 3857, type_=Geometry)


def has_more_places(session: Session, box: Box | None, *, category: Category | None = None, most: int) -> bool:
    """Tell whether more active public places than ``most`` lie in a box; no more of them than that are looked at."""
    found = session.scalar(select(func.count()).select_from(places_query(box, category=category, most=most).subquery()))
    return (found or 0) > most


def places_query(box: Box | None, *, category: Category | None = None, most: int) -> Select[Any]:
    """Ask for one more public place of a box than may be drawn."""
    asset = tables.asset
    where = [mine(asset), asset.c.status == AssetStatus.ACTIVE.value, ~asset.c.is_private, asset.c.geom.is_not(None)]
    if box is not None:
        where.append(asset.c.geom.op("&&")(func.ST_MakeEnvelope(*box, 4326, type_=Geometry)))
    if category is not None:
        where.append(asset.c.categories.contains([category.value]))
    return select(asset.c.id).where(*where).limit(most + 1)
