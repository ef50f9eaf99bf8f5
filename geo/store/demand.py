"""Demand as coverage sees it: every open need that has a place, with what decides who can serve it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Select, func, select, true

from geo.analysis.suiting import Asks
from geo.domain.records import mode_of
from geo.domain.words import URGENCY_RANK, Access, Category, Mode, Urgency
from geo.store import tables
from geo.store.needs import IS_OPEN_ON_MAP, need
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

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
    languages: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()
    urgency: Urgency = Urgency.NORMAL

    @property
    def asks(self) -> Asks:
        """What it is like, for comparing it with help; whoever comes by wheelchair has to get in without steps."""
        return Asks(self.category, self.languages, self.mode is Mode.WHEELCHAIR)

    @property
    def priority(self) -> int:
        """A number no other need has, lower for who is served first: the more urgent, then the longer waiting."""
        waiting = (self.received_at - EPOCH) // timedelta(microseconds=1) + (1 << 62)
        return (self.rank << 192) + (waiting << 128) + self.id.int


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
            languages=tuple(row["languages"]),
            access=tuple(Access(a) for a in row["access"]),
            urgency=Urgency(row["urgency"]),
        )
        for row in rows
    ]


def demand_query(by: By) -> Select[Any]:
    """Ask for what coverage must know of each open need, with the cell or area it is in."""
    return _demand_by_cell() if by == "hex" else _demand_by_area()


def _demand_by_cell() -> Select[Any]:
    columns = (
        need.c.id, need.c.category, need.c.urgency, need.c.access, need.c.languages, need.c.received_at,
        exact.c.uncertainty_m,
    )  # fmt: skip
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
            need.c.id, need.c.category, need.c.urgency, need.c.access, need.c.languages, need.c.received_at,
            exact.c.uncertainty_m, func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
            around.c.slug.label("key"),
            maintain_column_froms=True,
        )
    )  # fmt: skip
