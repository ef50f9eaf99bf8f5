"""Drivers, needs to drive to, and rounds that are planned, kept or under way, at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from geo.analysis.travel import StraightLineTravel
from geo.domain.driver_rounds import DriverAsked, DriverRound, RoundDraft, RoundsAsked, RoundState, StopDraft
from geo.domain.place import Point
from geo.domain.words import Vehicle
from geo.store import round_steps
from geo.store.round_keeping import keep_round

from tests.factories import add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MODEL = StraightLineTravel()
S = RoundState
step_round = partial(round_steps.step_round, origin="https://map.example.org")
settle_stop = partial(round_steps.settle_stop, origin="https://map.example.org")


def near(step_east: int) -> Point:
    return Point(HELSINKI.lon + 0.01 * step_east, HELSINKI.lat)


def add_driver(session: Session, **values: Any) -> UUID:
    return add_helper(session, **({"vehicle": Vehicle.CAR, "capacity_per_week": 20} | values)).id


def draft_of(helper_id: UUID, *stops: StopDraft, **values: Any) -> RoundDraft:
    return RoundDraft(helper_id, NOW + timedelta(hours=1), stops, **values)


def kept(session: Session, needs: int = 3, **values: Any) -> tuple[DriverRound, list[UUID]]:
    ids = [add_need(session, near(1 + at)).id for at in range(needs)]
    draft = draft_of(add_driver(session), *(StopDraft(one) for one in ids), **values)
    return keep_round(session, draft, model=MODEL, now=NOW), ids


def under_way(session: Session, needs: int = 2) -> tuple[DriverRound, list[UUID]]:
    made, ids = kept(session, needs)
    step_round(session, made.id, S.GIVEN, now=NOW)
    return step_round(session, made.id, S.UNDER_WAY, now=NOW), ids


def asked_of(needs: list[UUID | None], drivers: list[UUID], **values: Any) -> RoundsAsked:
    start = NOW + timedelta(hours=1)
    hours = {"from_at": start, "until_at": start + timedelta(hours=values.pop("hours", 4))}
    people = tuple(DriverAsked(one, **hours, **values) for one in drivers)
    return RoundsAsked(tuple(StopDraft(one) for one in needs), people)
