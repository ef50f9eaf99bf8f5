"""Removing made-up people again, and nothing that anybody entered.

Made-up needs and assets name their source. Whatever else was stored in the very same transaction was made up with them:
``created_at`` is the instant a transaction began, to the microsecond, and the one that stored them stored nothing else.
Shifts and turfs were made later, and are known by saying still, word for word, what they were made with.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, or_, select

from geo.store import tables
from geo.store.access_tables import agreement
from geo.store.audit import record
from geo.store.calendar_tables import activity, shift, sign_up
from geo.store.match_locks import hold_for_removal
from geo.store.merges import merged_with
from geo.store.rows import mine
from geo.store.turf_tables import turf, turf_visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.orm import Session

    from geo.domain.calendar import ActivityDraft

need, helper, asset, organization = tables.need, tables.helper, tables.asset, tables.organization


@dataclass(frozen=True, slots=True)
class RemovedMadeUp:
    """How many of each went, and how many needs stay because somebody merged them with others."""

    needs: int = 0
    helpers: int = 0
    assets: int = 0
    organizations: int = 0
    activities: int = 0
    turfs: int = 0
    kept: int = 0

    def as_dict(self) -> dict[str, int]:
        """Write it as JSON knows it."""
        return asdict(self)


def remove_made_up(
    session: Session, *, source: str, activities: Sequence[ActivityDraft] = (), turf_note: str | None = None
) -> RemovedMadeUp:
    """Remove made-up needs, helpers, assets, organizations, shifts and turfs; doing so again removes nothing.

    Parameters
    ----------
    session
        With the operator's rights.
    source
        What made-up needs and assets name as theirs.
    activities
        As they were made; one that was changed, or that somebody has signed up for since, stays.
    turf_note
        The note of made-up turfs; one where somebody has knocked, or that was changed, stays.
    """
    found = _ids(session, select(need.c.id).where(mine(need), need.c.source == source))
    instants = _made_at(session, source)
    gone = _unmerged(session, found)
    helpers = _ids(session, select(helper.c.id).where(mine(helper), helper.c.created_at.in_(instants)))
    assets = _ids(
        session, select(asset.c.id).where(mine(asset), asset.c.source == source, asset.c.created_at.in_(instants))
    )
    hold_for_removal(session, need_ids=gone, helper_ids=helpers, asset_ids=assets)
    shifts = _remove(session, activity, _untouched_activities(session, activities))
    return RemovedMadeUp(
        needs=_remove(session, need, gone),
        helpers=_remove(session, helper, helpers),
        assets=_remove(session, asset, assets),
        organizations=_remove(session, organization, _lone_organizations(session, instants)),
        activities=shifts,
        turfs=_remove(session, turf, _untouched_turfs(session, turf_note)),
        kept=len(found) - len(gone),
    )


def _made_at(session: Session, source: str) -> list[Any]:
    """Give the beginnings of the transactions that stored what names the source."""
    needs = select(need.c.created_at).where(mine(need), need.c.source == source)
    places = select(asset.c.created_at).where(mine(asset), asset.c.source == source)
    return list(session.scalars(needs.union(places)))


def _unmerged(session: Session, found: list[UUID]) -> list[UUID]:
    """Leave out needs that stand as one with a need of somebody else's."""
    ours = set(found)
    if merged_with(session, found) <= ours:
        return found
    return [one for one in found if merged_with(session, [one]) <= ours]


def _lone_organizations(session: Session, instants: list[Any]) -> list[UUID]:
    """Find made-up organizations behind which nothing stands any more and with which nothing was agreed."""
    stands = exists().where(asset.c.organization_id == organization.c.id)
    agreed = exists().where(agreement.c.organization_id == organization.c.id)
    made = and_(mine(organization), organization.c.created_at.in_(instants), ~stands, ~agreed)
    return _ids(session, select(organization.c.id).where(made))


def _untouched_activities(session: Session, drafts: Sequence[ActivityDraft]) -> list[UUID]:
    """Find what says still what it was made with, and for which nobody signed up but when it was made."""
    later = exists().where(
        sign_up.c.shift_id == shift.c.id,
        shift.c.activity_id == activity.c.id,
        sign_up.c.created_at != activity.c.created_at,
    )
    same = [_says(draft) for draft in drafts]
    return _ids(session, select(activity.c.id).where(mine(activity), or_(False, *same), ~later))  # noqa: FBT003


def _says(draft: ActivityDraft) -> ColumnElement[bool]:
    names = ("title", "kind", "schedule", "roles", "place")
    return and_(activity.c.version == 1, *(activity.c[name] == getattr(draft, name) for name in names))


def _untouched_turfs(session: Session, note: str | None) -> list[UUID]:
    visited = exists().where(turf_visit.c.turf_id == turf.c.id, turf_visit.c.network_id == turf.c.network_id)
    return _ids(session, select(turf.c.id).where(mine(turf), turf.c.note == note, turf.c.version == 1, ~visited))


def _ids(session: Session, query: Select[tuple[UUID]]) -> list[UUID]:
    return sorted(session.scalars(query))


def _remove(session: Session, table: Table, ids: list[UUID]) -> int:
    if ids:
        session.execute(delete(table).where(table.c.id == func.any(ids), mine(table)))
        record(session, "delete", table.name, ids)
    return len(ids)
