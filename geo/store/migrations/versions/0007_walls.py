"""The outbox, written by the database itself in the transaction of each change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

ROLE = "barnraiser_app"
WATCHED = ("need", "asset", "helper")
SUBMISSION = "restricted.submission"

# As a trigger, so that no statement can forget it, bulk loads included; once for a statement and all of its rows. As
# its owner, so that no request needs the right to write here. A network that is being removed hears nothing more.
RECORD = """
CREATE FUNCTION restricted.record_in_outbox() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO restricted.outbox (network_id, kind, object_id)
  SELECT c.network_id, TG_TABLE_NAME || '.' || TG_ARGV[0], c.id FROM changed_rows c
  WHERE EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  RETURN NULL;
END $$
"""


def watch(table: str, event: str, word: str) -> str:
    rows = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE TRIGGER outbox_{word} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed_rows "
        f"FOR EACH STATEMENT EXECUTE FUNCTION restricted.record_in_outbox('{word}')"
    )


def upgrade() -> None:
    op.create_table(
        'outbox',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('object_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind ~ '^[a-z_]{1,40}[.](created|changed|removed|received)$'", name=op.f('ck_outbox_kind_form')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_outbox_network_id_network'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
        schema='restricted',
    )
    op.create_index('ix_outbox_waiting', 'outbox', ['network_id', 'id'], schema='restricted', postgresql_where=sa.text('sent_at IS NULL'))
    op.execute("ALTER TABLE restricted.outbox ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE restricted.outbox FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_network ON restricted.outbox "
        "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
    )
    op.execute(f"GRANT SELECT, DELETE, UPDATE (sent_at) ON restricted.outbox TO {ROLE}")
    op.execute(RECORD)
    op.execute("REVOKE ALL ON FUNCTION restricted.record_in_outbox() FROM PUBLIC")
    for table in WATCHED:
        for event, word in (("INSERT", "created"), ("UPDATE", "changed"), ("DELETE", "removed")):
            op.execute(watch(table, event, word))
    op.execute(watch(SUBMISSION, "INSERT", "received"))


def downgrade() -> None:
    op.execute(f"DROP TRIGGER outbox_received ON {SUBMISSION}")
    for table in WATCHED:
        for word in ("created", "changed", "removed"):
            op.execute(f"DROP TRIGGER outbox_{word} ON {table}")
    op.execute("DROP FUNCTION restricted.record_in_outbox()")
    op.drop_table('outbox', schema='restricted')
