"""The nearest helpers of many needs at once: read once, and searched in arrays."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import and_, func, select

from geo.analysis.gaps import MODES
from geo.analysis.kinds import number_different
from geo.analysis.nearest import why_helper
from geo.analysis.nearest_many import Near, Ranked, rank_many
from geo.analysis.opening import is_open
from geo.domain.coverage import NearestReport
from geo.domain.hours import Hours, Opening
from geo.domain.nearest import COOL_DOWN_H, PASSED_OVER_WORDS
from geo.domain.place import Point
from geo.domain.records import NearestResult
from geo.domain.words import Category, Mode, Vehicle
from geo.errors import InvalidInput
from geo.store import helpers, tables
from geo.store.nearest import LOOKED_AROUND_M, MAX_LIMIT
from geo.store.nearest_pages import MODE_OF_VEHICLE, QUERIES, Wanted, count_passed_over, speech_words
from geo.store.needs import IS_MAPPED
from geo.store.network import get_network
from geo.store.proposing import BY_CAR
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from numpy.typing import NDArray
    from sqlalchemy.engine import Row, RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.hours import Window
    from geo.domain.records import Helper
    from geo.domain.travel import TravelModel
    from geo.store.network import Network

    IntArray = NDArray[np.int64]
    Kind = tuple[Category, tuple[str, ...]]

need, exact = tables.need, tables.location_exact
MOST_NEEDS: Final = 20_000
_MODE_INDEX: Final = {vehicle.value: MODES.index(mode) for vehicle, mode in MODE_OF_VEHICLE.items()}


def find_nearest_many(
    session: Session,
    need_ids: Sequence[UUID],
    *,
    limit: int = 5,
    window: Window | None = None,
    cool_down_h: float = COOL_DOWN_H,
    model: TravelModel,
    now: datetime | None = None,
    explain: bool = True,
) -> dict[UUID, NearestReport]:
    """Find the nearest suitable helpers of many needs; each as :func:`geo.store.nearest.find_nearest` would.

    Parameters
    ----------
    need_ids
        At most ``MOST_NEEDS``; those that have no place, or are not there, are left out.
    limit, window, cool_down_h, model, now
        As for one need.
    explain
        Whether to count why nearer ones are not named; that is asked of the database need by need. Of those who would
        suit and take longer, or have no way, nothing is counted here.

    Returns
    -------
    dict
        A report for each need, by its id.

    Raises
    ------
    InvalidInput
        If there are too many needs, or the limit is out of bounds.
    """
    if len(need_ids) > MOST_NEEDS:
        raise InvalidInput(f"at most {MOST_NEEDS} needs are looked at together", field="need_ids")
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"the limit must be between 1 and {MAX_LIMIT}", field="limit")
    moment, asked = now or datetime.now(UTC), _read_needs(session, need_ids)
    wanted = [
        Wanted(
            Point(row["lon"], row["lat"]), Category(row["category"]), tuple(row["languages"]), Mode.WALK, row["id"],
            window, Vehicle.CAR if Category(row["category"]) in BY_CAR else None, cool_down_h, moment,
        )
        for row in asked
    ]  # fmt: skip
    batch = _Batch(session, wanted, get_network(session), model)
    return batch.report(batch.rank(limit), explain=explain)


def _read_needs(session: Session, need_ids: Sequence[UUID]) -> Sequence[RowMapping]:
    place = (func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"))
    query = (
        select(need.c.id, need.c.category, need.c.languages, *place)
        .join(exact, and_(exact.c.need_id == need.c.id, IS_MAPPED))
        .where(mine(need), mine(exact), exact.c.geom.is_not(None), need.c.id == func.any(list(need_ids)))
        .order_by(need.c.id)
    )
    return session.execute(query).mappings().all()


class _Batch:
    """Needs, who may be asked about them, and who of them suits whom."""

    def __init__(self, session: Session, wanted: Sequence[Wanted], network: Network, model: TravelModel) -> None:
        self._session, self._wanted, self._network, self._model = session, wanted, network, model
        kinds: dict[Kind, int] = {}
        ofs = [kinds.setdefault(_kind_of(one), len(kinds)) for one in wanted]
        self._kinds, self._kind = kinds, np.array(ofs, dtype=np.int64)
        self._people = self._read_helpers() if wanted else []

    def _read_helpers(self) -> Sequence[Row[Any]]:
        first = self._wanted[0]
        since = first.now - timedelta(hours=first.cool_down_h) if first.cool_down_h else None
        bound = {
            "words": ["ready"], "categories": sorted({f"c:{category.value}" for category, _ in self._kinds}),
            "rested_since": since, "now": first.now, "needs_hours": first.window is not None,
        }  # fmt: skip
        return self._session.execute(QUERIES["helpers_for_many"], bound).all()

    def rank(self, limit: int) -> Ranked:
        """Rank the nearest of each need."""
        columns = list(zip(*self._people, strict=True)) if self._people else [()] * 9
        _, lon, lat, words, vehicle, max_travel_min, load, asked_at, availability = columns
        near = Near(
            np.column_stack([np.array(lon, dtype=float), np.array(lat, dtype=float)]),
            np.array([_MODE_INDEX[word] for word in vehicle], dtype=np.int64),
            np.array(max_travel_min, dtype=float),
            np.array(load, dtype=np.int64),
            np.array(asked_at, dtype=float),
        )
        lonlat = np.array([[one.point.lon, one.point.lat] for one in self._wanted], dtype=float).reshape(-1, 2)
        suits = self._suits(words, self._free(availability))
        return rank_many(lonlat, self._kind, suits, near, self._apart(), model=self._model, limit=limit)

    def _free(self, availability: Sequence[str | None]) -> NDArray[np.bool_]:
        window = self._wanted[0].window if self._wanted else None
        if window is None:
            return np.ones(len(availability), dtype=bool)
        code, written = number_different(availability)
        zone = self._network.zone
        opening = [is_open(Hours(zone, schedule=text), window) for text in written]
        free = np.array([one is not Opening.CLOSED for one in opening], dtype=bool)
        return np.asarray(free[code]) if len(code) else np.ones(0, dtype=bool)

    def _suits(self, words: Sequence[str], free: NDArray[np.bool_]) -> list[IntArray]:
        code, written = number_different(words)
        each = [frozenset(one.split()) for one in written]
        usual = set(speech_words(self._network.languages)) - {"l:*"}
        found = []
        for category, languages in self._kinds:
            spoken = set(speech_words(languages))
            if spoken and (not usual or usual & spoken):
                spoken.add("l:?")
            must = {f"c:{category.value}"} | ({"v:car"} if category in BY_CAR else set())
            fits = np.array([must <= one and (not spoken or bool(spoken & one)) for one in each], dtype=bool)
            found.append(np.flatnonzero(fits[code] & free) if len(code) else np.empty(0, np.int64))
        return found

    def _apart(self) -> IntArray:
        needs = {one.need_id: at for at, one in enumerate(self._wanted)}
        people = {row[0]: at for at, row in enumerate(self._people)}
        rows = self._session.execute(QUERIES["not_for_many"], {"need_ids": list(needs)})
        known = [(needs[need_id], people[helper_id]) for need_id, helper_id in rows if helper_id in people]
        return np.array(known, dtype=np.int64).reshape(-1, 2)

    def report(self, ranked: Ranked, *, explain: bool) -> dict[UUID, NearestReport]:
        """Put what was ranked into words, need by need."""
        records = self._records(ranked.helper)
        found: dict[int, list[NearestResult]] = defaultdict(list)
        for at, who, travel_min, away_m in zip(*(column.tolist() for column in _columns(ranked)), strict=True):
            helper, pending = records[who]
            found[at].append(self._result(self._wanted[at], helper, pending, travel_min, away_m))
        return {
            one.need_id: self._report(one, found[at], explain=explain)
            for at, one in enumerate(self._wanted)
            if one.need_id is not None
        }

    def _records(self, who: IntArray) -> dict[int, tuple[Helper, int]]:
        chosen = {self._people[at][0]: at for at in np.unique(who).tolist()}
        query = select(*helpers.COLUMNS).where(mine(tables.helper), tables.helper.c.id == func.any(list(chosen)))
        records = [helpers.helper_from_row(row) for row in self._session.execute(query).mappings()]
        return {chosen[one.id]: (one, self._people[chosen[one.id]][6] - one.load) for one in records}

    def _result(self, one: Wanted, helper: Helper, pending: int, travel_min: float, away_m: float) -> NearestResult:
        opening = None
        if one.window is not None:
            opening = is_open(Hours(self._network.zone, schedule=helper.availability), one.window)
        why = why_helper(
            helper, minutes=travel_min, languages=one.languages, now=one.now, pending=pending, opening=opening
        )
        return NearestResult("helper", helper.id, helper.public_name, helper.cell, away_m, travel_min, helper.mode, why)

    def _report(self, one: Wanted, results: Iterable[NearestResult], *, explain: bool) -> NearestReport:
        kept = tuple(results)
        if not explain:
            return NearestReport(kept, {}, self._model.info)
        farthest_m = max((result.distance_m for result in kept), default=LOOKED_AROUND_M)
        values = replace(one, zone=self._network.zone).values("helper", self._model)
        codes = count_passed_over(self._session, "helper", values, farthest_m)
        return NearestReport(kept, {PASSED_OVER_WORDS[code]: n for code, n in codes.items()}, self._model.info, codes)


def _kind_of(one: Wanted) -> Kind:
    if one.category is None:
        raise ValueError("a need has a category")
    return one.category, one.languages


def _columns(ranked: Ranked) -> tuple[Any, ...]:
    return ranked.need, ranked.helper, ranked.travel_min, ranked.away_m
