"""Forms of campaigns and their versions, which entry was made with which, and photos that wait for their entry."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.store.columns import CURRENT_ACTOR, RESTRICTED, length, metadata, network_column, pk
from geo.store.people_tables import sealed_columns, sealed_length

MAX_MODEL = 400_000
"""Bytes of what phones read of a version."""
MAX_XML = 1_500_000
"""Bytes of what ODK programs read of it."""

form = Table(
    "form",
    metadata,
    pk(),
    network_column(),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("withdrawn_at", DateTime(timezone=True)),
    length("name", 64),
    UniqueConstraint("network_id", "id"),
    UniqueConstraint("network_id", "name"),
)

form_version = Table(
    "form_version",
    metadata,
    pk(),
    network_column(),
    Column("form_id", Uuid, nullable=False),
    Column("version", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("model", JSONB, nullable=False),
    Column("xml", Text, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="false"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    length("version", 40),
    CheckConstraint("octet_length(content_hash) = 32", name="content_hash_form"),
    CheckConstraint(
        f"jsonb_typeof(model) = 'object' AND octet_length(model::text) <= {MAX_MODEL}", name="model_bounded"
    ),
    CheckConstraint(f"octet_length(xml) <= {MAX_XML}", name="xml_bounded"),
    ForeignKeyConstraint(["network_id", "form_id"], ["form.network_id", "form.id"], ondelete="CASCADE"),
    UniqueConstraint("network_id", "id"),
    UniqueConstraint("form_id", "version"),
    Index("uq_form_version_active", "form_id", unique=True, postgresql_where=text("is_active")),
    Index("ix_form_version_network", "network_id", "id", postgresql_where=text("is_active")),
)

form_entry = Table(
    "form_entry",
    metadata,
    network_column(),
    Column("entry_id", Uuid, nullable=False),
    Column("version_id", Uuid, nullable=False),
    PrimaryKeyConstraint("network_id", "entry_id", "version_id"),
    ForeignKeyConstraint(
        ["network_id", "entry_id"], ["restricted.submission.network_id", "restricted.submission.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["network_id", "version_id"], ["form_version.network_id", "form_version.id"]),
    Index("ix_form_entry_version", "version_id"),
    schema=RESTRICTED,
)

form_part = Table(
    "form_part",
    metadata,
    # made from the instance and whose it is, so that nobody else's is ever in the way
    pk(),
    network_column(),
    *sealed_columns(),
    Column("submitted_by", Uuid, server_default=CURRENT_ACTOR),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    sealed_length(1_000_000),
    Index("ix_form_part_age", "network_id", "received_at"),
    schema=RESTRICTED,
)
