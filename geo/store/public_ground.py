"""What the public page's map is drawn on, read from areas and streets, which everybody may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geoalchemy2.shape import to_shape
from sqlalchemy import select

from geo.privacy.public_ground import write_ground
from geo.store.areas import list_areas
from geo.store.gazetteer_sources import list_sources
from geo.store.gazetteer_tables import geo_street
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry import MultiLineString
    from sqlalchemy.orm import Session

MOST_AREAS: Final = 150
MOST_STREETS: Final = 60
"""So many of the longest streets: enough to know a town by, few enough for a small page."""


def write_public_ground(session: Session) -> bytes:
    """Write the outlines of the network's areas and its longest streets."""
    owed = [source.attribution for source in list_sources(session)]
    return write_ground(list_areas(session, limit=MOST_AREAS), list_longest_streets(session), attributions=owed)


def list_longest_streets(session: Session, *, limit: int = MOST_STREETS) -> Sequence[MultiLineString]:
    """List the lines of the longest streets, WGS 84 degrees, the longest first."""
    longest = select(geo_street.c.geom).where(mine(geo_street), geo_street.c.geom.is_not(None))
    ordered = longest.order_by(geo_street.c.length_m.desc(), geo_street.c.id).limit(limit)
    return [to_shape(shape) for shape in session.scalars(ordered)]
