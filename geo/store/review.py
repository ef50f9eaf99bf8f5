"""The review queue: needs whose address waits for a person, and the ways to give them a place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo.domain.records import Need, Offer, ReviewItem
from geo.domain.words import COARSE_QUALITIES, LocationState, MatchQuality
from geo.errors import Conflict, InvalidInput
from geo.store.locations import candidate_from_json, exact, get_location
from geo.store.needs import COLUMNS, WAITS_FOR_PLACE, get_need, need, need_from_row, place_need
from geo.store.rows import list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.place import Location, Point

PIN_UNCERTAINTY_M = 15.0
"""How far off a pin set by hand on a street map is taken to be."""


def list_review(session: Session, *, after: UUID | None = None, limit: int = 50) -> Sequence[ReviewItem]:
    """List the needs that wait for a place, oldest first, with what was typed and what the geocoder offered."""
    query = select(*COLUMNS, exact.c.address_typed, exact.c.candidates).outerjoin(exact, exact.c.need_id == need.c.id)
    rows = list_rows(session, query, need, where=[WAITS_FOR_PLACE], after=after, limit=limit)
    return [_item(row) for row in rows]


def _item(row: RowMapping) -> ReviewItem:
    values = dict(row)
    typed, kept = values.pop("address_typed"), values.pop("candidates") or []
    offered = [candidate_from_json(c) for c in kept]
    return ReviewItem(
        need_from_row(values),
        typed,
        tuple(
            Offer(c.label, c.match_quality, c.uncertainty_m, c.score, tuple(f.name for f in c.faults)) for c in offered
        ),
    )


def count_review(session: Session) -> int:
    """Count the needs that wait for a place."""
    return session.scalar(select(func.count()).select_from(need).where(mine(need), WAITS_FOR_PLACE)) or 0


def set_pin(
    session: Session,
    need_id: UUID,
    point: Point,
    *,
    uncertainty_m: float = PIN_UNCERTAINTY_M,
    expected_version: int | None = None,
) -> Need:
    """Give a need the place a person pointed at.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    OutsideServiceArea
        If the pin lies outside the area the network serves.
    """
    before = _location(session, need_id)
    placed = replace(
        before,
        state=LocationState.CONFIRMED,
        match_quality=MatchQuality.MANUAL,
        point=point,
        uncertainty_m=uncertainty_m,
    )
    return place_need(session, need_id, placed, expected_version=expected_version)


def choose_candidate(session: Session, need_id: UUID, index: int, *, expected_version: int | None = None) -> Need:
    """Give a need the place the geocoder offered at ``index``, counted from 0.

    Raises
    ------
    InvalidInput
        If no such candidate was offered.
    """
    before = _location(session, need_id)
    if not 0 <= index < len(before.candidates):
        raise InvalidInput("there is no such candidate", field="candidate")
    chosen = before.candidates[index]
    coarse = chosen.match_quality in COARSE_QUALITIES
    placed = replace(
        before,
        state=LocationState.APPROXIMATE if coarse else LocationState.CONFIRMED,
        match_quality=chosen.match_quality,
        point=chosen.point,
        uncertainty_m=chosen.uncertainty_m,
    )
    return place_need(session, need_id, placed, expected_version=expected_version)


def confirm_location(session: Session, need_id: UUID, *, expected_version: int | None = None) -> Need:
    """Say that the place a need already has is right.

    Raises
    ------
    Conflict
        If it has none yet.
    """
    found = get_need(session, need_id)
    before = _location(session, need_id)
    if before.point is None:
        raise Conflict("there is no place to confirm; set a pin or choose a candidate")
    placed = replace(before, state=LocationState.CONFIRMED, match_quality=found.match_quality)
    return place_need(session, need_id, placed, expected_version=expected_version)


def _location(session: Session, need_id: UUID) -> Location:
    found = get_need(session, need_id)
    kept = get_location(session, "need_id", need_id, found.location_state)
    return replace(kept, match_quality=found.match_quality)
