"""Reminders of shifts, told when they are due; and a promised shift as its helper sees it by a link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, update

from geo.domain.calendar import SignUpState
from geo.domain.links import LONGEST, LinkKind, PromisedShift, PromiseState
from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.errors import Conflict
from geo.store import tables
from geo.store.audit import record
from geo.store.calendar_tables import activity, reminder, shift, sign_up
from geo.store.links import make_link, write_address
from geo.store.messages import drop_waiting, queue_message
from geo.store.rows import get_row, mine
from geo.store.sign_ups import change_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

BATCH: Final = 100
_START, _END = func.lower(sign_up.c.during), func.upper(sign_up.c.during)


def remind_due(session: Session, *, origin: str, now: datetime | None = None, limit: int = BATCH) -> int:
    """Queue a message for each reminder that is due, and mark it in the same transaction.

    Where several of one promise are due at once, because nobody looked for a while, one message tells of it. What has
    begun is not reminded of any more.

    Parameters
    ----------
    origin
        Scheme and host links are written with.

    Returns
    -------
    int
        How many reminders were settled; less than ``limit`` when none is left.
    """
    moment = now or datetime.now(UTC)
    rows = session.execute(_due(moment, limit)).all()
    if not rows:
        return 0
    told: set[UUID] = set()
    for row in rows:
        if row.starts_at > moment and row.state == SignUpState.SIGNED_UP.value and row.sign_up_id not in told:
            told.add(row.sign_up_id)
            _remind(session, row, origin, moment)
    ids = [row.id for row in rows]
    session.execute(update(reminder).where(reminder.c.id.in_(ids), mine(reminder)).values(sent_at=moment))
    record(session, "remind", reminder.name, ids)
    return len(rows)


def _due(moment: datetime, limit: int) -> Any:  # noqa: ANN401 - a statement
    columns = (reminder.c.id, reminder.c.due_at, reminder.c.sign_up_id, reminder.c.helper_id, sign_up.c.state)
    return (
        select(*columns, _START.label("starts_at"), _END.label("ends_at"))
        .join(sign_up, sign_up.c.id == reminder.c.sign_up_id)
        .where(mine(reminder), reminder.c.sent_at.is_(None), reminder.c.due_at <= moment)
        .order_by(reminder.c.due_at, reminder.c.id)
        .limit(limit)
        .with_for_update(of=reminder, skip_locked=True)
    )


def _remind(session: Session, row: Any, origin: str, moment: datetime) -> None:  # noqa: ANN401 - a row of the statement above
    # it opens until the shift is over
    _, token = make_link(session, LinkKind.SHIFT, row.sign_up_id, lasts=min(row.ends_at - moment, LONGEST), now=moment)
    link = write_address(origin, LinkKind.SHIFT, token)
    queue_message(
        session, key=f"reminder:{row.id}", recipient=Recipient(RecipientKind.HELPER, row.helper_id),
        template=Template.SHIFT_REMINDER, parameters={"link": link, "at": row.starts_at},
    )  # fmt: skip


def forget_reminders(session: Session, sign_up_id: UUID) -> None:
    """Give up the messages that remind of a promise and have not left yet."""
    ids = session.scalars(select(reminder.c.id).where(reminder.c.sign_up_id == sign_up_id, mine(reminder))).all()
    drop_waiting(session, [f"reminder:{found}" for found in ids])


def get_promised_shift(session: Session, sign_up_id: UUID, *, now: datetime | None = None) -> PromisedShift:
    """Read a shift as whoever promised to come may see it.

    Raises
    ------
    NotFound
        If there is no such promise.
    """
    asset = tables.asset
    columns = (sign_up.c.state, sign_up.c.role, activity.c.title, activity.c.place, asset.c.name, asset.c.address)
    query = (
        select(*columns, asset.c.is_private, _START.label("starts_at"), _END.label("ends_at"))
        .join(shift, shift.c.id == sign_up.c.shift_id)
        .join(activity, activity.c.id == shift.c.activity_id)
        .outerjoin(asset, asset.c.id == activity.c.asset_id)
    )
    row = get_row(session, query, sign_up, sign_up_id)
    named = (row["name"], row["address"]) if row["name"] else (row["place"],)
    place = None if row["is_private"] else ", ".join(part for part in named if part) or None
    state = _state_of(SignUpState(row["state"]), row["starts_at"], now or datetime.now(UTC))
    return PromisedShift(state, row["title"], row["role"], place, row["starts_at"], row["ends_at"])


def _state_of(state: SignUpState, starts_at: datetime, now: datetime) -> PromiseState:
    if state is SignUpState.CANCELLED:
        return PromiseState.CANCELLED
    return PromiseState.PROMISED if state is SignUpState.SIGNED_UP and starts_at > now else PromiseState.OVER


def cancel_promise(session: Session, sign_up_id: UUID, *, now: datetime | None = None) -> PromisedShift:
    """Note that somebody cannot come to a shift; saying so again changes nothing.

    Raises
    ------
    NotFound
        If there is no such promise.
    Conflict
        If the shift has begun.
    """
    before = get_promised_shift(session, sign_up_id, now=now)
    if before.state is PromiseState.OVER:
        raise Conflict("this shift has begun or is over")
    if before.state is PromiseState.PROMISED:
        change_state(session, sign_up_id, SignUpState.CANCELLED, now=now)
        forget_reminders(session, sign_up_id)
    return get_promised_shift(session, sign_up_id, now=now)


def tell_cancelled(session: Session, activity_id: UUID, *, now: datetime | None = None) -> Sequence[UUID]:
    """Tell whoever promised to come to the shifts of an activity that these do not take place; give the helpers.

    Called while the promises are still there. Messages that remind of them and have not left go.
    """
    moment = now or datetime.now(UTC)
    coming = (
        select(sign_up.c.id, sign_up.c.helper_id, _START.label("starts_at"))
        .join(shift, shift.c.id == sign_up.c.shift_id)
        .where(shift.c.activity_id == activity_id, mine(sign_up), sign_up.c.state == SignUpState.SIGNED_UP.value)
        .where(moment < _START)
        .order_by(_START, sign_up.c.id)
    )
    rows = session.execute(coming).all()
    for row in rows:
        forget_reminders(session, row.id)
        queue_message(
            session, key=f"sign_up:{row.id}:cancelled", recipient=Recipient(RecipientKind.HELPER, row.helper_id),
            template=Template.SHIFT_CANCELLED, parameters={"at": row.starts_at},
        )  # fmt: skip
    return [row.helper_id for row in rows]
