"""Rounds of drivers as they stand: read, listed, found by a stop's code, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, func, select

from geo.domain.driver_rounds import CHANGEABLE, DriverRound, RoundEnd, RoundState, RoundStop, StopOutcome, outcome_of
from geo.domain.match import MatchReason
from geo.domain.words import MatchStatus, Mode
from geo.errors import Conflict, NotFound, StaleVersion
from geo.store import tables
from geo.store.driver_round_tables import driver_round, round_stop
from geo.store.match_locks import hold_helpers, hold_needs
from geo.store.matches import standing_of
from geo.store.rows import delete_row, get_row, list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

match = tables.match
STOP_COLUMNS: Final = [
    round_stop.c[name]
    for name in (
        "id", "round_id", "position", "code", "match_id", "asset_id", "demand", "service_min", "earliest_at",
        "latest_at", "travel_min", "arrive_at", "begin_at", "leave_at",
    )
]  # fmt: skip


def _columns() -> list[ColumnElement[Any]]:
    count = select(func.count()).where(round_stop.c.round_id == driver_round.c.id, mine(round_stop))
    names = ("id", "helper_id", "state", "mode", "start_asset_id", "ends", "from_at", "leave_at", "end_at",
             "travel_min", "travel_model", "created_at", "updated_at", "version")  # fmt: skip
    return [*(driver_round.c[name] for name in names), count.scalar_subquery().label("stop_count")]


@dataclass(frozen=True, slots=True)
class RoundFilter:
    """Which rounds to list; an empty field does not filter."""

    helper_id: UUID | None = None
    state: RoundState | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values."""
        found = []
        if self.helper_id is not None:
            found.append(driver_round.c.helper_id == self.helper_id)
        if self.state is not None:
            found.append(driver_round.c.state == self.state.value)
        return found


def _from_row(row: RowMapping) -> DriverRound:
    words = {"state": RoundState(row["state"]), "mode": Mode(row["mode"]), "ends": RoundEnd(row["ends"])}
    return DriverRound(**dict(row) | words)


def get_round(session: Session, round_id: UUID) -> DriverRound:
    """Read one round.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return _from_row(get_row(session, select(*_columns()), driver_round, round_id))


def lock_round(session: Session, round_id: UUID, expected_version: int | None) -> DriverRound:
    """Read one round and hold it until the transaction ends, with its needs and its driver.

    They are held in the order of all that is held: needs, then the helper, then what hangs on them.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    StaleVersion
        If it is no longer at ``expected_version``, or was changed in this very moment.
    """
    before, needs = get_round(session, round_id), _need_ids(session, round_id)
    hold_needs(session, sorted(needs))
    hold_helpers(session, [before.helper_id])
    held = select(driver_round.c.id).where(driver_round.c.id == round_id, mine(driver_round)).with_for_update()
    session.execute(held)
    found = get_round(session, round_id)
    if expected_version not in (None, found.version) or not _need_ids(session, round_id) <= needs:
        raise StaleVersion
    return found


def _need_ids(session: Session, round_id: UUID) -> set[UUID]:
    query = select(match.c.need_id).join(round_stop, round_stop.c.match_id == match.c.id)
    return set(session.scalars(query.where(round_stop.c.round_id == round_id, mine(round_stop))))


def list_rounds(
    session: Session, *, where: RoundFilter | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[DriverRound]:
    """List rounds in the order in which they were made; ``after`` is the last id of the page before."""
    conditions = (where or RoundFilter()).conditions()
    rows = list_rows(session, select(*_columns()), driver_round, where=conditions, after=after, limit=limit)
    return [_from_row(row) for row in rows]


def _stops() -> Select[Any]:
    matched = (match.c.need_id, match.c.status, match.c.reason, match.c.expires_at)
    return select(*STOP_COLUMNS, round_stop.c.visited_at, *matched).outerjoin(
        match, match.c.id == round_stop.c.match_id
    )


def list_stops(session: Session, round_id: UUID, now: datetime) -> list[RoundStop]:
    """List the stops of a round in order, each as it stands at an instant."""
    query = _stops().where(round_stop.c.round_id == round_id, mine(round_stop)).order_by(round_stop.c.position)
    return [_stop(row, now) for row in session.execute(query).mappings()]


def find_stop(session: Session, code: str, now: datetime) -> RoundStop | None:
    """Find a stop by its code, as :func:`geo.domain.stop_codes.read_code` gives it."""
    row = session.execute(_stops().where(round_stop.c.code == code, mine(round_stop))).mappings().one_or_none()
    return None if row is None else _stop(row, now)


def get_stop(session: Session, round_id: UUID, stop_id: UUID, now: datetime) -> RoundStop:
    """Read one stop of a round.

    Raises
    ------
    NotFound
        If the round has none with this id.
    """
    found = next((one for one in list_stops(session, round_id, now) if one.id == stop_id), None)
    if found is None:
        raise NotFound("there is no such stop")
    return found


def _stop(row: RowMapping, now: datetime) -> RoundStop:
    values = {name: row[name] for name in row if name not in ("visited_at", "status", "reason", "expires_at")}
    status: MatchStatus | None = None if row["status"] is None else standing_of(row, now)
    outcome = outcome_of(status, visited=row["visited_at"] is not None)
    reason = MatchReason(row["reason"]) if outcome is StopOutcome.FAILED and row["reason"] else None
    return RoundStop(**values, outcome=outcome, reason=reason)


def check_changeable(found: DriverRound) -> None:
    """Refuse to change a round that is on its way.

    Raises
    ------
    Conflict
        If the driver has set out.
    """
    if found.state not in CHANGEABLE:
        raise Conflict(f"a round that is {found.state.value} stays as it is")


def withdraw_round(session: Session, round_id: UUID, *, expected_version: int | None = None) -> None:
    """Take a round back before the driver sets out; who promised what stays as it is.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If the driver has set out.
    """
    check_changeable(lock_round(session, round_id, expected_version))
    delete_row(session, driver_round, round_id)
