"""How well needs are placed to reach help, as it is reported: a score for each cell or area, between two ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.balance import Balance
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category, Mode


class AccessMethod(StrEnum):
    """The measures of access."""

    NEAREST = "nearest"
    KTH = "kth"
    CUMULATIVE = "cumulative"
    GRAVITY = "gravity"
    TWO_STEP = "2sfca"
    ENHANCED = "e2sfca"
    THREE_STEP = "3sfca"
    BALANCED = "bfca"


class Counting(StrEnum):
    """What each need counts as: one, or the people of its household."""

    NEEDS = "needs"
    PEOPLE = "people"


UNITS: Final[Mapping[AccessMethod, str]] = {
    AccessMethod.NEAREST: "minutes",
    AccessMethod.KTH: "minutes",
    AccessMethod.CUMULATIVE: "needs a week that the help within the standard can take",
    AccessMethod.GRAVITY: "needs a week that help can take, less the farther it is",
    AccessMethod.TWO_STEP: "needs a week that help can take, for each in reach of it",
    AccessMethod.ENHANCED: "needs a week that help can take, for each in reach of it, less the farther they are",
    AccessMethod.THREE_STEP: "needs a week that help can take, for each in reach of it, choosing among what is near",
    AccessMethod.BALANCED: "shares of what help can take for each in reach of it, which add up to all of that",
}
"""What a score is counted in."""

TIMES: Final = frozenset({AccessMethod.NEAREST, AccessMethod.KTH})
"""Measures of which less is better."""
WITHOUT_LINE: Final = frozenset({AccessMethod.BALANCED})
"""Measures of which no amount by itself is enough: what BFCA gives to each falls with how many there are."""


@dataclass(frozen=True, slots=True)
class Score:
    """A figure with what it is at least and at most, wherever uncertain needs are; nothing stands for out of reach."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One cell or area: the mean over its needs.

    ``demand`` counts needs, ``weight`` what they count as; ``out_of_reach`` those that reach no help from where they
    are held to be. ``edge`` as in coverage.
    """

    key: str
    label: str
    demand: int
    weight: float
    score: Score
    out_of_reach: int
    edge: bool


@dataclass(frozen=True, slots=True)
class Poverty:
    """Access poverty (FGT): the share below the line, the mean lack, the mean squared lack."""

    share: float
    depth: float
    severity: float


@dataclass(frozen=True, slots=True)
class Inequality:
    """How unequally access is spread over needs; nothing where nobody has any.

    ``palma`` compares the best placed tenth with the worst placed two fifths. ``poverty`` is at the places needs are
    held to be at, ``least`` and ``most`` wherever they may be; ``line`` is what counts as enough, in words. A measure
    in which nothing by itself is enough has no poverty.
    """

    gini: float | None
    palma: float | None
    poverty: Poverty | None
    least: Poverty | None
    most: Poverty | None
    line: str | None


@dataclass(frozen=True, slots=True)
class AccessReport:
    """Every row, the worst placed first, with what they come to together."""

    method: AccessMethod
    category: Category
    k: int
    standard_min: float
    mode: Mode
    by: str
    counting: Counting
    rows: tuple[AccessRow, ...]
    overall: Score
    inequality: Inequality | None
    balance: Balance
    excluded_supply: dict[str, int]
    travel_model: TravelModelInfo
