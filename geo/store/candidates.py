"""Where new places of help may be: public places that stand ready, doors, a lattice, or points that are given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry import box
from sqlalchemy import func, not_, or_, select, text

from geo.analysis.lattice import spread_points
from geo.crs import metres_per_degree
from geo.domain.place import Point
from geo.domain.siting import CandidateKind
from geo.domain.words import AssetStatus
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store import tables
from geo.store.network import get_network
from geo.store.rows import mine
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry import MultiPolygon, Polygon
    from sqlalchemy.orm import Session

    from geo.domain.siting import SitesAsked
    from geo.domain.words import Category

asset, area = tables.asset, tables.area
MOST_VACANT: Final = 20_000
_CLOSED_NOW: Final = (AssetStatus.INACTIVE.value, AssetStatus.TEMPORARILY_CLOSED.value)
_DOORS = load_queries("siting")["nearest_doors"]
TAKEN_TO_BE: Final = " New places are taken to be open when asked for, without steps, and to interpret."
NOTES: Final = {
    CandidateKind.VACANT: "Public places of the network that are closed at present, or open without this help.",
    CandidateKind.ADDRESSES: "Doors of the gazetteer, each the nearest to a point of a grid; "
    "whether a door is a home is not known.",
    CandidateKind.GRID: "Middles of hexagons: a place near such a point is meant, not the point itself.",
    CandidateKind.POINTS: "The points that were given.",
}


@dataclass(frozen=True, slots=True)
class CandidatePlace:
    """A place that could be opened; ``label`` is its name where it has one."""

    point: Point
    label: str | None = None


def list_candidates(session: Session, asked: SitesAsked, most: int) -> list[CandidatePlace]:
    """List the places a question allows, ``most`` at most; those that are given are all taken.

    Returns
    -------
    list of CandidatePlace
        In a fixed order. Where there are more public places than are looked at, every so manieth is taken.

    Raises
    ------
    OutsideServiceArea
        For a point that is given and lies outside.
    InvalidInput
        For an area that is not known, or one too small or too large for a grid.
    """
    if asked.candidates is CandidateKind.POINTS:
        return _given(session, asked)
    shape = _shape(session, asked.area)
    if asked.candidates is CandidateKind.VACANT:
        return _thin(_inside(_list_vacant(session, asked.category), shape), most)
    if shape is None:
        raise InvalidInput("the network has no service area yet; give points instead", field="candidates")
    lattice = spread_points(shape, most)
    if asked.candidates is CandidateKind.GRID:
        return [CandidatePlace(point) for point in lattice]
    return _inside(_list_doors(session, lattice), shape)


def _given(session: Session, asked: SitesAsked) -> list[CandidatePlace]:
    bbox = get_network(session).bbox
    for point in asked.points:
        if bbox is not None and not (bbox[0] <= point.lon <= bbox[2] and bbox[1] <= point.lat <= bbox[3]):
            raise OutsideServiceArea(field="points")
    return _inside([CandidatePlace(p) for p in asked.points], _shape(session, asked.area) if asked.area else None)


def _shape(session: Session, slug: str | None) -> Polygon | MultiPolygon | None:
    if slug is None:
        bbox = get_network(session).bbox
        return None if bbox is None else box(*bbox)
    found = session.scalars(select(area.c.geom).where(mine(area), area.c.slug == slug).order_by(area.c.id)).first()
    if found is None:
        raise InvalidInput("there is no such area", field="area")
    shape: Polygon | MultiPolygon = to_shape(found)
    return shape


def _inside(places: list[CandidatePlace], shape: Polygon | MultiPolygon | None) -> list[CandidatePlace]:
    if shape is None or not places:
        return places
    lon, lat = (np.array([getattr(place.point, name) for place in places]) for name in ("lon", "lat"))
    inside = shapely.intersects_xy(shape, lon, lat)
    return [place for place, holds in zip(places, inside.tolist(), strict=True) if holds]


def _thin(places: list[CandidatePlace], most: int) -> list[CandidatePlace]:
    return places if len(places) <= most else [places[len(places) * at // most] for at in range(most)]


def _list_vacant(session: Session, category: Category) -> list[CandidatePlace]:
    lacks = not_(asset.c.categories.contains([category.value]))
    query = (
        select(asset.c.name, func.ST_X(asset.c.geom).label("lon"), func.ST_Y(asset.c.geom).label("lat"))
        .where(
            mine(asset),
            not_(asset.c.is_private),
            asset.c.geom.is_not(None),
            or_(asset.c.status.in_(_CLOSED_NOW), (asset.c.status == AssetStatus.ACTIVE.value) & lacks),
        )
        .order_by(asset.c.id)
        .limit(MOST_VACANT)
    )
    return [CandidatePlace(Point(row.lon, row.lat), row.name) for row in session.execute(query)]


def _list_doors(session: Session, lattice: Sequence[Point]) -> list[CandidatePlace]:
    lons, lats = [p.lon for p in lattice], [p.lat for p in lattice]
    east_m, north_m = metres_per_degree(lats[0])
    # as far as to the next point of the lattice: no door is looked for farther away
    span_m = math.sqrt((max(lons) - min(lons)) * east_m * (max(lats) - min(lats)) * north_m / len(lattice)) or 500.0
    values = {"lons": lons, "lats": lats, "width_deg": span_m / east_m, "height_deg": span_m / north_m}
    return [CandidatePlace(Point(row.lon, row.lat)) for row in session.execute(text(_DOORS), values)]
