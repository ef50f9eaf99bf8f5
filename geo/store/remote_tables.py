"""The tables of asking outside: what a network allows, the answers that are kept, and when a host may be asked."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, func

from geo.domain import outside, words
from geo.store.columns import RESTRICTED, finite, length, metadata, network_key, one_of
from geo.store.people_tables import field_key, sealed_length

remote_service = Table(
    "remote_service",
    metadata,
    network_key(),
    Column("provider", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("gap_ms", Integer, nullable=False),
    Column("country", Text),
    Column("town", Text),
    Column("keep_days", Integer, nullable=False),
    Column("keep_none_days", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("provider", words.RemoteProvider),
    CheckConstraint("endpoint ~ '^https?://[^@?#[:space:]]+$'", name="endpoint_form"),
    length("endpoint", outside.MAX_ENDPOINT),
    finite("gap_ms", outside.LEAST_GAP_MS, outside.MOST_GAP_MS),
    CheckConstraint("country ~ '^[a-z]{2}$'", name="country_form"),
    length("town", outside.MAX_TOWN),
    finite("keep_days", 0, outside.MOST_KEEP_DAYS),
    finite("keep_none_days", 0, outside.MOST_KEEP_NONE_DAYS),
    schema=RESTRICTED,
)

geocode_cache = Table(
    "geocode_cache",
    metadata,
    network_key(),
    Column("query_hash", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    # what was sealed with a key goes with that key: an answer can be had again
    Column("key_id", Text, ForeignKey(field_key.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("octet_length(query_hash) = 32", name="query_hash_form"),
    sealed_length(20_000),
    Index("ix_geocode_cache_made", "network_id", "made_at"),
    Index("ix_geocode_cache_expires", "network_id", "expires_at"),
    schema=RESTRICTED,
)

remote_pace = Table(
    "remote_pace",
    metadata,
    Column("host", Text, primary_key=True),
    Column("free_at", DateTime(timezone=True), nullable=False),
    length("host", outside.MAX_ENDPOINT),
    schema=RESTRICTED,
)
"""When a host may be asked next, by all networks of the installation; reached by ``restricted.take_turn`` alone."""
