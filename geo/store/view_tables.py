"""Filters of pages that are kept under a name, by one person or for a network."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain.saved_views import MAX_NAME, ViewPage
from geo.store.columns import CURRENT_ACTOR, length, metadata, network_column, one_of, pk, stamps

saved_view = Table(
    "saved_view",
    metadata,
    pk(),
    network_column(),
    Column("page", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("words", JSONB(none_as_null=True), nullable=False),
    Column("is_shared", Boolean, nullable=False, server_default=text("false")),
    Column("made_by", Uuid, server_default=CURRENT_ACTOR),
    *stamps(),
    one_of("page", ViewPage),
    length("name", MAX_NAME),
    CheckConstraint("octet_length(words::text) <= 1000", name="words_bounded"),
    CheckConstraint("jsonb_typeof(words) = 'object'", name="words_named"),
    Index(
        "uq_saved_view_own",
        "network_id",
        "made_by",
        "page",
        "name",
        unique=True,
        postgresql_where=text("NOT is_shared"),
    ),
    Index("uq_saved_view_shared", "network_id", "page", "name", unique=True, postgresql_where=text("is_shared")),
)
