"""Coverage of the network's own needs: read as arrays, worked out in ``geo.analysis``, reported with its balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from sqlalchemy import Select, func, select, true

from geo.analysis.coverage import Outcome, make_rows, total_up
from geo.analysis.gaps import Demand, Supply, allocate, find_reach
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
    from collections.abc import Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

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


def compute_coverage(
    session: Session,
    *,
    model: TravelModel,
    standard_min: float,
    mode: Mode = Mode.WALK,
    by: By = "hex",
    category: Category | None = None,
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
    asked, helping = list_demand(session, by=by, mode=mode), list_supply(session)
    outcome = serve(asked, helping, model=model, standard_min=standard_min)
    rows = make_rows(
        outcome,
        labels=_labels(session, asked, by),
        names=[h.name for h in helping],
        minutes=f"{standard_min:g} minutes {MODE_WORDS[mode]}",
    )
    totals = total_up(outcome)
    return CoverageReport(
        rows=tuple(row for row in rows if category in (None, row.category)),
        totals={word: total for word, total in totals.items() if category in (None, word)},
        balance=count_balance(session, category=category),
        excluded_supply=count_excluded(session),
        travel_model=model.info,
        standard_min=standard_min,
        mode=mode,
        by=by,
    )


def _labels(session: Session, asked: Sequence[Asked], by: By) -> dict[str, str]:
    if by == "hex":
        return name_cells(session, sorted({a.key for a in asked}))
    return {a.key: a.label for a in asked}


def serve(asked: Sequence[Asked], helping: Sequence[Helping], *, model: TravelModel, standard_min: float) -> Outcome:
    """Decide which needs the help within reach can serve.

    Parameters
    ----------
    asked, helping
        In degrees; projected together into one local metric system.

    Returns
    -------
    geo.analysis.coverage.Outcome
        Aligned with ``asked``.
    """
    if not asked:
        return Outcome([], [], [], [], [])
    demand, supply = _arrays(asked, helping, model=model, standard_min=standard_min)
    # most urgent first, then the longest waiting, which is the order they come in
    order = np.lexsort((np.arange(len(asked)), np.array([a.rank for a in asked])))
    reach = find_reach(demand, supply, surely=True)
    sure = allocate(reach, supply.capacity, order)
    best = allocate(find_reach(demand, supply, surely=False), supply.capacity, order)
    return Outcome(
        [a.key for a in asked], [a.category for a in asked], sure.served.tolist(), best.served.tolist(), reach
    )


def _arrays(
    asked: Sequence[Asked], helping: Sequence[Helping], *, model: TravelModel, standard_min: float
) -> tuple[Demand, Supply]:
    lon = [*(a.lon for a in asked), *(h.lon for h in helping)]
    lat = [*(a.lat for a in asked), *(h.lat for h in helping)]
    xy = to_metres(lon, lat, metric_crs(lon, lat))
    reach_of = {mode: model.reach_m(standard_min, mode) for mode in {a.mode for a in asked}}
    demand = Demand(
        xy[: len(asked)],
        [a.category for a in asked],
        np.array([reach_of[a.mode] for a in asked]),
        np.array([a.uncertainty_m for a in asked]),
    )
    capacity = np.array([h.capacity for h in helping], dtype=np.int64)
    return demand, Supply(xy[len(asked) :], [h.categories for h in helping], capacity)


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
        )
        for row in rows
    ]


def _demand_query() -> Select[Any]:
    columns = (need.c.id, need.c.category, need.c.urgency, need.c.access, exact.c.uncertainty_m)
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
            need.c.id, need.c.category, need.c.urgency, need.c.access, exact.c.uncertainty_m,
            func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
            around.c.slug.label("key"), around.c.name.label("label"),
            maintain_column_froms=True,
        )
    )  # fmt: skip
