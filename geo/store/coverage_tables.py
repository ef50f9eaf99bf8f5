"""What coverage depends on and has changed, noted by the database itself, and the figures of each day."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from geo.domain import words
from geo.store.columns import RESTRICTED, finite, length, metadata, network_column, network_key, one_of

coverage_change = Table(
    "coverage_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    # the transaction that made it, so that one that commits late is not missed
    Column("txid", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text)::bigint")),
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('need', 'place', 'all')", name="kind_known"),
    CheckConstraint("(kind = 'all') = (record_id IS NULL)", name="record_unless_all"),
    Index("ix_coverage_change_since", "network_id", "txid"),
    schema=RESTRICTED,
)

coverage_day = Table(
    "coverage_day",
    metadata,
    network_key(),
    Column("by", Text, primary_key=True),
    Column("standard_min", Double, primary_key=True),
    Column("mode", Text, primary_key=True),
    Column("travel_model", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("demand", Integer, nullable=False),
    Column("covered", Integer, nullable=False),
    Column("covered_best", Integer, nullable=False),
    CheckConstraint("by IN ('hex', 'area')", name="by_known"),
    one_of("mode", words.Mode),
    one_of("category", words.Category),
    finite("standard_min", 1, 240),
    CheckConstraint("0 <= covered AND covered <= covered_best AND covered_best <= demand", name="adds_up"),
    length("travel_model", 60),
    length("key", 100),
    length("label", 400),
    Index("ix_coverage_day_day", "network_id", "day"),
)
