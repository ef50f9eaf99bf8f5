"""How agreements stood before they were changed, the made-up needs in their feeds, and where those were seen."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from geo.domain import canaries, words
from geo.store.access_tables import ACCESS
from geo.store.columns import CURRENT_ACTOR, finite, length, metadata, network_column, one_of, pk

agreement_edit = Table(
    "agreement_edit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Uuid, server_default=CURRENT_ACTOR),
    # how it stood before
    Column("cells", ARRAY(Text), nullable=False),
    Column("categories", ARRAY(Text), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("quota_per_day", Integer, nullable=False),
    Column("is_marked", Boolean, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("is_undo", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("cardinality(cells) BETWEEN 1 AND 20000", name="cells_bounded"),
    CheckConstraint("cardinality(categories) BETWEEN 1 AND 10", name="categories_bounded"),
    CheckConstraint("cardinality(fields) <= 20", name="fields_bounded"),
    length("purpose", 500),
    Index("ix_agreement_edit_agreement", "agreement_id", "id"),
    schema=ACCESS,
)

canary = Table(
    "canary",
    metadata,
    pk(),
    network_column(),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE"), nullable=False),
    # the partner's own id for it, by which it is known again
    Column("name", Text, nullable=False),
    Column("cell", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    # the first instant of a week: a copied instant would be somebody's
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("planted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    one_of("category", words.Category),
    one_of("urgency", words.Urgency),
    CheckConstraint("name ~ '^[a-z2-7]{26}$'", name="name_form"),
    CheckConstraint("(extract(epoch FROM received_at)::bigint - 345600) % 604800 = 0", name="received_by_week"),
    length("cell", 15),
    Index("uq_canary_name", "name", unique=True),
    Index("ix_canary_agreement", "agreement_id", "ends_at"),
    schema=ACCESS,
)

canary_hit = Table(
    "canary_hit",
    metadata,
    network_column(),
    Column("canary_id", Uuid, ForeignKey(f"{ACCESS}.canary.id", ondelete="CASCADE"), nullable=False),
    Column("door", Text, nullable=False),
    Column("who", Text, nullable=False),
    # the other partner's agreement, the phone or the person; the canary's own id where nobody is known
    Column("asker_id", Uuid, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("count", Integer, nullable=False, server_default="1"),
    one_of("door", canaries.CanaryDoor),
    one_of("who", canaries.CanaryAsker),
    finite("count", 1, 1000000),
    PrimaryKeyConstraint("canary_id", "door", "who", "asker_id"),
    schema=ACCESS,
)
"""One row for each door and asker, so that nobody can fill it by asking often."""
