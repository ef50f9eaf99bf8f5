"""From what was sent about a place to the location that is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.place import Location, Point, location_from_geocode
from geo.domain.words import ConsentWay, LocationState, MatchQuality
from geo.store.geocoding import HouseGeocoder
from geo.store.needs import create_need

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.records import Need

    from api.schemas.needs import LocationIn, NeedIn

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


def store_need(session: Session, sent: NeedIn, *, need_id: UUID | None = None, source: str = "api") -> Need:
    """Place a need and store it; shared by everything that takes needs in."""
    how = ConsentWay.SPOKEN if source == "canvass" else ConsentWay.FORM
    contact = None if sent.contact is None else sent.contact.to_contact(how)
    return create_need(session, sent.to_draft(need_id=need_id, source=source), locate(session, sent.location), contact)


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
