"""Rounds of drivers and their stops. Where a stop is stands with its need or asset, and nowhere here."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from geo.domain.driver_rounds import RoundEnd, RoundState
from geo.domain.routing import MOST_LOAD, MOST_SERVICE_MIN, MOST_STOPS
from geo.domain.words import Mode
from geo.store.columns import finite, length, metadata, network_column, one_of, pk, stamps

driver_round = Table(
    "driver_round",
    metadata,
    pk(),
    network_column(),
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False, server_default="planned"),
    Column("mode", Text, nullable=False),
    Column("start_asset_id", Uuid, ForeignKey("asset.id", ondelete="SET NULL")),
    Column("ends", Text, nullable=False),
    Column("from_at", DateTime(timezone=True), nullable=False),
    Column("leave_at", DateTime(timezone=True), nullable=False),
    Column("end_at", DateTime(timezone=True), nullable=False),
    Column("travel_min", Double, nullable=False),
    Column("travel_model", Text, nullable=False),
    *stamps(),
    one_of("state", RoundState),
    one_of("mode", Mode),
    one_of("ends", RoundEnd),
    finite("travel_min", 0, 1440),
    length("travel_model", 60),
    CheckConstraint("from_at <= leave_at AND leave_at <= end_at", name="leave_at_order"),
    Index("ix_driver_round_helper", "helper_id"),
    Index("ix_driver_round_start_asset", "start_asset_id"),
    Index("ix_driver_round_state", "network_id", "state", "id"),
)

round_stop = Table(
    "round_stop",
    metadata,
    pk(),
    network_column(),
    Column("round_id", Uuid, ForeignKey("driver_round.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    # a match ends for good, so it is on one round at most, whatever became of that round
    Column("match_id", Uuid, ForeignKey("match.id", ondelete="CASCADE"), unique=True),
    Column("asset_id", Uuid, ForeignKey("asset.id", ondelete="CASCADE")),
    Column("demand", Integer, nullable=False),
    Column("service_min", Double, nullable=False),
    Column("earliest_at", DateTime(timezone=True)),
    Column("latest_at", DateTime(timezone=True)),
    Column("travel_min", Double, nullable=False),
    Column("arrive_at", DateTime(timezone=True), nullable=False),
    Column("begin_at", DateTime(timezone=True), nullable=False),
    Column("leave_at", DateTime(timezone=True), nullable=False),
    # of an asset alone; what became of a match is the match's to say
    Column("visited_at", DateTime(timezone=True)),
    CheckConstraint("num_nonnulls(match_id, asset_id) = 1", name="one_place"),
    CheckConstraint("visited_at IS NULL OR asset_id IS NOT NULL", name="visited_at_of_an_asset"),
    CheckConstraint(f"position BETWEEN 1 AND {MOST_STOPS}", name="position_range"),
    CheckConstraint(f"demand BETWEEN 0 AND {MOST_LOAD}", name="demand_range"),
    CheckConstraint("arrive_at <= begin_at AND begin_at <= leave_at", name="begin_at_order"),
    CheckConstraint("earliest_at <= latest_at", name="latest_at_order"),
    finite("service_min", 0, int(MOST_SERVICE_MIN)),
    finite("travel_min", 0, 1440),
    length("code", 12),
    UniqueConstraint("network_id", "code"),
    UniqueConstraint("round_id", "position", deferrable=True, initially="DEFERRED"),
    Index("ix_round_stop_asset", "asset_id"),
)
