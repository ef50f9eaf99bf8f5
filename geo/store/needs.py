"""Needs: made, read, listed, changed, and counted so that none is ever lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, select

from geo.domain.balance import Balance
from geo.domain.ids import new_id
from geo.domain.records import Need
from geo.domain.words import (
    CLOSED_STATUSES,
    LOCATED_STATES,
    MAPPED_STATES,
    Access,
    Category,
    LocationState,
    MatchQuality,
    NeedStatus,
    ReviewMark,
    SubjectKind,
    Urgency,
)
from geo.errors import Conflict, InvalidInput
from geo.privacy.cells import cell_of
from geo.privacy.settled import settled_cell
from geo.store import tables
from geo.store.contacts import store_contact
from geo.store.erased import count_erased
from geo.store.locations import store_location
from geo.store.match_locks import hold_for_removal
from geo.store.merges import merged_with
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine, update_row
from geo.store.submissions import forget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.drafts import Contact, NeedDraft
    from geo.domain.place import Location

need = tables.need
COLUMNS = [
    need.c[name]
    for name in (
        "id", "category", "urgency", "status", "location_state", "match_quality", "uncertainty_m", "cell",
        "household_size", "languages", "access", "withheld", "source", "received_at", "closed_at", "updated_at",
        "version", "review_mark",
    )
]  # fmt: skip
CHANGEABLE = frozenset({"category", "urgency", "status", "household_size", "languages", "access", "withheld"})
IS_CLOSED = need.c.status.in_(sorted(s.value for s in CLOSED_STATUSES))
IS_MAPPED = need.c.location_state.in_(sorted(s.value for s in MAPPED_STATES))
IS_FADED = and_(
    need.c.location_state != LocationState.NONE.value, ~exists().where(tables.location_exact.c.need_id == need.c.id)
)
"""Whose exact place and address were removed some time after closing."""
IS_OPEN_ON_MAP = and_(not_(IS_CLOSED), not_(need.c.withheld), IS_MAPPED)
"""What demand is: open, not withheld, and with a place."""
WAITS_FOR_PLACE = and_(
    not_(IS_CLOSED),
    not_(need.c.withheld),
    need.c.location_state.in_([LocationState.NEEDS_REVIEW.value, LocationState.PENDING.value]),
)


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """Which needs to list; an empty field does not filter."""

    category: Category | None = None
    urgency: Urgency | None = None
    status: NeedStatus | None = None
    location_state: LocationState | None = None
    cell: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values."""
        pairs = ((name, getattr(self, name)) for name in self.__slots__)
        return [need.c[name] == str(value) for name, value in pairs if value is not None]


@dataclass(frozen=True, slots=True)
class CellCount:
    """How many open needs of a category a cell holds, by urgency."""

    cell: str
    category: Category
    urgency: Urgency
    count: int


def need_from_row(row: RowMapping | Mapping[str, Any]) -> Need:
    """Read a need from a row that has ``COLUMNS``."""
    values = dict(row)
    return Need(
        **(
            values
            | {
                "category": Category(values["category"]),
                "urgency": Urgency(values["urgency"]),
                "status": NeedStatus(values["status"]),
                "location_state": LocationState(values["location_state"]),
                "match_quality": MatchQuality(values["match_quality"]),
                "languages": tuple(values["languages"]),
                "access": tuple(Access(a) for a in values["access"]),
                "review_mark": None if values["review_mark"] is None else ReviewMark(values["review_mark"]),
            }
        )
    )


def location_columns(location: Location) -> dict[str, Any]:
    """Tell what of an exact place the need itself may carry: its state, quality and cell."""
    return {
        "location_state": location.state.value,
        "match_quality": location.match_quality.value,
        "uncertainty_m": location.uncertainty_m,
        "cell": None if location.point is None else cell_of(location.point),
    }


def _public_cell(session: Session, location: Location, need_id: UUID, household: Any) -> dict[str, Any]:  # noqa: ANN401 - an id, or the query that finds it
    """Tell the cell a household is known by outside: the one before, while its place only trembles.

    It outlives a place that is in doubt for a while, and goes when there is to be no place at all.
    """
    if location.point is None:
        return {"public_cell": None} if location.state is LocationState.NONE else {}
    told = select(need.c.public_cell).where(
        mine(need), need.c.household_id == household, need.c.public_cell.is_not(None)
    )
    own_first = (need.c.id == need_id).desc(), need.c.updated_at.desc(), need.c.id
    return {"public_cell": settled_cell(session.scalar(told.order_by(*own_first).limit(1)), location.point)}


def create_need(session: Session, draft: NeedDraft, location: Location, contact: Contact | None = None) -> Need:
    """Store a need, with or without a place; the exact place and the contact go to the restricted tables.

    Returns
    -------
    Need
        As stored.

    Raises
    ------
    Conflict, Erased
        If the draft's id is taken, or was erased.
    OutsideServiceArea, InvalidInput
        If the database refuses the place or a value.
    """
    need_id = draft.id or new_id()
    values: dict[str, Any] = {
        "id": need_id,
        "household_id": draft.household_id or need_id,
        "category": draft.category.value,
        "urgency": draft.urgency.value,
        "household_size": draft.household_size,
        "languages": list(draft.languages),
        "access": [a.value for a in draft.access],
        "withheld": draft.withheld,
        "source": draft.source,
        **location_columns(location),
    }
    values |= _public_cell(session, location, need_id, values["household_id"])
    if draft.received_at is not None:
        values["received_at"] = draft.received_at
    has_place = location.state is not LocationState.NONE
    also = (("location",) if has_place else ()) + (("contact",) if contact is not None else ())
    insert_row(session, need, values, also=also)
    if has_place:
        store_location(session, "need_id", need_id, location, is_first=True)
    if contact is not None:
        store_contact(session, "need_id", need_id, contact)
    return get_need(session, need_id)


def get_need(session: Session, need_id: UUID) -> Need:
    """Read one need.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return need_from_row(get_row(session, select(*COLUMNS), need, need_id))


def list_needs(
    session: Session, *, where: NeedFilter | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[Need]:
    """List needs in the order of their ids; ``after`` is the last id of the page before."""
    conditions = (where or NeedFilter()).conditions()
    rows = list_rows(session, select(*COLUMNS), need, where=conditions, after=after, limit=limit)
    return [need_from_row(row) for row in rows]


def update_need(
    session: Session, need_id: UUID, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Need:
    """Change a need's own fields; its place is changed through ``geo.store.review``.

    Parameters
    ----------
    changes
        Any of ``CHANGEABLE``; a status that closes the need stamps ``closed_at``.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput
        As their names say.
    Conflict
        For the status of a need that was merged into another, until that is taken back.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "status" in values:
        _check_not_merged(session, need_id, NeedStatus(values["status"]))
        closing = NeedStatus(values["status"]) in CLOSED_STATUSES
        values["closed_at"] = func.coalesce(need.c.closed_at, func.now()) if closing else None
        if not closing:
            values |= _without_faded_place()
    update_row(session, need, need_id, values, expected_version=expected_version)
    return get_need(session, need_id)


def _check_not_merged(session: Session, need_id: UUID, then: NeedStatus) -> None:
    if then is NeedStatus.MERGED:
        raise InvalidInput("a need is merged as one of a pair", field="status")
    query = select(need.c.status).where(need.c.id == need_id, mine(need))
    if session.scalar(query) == NeedStatus.MERGED.value:
        raise Conflict("this need was merged into another; take that back first")


def _without_faded_place() -> dict[str, Any]:
    """Tell of a need that is opened again what is so: when its place has faded, it has none any more."""
    left: dict[str, Any] = {
        "location_state": LocationState.NONE.value,
        "match_quality": MatchQuality.NONE.value,
        "uncertainty_m": None,
        "cell": None,
        "review_mark": None,
    }
    return {name: case((IS_FADED, value), else_=need.c[name]) for name, value in left.items()}


def place_need(
    session: Session,
    need_id: UUID,
    location: Location,
    *,
    mark: ReviewMark | None = None,
    also: Sequence[str] = (),
    expected_version: int | None = None,
) -> Need:
    """Give a need its place: the exact one to the restricted table, the cell to the need.

    Parameters
    ----------
    mark
        What a person found out while there is no place; one that was set before goes. The audit calls it by its name.
    also
        Names of what else is kept about it.
    """
    household = select(need.c.household_id).where(need.c.id == need_id, mine(need)).scalar_subquery()
    values = location_columns(location) | _public_cell(session, location, need_id, household)
    values["review_mark"] = None if mark is None else mark.value
    how: dict[str, Any] = {"action": "locate" if mark is None else mark.value, "also": ("location", *also)}
    update_row(session, need, need_id, values, expected_version=expected_version, **how)
    store_location(session, "need_id", need_id, location)
    return get_need(session, need_id)


def delete_need(session: Session, need_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove a need with its place, contact and matches, and empty the entry it came from.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    Conflict
        If it holds another that was merged into it, which nobody would find again.
    """
    if len(merged_with(session, [need_id])) > 1:
        raise Conflict("this need was merged with another; take that back first, or erase both")
    hold_for_removal(session, need_ids=[need_id])
    delete_row(session, need, need_id, expected_version=expected_version)
    forget(session, need_id)


def count_balance(session: Session, *, category: Category | None = None) -> Balance:
    """Count every need of the network once.

    Returns
    -------
    Balance
        Whose parts add up to ``received``, or it cannot be made. A need that was erased at the person's wish came in
        and is closed, and nothing else is known of it: it counts in the whole, and in no category.
    """
    waits = need.c.location_state.in_([LocationState.NEEDS_REVIEW.value, LocationState.PENDING.value])
    shown = and_(not_(IS_CLOSED), not_(need.c.withheld))
    parts = {
        "received": need.c.id.is_not(None),
        "closed": IS_CLOSED,
        "withheld": and_(not_(IS_CLOSED), need.c.withheld),
        "located": and_(shown, need.c.location_state.in_(sorted(s.value for s in LOCATED_STATES))),
        "approximate": and_(shown, need.c.location_state == LocationState.APPROXIMATE.value),
        "needs_review": and_(shown, waits),
        "no_location": and_(shown, need.c.location_state == LocationState.NONE.value),
    }
    query = select(*(func.count().filter(condition).label(name) for name, condition in parts.items())).where(mine(need))
    if category is not None:
        query = query.where(need.c.category == category.value)
    counts = dict(session.execute(query).mappings().one())
    erased = 0 if category is not None else count_erased(session, SubjectKind.NEED)
    return Balance(**counts | {"received": counts["received"] + erased, "closed": counts["closed"] + erased})


def count_cells(
    session: Session, *, category: Category | None = None, cells: Sequence[str] | None = None
) -> Sequence[CellCount]:
    """Count open needs by cell, category and urgency; ``cells`` are the only ones to look at."""
    keys = (need.c.cell, need.c.category, need.c.urgency)
    query = select(*keys, func.count().label("total")).where(mine(need), IS_OPEN_ON_MAP).group_by(*keys).order_by(*keys)
    if category is not None:
        query = query.where(need.c.category == category.value)
    if cells is not None:
        query = query.where(need.c.cell.in_(cells))
    return [
        CellCount(row.cell, Category(row.category), Urgency(row.urgency), row.total) for row in session.execute(query)
    ]


def list_open_on_map(session: Session, *, after: UUID | None = None, limit: int = 1000) -> Sequence[Need]:
    """List the needs that ask for help now and have a place."""
    rows = list_rows(session, select(*COLUMNS), need, where=[IS_OPEN_ON_MAP], after=after, limit=limit)
    return [need_from_row(row) for row in rows]


def count_from(session: Session, source: str) -> int:
    """Count the needs that came from a source."""
    return session.scalar(select(func.count()).select_from(need).where(mine(need), need.c.source == source)) or 0


def list_pending(session: Session, *, after: UUID | None = None, limit: int = 1000) -> Sequence[tuple[UUID, str]]:
    """List the needs whose address is still to be looked up, with what was typed."""
    exact = tables.location_exact
    query = select(need.c.id, exact.c.address_typed).join(exact, exact.c.need_id == need.c.id)
    waits = [need.c.location_state == LocationState.PENDING.value, exact.c.address_typed.is_not(None)]
    rows = list_rows(session, query, need, where=waits, after=after, limit=limit)
    return [(row["id"], row["address_typed"]) for row in rows]
