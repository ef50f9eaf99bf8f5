"""The audit chain: what has happened is numbered and hashed by the database, and never changed by anybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

ORGANIZERS = "barnraiser_app"
WRITERS = ("barnraiser_device", "barnraiser_partner", "barnraiser_auth")

# Whoever writes gives what was done and by whom; number, time and hashes are made here. The function acts as the
# tables' owner, so that a role may add to a chain it may not read. jsonb writes a list in one way only.
CHAIN = """
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  last record;
BEGIN
  NEW.network_id := current_network();
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.network_id::text, 2));
  SELECT seq, hash INTO last FROM audit WHERE network_id = NEW.network_id ORDER BY seq DESC LIMIT 1;
  NEW.seq := COALESCE(last.seq, 0) + 1;
  NEW.at := clock_timestamp();
  NEW.prev := COALESCE(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := sha256(NEW.prev || convert_to(jsonb_build_array(
    NEW.network_id, NEW.seq, (extract(epoch FROM NEW.at) * 1000000)::bigint, NEW.actor, NEW.actor_kind, NEW.action,
    NEW.object_kind, NEW.object_ids, NEW.fields, NEW.count
  )::text, 'UTF8'));
  RETURN NEW;
END $$
"""
CHAIN_TRIGGER = "CREATE TRIGGER chain_audit BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit()"

# Grants bind requests; this binds the owner as well.
REFUSE = """
CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what has happened is added to and never changed' USING ERRCODE = 'insufficient_privilege';
END $$
"""
REFUSE_TRIGGER = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()
"""

GRANT_OTHERS = """
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['{names}'] LOOP
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('GRANT INSERT ON audit TO %I', name);
    END IF;
  END LOOP;
END $$
"""


def upgrade() -> None:
    # nothing ever wrote into the table as it was
    op.drop_table('audit')
    op.create_table('audit',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.Uuid(), nullable=True),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('object_kind', sa.Text(), nullable=False),
    sa.Column('object_ids', postgresql.ARRAY(sa.Uuid()), server_default='{}', nullable=False),
    sa.Column('fields', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('count', sa.Integer(), server_default='1', nullable=False),
    sa.Column('prev', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("at BETWEEN '2000-01-01Z' AND '2300-01-01Z'", name=op.f('ck_audit_at_range')),
    sa.CheckConstraint("actor_kind ~ '^[a-z_]{1,40}$'", name=op.f('ck_audit_actor_kind_form')),
    sa.CheckConstraint("action ~ '^[a-z_]{1,40}$'", name=op.f('ck_audit_action_form')),
    sa.CheckConstraint("object_kind ~ '^[a-z_]{1,40}$'", name=op.f('ck_audit_object_kind_form')),
    sa.CheckConstraint('cardinality(object_ids) <= 1000', name=op.f('ck_audit_object_ids_bounded')),
    sa.CheckConstraint('cardinality(fields) <= 100', name=op.f('ck_audit_fields_bounded')),
    sa.CheckConstraint("array_to_string(fields, ',', '?') ~ '^[a-z0-9_,]*$' AND octet_length(array_to_string(fields, ',')) <= 4000", name=op.f('ck_audit_fields_form')),
    sa.CheckConstraint('count >= 1', name=op.f('ck_audit_count_range')),
    sa.CheckConstraint('octet_length(prev) = 32', name=op.f('ck_audit_prev_form')),
    sa.CheckConstraint('octet_length(hash) = 32', name=op.f('ck_audit_hash_form')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_audit_network_id')),
    sa.PrimaryKeyConstraint('network_id', 'seq', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_action', 'audit', ['network_id', 'action', 'seq'], unique=False)
    op.create_table('reveal_reason',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('need_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint('char_length(reason) <= 200', name=op.f('ck_reveal_reason_reason_length')),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_reveal_reason_need_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_reveal_reason_network_id')),
    sa.ForeignKeyConstraint(['network_id', 'seq'], ['audit.network_id', 'audit.seq'], name=op.f('fk_reveal_reason_network_id_seq')),
    sa.PrimaryKeyConstraint('network_id', 'seq', name=op.f('pk_reveal_reason')),
    schema='restricted'
    )
    op.create_index('ix_reveal_reason_need_id', 'reveal_reason', ['need_id'], unique=False, schema='restricted')
    for statement in (CHAIN, CHAIN_TRIGGER, REFUSE, REFUSE_TRIGGER):
        op.execute(statement)
    for table in ("audit", "restricted.reveal_reason"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {ORGANIZERS}")
    op.execute(GRANT_OTHERS.format(names="', '".join(WRITERS)))


def downgrade() -> None:
    op.drop_table('reveal_reason', schema='restricted')
    op.drop_table('audit')
    op.execute("DROP FUNCTION chain_audit()")
    op.execute("DROP FUNCTION refuse_change_of_audit()")
    op.create_table('audit',
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('object_kind', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=True),
    sa.Column('fields', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_audit_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_object', 'audit', ['network_id', 'object_kind', 'object_id'], unique=False)
    op.execute("ALTER TABLE audit ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_network ON audit "
        "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
    )
    op.execute(f"GRANT SELECT, INSERT ON audit TO {ORGANIZERS}")
