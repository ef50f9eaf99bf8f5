"""What is done to people's records by erasure and retention, noted in the audit: ids and names of fields only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from geo.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

SYSTEM = "system"


def note(session: Session, action: str, kind: str, ids: Sequence[UUID], fields: Iterable[str] = ()) -> None:
    """Note one entry for each record."""
    named = sorted(fields)
    rows = [
        {"actor": SYSTEM, "action": action, "object_kind": kind, "object_id": found, "fields": named} for found in ids
    ]
    if rows:
        session.execute(insert(tables.audit), rows)
