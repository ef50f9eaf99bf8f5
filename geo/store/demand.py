"""Demand as coverage sees it: every open need that has a place, with what decides who can serve it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from sqlalchemy import Select, func, select, true

from geo.analysis.kinds import Once
from geo.analysis.suiting import Asks
from geo.domain.records import mode_of
from geo.domain.words import URGENCY_RANK, Access, Category, Mode, Urgency
from geo.store import tables
from geo.store.needs import IS_OPEN_ON_MAP, need
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlalchemy.orm import Session

area, exact = tables.area, tables.location_exact
By = Literal["hex", "area"]
_COLUMNS: Final = (
    need.c.id, need.c.category, need.c.urgency, func.array_to_string(need.c.access, ",").label("access"),
    func.array_to_string(need.c.languages, ",").label("languages"), need.c.received_at, exact.c.uncertainty_m,
    func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
)  # fmt: skip
"""What coverage must know of each open need, in the order in which it is read; the place it counts in comes last."""
BYS: tuple[By, ...] = ("hex", "area")
NOWHERE = "elsewhere"
MAX_NEEDS = 1_000_000
AT_ONCE = 20_000
"""Rows that are held as the database sent them while what is made of them grows."""
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
    query = query.order_by(need.c.received_at, need.c.id).limit(MAX_NEEDS)
    rows = session.execute(query.execution_options(yield_per=AT_ONCE))
    keys, numbers, read = Once(), Once(), _Words(mode)
    return [
        Asked(
            id=id_,
            key=keys(key or NOWHERE),
            category=read.category[category],
            rank=read.rank[urgency],
            mode=read.mode(access),
            lon=lon,
            lat=lat,
            uncertainty_m=numbers(uncertainty_m or 0.0),
            received_at=received_at,
            languages=read.languages(languages),
            access=read.access(access),
            urgency=read.urgency[urgency],
        )
        for id_, category, urgency, access, languages, received_at, uncertainty_m, lon, lat, key in rows
    ]


class _Words:
    """What the columns of words mean; each different text is read once, whatever the number of needs."""

    category: ClassVar = {each.value: each for each in Category}
    urgency: ClassVar = {each.value: each for each in Urgency}
    rank: ClassVar = {each.value: URGENCY_RANK[each] for each in Urgency}

    def __init__(self, usual: Mode) -> None:
        self.access = cache(lambda text: tuple(map(Access, _split(text))))
        self.languages = cache(_split)
        self.mode = cache(lambda text: mode_of(self.access(text), usual))


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def demand_query(by: By) -> Select[Any]:
    """Ask for what coverage must know of each open need, with the cell or area it is in."""
    return _demand_by_cell() if by == "hex" else _demand_by_area()


def _demand_by_cell() -> Select[Any]:
    joined = select(*_COLUMNS, need.c.cell.label("key")).join(exact, exact.c.need_id == need.c.id)
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
    joined = _demand_by_cell().outerjoin(around, onclause=true())
    return joined.with_only_columns(*_COLUMNS, around.c.slug.label("key"), maintain_column_froms=True)
