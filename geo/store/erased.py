"""Tombstones: the ids of what was erased, so that nothing brings it back and the balance line still adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo.store.people_tables import tombstone
from geo.store.rows import mine

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.words import SubjectKind


def is_erased(session: Session, kind: str, record_id: UUID) -> bool:
    """Tell whether a record, an entry or a key was erased."""
    query = select(tombstone.c.id).where(tombstone.c.kind == kind, tombstone.c.id == record_id, mine(tombstone))
    return session.scalar(query) is not None


def count_erased(session: Session, kind: SubjectKind) -> int:
    """Count what was erased of a kind."""
    query = select(func.count()).select_from(tombstone).where(tombstone.c.kind == kind.value, mine(tombstone))
    return session.scalar(query) or 0
