"""From a conversation to a need, by the same door as what a phone sends, once under the conversation's id."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from geo.domain.place import GeocodeResult, Location, location_from_geocode
from geo.domain.texting.conversation import contact_of, draft_of, typed_of
from geo.domain.words import Decision, EntryChannel, LocationState
from geo.errors import OutsideServiceArea
from geo.store.geocoding import HouseGeocoder
from geo.store.needs import create_need
from geo.store.submissions import Entry, receive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.texting.conversation import Talk


def submit(
    session: Session, conversation_id: UUID, talk: Talk, number: str, *, at: datetime, is_finished: bool, asks: bool
) -> UUID:
    """Make the need of a conversation, or give the one it made before.

    Parameters
    ----------
    number
        Whose conversation it is; in the entry as it came, and in the contact as far as they agreed.
    at
        When they last wrote.
    is_finished
        Whether the person has confirmed it; what was not waits for a person, whatever the gazetteer says.
    asks
        Whether they want somebody to get back to them.

    Returns
    -------
    uuid.UUID
        The need's id.
    """
    payload = entry_of(talk, number)
    plain = json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()
    entry = Entry(conversation_id, "need", payload, hashlib.sha256(plain).digest(), at)

    def make() -> UUID:
        return _make(session, conversation_id, talk, number, at=at, is_finished=is_finished, asks=asks)

    return receive(session, entry, make, channel=EntryChannel.TEXT).record_id


def entry_of(talk: Talk, number: str) -> Mapping[str, Any]:
    """Write what was said as it is kept, sealed, like whatever a phone sends."""
    told = asdict(replace(talk, places=()))
    offered = [one.label for one in talk.places]
    return {"from": number, "source": "text"} | told | {"places": offered}


def _make(
    session: Session, need_id: UUID, talk: Talk, number: str, *, at: datetime, is_finished: bool, asks: bool
) -> UUID:
    draft = draft_of(talk, need_id=need_id, received_at=at)
    contact = contact_of(talk, number, at=at, asks_for_person=asks)
    location = _locate(session, talk) if is_finished else _for_review(talk)
    try:
        with session.begin_nested():
            return create_need(session, draft, location, contact).id
    except OutsideServiceArea:
        # where it is remains to be seen by a person; that it was asked for is never lost
        return create_need(session, draft, _for_review(talk), contact).id


def _for_review(talk: Talk) -> Location:
    typed = typed_of(talk)
    if typed is None:
        return Location(LocationState.NONE)
    return Location(LocationState.NEEDS_REVIEW, address_typed=typed, candidates=talk.places)


def _locate(session: Session, talk: Talk) -> Location:
    """Place what was confirmed: where the person chose, or else as any typed address is placed."""
    if talk.address is None:
        return Location(LocationState.NONE)
    if talk.place is not None:
        chosen = talk.places[talk.place]
        others = tuple(one for one in talk.places if one is not chosen)
        return location_from_geocode(talk.address, GeocodeResult(Decision.ACCEPT, (chosen, *others)))
    if talk.places:
        # none of what was offered is meant
        return _for_review(talk)
    return location_from_geocode(talk.address, HouseGeocoder(session).geocode(talk.address))
