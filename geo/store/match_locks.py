"""In what order rows are held for a step of a match: needs, then matches, then helpers, each in the order of ids.

Whoever holds rows in another order waits for somebody who waits for them, and the database ends one of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from geo.store import tables
from geo.store.matches import is_due
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

match, need, helper = tables.match, tables.need, tables.helper


def hold_needs(session: Session, need_ids: Iterable[UUID]) -> None:
    """Hold needs; those that are not there are left out."""
    query = select(need.c.id).where(need.c.id == func.any(sorted(set(need_ids))), mine(need))
    session.execute(query.order_by(need.c.id).with_for_update())


def hold_helpers(session: Session, helper_ids: Iterable[UUID]) -> None:
    """Hold helpers, so that their loads can change; matches may be made for them meanwhile."""
    ids = sorted(set(helper_ids))
    if ids:
        query = select(helper.c.id).where(helper.c.id == func.any(ids), mine(helper))
        session.execute(query.order_by(helper.c.id).with_for_update(key_share=True))


def hold_lapsed(session: Session, need_ids: Sequence[UUID], now: datetime, helper_ids: Iterable[UUID] = ()) -> None:
    """Hold what has lapsed of needs that are held already, whoever carries it, and some helpers besides."""
    query = select(match.c.helper_id, match.c.is_counted).where(
        match.c.need_id == func.any(list(need_ids)), mine(match), is_due(now)
    )
    rows = session.execute(query.order_by(match.c.id).with_for_update()).all()
    hold_helpers(session, {row.helper_id for row in rows if row.is_counted} | set(helper_ids))


def hold_for_removal(
    session: Session, *, need_ids: Sequence[UUID] = (), helper_ids: Sequence[UUID] = (), asset_ids: Sequence[UUID] = ()
) -> None:
    """Hold everything that goes, or opens again, with needs, helpers or assets that are about to be removed."""
    if not (need_ids or helper_ids or asset_ids):
        return
    columns = ((match.c.need_id, need_ids), (match.c.helper_id, helper_ids), (match.c.asset_id, asset_ids))
    theirs = or_(*(column == func.any(list(ids)) for column, ids in columns if ids))
    others = session.scalars(select(match.c.need_id).where(theirs, mine(match)).distinct()).all()
    hold_needs(session, [*need_ids, *others])
    held = select(match.c.helper_id, match.c.is_counted).where(theirs, mine(match)).order_by(match.c.id)
    # what goes makes the loads of whoever carried it less
    carriers = {row.helper_id for row in session.execute(held.with_for_update()) if row.is_counted and row.helper_id}
    hold_helpers(session, carriers | set(helper_ids))
