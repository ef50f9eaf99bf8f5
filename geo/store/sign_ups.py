"""Who has promised to be at a shift: nobody twice at once, no role beyond its maximum, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select

from geo.domain.calendar import SignUp, SignUpState
from geo.domain.ids import new_id
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store import tables
from geo.store.calendar_tables import reminder, shift, sign_up
from geo.store.rows import get_row, insert_row, list_rows, mine, update_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

REMINDED_BEFORE: Final = (timedelta(hours=24), timedelta(hours=2))
"""How long before a shift begins somebody is reminded of it."""
_COLUMNS: Final = [
    *(sign_up.c[name] for name in ("id", "shift_id", "helper_id", "role", "state", "updated_at", "version")),
    func.lower(sign_up.c.during).label("starts_at"),
    func.upper(sign_up.c.during).label("ends_at"),
]
_NEXT: Final = {
    SignUpState.SIGNED_UP: frozenset({SignUpState.CANCELLED, SignUpState.DONE, SignUpState.NO_SHOW}),
    # what was noted by mistake can be put right
    SignUpState.DONE: frozenset({SignUpState.NO_SHOW}),
    SignUpState.NO_SHOW: frozenset({SignUpState.DONE}),
    SignUpState.CANCELLED: frozenset[SignUpState](),
}
_AFTER_START: Final = frozenset({SignUpState.DONE, SignUpState.NO_SHOW})


def _sign_up(row: Any) -> SignUp:  # noqa: ANN401 - a row of whichever query
    return SignUp(**(dict(row) | {"state": SignUpState(row["state"])}))


def add_sign_up(session: Session, shift_id: UUID, helper_id: UUID, role: str, *, now: datetime | None = None) -> SignUp:
    """Sign a helper up for a role of a shift, and have them reminded of it.

    The helper and then the shift are held until the transaction ends, always in this order: whoever else wants the
    same helper or the same shift waits, so that counting is enough and nobody waits in a circle. The database refuses
    two promises at once by itself too.

    Raises
    ------
    NotFound
        If the network has no such shift or helper.
    InvalidInput
        If the shift has no such role.
    Conflict
        If the shift is over, the role is full, or the helper has promised to be elsewhere then.
    """
    at = now or datetime.now(UTC)
    _hold_helper(session, helper_id)
    held = _hold_shift(session, shift_id)
    _check_room(session, shift_id, held, role, at)
    made = new_id()
    values = {"id": made, "shift_id": shift_id, "helper_id": helper_id, "role": role, "during": held.during}
    insert_row(session, sign_up, values)
    _remind(session, made, shift_id, helper_id, [held.during.lower - before for before in REMINDED_BEFORE], at)
    return get_sign_up(session, made)


def _hold_helper(session: Session, helper_id: UUID) -> None:
    helper = tables.helper
    query = select(helper.c.id).where(helper.c.id == helper_id, mine(helper)).with_for_update(key_share=True)
    if session.execute(query).one_or_none() is None:
        raise NotFound("there is no such helper")


def _hold_shift(session: Session, shift_id: UUID) -> Any:  # noqa: ANN401 - a row
    query = select(shift.c.during, shift.c.roles).where(shift.c.id == shift_id, mine(shift))
    held = session.execute(query.with_for_update(key_share=True)).one_or_none()
    if held is None:
        raise NotFound("there is no such shift")
    return held


def _check_room(session: Session, shift_id: UUID, held: Any, role: str, at: datetime) -> None:  # noqa: ANN401 - a row
    if role not in held.roles:
        raise InvalidInput("this shift has no such role", field="role")
    if held.during.upper <= at:
        raise Conflict("this shift is over")
    taken = select(func.count()).where(
        sign_up.c.shift_id == shift_id, sign_up.c.role == role, sign_up.c.state != "cancelled", mine(sign_up)
    )
    if (session.scalar(taken) or 0) >= held.roles[role]:
        raise Conflict("this role is full: as many have signed up as are wanted")


def _remind(
    session: Session, made: UUID, shift_id: UUID, helper_id: UUID, due: Sequence[datetime], now: datetime
) -> None:
    common = {"sign_up_id": made, "shift_id": shift_id, "helper_id": helper_id}
    rows = [{"id": new_id(), "due_at": at, **common} for at in due if at > now]
    if rows:
        session.execute(insert(reminder), rows)


def get_sign_up(session: Session, sign_up_id: UUID) -> SignUp:
    """Read one promise.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return _sign_up(get_row(session, select(*_COLUMNS), sign_up, sign_up_id))


def list_sign_ups(
    session: Session,
    *,
    shift_id: UUID | None = None,
    helper_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> Sequence[SignUp]:
    """List promises in the order they were made, of one shift or one helper where that is given."""
    given = {"shift_id": shift_id, "helper_id": helper_id}
    where = [sign_up.c[name] == value for name, value in given.items() if value is not None]
    return [
        _sign_up(row) for row in list_rows(session, select(*_COLUMNS), sign_up, where=where, after=after, limit=limit)
    ]


def change_state(
    session: Session,
    sign_up_id: UUID,
    state: SignUpState,
    *,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> SignUp:
    """Note what became of a promise.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If that cannot follow what is noted, or the shift has yet to begin.
    """
    before = get_sign_up(session, sign_up_id)
    if state not in _NEXT[before.state]:
        raise Conflict(f"what is {before.state.value} cannot become {state.value}")
    if state in _AFTER_START and before.starts_at > (now or datetime.now(UTC)):
        raise Conflict("this shift has yet to begin")
    version = before.version if expected_version is None else expected_version
    update_row(session, sign_up, sign_up_id, {"state": state.value}, expected_version=version, action=state.value)
    if state is SignUpState.CANCELLED:
        session.execute(delete(reminder).where(reminder.c.sign_up_id == sign_up_id, reminder.c.sent_at.is_(None)))
    return get_sign_up(session, sign_up_id)
