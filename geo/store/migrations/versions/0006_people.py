"""People: contacts and raw entries are sealed, consent is recorded, and who is erased stays erased."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import context, op

from geo.domain.ids import new_id
from geo.errors import KeysUnavailable

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

APP, DEVICE = "barnraiser_app", "barnraiser_device"
BATCH = 1000
CONTACT = ("name", "phone", "email", "preferred_channel", "note", "consent_at")

# After the insert, because only then has it waited for a transaction that is erasing the very same id.
REFUSE_ERASED = """
CREATE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM fresh f JOIN public.tombstone t ON t.network_id = f.network_id AND t.kind = TG_ARGV[0] AND t.id = f.id
  ) THEN
    RAISE EXCEPTION 'this record was erased' USING ERRCODE = 'unique_violation', CONSTRAINT = 'not_erased';
  END IF;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    _make_tables()
    _guard()
    _seal_contacts()
    _seal_submissions()
    op.create_index("ix_need_closed", "need", ["network_id", "closed_at"],
                    postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.create_index("ix_need_household", "need", ["network_id", "household_id"])
    # what follows a need or a helper when it goes is found without reading whole tables
    op.create_index("ix_match_need", "match", ["need_id"])
    op.create_index("ix_match_helper", "match", ["helper_id"])
    op.create_index("ix_idempotency_record", "idempotency", ["network_id", "record_id"], schema="restricted")
    for table in ("need", "helper"):
        op.execute(
            f"CREATE TRIGGER not_erased AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_erased('{table}')"
        )


def _make_tables() -> None:
    op.create_table('field_key',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('char_length(id) <= 40', name=op.f('ck_field_key_id_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_field_key')),
    schema='restricted'
    )
    op.create_table('consent',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('recorded_by', sa.Uuid(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("subject_kind IN ('need', 'helper', 'household')", name=op.f('ck_consent_subject_kind_known')),
    sa.CheckConstraint("what IN ('keep_contact', 'share_with_partner', 'publish')", name=op.f('ck_consent_what_known')),
    sa.CheckConstraint("how IN ('spoken', 'written', 'form')", name=op.f('ck_consent_how_known')),
    sa.CheckConstraint('char_length(language) <= 35', name=op.f('ck_consent_language_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_consent_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    op.create_index('ix_consent_subject', 'consent', ['network_id', 'subject_kind', 'subject_id'])
    op.create_table('tombstone',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('need', 'helper', 'household', 'submission', 'key')", name=op.f('ck_tombstone_kind_known')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_tombstone_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'kind', 'id', name=op.f('pk_tombstone'))
    )


def _guard() -> None:
    for table in ("consent", "tombstone"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON consent TO {APP}")
    # who is erased stays erased: a request adds to these and never takes away
    op.execute(f"GRANT SELECT, INSERT ON tombstone TO {APP}")
    # a phone notes the consent that came with a contact, and is told when an entry it sends again was erased
    op.execute(f"GRANT INSERT ON consent TO {DEVICE}")
    op.execute(f"GRANT SELECT ON tombstone TO {DEVICE}")
    op.execute(REFUSE_ERASED)
    op.execute("REVOKE EXECUTE ON FUNCTION refuse_erased() FROM PUBLIC")


def _seal_contacts() -> None:
    _add_sealed("contact")
    _force("contact", on=False)
    rows = _rows("SELECT * FROM restricted.contact")
    _put_all("contact", [(row["id"], _contact(row)) for row in rows])
    _note_consents(rows)
    _force("contact", on=True)
    for column in CONTACT:
        op.drop_column("contact", column, schema="restricted")
    _close("contact", nullable=False, most=60000)


def _contact(row: sa.RowMapping) -> dict[str, object]:
    fields = {name: row[name] for name in CONTACT}
    agreed = row["consent_at"] and row["consent_at"].isoformat()
    return fields | {"consent_at": agreed, "of": str(row["need_id"] or row["helper_id"])}


def _seal_submissions() -> None:
    _add_sealed("submission")
    _force("submission", on=False)
    rows = _rows("SELECT id, payload FROM restricted.submission WHERE payload <> '{}'::jsonb")
    _put_all("submission", [(row["id"], row["payload"] | {"of": str(row["id"])}) for row in rows])
    _force("submission", on=True)
    op.drop_column("submission", "payload", schema="restricted")
    op.create_check_constraint(op.f("ck_submission_sealed_with_its_key"), "submission",
                               "(sealed IS NULL) = (key_id IS NULL)", schema="restricted")
    _close("submission", nullable=True, most=200000)


def _add_sealed(table: str) -> None:
    op.add_column(table, sa.Column("sealed", sa.LargeBinary()), schema="restricted")
    op.add_column(table, sa.Column("key_id", sa.Text()), schema="restricted")


def _close(table: str, *, nullable: bool, most: int) -> None:
    # An update leaves the row as it was in the file until it is written anew; this writes the whole table anew.
    op.execute(f"ALTER TABLE restricted.{table} ALTER COLUMN sealed TYPE bytea USING sealed || ''::bytea")
    if not nullable:
        op.alter_column(table, "sealed", nullable=False, schema="restricted")
        op.alter_column(table, "key_id", nullable=False, schema="restricted")
    op.create_check_constraint(op.f(f"ck_{table}_sealed_length"), table, f"octet_length(sealed) <= {most}",
                               schema="restricted")
    op.create_foreign_key(op.f(f"fk_{table}_key_id"), table, "field_key", ["key_id"], ["id"],
                          source_schema="restricted", referent_schema="restricted")
    op.create_index(op.f(f"ix_{table}_key_id"), table, ["key_id"], schema="restricted")


def _force(table: str, *, on: bool) -> None:
    """Let the owner reach the rows of every network, for as long as they are sealed."""
    op.execute(f"ALTER TABLE restricted.{table} {'' if on else 'NO '}FORCE ROW LEVEL SECURITY")


def _rows(query: str) -> list[sa.RowMapping]:
    found = op.get_bind().execute(sa.text(query)).mappings().all()
    if found and context.config.attributes.get("keys") is None:
        raise KeysUnavailable("There are contacts or entries to be sealed, and no keys to seal them with.")
    return list(found)


def _put_all(table: str, contents: list[tuple[object, dict[str, object]]]) -> None:
    if not contents:
        return
    ring, bind = context.config.attributes["keys"], op.get_bind()
    add_key = sa.text("INSERT INTO restricted.field_key (id, made_at) VALUES (:id, now()) ON CONFLICT DO NOTHING")
    bind.execute(add_key, [{"id": key.id} for key in ring.field_keys])
    changed = sa.table(table, *map(sa.column, ("id", "sealed", "key_id")), schema="restricted")
    values = {"sealed": sa.bindparam("anew"), "key_id": sa.bindparam("name")}
    statement = sa.update(changed).where(changed.c.id == sa.bindparam("row")).values(values)
    for start in range(0, len(contents), BATCH):
        many = []
        for row_id, content in contents[start:start + BATCH]:
            sealed, name = ring.seal(json.dumps(content, ensure_ascii=False).encode())
            many.append({"row": row_id, "anew": sealed, "name": name})
        bind.execute(statement, many)


def _note_consents(rows: list[sa.RowMapping]) -> None:
    given = [
        {
            "id": new_id(), "network": row["network_id"], "kind": "need" if row["need_id"] else "helper",
            "subject": row["need_id"] or row["helper_id"], "at": row["consent_at"],
        }
        for row in rows if row["consent_at"]
    ]
    add = sa.text(
        "INSERT INTO consent (id, network_id, subject_kind, subject_id, what, how, given_at) "
        "VALUES (:id, :network, :kind, :subject, 'keep_contact', 'form', :at)"
    )
    for start in range(0, len(given), BATCH):
        op.get_bind().execute(add, given[start:start + BATCH])


def downgrade() -> None:
    sealed = op.get_bind().scalar(sa.text(
        "SELECT EXISTS (SELECT 1 FROM restricted.contact) OR EXISTS (SELECT 1 FROM restricted.submission WHERE sealed IS NOT NULL)"
    ))
    if sealed:
        raise KeysUnavailable("What is sealed is not put back in the open; restore a backup of before instead.")
    for table in ("need", "helper"):
        op.execute(f"DROP TRIGGER not_erased ON {table}")
    op.execute("DROP FUNCTION refuse_erased()")
    op.drop_index("ix_idempotency_record", "idempotency", schema="restricted")
    op.drop_index("ix_match_helper", "match")
    op.drop_index("ix_match_need", "match")
    op.drop_index("ix_need_household", "need")
    op.drop_index("ix_need_closed", "need")
    for table in ("contact", "submission"):
        op.drop_index(f"ix_{table}_key_id", table, schema="restricted")
        op.drop_column(table, "sealed", schema="restricted")
        op.drop_column(table, "key_id", schema="restricted")
    op.add_column("submission", sa.Column("payload", sa.dialects.postgresql.JSONB(), nullable=False,
                                          server_default="{}"), schema="restricted")
    op.alter_column("submission", "payload", server_default=None, schema="restricted")
    for name, kind in zip(CONTACT, (*[sa.Text()] * 5, sa.DateTime(timezone=True)), strict=True):
        op.add_column("contact", sa.Column(name, kind), schema="restricted")
    for name, most in (("name", 200), ("phone", 40), ("email", 254), ("note", 4000), ("preferred_channel", 20)):
        op.create_check_constraint(op.f(f"ck_contact_{name}_length"), "contact", f"char_length({name}) <= {most}",
                                   schema="restricted")
    op.drop_table("tombstone")
    op.drop_table("consent")
    op.drop_table("field_key", schema="restricted")
