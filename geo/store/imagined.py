"""Places of help that are not there: what they are made of, and how it is found who reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.analysis.reach import StraightReach
from geo.domain.ids import new_id
from geo.domain.words import StepFree
from geo.store.supply import Helping

if TYPE_CHECKING:
    from geo.analysis.reach import ReachFinder
    from geo.domain.place import Point
    from geo.domain.travel import TravelModel
    from geo.domain.words import Category


def imagine_place(point: Point, categories: frozenset[Category], capacity: int) -> Helping:
    """Make up a place of help that nobody is kept out of.

    It is open whenever it is asked for, has no steps, and interprets: whoever opens it can still see to that.

    Parameters
    ----------
    capacity
        How many needs a week it takes.
    """
    return Helping(
        new_id(), "", point.lon, point.lat, categories, capacity, interpreter=True, step_free=StepFree.YES
    )  # fmt: skip


def reach_of(model: TravelModel, standard_min: float) -> ReachFinder:
    """Make a finder of who reaches what within a standard in minutes, also for places that are stored nowhere."""
    return StraightReach.of(model, standard_min)
