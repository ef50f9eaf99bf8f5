"""What is asked and answered when stops are split among drivers and put in order; minutes count from one start."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from geo.domain.place import Point
    from geo.domain.words import Mode

MOST_STOPS: Final = 200
MOST_DRIVERS: Final = 20
MOST_LOAD: Final = 10_000
LONGEST_SHIFT_MIN: Final = 24 * 60.0
MOST_SERVICE_MIN: Final = 8 * 60.0
MOST_WEIGHT: Final = 100


class Unserved(StrEnum):
    """Why a stop is on nobody's round: the first thing after which no driver is left."""

    NOT_OPEN = "not_open"
    NOT_LOCATED = "not_located"
    CLAIMED = "claimed"
    ON_A_ROUND = "on_a_round"
    KEPT_APART = "kept_apart"
    TOO_BIG = "too_big"
    UNREACHABLE = "unreachable"
    OUTSIDE_HOURS = "outside_hours"
    NO_ROOM = "no_room"
    NO_TIME = "no_time"


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A place to stop at.

    Attributes
    ----------
    demand
        What it takes of a driver's capacity.
    service_min
        Minutes spent there.
    earliest_min, latest_min
        When the stop may begin; whoever is early waits. Any time when left out.
    weight
        How much leaving it out weighs beside others.
    """

    point: Point
    demand: int = 1
    service_min: float = 5.0
    earliest_min: float = 0.0
    latest_min: float | None = None
    weight: int = 1

    def __post_init__(self) -> None:
        _within("demand", self.demand, 0, MOST_LOAD)
        _within("service_min", self.service_min, 0, MOST_SERVICE_MIN)
        _within("earliest_min", self.earliest_min, 0, LONGEST_SHIFT_MIN)
        _within("weight", self.weight, 1, MOST_WEIGHT)
        if self.latest_min is not None:
            _within("latest_min", self.latest_min, self.earliest_min, LONGEST_SHIFT_MIN)


@dataclass(frozen=True, slots=True)
class Driver:
    """Who drives, from where, with how much room and when.

    Attributes
    ----------
    end
        Where the round ends; at the last stop when left out.
    capacity
        How much fits in; anything when left out.
    from_min, until_min
        Between these everything happens, the way home included.
    kept_apart
        Indices of the stops this driver must not be sent to.
    """

    start: Point
    end: Point | None
    mode: Mode
    from_min: float
    until_min: float
    capacity: int | None = None
    kept_apart: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        _within("from_min", self.from_min, 0, LONGEST_SHIFT_MIN)
        _within("until_min", self.until_min, self.from_min, LONGEST_SHIFT_MIN)
        if self.capacity is not None:
            _within("capacity", self.capacity, 0, MOST_LOAD)


@dataclass(frozen=True, slots=True)
class RoutingAsked:
    """Stops, and who could drive to them."""

    stops: tuple[StopAsked, ...]
    drivers: tuple[Driver, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.stops) <= MOST_STOPS:
            raise InvalidInput(f"1 to {MOST_STOPS} stops are planned together", field="stops")
        if not 1 <= len(self.drivers) <= MOST_DRIVERS:
            raise InvalidInput(f"1 to {MOST_DRIVERS} drivers are planned together", field="drivers")


@dataclass(frozen=True, slots=True)
class TimedStop:
    """A stop of a route: which one, minutes of travel to it, when one is there, when it begins, when one leaves."""

    stop: int
    travel_min: float
    arrive_min: float
    begin_min: float
    leave_min: float


@dataclass(frozen=True, slots=True)
class Route:
    """What one driver drives. ``travel_min`` counts the way to the end too."""

    driver: int
    leave_min: float
    stops: tuple[TimedStop, ...]
    end_min: float
    travel_min: float


@dataclass(frozen=True, slots=True)
class Routing:
    """Routes of the drivers that are needed, in the order of drivers, and the stops nobody drives to, with the reason.

    Attributes
    ----------
    travel_min
        Travel of all routes together: what is kept small once as much weight as possible is served.
    bound_min
        No routes to the same stops take less travel.
    is_optimal
        Whether it is proven that nothing serves more weight, or as much with less travel.
    """

    routes: tuple[Route, ...]
    unserved: dict[int, Unserved]
    travel_min: float
    bound_min: float
    is_optimal: bool


def _within(name: str, value: float, least: float, most: float) -> None:
    # written so that what is not a number fails too
    if not least <= value <= most:
        raise InvalidInput(f"{name} must be between {least:g} and {most:g}", field=name)
