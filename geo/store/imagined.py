"""Places of help that are not there: the one place that knows what help is made of besides where it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.domain.ids import new_id
from geo.store.supply import Helping

if TYPE_CHECKING:
    from geo.domain.place import Point
    from geo.domain.words import Category


def imagine_place(point: Point, categories: frozenset[Category], capacity: int, name: str = "") -> Helping:
    """Make up a place of help that is open whenever it is asked for.

    Parameters
    ----------
    capacity
        How many needs a week it takes.
    """
    return Helping(new_id(), name, point.lon, point.lat, categories, capacity)
