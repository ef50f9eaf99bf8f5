"""The demonstration taken back: its people, their shifts and turfs go, and what anybody entered stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo.domain.made_up import SOURCE
from geo.store.engine import transaction
from geo.store.made_up import hold_made_up, remove_made_up

from data.demo.together import ACTIVITIES
from data.demo.town import take_town_back
from data.demo.turfs import NOTE

if TYPE_CHECKING:
    from geo.domain.made_up import RemovedMadeUp
    from geo.store.engine import Acting, SessionFactory


def remove_demo(sessions: SessionFactory, acting: Acting | None = None) -> RemovedMadeUp:
    """Remove the made-up people, all or none; a city that was loaded for good is real and stays.

    Parameters
    ----------
    sessions
        Where from.
    acting
        For whom, when not for whom the sessions were made; with the operator's rights.

    Raises
    ------
    Conflict
        If somebody loads or removes them at this moment.
    """
    with transaction(sessions, acting) as session:
        hold_made_up(session)
        gone = remove_made_up(session, source=SOURCE, activities=ACTIVITIES, turf_note=NOTE)
        return replace(gone, areas=take_town_back(session))
