"""The gap as it would be with other places of help; reads only, and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from geo.analysis.coverage import total_up
from geo.analysis.reach import StraightReach
from geo.analysis.travel import check_standard
from geo.analysis.what_if import compare, say_change
from geo.domain.place import Point
from geo.domain.what_if import WhatIfReport
from geo.domain.words import CATEGORY_LABELS, AssetStatus, Category
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store.cell_names import name_cells
from geo.store.coverage import list_demand, serve
from geo.store.imagined import imagine_place
from geo.store.needs import count_balance
from geo.store.network import get_network
from geo.store.rows import mine
from geo.store.supply import ASSET_POINT, Helping, asset, exact, list_supply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel
    from geo.domain.what_if import WhatIf
    from geo.store.coverage import By

MOST_CHANGES: Final = 50


@dataclass(frozen=True, slots=True)
class _Known:
    """An asset that is named: what it would count as if it were open and had a place and room."""

    id: UUID
    name: str
    status: AssetStatus
    lon: float | None
    lat: float | None
    categories: frozenset[Category]
    capacity: int | None

    def changed(self, asked: WhatIf) -> _Known:
        place = asked.move.get(self.id)
        lon, lat = (self.lon, self.lat) if place is None else (place.lon, place.lat)
        return replace(self, lon=lon, lat=lat, capacity=asked.resize.get(self.id, self.capacity))

    @property
    def missing(self) -> str | None:
        """Why it would not count as help."""
        if self.status is not AssetStatus.ACTIVE:
            return "is not active"
        if self.lon is None or self.lat is None:
            return "has no place"
        return "has no known capacity" if self.capacity is None else None

    def as_help(self) -> Helping | None:
        if self.missing or not self.capacity or self.lon is None or self.lat is None:
            return None
        return imagine_place(Point(self.lon, self.lat), self.categories, self.capacity, self.name)


def imagine(session: Session, asked: WhatIf, *, model: TravelModel) -> WhatIfReport:
    """Work out what would change.

    Parameters
    ----------
    asked
        The changes to imagine.
    model
        Turns minutes into reach.

    Returns
    -------
    WhatIfReport
        ``before`` is what ``compute_coverage`` gives, ``after`` what it would give if the changes were stored.

    Raises
    ------
    InvalidInput
        For too many changes, a standard or capacity that cannot be, an asset that is not known or is both closed and
        moved or resized.
    OutsideServiceArea
        For a place outside.
    """
    _check(session, asked)
    known = _list_known(session, {*asked.move, *asked.close, *asked.resize})
    by: By = "hex" if asked.by == "hex" else "area"
    demand, helping = list_demand(session, by=by, mode=asked.mode), list_supply(session)
    finder = StraightReach.of(model, asked.standard_min)
    before = serve(demand, helping, finder)
    after = serve(demand, list(_change(helping, known, asked)), finder)
    rows = compare(before, after, {one.key: one.label for one in demand})
    if by == "hex":
        names = name_cells(session, sorted({row.key for row in rows}))
        rows = [replace(row, label=names.get(row.key, row.key)) for row in rows]
    return WhatIfReport(
        before=total_up(before),
        after=total_up(after),
        rows=tuple(rows),
        sentence=say_change(list(_describe(known, asked)), rows),
        notes=tuple(_note(known, asked)),
        balance=count_balance(session),
        travel_model=model.info,
        standard_min=asked.standard_min,
        mode=asked.mode,
        by=by,
    )


def _check(session: Session, asked: WhatIf) -> None:
    check_standard(asked.standard_min)
    if asked.by not in {"hex", "area"}:
        raise InvalidInput("group by hex or by area", field="by")
    if len(asked.add) + len(asked.move) + len(asked.close) + len(asked.resize) > MOST_CHANGES:
        raise InvalidInput(f"no more than {MOST_CHANGES} changes are imagined at once")
    if set(asked.close) & {*asked.move, *asked.resize}:
        raise InvalidInput("an asset that is closed cannot be moved or resized too", field="close")
    for name, capacities in (("add", [one.capacity for one in asked.add]), ("resize", list(asked.resize.values()))):
        if any(capacity < 0 for capacity in capacities):
            raise InvalidInput("a capacity is below zero", field=name)
    bbox = get_network(session).bbox
    for name, points in (("add", [one.point for one in asked.add]), ("move", list(asked.move.values()))):
        if bbox is not None and not all(_holds(bbox, point) for point in points):
            raise OutsideServiceArea(field=name)


def _holds(bbox: tuple[float, float, float, float], point: Point) -> bool:
    west, south, east, north = bbox
    return west <= point.lon <= east and south <= point.lat <= north


def _list_known(session: Session, ids: set[UUID]) -> dict[UUID, _Known]:
    point = (func.ST_X(ASSET_POINT).label("lon"), func.ST_Y(ASSET_POINT).label("lat"))
    columns = (asset.c.id, asset.c.name, asset.c.status, *point, asset.c.categories, asset.c.capacity_per_week)
    query = select(*columns).outerjoin(exact, exact.c.asset_id == asset.c.id).where(mine(asset), asset.c.id.in_(ids))
    found = {
        row.id: _Known(
            row.id, row.name, AssetStatus(row.status), row.lon, row.lat,
            frozenset(Category(word) for word in row.categories), row.capacity_per_week,
        )
        for row in (session.execute(query) if ids else ())
    }  # fmt: skip
    if len(found) < len(ids):
        raise InvalidInput("an asset is named that does not exist", field="assets")
    return found


def _change(helping: Sequence[Helping], known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[Helping]:
    for place in helping:
        if place.id not in asked.close:
            where = asked.move.get(place.id)
            lon, lat = (place.lon, place.lat) if where is None else (where.lon, where.lat)
            yield replace(place, lon=lon, lat=lat, capacity=asked.resize.get(place.id, place.capacity))
    # what does not count as it is may count with another place or size
    counted = {place.id for place in helping}
    fresh = [one.changed(asked).as_help() for one in known.values() if one.id not in counted]
    yield from (place for place in fresh if place is not None)
    yield from (imagine_place(one.point, one.categories, one.capacity) for one in asked.add)


def _describe(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[str]:
    yield from (f"closing {known[one].name}" for one in asked.close)
    yield from (f"moving {known[one].name}" for one in asked.move)
    yield from (f"giving {known[one].name} room for {size} a week" for one, size in asked.resize.items())
    for place in asked.add:
        wanted = " and ".join(CATEGORY_LABELS[word].lower() for word in sorted(place.categories))
        yield f"a new place for {wanted} with room for {place.capacity} a week"


def _note(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[str]:
    for one in known.values():
        missing = one.changed(asked).missing
        if missing:
            yield f"{one.name} {missing} and does not count as help."
