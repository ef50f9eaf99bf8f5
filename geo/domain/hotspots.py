"""Hot spots of unmet needs as they are reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo.domain.balance import Balance
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category, Mode


@dataclass(frozen=True, slots=True)
class HotSpot:
    """One cell with open needs.

    ``z`` is Gi* in standard deviations, ``p`` the chance of so high a sum, ``q`` the false discovery rate at which the
    cell would be called hot. Nothing stands where nothing could be said.
    """

    cell: str
    label: str
    demand: int
    gap: int
    z: float | None
    p: float | None
    q: float | None
    is_hot: bool
    edge: bool


@dataclass(frozen=True, slots=True)
class HotSpotReport:
    """Every cell with open needs, the hottest first, and one sentence that says what was found."""

    rows: tuple[HotSpot, ...]
    finding: str
    sentence: str
    level: float
    rings: int
    islands: int
    category: Category | None
    standard_min: float
    mode: Mode
    balance: Balance
    travel_model: TravelModelInfo
