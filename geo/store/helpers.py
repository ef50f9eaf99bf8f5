"""Helpers: volunteers, known by the name they chose and the cell they live in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, or_, select

from geo.analysis.week_hours import possible_hours
from geo.domain.ids import new_id
from geo.domain.place import Location, Point
from geo.domain.records import Helper
from geo.domain.words import Category, HelperStatus, LocationState, MatchQuality, Vehicle
from geo.privacy.cells import cell_of
from geo.store import tables
from geo.store.contacts import delete_contact, store_contact
from geo.store.locations import store_location
from geo.store.match_locks import hold_for_removal
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine, update_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.drafts import Contact, HelperDraft

helper = tables.helper
COLUMNS = [
    helper.c[name]
    for name in (
        "id", "public_name", "categories", "languages", "vehicle", "status", "capacity_per_week", "load",
        "max_travel_min", "cell", "last_asked_at", "updated_at", "version", "availability", "interpreter",
    )
]  # fmt: skip
CHANGEABLE = frozenset(
    {
        "public_name", "categories", "languages", "vehicle", "status", "capacity_per_week", "load", "max_travel_min",
        "availability", "interpreter",
    }
)  # fmt: skip
HOME_UNCERTAINTY_M = 15.0


@dataclass(frozen=True, slots=True)
class HelperFilter:
    """Which helpers to list; an empty field does not filter.

    ``asked_before`` keeps those who were last asked before an instant, or never.
    """

    category: Category | None = None
    status: HelperStatus | None = None
    language: str | None = None
    vehicle: Vehicle | None = None
    has_room: bool | None = None
    asked_before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values."""
        found: list[ColumnElement[bool]] = []
        if self.category is not None:
            found.append(helper.c.categories.contains([self.category.value]))
        if self.status is not None:
            found.append(helper.c.status == self.status.value)
        if self.language is not None:
            found.append(helper.c.languages.contains([self.language]))
        if self.vehicle is not None:
            found.append(helper.c.vehicle == self.vehicle.value)
        if self.has_room is not None:
            room = helper.c.load < helper.c.capacity_per_week
            found.append(room if self.has_room else ~room)
        if self.asked_before is not None:
            found.append(or_(helper.c.last_asked_at.is_(None), helper.c.last_asked_at < self.asked_before))
        return found


def helper_from_row(row: RowMapping | Mapping[str, Any]) -> Helper:
    """Read a helper from a row that has ``COLUMNS``."""
    values = dict(row)
    words = {
        "categories": tuple(Category(c) for c in values["categories"]),
        "languages": tuple(values["languages"]),
        "vehicle": Vehicle(values["vehicle"]),
        "status": HelperStatus(values["status"]),
    }
    return Helper(**(values | words))


def create_helper(
    session: Session, draft: HelperDraft, home: Point | None = None, contact: Contact | None = None
) -> Helper:
    """Store a helper; the home goes to the restricted table, its cell to the helper, and the contact is sealed.

    Parameters
    ----------
    home
        Where they set out from, WGS 84; without it they are never suggested by distance.

    Raises
    ------
    Conflict
        If the draft's id is taken.
    OutsideServiceArea, InvalidInput
        If the database refuses the place or a value.
    """
    helper_id = draft.id or new_id()
    plain = (
        "public_name", "capacity_per_week", "load", "max_travel_min", "last_asked_at", "availability", "interpreter",
    )  # fmt: skip
    values = {name: getattr(draft, name) for name in plain} | {
        "id": helper_id,
        "categories": [c.value for c in draft.categories],
        "languages": list(draft.languages),
        "vehicle": draft.vehicle.value,
        "status": draft.status.value,
        "cell": None if home is None else cell_of(home),
        "free_hours": _free_hours(draft.availability),
    }
    parts = {"location": home, "contact": contact}
    insert_row(session, helper, values, also=[name for name, part in parts.items() if part is not None])
    if home is not None:
        _store_home(session, helper_id, home)
    if contact is not None:
        store_contact(session, "helper_id", helper_id, contact)
    return get_helper(session, helper_id)


def _free_hours(availability: str | None) -> list[int] | None:
    hours = possible_hours(availability)
    return None if hours is None else list(hours)


def _store_home(session: Session, helper_id: UUID, home: Point) -> None:
    location = Location(LocationState.LOCATED, MatchQuality.MANUAL, home, HOME_UNCERTAINTY_M)
    store_location(session, "helper_id", helper_id, location)


def get_helper(session: Session, helper_id: UUID) -> Helper:
    """Read one helper.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return helper_from_row(get_row(session, select(*COLUMNS), helper, helper_id))


def list_helpers(
    session: Session, *, where: HelperFilter | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[Helper]:
    """List helpers in the order of their ids; ``after`` is the last id of the page before."""
    conditions = (where or HelperFilter()).conditions()
    rows = list_rows(session, select(*COLUMNS), helper, where=conditions, after=after, limit=limit)
    return [helper_from_row(row) for row in rows]


def update_helper(
    session: Session,
    helper_id: UUID,
    changes: Mapping[str, Any],
    *,
    home: Point | None = None,
    expected_version: int | None = None,
) -> Helper:
    """Change a helper's fields, and their home when one is given.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput
        As their names say.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "availability" in values:
        values["free_hours"] = _free_hours(values["availability"])
    if home is not None:
        values["cell"] = cell_of(home)
    also = () if home is None else ("location",)
    update_row(session, helper, helper_id, values, expected_version=expected_version, also=also)
    if home is not None:
        _store_home(session, helper_id, home)
    return get_helper(session, helper_id)


def set_contact(
    session: Session, helper_id: UUID, contact: Contact | None, *, expected_version: int | None = None
) -> Helper:
    """Seal how to reach a helper in place of what was kept, or keep nothing any longer.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    InvalidInput
        Naming the field that is too long.
    KeysUnavailable
        If the session has no keys.
    """
    update_row(session, helper, helper_id, {}, expected_version=expected_version, also=("contact",))
    delete_contact(session, "helper_id", helper_id)
    if contact is not None:
        store_contact(session, "helper_id", helper_id, contact)
    return get_helper(session, helper_id)


def delete_helper(session: Session, helper_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove a helper with their home and contact."""
    hold_for_removal(session, helper_ids=[helper_id])
    delete_row(session, helper, helper_id, expected_version=expected_version)


def count_cells(session: Session, *, category: Category | None = None) -> Mapping[str, int]:
    """Count the active helpers of each cell."""
    query = (
        select(helper.c.cell, func.count())
        .where(mine(helper), helper.c.cell.is_not(None), helper.c.status == HelperStatus.ACTIVE.value)
        .group_by(helper.c.cell)
    )
    if category is not None:
        query = query.where(helper.c.categories.contains([category.value]))
    return {cell: int(count) for cell, count in session.execute(query)}
