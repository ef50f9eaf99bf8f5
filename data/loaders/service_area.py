"""The area served grows with what is loaded, and says what lies within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.crs import MAX_SPAN_DEG
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store.network import get_network, set_service_area

from data.loaders.margin import with_margin

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from data.loaders.margin import Bbox


def widen_service_area(session: Session, box: Bbox) -> None:
    """Let the area served hold a box too, and ``MARGIN_M`` metres around it.

    Raises
    ------
    OutsideServiceArea
        If it is so far from the area served that no local map could hold both.
    """
    served = get_network(session).bbox
    west, south, east, north = with_margin(box)
    if served is not None:
        west, south = min(west, served[0]), min(south, served[1])
        east, north = max(east, served[2]), max(north, served[3])
    if max(east - west, north - south) > MAX_SPAN_DEG:
        raise OutsideServiceArea("this is too far from the area served; use a home folder of its own")
    set_service_area(session, (west, south, east, north))


def get_served_box(session: Session) -> Bbox:
    """Give the box of the area served, in degrees.

    Raises
    ------
    InvalidInput
        If no area was set yet.
    """
    served = get_network(session).bbox
    if served is None:
        raise InvalidInput("no area is served yet; load a city first, or give the box with --within", field="clip")
    return served


def grown(box: Bbox | None, lon: float, lat: float) -> Bbox:
    """Give the box that holds a point too."""
    if box is None:
        return lon, lat, lon, lat
    return min(box[0], lon), min(box[1], lat), max(box[2], lon), max(box[3], lat)
