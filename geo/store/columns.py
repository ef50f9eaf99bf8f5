"""The pieces tables are made of: keys, stamps and the checks that hold in the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, MetaData, Uuid, func, text

if TYPE_CHECKING:
    from enum import Enum

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)
RESTRICTED = "restricted"
MAX_AREA_VERTICES = 500
MAX_STREET_VERTICES = 5_000
CURRENT_NETWORK = text("current_network()")
CURRENT_ACTOR = text("current_actor()")


def network_column() -> Column[Any]:
    """Name the network that owns the row; filled in from the session."""
    return Column(
        "network_id", Uuid, ForeignKey("network.id", ondelete="CASCADE"), nullable=False, server_default=CURRENT_NETWORK
    )


def network_key() -> Column[Any]:
    """Name the network that owns the row, as the first part of its key."""
    return Column(
        "network_id",
        Uuid,
        ForeignKey("network.id", ondelete="CASCADE"),
        primary_key=True,
        server_default=CURRENT_NETWORK,
    )


def pk() -> Column[Any]:
    """Make the primary key: a time-ordered UUID made by us or by a client."""
    return Column("id", Uuid, primary_key=True)


def stamps() -> list[Column[Any]]:
    """Say when a row was made and changed, and count its versions for ETags."""
    return [
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("version", Integer, nullable=False, server_default="1"),
    ]


def one_of(column: str, enum: type[Enum]) -> CheckConstraint:
    """Allow one word of a vocabulary."""
    options = ", ".join(f"'{member.value}'" for member in enum)
    return CheckConstraint(f"{column} IN ({options})", name=f"{column}_known")


def each_of(column: str, enum: type[Enum]) -> CheckConstraint:
    """Allow a list of words of a vocabulary."""
    options = ", ".join(f"'{member.value}'" for member in enum)
    return CheckConstraint(f"{column} <@ ARRAY[{options}]::text[]", name=f"{column}_known")


def length(column: str, most: int) -> CheckConstraint:
    """Bound a text, in characters."""
    return CheckConstraint(f"char_length({column}) <= {most}", name=f"{column}_length")


def finite(column: str, least: float, most: float) -> CheckConstraint:
    """Bound a number; NaN and infinity fail."""
    # NaN sorts above every number in PostgreSQL, so the upper bound refuses it too
    return CheckConstraint(f"{column} BETWEEN {least} AND {most}", name=f"{column}_range")


def point_checks(column: str = "geom") -> list[CheckConstraint]:
    """Refuse empty, non-finite, out-of-range and null-island points."""
    return [
        CheckConstraint(f"NOT ST_IsEmpty({column})", name=f"{column}_not_empty"),
        CheckConstraint(
            f"ST_X({column}) BETWEEN -180 AND 180 AND ST_Y({column}) BETWEEN -90 AND 90", name=f"{column}_range"
        ),
        CheckConstraint(f"abs(ST_X({column})) + abs(ST_Y({column})) > 0.001", name=f"{column}_not_null_island"),
    ]


def shape_checks(column: str, most: int) -> list[CheckConstraint]:
    """Refuse empty, oversized and out-of-range shapes."""
    return [
        CheckConstraint(f"NOT ST_IsEmpty({column}) AND ST_NPoints({column}) <= {most}", name=f"{column}_bounded"),
        CheckConstraint(
            f"ST_XMin({column}) >= -180 AND ST_XMax({column}) <= 180 "
            f"AND ST_YMin({column}) >= -90 AND ST_YMax({column}) <= 90",
            name=f"{column}_range",
        ),
    ]


def geom(kind: str, *, nullable: bool = False) -> Column[Any]:
    """Make the geometry column, WGS 84; its index is declared beside it."""
    return Column("geom", Geometry(kind, srid=4326, spatial_index=False), nullable=nullable)
