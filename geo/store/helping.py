"""A match as its helper sees it by a link: asked, answered and carried out, and the address only in between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from geo.domain.links import BECOMES, AskedHelp, HelpPlace, HelpState, help_state
from geo.domain.match import LIVE
from geo.domain.words import CLOSED_STATUSES, LocationState
from geo.errors import Conflict
from geo.store import tables
from geo.store.cell_names import name_cells
from geo.store.match_steps import step
from geo.store.matches import get_match
from geo.store.needs import get_need
from geo.store.reveals import reveal_place
from geo.store.rows import mine
from geo.store.telling import tell_step

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.links import HelpStep
    from geo.domain.match import Match, MatchReason
    from geo.domain.records import Need

REASON = "the helper who said yes looked by their link"


def get_asked_help(session: Session, match_id: UUID, *, now: datetime | None = None) -> AskedHelp:
    """Read a match as its helper may see it: never with an address, and with nothing once it is over.

    Raises
    ------
    NotFound
        If there is no such match.
    """
    moment = now or datetime.now(UTC)
    found = get_match(session, match_id, now=moment)
    asked = get_need(session, found.need_id)
    state = help_state(found.status, is_wanted=_is_wanted(session, found, asked))
    if state not in (HelpState.ASKED, HelpState.ACCEPTED, HelpState.UNDER_WAY):
        # what is over is nobody's business any more
        return AskedHelp(state, None, None, None, None, (), None)
    area = None if asked.cell is None else name_cells(session, [asked.cell]).get(asked.cell)
    return AskedHelp(
        state,
        asked.category,
        asked.urgency,
        area,
        found.travel_min,
        asked.languages,
        found.expires_at,
        has_place=asked.location_state is not LocationState.NONE,
    )


def _is_wanted(session: Session, found: Match, asked: Need) -> bool:
    if asked.withheld or asked.status in CLOSED_STATUSES:
        return False
    match = tables.match
    taken = select(match.c.id).where(
        match.c.need_id == asked.id, mine(match), match.c.status.in_([status.value for status in LIVE])
    )
    return session.scalar(taken.where(match.c.id != found.id).limit(1)) is None


def take_step(
    session: Session,
    match_id: UUID,
    wanted: HelpStep,
    *,
    reason: MatchReason | None = None,
    origin: str,
    now: datetime | None = None,
) -> AskedHelp:
    """Take a step of a match as its helper, and queue what others are to be told of it.

    Parameters
    ----------
    origin
        Scheme and host that links to others are written with.

    Raises
    ------
    NotFound
        If there is no such match.
    Conflict
        If the step does not follow; see ``geo.store.match_steps.step``.
    InvalidInput
        For a reason that does not fit.
    """
    moment = now or datetime.now(UTC)
    made = step(session, match_id, BECOMES[wanted], reason=reason, now=moment)
    tell_step(session, made, origin=origin, now=moment)
    return get_asked_help(session, match_id, now=moment)


def reveal_to_helper(session: Session, match_id: UUID, *, now: datetime | None = None) -> HelpPlace:
    """Read the exact place for a helper who has said yes and is not done; noted as every look is.

    Raises
    ------
    NotFound
        If there is no such match, or no place is kept.
    Conflict
        Before it was accepted, and once it is over.
    """
    found = get_match(session, match_id, now=now)
    if found.status not in LIVE:
        raise Conflict("the address is shown after saying yes, and until it is done")
    shown = reveal_place(session, found.need_id, reason=REASON)
    return HelpPlace(shown.point, shown.uncertainty_m, shown.address_typed)
