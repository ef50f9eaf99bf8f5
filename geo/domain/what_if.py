"""What would be if places of help were added, moved, closed or resized: what is asked, and what would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.domain.words import Mode
from geo.errors import GeoError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from geo.domain.balance import Balance
    from geo.domain.coverage import Totals
    from geo.domain.hours import Window
    from geo.domain.place import Point
    from geo.domain.slots import GroupBy
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category


@dataclass(frozen=True, slots=True)
class AddedPlace:
    """A place of help that is not there: where, what for, and for how many needs a week.

    It is taken to be open when it is asked for, to have no steps, and to interpret.
    """

    point: Point
    categories: frozenset[Category]
    capacity: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Changes to imagine.

    Attributes
    ----------
    add
        New places.
    move
        Where assets would be, by id.
    close
        Assets that would be closed.
    resize
        How many needs a week assets would take in all, by id; what this week's matches take of it is taken off.
    reopen
        When assets would be open, by id, as opening hours of OpenStreetMap; what they say now no longer counts.
    by
        ``hex`` or ``area``: what the rows that change are.
    with_cells
        Give the change of each cell as well, for a map.
    group
        Give the change of each group of households as well.
    window
        Count only help that is open during all of it; when left out, hours do not matter.
    """

    standard_min: float
    mode: Mode = Mode.WALK
    by: str = "area"
    add: tuple[AddedPlace, ...] = ()
    move: Mapping[UUID, Point] = field(default_factory=dict)
    close: tuple[UUID, ...] = ()
    resize: Mapping[UUID, int] = field(default_factory=dict)
    reopen: Mapping[UUID, str] = field(default_factory=dict)
    with_cells: bool = False
    group: GroupBy = "none"
    window: Window | None = None

    @property
    def named(self) -> set[UUID]:
        """The assets that would be another way."""
        return {*self.move, *self.close, *self.resize, *self.reopen}

    @property
    def count(self) -> int:
        """How many changes there are."""
        return sum(map(len, (self.add, self.move, self.close, self.resize, self.reopen)))


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One cell, area or group and one category that would fare otherwise; ``change`` below zero is an improvement.

    ``newly_within`` counts the needs that would have help within reach and have none now, ``no_longer_within`` those
    that have some now and would have none.
    """

    key: str
    label: str
    category: Category
    demand: int
    gap_before: int
    gap_after: int
    newly_within: int = 0
    no_longer_within: int = 0

    @property
    def change(self) -> int:
        """How many more needs would be without help."""
        return self.gap_after - self.gap_before


@dataclass(frozen=True, slots=True)
class ReachChange:
    """Needs of a category with no help within reach, now and then, and how the one comes from the other."""

    out_before: int
    newly_within: int
    no_longer_within: int
    out_after: int

    def __post_init__(self) -> None:
        if self.out_after != self.out_before - self.newly_within + self.no_longer_within:
            raise GeoError("needs out of reach before and after do not add up")


@dataclass(frozen=True, slots=True)
class WhatIfReport:
    """What would change, the best improvement first; nothing that is stored has.

    Attributes
    ----------
    before, after
        Needs of each category that has any.
    reach
        What of them has no help within reach, by category.
    cells, groups
        As ``rows``, by cell and by group of households, where that was asked for.
    sentence
        The change in words.
    notes
        What of the changes counts for nothing, and why.
    """

    before: dict[Category, Totals]
    after: dict[Category, Totals]
    reach: dict[Category, ReachChange]
    rows: tuple[ChangedRow, ...]
    cells: tuple[ChangedRow, ...]
    groups: tuple[ChangedRow, ...]
    sentence: str
    notes: tuple[str, ...]
    balance: Balance
    travel_model: TravelModelInfo
    standard_min: float
    mode: Mode
    by: str
    window: Window | None = None
