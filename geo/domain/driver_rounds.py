"""Rounds of drivers: one person, several stops in order, from planned to done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.routing import MOST_DRIVERS, MOST_STOPS, Unserved
from geo.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.match import MatchReason
    from geo.domain.place import Point
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Access, Category, MatchStatus, Mode

LONGEST: Final = timedelta(hours=24)
"""A round, and a plan of several, lie within so long."""
USUAL_SERVICE_MIN: Final = 5.0


class RoundState(StrEnum):
    """Where a round stands."""

    PLANNED = "planned"
    GIVEN = "given"
    UNDER_WAY = "under_way"
    DONE = "done"


class RoundEnd(StrEnum):
    """Where a round ends: where it began, at the driver's home, or wherever its last stop is."""

    START = "start"
    HOME = "home"
    LAST_STOP = "last_stop"


class StopOutcome(StrEnum):
    """What became of a stop; ``gone`` when its match ended without anybody having driven there."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


FOLLOWS: Final[Mapping[RoundState, RoundState]] = {
    RoundState.GIVEN: RoundState.PLANNED,
    RoundState.UNDER_WAY: RoundState.GIVEN,
    RoundState.DONE: RoundState.UNDER_WAY,
}
"""What each state comes after."""
CHANGEABLE: Final = frozenset({RoundState.PLANNED, RoundState.GIVEN})
"""While a round is so, its stops may change and it may be withdrawn."""


@dataclass(frozen=True, slots=True)
class StopDraft:
    """A stop as it comes in: at the household of a need, or at an asset where something is picked up."""

    need_id: UUID | None = None
    asset_id: UUID | None = None
    demand: int = 1
    service_min: float = USUAL_SERVICE_MIN
    earliest_at: datetime | None = None
    latest_at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.need_id is None) == (self.asset_id is None):
            raise InvalidInput("a stop names a need or an asset", field="stops")
        if self.earliest_at and self.latest_at and self.latest_at < self.earliest_at:
            raise InvalidInput("latest_at must not be before earliest_at", field="latest_at")


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """A round as it comes in; times are worked out from the order of its stops.

    Attributes
    ----------
    mode
        How the driver travels; as the helper does when left out.
    start_asset_id
        Where the round begins; at the driver's home when left out.
    from_at
        The driver does not leave before.
    """

    helper_id: UUID
    from_at: datetime
    stops: tuple[StopDraft, ...]
    mode: Mode | None = None
    start_asset_id: UUID | None = None
    ends: RoundEnd = RoundEnd.START

    def __post_init__(self) -> None:
        if not 1 <= len(self.stops) <= MOST_STOPS:
            raise InvalidInput(f"a round has 1 to {MOST_STOPS} stops", field="stops")
        needs = [stop.need_id for stop in self.stops if stop.need_id is not None]
        if len(set(needs)) < len(needs):
            raise InvalidInput("a round stops once for each need", field="stops")


@dataclass(frozen=True, slots=True)
class DriverAsked:
    """Who could drive, within which hours and with how much room; ``capacity`` is in the units of the stops' demand."""

    helper_id: UUID
    from_at: datetime
    until_at: datetime
    mode: Mode | None = None
    start_asset_id: UUID | None = None
    ends: RoundEnd = RoundEnd.START
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class RoundsAsked:
    """Stops to be split among drivers; ``seed`` is that of the search."""

    stops: tuple[StopDraft, ...]
    drivers: tuple[DriverAsked, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.stops) <= MOST_STOPS:
            raise InvalidInput(f"1 to {MOST_STOPS} stops are planned together", field="stops")
        if not 1 <= len(self.drivers) <= MOST_DRIVERS:
            raise InvalidInput(f"1 to {MOST_DRIVERS} drivers are planned together", field="drivers")
        needs = [stop.need_id for stop in self.stops]
        if None in needs or len(set(needs)) < len(needs):
            raise InvalidInput("each stop of a plan names another need", field="stops")
        if len({driver.helper_id for driver in self.drivers}) < len(self.drivers):
            raise InvalidInput("each driver is named once", field="drivers")
        if any(driver.until_at <= driver.from_at for driver in self.drivers):
            raise InvalidInput("until_at must be after from_at", field="until_at")
        if max(driver.until_at for driver in self.drivers) - self.starts_at > LONGEST:
            raise InvalidInput("a plan covers 24 hours at most", field="until_at")

    @property
    def starts_at(self) -> datetime:
        """When the first driver could leave; minutes count from here."""
        return min(driver.from_at for driver in self.drivers)


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop of a proposed round, with its times."""

    need_id: UUID
    demand: int
    service_min: float
    earliest_at: datetime | None
    latest_at: datetime | None
    travel_min: float
    arrive_at: datetime
    begin_at: datetime
    leave_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """A proposed round of one driver."""

    helper_id: UUID
    helper_name: str
    mode: Mode
    start_asset_id: UUID | None
    ends: RoundEnd
    from_at: datetime
    leave_at: datetime
    end_at: datetime
    travel_min: float
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True)
class UnservedNeed:
    """A need on nobody's round, and why."""

    need_id: UUID
    why: Unserved


@dataclass(frozen=True, slots=True)
class RoundsPlan:
    """Proposed rounds; ``bound_min`` is what no rounds to the same stops undercut."""

    rounds: tuple[PlannedRound, ...]
    unserved: tuple[UnservedNeed, ...]
    travel_min: float
    bound_min: float
    is_optimal: bool
    travel_model: TravelModelInfo

    @property
    def gap(self) -> float:
        """How much of the travel could be saved at most, as a share."""
        return max(0.0, self.travel_min - self.bound_min) / max(self.travel_min, 1.0)


@dataclass(frozen=True, slots=True)
class DriverRound:
    """A round that is kept. ``travel_model`` names what its times were worked out with."""

    id: UUID
    helper_id: UUID
    state: RoundState
    mode: Mode
    start_asset_id: UUID | None
    ends: RoundEnd
    from_at: datetime
    leave_at: datetime
    end_at: datetime
    travel_min: float
    travel_model: str
    stop_count: int
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class RoundStop:
    """A stop of a kept round. ``is_late`` when it is planned to begin after ``latest_at``."""

    id: UUID
    round_id: UUID
    position: int
    code: str
    match_id: UUID | None
    need_id: UUID | None
    asset_id: UUID | None
    demand: int
    service_min: float
    earliest_at: datetime | None
    latest_at: datetime | None
    travel_min: float
    arrive_at: datetime
    begin_at: datetime
    leave_at: datetime
    outcome: StopOutcome
    reason: MatchReason | None

    @property
    def is_late(self) -> bool:
        """Whether it is planned to begin too late."""
        return self.latest_at is not None and self.begin_at > self.latest_at


@dataclass(frozen=True, slots=True)
class SheetStop:
    """A stop as the driver's sheet shows it, with the exact place: what making a sheet reveals, and nothing else.

    ``label`` is the name of an asset. ``name`` and ``phone`` are there when they were asked for and kept.
    """

    position: int
    code: str
    begin_at: datetime
    earliest_at: datetime | None
    latest_at: datetime | None
    demand: int
    category: Category | None
    household_size: int | None
    languages: tuple[str, ...]
    access: tuple[Access, ...]
    label: str | None
    address_typed: str | None
    point: Point | None
    uncertainty_m: float | None
    name: str | None
    phone: str | None
    outcome: StopOutcome


def outcome_of(status: MatchStatus | None, *, visited: bool) -> StopOutcome:
    """Tell what became of a stop by how its match stands; of one without a match by whether it was visited."""
    if status is None:
        return StopOutcome.DONE if visited else StopOutcome.WAITING
    words = {"done": StopOutcome.DONE, "failed": StopOutcome.FAILED, "declined": StopOutcome.GONE,
             "expired": StopOutcome.GONE, "withdrawn": StopOutcome.GONE}  # fmt: skip
    return words.get(status.value, StopOutcome.WAITING)


def check_state(now: RoundState, then: RoundState) -> None:
    """Refuse a step of a round that cannot be taken.

    Raises
    ------
    Conflict
        If ``then`` does not follow ``now``.
    """
    if FOLLOWS.get(then) is not now:
        raise Conflict(f"a round that is {now.value} cannot become {then.value}")
