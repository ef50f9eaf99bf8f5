"""Storing the synthetic people, and placing every need whose address is still to be looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.made_up import SOURCE
from geo.domain.place import Location, location_from_geocode
from geo.domain.words import LocationState, NeedStatus
from geo.store.assets import upsert_assets
from geo.store.engine import transaction
from geo.store.gazetteer_sources import list_addresses
from geo.store.geocoding import HouseGeocoder
from geo.store.helpers import create_helper
from geo.store.needs import count_from, create_need, list_pending, place_need, update_need
from geo.store.organizations import create_organization

from data.synth import make_people

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from data.synth import SynthCity, SynthNeed

BATCH: Final = 500
NEEDS: Final = 600
HELPERS: Final = 60
"""One helper for ten needs: a network stretched the way real ones are, so that gaps show."""


def store_people(sessions: SessionFactory, *, seed: int, now: datetime | None = None) -> int:
    """Make up people for the loaded city and store them, all or none; people who are there already stay as they are.

    Returns
    -------
    int
        How many needs were added.
    """
    with transaction(sessions) as session:
        return 0 if count_from(session, SOURCE) else len(add_people(session, seed=seed, now=now).needs)


def add_people(session: Session, *, seed: int, now: datetime | None = None) -> SynthCity:
    """Make up people for the loaded city and store them.

    Returns
    -------
    SynthCity
        Everybody who was added.

    Raises
    ------
    InvalidInput
        If the city has too few addresses.
    """
    city = make_people(list_addresses(session), seed=seed, needs=NEEDS, helpers=HELPERS, now=now)
    _store_city(session, city)
    return city


def _store_city(session: Session, city: SynthCity) -> None:
    for made in city.assets:
        create_organization(session, made.organization)
    upsert_assets(session, [made.asset for made in city.assets])
    for helper in city.helpers:
        create_helper(session, helper.draft, helper.home)
    for need in city.needs:
        _store_need(session, need)


def _store_need(session: Session, made: SynthNeed) -> None:
    typed = made.address_typed
    location = Location(LocationState.NONE if typed is None else LocationState.PENDING, address_typed=typed)
    need = create_need(session, made.draft, location, made.contact)
    if made.status is not NeedStatus.OPEN:
        update_need(session, need.id, {"status": made.status.value})


def place_pending(sessions: SessionFactory) -> int:
    """Look up every address that is still to be looked up; what is not surely found goes to the review queue.

    Works in batches, each in its own transaction, so that a run cut short goes on where it stopped.

    Returns
    -------
    int
        How many addresses were looked up.
    """
    total = 0
    while True:
        with transaction(sessions) as session:
            looked_up = place_batch(session)
        total += looked_up
        if looked_up < BATCH:
            return total


def place_batch(session: Session, *, limit: int = BATCH) -> int:
    """Look up the addresses that have waited longest, at most ``limit``; tells how many there were."""
    waiting = list_pending(session, limit=limit)
    answers = HouseGeocoder(session).geocode_many([typed for _, typed in waiting])
    for (need_id, typed), answer in zip(waiting, answers, strict=True):
        place_need(session, need_id, location_from_geocode(typed, answer))
    return len(waiting)
