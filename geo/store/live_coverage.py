"""Coverage of a running service: worked out once, then brought up to date with what has changed before each answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from geo.analysis.gaps import MODES
from geo.analysis.kinds import Once
from geo.analysis.live.coverage import LiveCoverage, LiveNeed, LivePlace
from geo.analysis.suiting import suits_of
from geo.crs import metric_crs, to_metres
from geo.errors import StillReckoning
from geo.store.cell_names import MAX_NAMED
from geo.store.coverage import Figures, label_keys
from geo.store.coverage_log import mark_now, read_changes
from geo.store.demand import MAX_NEEDS, list_demand
from geo.store.engine import APP_ROLE
from geo.store.live_reach import find_around
from geo.store.network import get_network
from geo.store.supply import list_supply, week_began

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
    from uuid import UUID

    from pyproj import CRS
    from sqlalchemy.orm import Session

    from geo.store.coverage import Question
    from geo.store.coverage_log import Changes
    from geo.store.demand import Asked
    from geo.store.engine import Acting
    from geo.store.live_reach import Within
    from geo.store.supply import Helping

MOST_STATES: Final = 8
MOST_NEEDS: Final = 1_200_000
"""Needs in all states together; those not asked for longest go first. A million needs take some 1.2 gigabytes."""
PATIENCE_S: Final = 5.0
"""Seconds to wait while somebody else works the same figures out. To work them out a second time meanwhile would take
as much memory again, and waiting longer would hold connections that others need."""


class LiveCoverages:
    """Figures kept for the questions asked last, for every thread of a process.

    Parameters
    ----------
    most_states, most_needs
        Bounds of what is kept.
    """

    def __init__(self, *, most_states: int = MOST_STATES, most_needs: int = MOST_NEEDS) -> None:
        self._most_states, self._most_needs = most_states, most_needs
        self._lock = threading.Lock()
        self._states: OrderedDict[Hashable, _State] = OrderedDict()

    def find(self, session: Session, question: Question) -> Figures | None:
        """Give the figures as they are now, or nothing for a caller who sees a part of the network alone.

        They are those of all that was committed before the call. Nothing is kept of a window of time.

        Raises
        ------
        StillReckoning
            While they are being worked out for somebody else.
        """
        acting = cast("Acting", session.info["acting"])
        if acting.role != APP_ROLE or acting.network is None or question.window is not None:
            return None
        network = question.network or get_network(session)
        question = replace(question, network=network)
        # room is counted by the week, and help that names no language speaks what the network does
        usual = network.languages, week_began(network.zone)
        asked = question.model.info, question.standard_min, question.mode, question.by
        state = self._state((acting.network, usual, asked))
        if not state.lock.acquire(timeout=PATIENCE_S):
            raise StillReckoning
        try:
            figures = state.find(session, question)
        finally:
            state.lock.release()
        self._make_room()
        return figures

    def _state(self, key: Hashable) -> _State:
        with self._lock:
            state = self._states.setdefault(key, _State())
            self._states.move_to_end(key)
            return state

    def _make_room(self) -> None:
        with self._lock:
            while len(self._states) > self._most_states or (
                len(self._states) > 1 and sum(state.size for state in self._states.values()) > self._most_needs
            ):
                self._states.popitem(last=False)


class _State:
    """The figures of one question; whoever holds the lock may ask."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.size = 0
        self._mark = 0
        self._kept: _Kept | None = None

    def find(self, session: Session, question: Question) -> Figures | None:
        kept, self._kept = self._kept, None
        # what is brought up to date half way is not kept
        if kept is not None:
            changes = read_changes(session, self._mark)
            self._mark = changes.mark
            if changes.everything or not kept.follow(session, question, changes):
                kept = None
        if kept is None:
            self._mark = mark_now(session)
            kept = _begin(session, question)
        if kept is None:
            self.size = 0
            return None
        figures = kept.figures(session)
        self._kept, self.size = kept, kept.size
        return figures


def _begin(session: Session, question: Question) -> _Kept | None:
    asked = list_demand(session, by=question.by, mode=question.mode)
    if not asked or len(asked) >= MAX_NEEDS:
        # nothing to keep; or more than is read, and what is left out changes with every need
        return None
    return _Kept(session, question, asked, list_supply(session, network=question.network))


class _Kept:
    """The state of coverage with what it takes to bring it up to date: places on the globe, and names."""

    def __init__(
        self, session: Session, question: Question, asked: Sequence[Asked], helping: Sequence[Helping]
    ) -> None:
        self._by = question.by
        points = [*_points(asked), *_points(helping)]
        ids = [*(each.id for each in asked), *(each.id for each in helping)]
        self._ground = _Ground(dict(zip(ids, points, strict=True)))
        self._once = Once()
        self._names: dict[str, str | None] = {}
        self._figures: Figures | None = None
        self._turn = 0
        xy = self._ground.project(points)
        self._needs = {each.id for each in asked}
        self._around = find_around(question.model, question.standard_min, {each.mode for each in asked})
        within = self._around.find(session, helping, self._ground.crs)
        self._live = LiveCoverage(
            {each.id: self._live_need(each, at) for each, at in zip(asked, xy[: len(asked)], strict=True)},
            _live_places(helping, xy[len(asked) :], within),
            reach=self._around.reach(),
            judge=suits_of,
            standard=question.standard,
        )

    @property
    def size(self) -> int:
        """How many needs there are, and shapes as the needs that would take as much room."""
        return len(self._needs) + self._around.size

    def follow(self, session: Session, question: Question, changes: Changes) -> bool:
        """Bring the state up to date; false if it is better to begin anew."""
        if changes.needs and self._figures is not None:
            # in another place, so that a count still under way does not end up here
            self._figures = replace(self._figures, balances={})
        asked = list_demand(session, by=question.by, mode=question.mode, only=changes.needs) if changes.needs else []
        helping = list_supply(session, only=changes.places, network=question.network) if changes.places else []
        points = [*_points(asked), *_points(helping)]
        ids = [*(each.id for each in asked), *(each.id for each in helping)]
        where = dict(zip(ids, points, strict=True))
        for key in changes.needs | changes.places:
            self._ground.put(key, where.get(key))
        self._needs -= changes.needs
        self._needs |= {each.id for each in asked}
        if not self._needs or len(self._needs) >= MAX_NEEDS or not self._ground.fits():
            return False
        if not self._around.serves({each.mode for each in asked}):
            return False
        self._around.forget(changes.places - {each.id for each in helping})
        within = self._around.find(session, helping, self._ground.crs)
        xy = dict(zip(ids, self._ground.project(points), strict=True))
        of_needs = {each.id: self._live_need(each, xy[each.id]) for each in asked}
        of_places = _live_places(helping, [xy[each.id] for each in helping], within)
        for key in changes.places:
            self._live.set_place(key, of_places.get(key))
        for key in changes.needs:
            self._live.set_need(key, of_needs.get(key))
        return True

    def _live_need(self, asked: Asked, at: tuple[float, float]) -> LiveNeed:
        spot, asks = self._once((asked.key, asked.category)), self._once(asked.asks)
        return LiveNeed(spot, at, asks, MODES.index(asked.mode), asked.uncertainty_m, asked.priority)

    def figures(self, session: Session) -> Figures:
        """Give the figures: the same ones as before, with all that was made of them, while none has changed."""
        rows = self._live.rows(lambda keys: self._labels(session, keys))
        if self._figures is None or self._turn != self._live.turn:
            self._figures, self._turn = Figures.of(tuple(rows), self._live.totals), self._live.turn
        return self._figures

    def _labels(self, session: Session, keys: Collection[str]) -> Mapping[str, str]:
        if self._by == "area":
            return label_keys(session, list(keys), self._by)
        named = list(keys)[:MAX_NAMED]
        new = [key for key in named if key not in self._names]
        self._names |= dict.fromkeys(new) | label_keys(session, new, self._by)
        return {key: name for key in named if (name := self._names[key]) is not None}


class _Ground:
    """Where everything is on the globe, and the plane system that is chosen for it.

    The system depends on how far all points reach; when they reach elsewhere so that another is chosen, distances are
    others, and all is to be worked out anew.
    """

    def __init__(self, points: dict[UUID, tuple[float, float]]) -> None:
        self._points = points
        self._box: tuple[float, float, float, float] | None = None
        self._crs = self._choose()

    def put(self, key: UUID, point: tuple[float, float] | None) -> None:
        """Put a point where it is now, or take it away."""
        before = self._points.pop(key, None)
        if self._box is not None and before is not None and (before[0] in self._box or before[1] in self._box):
            # it may have been the outermost
            self._box = None
        if point is not None:
            self._points[key] = point
            if self._box is not None:
                west, south, east, north = self._box
                lon, lat = point
                self._box = min(west, lon), min(south, lat), max(east, lon), max(north, lat)

    @property
    def crs(self) -> CRS:
        """The system that was chosen."""
        return self._crs

    def fits(self) -> bool:
        """Tell whether the same system would be chosen again."""
        return self._choose() is self._crs

    def project(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """Give points in degrees in metres."""
        if not points:
            return []
        lon, lat = zip(*points, strict=True)
        return [(x, y) for x, y in to_metres(lon, lat, self._crs).tolist()]

    def _choose(self) -> CRS:
        if self._box is None:
            lon, lat = zip(*self._points.values(), strict=True)
            self._box = min(lon), min(lat), max(lon), max(lat)
        west, south, east, north = self._box
        return metric_crs([west, east], [south, north])


def _points(records: Iterable[Asked | Helping]) -> list[tuple[float, float]]:
    return [(each.lon, each.lat) for each in records]


def _live_places(
    helping: Sequence[Helping], xy: Sequence[tuple[float, float]], within: Sequence[Within]
) -> dict[UUID, LivePlace]:
    return {
        each.id: LivePlace(each.name, at, each.offers, each.capacity, *reach)
        for each, at, reach in zip(helping, xy, within, strict=True)
    }
