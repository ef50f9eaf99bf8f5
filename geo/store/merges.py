"""Merges that stand: which request goes on for another, and which others it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select, update

from geo.store.duplicate_tables import need_merge
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlalchemy.orm import Session

STANDS: Final = need_merge.c.undone_at.is_(None)
_DEEPEST: Final = 50


def standing_for(session: Session, need_id: UUID) -> UUID:
    """Tell which request goes on for one: itself, unless it was merged into another."""
    found = need_id
    for _ in range(_DEEPEST):
        query = select(need_merge.c.kept_id).where(need_merge.c.merged_id == found, STANDS, mine(need_merge))
        kept = session.scalar(query)
        if kept is None:
            break
        found = kept
    return found


def merged_with(session: Session, need_ids: Collection[UUID]) -> set[UUID]:
    """Name requests with all that stand as one with them: what they were merged into, and what was merged into that."""
    known: set[UUID] = set()
    new = set(need_ids)
    while new:
        known |= new
        ids = sorted(new)
        theirs = or_(need_merge.c.kept_id == func.any(ids), need_merge.c.merged_id == func.any(ids))
        rows = session.execute(
            select(need_merge.c.kept_id, need_merge.c.merged_id).where(theirs, STANDS, mine(need_merge))
        )
        new = {found for row in rows for found in row} - known
    return known


def fade_merges(session: Session, need_ids: Collection[UUID]) -> None:
    """Empty what merges keep of how requests were before, which can then not be taken back; who merged them stays."""
    ids = sorted(need_ids)
    theirs = or_(need_merge.c.kept_id == func.any(ids), need_merge.c.merged_id == func.any(ids))
    session.execute(update(need_merge).where(theirs, mine(need_merge)).values(sealed=None, key_id=None))
