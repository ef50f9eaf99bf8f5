"""The outbox: that something has changed and when, for whoever must be told; never what it says."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, Table, Text, Uuid, func, text

from geo.store.columns import RESTRICTED, metadata, network_column

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("kind", Text, nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("sent_at", DateTime(timezone=True)),
    CheckConstraint("kind ~ '^[a-z_]{1,40}[.](created|changed|removed|received)$'", name="kind_form"),
    Index("ix_outbox_waiting", "network_id", "id", postgresql_where=text("sent_at IS NULL")),
    schema=RESTRICTED,
)
