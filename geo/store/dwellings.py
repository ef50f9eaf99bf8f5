"""Dwellings for each cell: what disclosure weighs a count of needs against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from geo.store import tables
from geo.store.audit import record
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

dwelling_cell = tables.dwelling_cell


def replace_dwellings(session: Session, counts: Mapping[str, int]) -> None:
    """Replace the network's dwelling counts, keyed by H3 cell."""
    session.execute(delete(dwelling_cell).where(mine(dwelling_cell)))
    if counts:
        rows = [{"cell": cell, "dwellings": count} for cell, count in sorted(counts.items())]
        session.execute(insert(dwelling_cell), rows)
    record(session, "load", dwelling_cell.name, fields=("dwellings",), count=len(counts))


def get_dwellings(session: Session) -> dict[str, int]:
    """Read the dwelling count of every cell that has one."""
    query = select(dwelling_cell.c.cell, dwelling_cell.c.dwellings).where(mine(dwelling_cell))
    return {cell: int(count) for cell, count in session.execute(query)}
