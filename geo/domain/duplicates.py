"""Two requests that may be one: what is compared of each, and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from geo.domain.words import Category


@dataclass(frozen=True, slots=True)
class Asking:
    """What is compared of a request; restricted, as the exact place is.

    Attributes
    ----------
    uncertainty_m
        Radius in metres within which the true place is expected; none where there is no place.
    unit
        Stair, flat or door within the house, as the address was read; none where nobody has said.
    reach
        Keyed hash of the telephone number; none where there is none.
    reach_count
        How many open requests bear the same number, this one included.
    """

    category: Category
    received_at: datetime
    household_size: int
    uncertainty_m: float | None = None
    unit: str | None = None
    reach: bytes | None = None
    reach_count: int = 1


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much speaks for two requests being one, in bits: each part, and all of them together.

    A part is the logarithm to base 2 of how many times likelier what is seen is if the two are one request.
    """

    place: float
    unit: float
    reach: float
    category: float
    time: float
    household_size: float

    @property
    def bits(self) -> float:
        """The sum of the parts."""
        return self.place + self.unit + self.reach + self.category + self.time + self.household_size
