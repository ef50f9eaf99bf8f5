"""From what was sent about a place to the location that is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.place import Location, Point, location_from_geocode
from geo.domain.words import LocationState, MatchQuality
from geo.store.geocoding import HouseGeocoder

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.schemas.needs import LocationIn

DEFAULT_ACCURACY_M: Final = {"gps": 50.0, "manual": 15.0}
"""Assumed when a phone or a person does not say."""
COARSE_M: Final = 250.0
"""A position less sure than this says roughly where, not which door."""


def locate(session: Session, sent: LocationIn | None) -> Location:
    """Find the place of what was sent: geocode an address, take a point as it is, or know that there is none."""
    if sent is None:
        return Location(LocationState.NONE)
    if sent.address is not None:
        return location_from_geocode(sent.address, HouseGeocoder(session).geocode(sent.address))
    return _from_point(sent)


def _from_point(sent: LocationIn) -> Location:
    method = sent.method or "manual"
    uncertainty_m = DEFAULT_ACCURACY_M[method] if sent.accuracy_m is None else sent.accuracy_m
    return Location(
        LocationState.APPROXIMATE if uncertainty_m > COARSE_M else LocationState.LOCATED,
        MatchQuality(method),
        Point(sent.lon or 0.0, sent.lat or 0.0),
        uncertainty_m,
        located_at=datetime.now(UTC),
    )
