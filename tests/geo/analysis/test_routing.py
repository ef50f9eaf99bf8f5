from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis.routing import route
from geo.analysis.routing_bound import bound_travel_s
from geo.analysis.routing_legs import NO_WAY_S, measure
from geo.analysis.travel import StraightLineTravel
from geo.domain.place import Point
from geo.domain.routing import Driver, Routing, RoutingAsked, StopAsked, Unserved
from geo.domain.travel import TravelModelInfo
from geo.domain.words import Mode
from geo.errors import InvalidInput

from tests.geo.analysis import solomon

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo.analysis.routing_legs import Legs

HOME = Point(0.0, 1.0)


@dataclass(frozen=True)
class TableTravel:
    """Minutes from a table: a point's longitude, times a thousand, is its row and column."""

    minutes_of: NDArray[np.float64]
    info = TravelModelInfo("table", ())

    def matrix(
        self, sources: ArrayLike, targets: ArrayLike, mode: Mode, limit_min: float | None = None
    ) -> NDArray[np.float64]:
        del mode, limit_min
        rows, columns = (np.rint(np.asarray(some)[:, 0] * 1000).astype(int) for some in (sources, targets))
        return self.minutes_of[np.ix_(rows, columns)]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


def at(index: int) -> Point:
    return Point(index / 1000, 1.0)


@st.composite
def questions(draw: st.DrawFn, most_stops: int = 5, most_drivers: int = 2) -> tuple[RoutingAsked, TableTravel]:
    n, m = draw(st.integers(1, most_stops)), draw(st.integers(1, most_drivers))
    size = n + 2 * m
    leg = st.one_of(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.just(None))
    cells = draw(st.lists(leg, min_size=size * size, max_size=size * size))
    table = np.array([np.inf if cell is None else cell for cell in cells], dtype=float).reshape(size, size)
    stops = []
    for index in range(n):
        earliest = draw(st.integers(0, 40))
        latest = draw(st.none() | st.integers(earliest, 90))
        stops.append(
            StopAsked(at(index), draw(st.integers(0, 3)), draw(st.integers(0, 10)), earliest, latest,
                      draw(st.integers(1, 4)))
        )  # fmt: skip
    drivers = [
        Driver(
            at(n + 2 * d), draw(st.sampled_from([None, at(n + 2 * d + 1)])), Mode.CAR, draw(st.integers(0, 20)),
            draw(st.integers(20, 120)), draw(st.none() | st.integers(0, 6)),
            draw(st.frozensets(st.integers(0, n - 1), max_size=1)),
        )
        for d in range(m)
    ]  # fmt: skip
    return RoutingAsked(tuple(stops), tuple(drivers)), TableTravel(table)


def brute_force(legs: Legs) -> tuple[int, int]:
    """Most weight, and least travel for it: every way to share out, every order."""
    best = (0, 0)
    for owners in product(range(-1, legs.driver_count), repeat=legs.stop_count):
        travel = 0
        for driver in range(legs.driver_count):
            mine = [stop for stop, owner in enumerate(owners) if owner == driver]
            ways = [legs.travel_s(driver, way) for way in permutations(mine) if _can_drive(legs, driver, way)]
            if not ways:
                break
            travel += min(ways)
        else:
            weight = sum(int(legs.weight[stop]) for stop, owner in enumerate(owners) if owner >= 0)
            best = max(best, (weight, -travel))
    return best[0], -best[1]


def _can_drive(legs: Legs, driver: int, way: tuple[int, ...]) -> bool:
    """Say it once more in other words than the code under test."""
    if not way:
        return True
    if sum(int(legs.demand[stop]) for stop in way) > legs.capacity[driver]:
        return False
    clock, here = int(legs.from_s[driver]), legs.stop_count
    for stop in way:
        leg = int(legs.legs_s[driver, here, stop])
        clock = max(clock + leg, int(legs.earliest_s[stop]))
        if leg >= NO_WAY_S or clock > legs.latest_s[stop]:
            return False
        clock, here = clock + int(legs.service_s[stop]), stop
    home = int(legs.legs_s[driver, here, legs.stop_count + 1])
    return home < NO_WAY_S and clock + home <= legs.until_s[driver]


def check(asked: RoutingAsked, model: Any, found: Routing) -> None:
    """Every stop once, or with its reason; room, windows, shifts and the clock are kept."""
    served = [one.stop for each in found.routes for one in each.stops]
    assert sorted([*served, *found.unserved]) == list(range(len(asked.stops)))
    assert found.bound_min <= found.travel_min + 1e-9
    assert len({each.driver for each in found.routes}) == len(found.routes)
    total = 0.0
    for each in found.routes:
        driver, order = asked.drivers[each.driver], [one.stop for one in each.stops]
        assert driver.capacity is None or sum(asked.stops[stop].demand for stop in order) <= driver.capacity
        assert not driver.kept_apart & set(order)
        assert driver.from_min <= each.leave_min <= each.end_min <= driver.until_min
        clock, here, travel = each.leave_min, driver.start, 0.0
        for one in each.stops:
            stop = asked.stops[one.stop]
            leg = float(model.matrix([(here.lon, here.lat)], [(stop.point.lon, stop.point.lat)], driver.mode)[0, 0])
            assert leg <= one.travel_min + 1e-9 <= leg + 1 / 60 + 1e-6
            assert clock + one.travel_min == pytest.approx(one.arrive_min)
            assert one.arrive_min <= one.begin_min
            assert stop.earliest_min <= one.begin_min
            assert stop.latest_min is None or one.begin_min <= stop.latest_min + 1e-9
            assert one.leave_min >= one.begin_min + stop.service_min - 1e-9
            clock, here, travel = one.leave_min, stop.point, travel + one.travel_min
        if driver.end is None:
            assert each.end_min == clock
        total += each.travel_min
        assert each.travel_min >= travel - 1e-9
    assert found.travel_min == pytest.approx(total)


@settings(max_examples=150, deadline=None)
@given(questions())
def test_few_stops_are_answered_as_brute_force_does(question: tuple[RoutingAsked, TableTravel]) -> None:
    asked, model = question
    legs = measure(asked, model)
    found = route(asked, model)
    check(asked, model, found)
    served = {one.stop for each in found.routes for one in each.stops}
    weight, travel_s = brute_force(legs)
    assert (sum(asked.stops[stop].weight for stop in served), round(found.travel_min * 60)) == (weight, travel_s)
    assert found.is_optimal


@settings(max_examples=40, deadline=None)
@given(questions(most_stops=8, most_drivers=3))
def test_the_search_agrees_with_the_exact_answer(question: tuple[RoutingAsked, TableTravel]) -> None:
    asked, model = question
    found, exact = route(asked, model, exact=False, iterations=300), route(asked, model)
    check(asked, model, found)
    weights = [sum(asked.stops[s.stop].weight for each in one.routes for s in each.stops) for one in (found, exact)]
    assert weights[0] == weights[1]
    assert found.travel_min == pytest.approx(exact.travel_min)
    assert found.bound_min <= exact.travel_min + 1e-9


@settings(max_examples=100, deadline=None)
@given(questions(most_stops=5, most_drivers=3))
def test_the_bound_is_one(question: tuple[RoutingAsked, TableTravel]) -> None:
    asked, model = question
    legs = measure(asked, model)
    orders: list[tuple[int, ...]] = [()] * legs.driver_count
    for each in route(asked, model).routes:
        orders[each.driver] = tuple(one.stop for one in each.stops)
    assert bound_travel_s(legs, orders) <= sum(legs.travel_s(d, order) for d, order in enumerate(orders))


def town(stops: int, drivers: int, seed: int, **values: Any) -> RoutingAsked:
    rng = np.random.default_rng(seed)

    def somewhere() -> Point:
        return Point(24.9 + 0.1 * rng.random(), 60.15 + 0.05 * rng.random())

    asked = []
    for _ in range(stops):
        earliest = float(rng.uniform(0, 100))
        latest = earliest + 60 if values.get("windows") else None
        asked.append(StopAsked(somewhere(), int(rng.integers(1, 4)), 4.0, earliest if latest else 0.0, latest))
    depot = somewhere()
    who = Driver(depot, depot, Mode.CAR, 0.0, values.get("until_min", 240.0), values.get("capacity"))
    return RoutingAsked(
        tuple(asked), tuple(replace(who, mode=mode) for _, mode in zip(range(drivers), Mode, strict=False))
    )


@pytest.mark.parametrize(
    "asked",
    [
        town(30, 3, 0, until_min=480.0), town(30, 3, 1, windows=True), town(40, 2, 2, capacity=20),
        town(25, 4, 3, until_min=60.0),
    ],
)  # fmt: skip
def test_many_stops_keep_every_rule(asked: RoutingAsked) -> None:
    model = StraightLineTravel()
    found = route(asked, model, iterations=200)
    check(asked, model, found)
    assert found == route(asked, model, iterations=200)
    # what is left out fits nowhere into what was found
    legs = measure(asked, model)
    for stop in found.unserved:
        for each in found.routes:
            order = [one.stop for one in each.stops]
            for place in range(len(order) + 1):
                assert legs.drive(each.driver, [*order[:place], stop, *order[place:]]) is None


def test_solomon_c101_with_25_customers_has_the_published_optimum() -> None:
    asked, model = solomon.c101_25()
    found = route(asked, model)
    assert found.unserved == {}
    assert len(found.routes) == 3
    assert round(found.travel_min, 1) == solomon.OPTIMUM_C101_25
    assert found.bound_min <= solomon.OPTIMUM_C101_25 + 1e-9


def one_stop(**driver: Any) -> tuple[RoutingAsked, TableTravel]:
    table = np.array([[0.0, 10.0, 10.0], [10.0, 0.0, 0.0], [10.0, 0.0, 0.0]])
    who = Driver(at(1), at(2), Mode.CAR, 0.0, 100.0, **driver)
    return RoutingAsked((StopAsked(at(0), demand=2),), (who,)), TableTravel(table)


def test_each_reason_is_the_first_that_binds() -> None:
    asked, model = one_stop()
    assert route(asked, model).unserved == {}

    def reason(asked: RoutingAsked, model: TableTravel = model) -> Unserved:
        both = [route(asked, model, exact=exact, iterations=50) for exact in (True, False)]
        assert both[0].unserved == both[1].unserved
        return both[0].unserved[len(asked.stops) - 1]

    driver, stop = asked.drivers[0], asked.stops[0]
    assert reason(replace(asked, drivers=(replace(driver, kept_apart=frozenset({0}), capacity=1),))) == "kept_apart"
    assert reason(replace(asked, drivers=(replace(driver, capacity=1, until_min=1.0),))) == "too_big"
    cut_off = TableTravel(np.array([[0, np.inf, np.inf], [10, 0, 0], [10, 0, 0]], dtype=float))
    assert reason(asked, cut_off) == "unreachable"
    assert reason(replace(asked, drivers=(replace(driver, until_min=24.9),))) == "outside_hours"
    assert reason(replace(asked, stops=(replace(stop, latest_min=9.0),))) == "outside_hours"
    heavy = replace(stop, weight=2)
    assert reason(replace(asked, stops=(heavy, stop), drivers=(replace(driver, capacity=3),))) == "no_room"
    assert reason(replace(asked, stops=(heavy, stop), drivers=(replace(driver, until_min=25.0),))) == "no_time"


def test_there_and_back_may_differ() -> None:
    # 0 before 1 is quick, the other way round is not
    table = np.array([[0, 1, 50, 50], [30, 0, 50, 1], [1, 20, 0, 0], [50, 50, 0, 0]], dtype=float)
    asked = RoutingAsked((StopAsked(at(0)), StopAsked(at(1))), (Driver(at(2), at(3), Mode.CAR, 0.0, 200.0),))
    found = route(asked, TableTravel(table))
    assert [one.stop for one in found.routes[0].stops] == [0, 1]
    assert found.travel_min == 3.0


def test_nobody_leaves_earlier_than_needed() -> None:
    asked, model = one_stop()
    asked = replace(asked, stops=(replace(asked.stops[0], earliest_min=60.0),))
    (found,) = route(asked, model).routes
    assert (found.leave_min, found.stops[0].arrive_min, found.stops[0].begin_min) == (50.0, 60.0, 60.0)


def test_a_round_may_end_at_its_last_stop() -> None:
    asked, model = one_stop()
    (found,) = route(replace(asked, drivers=(replace(asked.drivers[0], end=None),)), model).routes
    assert (found.end_min, found.travel_min) == (15.0, 10.0)


@pytest.mark.parametrize(
    "broken",
    [
        {"demand": -1}, {"service_min": float("nan")}, {"earliest_min": 30.0, "latest_min": 20.0}, {"weight": 0},
    ],
)  # fmt: skip
def test_stops_that_cannot_be_are_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        StopAsked(HOME, **broken)


def test_nothing_and_too_much_are_refused() -> None:
    driver = Driver(HOME, HOME, Mode.CAR, 0.0, 60.0)
    with pytest.raises(InvalidInput):
        RoutingAsked((), (driver,))
    with pytest.raises(InvalidInput):
        RoutingAsked((StopAsked(HOME),), ())
    with pytest.raises(InvalidInput):
        RoutingAsked((StopAsked(HOME),) * 201, (driver,))
    with pytest.raises(InvalidInput):
        Driver(HOME, HOME, Mode.CAR, 60.0, 30.0)
