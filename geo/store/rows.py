"""The few statements every noun shares: insert, read, list by key, change if unchanged, delete."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import DataError, IntegrityError

from geo.domain.place import Point
from geo.errors import Conflict, Erased, InvalidInput, NotFound, OutsideServiceArea, StaleVersion
from geo.store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import CursorResult, RowMapping
    from sqlalchemy.orm import Session

UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION, CHECK_VIOLATION = "23505", "23503", "23514"
EXCLUSION_VIOLATION = "23P01"
MAX_LIMIT = 1000


def mine(table: Table) -> ColumnElement[bool]:
    """Keep to the session's own network."""
    return table.c.network_id == func.current_network()


def point_expression(point: Point | None) -> ColumnElement[Any] | None:
    """Write a point as SQL; the numbers are bound, never formatted."""
    return None if point is None else func.ST_SetSRID(func.ST_MakePoint(point.lon, point.lat), 4326)


def point_of(lon: float | None, lat: float | None) -> Point | None:
    """Read a point back from its two columns."""
    return None if lon is None or lat is None else Point(lon, lat)


@contextmanager
def refused_as_ours() -> Iterator[None]:
    """Turn what the database refuses into the library's own errors, without repeating any value."""
    try:
        yield
    except IntegrityError as error:
        diag = getattr(error.orig, "diag", None)
        constraint, state = getattr(diag, "constraint_name", None), getattr(error.orig, "sqlstate", None)
        if constraint == "within_service_area":
            raise OutsideServiceArea(field="location") from None
        if constraint == "not_erased":
            raise Erased(field="id") from None
        if state == UNIQUE_VIOLATION:
            raise Conflict("there is already a record with this id or name") from None
        if state == EXCLUSION_VIOLATION:
            raise Conflict("this person has promised to be elsewhere at that time") from None
        if state == FOREIGN_KEY_VIOLATION:
            raise InvalidInput("the record refers to another one that does not exist") from None
        raise InvalidInput(f"the value breaks the rule {constraint}", field=_column(constraint)) from None
    except DataError:
        raise InvalidInput("a value is out of range") from None


def _column(constraint: str | None) -> str | None:
    # checks are named ck_<table>_<column>_<rule>; people know a geometry as a location
    parts = (constraint or "").split("_")
    return "location" if "geom" in parts else "_".join(parts[2:-1]) or None


def insert_row(session: Session, table: Table, values: Mapping[str, Any], *, also: Sequence[str] = ()) -> None:
    """Add one row, and note that.

    Parameters
    ----------
    also
        Names of what the record has in other tables.

    Raises
    ------
    Conflict
        If the id or a name is taken.
    InvalidInput
        If the database refuses a value.
    """
    with refused_as_ours():
        session.execute(insert(table).values(**values))
    given = [name for name, value in values.items() if name != "id" and value is not None and value != []]
    record(session, "create", table.name, [values["id"]], [*given, *also])


def get_row(session: Session, query: Select[Any], table: Table, row_id: UUID) -> RowMapping:
    """Read one row of the network by id.

    Raises
    ------
    NotFound
        If it is not there.
    """
    row = session.execute(query.where(table.c.id == row_id, mine(table))).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no such {table.name.replace('_', ' ')}")
    return row


def list_rows(
    session: Session,
    query: Select[Any],
    table: Table,
    *,
    where: Sequence[ColumnElement[bool]] = (),
    after: UUID | None = None,
    limit: int = 100,
) -> Sequence[RowMapping]:
    """Read a page of the network's rows in the order of their ids, which is the order of arrival.

    Parameters
    ----------
    after
        The last id of the page before; the list stays right while rows come and go.
    limit
        At most so many, never more than ``MAX_LIMIT``.
    """
    conditions = [mine(table), *where]
    if after is not None:
        # a row comparison, which the primary key serves directly
        conditions.append(tuple_(table.c.id) > tuple_(after))
    page = query.where(*conditions).order_by(table.c.id).limit(min(limit, MAX_LIMIT))
    return session.execute(page).mappings().all()


def update_row(
    session: Session,
    table: Table,
    row_id: UUID,
    values: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    action: str = "update",
    also: Sequence[str] = (),
) -> None:
    """Change one row, count its version up, and note that.

    Parameters
    ----------
    action
        What the change is called in the audit.
    also
        Names of what is changed of the record in other tables.

    Raises
    ------
    NotFound
        If it is not there.
    StaleVersion
        If it is no longer at ``expected_version``.
    """
    statement = update(table).where(table.c.id == row_id, mine(table))
    if expected_version is not None:
        statement = statement.where(table.c.version == expected_version)
    with refused_as_ours():
        changed = session.execute(statement.values(**values, version=table.c.version + 1, updated_at=func.now()))
    _check_found(session, table, row_id, cast("CursorResult[Any]", changed).rowcount)
    record(session, action, table.name, [row_id], [*values, *also])


def delete_row(session: Session, table: Table, row_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove one row and all that hangs on it, and note that.

    Raises
    ------
    NotFound
        If it is not there.
    StaleVersion
        If it is no longer at ``expected_version``.
    """
    statement = delete(table).where(table.c.id == row_id, mine(table))
    if expected_version is not None:
        statement = statement.where(table.c.version == expected_version)
    gone = cast("CursorResult[Any]", session.execute(statement))
    _check_found(session, table, row_id, gone.rowcount)
    record(session, "delete", table.name, [row_id])


def _check_found(session: Session, table: Table, row_id: UUID, rowcount: int) -> None:
    if rowcount:
        return
    there = session.scalar(select(table.c.id).where(table.c.id == row_id, mine(table)))
    if there is None:
        raise NotFound(f"there is no such {table.name.replace('_', ' ')}")
    raise StaleVersion
