"""The gap as it would be with other places of help; reads only, and writes nothing."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from geo.analysis.coverage import total_up
from geo.analysis.travel import check_standard
from geo.analysis.what_if import compare, say_change
from geo.domain.ids import new_id
from geo.domain.what_if import WhatIfReport
from geo.domain.words import CATEGORY_LABELS, AssetStatus, Category, StepFree
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store.coverage import label_keys, serve
from geo.store.demand import list_demand
from geo.store.imagined import imagine_place
from geo.store.needs import count_balance
from geo.store.network import get_network
from geo.store.rows import mine, point_of
from geo.store.supply import ASSET_POINT, Helping, asset, exact, list_supply, taken_this_week, week_began

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.place import Point
    from geo.domain.travel import TravelModel
    from geo.domain.what_if import WhatIf
    from geo.store.demand import By

MOST_CHANGES: Final = 50


@dataclass(frozen=True, slots=True)
class _Known:
    """An asset that is named: what stands in the way of its counting, and what it counts as where nothing does."""

    name: str
    status: AssetStatus
    place: Point | None
    capacity: int | None
    taken: int
    help: Helping

    def changed(self, place: Point | None, capacity: int | None) -> _Known:
        where = self.place if place is None else place
        return replace(self, place=where, capacity=self.capacity if capacity is None else capacity)

    @property
    def missing(self) -> str | None:
        """Why it would not count as help."""
        if self.status is not AssetStatus.ACTIVE:
            return "is not active"
        if self.place is None:
            return "has no place"
        return "has no known capacity" if self.capacity is None else None

    def as_help(self) -> Helping | None:
        room = (self.capacity or 0) - self.taken
        if self.missing or self.place is None or room <= 0:
            return None
        moved = (self.place.lon, self.place.lat) != (self.help.lon, self.help.lat)
        # shapes of what is within reach are kept by id, and hold for the place as it is stored
        key = new_id() if moved else self.help.id
        return replace(self.help, id=key, lon=self.place.lon, lat=self.place.lat, capacity=room)


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
    counted = functools.partial(serve, session, demand, model=model, standard_min=asked.standard_min)
    before, after = counted(helping), counted(list(_change(helping, known, asked)))
    rows = compare(before, after, {})
    names = label_keys(session, sorted({row.key for row in rows}), by)
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
    if not ids:
        return {}
    network = get_network(session)
    columns = (
        asset.c.id, asset.c.name, asset.c.status, func.ST_X(ASSET_POINT).label("lon"),
        func.ST_Y(ASSET_POINT).label("lat"), asset.c.categories, asset.c.capacity_per_week,
        taken_this_week(week_began(network.zone)).label("taken"), asset.c.languages, asset.c.interpreter,
        asset.c.step_free, asset.c.opening_hours, asset.c.schedule,
    )  # fmt: skip
    query = select(*columns).outerjoin(exact, exact.c.asset_id == asset.c.id).where(mine(asset), asset.c.id.in_(ids))
    found = {row.id: _known(row, network.languages) for row in session.execute(query)}
    if len(found) < len(ids):
        raise InvalidInput("an asset is named that does not exist", field="assets")
    return found


def _known(row: Any, usual: tuple[str, ...]) -> _Known:  # noqa: ANN401 - a row of the statement above
    place = point_of(row.lon, row.lat)
    counted = Helping(
        id=row.id,
        name=row.name,
        lon=0.0 if place is None else place.lon,
        lat=0.0 if place is None else place.lat,
        categories=frozenset(Category(word) for word in row.categories),
        capacity=0,
        languages=tuple(row.languages) or usual,
        interpreter=row.interpreter,
        step_free=StepFree(row.step_free),
        opening_hours=row.opening_hours,
        schedule=row.schedule,
    )
    return _Known(row.name, AssetStatus(row.status), place, row.capacity_per_week, row.taken, counted)


def _change(helping: Sequence[Helping], known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[Helping]:
    yield from (place for place in helping if place.id not in known)
    changed = (one.as_help() for key, one in _changed(known, asked) if key not in asked.close)
    yield from (place for place in changed if place is not None)
    yield from (imagine_place(one.point, one.categories, one.capacity) for one in asked.add)


def _changed(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[tuple[UUID, _Known]]:
    for key, one in known.items():
        yield key, one.changed(asked.move.get(key), asked.resize.get(key))


def _describe(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[str]:
    yield from (f"closing {known[one].name}" for one in asked.close)
    yield from (f"moving {known[one].name}" for one in asked.move)
    yield from (f"giving {known[one].name} room for {size} a week" for one, size in asked.resize.items())
    for place in asked.add:
        wanted = " and ".join(CATEGORY_LABELS[word].lower() for word in sorted(place.categories))
        yield f"a new place for {wanted} with room for {place.capacity} a week"


def _note(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[str]:
    if asked.add:
        yield "New places are taken to be open when asked for, without steps, and to interpret."
    for _, one in _changed(known, asked):
        if one.missing:
            yield f"{one.name} {one.missing} and does not count as help."
