"""Stops split among five drivers beside what is done by hand: always to the nearest, then uncrossing each route.

The floor takes the drivers one by one, sends each to the nearest stop that still fits, and then turns pieces of each
route round for as long as that saves travel (2-opt; Croes 1958, doi:10.1287/opre.6.6.791). Both drive by the same legs
and keep the same rules.
"""

from __future__ import annotations

from itertools import combinations
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.analysis.routing import route
from geo.analysis.routing_legs import measure
from geo.analysis.travel import StraightLineTravel
from geo.domain.place import Point
from geo.domain.routing import MOST_STOPS, Driver, RoutingAsked, StopAsked
from geo.domain.words import Mode

from bench.metro import Metro, degrees_of
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from geo.analysis.routing_legs import Legs

DRIVERS: Final = 5
LARGEST: Final = 100
SHIFT_MIN: Final = 600.0
ROOM_OVER_LOAD: Final = 1.2
TOWN: Final = 20_000
"""How many people the town has that the stops are drawn from."""


def make_town(stops: int, seed: int) -> RoutingAsked:
    """Draw stops of one to three boxes, and drivers who begin at one place with a fifth more room than is needed."""
    rng = np.random.default_rng(seed)
    lonlat = degrees_of(Metro.build(TOWN, rng).scatter(stops + 1, rng))
    depot, *places = (Point(lon, lat) for lon, lat in lonlat.tolist())
    demand = rng.integers(1, 4, stops)
    capacity = int(np.ceil(demand.sum() * ROOM_OVER_LOAD / DRIVERS)) + 3
    asked = tuple(StopAsked(place, int(units)) for place, units in zip(places, demand, strict=True))
    return RoutingAsked(asked, (Driver(depot, depot, Mode.CAR, 0.0, SHIFT_MIN, capacity),) * DRIVERS)


def run(size: int, seed: int) -> Outcome:
    """Measure at a quarter, a half and the whole of so many stops; more than ``LARGEST`` are cut to that.

    Raises
    ------
    RuntimeError
        If either leaves a stop out, or our travel passes its own bound.
    """
    size = min(size, LARGEST, MOST_STOPS)
    facts: dict[str, float | int | str] = {"drivers": DRIVERS}
    model = StraightLineTravel()
    for part in (size // 4, size // 2, size):
        asked = make_town(part, seed)
        start = perf_counter()
        found = route(asked, model, seed=seed)
        ours_s = perf_counter() - start
        legs = measure(asked, model)
        start = perf_counter()
        by_hand = by_hand_s(legs)
        floor_s = perf_counter() - start
        if found.unserved or by_hand is None:
            raise RuntimeError("a stop is left out")
        if found.travel_min < found.bound_min:
            raise RuntimeError("the bound is passed")
        over_floor = found.travel_min * 60 / by_hand
        facts[f"{part} stops, seconds"] = round(ours_s, 3)
        facts[f"{part} stops, travel over the floor's"] = round(over_floor, 4)
        facts[f"{part} stops, travel over the bound"] = round(found.travel_min / found.bound_min, 4)
    ratios = {"travel over nearest and uncrossed": over_floor, "time": ours_s / floor_s}
    return Outcome("routing", size, seed, ratios, {"ours": spread_of([ours_s]), "floor": spread_of([floor_s])}, facts)


def by_hand_s(legs: Legs) -> int | None:
    """Give the seconds of travel of the floor; none if a stop is left out."""
    left = set(range(legs.stop_count))
    total = 0
    for driver in range(legs.driver_count):
        order: list[int] = []
        while True:
            here = order[-1] if order else legs.stop_count
            near = sorted(left, key=lambda stop: (int(legs.legs_s[driver, here, stop]), stop))
            following = next((stop for stop in near if legs.drive(driver, [*order, stop]) is not None), None)
            if following is None:
                break
            order.append(following)
            left.discard(following)
        total += legs.travel_s(driver, _uncrossed(legs, driver, order))
    return None if left else total


def _uncrossed(legs: Legs, driver: int, order: list[int]) -> list[int]:
    best, travel_s = order, legs.travel_s(driver, order)
    improved = True
    while improved:
        improved = False
        for start, end in combinations(range(len(best) + 1), 2):
            turned = [*best[:start], *reversed(best[start:end]), *best[end:]]
            if legs.travel_s(driver, turned) < travel_s and legs.drive(driver, turned) is not None:
                best, travel_s, improved = turned, legs.travel_s(driver, turned), True
    return best
