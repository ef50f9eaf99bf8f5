"""Places of help that are not there: the one place that knows what they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.domain.ids import new_id
from geo.domain.words import StepFree
from geo.store.supply import Helping

if TYPE_CHECKING:
    from geo.domain.place import Point
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
