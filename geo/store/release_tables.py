"""The tables of the public release: each network's rules, its weekly releases, and what the next one must remember."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)

from geo.privacy import rules
from geo.store.columns import finite, metadata, network_column, network_key, one_of, pk

privacy_rule = Table(
    "privacy_rule",
    metadata,
    network_key(),
    Column("resolution", Integer, nullable=False),
    Column("k", Integer, nullable=False),
    Column("min_dwellings", Integer, nullable=False),
    Column("max_share", Double, nullable=False),
    Column("freeze_h", Integer, nullable=False),
    Column("coarsen_after_days", Integer, nullable=False),
    Column("contact_after_days", Integer, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    finite("resolution", rules.COARSEST, 9),
    finite("k", rules.LEAST_K, rules.MOST_K),
    finite("min_dwellings", rules.LEAST_DWELLINGS, 1000000),
    finite("max_share", 0, rules.MOST_SHARE),
    finite("freeze_h", rules.LEAST_FREEZE_H, rules.MOST_FREEZE_H),
    finite("coarsen_after_days", 0, rules.MOST_DAYS),
    finite("contact_after_days", 0, rules.MOST_DAYS),
)

release = Table(
    "release",
    metadata,
    pk(),
    network_column(),
    Column("week", Text, nullable=False),
    Column("resolution", Integer, nullable=False),
    Column("k", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("week ~ '^[0-9]{4}-W[0-9]{2}$'", name="week_form"),
    CheckConstraint("octet_length(content) <= 20000000", name="content_bounded"),
    finite("resolution", rules.COARSEST, 9),
    finite("k", rules.LEAST_K, rules.MOST_K),
    UniqueConstraint("network_id", "week"),
)

release_cell = Table(
    "release_cell",
    metadata,
    Column("release_id", Uuid, ForeignKey("release.id", ondelete="CASCADE"), primary_key=True),
    Column("cell", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    network_column(),
    # a cell without a band was numerous enough once, and is not shown yet
    Column("band", Text),
    CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name="cell_form"),
    one_of("kind", rules.PublicKind),
)
