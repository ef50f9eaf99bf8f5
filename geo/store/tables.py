"""Every table, with the checks that keep bad input out of the database itself.

Two schemas: ``public`` holds what may be shown to someone; ``restricted`` holds exact places, contact data and
whatever was typed, each with its own grants. Every table a network owns carries ``network_id``, filled in from
the session's setting.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo.domain import words
from geo.domain.match import MatchReason
from geo.store.columns import (
    CURRENT_ACTOR,
    MAX_AREA_VERTICES,
    RESTRICTED,
    each_of,
    finite,
    geom,
    length,
    metadata,
    network_column,
    network_key,
    one_of,
    pk,
    point_checks,
    shape_checks,
    stamps,
)
from geo.store.people_tables import sealed_columns, sealed_length

REVIEW_RANK = (
    "CASE WHEN status = ANY (ARRAY['met'::text, 'withdrawn'::text, 'expired'::text, 'merged'::text]) "
    "OR withheld "
    "OR (location_state <> ALL (ARRAY['needs_review'::text, 'pending'::text])) THEN NULL::integer "
    "ELSE CASE review_mark WHEN 'ask_again'::text THEN 4 WHEN 'outside_area'::text THEN 8 ELSE 0 END "
    "+ CASE urgency WHEN 'critical'::text THEN 0 WHEN 'high'::text THEN 1 WHEN 'normal'::text THEN 2 ELSE 3 END END"
)
"""A need's place in the review queue: by list first, then by urgency; none for a need that does not wait.

The database works it out, so that one index holds the queue and nothing else, in the order it is read.
"""

network = Table(
    "network",
    metadata,
    pk(),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("service_area", Geometry("POLYGON", srid=4326, spatial_index=False)),
    Column("requires_totp", Boolean, nullable=False, server_default=text("false")),
    Column("time_zone", Text, nullable=False, server_default="UTC"),
    # what whoever runs it speaks; nothing when nobody has said
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    # after so long without an answer the next is asked
    Column("escalate_after_h", Integer, nullable=False, server_default="24"),
    # whoever began it needs no guide any more
    Column("steps_away", Boolean, nullable=False, server_default=text("false")),
    # minutes within which help should be reached; the installation's when nobody has said
    Column("standard_min", Integer),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("slug ~ '^[a-z0-9-]{1,60}$'", name="slug_form"),
    CheckConstraint("NOT ST_IsEmpty(service_area) AND ST_NPoints(service_area) <= 500", name="service_area_bounded"),
    length("time_zone", 60),
    CheckConstraint("cardinality(languages) <= 20", name="languages_bounded"),
    CheckConstraint("escalate_after_h BETWEEN 1 AND 336", name="escalate_after_h_range"),
    CheckConstraint("standard_min BETWEEN 1 AND 240", name="standard_min_range"),
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
    # the cell that is told outside; it stays while the place only trembles
    Column("public_cell", Text),
    Column("household_size", Integer, nullable=False, server_default="1"),
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("access", ARRAY(Text), nullable=False, server_default="{}"),
    Column("withheld", Boolean, nullable=False, server_default=text("false")),
    Column("source", Text, nullable=False, server_default="api"),
    Column("submitted_by", Uuid, server_default=CURRENT_ACTOR),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("closed_at", DateTime(timezone=True)),
    # what a person found out about a place that is still missing
    Column("review_mark", Text),
    Column("review_rank", SmallInteger, Computed(REVIEW_RANK, persisted=True)),
    *stamps(),
    one_of("category", words.Category),
    one_of("urgency", words.Urgency),
    one_of("review_mark", words.ReviewMark),
    CheckConstraint("review_mark IS NULL OR location_state = 'needs_review'", name="mark_while_waiting"),
    one_of("status", words.NeedStatus),
    one_of("location_state", words.LocationState),
    one_of("match_quality", words.MatchQuality),
    each_of("access", words.Access),
    finite("household_size", 1, 50),
    finite("uncertainty_m", 0, 100000),
    CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name="cell_form"),
    CheckConstraint("public_cell ~ '^8[0-9a-f]{14}$'", name="public_cell_form"),
    CheckConstraint(
        "(location_state IN ('located', 'confirmed', 'approximate')) = (cell IS NOT NULL)", name="cell_iff_mapped"
    ),
    CheckConstraint("cardinality(languages) <= 20", name="languages_bounded"),
    length("source", 40),
    UniqueConstraint("network_id", "id"),
    Index("ix_need_open", "network_id", "category", "cell", postgresql_where=text("status IN ('open','in_progress')")),
    Index("ix_need_location_state", "network_id", "location_state", "id"),
    Index("ix_need_closed", "network_id", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    Index("ix_need_household", "network_id", "household_id"),
    Index("ix_need_received", "network_id", "received_at"),
    # whether there is anything made up is asked for every page
    Index("ix_need_made_up", "network_id", postgresql_where=text("source = 'synthetic'")),
    # in the order in which they have waited
    Index(
        "ix_need_waiting", "network_id", "received_at", "id", postgresql_where=text("status = 'open' AND NOT withheld")
    ),
    Index(
        "ix_need_review",
        "network_id",
        "review_rank",
        "received_at",
        "id",
        postgresql_where=text("review_rank IS NOT NULL"),
    ),
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
    Column("schedule", Text),
    Column("step_free", Text, nullable=False, server_default="unknown"),
    Column("languages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("interpreter", Boolean, nullable=False, server_default=text("false")),
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
    length("schedule", 1000),
    length("source", 40),
    length("source_ref", 200),
    UniqueConstraint("network_id", "source", "source_ref"),
    # the network leads, so that the nearest of one network are never sought among all
    Index("ix_asset_geog", "network_id", text("geography(geom)"), postgresql_using="gist"),
    Index("ix_asset_geom", "geom", postgresql_using="gist"),
    # the few that are drawn as a cell
    Index("ix_asset_cell", "network_id", "cell", postgresql_where=text("geom IS NULL")),
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
    Column("availability", Text),
    # the hours of a week, counted from Monday's midnight by their clock, in which they may be free at all; not worked
    # out where empty
    Column("free_hours", ARRAY(SmallInteger)),
    Column("interpreter", Boolean, nullable=False, server_default=text("false")),
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
    length("availability", 1000),
    CheckConstraint("cardinality(free_hours) <= 168", name="free_hours_bounded"),
    Index("ix_helper_reach", "network_id", "vehicle", "max_travel_min"),
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
    network_key(),
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
    # what a helper who lives here is good for, in words that the database keeps
    Column("suits", ARRAY(Text)),
    # and how they travel: 1 on foot, 2 by bicycle, 3 by car
    Column("way", SmallInteger),
    Column("located_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    *point_checks(),
    CheckConstraint("num_nonnulls(need_id, helper_id, asset_id) = 1", name="one_owner"),
    finite("uncertainty_m", 0, 100000),
    length("address_typed", 500),
    CheckConstraint("octet_length(candidates::text) <= 20000", name="candidates_bounded"),
    Index(
        "ix_location_exact_helper_geog",
        "network_id",
        text("geography(geom)"),
        postgresql_using="gist",
        postgresql_where=text("helper_id IS NOT NULL"),
    ),
    Index(
        "ix_location_exact_need_geog",
        "network_id",
        text("geography(geom)"),
        postgresql_using="gist",
        postgresql_where=text("need_id IS NOT NULL"),
    ),
    Index(
        "ix_location_exact_need_geom",
        "network_id",
        "geom",
        postgresql_using="gist",
        postgresql_where=text("need_id IS NOT NULL"),
    ),
    Index(
        "ix_location_exact_way_geog",
        "network_id",
        "way",
        text("geography(geom)"),
        postgresql_using="gist",
        postgresql_where=text("helper_id IS NOT NULL"),
    ),
    Index(
        "ix_location_exact_suits",
        "suits",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=text("helper_id IS NOT NULL"),
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
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), unique=True),
    *sealed_columns(),
    # a keyed hash of the number, by which two requests of one telephone are known
    Column("reach", LargeBinary),
    CheckConstraint("num_nonnulls(need_id, helper_id, organization_id) = 1", name="one_owner"),
    CheckConstraint("octet_length(reach) = 32", name="reach_form"),
    sealed_length(60_000),
    Index("ix_contact_reach", "network_id", "reach", postgresql_where=text("reach IS NOT NULL")),
    schema=RESTRICTED,
)

submission = Table(
    "submission",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    *sealed_columns(nullable=True),
    Column("result", JSONB, nullable=False),
    Column("record_id", Uuid),
    Column("device_at", DateTime(timezone=True)),
    Column("submitted_by", Uuid, server_default=CURRENT_ACTOR),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False, server_default="made"),
    Column("channel", Text, nullable=False, server_default="door"),
    Column("form", Integer),
    Column("accuracy_m", Double),
    Column("has_photo", Boolean, nullable=False, server_default=text("false")),
    # hidden at once, and gone a little later
    Column("photo_hidden_at", DateTime(timezone=True)),
    Column("state_before", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("refused_because", Text),
    CheckConstraint("octet_length(body_hash) = 32", name="body_hash_form"),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    sealed_length(2_000_000),
    CheckConstraint("kind IN ('need', 'asset', 'helper')", name="kind_known"),
    one_of("state", words.EntryState),
    one_of("state_before", words.EntryState),
    one_of("channel", words.EntryChannel),
    one_of("refused_because", words.EntryRefusal),
    CheckConstraint("form BETWEEN 1 AND 1000", name="form_range"),
    CheckConstraint("accuracy_m BETWEEN 0 AND 10000000", name="accuracy_m_range"),
    CheckConstraint(
        "state <> 'refused' OR (refused_because IS NOT NULL AND decided_at IS NOT NULL)", name="refused_with_a_reason"
    ),
    UniqueConstraint("network_id", "id"),
    Index("ix_submission_record", "network_id", "record_id"),
    Index("ix_submission_received", "network_id", "received_at", "id"),
    Index("ix_submission_photo", "network_id", "received_at", postgresql_where=text("has_photo")),
    Index("ix_submission_state", "network_id", "state", "id"),
    Index("ix_submission_waiting", "network_id", "received_at", "id", postgresql_where=text("state = 'received'")),
    schema=RESTRICTED,
)

idempotency = Table(
    "idempotency",
    metadata,
    network_key(),
    Column("key", Uuid, primary_key=True),
    Column("route", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_idempotency_record", "network_id", "record_id"),
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
    Column("reason", Text),
    Column("done_at", DateTime(timezone=True)),
    Column("confirmed_at", DateTime(timezone=True)),
    # whether it is part of its helper's load
    Column("is_counted", Boolean, nullable=False, server_default=text("false")),
    *stamps(),
    CheckConstraint("num_nonnulls(helper_id, asset_id) = 1", name="one_side"),
    one_of("status", words.MatchStatus),
    one_of("reason", MatchReason),
    CheckConstraint("confirmed_at IS NULL OR status = 'done'", name="confirmed_when_done"),
    finite("travel_min", 0, 1440),
    Index("ix_match_need", "need_id"),
    Index("ix_match_helper", "helper_id"),
    Index("ix_match_asset", "asset_id"),
    Index("uq_match_one_live", "need_id", unique=True, postgresql_where=text("status IN ('accepted', 'under_way')")),
    Index("uq_match_asked_once", "need_id", "helper_id", unique=True, postgresql_where=text("status = 'proposed'")),
    Index(
        "ix_match_unanswered",
        "network_id",
        "created_at",
        postgresql_where=text("helper_id IS NOT NULL AND status IN ('proposed', 'expired')"),
    ),
    Index("ix_match_counted", "network_id", "done_at", postgresql_where=text("is_counted")),
    Index("ix_match_lapsing", "network_id", "expires_at", postgresql_where=text("status IN ('proposed', 'accepted')")),
)
