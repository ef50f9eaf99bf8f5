"""Coverage of the network's own needs: read as arrays, worked out in ``geo.analysis``, reported with its balance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from scipy.sparse import csr_array
from sqlalchemy import func, select

from geo.analysis.coverage import Outcome, Words, make_rows, show_totals
from geo.analysis.gaps import MODES, Demand, Suits, Supply, allocate
from geo.analysis.kinds import Kinds
from geo.analysis.suiting import suits_of
from geo.analysis.travel import check_standard
from geo.crs import metric_crs, to_metres
from geo.domain.coverage import CoverageReport, Standard
from geo.domain.words import Category, Mode
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.cell_names import name_cells
from geo.store.coverage_ground import CoverageGround
from geo.store.demand import BYS, NOWHERE, Asked, By, list_demand
from geo.store.edges import find_edge_keys
from geo.store.needs import count_balance
from geo.store.network import get_network
from geo.store.reaching import find_own_reach_m, find_reach_finder
from geo.store.rows import mine
from geo.store.supply import Helping, count_excluded, list_supply
from geo.store.unsuited import count_unsuited_needs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS
    from sqlalchemy.orm import Session

    from geo.analysis.reach import Reached
    from geo.domain.balance import Balance
    from geo.domain.coverage import CoverageRow, Totals
    from geo.domain.hours import Window
    from geo.domain.travel import TravelModel
    from geo.store.network import Network

area = tables.area


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows, the widest gap first, and the totals they add up to.

    Attributes
    ----------
    ground
        The rows by where they are, for those of a question by ``hex``.
    balances
        The network's balance, of a category or of all, as far as somebody has asked since a need changed last.
    near
        Keys near the edge of all keys, once somebody has asked.
    """

    rows: Sequence[CoverageRow]
    totals: Mapping[Category, Totals]
    ground: CoverageGround
    balances: dict[Category | None, Balance] = field(default_factory=dict)
    near: list[frozenset[str]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Sequence[CoverageRow], totals: Mapping[Category, Totals]) -> Figures:
        """Take figures of which nothing else is known yet."""
        return cls(rows, totals, CoverageGround(rows))

    def balance(self, session: Session, category: Category | None) -> Balance:
        """Give the network's balance, counted once for as long as no need changes."""
        found = self.balances.get(category)
        if found is None:
            found = self.balances[category] = count_balance(session, category=category)
        return found

    def edges(self, session: Session, question: Question) -> frozenset[str]:
        """Find the keys near the edge of all keys, for a network that has not said which area it serves."""
        if not self.near:
            reach_m = question.model.reach_m(question.standard_min, question.mode)
            keys = self.ground.keys
            self.near.append(find_edge_keys(session, keys, by=question.by, reach_m=reach_m))
        return self.near[0]


class LiveFigures(Protocol):
    """Figures that are kept up to date between one question and the next."""

    def find(self, session: Session, question: Question) -> Figures | None:
        """Give the figures as they are now, or nothing for a question whose figures are not kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """What coverage is asked for.

    Attributes
    ----------
    model
        Turns minutes into reach.
    standard_min
        The service standard in minutes.
    mode
        How households travel, unless a need names its own (wheelchair).
    by
        ``hex`` for H3 cells, ``area`` for the network's areas.
    window
        Count only help that is open during all of it; help of which that is not known counts at best. When left out,
        hours do not matter.
    network
        The network as it is now, where it has been read already.
    """

    model: TravelModel
    standard_min: float
    mode: Mode = Mode.WALK
    by: By = "hex"
    window: Window | None = None
    network: Network | None = None

    @property
    def standard(self) -> Standard:
        """The service standard, as rows name it."""
        return Standard(self.standard_min, self.mode)


class Ground(NamedTuple):
    """Needs and help as arrays in one plane, which kinds of the one suit which of the other, and that plane."""

    demand: Demand
    supply: Supply
    suits: Suits
    crs: CRS


def compute_coverage(
    session: Session,
    question: Question,
    *,
    category: Category | None = None,
    live: LiveFigures | None = None,
    figures: Figures | None = None,
) -> CoverageReport:
    """Work out coverage and gaps of all open needs.

    All categories are worked out together, since a place that helps with several has its capacity only once; a
    category asked for selects rows, so that figures add up whatever is shown.

    Parameters
    ----------
    category
        Keep only this category's rows and totals.
    live
        Figures that are kept up to date, equal to those worked out anew; without them all is worked out anew.
    figures
        The answer of :func:`find_figures` to the same question, where somebody has it already.

    Returns
    -------
    CoverageReport
        Rows with the widest gap first.

    Raises
    ------
    InvalidInput
        For a standard out of bounds or an unknown way to group.
    TravelFailed
        If the travel engine gives no answer.
    """
    check_standard(question.standard_min)
    if question.by not in BYS:
        raise InvalidInput("group by hex or by area", field="by")
    network = question.network or get_network(session)
    question = replace(question, network=network)
    helping = list_supply(session, window=question.window, network=network)
    figures = figures or (live.find(session, question) if live else None) or work_out(session, question, helping)
    rows = [row for row in figures.rows if category in (None, row.category)]
    return CoverageReport(
        rows=_mark(session, rows, question),
        totals={word: total for word, total in figures.totals.items() if category in (None, word)},
        balance=figures.balance(session, category),
        excluded_supply=count_excluded(session, window=question.window, network=network),
        travel_model=question.model.info,
        standard_min=question.standard_min,
        mode=question.mode,
        by=question.by,
        unsuited=count_unsuited_needs(session, helping, mode=question.mode, category=category),
        window=question.window,
    )


def find_figures(session: Session, question: Question, *, live: LiveFigures | None = None) -> Figures:
    """Give rows and totals of a question and nothing else: rows near the edge of the loaded area are not marked.

    Parameters
    ----------
    live
        As for :func:`compute_coverage`.
    """
    kept = live.find(session, question) if live else None
    return kept or work_out(session, question, list_supply(session, window=question.window, network=question.network))


def work_out(session: Session, question: Question, helping: Sequence[Helping]) -> Figures:
    """Work out all figures anew, with the help that counts."""
    asked = list_demand(session, by=question.by, mode=question.mode)
    tallies = serve(session, asked, helping, model=question.model, standard_min=question.standard_min).tallies
    labels = label_keys(session, sorted(tallies.keys), question.by)
    rows = make_rows(tallies, Words(labels, [h.name for h in helping], question.standard))
    return Figures.of(rows, show_totals(tallies))


def _mark(session: Session, rows: Sequence[CoverageRow], question: Question) -> tuple[CoverageRow, ...]:
    """Mark the rows near the edge of the loaded area."""
    reach_m = question.model.reach_m(question.standard_min, question.mode)
    near = find_edge_keys(session, {row.key for row in rows}, by=question.by, reach_m=reach_m)
    return tuple(replace(row, edge=row.key in near) for row in rows)


def label_keys(session: Session, keys: Sequence[str], by: By) -> dict[str, str]:
    """Give keys, in their order, the readable names they have."""
    if by == "hex":
        return name_cells(session, keys)
    # two areas of different kinds may share a key, and then the first name of the alphabet
    named = select(area.c.slug, func.min(area.c.name).label("name")).where(mine(area)).group_by(area.c.slug)
    return {NOWHERE: "Outside every area"} | {row.slug: row.name for row in session.execute(named)}


def serve(
    session: Session, asked: Sequence[Asked], helping: Sequence[Helping], *, model: TravelModel, standard_min: float
) -> Outcome:
    """Decide which needs the help within reach can serve.

    Parameters
    ----------
    asked, helping
        In degrees; projected together into one local metric system.
    model, standard_min
        Say what is within reach.

    Returns
    -------
    geo.analysis.coverage.Outcome
        Aligned with ``asked``.
    """
    if not asked:
        return Outcome([], [], [], [], csr_array((0, len(helping)), dtype=np.int8))
    ground = lay_ground(asked, helping)
    reached = reach(session, ground, helping, model=model, standard_min=standard_min)
    order = by_priority(asked)
    sure = allocate(reached.sure, ground.supply.capacity, order)
    best = allocate(reached.best, ground.supply.capacity, order)
    return Outcome(
        [a.key for a in asked], [a.category for a in asked], sure.served.tolist(), best.served.tolist(), reached.sure
    )


def by_priority(asked: Sequence[Asked]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Order needs the most urgent first, then the longest waiting, which is the order they come in."""
    return np.lexsort((np.arange(len(asked)), np.array([a.rank for a in asked])))


def reach(
    session: Session, ground: Ground, helping: Sequence[Helping], *, model: TravelModel, standard_min: float
) -> Reached:
    """Find the help within reach of each need, along streets where the model knows them."""
    modes = [MODES[at] for at in np.unique(ground.demand.mode)]
    finder = find_reach_finder(session, model, helping, standard_min, crs=ground.crs, modes=modes)
    supply = replace(ground.supply, reach_m=find_own_reach_m(model, helping, standard_min))
    return finder.find(ground.demand, supply, ground.suits)


def lay_ground(asked: Sequence[Asked], helping: Sequence[Helping]) -> Ground:
    """Write needs and help as arrays in one plane."""
    lon = [*(a.lon for a in asked), *(h.lon for h in helping)]
    lat = [*(a.lat for a in asked), *(h.lat for h in helping)]
    crs = metric_crs(lon, lat)
    xy = to_metres(lon, lat, crs)
    kinds = Kinds(suits_of)
    demand = Demand(
        xy[: len(asked)],
        np.array([kinds.of_need(a.asks) for a in asked], dtype=np.int64),
        np.array([MODES.index(a.mode) for a in asked], dtype=np.int64),
        np.array([a.uncertainty_m for a in asked]),
    )
    place_kind = np.array([kinds.of_place(h.offers) for h in helping], dtype=np.int64)
    capacity = np.array([h.capacity for h in helping], dtype=np.int64)
    return Ground(demand, Supply(xy[len(asked) :], place_kind, capacity), kinds.suits, crs)
