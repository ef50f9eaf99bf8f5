"""Rounds of drivers as they are asked for and as they leave."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from geo.domain.driver_rounds import (
    USUAL_SERVICE_MIN,
    DriverAsked,
    RoundDraft,
    RoundEnd,
    RoundsAsked,
    RoundState,
    StopDraft,
    StopOutcome,
)
from geo.domain.match import MatchReason
from geo.domain.routing import MOST_DRIVERS, MOST_LOAD, MOST_SERVICE_MIN, MOST_STOPS, Unserved
from geo.domain.words import Mode

from api.schemas.common import Body, ClientId, Instant, Page, count
from api.schemas.meta import TravelModelOut

ServiceMin = Annotated[
    float, Field(strict=True, ge=0, le=MOST_SERVICE_MIN, allow_inf_nan=False, description="minutes spent at the stop")
]
Demand = Annotated[
    int, Field(strict=True, ge=0, le=MOST_LOAD, description="what the stop takes of the driver's capacity")
]
StartAsset = Annotated[
    ClientId | None, Field(description="the asset the round begins at; the driver's home when left out")
]
Ends = Annotated[RoundEnd, Field(description="where the round ends: where it began, at home, or at its last stop")]


class PlanStopIn(Body):
    """A need somebody is to drive to."""

    need_id: ClientId
    demand: Demand = 1
    service_min: ServiceMin = USUAL_SERVICE_MIN
    earliest_at: Annotated[Instant | None, Field(description="the stop does not begin before")] = None
    latest_at: Annotated[Instant | None, Field(description="the stop begins by then")] = None

    @model_validator(mode="after")
    def _window(self) -> Self:
        if self.earliest_at and self.latest_at and self.latest_at < self.earliest_at:
            raise ValueError("latest_at must not be before earliest_at")
        return self


class StopIn(PlanStopIn):
    """A stop of a round: at the household of a need, or at an asset where something is picked up."""

    need_id: ClientId | None = None  # type: ignore[assignment]
    asset_id: ClientId | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.need_id is None) == (self.asset_id is None):
            raise ValueError("name a need or an asset")
        return self


class DriverIn(Body):
    """A helper who could drive, and when."""

    helper_id: ClientId
    from_at: Annotated[Instant, Field(description="does not leave before")]
    until_at: Annotated[Instant, Field(description="is at the end by then")]
    mode: Mode | None = None
    start_asset_id: StartAsset = None
    ends: Ends = RoundEnd.START
    capacity: Annotated[int | None, Field(strict=True, ge=0, le=MOST_LOAD, description="anything when left out")] = None


class RoundsPlanIn(Body):
    """Which needs are to be driven to, and who could."""

    stops: Annotated[tuple[PlanStopIn, ...], Field(min_length=1, max_length=MOST_STOPS)]
    drivers: Annotated[tuple[DriverIn, ...], Field(min_length=1, max_length=MOST_DRIVERS)]
    seed: Annotated[int, count(0, 2**31 - 1)] = 0

    def asked(self) -> RoundsAsked:
        """Turn into the library's own question."""
        drivers = tuple(
            DriverAsked(
                one.helper_id, _utc(one.from_at), _utc(one.until_at), one.mode, one.start_asset_id, one.ends,
                one.capacity,
            )
            for one in self.drivers
        )  # fmt: skip
        return RoundsAsked(tuple(_draft(one) for one in self.stops), drivers, self.seed)


class RoundIn(Body):
    """A round to keep: who drives, from when, and the stops in order."""

    helper_id: ClientId
    from_at: Annotated[Instant, Field(description="the driver does not leave before")]
    stops: Annotated[tuple[StopIn, ...], Field(min_length=1, max_length=MOST_STOPS)]
    mode: Mode | None = None
    start_asset_id: StartAsset = None
    ends: Ends = RoundEnd.START

    def draft(self) -> RoundDraft:
        """Turn into the library's own draft."""
        stops = tuple(_draft(one) for one in self.stops)
        return RoundDraft(self.helper_id, _utc(self.from_at), stops, self.mode, self.start_asset_id, self.ends)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _draft(stop: PlanStopIn) -> StopDraft:
    asset_id = stop.asset_id if isinstance(stop, StopIn) else None
    earliest, latest = (None if at is None else _utc(at) for at in (stop.earliest_at, stop.latest_at))
    return StopDraft(stop.need_id, asset_id, stop.demand, stop.service_min, earliest, latest)


class RoundOrder(Body):
    """The stops that stay, in their new order."""

    stop_ids: Annotated[tuple[ClientId, ...], Field(min_length=1, max_length=MOST_STOPS)]


class PlannedStopOut(BaseModel):
    """A stop of a proposed round."""

    need_id: UUID
    demand: int
    service_min: float
    earliest_at: AwareDatetime | None
    latest_at: AwareDatetime | None
    travel_min: int = Field(description="from the place before, rounded up")
    arrive_at: AwareDatetime
    begin_at: AwareDatetime
    leave_at: AwareDatetime


class PlannedRoundOut(BaseModel):
    """A proposed round of one driver."""

    helper_id: UUID
    helper_name: str
    mode: Mode
    start_asset_id: UUID | None
    ends: RoundEnd
    from_at: AwareDatetime
    leave_at: AwareDatetime
    end_at: AwareDatetime
    travel_min: int
    stops: list[PlannedStopOut]
    keep: dict[str, Any] = Field(description="the body with which `POST /v1/rounds` keeps this round")


class UnservedNeedOut(BaseModel):
    """A need on nobody's round."""

    need_id: UUID
    why: Unserved


class RoundsPlanOut(BaseModel):
    """Who could drive where; nothing of it is stored."""

    rounds: list[PlannedRoundOut]
    unserved: list[UnservedNeedOut]
    unserved_by_reason: dict[Unserved, int]
    travel_min: float
    bound_min: float = Field(description="no rounds to the same stops take less travel")
    gap: float = Field(ge=0, description="how much of the travel could be saved at most, as a share")
    optimal: bool = Field(description="whether it is proven that nothing better can be planned")
    travel_model: TravelModelOut


class DriverRoundOut(BaseModel):
    """A round, without its stops."""

    id: UUID
    helper_id: UUID
    state: RoundState
    mode: Mode
    start_asset_id: UUID | None
    ends: RoundEnd
    from_at: AwareDatetime
    leave_at: AwareDatetime
    end_at: AwareDatetime
    travel_min: int
    travel_model: str
    stop_count: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class RoundStopOut(BaseModel):
    """A stop of a round. Where it is stands on the sheet alone."""

    id: UUID
    round_id: UUID
    position: int
    code: str = Field(description="six characters for paper and telephone; one slip is noticed")
    match_id: UUID | None
    need_id: UUID | None
    asset_id: UUID | None
    demand: int
    service_min: float
    earliest_at: AwareDatetime | None
    latest_at: AwareDatetime | None
    travel_min: int
    arrive_at: AwareDatetime
    begin_at: AwareDatetime
    leave_at: AwareDatetime
    is_late: bool
    outcome: StopOutcome
    reason: MatchReason | None


class WholeRoundOut(DriverRoundOut):
    """A round with its stops in order."""

    stops: list[RoundStopOut]


class DriverRoundPage(Page):
    """A page of rounds."""

    items: list[DriverRoundOut]


_NEED, _HELPER = "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41", "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c42"
_ASSET, _STOP = "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c43", "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c44"
PLAN_EXAMPLES: dict[str, Any] = {
    "afternoon": {
        "summary": "One need before three, one driver with room for eight boxes",
        "value": {
            "stops": [{"need_id": _NEED, "demand": 2, "latest_at": "2026-03-04T15:00:00Z"}],
            "drivers": [
                {
                    "helper_id": _HELPER, "from_at": "2026-03-04T13:00:00Z", "until_at": "2026-03-04T17:00:00Z",
                    "start_asset_id": _ASSET, "capacity": 8,
                }
            ],
        },
    }
}  # fmt: skip
ROUND_EXAMPLES: dict[str, Any] = {
    "two stops": {
        "summary": "Pick up at an asset, then one household",
        "value": {
            "helper_id": _HELPER, "from_at": "2026-03-04T13:00:00Z",
            "stops": [{"asset_id": _ASSET, "service_min": 10.0}, {"need_id": _NEED}],
        },
    }
}  # fmt: skip
ORDER_EXAMPLES: dict[str, Any] = {"one": {"summary": "One stop stays", "value": {"stop_ids": [_STOP]}}}
