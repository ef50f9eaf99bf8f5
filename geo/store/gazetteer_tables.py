"""The gazetteer's tables: what is known of a city by its address points, streets, places and postcodes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.store.columns import (
    CURRENT_NETWORK,
    MAX_STREET_VERTICES,
    finite,
    geom,
    length,
    metadata,
    network_column,
    pk,
    point_checks,
    shape_checks,
)

geo_source = Table(
    "geo_source",
    metadata,
    pk(),
    network_column(),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("report", JSONB, nullable=False, server_default="{}"),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("network_id", "slug"),
)


def _source() -> Column[Any]:
    return Column("source_id", Uuid, ForeignKey("geo_source.id", ondelete="CASCADE"), nullable=False)


def _big_pk() -> Column[Any]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


geo_street = Table(
    "geo_street",
    metadata,
    _big_pk(),
    network_column(),
    _source(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("locality", Text),
    geom("MULTILINESTRING"),
    Column("length_m", Double, nullable=False),
    *shape_checks("geom", MAX_STREET_VERTICES),
    length("name", 200),
    length("name_key", 200),
    Index("ix_geo_street_key", "network_id", "name_key"),
    Index("ix_geo_street_geom", "geom", postgresql_using="gist"),
)

geo_address = Table(
    "geo_address",
    metadata,
    _big_pk(),
    network_column(),
    _source(),
    Column("street", Text, nullable=False),
    Column("street_key", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("number_key", Text, nullable=False),
    Column(
        "number_int", Integer, Computed("(\"substring\"(number_key, '^[0-9]{1,9}'::text))::integer", persisted=True)
    ),
    Column("postcode", Text),
    Column("locality", Text),
    geom("POINT"),
    *point_checks(),
    length("street", 200),
    length("number", 30),
    length("postcode", 20),
    Index("ix_geo_address_key", "network_id", "street_key", "number_key"),
    Index("ix_geo_address_street_number", "network_id", "street_key", "number_int"),
    Index("ix_geo_address_number", "network_id", "number_int", "postcode"),
    Index("ix_geo_address_geog", text("geography(geom)"), postgresql_using="gist"),
)

# every key under which a street is known, by its line or by its doors; triggers keep it, so that a spelling is
# looked for among thousands of names and not among millions of doors
geo_street_key = Table(
    "geo_street_key",
    metadata,
    Column(
        "network_id",
        Uuid,
        ForeignKey("network.id", ondelete="CASCADE"),
        primary_key=True,
        server_default=CURRENT_NETWORK,
    ),
    Column("source_id", Uuid, ForeignKey("geo_source.id", ondelete="CASCADE"), primary_key=True),
    Column("street_key", Text, primary_key=True),
    Index(
        "ix_geo_street_key_like", "street_key", postgresql_using="gin", postgresql_ops={"street_key": "gin_trgm_ops"}
    ),
)

geo_place = Table(
    "geo_place",
    metadata,
    _big_pk(),
    network_column(),
    _source(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    geom("POINT"),
    *point_checks(),
    length("name", 200),
    Index("ix_geo_place_key", "network_id", "name_key"),
    Index("ix_geo_place_key_trgm", "name_key", postgresql_using="gin", postgresql_ops={"name_key": "gin_trgm_ops"}),
)

geo_postcode = Table(
    "geo_postcode",
    metadata,
    _big_pk(),
    network_column(),
    _source(),
    Column("postcode", Text, nullable=False),
    geom("POINT"),
    Column("radius_m", Double, nullable=False),
    *point_checks(),
    finite("radius_m", 0, 100000),
    UniqueConstraint("network_id", "source_id", "postcode"),
)
