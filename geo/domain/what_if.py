"""What would be if places of help were added, moved, closed or resized: what is asked, and what would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.domain.words import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from geo.domain.balance import Balance
    from geo.domain.coverage import Totals
    from geo.domain.place import Point
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
    by
        ``hex`` or ``area``: what the rows that change are.
    """

    standard_min: float
    mode: Mode = Mode.WALK
    by: str = "area"
    add: tuple[AddedPlace, ...] = ()
    move: Mapping[UUID, Point] = field(default_factory=dict)
    close: tuple[UUID, ...] = ()
    resize: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One cell or area and one category whose gap would be another; ``change`` below zero is an improvement."""

    key: str
    label: str
    category: Category
    demand: int
    gap_before: int
    gap_after: int

    @property
    def change(self) -> int:
        """How many more needs would be without help."""
        return self.gap_after - self.gap_before


@dataclass(frozen=True, slots=True)
class WhatIfReport:
    """What would change, the best improvement first; nothing that is stored has.

    Attributes
    ----------
    before, after
        Needs of each category that has any.
    sentence
        The change in words.
    notes
        What of the changes counts for nothing, and why.
    """

    before: dict[Category, Totals]
    after: dict[Category, Totals]
    rows: tuple[ChangedRow, ...]
    sentence: str
    notes: tuple[str, ...]
    balance: Balance
    travel_model: TravelModelInfo
    standard_min: float
    mode: Mode
    by: str
