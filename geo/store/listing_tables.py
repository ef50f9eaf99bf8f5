"""What a directory says of an asset: who brought it, under which name, how it was, and how the place is reached."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain.listed import ListedAnswer, ListedChange
from geo.store.columns import length, metadata, network_column, one_of, pk
from geo.store.tables import asset

listing = Table(
    "listing",
    metadata,
    Column("asset_id", Uuid, ForeignKey(asset.c.id, ondelete="CASCADE"), primary_key=True),
    network_column(),
    Column("source", Text, nullable=False),
    Column("source_ref", Text, nullable=False),
    # a place's own number and page, never a person's
    Column("phone", Text),
    Column("website", Text),
    # every field as it was brought last: what differs now was changed by an organizer and stays
    Column("brought", JSONB(none_as_null=True), nullable=False),
    Column("brought_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("first_brought_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(r"phone ~ '^\+?[0-9(][0-9 ()./-]{2,38}$'", name="phone_form"),
    CheckConstraint("website ~ '^https?://'", name="website_form"),
    length("website", 500),
    length("source", 40),
    length("source_ref", 200),
    CheckConstraint("octet_length(brought::text) <= 20000", name="brought_bounded"),
    Index("uq_listing_source", "network_id", "source", "source_ref", unique=True),
    Index("ix_listing_phone", "network_id", "phone"),
)

asset_check = Table(
    "asset_check",
    metadata,
    pk(),
    network_column(),
    Column("asset_id", Uuid, ForeignKey(asset.c.id, ondelete="CASCADE"), nullable=False),
    Column("answer", Text, nullable=False),
    Column("reason", Text),
    Column("answered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # when an organizer has seen to it
    Column("settled_at", DateTime(timezone=True)),
    one_of("answer", ListedAnswer),
    one_of("reason", ListedChange),
    CheckConstraint("(reason IS NOT NULL) = (answer = 'changed')", name="reason_where_changed"),
    Index("ix_asset_check_asset", "asset_id", "id"),
    Index("ix_asset_check_open", "network_id", "id", postgresql_where=text("settled_at IS NULL")),
)
"""What organizations have answered about what is listed of them."""
