"""Reveals: the place or contact behind a need, or a helper's contact, shown and noted in the same transaction."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from geo.domain.audit import ExactPlace
from geo.errors import NotFound
from geo.store.audit import record
from geo.store.contacts import find_contact
from geo.store.helpers import get_helper, helper
from geo.store.locations import get_location
from geo.store.needs import get_need, need

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.drafts import Contact
    from geo.domain.records import DecidedItem, ReviewItem

REVEAL: Final = "reveal"
_PLACE_FIELDS: Final = ("point", "uncertainty_m", "address_typed")


def reveal_place(session: Session, need_id: UUID, *, reason: str) -> ExactPlace:
    """Read where a need exactly is and what was typed for it.

    Parameters
    ----------
    reason
        Why somebody looks.

    Raises
    ------
    NotFound
        If there is no such need, or it has no place and no address.
    """
    found = get_need(session, need_id)
    kept = get_location(session, "need_id", need_id, found.location_state)
    if kept.point is None and kept.address_typed is None:
        raise NotFound("there is no place to reveal")
    shown = ExactPlace(need_id, kept.point, kept.uncertainty_m, found.match_quality, kept.address_typed)
    _note(session, need_id, [name for name in _PLACE_FIELDS if getattr(shown, name) is not None], reason)
    return shown


def reveal_contact(session: Session, need_id: UUID, *, reason: str) -> Contact:
    """Read how to reach the person behind a need.

    Raises
    ------
    NotFound
        If there is no such need, or no contact was kept.
    """
    get_need(session, need_id)
    shown = find_contact(session, "need_id", need_id)
    if shown is None:
        raise NotFound("there is no contact to reveal")
    _note(session, need_id, _names(shown), reason)
    return shown


def reveal_helper_contact(session: Session, helper_id: UUID, reason: str) -> Contact:
    """Read how to reach a helper; who looked is noted, and why.

    Raises
    ------
    NotFound
        If there is no such helper, or no contact was kept.
    """
    get_helper(session, helper_id)
    shown = find_contact(session, "helper_id", helper_id)
    if shown is None:
        raise NotFound("there is no contact to reveal")
    record(session, REVEAL, helper.name, [helper_id], _names(shown), reason=reason)
    return shown


def _names(shown: Contact) -> list[str]:
    given = (f.name for f in fields(shown) if not f.name.startswith("consent_") and getattr(shown, f.name) is not None)
    return [f"contact_{name}" for name in given]


def _note(session: Session, need_id: UUID, shown: Sequence[str], reason: str) -> None:
    record(session, REVEAL, need.name, [need_id], shown, reason=reason)


def note_review(session: Session, items: Sequence[ReviewItem | DecidedItem]) -> None:
    """Note that what was typed for the needs of a page of the review queue is shown, and what is to be asked."""
    for name in ("address_typed", "note"):
        shown = [item.need.id for item in items if getattr(item, name) is not None]
        if shown:
            record(session, REVEAL, need.name, shown, (name,))
