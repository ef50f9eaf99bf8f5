"""From a judged row to its record, placed by an address that was looked up with those of its batch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo.domain.entries import Fault
from geo.domain.place import Location, location_from_geocode
from geo.domain.words import COARSE_QUALITIES, ConsentWay, Decision, LocationState
from geo.errors import InvalidInput
from geo.store.assets import create_asset
from geo.store.geocoding import HouseGeocoder
from geo.store.helpers import create_helper
from geo.store.needs import create_need

from api.locating import locate
from api.schemas.entries import AssetEntryIn
from api.schemas.needs import NeedIn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.place import GeocodeResult, Point

    from api.importing.judging import Judged
    from api.schemas.needs import LocationIn

SOURCE: Final = "import"
Made = tuple["UUID", tuple[Fault, ...]]


def look_up(session: Session, rows: Sequence[Judged | None]) -> list[GeocodeResult | None]:
    """Look up the addresses of a batch together, keeping the places of rows that have none."""
    addresses = [_address(row) for row in rows]
    answers = iter(HouseGeocoder(session).geocode_many([one for one in addresses if one]))
    return [next(answers) if one else None for one in addresses]


def _address(row: Judged | None) -> str | None:
    location: LocationIn | None = None if row is None or row.sent is None else row.sent.location
    return None if location is None else location.address


def make(session: Session, row: Judged, answer: GeocodeResult | None) -> Made:
    """Make the record of a row; gives its id, and what is to be said beside it.

    Raises
    ------
    GeoError
        If it cannot be made: outside the area served, or a place that must be sure is not.
    """
    sent = row.sent
    if isinstance(sent, NeedIn):
        return _make_need(session, row, sent, answer)
    if sent is None:
        raise InvalidInput("this row cannot be used")
    point, note = _sure_place(session, sent.location, answer)
    if isinstance(sent, AssetEntryIn):
        if point is None:
            raise InvalidInput(note, field="address")
        typed = sent.location.address if sent.location is not None and not sent.is_private else None
        draft = replace(sent.to_draft(), status=sent.status, source=SOURCE, point=point, address=typed)
        return create_asset(session, draft).id, ()
    contact = None if sent.contact is None else sent.contact.to_contact(ConsentWay.WRITTEN)
    draft_of = replace(sent.to_draft(), status=sent.status)
    told = (Fault("/address", note),) if sent.location is not None and point is None else ()
    return create_helper(session, draft_of, point, contact).id, told


def _make_need(session: Session, row: Judged, sent: NeedIn, answer: GeocodeResult | None) -> Made:
    contact = None if sent.contact is None else sent.contact.to_contact(ConsentWay.WRITTEN)
    location = _location(session, sent.location, answer)
    made = create_need(session, sent.to_draft(source=SOURCE, received_at=row.received_at), location, contact)
    waits = made.location_state in (LocationState.NEEDS_REVIEW, LocationState.PENDING)
    return made.id, (
        Fault("/address", "the address is not surely found, and waits in the review queue"),
    ) if waits else ()


def _location(session: Session, sent: LocationIn | None, answer: GeocodeResult | None) -> Location:
    if sent is not None and sent.address is not None and answer is not None:
        return location_from_geocode(sent.address, answer)
    return locate(session, sent)


def _sure_place(session: Session, sent: LocationIn | None, answer: GeocodeResult | None) -> tuple[Point | None, str]:
    if sent is None:
        return None, "there is no place"
    if sent.address is None:
        return locate(session, sent).point, ""
    best = answer.best if answer is not None and answer.decision is Decision.ACCEPT else None
    if best is None or best.match_quality in COARSE_QUALITIES:
        return None, "the address is not surely found; give longitude and latitude"
    return best.point, ""
