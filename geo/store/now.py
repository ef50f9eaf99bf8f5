"""The organizer's first look: what has changed, what waits longest, what to do next; a fixed number of statements."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, and_, func, not_, or_, select, true

from geo.domain.now import LONGEST_BACK, NeedFlow, Now
from geo.domain.words import NeedStatus
from geo.errors import InvalidInput
from geo.store.needs import COLUMNS, IS_CLOSED, need, need_from_row
from geo.store.rows import MAX_LIMIT, mine
from geo.store.to_do import list_tasks, unclaimed

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geo.domain.balance import Balance
    from geo.domain.records import Need

_WAYS_OUT: Final = (NeedStatus.MET, NeedStatus.WITHDRAWN, NeedStatus.EXPIRED, NeedStatus.MERGED)


def get_now(
    session: Session,
    balance: Balance,
    *,
    since: datetime,
    unconfirmed_since: date,
    limit: int = 10,
    now: datetime | None = None,
) -> Now:
    """Read what an organizer sees first.

    Parameters
    ----------
    balance
        Of all needs, read in the same transaction: what is open now is what it says.
    since
        What has changed since then is told.
    unconfirmed_since
        As in :func:`geo.store.to_do.list_tasks`.
    limit
        So many of the needs that wait longest, never more than ``MAX_LIMIT``.
    now
        The instant it is told for; the present when left out.

    Raises
    ------
    InvalidInput
        If ``since`` is to come, or longer ago than ``LONGEST_BACK``.
    """
    moment = now or datetime.now(UTC)
    check_since(since, moment)
    flow = _flow(session, since, balance.received - balance.closed)
    return Now(
        flow, _longest(session, moment, limit), list_tasks(session, now=moment, unconfirmed_since=unconfirmed_since)
    )


def check_since(since: datetime, now: datetime) -> None:
    """Refuse an instant since which nothing can be told."""
    if since > now:
        raise InvalidInput("this is still to come", field="since")
    if since < now - LONGEST_BACK:
        raise InvalidInput(f"at most {LONGEST_BACK.days} days ago", field="since")


def _flow(session: Session, since: datetime, open_now: int) -> NeedFlow:
    row = session.execute(flow_query(since)).mappings().one()
    closed = {way.value: int(row[way.value]) for way in _WAYS_OUT}
    came_in = int(row["came_in"])
    open_then = open_now + sum(closed.values()) - came_in
    return NeedFlow(since=since, open_then=open_then, came_in=came_in, open_now=open_now, **closed)


def flow_query(since: datetime) -> Select[*tuple[Any, ...]]:
    """Ask what came in and what was closed since an instant."""
    closed_since = and_(IS_CLOSED, need.c.closed_at >= since)
    new = need.c.received_at >= since, or_(not_(IS_CLOSED), closed_since)
    came = select(func.count().label("came_in")).where(mine(need), *new).subquery("came")
    ways = (func.count().filter(need.c.status == way.value).label(way.value) for way in _WAYS_OUT)
    gone = select(*ways).where(mine(need), closed_since).subquery("gone")
    return select(*came.c, *gone.c).select_from(came.join(gone, true()))


def longest_query(now: datetime, limit: int) -> Select[Any]:
    """Ask for the needs nobody has been found for that wait longest."""
    return unclaimed(now).with_only_columns(*COLUMNS).limit(min(limit, MAX_LIMIT))


def _longest(session: Session, now: datetime, limit: int) -> list[Need]:
    return [need_from_row(row) for row in session.execute(longest_query(now, limit)).mappings()]
