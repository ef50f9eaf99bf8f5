"""Coverage of the network's own needs: read as arrays, worked out in ``geo.analysis``, reported with its balance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.sparse import csr_array
from sqlalchemy import Select, func, select, true

from geo.analysis.coverage import Outcome, Words, make_rows, show_totals
from geo.analysis.gaps import MODES, Demand, Suits, Supply, allocate
from geo.analysis.kinds import Kinds
from geo.analysis.reach import StraightReach
from geo.analysis.suiting import Asks, suits_of
from geo.analysis.travel import check_standard
from geo.crs import metric_crs, to_metres
from geo.domain.coverage import CoverageReport
from geo.domain.records import mode_of
from geo.domain.words import MODE_WORDS, URGENCY_RANK, Access, Category, Mode, Urgency
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.cell_names import name_cells
from geo.store.edges import find_edge_keys
from geo.store.needs import IS_OPEN_ON_MAP, count_balance, need
from geo.store.rows import mine
from geo.store.supply import Helping, count_excluded, list_supply
from geo.store.unsuited import count_unsuited_needs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.analysis.reach import ReachFinder
    from geo.domain.coverage import CoverageRow
    from geo.domain.hours import Window
    from geo.domain.travel import TravelModel

area, exact = tables.area, tables.location_exact
By = Literal["hex", "area"]
NOWHERE = "elsewhere"
MAX_NEEDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One open need with a place, as coverage sees it: degrees, metres, and its rank among the others."""

    id: UUID
    key: str
    label: str
    category: Category
    rank: int
    mode: Mode
    lon: float
    lat: float
    uncertainty_m: float
    languages: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()
    urgency: Urgency = Urgency.NORMAL

    @property
    def asks(self) -> Asks:
        """What it is like, for comparing it with help; whoever comes by wheelchair has to get in without steps."""
        return Asks(self.category, self.languages, self.mode is Mode.WHEELCHAIR)


def compute_coverage(
    session: Session,
    *,
    model: TravelModel,
    standard_min: float,
    mode: Mode = Mode.WALK,
    by: By = "hex",
    category: Category | None = None,
    window: Window | None = None,
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
    window
        Count only help that is open during all of it; help of which that is not known counts at best. When left out,
        hours do not matter.

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
    if by not in ("hex", "area"):
        raise InvalidInput("group by hex or by area", field="by")
    asked, helping = list_demand(session, by=by, mode=mode), list_supply(session, window=window)
    outcome = serve(asked, helping, StraightReach.of(model, standard_min))
    minutes = f"{standard_min:g} minutes {MODE_WORDS[mode]}"
    tallies = outcome.tallies
    rows = make_rows(tallies, Words(_labels(session, asked, by), [h.name for h in helping], minutes))
    totals = show_totals(tallies)
    reach_m = model.reach_m(standard_min, mode)
    return CoverageReport(
        rows=_mark(session, [row for row in rows if category in (None, row.category)], by, reach_m),
        totals={word: total for word, total in totals.items() if category in (None, word)},
        balance=count_balance(session, category=category),
        excluded_supply=count_excluded(session, window=window),
        travel_model=model.info,
        standard_min=standard_min,
        mode=mode,
        by=by,
        unsuited=count_unsuited_needs(session, helping, mode=mode, category=category),
        window=window,
    )


def _mark(session: Session, rows: Sequence[CoverageRow], by: By, reach_m: float) -> tuple[CoverageRow, ...]:
    """Mark the rows near the edge of the loaded area."""
    near = find_edge_keys(session, {row.key for row in rows}, by=by, reach_m=reach_m)
    return tuple(replace(row, edge=row.key in near) for row in rows)


def _labels(session: Session, asked: Sequence[Asked], by: By) -> dict[str, str]:
    if by == "hex":
        return name_cells(session, sorted({a.key for a in asked}))
    return {a.key: a.label for a in asked}


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
    kinds = Kinds(suits_of)
    demand = Demand(
        xy[: len(asked)],
        np.array([kinds.of_need(a.asks) for a in asked], dtype=np.int64),
        np.array([MODES.index(a.mode) for a in asked], dtype=np.int64),
        np.array([a.uncertainty_m for a in asked]),
    )
    place_kind = np.array([kinds.of_place(h.offers) for h in helping], dtype=np.int64)
    capacity = np.array([h.capacity for h in helping], dtype=np.int64)
    return demand, Supply(xy[len(asked) :], place_kind, capacity), kinds.suits


def list_demand(session: Session, *, by: By, mode: Mode) -> list[Asked]:
    """Read every open need that has a place, longest waiting first."""
    query = _demand_query() if by == "hex" else _demand_by_area()
    rows = session.execute(query.order_by(need.c.received_at, need.c.id).limit(MAX_NEEDS)).mappings()
    return [
        Asked(
            id=row["id"],
            key=row["key"] or NOWHERE,
            label=row["label"] or "Outside every area",
            category=Category(row["category"]),
            rank=URGENCY_RANK[Urgency(row["urgency"])],
            mode=mode_of([Access(a) for a in row["access"]], mode),
            lon=row["lon"],
            lat=row["lat"],
            uncertainty_m=row["uncertainty_m"] or 0.0,
            languages=tuple(row["languages"]),
            access=tuple(Access(a) for a in row["access"]),
            urgency=Urgency(row["urgency"]),
        )
        for row in rows
    ]


def _demand_query() -> Select[Any]:
    columns = (
        need.c.id, need.c.category, need.c.urgency, need.c.access, need.c.languages, exact.c.uncertainty_m,
    )  # fmt: skip
    point = (func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"))
    keyed = (need.c.cell.label("key"), need.c.cell.label("label"))
    joined = select(*columns, *point, *keyed).join(exact, exact.c.need_id == need.c.id)
    return joined.where(mine(need), IS_OPEN_ON_MAP)


def _demand_by_area() -> Select[Any]:
    # where areas overlap, a need counts once: in the smallest
    around = (
        select(area.c.slug, area.c.name)
        .where(mine(area), func.ST_Covers(area.c.geom, exact.c.geom))
        .order_by(func.ST_Area(area.c.geom), area.c.id)
        .limit(1)
        .lateral()
    )
    return (
        _demand_query()
        .outerjoin(around, onclause=true())
        .with_only_columns(
            need.c.id, need.c.category, need.c.urgency, need.c.access, need.c.languages, exact.c.uncertainty_m,
            func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
            around.c.slug.label("key"), around.c.name.label("label"),
            maintain_column_froms=True,
        )
    )  # fmt: skip
