"""The gap as it would be with other places of help; reads only, and writes nothing."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, get_args

from sqlalchemy import func, select

from geo.analysis.coverage import Outcome, total_up
from geo.analysis.opening import check_opening_hours
from geo.analysis.travel import check_standard
from geo.analysis.what_if import compare, compare_reach, say_change
from geo.domain.ids import new_id
from geo.domain.slots import GroupBy
from geo.domain.what_if import WhatIfReport
from geo.domain.words import CATEGORY_LABELS, AssetStatus, Category, Mode, StepFree
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store.coverage import label_keys, serve
from geo.store.demand import NOWHERE, list_demand
from geo.store.imagined import imagine_place
from geo.store.needs import count_balance
from geo.store.network import get_network
from geo.store.rows import mine, point_of
from geo.store.slots import list_groups
from geo.store.supply import ASSET_POINT, Helping, asset, exact, keep_open, list_supply, taken_this_week, week_began

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.place import Point
    from geo.domain.travel import TravelModel
    from geo.domain.what_if import ChangedRow, WhatIf
    from geo.store.demand import Asked, By

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

    def changed(self, place: Point | None, capacity: int | None, hours: str | None) -> _Known:
        where = self.place if place is None else place
        help_ = self.help if hours is None else replace(self.help, opening_hours=hours, schedule=None)
        return replace(self, place=where, capacity=self.capacity if capacity is None else capacity, help=help_)

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
        For too many changes, a standard, capacity or opening hours that cannot be, an asset that is not known or is
        both closed and changed.
    OutsideServiceArea
        For a place outside.
    """
    _check(session, asked)
    known = _list_known(session, asked.named)
    by: By = "hex" if asked.by == "hex" else "area"
    demand = list_demand(session, by=by, mode=asked.mode)
    counted = functools.partial(serve, session, demand, model=model, standard_min=asked.standard_min)
    before, after = (counted(helping) for helping in _list_both(session, known, asked))
    rows = _list_rows(session, before, after, by)
    return WhatIfReport(
        before=total_up(before),
        after=total_up(after),
        reach=compare_reach(before, after),
        rows=rows,
        cells=_list_cells(session, demand, before, after) if asked.with_cells else (),
        groups=_list_groups(demand, before, after, asked.group),
        sentence=say_change(list(_describe(known, asked)), rows),
        notes=tuple(_note(known, asked)),
        balance=count_balance(session),
        travel_model=model.info,
        standard_min=asked.standard_min,
        mode=asked.mode,
        by=by,
        window=asked.window,
    )


def _list_rows(session: Session, before: Outcome, after: Outcome, by: By) -> tuple[ChangedRow, ...]:
    return _name(session, compare(before, after, {}), by)


def _name(session: Session, rows: Sequence[ChangedRow], by: By) -> tuple[ChangedRow, ...]:
    names = label_keys(session, sorted({row.key for row in rows}), by)
    return tuple(replace(row, label=names.get(row.key, row.key)) for row in rows)


def _list_cells(session: Session, demand: Sequence[Asked], before: Outcome, after: Outcome) -> tuple[ChangedRow, ...]:
    """List the cells that fare otherwise: the same needs in the same order, by where they are."""
    cell = {one.id: one.key for one in list_demand(session, by="hex", mode=Mode.WALK)}
    # what another has closed meanwhile is in no cell any longer
    keys = [cell.get(one.id, NOWHERE) for one in demand]
    rows = compare(replace(before, keys=keys), replace(after, keys=keys), {})
    return _name(session, [row for row in rows if row.key != NOWHERE], "hex")


def _list_groups(demand: Sequence[Asked], before: Outcome, after: Outcome, by: GroupBy) -> tuple[ChangedRow, ...]:
    if by == "none":
        return ()
    keys = list_groups(demand, by)
    return tuple(compare(replace(before, keys=keys), replace(after, keys=keys), {}))


def _check(session: Session, asked: WhatIf) -> None:
    check_standard(asked.standard_min)
    if asked.by not in {"hex", "area"}:
        raise InvalidInput("group by hex or by area", field="by")
    if asked.group not in get_args(GroupBy):
        raise InvalidInput("group by none, language, access or urgency", field="group")
    if asked.count > MOST_CHANGES:
        raise InvalidInput(f"no more than {MOST_CHANGES} changes are imagined at once")
    if set(asked.close) & {*asked.move, *asked.resize, *asked.reopen}:
        raise InvalidInput("an asset that is closed cannot be changed too", field="close")
    for hours in asked.reopen.values():
        _check_hours(hours)
    for name, capacities in (("add", [one.capacity for one in asked.add]), ("resize", list(asked.resize.values()))):
        if any(capacity < 0 for capacity in capacities):
            raise InvalidInput("a capacity is below zero", field=name)
    bbox = get_network(session).bbox
    for name, points in (("add", [one.point for one in asked.add]), ("move", list(asked.move.values()))):
        if bbox is not None and not all(_holds(bbox, point) for point in points):
            raise OutsideServiceArea(field=name)


def _check_hours(hours: str) -> None:
    try:
        check_opening_hours(hours)
    except InvalidInput as slip:
        raise InvalidInput(str(slip), field="reopen") from slip


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


def _list_both(session: Session, known: Mapping[UUID, _Known], asked: WhatIf) -> tuple[list[Helping], list[Helping]]:
    """List the help there is and the help there would be."""
    helping, zone = list_supply(session), get_network(session).zone
    new = [imagine_place(one.point, one.categories, one.capacity) for one in asked.add]
    before, after = (
        keep_open(some, asked.window, zone) for some in (helping, list(_change(helping, known, asked)))
    )  # fmt: skip
    return before, [*after, *new]


def _change(helping: Sequence[Helping], known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[Helping]:
    yield from (place for place in helping if place.id not in known)
    changed = (one.as_help() for key, one in _changed(known, asked) if key not in asked.close)
    yield from (place for place in changed if place is not None)


def _changed(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[tuple[UUID, _Known]]:
    for key, one in known.items():
        yield key, one.changed(asked.move.get(key), asked.resize.get(key), asked.reopen.get(key))


def _describe(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[str]:
    yield from (f"closing {known[one].name}" for one in asked.close)
    yield from (f"moving {known[one].name}" for one in asked.move)
    yield from (f"giving {known[one].name} room for {size} a week" for one, size in asked.resize.items())
    yield from (f"opening {known[one].name} at other hours" for one in asked.reopen)
    for place in asked.add:
        wanted = " and ".join(CATEGORY_LABELS[word].lower() for word in sorted(place.categories))
        yield f"a new place for {wanted} with room for {place.capacity} a week"


def _note(known: Mapping[UUID, _Known], asked: WhatIf) -> Iterator[str]:
    if asked.add:
        yield "New places are taken to be open when asked for, without steps, and to interpret."
    for _, one in _changed(known, asked):
        if one.missing:
            yield f"{one.name} {one.missing} and does not count as help."
