"""The nearest suitable helpers and assets, from the spatial index, exactly.

The index orders by distance on a sphere, while help is ranked by the minutes that the travel model measures for each
helper's own mode. A page of the index is therefore read, ranked, and accepted only once no help further down could
still be quicker than the last one kept, by the model's lower bound; otherwise a longer page is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy import text

from geo.analysis.nearest import asset_reasons, helper_reasons
from geo.domain.coverage import NearestReport
from geo.domain.records import NearestResult
from geo.domain.words import Category, LocationState, Mode, Vehicle
from geo.errors import Conflict, InvalidInput
from geo.store.assets import asset_from_row
from geo.store.helpers import helper_from_row
from geo.store.locations import get_location
from geo.store.needs import get_need
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.place import Point
    from geo.domain.travel import TravelModel

Kind = Literal["helper", "asset"]
SPHERE_SLACK = 0.994
"""The ellipsoid's distance is never below this share of the sphere's that the index orders by."""
MODE_OF_VEHICLE = {Vehicle.NONE: Mode.WALK, Vehicle.BICYCLE: Mode.BICYCLE, Vehicle.CAR: Mode.CAR}
LOOKED_AROUND_M = 20_000.0
"""When nobody suits, this far around is told why."""
LOOKED_AT = 5_000
"""So many are looked at in the order of distance before whoever suits is sorted instead."""
ROUNDING_MIN = 1e-6
"""The database and the model measure the same distance with two libraries."""
MAX_LIMIT, FIRST_PAGE, PASSED_OVER_ROWS = 50, 8, 100
_NOT_OF_RECORD = frozenset({"distance_m", "sphere_m", "at_lon", "at_lat"})
_queries = load_queries("nearest")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What help is looked for: where (degrees), for what, in which languages, by a household of which mode."""

    point: Point
    category: Category | None
    languages: tuple[str, ...] = ()
    mode: Mode = Mode.WALK


def find_nearest(
    session: Session,
    need_id: UUID,
    *,
    kind: Kind = "helper",
    limit: int = 5,
    mode: Mode | None = None,
    model: TravelModel,
    now: datetime | None = None,
) -> NearestReport:
    """Find the nearest suitable helpers or assets for a need.

    Parameters
    ----------
    kind
        ``helper``, ranked by minutes of their own way of travelling to the household, or ``asset``, by the household's.
    limit
        How many, 1 to ``MAX_LIMIT``.
    mode
        How the household travels to an asset; its own way when left out.
    now
        An aware instant for the reasons; the present when left out.

    Returns
    -------
    NearestReport
        Quickest first; equal minutes by load, then by who was asked longest ago, then by id.

    Raises
    ------
    NotFound
        If there is no such need.
    Conflict
        If the need has no place yet.
    """
    need = get_need(session, need_id)
    place = get_location(session, "need_id", need_id, need.location_state)
    if place.point is None or need.location_state is LocationState.NONE:
        raise Conflict("this need has no place yet; give it one in the review queue")
    wanted = Wanted(place.point, need.category, need.languages, mode or need.mode)
    return _find(session, wanted, kind=kind, limit=limit, model=model, now=now)


def find_nearest_to_point(
    session: Session,
    point: Point,
    *,
    kind: Kind,
    category: Category | None = None,
    languages: tuple[str, ...] = (),
    mode: Mode = Mode.WALK,
    limit: int = 5,
    model: TravelModel,
) -> NearestReport:
    """Find the nearest suitable helpers or assets for a point (WGS 84); see :func:`find_nearest`."""
    return _find(session, Wanted(point, category, languages, mode), kind=kind, limit=limit, model=model, now=None)


def _find(
    session: Session, wanted: Wanted, *, kind: Kind, limit: int, model: TravelModel, now: datetime | None
) -> NearestReport:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"the limit must be between 1 and {MAX_LIMIT}", field="limit")
    if kind not in ("helper", "asset"):
        raise InvalidInput("look for a helper or an asset", field="kind")
    values = _bind(wanted, model)
    ranked = _read_until_sure(session, kind, values, wanted=wanted, limit=limit, model=model)
    moment = now or datetime.now(UTC)
    results = tuple(_result(one, kind=kind, wanted=wanted, now=moment) for one in ranked)
    return NearestReport(results, _passed_over(session, kind, values, results), model.info)


def _bind(wanted: Wanted, model: TravelModel) -> dict[str, Any]:
    return {
        "lon": wanted.point.lon,
        "lat": wanted.point.lat,
        "category": None if wanted.category is None else wanted.category.value,
        "languages": list(wanted.languages),
        "wheelchair": wanted.mode is Mode.WHEELCHAIR,
        "walk_m": model.reach_m(1, Mode.WALK),
        "bicycle_m": model.reach_m(1, Mode.BICYCLE),
        "car_m": model.reach_m(1, Mode.CAR),
    }


@dataclass(frozen=True, slots=True)
class _Measured:
    """A row that suits, and the minutes between it and the household."""

    row: RowMapping
    mode: Mode
    travel_min: float

    @property
    def rank(self) -> tuple[Any, ...]:
        if "load" not in self.row:
            return (self.travel_min, self.row["id"])
        asked = self.row["last_asked_at"]
        return (self.travel_min, self.row["load"], asked is not None, asked, self.row["id"])


def _read_until_sure(
    session: Session, kind: Kind, values: dict[str, Any], *, wanted: Wanted, limit: int, model: TravelModel
) -> Sequence[_Measured]:
    quickest_mode = Mode.CAR if kind == "helper" else wanted.mode
    page, known = max(FIRST_PAGE * limit, 16), dict[UUID, _Measured]()
    while True:
        rows = _read_page(session, kind, values, page)
        known |= _measure([row for row in rows if row["id"] not in known], kind=kind, wanted=wanted, model=model)
        within = [one for row in rows if _is_within(one := known[row["id"]])]
        ranked = sorted(within, key=lambda one: one.rank)[:limit]
        if len(rows) < page:
            return ranked
        beyond_min = model.minutes(rows[-1]["sphere_m"] * SPHERE_SLACK, quickest_mode)
        if len(ranked) == limit and ranked[-1].travel_min < beyond_min:
            return ranked
        page *= 4


def _measure(rows: Sequence[RowMapping], *, kind: Kind, wanted: Wanted, model: TravelModel) -> dict[UUID, _Measured]:
    """Measure from each helper to the household by the helper's mode, or from the household to each asset."""
    home, found = [[wanted.point.lon, wanted.point.lat]], dict[UUID, _Measured]()
    for mode in Mode:
        some = [row for row in rows if _mode(row, kind=kind, wanted=wanted) is mode]
        if not some:
            continue
        places = [[row["at_lon"], row["at_lat"]] for row in some]
        table = model.matrix(places, home, mode) if kind == "helper" else model.matrix(home, places, mode)
        found |= {
            row["id"]: _Measured(row, mode, travel_min)
            for row, travel_min in zip(some, table.ravel().tolist(), strict=True)
        }
    return found


def _is_within(one: _Measured) -> bool:
    """Tell whether there is a way at all, and a helper is willing to come that far."""
    willing_min = one.row.get("max_travel_min", math.inf)
    return math.isfinite(one.travel_min) and one.travel_min <= willing_min + ROUNDING_MIN


def _read_page(session: Session, kind: Kind, values: dict[str, Any], page: int) -> Sequence[RowMapping]:
    """Read the nearest suitable ones, at most a page.

    Where many suit, the index's order ends early; where hardly anybody does, walking it through costs seconds in a
    large network, so it is given up after ``LOOKED_AT`` and whoever suits is sorted instead.
    """
    bound = values | {"page": page, "look": LOOKED_AT}
    rows = session.execute(text(_queries[f"nearest_{kind}s_around"]), bound).mappings().all()
    if len(rows) == page:
        return rows
    return session.execute(text(_queries[f"nearest_{kind}s"]), bound).mappings().all()


def _mode(row: RowMapping, *, kind: Kind, wanted: Wanted) -> Mode:
    return MODE_OF_VEHICLE[Vehicle(row["vehicle"])] if kind == "helper" else wanted.mode


def _result(one: _Measured, *, kind: Kind, wanted: Wanted, now: datetime) -> NearestResult:
    values = {name: value for name, value in one.row.items() if name not in _NOT_OF_RECORD}
    away_m, minutes = one.row["distance_m"], one.travel_min
    if kind == "helper":
        helper = helper_from_row(values)
        reasons = helper_reasons(helper, minutes=minutes, languages=wanted.languages, now=now)
        return NearestResult(kind, helper.id, helper.public_name, helper.cell, away_m, minutes, one.mode, reasons)
    asset = asset_from_row(values)
    reasons = asset_reasons(asset, minutes=minutes, mode=one.mode)
    return NearestResult(kind, asset.id, asset.name, asset.cell, away_m, minutes, one.mode, reasons)


def _passed_over(
    session: Session, kind: Kind, values: dict[str, Any], results: Sequence[NearestResult]
) -> dict[str, int]:
    """Count the nearer ones that do not suit, by the first reason; at most ``PASSED_OVER_ROWS`` are looked at."""
    farthest = max((result.distance_m for result in results), default=LOOKED_AROUND_M)
    bound = values | {"within_m": farthest, "page": PASSED_OVER_ROWS}
    rows = session.execute(text(_queries[f"passed_over_{kind}s"]), bound)
    return {row.reason: row.total for row in rows}
