"""The rules of the public release: what is counted, how coarsely it is said, and from how many on.

A network may be stricter than the defaults and never laxer; only a finer grid than the default is allowed, down to the
cells that organizers know households by.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from geo.domain.words import CELL_RESOLUTION, Category
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COARSEST: Final = 5
LEAST_K, MOST_K = 5, 1000
LEAST_DWELLINGS: Final = 50
MOST_SHARE: Final = 0.2
LEAST_FREEZE_H, MOST_FREEZE_H = 72, 14 * 24
MOST_DAYS: Final = 3650
_BAND_STEPS: Final = (1, 2, 4, 10)


class PublicKind(StrEnum):
    """What the public hears of: several categories together, so that none tells how a household lives."""

    FOOD = "food"
    WATER = "water"
    HYGIENE = "hygiene"
    TRANSPORT = "transport"
    HOME = "home"


KIND_OF: Final[Mapping[Category, PublicKind]] = {
    Category.FOOD: PublicKind.FOOD,
    Category.WATER: PublicKind.WATER,
    Category.HYGIENE: PublicKind.HYGIENE,
    Category.TRANSPORT: PublicKind.TRANSPORT,
    Category.HOUSEHOLD: PublicKind.HOME,
    Category.COMPANY: PublicKind.HOME,
    Category.CHILDCARE: PublicKind.HOME,
}
"""The kind of each category that may be told. What is missing here is in no kind and in no total."""

SENSITIVE: Final = frozenset(Category) - KIND_OF.keys()
"""Medicine, shelter and paperwork: they speak of health, flight and papers."""

KIND_LABELS: Final[Mapping[PublicKind, str]] = {
    PublicKind.FOOD: "Food",
    PublicKind.WATER: "Drinking water",
    PublicKind.HYGIENE: "Hygiene",
    PublicKind.TRANSPORT: "Transport",
    PublicKind.HOME: "A hand at home",
}

PUBLIC_PLACES: Final = frozenset(
    {
        "library", "pharmacy", "community_centre", "food_bank", "clothing_bank", "supermarket", "convenience",
        "marketplace", "drinking_water", "toilets", "shower", "laundry", "town_hall", "public_office", "second_hand",
        "hardware", "taxi", "bus_station",
    }
)  # fmt: skip
"""Kinds of places that are open to everybody anyway. A shelter is not among them, nor a kind that we do not know."""


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """How a network releases; pinned, versioned and changed by hand alone.

    Parameters
    ----------
    resolution
        Of the H3 grid; 8 has cells of about 0.74 square kilometres.
    k
        The fewest households that are spoken of.
    min_dwellings
        The fewest homes in a cell that is spoken of.
    max_share
        The most households in need for each home of the cell.
    freeze_h
        Hours for which what is new stays untold.
    coarsen_after_days, contact_after_days
        Days after closing when a need's place is coarsened, and when its contact goes.

    Raises
    ------
    InvalidInput
        Naming the rule that is laxer than allowed, or senseless.
    """

    resolution: int = 8
    k: int = LEAST_K
    min_dwellings: int = LEAST_DWELLINGS
    max_share: float = MOST_SHARE
    freeze_h: int = LEAST_FREEZE_H
    coarsen_after_days: int = 14
    contact_after_days: int = 30

    def __post_init__(self) -> None:
        _within("resolution", self.resolution, COARSEST, CELL_RESOLUTION)
        _within("k", self.k, LEAST_K, MOST_K)
        _within("min_dwellings", self.min_dwellings, LEAST_DWELLINGS, 1_000_000)
        _within("freeze_h", self.freeze_h, LEAST_FREEZE_H, MOST_FREEZE_H)
        _within("coarsen_after_days", self.coarsen_after_days, 0, MOST_DAYS)
        _within("contact_after_days", self.contact_after_days, self.coarsen_after_days, MOST_DAYS)
        if not (math.isfinite(self.max_share) and 0 < self.max_share <= MOST_SHARE):
            raise InvalidInput(f"max_share must be more than 0 and at most {MOST_SHARE}", field="max_share")

    @property
    def method(self) -> str:
        """The name of the grid as files say it."""
        return f"h3-{self.resolution}"

    @property
    def freeze(self) -> timedelta:
        """For how long what is new stays untold."""
        return timedelta(hours=self.freeze_h)

    @property
    def enters_at(self) -> int:
        """How many households a cell needs, twice running, before it is spoken of."""
        return self.k + 2

    @property
    def band_starts(self) -> tuple[int, ...]:
        """The least number of each band: they grow with k, so that none is narrower than k."""
        return tuple(step * self.k for step in _BAND_STEPS)

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands from least to most, such as ``5-9``; the last is open."""
        starts = self.band_starts
        ends = [f"{low}-{high - 1}" for low, high in pairwise(starts)]
        return (*ends, f"{starts[-1]}+")

    def band_of(self, count: int) -> str:
        """Say a number as its band.

        Raises
        ------
        InvalidInput
            If it is fewer than k, which is never said.
        """
        if count < self.k:
            raise InvalidInput("fewer than k are never spoken of", field="k")
        return self.bands[sum(count >= start for start in self.band_starts) - 1]

    def least_of(self, band: str) -> int:
        """Give the least number a band may stand for."""
        return self.band_starts[self.bands.index(band)]

    def as_dict(self) -> dict[str, Any]:
        """Write the rules as JSON knows them."""
        return asdict(self)


def public_kinds(categories: Iterable[Category]) -> frozenset[PublicKind]:
    """Give the kinds that may be told of a household's needs; empty when all of them are sensitive."""
    return frozenset(KIND_OF[category] for category in categories if category in KIND_OF)


def _within(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise InvalidInput(f"{name} must be a whole number from {least} to {most}", field=name)
