"""Coverage of the network's own needs: read as arrays, worked out in ``geo.analysis``, reported with its balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from scipy.sparse import csr_array
from sqlalchemy import Select, func, select, true

from geo.analysis.coverage import Outcome, Words, make_rows, show_totals
from geo.analysis.gaps import MODES, Demand, Suits, Supply, allocate
from geo.analysis.kinds import Kinds
from geo.analysis.reach import StraightReach
from geo.analysis.travel import check_standard
from geo.crs import metric_crs, to_metres
from geo.domain.coverage import CoverageReport
from geo.domain.records import mode_of
from geo.domain.words import MODE_WORDS, URGENCY_RANK, Access, Category, Mode, Urgency
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.cell_names import name_cells
from geo.store.needs import IS_OPEN_ON_MAP, count_balance, need
from geo.store.rows import mine
from geo.store.supply import Helping, count_excluded, list_supply

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.analysis.reach import ReachFinder
    from geo.domain.coverage import CoverageRow, Totals
    from geo.domain.travel import TravelModel

area, exact = tables.area, tables.location_exact
By = Literal["hex", "area"]
BYS: tuple[By, ...] = ("hex", "area")
NOWHERE = "elsewhere"
MAX_NEEDS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """One open need with a place, as coverage sees it: degrees, metres, and its rank among the others."""

    id: UUID
    key: str
    category: Category
    rank: int
    mode: Mode
    lon: float
    lat: float
    uncertainty_m: float
    received_at: datetime

    @property
    def priority(self) -> int:
        """A number no other need has, lower for who is served first: the more urgent, then the longer waiting."""
        waiting = (self.received_at - EPOCH) // timedelta(microseconds=1) + (1 << 62)
        return (self.rank << 192) + (waiting << 128) + self.id.int


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows, the widest gap first, and the totals they add up to."""

    rows: Sequence[CoverageRow]
    totals: Mapping[Category, Totals]


class LiveFigures(Protocol):
    """Figures that are kept up to date between one question and the next."""

    def find(self, session: Session, question: Question) -> Figures | None:
        """Give the figures as they are now, or nothing for a question whose figures are not kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """What coverage is asked for: the travel model, the standard in minutes, the usual mode, and how to group."""

    model: TravelModel
    standard_min: float
    mode: Mode
    by: By

    @property
    def minutes(self) -> str:
        """The standard in words."""
        return f"{self.standard_min:g} minutes {MODE_WORDS[self.mode]}"

    @property
    def finder(self) -> ReachFinder:
        """What finds the help within the standard."""
        return StraightReach.of(self.model, self.standard_min)


def compute_coverage(
    session: Session,
    *,
    model: TravelModel,
    standard_min: float,
    mode: Mode = Mode.WALK,
    by: By = "hex",
    category: Category | None = None,
    live: LiveFigures | None = None,
) -> CoverageReport:
    """Work out coverage and gaps of all open needs.

    All categories are worked out together, since a place that helps with several has its capacity only once; a
    category asked for selects rows, so that figures add up whatever is shown.

    Parameters
    ----------
    model
        Turns minutes into reach.
    standard_min
        The service standard in minutes.
    mode
        How households travel, unless a need names its own (wheelchair).
    by
        ``hex`` for H3 cells, ``area`` for the network's areas.
    category
        Keep only this category's rows and totals.
    live
        Figures that are kept up to date, equal to those worked out anew; without them all is worked out anew.

    Returns
    -------
    CoverageReport
        Rows with the widest gap first.

    Raises
    ------
    InvalidInput
        For a standard out of bounds or an unknown way to group.
    """
    check_standard(standard_min)
    if by not in BYS:
        raise InvalidInput("group by hex or by area", field="by")
    question = Question(model, standard_min, mode, by)
    figures = (live.find(session, question) if live else None) or work_out(session, question)
    return CoverageReport(
        rows=tuple(row for row in figures.rows if category in (None, row.category)),
        totals={word: total for word, total in figures.totals.items() if category in (None, word)},
        balance=count_balance(session, category=category),
        excluded_supply=count_excluded(session),
        travel_model=model.info,
        standard_min=standard_min,
        mode=mode,
        by=by,
    )


def work_out(session: Session, question: Question) -> Figures:
    """Work out all figures anew."""
    asked, helping = list_demand(session, by=question.by, mode=question.mode), list_supply(session)
    tallies = serve(asked, helping, question.finder).tallies
    labels = label_keys(session, sorted(tallies.keys), question.by)
    rows = make_rows(tallies, Words(labels, [h.name for h in helping], question.minutes))
    return Figures(rows, show_totals(tallies))


def label_keys(session: Session, keys: Sequence[str], by: By) -> dict[str, str]:
    """Give keys, in their order, the readable names they have."""
    if by == "hex":
        return name_cells(session, keys)
    # two areas of different kinds may share a key, and then the first name of the alphabet
    named = select(area.c.slug, func.min(area.c.name).label("name")).where(mine(area)).group_by(area.c.slug)
    return {NOWHERE: "Outside every area"} | {row.slug: row.name for row in session.execute(named)}


def serve(asked: Sequence[Asked], helping: Sequence[Helping], finder: ReachFinder) -> Outcome:
    """Decide which needs the help within reach can serve.

    Parameters
    ----------
    asked, helping
        In degrees; projected together into one local metric system.
    finder
        Finds the help within reach of each need.

    Returns
    -------
    geo.analysis.coverage.Outcome
        Aligned with ``asked``.
    """
    if not asked:
        return Outcome([], [], [], [], csr_array((0, len(helping)), dtype=np.int8))
    demand, supply, suits = as_arrays(asked, helping)
    # most urgent first, then the longest waiting, which is the order they come in
    order = np.lexsort((np.arange(len(asked)), np.array([a.rank for a in asked])))
    reached = finder.find(demand, supply, suits)
    sure = allocate(reached.sure, supply.capacity, order)
    best = allocate(reached.best, supply.capacity, order)
    return Outcome(
        [a.key for a in asked], [a.category for a in asked], sure.served.tolist(), best.served.tolist(), reached.sure
    )


def as_arrays(asked: Sequence[Asked], helping: Sequence[Helping]) -> tuple[Demand, Supply, Suits]:
    """Write needs and help as arrays in one plane, and which kinds of the one suit which of the other."""
    lon = [*(a.lon for a in asked), *(h.lon for h in helping)]
    lat = [*(a.lat for a in asked), *(h.lat for h in helping)]
    xy = to_metres(lon, lat, metric_crs(lon, lat))
    kinds = Kinds(by_category)
    demand = Demand(
        xy[: len(asked)],
        np.array([kinds.of_need(a.category) for a in asked], dtype=np.int64),
        np.array([MODES.index(a.mode) for a in asked], dtype=np.int64),
        np.array([a.uncertainty_m for a in asked]),
    )
    place_kind = np.array([kinds.of_place(h.categories) for h in helping], dtype=np.int64)
    capacity = np.array([h.capacity for h in helping], dtype=np.int64)
    return demand, Supply(xy[len(asked) :], place_kind, capacity), kinds.suits


def by_category(needs: Sequence[Category], places: Sequence[frozenset[Category]]) -> Suits:
    """Tell which help suits which needs: what has their category among its own."""
    table = np.array([[category in offered for offered in places] for category in needs], dtype=bool)
    table = table.reshape(len(needs), len(places))
    return Suits(table, table)


def list_demand(session: Session, *, by: By, mode: Mode, only: Collection[UUID] | None = None) -> list[Asked]:
    """Read every open need that has a place, longest waiting first; or ``only`` those of some ids."""
    query = demand_query(by)
    if only is not None:
        query = query.where(need.c.id == func.any(list(only)))
    rows = session.execute(query.order_by(need.c.received_at, need.c.id).limit(MAX_NEEDS)).mappings()
    return [
        Asked(
            id=row["id"],
            key=row["key"] or NOWHERE,
            category=Category(row["category"]),
            rank=URGENCY_RANK[Urgency(row["urgency"])],
            mode=mode_of([Access(a) for a in row["access"]], mode),
            lon=row["lon"],
            lat=row["lat"],
            uncertainty_m=row["uncertainty_m"] or 0.0,
            received_at=row["received_at"],
        )
        for row in rows
    ]


def demand_query(by: By) -> Select[Any]:
    """Ask for what coverage must know of each open need, with the cell or area it is in."""
    return _demand_by_cell() if by == "hex" else _demand_by_area()


def _demand_by_cell() -> Select[Any]:
    columns = (need.c.id, need.c.category, need.c.urgency, need.c.access, need.c.received_at, exact.c.uncertainty_m)
    point = (func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"))
    joined = select(*columns, *point, need.c.cell.label("key")).join(exact, exact.c.need_id == need.c.id)
    return joined.where(mine(need), IS_OPEN_ON_MAP)


def _demand_by_area() -> Select[Any]:
    # where areas overlap, a need counts once: in the smallest
    around = (
        select(area.c.slug)
        .where(mine(area), func.ST_Covers(area.c.geom, exact.c.geom))
        .order_by(func.ST_Area(area.c.geom), area.c.id)
        .limit(1)
        .lateral()
    )
    return (
        _demand_by_cell()
        .outerjoin(around, onclause=true())
        .with_only_columns(
            need.c.id, need.c.category, need.c.urgency, need.c.access, need.c.received_at, exact.c.uncertainty_m,
            func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
            around.c.slug.label("key"),
            maintain_column_froms=True,
        )
    )  # fmt: skip
