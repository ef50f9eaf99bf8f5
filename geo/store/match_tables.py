"""The steps of matches, and who is never brought together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from geo.domain.match import MatchReason
from geo.domain.words import MatchStatus
from geo.store.columns import CURRENT_ACTOR, metadata, network_column, one_of, pk

match_event = Table(
    "match_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("match_id", Uuid, ForeignKey("match.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    # nobody, where it lapsed by itself
    Column("actor", Uuid, server_default=CURRENT_ACTOR),
    # none at the beginning
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("reason", Text),
    # what the step put an end to, so that it comes back with an undo
    Column("expires_before", DateTime(timezone=True)),
    Column("is_undo", Boolean, nullable=False, server_default=text("false")),
    one_of("from_status", MatchStatus),
    one_of("to_status", MatchStatus),
    one_of("reason", MatchReason),
    Index("ix_match_event_match", "match_id", "id"),
)

kept_apart = Table(
    "kept_apart",
    metadata,
    pk(),
    network_column(),
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE"), nullable=False),
    # a household has no row of its own
    Column("household_id", Uuid, nullable=False),
    Column("created_by", Uuid, server_default=CURRENT_ACTOR),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("network_id", "helper_id", "household_id"),
    Index("ix_kept_apart_helper", "helper_id"),
    Index("ix_kept_apart_household", "network_id", "household_id"),
)
