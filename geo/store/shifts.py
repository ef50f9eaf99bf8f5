"""Shifts in the order they begin, with how many have signed up for each role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, tuple_

from geo.domain.calendar import Shift
from geo.errors import NotFound
from geo.store.calendar_tables import activity, shift, sign_up
from geo.store.rows import MAX_LIMIT, mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from geo.domain.hours import Window

starts = func.lower(shift.c.during)
ends = func.upper(shift.c.during)
Marker = tuple["datetime", "UUID"]
"""When the last shift of the page before begins, and its id."""


def _query() -> Select[Any]:
    columns = [activity.c[name] for name in ("title", "kind", "place", "asset_id")]
    return select(
        shift.c.id, shift.c.activity_id, *columns, starts.label("starts_at"), ends.label("ends_at"), shift.c.roles
    ).join(activity, activity.c.id == shift.c.activity_id)


def get_shift(session: Session, shift_id: UUID) -> Shift:
    """Read one shift.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    row = session.execute(_query().where(shift.c.id == shift_id, mine(shift))).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such shift")
    return Shift(**row, taken=_taken(session, [shift_id]).get(shift_id, {}))


def list_shifts(
    session: Session,
    window: Window,
    *,
    activity_id: UUID | None = None,
    asset_id: UUID | None = None,
    after: Marker | None = None,
    limit: int = 100,
) -> Sequence[Shift]:
    """List the shifts that begin within a window, the first first.

    Parameters
    ----------
    after
        Where the page before ended.
    limit
        At most so many, never more than ``MAX_LIMIT``.
    """
    query = _query().where(mine(shift), starts >= window.start, starts < window.end)
    if activity_id is not None:
        query = query.where(shift.c.activity_id == activity_id)
    if asset_id is not None:
        query = query.where(activity.c.asset_id == asset_id)
    if after is not None:
        query = query.where(tuple_(starts, shift.c.id) > tuple_(*after))
    rows = session.execute(query.order_by(starts, shift.c.id).limit(min(limit, MAX_LIMIT))).mappings().all()
    taken = _taken(session, [row["id"] for row in rows])
    return [Shift(**row, taken=taken.get(row["id"], {})) for row in rows]


def _taken(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    query = (
        select(sign_up.c.shift_id, sign_up.c.role, func.count())
        .where(mine(sign_up), sign_up.c.shift_id.in_(ids), sign_up.c.state != "cancelled")
        .group_by(sign_up.c.shift_id, sign_up.c.role)
        .order_by(sign_up.c.role)
    )
    found: dict[UUID, dict[str, int]] = {}
    for shift_id, role, count in session.execute(query):
        found.setdefault(shift_id, {})[role] = count
    return found
