"""Proposals nobody answered in time: each is noted once, with what was done about it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Uuid

from geo.store.columns import metadata, network_column
from geo.store.tables import match, need

escalation = Table(
    "escalation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("need_id", Uuid, ForeignKey(need.c.id, ondelete="CASCADE"), nullable=False),
    # each proposal counts once, so that a round that is gone again changes nothing
    Column("match_id", Uuid, ForeignKey(match.c.id, ondelete="CASCADE"), nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    # who is asked instead, when that is by itself
    Column("next_match_id", Uuid, ForeignKey(match.c.id, ondelete="SET NULL")),
    # when organizers were told
    Column("told_at", DateTime(timezone=True)),
    CheckConstraint("level BETWEEN 1 AND 1000", name="level_range"),
    Index("ix_escalation_need", "network_id", "need_id", "id"),
    Index("ix_escalation_next_match", "next_match_id"),
)
