"""Messages to people, and how each wants to be told: never an address, never what somebody needs."""

from __future__ import annotations

from typing import Any

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
    Table,
    Text,
    Time,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain import messages
from geo.domain.message_texts import Template
from geo.store.access_tables import person
from geo.store.columns import RESTRICTED, length, metadata, network_column, one_of, pk
from geo.store.people_tables import sealed_columns, sealed_length
from geo.store.tables import helper, need, organization


def _recipient_columns() -> list[Column[Any]]:
    """Name one recipient of four kinds; what is for somebody goes with them, however they go."""
    return [
        Column("helper_id", Uuid, ForeignKey(helper.c.id, ondelete="CASCADE")),
        Column("need_id", Uuid, ForeignKey(need.c.id, ondelete="CASCADE")),
        Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE")),
        Column("organization_id", Uuid, ForeignKey(organization.c.id, ondelete="CASCADE")),
    ]


message = Table(
    "message",
    metadata,
    pk(),
    network_column(),
    # names the effect, so that whoever asks for it twice gets it once
    Column("key", Text, nullable=False),
    *_recipient_columns(),
    Column("template", Text, nullable=False),
    Column("parameters", JSONB, nullable=False, server_default="{}"),
    # the link, which opens a door
    *sealed_columns(nullable=True),
    Column("language", Text),
    Column("channel", Text),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # when it is taken next; while it is being sent, when whoever took it is given up
    Column("next_try_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("lease", Uuid),
    Column("last_error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("sent_at", DateTime(timezone=True)),
    one_of("template", Template),
    one_of("channel", messages.Channel),
    one_of("state", messages.MessageState),
    one_of("last_error", messages.MessageFault),
    CheckConstraint("num_nonnulls(helper_id, need_id, person_id, organization_id) = 1", name="one_recipient"),
    CheckConstraint("octet_length(parameters::text) <= 200", name="parameters_bounded"),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name="lease_while_sending"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_when_sent"),
    CheckConstraint("tries BETWEEN 0 AND 1000", name="tries_range"),
    sealed_length(2_000),
    length("key", messages.MAX_KEY),
    length("language", 35),
    Index("uq_message_key", "network_id", "key", unique=True),
    Index("ix_message_waiting", "network_id", "next_try_at", postgresql_where=text("state IN ('queued', 'sending')")),
    Index("ix_message_state", "network_id", "state", "id"),
    Index("ix_message_helper_id", "helper_id"),
    Index("ix_message_need_id", "need_id"),
    Index("ix_message_person_id", "person_id"),
    Index("ix_message_organization_id", "organization_id"),
    schema=RESTRICTED,
)

local_outbox = Table(
    "local_outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("message_id", Uuid, ForeignKey(message.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("delivered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema=RESTRICTED,
)
"""What was left for an organizer to pass on."""

preference = Table(
    "preference",
    metadata,
    pk(),
    network_column(),
    *_recipient_columns(),
    Column("channel", Text),
    Column("language", Text),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("time_zone", Text),
    Column("is_stopped", Boolean, nullable=False, server_default=text("false")),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("channel", messages.Channel),
    CheckConstraint("num_nonnulls(helper_id, need_id, person_id, organization_id) = 1", name="one_recipient"),
    CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_from_and_until"),
    CheckConstraint("quiet_from <> quiet_until", name="quiet_not_always"),
    length("language", 35),
    length("time_zone", 100),
    Index("uq_preference_helper_id", "network_id", "helper_id", unique=True),
    Index("uq_preference_need_id", "network_id", "need_id", unique=True),
    Index("uq_preference_person_id", "network_id", "person_id", unique=True),
    Index("uq_preference_organization_id", "network_id", "organization_id", unique=True),
    schema=RESTRICTED,
)
