"""Which cells and areas are so near the edge of the loaded area that help beyond it may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import h3
import numpy as np
import shapely
from sqlalchemy import func, select

from geo.analysis.edges import near_edge, shapes_near_edge
from geo.crs import metric_crs, to_metres
from geo.privacy.cells import cell_centre, cell_polygon
from geo.store import tables
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely.geometry import Polygon
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    Shapes = NDArray[np.object_]

network, area = tables.network, tables.area
_STEP_DEG: Final = 0.01
_MOST_STEPS: Final = 4000
_ALIKE: Final = 1.05
"""Cells within one town differ by less than that in width."""


def find_edge_keys(session: Session, keys: Iterable[str], *, by: str, reach_m: float) -> frozenset[str]:
    """Find the cells or areas from some part of which the reach leaves the area the network serves.

    It depends on the cell or area alone and not on its needs, so that figures kept up to date need nothing for it. A
    cell counts as a disc around its middle, a little larger than itself; so one that is not found misses nothing.

    Parameters
    ----------
    keys
        H3 cells for ``by="hex"``, otherwise slugs of areas.
    reach_m
        Straight metres within the standard.

    Returns
    -------
    frozenset of str
        Where the network has not said which area it serves, the hull of all that is asked about stands for what was
        loaded. What is outside every area is always found, since nobody can tell.
    """
    named = sorted(set(keys))
    held, shapes = _cells(named) if by == "hex" else _areas(session, named)
    unknown = frozenset(named) - frozenset(held)
    if not held:
        return unknown
    plane, served = _Plane.around(shapes), _service_area(session)
    if served is None:
        served = shapely.convex_hull(shapely.geometrycollections(shapes))
    ground = plane.draw(served) if isinstance(served, shapely.Polygon) else None
    drawn = plane.draw(shapes)
    if by == "hex":
        wide = reach_m + _cell_radius_m(held[0], plane) * _ALIKE
        found = near_edge(shapely.get_coordinates(drawn), wide, ground)
    else:
        found = shapes_near_edge(drawn, reach_m, ground)
    return unknown | {key for key, is_near in zip(held, found.tolist(), strict=True) if is_near}


def is_bounded(session: Session) -> bool:
    """Tell whether the network has said which area it serves."""
    query = select(network.c.service_area.is_not(None)).where(network.c.id == func.current_network())
    return bool(session.scalar(query))


@dataclass(frozen=True, slots=True)
class _Plane:
    """The metric system of a town."""

    crs: CRS

    @classmethod
    def around(cls, shapes: Shapes) -> _Plane:
        west, south, east, north = shapely.total_bounds(shapes)
        return cls(metric_crs([west, east], [south, north]))

    def draw(self, shapes: Shapes | BaseGeometry) -> Any:  # noqa: ANN401 - as many as were given
        return shapely.transform(shapes, lambda at: to_metres(at[:, 0], at[:, 1], self.crs))


def _cells(keys: Sequence[str]) -> tuple[list[str], Shapes]:
    held = [key for key in keys if h3.is_valid_cell(key)]
    lat_lon = np.array([h3.cell_to_latlng(key) for key in held]).reshape(-1, 2)
    return held, shapely.points(lat_lon[:, ::-1])


def _areas(session: Session, keys: Sequence[str]) -> tuple[list[str], Shapes]:
    query = select(area.c.slug, func.ST_AsBinary(area.c.geom).label("wkb")).where(mine(area), area.c.slug.in_(keys))
    rows = session.execute(query.order_by(area.c.slug, area.c.id)).all()
    shapes = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    return [row.slug for row in rows], shapely.segmentize(shapes, _STEP_DEG)


def _cell_radius_m(cell: str, plane: _Plane) -> float:
    middle = cell_centre(cell)
    corners = shapely.get_coordinates(plane.draw(cell_polygon(cell)))
    centre = shapely.get_coordinates(plane.draw(shapely.Point(middle.lon, middle.lat)))
    return float(np.hypot(*(corners - centre).T).max())


def _service_area(session: Session) -> Polygon | None:
    """Read the area served, its sides cut so short that they stay true when drawn in metres."""
    wkb = session.scalar(select(func.ST_AsBinary(network.c.service_area)).where(network.c.id == func.current_network()))
    if wkb is None:
        return None
    served = cast("Polygon", shapely.from_wkb(bytes(wkb)))
    return cast("Polygon", shapely.segmentize(served, max(_STEP_DEG, served.length / _MOST_STEPS)))
