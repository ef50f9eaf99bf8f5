"""Promises, messages and links fade like the contacts they belong to, with the operator's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, func, or_, select

from geo.domain.messages import MessageState
from geo.store.audit import record
from geo.store.calendar_tables import sign_up
from geo.store.link_tables import link
from geo.store.message_tables import message
from geo.store.needs import IS_CLOSED, need
from geo.store.rows import mine

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

BATCH: Final = 1_000
_ENDED: Final = (MessageState.SENT.value, MessageState.DROPPED.value, MessageState.FAILED.value)


def fade_promises(session: Session, before: datetime, *, limit: int = BATCH) -> int:
    """Remove promises of shifts that ended, links that were over, and what was said about needs closed, before then.

    Parameters
    ----------
    session
        With the operator's rights: a request may remove none of it.
    before
        The instant before which contacts have to go; see ``geo.domain.retention``.
    limit
        At most so many of each; doing so again removes what is left.

    Returns
    -------
    int
        How many went.
    """
    over = or_(link.c.expires_at <= before, link.c.revoked_at <= before)
    closed = select(need.c.id).where(mine(need), IS_CLOSED, need.c.closed_at <= before)
    about = message.c.need_id.in_(closed)
    return (
        _remove(session, sign_up, func.upper(sign_up.c.during) <= before, limit)
        + _remove(session, link, or_(over, link.c.need_id.in_(closed)), limit)
        + _remove(session, message, about & message.c.state.in_(_ENDED), limit)
    )


def _remove(session: Session, table: Table, due: ColumnElement[bool], limit: int) -> int:
    # the oldest first: ids follow time
    some = select(table.c.id).where(mine(table), due).order_by(table.c.id).limit(limit)
    gone = cast("CursorResult[Any]", session.execute(delete(table).where(mine(table), table.c.id.in_(some)))).rowcount
    if gone:
        record(session, "fade", table.name, count=gone)
    return gone
