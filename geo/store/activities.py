"""Activities of the calendar, and the shifts that are laid out from their schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import Range, insert

from geo.analysis.occurrences import horizon, list_occurrences
from geo.analysis.schedule import read_schedule
from geo.domain.calendar import MAX_IN_ROLE, MAX_ROLES, Activity, ActivityDraft
from geo.domain.hours import get_zone
from geo.domain.ids import new_id
from geo.errors import InvalidInput
from geo.store import tables
from geo.store.audit import record
from geo.store.calendar_tables import activity, shift, sign_up
from geo.store.network import get_network
from geo.store.reminders import tell_cancelled
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine, update_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

CHANGEABLE: Final = frozenset(
    {"title", "kind", "schedule", "time_zone", "roles", "asset_id", "area_id", "organization_id", "place"}
)
_COLUMNS: Final = [activity.c[name] for name in (*sorted(CHANGEABLE), "id", "uid", "updated_at", "version")]
_OTHERS: Final = {"asset_id": tables.asset, "area_id": tables.area, "organization_id": tables.organization}
_MAX_ROLE_NAME: Final = 40


def create_activity(session: Session, draft: ActivityDraft, *, now: datetime | None = None) -> Activity:
    """Store an activity and lay out its shifts of the year ahead.

    Parameters
    ----------
    now
        From when on shifts are laid out; the present when left out.

    Raises
    ------
    Conflict
        If the id or the uid is taken.
    InvalidInput
        If its schedule, zone, roles or place cannot be used.
    """
    values = {name: getattr(draft, name) for name in (*CHANGEABLE, "uid")}
    values |= {"id": draft.id or new_id(), "time_zone": draft.time_zone or get_network(session).time_zone}
    _check(session, values)
    insert_row(session, activity, values)
    made = get_activity(session, values["id"])
    lay_out(session, made, now=now)
    return made


def _check(session: Session, values: Mapping[str, Any]) -> None:
    """Refuse what cannot be used; a record of another network is like one that is not there."""
    for name, table in _OTHERS.items():
        wanted = values.get(name)
        there = select(table.c.id).where(table.c.id == wanted, mine(table))
        if wanted is not None and session.scalar(there) is None:
            raise InvalidInput("the activity refers to a record that does not exist", field=name)
    if values.get("place") is not None:
        _check_no_home(session, values.get("asset_id"))
    if "roles" in values:
        check_roles(values["roles"])
    if "schedule" in values:
        read_schedule(values["schedule"], get_zone(values["time_zone"]))


def _check_no_home(session: Session, asset_id: UUID | None) -> None:
    """Refuse a place in words beside an asset at a private home: feeds would show it once the asset is gone."""
    asset = tables.asset
    if session.scalar(select(asset.c.is_private).where(asset.c.id == asset_id, mine(asset))):
        raise InvalidInput("an activity at a private home names no place in words", field="place")


def check_roles(roles: Mapping[str, int]) -> None:
    """Refuse roles that are none, too many, or without a sensible maximum.

    Raises
    ------
    InvalidInput
        Saying what is wrong.
    """
    if not 1 <= len(roles) <= MAX_ROLES:
        raise InvalidInput(f"an activity has between 1 and {MAX_ROLES} roles", field="roles")
    for name, most in roles.items():
        if name != name.strip() or not 1 <= len(name) <= _MAX_ROLE_NAME or not name.isprintable():
            raise InvalidInput(f"a role has a name of one line, {_MAX_ROLE_NAME} characters at most", field="roles")
        if not 1 <= most <= MAX_IN_ROLE:
            raise InvalidInput(f"a role is for 1 to {MAX_IN_ROLE} people", field="roles")


def get_activity(session: Session, activity_id: UUID) -> Activity:
    """Read one activity.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return Activity(**get_row(session, select(*_COLUMNS), activity, activity_id))


def find_by_uid(session: Session, uid: str) -> Activity | None:
    """Find the activity that another calendar knows by this name."""
    query = select(*_COLUMNS).where(activity.c.uid == uid, mine(activity))
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else Activity(**row)


def list_activities(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Activity]:
    """List activities in the order of their ids; ``after`` is the last id of the page before."""
    return [Activity(**row) for row in list_rows(session, select(*_COLUMNS), activity, after=after, limit=limit)]


def update_activity(
    session: Session,
    activity_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Activity:
    """Change an activity; its coming shifts follow, but none that somebody has promised to come to goes away.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput
        As their names say.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    before = get_activity(session, activity_id)
    if {"schedule", "time_zone"} & values.keys():
        values = {"schedule": before.schedule, "time_zone": before.time_zone} | values
    _check(session, {"asset_id": before.asset_id, "place": before.place} | values)
    update_row(session, activity, activity_id, values, expected_version=expected_version)
    after = get_activity(session, activity_id)
    if {"schedule", "roles"} & values.keys():
        _follow(session, after, now=now)
    return after


def _follow(session: Session, changed: Activity, *, now: datetime | None) -> None:
    since = now or datetime.now(UTC)
    coming = (shift.c.activity_id == changed.id) & (func.lower(shift.c.during) > since)
    promised = exists().where(sign_up.c.shift_id == shift.c.id, sign_up.c.state != "cancelled")
    # held first, so that nobody signs up for a shift between the look and the removal
    session.execute(select(shift.c.id).where(coming).order_by(shift.c.id).with_for_update())
    session.execute(delete(shift).where(coming, ~promised))
    session.execute(update(shift).where(coming).values(roles=changed.roles, version=shift.c.version + 1))
    record(session, "update", shift.name, (), ("roles", "during"))
    lay_out(session, changed, now=now)


def delete_activity(
    session: Session, activity_id: UUID, *, expected_version: int | None = None, now: datetime | None = None
) -> None:
    """Remove an activity with its shifts and whoever signed up for them, who are told that these do not take place.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    """
    tell_cancelled(session, activity_id, now=now)
    delete_row(session, activity, activity_id, expected_version=expected_version)


def lay_out(session: Session, wanted: Activity, *, now: datetime | None = None) -> int:
    """Add the shifts that an activity lacks in the year ahead; doing so again changes nothing.

    Returns
    -------
    int
        How many are new.
    """
    window = horizon(now or datetime.now(UTC))
    found = list_occurrences(wanted.schedule, get_zone(wanted.time_zone), window)
    rows = [
        {"id": new_id(), "activity_id": wanted.id, "during": Range(one.start, one.end), "roles": wanted.roles}
        for one in found
    ]
    if not rows:
        return 0
    added = insert(shift).values(rows).on_conflict_do_nothing().returning(shift.c.id)
    made = session.scalars(added).all()
    if made:
        record(session, "create", shift.name, made[:100], ("during", "roles"), count=len(made))
    return len(made)


def lay_out_all(session: Session, *, now: datetime | None = None) -> int:
    """Lay out the year ahead of every activity of the network; meant to be repeated every day."""
    made, after = 0, None
    while page := list_activities(session, after=after, limit=500):
        made += sum(lay_out(session, one, now=now) for one in page)
        after = page[-1].id
    return made
