"""What new places of help can be chosen for, what is asked, and what is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo.domain.words import Mode

if TYPE_CHECKING:
    from geo.domain.balance import Balance
    from geo.domain.coverage import Totals
    from geo.domain.place import Point
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category


class Problem(StrEnum):
    """What the places are to be best at."""

    MCLP = "mclp"
    """Cover the most demand within the standard (Church and ReVelle 1974, doi:10.1007/BF01942293)."""
    LSCP = "lscp"
    """Cover all demand within the standard with the fewest places (Toregas et al. 1971, doi:10.1287/opre.19.6.1363)."""
    P_MEDIAN = "pmedian"
    """Make the sum of weight times cost least (Hakimi 1964, doi:10.1287/opre.12.3.450)."""
    P_CENTER = "pcenter"
    """Make the longest way least (Hakimi 1964)."""


class CandidateKind(StrEnum):
    """Where new places may be."""

    VACANT = "vacant"
    """Public places of the network that are closed at present, or open without helping with what is asked."""
    ADDRESSES = "addresses"
    """Doors of the gazetteer: the one nearest to each point of the grid."""
    GRID = "grid"
    """Middles of the hexagons that cover the service area."""
    POINTS = "points"
    """Points that are given."""


class EquityGroup(StrEnum):
    """By what the needs that weigh more are known."""

    LANGUAGE = "language"
    ACCESS = "access"
    URGENCY = "urgency"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class EquityWeight:
    """How much the needs of a group weigh: those that speak ``value``, need ``value``, or live in area ``value``.

    Weights of several groups a need belongs to are multiplied; without any, a need weighs 1.
    """

    group: EquityGroup
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class SitesAsked:
    """A question for the next places of help.

    Attributes
    ----------
    k
        How many; for all problems but ``lscp``.
    capacity
        How many needs a week a new place takes; None for no limit.
    worst_first
        How strongly areas that are served worst come first: a need weighs ``1 + worst_first`` times the share of the
        needs of its area and category that is not served now, in tenths.
    area
        The slug of an area that new places must lie in; None for the whole service area.
    points
        The candidates, when they are given.
    most_candidates
        So many candidates are looked at, at most; when left out 500, or 150 along streets.
    time_limit_s
        For the solver.
    """

    problem: Problem
    category: Category
    k: int | None
    standard_min: float
    mode: Mode = Mode.WALK
    candidates: CandidateKind = CandidateKind.GRID
    points: tuple[Point, ...] = ()
    capacity: int | None = None
    equity: tuple[EquityWeight, ...] = ()
    worst_first: float = 0.0
    area: str | None = None
    most_candidates: int | None = None
    time_limit_s: float = 8.0


@dataclass(frozen=True, slots=True)
class ProposedSite:
    """A place to open: a public place, a door of the gazetteer, a grid point or a point that was given; never a need's.

    ``newly_served`` needs are served by opening it after those before it in the list, ``cumulative`` by all so far.
    """

    point: Point
    cell: str
    label: str
    newly_served: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class SitesReport:
    """The next places of help, what they change, and how sure that is.

    Attributes
    ----------
    objective, unit
        What the solver made best, and in what: ``weighted needs``, ``places``, ``weighted minutes`` or ``minutes``.
    before, after
        Needs of the category asked for, without and with the new places.
    all_before, all_after
        Needs of every category: a new place can also set help free for others.
    unreached
        Needs of the category that no candidate, and no help there is, can reach.
    """

    asked: SitesAsked
    sites: tuple[ProposedSite, ...]
    objective: float
    unit: str
    method: str
    is_optimal: bool
    bound: float
    bound_by: str
    was_cut: bool
    optimality_gap: float
    before: Totals
    after: Totals
    all_before: Totals
    all_after: Totals
    unreached: int
    candidate_count: int
    note: str
    travel_model: TravelModelInfo
    balance: Balance
