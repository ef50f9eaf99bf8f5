"""Keeping feeds marked: each partner's view is read as the partner reads it, and canaries are planted to go with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo.domain.principals import Tier
from geo.store.canaries import list_marked, plant
from geo.store.engine import PARTNER_ROLE, Acting, transaction
from geo.store.partner_feed import partner_features

if TYPE_CHECKING:
    from datetime import datetime

    from geo.store.engine import SessionFactory

MARKING: Final = "marking"
"""What the audit would call a look at a partner's view that is made to mark it."""


def keep_marked(sessions: SessionFactory, *, now: datetime) -> int:
    """Let every marked feed of the sessions' network have the canaries that go with its size.

    Parameters
    ----------
    sessions
        With an organizer's rights and the installation's keys.

    Returns
    -------
    int
        How many canaries were planted or taken out.
    """
    acting: Acting = sessions.kw["info"]["acting"]
    with transaction(sessions) as session:
        marked = list_marked(session, now=now)
    changed = 0
    for one in marked:
        # what was referred has a place and is never made up; nobody looks at it here
        coarse = replace(one, tier=Tier.COARSE)
        as_partner = replace(acting, role=PARTNER_ROLE, actor=one.id, kind=MARKING)
        with transaction(sessions, as_partner) as session:
            view = partner_features(session, coarse)
        with transaction(sessions) as session:
            changed += abs(plant(session, one, view, now=now))
    return changed
