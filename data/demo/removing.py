"""The demonstration taken back: its people, their shifts and turfs go, and what anybody entered stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.store.engine import transaction
from geo.store.made_up import RemovedMadeUp, remove_made_up

from data.demo.together import ACTIVITIES
from data.demo.turfs import NOTE
from data.synth.city import SOURCE

if TYPE_CHECKING:
    from geo.store.engine import SessionFactory


def remove_demo(sessions: SessionFactory) -> RemovedMadeUp:
    """Remove the made-up people, all or none; the city's streets, areas and public places are real and stay."""
    with transaction(sessions) as session:
        return remove_made_up(session, source=SOURCE, activities=ACTIVITIES, turf_note=NOTE)
