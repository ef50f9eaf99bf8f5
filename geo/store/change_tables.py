"""What has changed in what others pull, noted by the database itself, and what a partner was given last."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from geo.domain.webhooks import HookCollection, HookEnd
from geo.store.access_tables import ACCESS
from geo.store.columns import CURRENT_ACTOR, finite, length, metadata, network_column, network_key, one_of, pk
from geo.store.people_tables import sealed_columns, sealed_length

record_change = Table(
    "record_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    # the transaction that made it, so that one that commits late is not missed, and the cluster that counted it
    Column("txid", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text)::bigint")),
    Column("cluster", Text, nullable=False),
    Column("collection", Text, nullable=False),
    # none where so much has changed at once that all is to be read again
    Column("record_id", Uuid),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("collection IN ('needs', 'assets', 'homes')", name="collection_known"),
    length("cluster", 30),
    Index("ix_record_change_since", "network_id", "txid", "id"),
    Index("ix_record_change_old", "network_id", "changed_at"),
)

change_floor = Table(
    "change_floor",
    metadata,
    network_key(),
    Column("txid", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
)
"""The last change that is no longer kept; who has not read so far reads everything again."""

partner_ledger = Table(
    "partner_ledger",
    metadata,
    network_column(),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE"), primary_key=True),
    Column("last", BigInteger, nullable=False, server_default="0"),
    Column("floor", BigInteger, nullable=False, server_default="0"),
    schema=ACCESS,
)
"""How many changes a partner's own view has had, and the last one that is no longer kept."""

partner_item = Table(
    "partner_item",
    metadata,
    network_column(),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE"), nullable=False),
    # the partner's own name for it
    Column("name", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    # a keyed hash of what was said; none when it is no longer shared
    Column("digest", LargeBinary),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("network_id", "agreement_id", "name"),
    UniqueConstraint("agreement_id", "number"),
    CheckConstraint("octet_length(digest) = 32", name="digest_form"),
    length("name", 60),
    schema=ACCESS,
)

webhook = Table(
    "webhook",
    metadata,
    pk(),
    network_column(),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE")),
    Column("collection", Text, nullable=False),
    Column("url", Text, nullable=False),
    *sealed_columns(nullable=True),
    # where the reader of what is told now would begin; none before the first look
    Column("seen", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_sent_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_by", Uuid, server_default=CURRENT_ACTOR),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    one_of("collection", HookCollection),
    one_of("ended_reason", HookEnd),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    CheckConstraint("(sealed IS NULL) = (ended_at IS NOT NULL)", name="ended_is_empty"),
    CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="ended_with_reason"),
    sealed_length(2_000),
    length("url", 300),
    length("seen", 60),
    length("last_error", 30),
    finite("failures", 0, 100),
    Index("ix_webhook_due", "network_id", "next_at", postgresql_where=text("ended_at IS NULL")),
    Index("ix_webhook_agreement", "agreement_id"),
    schema=ACCESS,
)
