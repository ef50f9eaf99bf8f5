"""Imports: the files that were brought, sealed until their rows are in, and what became of each row."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.domain import imports, words
from geo.store.columns import CURRENT_ACTOR, RESTRICTED, length, metadata, network_column, network_key, one_of, pk
from geo.store.people_tables import sealed_columns, sealed_length
from geo.store.tables import submission

import_file = Table(
    "import_file",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("sheet", Text),
    Column("sha256", LargeBinary, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="uploaded"),
    # the first row that is not gone through, moved on in the transaction that goes through those before
    Column("next_row", BigInteger, nullable=False, server_default="0"),
    Column("total_rows", BigInteger),
    Column("error", Text),
    # the file itself, from its upload until its rows are in
    *sealed_columns(nullable=True),
    Column("created_by", Uuid, server_default=CURRENT_ACTOR),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    one_of("kind", words.EntryKind),
    one_of("state", imports.ImportState),
    length("name", 200),
    length("source", 100),
    length("format", 10),
    length("encoding", 20),
    length("sheet", 100),
    length("error", 500),
    CheckConstraint("octet_length(sha256) = 32", name="sha256_form"),
    CheckConstraint("octet_length(columns::text) <= 200000", name="columns_bounded"),
    CheckConstraint("octet_length(mapping::text) <= 200000", name="mapping_bounded"),
    CheckConstraint("(sealed IS NULL) = (key_id IS NULL)", name="sealed_with_its_key"),
    sealed_length(2_000_000),
    Index("ix_import_file_network", "network_id", "id"),
    Index("ix_import_file_working", "network_id", "id", postgresql_where=text("state IN ('checking','running')")),
    schema=RESTRICTED,
)

import_row = Table(
    "import_row",
    metadata,
    network_key(),
    Column("import_id", Uuid, ForeignKey(import_file.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    # keyed hashes of how the row is called and of what it says, by which it is known again
    Column("row_key", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("is_kept", Boolean, nullable=False),
    Column("entry_id", Uuid, ForeignKey(submission.c.id, ondelete="SET NULL"), index=True),
    Column("faults", JSONB, nullable=False, server_default="[]"),
    one_of("outcome", imports.RowOutcome),
    CheckConstraint("octet_length(row_key) = 16", name="row_key_form"),
    CheckConstraint("octet_length(content) = 16", name="content_form"),
    CheckConstraint("octet_length(faults::text) <= 20000", name="faults_bounded"),
    Index("ix_import_row_key", "network_id", "row_key", postgresql_where=text("is_kept")),
    Index("ix_import_row_outcome", "import_id", "outcome", "number"),
    schema=RESTRICTED,
)
