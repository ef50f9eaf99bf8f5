"""Coverage and gaps as they are reported: demand, what of it can be served, and why not the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from geo.domain.reasons import Parts, Reason, ReasonCode, in_words
from geo.errors import GeoError

if TYPE_CHECKING:
    from datetime import date

    from geo.domain.balance import Balance
    from geo.domain.hours import Window
    from geo.domain.nearest import PassedOver
    from geo.domain.records import NearestResult
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category, Mode


@dataclass(frozen=True, slots=True)
class Totals:
    """Needs of a category: ``demand = covered + gap``, always.

    ``covered`` is sure; ``covered_best`` is the figure if every uncertain place lay as favourably as it can.
    """

    demand: int
    covered: int
    covered_best: int

    def __post_init__(self) -> None:
        if not 0 <= self.covered <= self.covered_best <= self.demand:
            raise GeoError("coverage and gap do not add up to demand")

    @property
    def gap(self) -> int:
        """Demand that no allocation of the capacity within reach can serve."""
        return self.demand - self.covered

    @property
    def coverage(self) -> float:
        """Share of demand that is served, 0 to 1; nothing asked is nothing missed."""
        return 1.0 if self.demand == 0 else self.covered / self.demand

    @property
    def coverage_best(self) -> float:
        """The share if every uncertain place lay as favourably as it can."""
        return 1.0 if self.demand == 0 else self.covered_best / self.demand


class Standard(NamedTuple):
    """The service standard: within how many minutes, and by which way, help is within reach."""

    minutes: float
    mode: Mode


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One cell or area and one category.

    ``supply`` counts the places of help within reach of any need here, ``out_of_reach`` the needs with none at all;
    ``nearby`` names the most reached of them, where any is full. ``edge`` says that the reach from some part of it
    leaves the loaded area, where help is not known and not counted.
    """

    key: str
    label: str
    category: Category
    totals: Totals
    supply: int
    out_of_reach: int
    standard: Standard
    nearby: tuple[str, ...] = ()
    edge: bool = False

    @property
    def because(self) -> tuple[Reason, ...]:
        """Why the gap is where it is; made when asked for, as there are many rows."""
        demand, gap = self.totals.demand, self.totals.gap
        within = {"standard_min": self.standard.minutes, "mode": self.standard.mode.value}
        if gap == 0:
            return (Reason(ReasonCode.ALL_MET, {"demand": demand, **within}),)
        found: list[Reason] = []
        parts: Parts
        if self.out_of_reach:
            parts = {"count": self.out_of_reach, "demand": demand, "category": self.category.value, **within}
            found.append(Reason(ReasonCode.NO_HELP_NEAR, parts))
        if full := gap - min(self.out_of_reach, gap):
            others = self.supply - len(self.nearby)
            parts = {"count": full, "demand": demand, "names": self.nearby, "others": others}
            found.append(Reason(ReasonCode.HELP_FULL, parts))
        return tuple(found)

    @property
    def why(self) -> str:
        """The same as an English sentence."""
        return in_words(self.because, "; ") + "."


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Every row, the totals they add up to, the balance line, and how travel was reckoned.

    ``excluded_supply`` counts the help that does not count, by reason; ``unsuited`` the needs of each category for
    which there is help in the network and none that suits, by reason. ``window`` is when help had to be open, if asked.
    """

    rows: tuple[CoverageRow, ...]
    totals: dict[Category, Totals]
    balance: Balance
    excluded_supply: dict[str, int]
    travel_model: TravelModelInfo
    standard_min: float
    mode: Mode
    by: str
    unsuited: dict[Category, dict[str, int]] = field(default_factory=dict)
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class CoverageChange:
    """One cell or area and one category, on a day that was kept and now."""

    key: str
    label: str
    category: Category
    demand_then: int
    covered_then: int
    demand: int
    covered: int

    @property
    def gap_then(self) -> int:
        """Demand that could not be served then."""
        return self.demand_then - self.covered_then

    @property
    def gap(self) -> int:
        """Demand that cannot be served now."""
        return self.demand - self.covered

    @property
    def gap_change(self) -> int:
        """How many more cannot be served; below zero, how many fewer."""
        return self.gap - self.gap_then

    @property
    def has_changed(self) -> bool:
        """Whether any figure is another than it was."""
        return (self.demand_then, self.covered_then) != (self.demand, self.covered)


@dataclass(frozen=True, slots=True)
class CoverageChanges:
    """What has changed since a day that was kept: rows by how much the gap widened, and the sums of each category."""

    since: date | None
    rows: tuple[CoverageChange, ...]
    totals: dict[Category, CoverageChange]
    travel_model: TravelModelInfo


@dataclass(frozen=True, slots=True)
class NearestReport:
    """The nearest suitable helpers or assets, and why nearer ones were passed over: counts by words, and by codes."""

    results: tuple[NearestResult, ...]
    passed_over: dict[str, int]
    travel_model: TravelModelInfo
    passed_over_codes: dict[PassedOver, int] = field(default_factory=dict)
