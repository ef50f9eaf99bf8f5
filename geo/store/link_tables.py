"""Links without sign-in: what each is about, until when, and the keyed hash of its secret."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, func

from geo.domain.links import LinkKind
from geo.store.calendar_tables import sign_up
from geo.store.columns import CURRENT_ACTOR, metadata, network_column, one_of, pk
from geo.store.tables import asset, match, need

link = Table(
    "link",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    # a link goes with what it is about, however that goes
    Column("match_id", Uuid, ForeignKey(match.c.id, ondelete="CASCADE")),
    Column("need_id", Uuid, ForeignKey(need.c.id, ondelete="CASCADE")),
    Column("sign_up_id", Uuid, ForeignKey(sign_up.c.id, ondelete="CASCADE")),
    Column("asset_id", Uuid, ForeignKey(asset.c.id, ondelete="CASCADE")),
    Column("fingerprint", LargeBinary, nullable=False, unique=True),
    Column("created_by", Uuid, server_default=CURRENT_ACTOR),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("opened_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    one_of("kind", LinkKind),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint_form"),
    CheckConstraint(
        "(match_id IS NOT NULL) = (kind = 'help') AND (need_id IS NOT NULL) = (kind = 'need') "
        "AND (sign_up_id IS NOT NULL) = (kind = 'shift') AND (asset_id IS NOT NULL) = (kind = 'asset')",
        name="about_one",
    ),
    CheckConstraint("expires_at > created_at", name="expires_later"),
    Index("ix_link_network", "network_id", "id"),
    Index("ix_link_match", "match_id"),
    Index("ix_link_need", "need_id"),
    Index("ix_link_sign_up", "sign_up_id"),
    Index("ix_link_asset", "asset_id"),
    schema="access",
)
