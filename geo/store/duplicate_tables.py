"""Requests that may be one: which are still to be looked at, which pairs were found, and what was merged into what."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain.duplicates import PairState
from geo.store.columns import CURRENT_ACTOR, RESTRICTED, finite, metadata, network_column, one_of, pk
from geo.store.people_tables import sealed_columns, sealed_length

need_to_judge = Table(
    "need_to_judge",
    metadata,
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), primary_key=True),
    network_column(),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_need_to_judge_since", "network_id", "since", "need_id"),
    schema=RESTRICTED,
)
"""What the database itself notes whenever a request, its place or its contact is written; nobody else adds to it."""

need_pair = Table(
    "need_pair",
    metadata,
    pk(),
    network_column(),
    # the one that came first, and the one that may be the same
    Column("earlier_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("later_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("bits", Double, nullable=False),
    # bits by part
    Column("parts", JSONB, nullable=False),
    Column("distance_m", Double),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("found_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("decided_by", Uuid),
    Column("decided_at", DateTime(timezone=True)),
    one_of("state", PairState),
    CheckConstraint("earlier_id <> later_id", name="two_requests"),
    CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_when"),
    CheckConstraint("octet_length(parts::text) <= 500", name="parts_bounded"),
    finite("bits", -100, 100),
    finite("distance_m", 0, 21_000_000),
    UniqueConstraint("earlier_id", "later_id"),
    Index("ix_need_pair_later", "later_id"),
    Index("ix_need_pair_queue", "network_id", "state", "bits", "id"),
    schema=RESTRICTED,
)

need_merge = Table(
    "need_merge",
    metadata,
    pk(),
    network_column(),
    Column("pair_id", Uuid, ForeignKey(need_pair.c.id, ondelete="SET NULL")),
    Column("kept_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("merged_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("merged_by", Uuid, server_default=CURRENT_ACTOR),
    Column("merged_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # which facts of the later request the earlier one took, and the ids of all that went over with them
    Column("moved", JSONB, nullable=False),
    # what was so of both before; it goes when it is taken back, and as soon as one of the two has faded
    *sealed_columns(nullable=True),
    Column("undone_by", Uuid),
    Column("undone_at", DateTime(timezone=True)),
    CheckConstraint("kept_id <> merged_id", name="two_requests"),
    CheckConstraint("octet_length(moved::text) <= 100000", name="moved_bounded"),
    CheckConstraint("undone_at IS NULL OR sealed IS NULL", name="undone_is_empty"),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    sealed_length(200_000),
    Index("ix_need_merge_pair", "pair_id"),
    Index("ix_need_merge_kept", "kept_id", "id"),
    # a request is part of one other at most
    Index("uq_need_merge_standing", "merged_id", unique=True, postgresql_where=text("undone_at IS NULL")),
    Index("ix_need_merge_merged", "merged_id"),
    schema=RESTRICTED,
)
