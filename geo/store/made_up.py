"""Telling that a network holds made-up people, and removing them again, and nothing that anybody entered.

Made-up needs and assets name their source. Whatever else was stored in the very same transaction was made up with them:
``created_at`` is the instant a transaction began, to the microsecond, and the one that stored them stored nothing else.
Shifts and turfs were made later, and are known by saying still, word for word, what they were made with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, delete, exists, func, literal, or_, select

from geo.domain.made_up import MAPPED, SOURCE, MadeUp, RemovedMadeUp
from geo.errors import Conflict
from geo.store import tables
from geo.store.access_tables import agreement
from geo.store.audit import record
from geo.store.calendar_tables import activity, shift, sign_up
from geo.store.match_locks import hold_for_removal
from geo.store.merges import merged_with
from geo.store.people_tables import consent
from geo.store.rows import mine
from geo.store.turf_tables import turf, turf_visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.orm import Session

    from geo.domain.calendar import ActivityDraft

need, helper, asset, organization = tables.need, tables.helper, tables.asset, tables.organization


def holds_made_up(session: Session) -> bool:
    """Tell whether the network holds made-up data; two indexes, each left at the first row."""
    found = or_(_any(need, need.c.source == SOURCE), _any(asset, asset.c.source == SOURCE))
    return bool(session.scalar(select(found)))


def look_at_made_up(session: Session) -> MadeUp:
    """Look whether made-up data is there, and what stands in its way."""
    return MadeUp(holds_made_up(session), find_in_the_way(session))


def find_in_the_way(session: Session) -> tuple[str, ...]:
    """Find the kinds of which the network holds records that are not made up; the places of a map do not count."""
    instants = _made_at(session, SOURCE)
    running = agreement.c.ended_at.is_(None) & (agreement.c.expires_at > func.now())
    asked = {
        "needs": _any(need, need.c.source != SOURCE),
        "helpers": _any(helper, helper.c.created_at.not_in(instants)),
        "assets": _any(asset, asset.c.source.not_in([SOURCE, *MAPPED])),
        "organizations": _any(organization, organization.c.created_at.not_in(instants)),
        "entries": _any(tables.submission),
        "agreements": _any(agreement, running),
    }
    row = session.execute(select(*(found.label(kind) for kind, found in asked.items()))).mappings().one()
    return tuple(kind for kind in asked if row[kind])


def hold_made_up(session: Session) -> None:
    """Keep everybody else from making up or removing data of this network until the transaction ends.

    Raises
    ------
    Conflict
        If somebody is doing so at this moment.
    """
    key = func.hashtextextended(literal("made up ").concat(func.current_network().cast(Text)), 0)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(key))):
        raise Conflict("made-up data is being loaded or removed at this moment")


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
    _forget_consents(session, [*gone, *helpers])
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


def _forget_consents(session: Session, subjects: list[UUID]) -> None:
    """Take away what people who never were agreed to."""
    session.execute(delete(consent).where(consent.c.subject_id == func.any(subjects), mine(consent)))


def _any(table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(mine(table), *where))


def _ids(session: Session, query: Select[tuple[UUID]]) -> list[UUID]:
    return sorted(session.scalars(query))


def _remove(session: Session, table: Table, ids: list[UUID]) -> int:
    if ids:
        session.execute(delete(table).where(table.c.id == func.any(ids), mine(table)))
        record(session, "delete", table.name, ids)
    return len(ids)
