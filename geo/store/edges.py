"""Which needs are so near the edge of the loaded area that help beyond it may be missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import shapely
from sqlalchemy import func, select

from geo.analysis.edges import hull_of, near_edge
from geo.crs import metric_crs, to_metres
from geo.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry import Polygon
    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageRow
    from geo.domain.travel import TravelModel
    from geo.store.coverage import Asked
    from geo.store.supply import Helping

network = tables.network
_STEP_DEG: Final = 0.01
_MOST_STEPS: Final = 4000


def flag_rows(rows: Sequence[CoverageRow], asked: Sequence[Asked], near: NDArray[np.bool_]) -> list[CoverageRow]:
    """Mark the rows with any need near the edge, order kept."""
    marked = {(one.key, one.category) for one, is_near in zip(asked, near.tolist(), strict=True) if is_near}
    return [replace(row, edge=(row.key, row.category) in marked) for row in rows]


def find_near_edge(
    session: Session, asked: Sequence[Asked], helping: Sequence[Helping], *, model: TravelModel, standard_min: float
) -> NDArray[np.bool_]:
    """Tell of each need whether its reach leaves the area the network serves.

    Parameters
    ----------
    asked, helping
        In degrees. Where the network has not said which area it serves, their hull stands for what was loaded.
    model, standard_min
        Give the reach of each household by its own way of travelling.

    Returns
    -------
    ndarray
        Shape ``(len(asked),)``.
    """
    if not asked:
        return np.zeros(0, bool)
    reach_of = {mode: model.reach_m(standard_min, mode) for mode in {a.mode for a in asked}}
    reach_m = np.array([reach_of[a.mode] for a in asked])
    lon, lat = np.array([a.lon for a in asked]), np.array([a.lat for a in asked])
    crs = metric_crs(lon, lat)
    xy, area = to_metres(lon, lat, crs), _service_area(session)
    if area is None:
        places = to_metres([h.lon for h in helping], [h.lat for h in helping], crs) if helping else np.empty((0, 2))
        return near_edge(xy, reach_m, hull_of(np.vstack([xy, places])))
    plane = shapely.transform(area, lambda corners: to_metres(corners[:, 0], corners[:, 1], crs))
    return near_edge(xy, reach_m, plane)


def _service_area(session: Session) -> Polygon | None:
    """Read the area served, its sides cut so short that they stay true when drawn in metres."""
    wkb = session.scalar(select(func.ST_AsBinary(network.c.service_area)).where(network.c.id == func.current_network()))
    if wkb is None:
        return None
    area = cast("Polygon", shapely.from_wkb(bytes(wkb)))
    return cast("Polygon", shapely.segmentize(area, max(_STEP_DEG, area.length / _MOST_STEPS)))
