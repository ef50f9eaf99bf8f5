"""One step of one need among several: changed as any need is, with why it was closed kept beside the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo.domain.words import CLOSED_STATUSES
from geo.store.audit import record
from geo.store.needs import need, update_need
from geo.store.telling import release_others

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.records import Need


def step_need(
    session: Session,
    need_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    reason: str | None = None,
) -> Need:
    """Change a need's status or urgency; whoever was asked about one that is closed is told so.

    Parameters
    ----------
    changes
        As :func:`geo.store.needs.update_need` takes them.
    reason
        Why it is closed; kept beside the audit's chain, and gone with the need.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput, Conflict
        As for :func:`geo.store.needs.update_need`.
    """
    changed = update_need(session, need_id, changes, expected_version=expected_version)
    if changed.status in CLOSED_STATUSES:
        release_others(session, need_id)
        if reason:
            record(session, "close", need.name, [need_id], ("status",), reason=reason)
    return changed
