"""The sources of the gazetteer: what was loaded from where, under which licence, and how much of it there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, delete, func, literal_column, select, update

from geo.domain.place import Point
from geo.errors import NotFound
from geo.store import gazetteer_tables
from geo.store.audit import record
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

source = gazetteer_tables.geo_source
_MAX_REPORT_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where a gazetteer comes from. ``slug`` names it for good; ``checksum`` tells whether the file has changed."""

    slug: str
    name: str
    licence: str
    attribution: str
    checksum: str
    report: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Source(SourceInfo):
    """A source as it is stored."""

    id: UUID | None = None
    imported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One door; ``point`` is WGS 84."""

    street: str
    number: str
    point: Point
    postcode: str | None = None
    locality: str | None = None


def keep_report(session: Session, source_id: UUID, report: Mapping[str, Any]) -> None:
    """Store what the import found, once it is known."""
    session.execute(update(source).where(source.c.id == source_id, mine(source)).values(report=dict(report)))


def list_sources(session: Session) -> list[Source]:
    """List what the gazetteer was made from, by slug."""
    names = ("slug", "name", "licence", "attribution", "checksum", "report", "kind", "id", "imported_at")
    query = select(*(source.c[name] for name in names)).where(mine(source)).order_by(source.c.slug)
    return [Source(**row) for row in session.execute(query.limit(_MAX_REPORT_ROWS)).mappings()]


def find_source(session: Session, slug: str) -> Source | None:
    """Find a source by its slug."""
    return next((found for found in list_sources(session) if found.slug == slug), None)


def count_by_source(session: Session) -> dict[str, dict[str, int]]:
    """Count what each source brought.

    Returns
    -------
    dict
        By slug: ``addresses``, ``streets`` (lines), ``names``, ``ranges``, ``crossings``, ``places``, ``postcodes``.
    """
    tables = gazetteer_tables
    ids = {
        "addresses": tables.geo_address.c.street_id,
        "streets": tables.geo_street.c.id,
        "names": tables.geo_street_name.c.street_id,
        "ranges": tables.geo_range.c.street_id,
        "crossings": tables.geo_crossing.c.street_a,
        "places": tables.geo_place.c.id,
        "postcodes": tables.geo_postcode.c.source_number,
    }
    listed = session.execute(select(source.c.number, source.c.slug).where(mine(source)))
    slugs: dict[int, str] = {number: slug for number, slug in listed}  # noqa: C416 - a row is not a pair to the types
    counted = {slug: dict.fromkeys(ids, 0) for slug in slugs.values()}
    bits: ColumnElement[int] = literal_column(str(tables.SOURCE_BITS))
    for name, column in ids.items():
        number = column if column.name == "source_number" else column.op(">>")(bits)
        query = select(number, func.count()).where(mine(column.table)).group_by(number)
        for found, count in session.execute(query):
            if found in slugs:
                counted[slugs[found]][name] = count
    return counted


def remove_source(session: Session, slug: str) -> None:
    """Take a source and all that it brought to the gazetteer away.

    Raises
    ------
    NotFound
        If there is no source of this name.
    """
    gone = session.scalar(delete(source).where(source.c.slug == slug, mine(source)).returning(source.c.id))
    if gone is None:
        raise NotFound("there is no source of this name; barnraiser load sources lists them")
    record(session, "delete", source.name, [gone])


def count_rows(session: Session) -> dict[str, int]:
    """Count the network's address points, streets, places and postcodes.

    Returns
    -------
    dict
        ``address_points`` counts places once, whatever number of names they go by; ``streets`` counts names.
    """
    tables = gazetteer_tables
    counted = {
        "address_rows": select(func.count()).select_from(tables.geo_address),
        "address_points": select(func.count(func.distinct(tables.geo_address.c.geom))),
        "streets": select(func.count(func.distinct(tables.geo_street_name.c.key))),
        "crossings": select(func.count()).select_from(tables.geo_crossing),
        "places": select(func.count()).select_from(tables.geo_place_name),
        "postcodes": select(func.count()).select_from(tables.geo_postcode),
    }
    owners = {"address_rows": tables.geo_address, "address_points": tables.geo_address,
              "streets": tables.geo_street_name, "crossings": tables.geo_crossing,
              "places": tables.geo_place_name, "postcodes": tables.geo_postcode}  # fmt: skip
    columns = [query.where(mine(owners[name])).scalar_subquery().label(name) for name, query in counted.items()]
    return dict(session.execute(select(*columns)).mappings().one())


def find_bounds(session: Session) -> tuple[float, float, float, float] | None:
    """Find the box around all addresses and streets.

    Returns
    -------
    tuple or None
        West, south, east, north in degrees; ``None`` while nothing is loaded.
    """
    shapes = (
        select(gazetteer_tables.geo_address.c.geom)
        .where(mine(gazetteer_tables.geo_address))
        .union_all(select(gazetteer_tables.geo_street.c.geom).where(mine(gazetteer_tables.geo_street)))
    )
    box = select(func.ST_Extent(literal_column("geom")).label("box")).select_from(shapes.subquery()).subquery()
    edges = (func.ST_XMin(box.c.box), func.ST_YMin(box.c.box), func.ST_XMax(box.c.box), func.ST_YMax(box.c.box))
    west, south, east, north = session.execute(select(*edges)).one()
    return None if west is None else (west, south, east, north)


def list_addresses(session: Session, *, limit: int = 200_000) -> list[AddressRow]:
    """List address points under the first name of their street, in the order they were loaded, the surest first."""
    table, names = gazetteer_tables.geo_address, gazetteer_tables.geo_street_name
    first = (
        select(names.c.street_id, func.min(names.c.name).label("name"))
        .where(mine(names), names.c.is_first)
        .group_by(names.c.street_id)
        .subquery()
    )
    number = func.coalesce(table.c.number, func.upper(table.c.number_key))
    lon, lat = func.ST_X(table.c.geom), func.ST_Y(table.c.geom)
    query = (
        select(first.c.name, number, table.c.postcode, table.c.locality, lon, lat)
        .join(first, first.c.street_id == table.c.street_id)
        .where(mine(table))
        .order_by(table.c.seq, table.c.street_id)
        .limit(limit)
    )
    return [AddressRow(street, nr, Point(x, y), code, town) for street, nr, code, town, x, y in session.execute(query)]
