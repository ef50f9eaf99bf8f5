"""Bring a gazetteer in: streets, address points, places and postcodes of one source, replaced as a whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import shapely
from psycopg import Connection, sql
from psycopg.errors import DataError, IntegrityError
from sqlalchemy import Table, delete, func, insert, literal_column, select, text, update

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.errors import InvalidInput
from geo.geocode.normalise import name_key, number_key, street_key
from geo.store import gazetteer_tables
from geo.store.audit import record
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from shapely.geometry import MultiLineString
    from sqlalchemy.orm import Session

source = gazetteer_tables.geo_source
_POINT = struct.Struct("<BIIdd")
_EWKB_POINT: Final = 0x20000001
_WGS84: Final = 4326
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


@dataclass(frozen=True, slots=True)
class StreetRow:
    """One named street; ``geometry`` is WGS 84, ``length_m`` true metres."""

    name: str
    geometry: MultiLineString
    length_m: float
    locality: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One named place that people give instead of an address."""

    name: str
    kind: str
    point: Point


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """One postcode: its middle, and the radius in metres that holds nearly all of its addresses."""

    postcode: str
    point: Point
    radius_m: float


def replace_source(
    session: Session,
    info: SourceInfo,
    *,
    addresses: Iterable[AddressRow] = (),
    streets: Iterable[StreetRow] = (),
    places: Iterable[PlaceRow] = (),
    postcodes: Iterable[PostcodeRow] = (),
) -> UUID:
    """Put a source's rows in the place of those it had, within the caller's transaction.

    Parameters
    ----------
    info
        The source; whatever was loaded under the same slug goes.
    addresses, streets, places, postcodes
        Read once and copied as they come, so an endless file needs no memory.

    Returns
    -------
    uuid.UUID
        The id of the new source.

    Raises
    ------
    InvalidInput
        If the database refuses a row; then nothing has changed once the caller rolls back.
    """
    # a large file takes its time, and a second loader of the same source waits for the first
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL lock_timeout = 0"))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"geo_source {info.slug}"))))
    session.execute(delete(source).where(source.c.slug == info.slug, mine(source)))
    source_id = new_id()
    values = {name: getattr(info, name) for name in ("slug", "name", "licence", "attribution", "checksum")}
    session.execute(insert(source).values(id=source_id, report=dict(info.report), **values))
    _copy(session, gazetteer_tables.geo_address, _ADDRESS, ((source_id, *row) for row in map(_address, addresses)))
    _copy(session, gazetteer_tables.geo_street, _STREET, ((source_id, *row) for row in map(_street, streets)))
    _copy(session, gazetteer_tables.geo_place, _PLACE, ((source_id, *row) for row in map(_place, places)))
    _copy(session, gazetteer_tables.geo_postcode, _POSTCODE, ((source_id, *row) for row in map(_postcode, postcodes)))
    record(session, "load", source.name, [source_id], values)
    return source_id


_ADDRESS: Final = ("source_id", "street", "street_key", "number", "number_key", "postcode", "locality", "geom")
_STREET: Final = ("source_id", "name", "name_key", "locality", "geom", "length_m")
_PLACE: Final = ("source_id", "name", "name_key", "kind", "geom")
_POSTCODE: Final = ("source_id", "postcode", "geom", "radius_m")


def _address(row: AddressRow) -> tuple[Any, ...]:
    keys = (row.street, street_key(row.street), row.number, number_key(row.number))
    return (*keys, row.postcode, row.locality, _ewkb(row.point))


def _street(row: StreetRow) -> tuple[Any, ...]:
    line = shapely.to_wkb(shapely.set_srid(row.geometry, _WGS84), hex=True, include_srid=True)
    return (row.name, street_key(row.name), row.locality, line, row.length_m)


def _place(row: PlaceRow) -> tuple[Any, ...]:
    return (row.name, name_key(row.name), row.kind, _ewkb(row.point))


def _postcode(row: PostcodeRow) -> tuple[Any, ...]:
    return (row.postcode, _ewkb(row.point), row.radius_m)


def _ewkb(point: Point) -> str:
    return _POINT.pack(1, _EWKB_POINT, _WGS84, point.lon, point.lat).hex()


def _copy(session: Session, table: Table, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    driver = session.connection().connection.driver_connection
    if not isinstance(driver, Connection):
        msg = "a gazetteer is copied through psycopg 3"
        raise TypeError(msg)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except (IntegrityError, DataError) as error:
        rule = error.diag.constraint_name or "of its type"
        raise InvalidInput(f"a row for {table.name} breaks the rule {rule}") from None
    # the planner would otherwise treat a freshly filled table as empty
    driver.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))


def keep_report(session: Session, source_id: UUID, report: Mapping[str, Any]) -> None:
    """Store what the import found, once it is known."""
    session.execute(update(source).where(source.c.id == source_id, mine(source)).values(report=dict(report)))


def list_sources(session: Session) -> list[Source]:
    """List what the gazetteer was made from, by slug."""
    names = ("slug", "name", "licence", "attribution", "checksum", "report", "id", "imported_at")
    query = select(*(source.c[name] for name in names)).where(mine(source)).order_by(source.c.slug)
    return [Source(**row) for row in session.execute(query.limit(_MAX_REPORT_ROWS)).mappings()]


def find_source(session: Session, slug: str) -> Source | None:
    """Find a source by its slug."""
    return next((found for found in list_sources(session) if found.slug == slug), None)


def count_rows(session: Session) -> dict[str, int]:
    """Count the network's address points, streets, places and postcodes.

    Returns
    -------
    dict
        ``address_points`` counts places once, whatever number of names they go by; ``streets`` counts names.
    """
    address, street = gazetteer_tables.geo_address, gazetteer_tables.geo_street
    place, postcode = gazetteer_tables.geo_place, gazetteer_tables.geo_postcode
    query = select(
        select(func.count()).select_from(address).where(mine(address)).scalar_subquery().label("address_rows"),
        select(func.count(func.distinct(address.c.geom)))
        .where(mine(address))
        .scalar_subquery()
        .label("address_points"),
        select(func.count(func.distinct(street.c.name_key))).where(mine(street)).scalar_subquery().label("streets"),
        select(func.count()).select_from(place).where(mine(place)).scalar_subquery().label("places"),
        select(func.count()).select_from(postcode).where(mine(postcode)).scalar_subquery().label("postcodes"),
    )
    return dict(session.execute(query).mappings().one())


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
    """List address points in the order they were loaded, which begins with the surest of each door."""
    table = gazetteer_tables.geo_address
    columns = (table.c.street, table.c.number, table.c.postcode, table.c.locality)
    lon, lat = func.ST_X(table.c.geom), func.ST_Y(table.c.geom)
    rows = session.execute(select(*columns, lon, lat).where(mine(table)).order_by(table.c.id).limit(limit))
    return [AddressRow(street, number, Point(x, y), code, town) for street, number, code, town, x, y in rows]
