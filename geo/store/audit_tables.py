"""What has happened: one chain for each network, added to and never changed, holding names of fields and no values.

The database's own trigger numbers and chains what is put in (migration 0004); ``geo.privacy.chain`` says how.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from geo.domain.audit import MAX_FIELDS, MAX_IDS, MAX_REASON
from geo.store.columns import CURRENT_NETWORK, RESTRICTED, length, metadata

audit = Table(
    "audit",
    metadata,
    # a network with a history is not deleted: nothing would be left to say what was done
    Column("network_id", Uuid, ForeignKey("network.id"), primary_key=True, server_default=CURRENT_NETWORK),
    Column("seq", BigInteger, FetchedValue(), primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), FetchedValue(), nullable=False),
    Column("actor", Uuid),
    Column("actor_kind", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_ids", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("fields", ARRAY(Text), nullable=False, server_default="{}"),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("prev", LargeBinary, FetchedValue(), nullable=False),
    Column("hash", LargeBinary, FetchedValue(), nullable=False),
    CheckConstraint("at BETWEEN '2000-01-01Z' AND '2300-01-01Z'", name="at_range"),
    CheckConstraint("actor_kind ~ '^[a-z_]{1,40}$'", name="actor_kind_form"),
    CheckConstraint("action ~ '^[a-z_]{1,40}$'", name="action_form"),
    CheckConstraint("object_kind ~ '^[a-z_]{1,40}$'", name="object_kind_form"),
    CheckConstraint(f"cardinality(object_ids) <= {MAX_IDS}", name="object_ids_bounded"),
    CheckConstraint(f"cardinality(fields) <= {MAX_FIELDS}", name="fields_bounded"),
    CheckConstraint(
        "array_to_string(fields, ',', '?') ~ '^[a-z0-9_,]*$' AND octet_length(array_to_string(fields, ',')) <= 4000",
        name="fields_form",
    ),
    CheckConstraint("count >= 1", name="count_range"),
    CheckConstraint("octet_length(prev) = 32", name="prev_form"),
    CheckConstraint("octet_length(hash) = 32", name="hash_form"),
    Index("ix_audit_action", "network_id", "action", "seq"),
)

reveal_reason = Table(
    "reveal_reason",
    metadata,
    Column("network_id", Uuid, ForeignKey("network.id"), primary_key=True, server_default=CURRENT_NETWORK),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # what a person wrote about a need, a helper or an entry goes when that goes; the chain stays
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), index=True),
    Column("helper_id", Uuid, ForeignKey("helper.id", ondelete="CASCADE"), index=True),
    Column("entry_id", Uuid, ForeignKey("restricted.submission.id", ondelete="CASCADE"), index=True),
    Column("reason", Text, nullable=False),
    CheckConstraint("num_nonnulls(need_id, helper_id, entry_id) = 1", name="one_object"),
    ForeignKeyConstraint(["network_id", "seq"], ["audit.network_id", "audit.seq"]),
    length("reason", MAX_REASON),
    schema=RESTRICTED,
)
