"""When somebody was last here: their own memory of their last visit, which nobody else is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import case, func, update

from geo.domain.now import VISIT_GAP, LastVisit
from geo.store.access_tables import membership
from geo.store.rows import mine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def note_visit(session: Session, *, now: datetime | None = None) -> LastVisit:
    """Note that whoever acts looks at the first page, and tell when they last did before this visit.

    Looks less than ``VISIT_GAP`` apart are one visit.

    Parameters
    ----------
    now
        The instant of the look; the present when left out.

    Returns
    -------
    LastVisit
        Without an instant on the first visit, and for whoever is no member.
    """
    moment = now or datetime.now(UTC)
    is_new = membership.c.seen_at < moment - VISIT_GAP
    values = {
        "seen_before_at": case((is_new, membership.c.seen_at), else_=membership.c.seen_before_at),
        "seen_at": func.greatest(membership.c.seen_at, moment),
    }
    own = mine(membership), membership.c.person_id == func.current_actor(), membership.c.ended_at.is_(None)
    before = session.scalar(update(membership).where(*own).values(**values).returning(membership.c.seen_before_at))
    return LastVisit(before)
