"""Every table, with the checks that keep bad input out of the database itself.

Two schemas: ``public`` holds what may be shown to someone; ``restricted`` holds exact places, contact data and
whatever was typed, each with its own grants. Every table a network owns carries ``network_id``, filled in from
the session's setting.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo.domain import words
from geo.store.columns import (
    CURRENT_NETWORK,
    MAX_AREA_VERTICES,
    MAX_STREET_VERTICES,
    RESTRICTED,
    each_of,
    finite,
    geom,
    length,
    metadata,
    network_column,
    one_of,
    pk,
    point_checks,
    shape_checks,
    stamps,
)

network = Table(
    "network",
    metadata,
    pk(),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("service_area", Geometry("POLYGON", srid=4326, spatial_index=False)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("slug ~ '^[a-z0-9-]{1,60}$'", name="slug_form"),
    CheckConstraint("NOT ST_IsEmpty(service_area) AND ST_NPoints(service_area) <= 500", name="service_area_bounded"),
)

organization = Table(
    "organization",
    metadata,
    pk(),
    network_column(),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("url", Text),
    *stamps(),
    length("name", 200),
    length("description", 2000),
    length("url", 500),
    UniqueConstraint("network_id", "name"),
)

need = Table(
    "need",
    metadata,
    pk(),
    network_column(),
    Column("household_id", Uuid, nullable=False),
    Column("category", Text, nullable=False),
    Column("urgency", Text, nullable=False, server_default="normal"),
    Column("status", Text, nullable=False, server_default="open"),
    Column("location_state", Text, nullable=False, server_default="none"),
    Column("match_quality", Text, nullable=False, server_default="none"),
    Column("uncertainty_m", Double),
    Column("cell", Text),
    Column("household_size", Integer, nullable=False, server_default="1"),
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("access", ARRAY(Text), nullable=False, server_default="{}"),
    Column("withheld", Boolean, nullable=False, server_default=text("false")),
    Column("source", Text, nullable=False, server_default="api"),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("closed_at", DateTime(timezone=True)),
    *stamps(),
    one_of("category", words.Category),
    one_of("urgency", words.Urgency),
    one_of("status", words.NeedStatus),
    one_of("location_state", words.LocationState),
    one_of("match_quality", words.MatchQuality),
    each_of("access", words.Access),
    finite("household_size", 1, 50),
    finite("uncertainty_m", 0, 100000),
    CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name="cell_form"),
    CheckConstraint(
        "(location_state IN ('located', 'confirmed', 'approximate')) = (cell IS NOT NULL)", name="cell_iff_mapped"
    ),
    CheckConstraint("cardinality(languages) <= 20", name="languages_bounded"),
    length("source", 40),
    UniqueConstraint("network_id", "id"),
    Index("ix_need_open", "network_id", "category", "cell", postgresql_where=text("status IN ('open','in_progress')")),
    Index("ix_need_location_state", "network_id", "location_state", "id"),
)

asset = Table(
    "asset",
    metadata,
    pk(),
    network_column(),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="SET NULL")),
    Column("kind", Text, nullable=False),
    Column("categories", ARRAY(Text), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False, server_default="active"),
    Column("is_private", Boolean, nullable=False, server_default=text("false")),
    geom("POINT", nullable=True),
    Column("cell", Text),
    Column("address", Text),
    Column("capacity_per_week", Integer),
    Column("opening_hours", Text),
    Column("step_free", Text, nullable=False, server_default="unknown"),
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("source", Text, nullable=False, server_default="api"),
    Column("source_ref", Text),
    Column("assured_on", Date),
    *stamps(),
    *point_checks(),
    one_of("status", words.AssetStatus),
    one_of("step_free", words.StepFree),
    each_of("categories", words.Category),
    CheckConstraint("cardinality(categories) BETWEEN 1 AND 10", name="categories_bounded"),
    CheckConstraint("NOT (is_private AND geom IS NOT NULL)", name="private_has_no_point"),
    finite("capacity_per_week", 0, 1000000),
    length("name", 200),
    length("description", 2000),
    length("address", 300),
    length("kind", 60),
    length("opening_hours", 1000),
    length("source", 40),
    length("source_ref", 200),
    UniqueConstraint("network_id", "source", "source_ref"),
    Index("ix_asset_geog", text("geography(geom)"), postgresql_using="gist"),
    Index("ix_asset_geom", "geom", postgresql_using="gist"),
)

helper = Table(
    "helper",
    metadata,
    pk(),
    network_column(),
    Column("public_name", Text, nullable=False),
    Column("categories", ARRAY(Text), nullable=False),
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("vehicle", Text, nullable=False, server_default="none"),
    Column("status", Text, nullable=False, server_default="active"),
    Column("capacity_per_week", Integer, nullable=False, server_default="1"),
    Column("load", Integer, nullable=False, server_default="0"),
    Column("max_travel_min", Integer, nullable=False, server_default="20"),
    Column("cell", Text),
    Column("last_asked_at", DateTime(timezone=True)),
    *stamps(),
    each_of("categories", words.Category),
    one_of("vehicle", words.Vehicle),
    one_of("status", words.HelperStatus),
    CheckConstraint("cardinality(categories) BETWEEN 1 AND 10", name="categories_bounded"),
    CheckConstraint("cardinality(languages) <= 20", name="languages_bounded"),
    finite("capacity_per_week", 0, 200),
    finite("load", 0, 200),
    finite("max_travel_min", 1, 240),
    length("public_name", 100),
)

area = Table(
    "area",
    metadata,
    pk(),
    network_column(),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    geom("MULTIPOLYGON"),
    Column("population", Integer),
    Column("dwellings", Integer),
    Column("source", Text, nullable=False, server_default="api"),
    *stamps(),
    *shape_checks("geom", MAX_AREA_VERTICES),
    CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
    length("name", 200),
    length("kind", 40),
    length("slug", 100),
    finite("population", 0, 100000000),
    finite("dwellings", 0, 100000000),
    UniqueConstraint("network_id", "kind", "slug"),
    Index("ix_area_geom", "geom", postgresql_using="gist"),
)

dwelling_cell = Table(
    "dwelling_cell",
    metadata,
    Column(
        "network_id",
        Uuid,
        ForeignKey("network.id", ondelete="CASCADE"),
        primary_key=True,
        server_default=CURRENT_NETWORK,
    ),
    Column("cell", Text, primary_key=True),
    Column("dwellings", Integer, nullable=False),
    finite("dwellings", 0, 1000000),
)

# -- restricted ------------------------------------------------------------------------------------------

location_exact = Table(
    "location_exact",
    metadata,
    pk(),
    network_column(),
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), unique=True),
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE"), unique=True),
    Column("asset_id", Uuid, ForeignKey("asset.id", ondelete="CASCADE"), unique=True),
    geom("POINT", nullable=True),
    Column("uncertainty_m", Double),
    Column("address_typed", Text),
    Column("candidates", JSONB, nullable=False, server_default="[]"),
    Column("located_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    *point_checks(),
    CheckConstraint("num_nonnulls(need_id, helper_id, asset_id) = 1", name="one_owner"),
    finite("uncertainty_m", 0, 100000),
    length("address_typed", 500),
    CheckConstraint("octet_length(candidates::text) <= 20000", name="candidates_bounded"),
    Index(
        "ix_location_exact_helper_geog",
        text("geography(geom)"),
        postgresql_using="gist",
        postgresql_where=text("helper_id IS NOT NULL"),
    ),
    Index(
        "ix_location_exact_need_geog",
        text("geography(geom)"),
        postgresql_using="gist",
        postgresql_where=text("need_id IS NOT NULL"),
    ),
    schema=RESTRICTED,
)

contact = Table(
    "contact",
    metadata,
    pk(),
    network_column(),
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), unique=True),
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE"), unique=True),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("preferred_channel", Text),
    Column("note", Text),
    Column("consent_at", DateTime(timezone=True)),
    CheckConstraint("num_nonnulls(need_id, helper_id) = 1", name="one_owner"),
    length("name", 200),
    length("phone", 40),
    length("email", 254),
    length("note", 4000),
    length("preferred_channel", 20),
    schema=RESTRICTED,
)

submission = Table(
    "submission",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("result", JSONB, nullable=False),
    Column("record_id", Uuid),
    Column("device_at", DateTime(timezone=True)),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(body_hash) = 32", name="body_hash_form"),
    CheckConstraint("kind IN ('need', 'asset', 'helper')", name="kind_known"),
    UniqueConstraint("network_id", "id"),
    schema=RESTRICTED,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column(
        "network_id",
        Uuid,
        ForeignKey("network.id", ondelete="CASCADE"),
        primary_key=True,
        server_default=CURRENT_NETWORK,
    ),
    Column("key", Uuid, primary_key=True),
    Column("route", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema=RESTRICTED,
)

# -- gazetteer -------------------------------------------------------------------------------------------

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
    Index("ix_geo_street_key_trgm", "name_key", postgresql_using="gin", postgresql_ops={"name_key": "gin_trgm_ops"}),
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

geocode_cache = Table(
    "geocode_cache",
    metadata,
    Column(
        "network_id",
        Uuid,
        ForeignKey("network.id", ondelete="CASCADE"),
        primary_key=True,
        server_default=CURRENT_NETWORK,
    ),
    Column("query_hash", LargeBinary, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("result", JSONB, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("octet_length(query_hash) = 32", name="query_hash_form"),
    schema=RESTRICTED,
)

# -- what follows from them ------------------------------------------------------------------------------

match = Table(
    "match",
    metadata,
    pk(),
    network_column(),
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE")),
    Column("asset_id", Uuid, ForeignKey("asset.id", ondelete="CASCADE")),
    Column("status", Text, nullable=False, server_default="proposed"),
    Column("travel_min", Double),
    Column("expires_at", DateTime(timezone=True)),
    *stamps(),
    CheckConstraint("num_nonnulls(helper_id, asset_id) = 1", name="one_side"),
    one_of("status", words.MatchStatus),
    finite("travel_min", 0, 1440),
    Index("uq_match_one_live", "need_id", unique=True, postgresql_where=text("status IN ('accepted', 'under_way')")),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Uuid),
    Column("fields", ARRAY(Text), nullable=False, server_default="{}"),
    Index("ix_audit_object", "network_id", "object_kind", "object_id"),
)
