"""The steps of a round and of its stops: what happens to a stop happens to its match, in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import update

from geo.domain.driver_rounds import DriverRound, RoundState, RoundStop, StopOutcome, check_state
from geo.domain.words import MatchStatus
from geo.errors import Conflict, InvalidInput
from geo.store.audit import record
from geo.store.driver_round_tables import driver_round, round_stop
from geo.store.driver_rounds import get_round, get_stop, list_stops, lock_round
from geo.store.match_steps import step
from geo.store.matches import get_match
from geo.store.rows import mine, update_row
from geo.store.telling import tell_step

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.match import MatchReason

_VERBS = {RoundState.GIVEN: "give", RoundState.UNDER_WAY: "start", RoundState.DONE: "finish"}


def step_round(
    session: Session,
    round_id: UUID,
    then: RoundState,
    *,
    origin: str,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> DriverRound:
    """Take the next step of a round, and queue what the households are told by it.

    ``given``: the driver has said yes, and every match of the round that still waits is accepted. ``under_way``: the
    driver sets out, and so does every match. ``done``: every stop has its outcome.

    Parameters
    ----------
    origin
        Scheme and host that links in messages are written with.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If the step does not follow, a match cannot take its own (it has lapsed, or the driver has no room left), or,
        for ``done``, a stop has no outcome yet.
    """
    moment = now or datetime.now(UTC)
    found = lock_round(session, round_id, expected_version)
    check_state(found.state, then)
    stops = list_stops(session, round_id, moment)
    if then is RoundState.DONE:
        _check_settled(stops)
    else:
        for stop in stops:
            _move_match(session, stop, then, origin, moment)
    update_row(session, driver_round, round_id, {"state": then.value}, action=_VERBS[then])
    return get_round(session, round_id)


def _check_settled(stops: list[RoundStop]) -> None:
    waiting = [stop.position for stop in stops if stop.outcome is StopOutcome.WAITING]
    if waiting:
        raise Conflict(f"stop {waiting[0]} has no outcome yet" if len(waiting) == 1 else
                       f"{len(waiting)} stops have no outcome yet, the first is stop {waiting[0]}")  # fmt: skip


def _move_match(session: Session, stop: RoundStop, then: RoundState, origin: str, now: datetime) -> None:
    if stop.match_id is None:
        return
    if stop.outcome is not StopOutcome.WAITING:
        raise Conflict(f"stop {stop.position} is no longer to be driven to; take it off the round")
    status = get_match(session, stop.match_id, now=now).status
    if status is MatchStatus.PROPOSED:
        _step(session, stop.match_id, MatchStatus.ACCEPTED, origin, now)
        status = MatchStatus.ACCEPTED
    if status is MatchStatus.ACCEPTED and then is RoundState.UNDER_WAY:
        _step(session, stop.match_id, MatchStatus.UNDER_WAY, origin, now)


def _step(
    session: Session, match_id: UUID, then: MatchStatus, origin: str, now: datetime, reason: MatchReason | None = None
) -> None:
    tell_step(session, step(session, match_id, then, reason=reason, now=now), origin=origin, now=now, reminds=False)


def settle_stop(
    session: Session,
    round_id: UUID,
    stop_id: UUID,
    outcome: StopOutcome,
    *,
    origin: str,
    reason: MatchReason | None = None,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> DriverRound:
    """Say what became of a stop: help was given, or it did not come about, with the reason.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If the driver has not set out, or the stop has an outcome.
    InvalidInput
        For a reason that does not fit; and an asset cannot fail, only be left out.
    """
    moment = now or datetime.now(UTC)
    found = lock_round(session, round_id, expected_version)
    if found.state is not RoundState.UNDER_WAY:
        raise Conflict("stops have an outcome once the driver has set out")
    stop = get_stop(session, round_id, stop_id, moment)
    if stop.outcome is not StopOutcome.WAITING:
        raise Conflict("this stop has an outcome already")
    if stop.match_id is not None:
        then = MatchStatus.DONE if outcome is StopOutcome.DONE else MatchStatus.FAILED
        _step(session, stop.match_id, then, origin, moment, reason)
    elif outcome is StopOutcome.DONE:
        _note_visit(session, stop_id, moment)
    else:
        raise InvalidInput("an asset is visited or not; only help to a household can fail", field="stop_id")
    update_row(session, driver_round, round_id, {}, action="settle", also=("stops",))
    return get_round(session, round_id)


def _note_visit(session: Session, stop_id: UUID, now: datetime) -> None:
    visited = update(round_stop).where(round_stop.c.id == stop_id, mine(round_stop)).values(visited_at=now)
    session.execute(visited)
    record(session, "visit", round_stop.name, [stop_id])
