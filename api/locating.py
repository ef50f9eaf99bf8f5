"""From what was sent about a place to the location that is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.place import Candidate, Location, Point, location_from_geocode
from geo.domain.words import ConsentWay, LocationState, MatchQuality, NearbyKind
from geo.store.geocoding import HouseGeocoder
from geo.store.needs import create_need
from geo.store.reverse import LocalReverse

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.records import Need

    from api.schemas.needs import LocationIn, NeedIn

DEFAULT_ACCURACY_M: Final = {"gps": 50.0, "manual": 15.0, "pin": 15.0, "suggestion": 15.0}
"""Assumed when a phone or a person does not say."""
SAME_DOOR_M: Final = 5.0
"""A point so near to a door of the gazetteer is that door."""
_CHOSEN: Final = frozenset({"pin", "suggestion"})
_SURE: Final = 100
COARSE_M: Final = 250.0
"""A position less sure than this says roughly where, not which door."""


def locate(session: Session, sent: LocationIn | None) -> Location:
    """Find the place of what was sent: geocode an address, take a point as it is, or know that there is none."""
    if sent is None:
        return Location(LocationState.NONE)
    if sent.address is not None:
        return location_from_geocode(sent.address, HouseGeocoder(session).geocode(sent.address))
    return _from_point(session, sent)


def store_need(session: Session, sent: NeedIn, *, need_id: UUID | None = None, source: str = "api") -> Need:
    """Place a need and store it; shared by everything that takes needs in."""
    how = ConsentWay.SPOKEN if source == "canvass" else ConsentWay.FORM
    contact = None if sent.contact is None else sent.contact.to_contact(how)
    return create_need(session, sent.to_draft(need_id=need_id, source=source), locate(session, sent.location), contact)


def _from_point(session: Session, sent: LocationIn) -> Location:
    method, point = sent.method or "manual", Point(sent.lon or 0.0, sent.lat or 0.0)
    uncertainty_m = DEFAULT_ACCURACY_M[method] if sent.accuracy_m is None else sent.accuracy_m
    quality, found = _named(session, method, point, uncertainty_m)
    return Location(
        LocationState.APPROXIMATE if uncertainty_m > COARSE_M else LocationState.LOCATED,
        quality,
        point,
        uncertainty_m,
        sent.typed,
        found,
        datetime.now(UTC),
    )


def _named(
    session: Session, method: str, point: Point, uncertainty_m: float
) -> tuple[MatchQuality, tuple[Candidate, ...]]:
    """Say what a point was matched to; of one that was chosen by hand its way is kept, and what lies there."""
    if method not in _CHOSEN:
        return MatchQuality(method), ()
    there = LocalReverse(session).find(point)
    # the gazetteer of this host says whether it is a door, and not the phone
    is_door = method == "suggestion" and there.kind is NearbyKind.DOOR and (there.distance_m or 0.0) <= SAME_DOOR_M
    quality = MatchQuality.ROOFTOP if is_door else MatchQuality.MANUAL
    return quality, (Candidate(point, there.address or "", quality, uncertainty_m, _SURE, method),)
