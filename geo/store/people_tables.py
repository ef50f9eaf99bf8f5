"""What protects people: the names of the keys in use, what they agreed to, and who was erased."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, func

from geo.domain import words
from geo.store.columns import RESTRICTED, length, metadata, network_column, network_key, one_of, pk

field_key = Table(
    "field_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    length("id", 40),
    schema=RESTRICTED,
)
"""The names of the keys that sealed rows may bear; the keys themselves are never here."""


def sealed_columns(*, nullable: bool = False) -> list[Column[Any]]:
    """Hold what only the keys outside the database can open, with the name of the key it was sealed with."""
    return [
        Column("sealed", LargeBinary, nullable=nullable),
        # a key that a row still needs cannot be forgotten, and one that is forgotten cannot be used
        Column("key_id", Text, ForeignKey(field_key.c.id), nullable=nullable, index=True),
    ]


def sealed_length(most: int) -> CheckConstraint:
    """Bound what is sealed, in bytes."""
    return CheckConstraint(f"octet_length(sealed) <= {most}", name="sealed_length")


consent = Table(
    "consent",
    metadata,
    pk(),
    network_column(),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("language", Text),
    Column("recorded_by", Uuid),
    Column("given_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("withdrawn_at", DateTime(timezone=True)),
    one_of("subject_kind", words.SubjectKind),
    one_of("what", words.ConsentScope),
    one_of("how", words.ConsentWay),
    length("language", 35),
    Index("ix_consent_subject", "network_id", "subject_kind", "subject_id"),
)

tombstone = Table(
    "tombstone",
    metadata,
    network_key(),
    Column("kind", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("erased_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('need', 'helper', 'household', 'submission', 'key')", name="kind_known"),
)
"""Ids that were erased: of records, of the entries they came from, and of the keys they were sent with."""
