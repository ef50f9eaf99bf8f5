"""The nearest suitable helpers and assets, from the spatial index, exactly.

The index orders by distance on a sphere, while help is ranked by the minutes that the travel model measures for each
helper's own mode. A page of the index is therefore read, ranked, and accepted only once no help further down could
still be quicker than the last one kept, by the model's lower bound; otherwise a longer page is read. The same holds for
hours: the page leaves out only who is surely not free, and each of the rest is judged by what is written.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geo.analysis.nearest import why_asset, why_helper
from geo.analysis.opening import is_open
from geo.crs import SPHERE_SLACK
from geo.domain.coverage import NearestReport
from geo.domain.hours import Hours, Opening, Window
from geo.domain.nearest import COOL_DOWN_H, PASSED_OVER_WORDS, PassedOver
from geo.domain.records import NearestResult
from geo.domain.words import LocationState, Mode, Vehicle
from geo.errors import Conflict, InvalidInput
from geo.store.assets import asset_from_row
from geo.store.helpers import helper_from_row
from geo.store.locations import get_location
from geo.store.nearest_pages import MODE_OF_VEHICLE, WAYS, Kind, Wanted, count_passed_over, read_assets, read_helpers
from geo.store.needs import get_need
from geo.store.network import get_network
from geo.store.proposing import BY_CAR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.place import Point
    from geo.domain.travel import TravelModel
    from geo.domain.words import Category

LOOKED_AROUND_M = 20_000.0
"""When nobody suits, this far around is told why."""
ROUNDING_MIN = 1e-6
"""The database and the model measure the same distance with two libraries."""
TIED_DIGITS = 9
MAX_LIMIT, FIRST_PAGE = 50, 8
_NOT_OF_RECORD = frozenset(
    {"distance_m", "sphere_m", "at_lon", "at_lat", "pending", "place", "way", "farthest_m", "unstated"}
)


def find_nearest(  # noqa: PLR0913 - each is a filter of its own
    session: Session,
    need_id: UUID,
    *,
    kind: Kind = "helper",
    limit: int = 5,
    mode: Mode | None = None,
    vehicle: Vehicle | None = None,
    window: Window | None = None,
    cool_down_h: float = COOL_DOWN_H,
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
    vehicle
        What helpers must come with; a car where the need is for a ride, and otherwise anything, when left out.
    window
        When help is to be given; hours do not matter when left out. Who has not said when, or whose hours cannot be
        read, is kept.
    cool_down_h
        Helpers asked in so many hours before are left in peace; 0 to 336.
    now
        An aware instant for the reasons, for what lapses and for the week; the present when left out.

    Returns
    -------
    NearestReport
        Quickest first; equal minutes by load, then by who was asked longest ago, then by id. Helpers who were asked
        about this need already, are kept apart from its household or want no messages are not among them.

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
    wanted = Wanted(
        place.point, need.category, need.languages, mode or need.mode, need_id, window, vehicle, cool_down_h,
        now or datetime.now(UTC),
    )  # fmt: skip
    return _find(session, wanted, kind=kind, limit=limit, model=model)


def find_nearest_to_point(  # noqa: PLR0913 - each is a filter of its own
    session: Session,
    point: Point,
    *,
    kind: Kind,
    category: Category | None = None,
    languages: tuple[str, ...] = (),
    mode: Mode = Mode.WALK,
    vehicle: Vehicle | None = None,
    window: Window | None = None,
    cool_down_h: float = COOL_DOWN_H,
    limit: int = 5,
    model: TravelModel,
    now: datetime | None = None,
) -> NearestReport:
    """Find the nearest suitable helpers or assets for a point (WGS 84); see :func:`find_nearest`."""
    moment = now or datetime.now(UTC)
    wanted = Wanted(point, category, languages, mode, None, window, vehicle, cool_down_h, moment)
    return _find(session, wanted, kind=kind, limit=limit, model=model)


def _find(session: Session, wanted: Wanted, *, kind: Kind, limit: int, model: TravelModel) -> NearestReport:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"the limit must be between 1 and {MAX_LIMIT}", field="limit")
    if kind not in ("helper", "asset"):
        raise InvalidInput("look for a helper or an asset", field="kind")
    if kind == "helper" and wanted.vehicle is None and wanted.category in BY_CAR:
        wanted = replace(wanted, vehicle=Vehicle.CAR)
    if kind == "asset" or wanted.window is not None:
        wanted = replace(wanted, zone=get_network(session).zone)
    search = _Search(session, kind, wanted, limit, model)
    kept = search.read_until_sure()
    results = tuple(_result(one, kind=kind, wanted=wanted) for one in kept)
    codes = search.count_passed_over(kept)
    return NearestReport(results, {PASSED_OVER_WORDS[code]: count for code, count in codes.items()}, model.info, codes)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A row that the page holds, the minutes between it and the household, and whether it is open when wanted."""

    row: RowMapping
    mode: Mode
    travel_min: float
    opening: Opening | None

    @property
    def rank(self) -> tuple[Any, ...]:
        # two distances that are equal differ by what is lost in counting
        minutes = round(self.travel_min, TIED_DIGITS)
        if "load" not in self.row:
            return (minutes, self.row["id"])
        asked = self.row["last_asked_at"]
        return (minutes, self.row["load"] + self.row["pending"], asked is not None, asked, self.row["id"])

    @property
    def why_not(self) -> PassedOver | None:
        if self.opening is Opening.CLOSED:
            return PassedOver.NOT_AT_THAT_TIME
        if not math.isfinite(self.travel_min):
            return PassedOver.NO_WAY
        willing_min = self.row.get("max_travel_min", math.inf)
        return None if self.travel_min <= willing_min + ROUNDING_MIN else PassedOver.TOO_FAR


class _Search:
    """One question: what was read for it, and how it was measured."""

    def __init__(self, session: Session, kind: Kind, wanted: Wanted, limit: int, model: TravelModel) -> None:
        self.session, self.kind, self.wanted, self.limit, self.model = session, kind, wanted, limit, model
        self._values = wanted.values(kind, model)
        self._known: dict[UUID, _Measured] = {}

    def read_until_sure(self) -> list[_Measured]:
        """Read longer pages until nobody beyond them could be quicker than the last of those kept."""
        if self.kind == "asset":
            modes, page = [self.wanted.mode], max(FIRST_PAGE * self.limit, 16)
        else:
            modes, page = self._modes(), self.limit + FIRST_PAGE // 2
        while modes:
            pages = self._read(modes, page)
            self._measure([row for rows in pages.values() for row in rows if row["id"] not in self._known])
            last_min = self._last_min()
            # of the others nobody is left, or could be quick enough
            modes = [
                mode for mode, rows in pages.items() if len(rows) == page and not self._is_sure(mode, rows, last_min)
            ]
            page *= 4
        return self._ranked()

    def _read(self, modes: Sequence[Mode], page: int) -> dict[Mode, Sequence[RowMapping]]:
        if self.kind == "asset":
            return {modes[0]: read_assets(self.session, self._values, page)}
        found = read_helpers(self.session, self._values, [WAYS[mode] for mode in modes], page)
        return {mode: found[WAYS[mode]] for mode in modes}

    def _modes(self) -> list[Mode]:
        return list(WAYS) if self.wanted.vehicle is None else [MODE_OF_VEHICLE[self.wanted.vehicle]]

    def _ranked(self) -> list[_Measured]:
        fit = [one for one in self._known.values() if one.why_not is None]
        return sorted(fit, key=lambda one: one.rank)[: self.limit]

    def _last_min(self) -> float:
        ranked = self._ranked()
        return ranked[-1].travel_min if len(ranked) == self.limit else math.inf

    def _is_sure(self, mode: Mode, rows: Sequence[RowMapping], last_min: float) -> bool:
        beyond_min = self.model.minutes(rows[-1]["sphere_m"] * SPHERE_SLACK, mode)
        return last_min < beyond_min - ROUNDING_MIN

    def _measure(self, rows: Sequence[RowMapping]) -> None:
        """Measure from each helper to the household by the helper's mode, or from the household to each asset."""
        home = [[self.wanted.point.lon, self.wanted.point.lat]]
        for mode in Mode:
            some = [row for row in rows if self._mode(row) is mode]
            if not some:
                continue
            places = [[row["at_lon"], row["at_lat"]] for row in some]
            helps = self.kind == "helper"
            table = self.model.matrix(places, home, mode) if helps else self.model.matrix(home, places, mode)
            for row, travel_min in zip(some, table.ravel().tolist(), strict=True):
                self._known[row["id"]] = _Measured(row, mode, travel_min, self._opening(row))

    def _mode(self, row: RowMapping) -> Mode:
        return MODE_OF_VEHICLE[Vehicle(row["vehicle"])] if self.kind == "helper" else self.wanted.mode

    def _opening(self, row: RowMapping) -> Opening | None:
        window, zone = self.wanted.window, self.wanted.zone
        if window is None or zone is None:
            return None
        if self.kind == "helper":
            hours = Hours(zone, schedule=row["availability"])
        else:
            hours = Hours(zone, row["opening_hours"], row["schedule"], row["lon"], row["lat"])
        return is_open(hours, window)

    def count_passed_over(self, kept: Sequence[_Measured]) -> dict[PassedOver, int]:
        """Count the nearer ones by why they are not named, the commonest first."""
        farthest_m = max((one.row["distance_m"] for one in kept), default=LOOKED_AROUND_M)
        found = Counter(count_passed_over(self.session, self.kind, self._values, farthest_m))
        named = {one.row["id"] for one in kept}
        for one in self._known.values():
            if one.row["distance_m"] <= farthest_m and one.row["id"] not in named:
                found[one.why_not or PassedOver.TAKES_LONGER] += 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _result(one: _Measured, *, kind: Kind, wanted: Wanted) -> NearestResult:
    values = {name: value for name, value in one.row.items() if name not in _NOT_OF_RECORD}
    away_m, minutes = one.row["distance_m"], one.travel_min
    if kind == "helper":
        helper = helper_from_row(values)
        why = why_helper(
            helper, minutes=minutes, languages=wanted.languages, now=wanted.now, pending=one.row["pending"],
            opening=one.opening,
        )  # fmt: skip
        id_, name, cell = helper.id, helper.public_name, helper.cell
    else:
        asset = asset_from_row(values)
        why = why_asset(asset, minutes=minutes, mode=one.mode, languages=wanted.languages, opening=one.opening)
        id_, name, cell = asset.id, asset.name, asset.cell
    return NearestResult(kind, id_, name, cell, away_m, minutes, one.mode, why)
