"""Turfs, their doors in walking order, the phones that carry them, and what was met at each door."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain import turf as words
from geo.store.columns import (
    CURRENT_ACTOR,
    MAX_AREA_VERTICES,
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

turf = Table(
    "turf",
    metadata,
    pk(),
    network_column(),
    # what the codes of its doors begin with; never used for another, so that a sheet that lies about means nothing else
    Column("number", Integer, nullable=False),
    Column("cut_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("note", Text),
    geom("MULTIPOLYGON"),
    Column("doors", Integer, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("tally", JSONB, nullable=False, server_default="{}"),
    *stamps(),
    *shape_checks("geom", MAX_AREA_VERTICES),
    length("name", 100),
    length("note", 500),
    finite("number", 1, words.MAX_NUMBER),
    finite("doors", 1, words.MAX_DOORS),
    CheckConstraint("jsonb_typeof(tally) = 'object' AND octet_length(tally::text) <= 500", name="tally_bounded"),
    UniqueConstraint("network_id", "id"),
    UniqueConstraint("network_id", "number"),
    Index("ix_turf_geom", "geom", postgresql_using="gist"),
    Index("ix_turf_cut", "network_id", "cut_id"),
    Index("ix_turf_open", "network_id", "ends_on", postgresql_where=text("closed_at IS NULL")),
)

turf_number = Table(
    "turf_number",
    metadata,
    network_column(),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("network_id"),
    finite("last", 1, words.MAX_NUMBER),
)

turf_door = Table(
    "turf_door",
    metadata,
    network_column(),
    Column("turf_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("street", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("postcode", Text),
    Column("locality", Text),
    geom("POINT"),
    *point_checks(),
    one_of("side", words.Side),
    finite("position", 1, words.MAX_DOORS),
    length("street", 200),
    length("number", 30),
    length("postcode", 20),
    length("locality", 200),
    PrimaryKeyConstraint("network_id", "turf_id", "position"),
    ForeignKeyConstraint(["network_id", "turf_id"], ["turf.network_id", "turf.id"], ondelete="CASCADE"),
)

turf_assignment = Table(
    "turf_assignment",
    metadata,
    pk(),
    network_column(),
    Column("turf_id", Uuid, nullable=False),
    Column("device_id", Uuid, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_by", Uuid, server_default=CURRENT_ACTOR),
    CheckConstraint("from_on <= until_on", name="days_in_order"),
    ForeignKeyConstraint(["network_id", "turf_id"], ["turf.network_id", "turf.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["network_id", "device_id"], ["access.device.network_id", "access.device.id"], ondelete="CASCADE"
    ),
    Index("ix_turf_assignment_device", "device_id", "turf_id"),
    Index(
        "uq_turf_assignment_standing", "turf_id", "device_id", unique=True, postgresql_where=text("ended_at IS NULL")
    ),
)

turf_visit = Table(
    "turf_visit",
    metadata,
    pk(),
    network_column(),
    Column("turf_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("device_at", DateTime(timezone=True)),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("submitted_by", Uuid, server_default=CURRENT_ACTOR),
    one_of("outcome", words.Outcome),
    one_of("source", words.VisitSource),
    ForeignKeyConstraint(
        ["network_id", "turf_id", "position"],
        ["turf_door.network_id", "turf_door.turf_id", "turf_door.position"],
        ondelete="CASCADE",
        name="fk_turf_visit_door",
    ),
    Index("ix_turf_visit_door", "network_id", "turf_id", "position", "happened_at", "received_at", "id"),
)
