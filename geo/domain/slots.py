"""Gaps by time slot: for each hour of a week and each group of people, what help open then can serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import date

    from geo.domain.balance import Balance
    from geo.domain.coverage import Totals
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category, Mode

GroupBy = Literal["none", "language", "access", "urgency"]
EVERYBODY: Final = "all"
NOT_STATED: Final = "not_stated"
OTHERS: Final = "others"
"""The group of those in groups too small or too many to be told apart."""
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One hour of the week, one category and one group.

    ``weekday`` counts from 0 for Monday and ``hour`` from 0, both in the network's zone. ``out_of_reach`` counts the
    needs that no help open then, or possibly open, is within reach of.
    """

    weekday: int
    hour: int
    category: Category
    group: str
    totals: Totals
    out_of_reach: int


@dataclass(frozen=True, slots=True)
class SlotGap:
    """A stretch of the week in which a group goes without: ``gap`` of ``demand`` needs, in a plain sentence."""

    category: Category
    group: str
    demand: int
    gap: int
    hours: int
    sentence: str


@dataclass(frozen=True, slots=True)
class SlotReport:
    """Every hour of one week, the worst of it, and how it was reckoned.

    Attributes
    ----------
    rows
        In the order of the week, then by category and group.
    worst
        The widest gaps by day, from 8 to 22 o'clock, in sentences.
    by_day, by_hour
        The mean gap of all categories and groups: for each weekday over the hours from 8 to 22, for each hour over the
        days.
    week_of
        The Monday the week begins with, in ``time_zone``.
    solved
        How many different sets of open places there were.
    excluded_supply
        Help that counts in no hour, by reason; and, as ``hours not known``, help that counts at best.
    """

    rows: tuple[SlotRow, ...]
    worst: tuple[SlotGap, ...]
    by_day: tuple[float, ...]
    by_hour: tuple[float, ...]
    week_of: date
    time_zone: str
    group_by: GroupBy
    solved: int
    balance: Balance
    excluded_supply: dict[str, int]
    travel_model: TravelModelInfo
    standard_min: float
    mode: Mode
