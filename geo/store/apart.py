"""Helpers and households that are never brought together. Why is not asked and not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo.domain.ids import new_id
from geo.domain.match import KeptApart
from geo.store import tables
from geo.store.match_tables import kept_apart
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

need, helper = tables.need, tables.helper
COLUMNS = [kept_apart.c[name] for name in ("id", "helper_id", "household_id", "created_at")]


def keep_apart(session: Session, helper_id: UUID, need_id: UUID) -> KeptApart:
    """Never propose a helper for the household of a need again.

    Raises
    ------
    NotFound
        If there is no such helper or need.
    Conflict
        If they are kept apart already.
    """
    get_row(session, select(helper.c.id), helper, helper_id)
    household = get_row(session, select(need.c.household_id), need, need_id)["household_id"]
    row_id = new_id()
    insert_row(session, kept_apart, {"id": row_id, "helper_id": helper_id, "household_id": household})
    return KeptApart(**get_row(session, select(*COLUMNS), kept_apart, row_id))


def list_apart(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[KeptApart]:
    """List who is kept apart, in the order of their ids."""
    return [KeptApart(**row) for row in list_rows(session, select(*COLUMNS), kept_apart, after=after, limit=limit)]


def allow_again(session: Session, apart_id: UUID) -> None:
    """Let a helper and a household be brought together again.

    Raises
    ------
    NotFound
        If they are not kept apart.
    """
    delete_row(session, kept_apart, apart_id)


def are_apart(session: Session, need_id: UUID, helper_id: UUID) -> bool:
    """Tell whether a helper is kept apart from the household of a need."""
    query = (
        select(kept_apart.c.id)
        .join(need, need.c.household_id == kept_apart.c.household_id)
        .where(need.c.id == need_id, mine(need), kept_apart.c.helper_id == helper_id, mine(kept_apart))
    )
    return session.scalar(query.limit(1)) is not None


def list_pairs_apart(session: Session, need_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Give who must not be brought together with some needs: pairs of need and helper."""
    query = (
        select(need.c.id, kept_apart.c.helper_id)
        .join(kept_apart, need.c.household_id == kept_apart.c.household_id)
        .where(need.c.id == func.any(list(need_ids)), mine(need), mine(kept_apart))
    )
    return {(need_id, helper_id) for need_id, helper_id in session.execute(query)}
