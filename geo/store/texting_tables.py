"""Text messages: where gateways hand them in, conversations sealed under keyed hashes of numbers, and who said stop."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, func, text

from geo.domain import texts
from geo.domain.texting.conversation import Step
from geo.store.columns import RESTRICTED, length, metadata, network_column, network_key, one_of, pk
from geo.store.people_tables import sealed_columns, sealed_length
from geo.store.tables import need

ACCESS = "access"

text_hook = Table(
    "text_hook",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    # what the gateway signs with; both sides must know it, so it is sealed and not hashed
    *sealed_columns(nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_at", DateTime(timezone=True)),
    one_of("kind", texts.HookKind),
    length("label", 100),
    sealed_length(2_000),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    CheckConstraint("(sealed IS NULL) = (revoked_at IS NOT NULL)", name="secret_until_revoked"),
    Index("ix_text_hook_network", "network_id", "id"),
    schema=ACCESS,
)

text_conversation = Table(
    "text_conversation",
    metadata,
    pk(),
    network_column(),
    Column("sender", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="going"),
    Column("step", Text, nullable=False),
    Column("language", Text),
    # the number and all that was said, for as long as the conversation goes on
    *sealed_columns(nullable=True),
    Column("need_id", Uuid, ForeignKey(need.c.id, ondelete="CASCADE")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("handed_over_at", DateTime(timezone=True)),
    Column("taken_at", DateTime(timezone=True)),
    one_of("state", texts.TalkState),
    one_of("step", Step),
    length("language", 35),
    sealed_length(400_000),
    CheckConstraint("octet_length(sender) = 32", name="sender_form"),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    CheckConstraint("(state = 'going') = (sealed IS NOT NULL)", name="sealed_while_going"),
    CheckConstraint("(state = 'handed_over') = (handed_over_at IS NOT NULL)", name="handed_over_when"),
    CheckConstraint("taken_at IS NULL OR handed_over_at IS NOT NULL", name="taken_when_handed_over"),
    Index("uq_text_conversation_going", "network_id", "sender", unique=True, postgresql_where=text("state = 'going'")),
    Index("ix_text_conversation_sender", "network_id", "sender", "id"),
    Index("ix_text_conversation_quiet", "network_id", "updated_at", postgresql_where=text("state = 'going'")),
    Index("ix_text_conversation_state", "network_id", "state", "id"),
    Index("ix_text_conversation_need", "need_id"),
    schema=RESTRICTED,
)

text_received = Table(
    "text_received",
    metadata,
    network_key(),
    Column("hook_id", Uuid, ForeignKey(text_hook.c.id, ondelete="CASCADE"), primary_key=True),
    Column("message_hash", LargeBinary, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("conversation_id", Uuid, ForeignKey(text_conversation.c.id, ondelete="SET NULL"), index=True),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(message_hash) = 32", name="message_hash_form"),
    CheckConstraint("octet_length(body_hash) = 32", name="body_hash_form"),
    Index("ix_text_received_at", "network_id", "received_at"),
    schema=RESTRICTED,
)
"""Which texts came, so that one that is handed in again is taken once; no word of them."""

text_stop = Table(
    "text_stop",
    metadata,
    network_key(),
    Column("number", LargeBinary, primary_key=True),
    Column("stopped_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(number) = 32", name="number_form"),
    schema=RESTRICTED,
)
"""Keyed hashes of the numbers that want no messages."""
