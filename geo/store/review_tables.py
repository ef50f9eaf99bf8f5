"""Decisions about places: what was so before each of them, and what is remembered of it for the same text."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain import words
from geo.store.columns import (
    CURRENT_ACTOR,
    RESTRICTED,
    finite,
    geom,
    length,
    metadata,
    network_column,
    one_of,
    pk,
    point_checks,
)
from geo.store.people_tables import sealed_columns, sealed_length

review_decision = Table(
    "review_decision",
    metadata,
    pk(),
    network_column(),
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    # nobody, where the operator decided
    Column("decided_by", Uuid, server_default=CURRENT_ACTOR),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # the state before, point included; it goes when it is taken back and when the place fades
    Column("before", JSONB(none_as_null=True)),
    # what is to be asked
    *sealed_columns(nullable=True),
    Column("undone_by", Uuid),
    Column("undone_at", DateTime(timezone=True)),
    one_of("kind", words.DecisionKind),
    CheckConstraint("octet_length(before::text) <= 2000", name="before_bounded"),
    CheckConstraint("undone_at IS NULL OR num_nonnulls(before, sealed) = 0", name="undone_is_empty"),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    sealed_length(2_000),
    Index("ix_review_decision_need", "need_id", "id"),
    Index("ix_review_decision_at", "network_id", "decided_at", "id"),
    schema=RESTRICTED,
)

address_alias = Table(
    "address_alias",
    metadata,
    # a decision makes one at most, and takes it along when it is taken back
    Column("id", Uuid, ForeignKey(review_decision.c.id, ondelete="CASCADE"), primary_key=True),
    network_column(),
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    # a keyed hash of what was typed, never the text
    Column("text_hash", LargeBinary, nullable=False),
    geom("POINT"),
    Column("match_quality", Text, nullable=False),
    Column("uncertainty_m", Double, nullable=False),
    # as the gazetteer writes it; a pin has none
    Column("label", Text),
    Column("learned_by", Uuid, server_default=CURRENT_ACTOR),
    Column("learned_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    *point_checks(),
    one_of("match_quality", words.MatchQuality),
    finite("uncertainty_m", 0, 100000),
    CheckConstraint("octet_length(text_hash) = 32", name="text_hash_form"),
    length("label", 500),
    Index("ix_address_alias_text", "network_id", "text_hash", "id"),
    Index("ix_address_alias_need", "need_id"),
    schema=RESTRICTED,
)
"""One row for each decision that is remembered. The newest row of a text answers for it."""
