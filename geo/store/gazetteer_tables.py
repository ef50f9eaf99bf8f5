"""The gazetteer's tables: what is known of a city by its address points, streets, crossings, places and postcodes.

The rows of a source carry its number in the upper half of their street's or place's id, so that a source goes by one
range of its index and a million rows need no foreign keys; the trigger ``forget_source`` keeps them in step.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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

SOURCE_BITS = 31
"""How many bits of an id count the rows of one source; those above are the source's number."""

geo_source = Table(
    "geo_source",
    metadata,
    pk(),
    network_column(),
    Column("number", Integer, Identity(always=True), nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="file"),
    Column("licence", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("report", JSONB, nullable=False, server_default="{}"),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("network_id", "slug"),
    UniqueConstraint("number"),
)


def _network() -> Column[Any]:
    # without a foreign key, whose check for each of a million copied rows takes longer than the copy
    return Column("network_id", Uuid, nullable=False, server_default=CURRENT_NETWORK)


def _id(name: str = "id", *, is_key: bool = True) -> Column[Any]:
    return Column(name, BigInteger, primary_key=is_key, autoincrement=False, nullable=False)


geo_street = Table(
    "geo_street",
    metadata,
    _id(),
    _network(),
    Column("name", Text, nullable=False),
    Column("locality", Text),
    geom("MULTILINESTRING"),
    Column("length_m", Double, nullable=False),
    *shape_checks("geom", MAX_STREET_VERTICES),
    length("name", 200),
    Index("ix_geo_street_geom", "geom", postgresql_using="gist"),
)

# every name a street goes by, in each of its languages, whether it has a line or is known by its doors alone
geo_street_name = Table(
    "geo_street_name",
    metadata,
    _id("street_id"),
    Column("key", Text, primary_key=True),
    _network(),
    Column("base", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("locality", Text),
    Column("is_first", Boolean, nullable=False),
    length("key", 200),
    length("name", 200),
)

# the names without their types, each once for a source, with what is left of it after one or two letters are taken out
geo_base = Table(
    "geo_base",
    metadata,
    Column("source_number", Integer, primary_key=True, autoincrement=False),
    Column("base", Text, primary_key=True),
    _network(),
    Column("deletions", ARRAY(Integer), nullable=False),
    length("base", 200),
    Index("ix_geo_base_deletions", "deletions", postgresql_using="gin"),
    Index("ix_geo_base_like", "base", postgresql_using="gin", postgresql_ops={"base": "gin_trgm_ops"}),
)

# the words that street names are made of: whoever typed one of them made no slip of the hand
geo_word = Table(
    "geo_word",
    metadata,
    Column("network_id", Uuid, primary_key=True, server_default=CURRENT_NETWORK),
    Column("word", Text, primary_key=True),
    Column("source_number", Integer, primary_key=True, autoincrement=False),
    length("word", 200),
)

geo_address = Table(
    "geo_address",
    metadata,
    _network(),
    _id("street_id"),
    Column("number_int", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("number_key", Text, nullable=False),
    Column("number", Text),
    Column("postcode", Text),
    Column("locality", Text),
    geom("POINT"),
    *point_checks(),
    length("number_key", 30),
    length("number", 30),
    length("postcode", 20),
    length("locality", 200),
    Index("ix_geo_address_block", "postcode", "number_int"),
    Index("ix_geo_address_geom", "geom", postgresql_using="gist"),
)

# house numbers along a piece of a street, where the doors themselves are not known
geo_range = Table(
    "geo_range",
    metadata,
    _id("street_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _network(),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("is_reversed", SmallInteger, nullable=False),
    Column("postcode", Text),
    Column("locality", Text),
    geom("LINESTRING"),
    *shape_checks("geom", MAX_STREET_VERTICES),
    finite("low", 0, 999_999_999),
    finite("high", 0, 999_999_999),
    finite("step", 1, 2),
)

geo_crossing = Table(
    "geo_crossing",
    metadata,
    _id("street_a"),
    _id("street_b"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _network(),
    geom("POINT"),
    *point_checks(),
    Index("ix_geo_crossing_geom", "geom", postgresql_using="gist"),
)

geo_place = Table(
    "geo_place",
    metadata,
    _id(),
    _network(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    geom("POINT"),
    *point_checks(),
    length("name", 200),
)

geo_place_name = Table(
    "geo_place_name",
    metadata,
    _id("place_id"),
    Column("key", Text, primary_key=True),
    _network(),
    Column("name", Text, nullable=False),
    length("key", 200),
    length("name", 200),
    Index("ix_geo_place_name_like", "key", postgresql_using="gin", postgresql_ops={"key": "gin_trgm_ops"}),
)

# the towns that addresses name: whoever typed one of them made no slip of the hand for another
geo_town = Table(
    "geo_town",
    metadata,
    Column("network_id", Uuid, primary_key=True, server_default=CURRENT_NETWORK),
    Column("key", Text, primary_key=True),
    Column("source_number", Integer, primary_key=True, autoincrement=False),
    length("key", 200),
)

geo_postcode = Table(
    "geo_postcode",
    metadata,
    Column("source_number", Integer, primary_key=True, autoincrement=False),
    Column("postcode", Text, primary_key=True),
    _network(),
    Column("key", Text, nullable=False),
    geom("POINT"),
    Column("radius_m", Double, nullable=False),
    Column("localities", ARRAY(Text), nullable=False, server_default="{}"),
    *point_checks(),
    finite("radius_m", 0, 100000),
    length("postcode", 20),
)
