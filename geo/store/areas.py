"""Areas: named polygons with their people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.ids import new_id
from geo.domain.records import Area
from geo.store import tables
from geo.store.audit import record
from geo.store.rows import delete_row, get_row, insert_row, list_rows, mine, refused_as_ours, update_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.drafts import AreaDraft

area = tables.area
PLAIN = ("id", "slug", "name", "kind", "population", "dwellings", "source", "updated_at", "version")
COLUMNS = [*(area.c[name] for name in PLAIN), area.c.geom]
CHANGEABLE = frozenset({"slug", "name", "kind", "population", "dwellings"})
UPSERTED = ("name", "geom", "population", "dwellings", "source")


def area_from_row(row: RowMapping) -> Area:
    """Read an area from a row that has ``COLUMNS``."""
    values = dict(row)
    return Area(**{name: values[name] for name in PLAIN}, geometry=to_shape(values["geom"]))


def _values(draft: AreaDraft) -> dict[str, Any]:
    plain = ("slug", "name", "kind", "population", "dwellings", "source")
    values = {name: getattr(draft, name) for name in plain}
    return values | {"id": draft.id or new_id(), "geom": from_shape(_multi(draft.geometry), srid=4326)}


def _multi(shape: Polygon | MultiPolygon) -> MultiPolygon:
    return MultiPolygon([shape]) if isinstance(shape, Polygon) else shape


def create_area(session: Session, draft: AreaDraft) -> Area:
    """Store an area.

    Raises
    ------
    Conflict
        If its id, or its slug within the kind, is taken.
    InvalidInput
        If the database refuses the shape: invalid, too many vertices, out of range.
    """
    values = _values(draft)
    insert_row(session, area, values)
    return get_area(session, values["id"])


def upsert_areas(session: Session, drafts: Iterable[AreaDraft]) -> int:
    """Bring areas up to date, keyed by kind and slug.

    Returns
    -------
    int
        How many there are.
    """
    total = 0
    for draft in drafts:
        statement = insert(area).values(**_values(draft))
        fresh = {name: statement.excluded[name] for name in UPSERTED}
        with refused_as_ours():
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["network_id", "kind", "slug"],
                    set_=fresh | {"version": area.c.version + 1, "updated_at": func.now()},
                )
            )
        total += 1
    if total:
        record(session, "load", area.name, fields=UPSERTED, count=total)
    return total


def delete_missing(session: Session, source: str, drafts: Iterable[AreaDraft]) -> int:
    """Remove the areas of a source that its newest version no longer has.

    Returns
    -------
    int
        How many went.
    """
    kept = {(draft.kind, draft.slug) for draft in drafts}
    query = select(area.c.id, area.c.kind, area.c.slug).where(mine(area), area.c.source == source)
    gone = [row.id for row in session.execute(query) if (row.kind, row.slug) not in kept]
    session.execute(delete(area).where(mine(area), area.c.id.in_(gone)))
    if gone:
        record(session, "delete", area.name, gone)
    return len(gone)


def get_area(session: Session, area_id: UUID) -> Area:
    """Read one area.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return area_from_row(get_row(session, select(*COLUMNS), area, area_id))


def list_areas(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Area]:
    """List areas in the order of their ids; ``after`` is the last id of the page before."""
    return [area_from_row(row) for row in list_rows(session, select(*COLUMNS), area, after=after, limit=limit)]


def update_area(
    session: Session,
    area_id: UUID,
    changes: Mapping[str, Any],
    *,
    geometry: MultiPolygon | None = None,
    expected_version: int | None = None,
) -> Area:
    """Change an area, and its shape when one is given.

    Raises
    ------
    NotFound, StaleVersion, Conflict, InvalidInput
        As their names say.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if geometry is not None:
        values["geom"] = from_shape(_multi(geometry), srid=4326)
    update_row(session, area, area_id, values, expected_version=expected_version)
    return get_area(session, area_id)


def delete_area(session: Session, area_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove an area."""
    delete_row(session, area, area_id, expected_version=expected_version)
