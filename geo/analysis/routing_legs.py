"""The legs between stops for each driver in whole seconds, and the clock along an order of stops."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.domain.routing import LONGEST_SHIFT_MIN, Route, TimedStop
from geo.errors import InvalidInput
from geo.units import SECONDS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geo.domain.place import Point
    from geo.domain.routing import Driver, RoutingAsked
    from geo.domain.travel import TravelModel

    IntArray = NDArray[np.int64]

NO_WAY_S: Final = int(2 * LONGEST_SHIFT_MIN * SECONDS_PER_MIN)
"""Stands for a leg nobody can drive: it outlasts every shift."""
_ROUNDING_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Legs:
    """A question in whole seconds.

    Attributes
    ----------
    legs_s
        Shape ``(drivers, n + 2, n + 2)``: from row to column; ``n`` is where a driver starts, ``n + 1`` where the
        round ends. ``NO_WAY_S`` where there is no way, or the driver must not go.
    earliest_s, latest_s, service_s, demand, weight
        Of each stop.
    from_s, until_s, capacity
        Of each driver.
    """

    legs_s: IntArray
    earliest_s: IntArray
    latest_s: IntArray
    service_s: IntArray
    demand: IntArray
    weight: IntArray
    from_s: IntArray
    until_s: IntArray
    capacity: IntArray

    @property
    def stop_count(self) -> int:
        """How many stops there are."""
        return len(self.demand)

    @property
    def driver_count(self) -> int:
        """How many drivers there are."""
        return len(self.capacity)

    def travel_s(self, driver: int, order: Sequence[int]) -> int:
        """Add up the travel of an order of stops, the way to the end included; nothing for no stops."""
        if not order:
            return 0
        n = self.stop_count
        way = [n, *order, n + 1]
        return int(self.legs_s[driver][way[:-1], way[1:]].sum())

    def drive(self, driver: int, order: Sequence[int], leave_s: int | None = None) -> list[tuple[int, int, int]] | None:
        """Follow the clock along an order of stops.

        Parameters
        ----------
        leave_s
            When the driver leaves; as early as can be when left out.

        Returns
        -------
        list of tuple
            For each stop when one arrives, begins and leaves, in seconds; none if a time, the room or the way home is
            not kept.
        """
        legs, n = self.legs_s[driver], self.stop_count
        if order and int(self.demand[list(order)].sum()) > self.capacity[driver]:
            return None
        clock, at, found = int(self.from_s[driver]) if leave_s is None else leave_s, n, []
        for stop in order:
            arrive_s = clock + int(legs[at, stop])
            begin_s = max(arrive_s, int(self.earliest_s[stop]))
            if begin_s > self.latest_s[stop]:
                return None
            clock, at = begin_s + int(self.service_s[stop]), stop
            found.append((arrive_s, begin_s, clock))
        return found if not order or clock + legs[at, n + 1] <= self.until_s[driver] else None

    def latest_start_s(self, driver: int, order: Sequence[int], end_s: int) -> int:
        """Tell how late a driver may leave and still be at the end by ``end_s``; nobody waits longer than needed."""
        legs, n = self.legs_s[driver], self.stop_count
        clock, then = end_s, n + 1
        for stop in reversed(order):
            begin_s = clock - int(legs[stop, then]) - int(self.service_s[stop])
            clock, then = min(begin_s, int(self.latest_s[stop])), stop
        return clock - int(legs[n, then])

    def route(self, driver: int, order: Sequence[int], *, leave_s: int | None = None) -> Route:
        """Write an order that can be driven as a route that ends as early as can be.

        Parameters
        ----------
        leave_s
            When the driver leaves; no earlier than needed when left out.

        Raises
        ------
        ValueError
            If it cannot be driven.
        """
        times = self.drive(driver, order)
        if not times:
            raise ValueError("this order cannot be driven")
        n, legs = self.stop_count, self.legs_s[driver]
        end_s = times[-1][2] + int(legs[order[-1], n + 1])
        leave_s = self.latest_start_s(driver, order, end_s) if leave_s is None else leave_s
        timed = self.drive(driver, order, leave_s) or times
        way = [n, *order]
        stops = tuple(
            TimedStop(stop, _minutes(int(legs[before, stop])), *map(_minutes, when))
            for before, stop, when in zip(way, order, timed, strict=False)
        )
        return Route(driver, _minutes(leave_s), stops, _minutes(end_s), _minutes(self.travel_s(driver, order)))


def measure(asked: RoutingAsked, model: TravelModel) -> Legs:
    """Measure all legs of a question.

    Raises
    ------
    TravelFailed
        If the engine gives no answer.
    """
    stops, drivers = asked.stops, asked.drivers
    return Legs(
        _legs(asked, model),
        _up(one.earliest_min for one in stops),
        _down(LONGEST_SHIFT_MIN if one.latest_min is None else one.latest_min for one in stops),
        _up(one.service_min for one in stops),
        np.array([one.demand for one in stops], dtype=np.int64),
        np.array([one.weight for one in stops], dtype=np.int64),
        _up(one.from_min for one in drivers),
        _down(one.until_min for one in drivers),
        np.array([_room(one, asked) for one in drivers], dtype=np.int64),
    )


def _room(driver: Driver, asked: RoutingAsked) -> int:
    return sum(stop.demand for stop in asked.stops) if driver.capacity is None else driver.capacity


def _legs(asked: RoutingAsked, model: TravelModel) -> IntArray:
    n, at = len(asked.stops), [_lonlat(one.point) for one in asked.stops]
    legs = np.full((len(asked.drivers), n + 2, n + 2), NO_WAY_S, dtype=np.int64)
    for mode in sorted({one.mode for one in asked.drivers}):
        mine = [which for which, one in enumerate(asked.drivers) if one.mode is mode]
        starts = [_lonlat(asked.drivers[which].start) for which in mine]
        ends = [_lonlat(asked.drivers[which].end or asked.drivers[which].start) for which in mine]
        # one question for all who travel alike
        minutes = model.matrix([*at, *starts], [*at, *ends], mode)
        seconds = np.where(np.isfinite(minutes), np.ceil(minutes * SECONDS_PER_MIN - _ROUNDING_S), NO_WAY_S)
        seconds = np.minimum(seconds, NO_WAY_S).astype(np.int64)
        for row, which in enumerate(mine):
            legs[which] = _of_driver(seconds, n, row, asked.drivers[which])
    return legs


def _of_driver(seconds: IntArray, n: int, row: int, driver: Driver) -> IntArray:
    legs = np.full((n + 2, n + 2), NO_WAY_S, dtype=np.int64)
    legs[:n, :n] = seconds[:n, :n]
    legs[n, :n] = seconds[n + row, :n]
    legs[:n, n + 1] = 0 if driver.end is None else seconds[:n, n + row]
    legs[:, sorted(driver.kept_apart)] = NO_WAY_S
    legs[n, n + 1] = 0
    np.fill_diagonal(legs, 0)
    return legs


def _lonlat(point: Point) -> tuple[float, float]:
    return point.lon, point.lat


def _up(minutes: Iterable[float]) -> IntArray:
    return np.array([math.ceil(each * SECONDS_PER_MIN - _ROUNDING_S) for each in minutes], dtype=np.int64)


def _down(minutes: Iterable[float]) -> IntArray:
    return np.array([math.floor(each * SECONDS_PER_MIN + _ROUNDING_S) for each in minutes], dtype=np.int64)


def _minutes(seconds: int) -> float:
    return seconds / SECONDS_PER_MIN


def time_order(asked: RoutingAsked, model: TravelModel) -> Route:
    """Work out the times of one driver's stops in the order given.

    Windows that this order cannot keep are let go of all together: the driver then leaves as early as can be, and the
    times tell where it is too late.

    Parameters
    ----------
    asked
        Exactly one driver.

    Raises
    ------
    InvalidInput
        If there is no way between two of the places, or it takes longer than a day.
    TravelFailed
        If the engine gives no answer.
    """
    order, legs = range(len(asked.stops)), measure(asked, model)
    try:
        return legs.route(0, order)
    except ValueError:
        pass
    open_all_day = replace(
        legs,
        latest_s=np.full_like(legs.latest_s, NO_WAY_S),
        until_s=np.full_like(legs.until_s, NO_WAY_S - 1),
        capacity=np.full_like(legs.capacity, int(legs.demand.sum())),
    )
    try:
        return open_all_day.route(0, order, leave_s=int(legs.from_s[0]))
    except ValueError:
        raise InvalidInput("these stops cannot be driven in this order within a day", field="stops") from None
