# ruff: noqa: S608 - the statements name tables and columns of our own, and hold nothing that anybody gave
"""What has changed in what others pull, noted by the database itself, and what each partner was given last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

APP, PARTNER = "barnraiser_app", "barnraiser_partner"
TABLES = ("record_change", "change_floor", "access.partner_ledger", "access.partner_item", "access.webhook")
OWN = ("access.partner_ledger", "access.partner_item")
COLLECTION = {"need": "'needs'", "asset": "CASE WHEN c.is_private THEN 'homes' ELSE 'assets' END"}
MOST = 20_000


# Once for a statement and all of its rows. A statement that changes very much is one entry, that all is to be read again.
# The numbers of transactions are those of one cluster: of a database that was restored into another they say nothing.
def _function(table: str) -> str:
    return f"""
CREATE FUNCTION restricted.note_{table}_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  home text := (SELECT system_identifier::text FROM pg_control_system());
  much boolean := (SELECT count(*) FROM changed_rows) > {MOST};
BEGIN
  INSERT INTO public.record_change (network_id, cluster, collection, record_id)
  SELECT DISTINCT c.network_id, home, {COLLECTION[table]}, CASE WHEN much THEN NULL ELSE c.id END
  FROM changed_rows c
  WHERE EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  RETURN NULL;
END $$
"""


HOME = """
CREATE FUNCTION public.this_cluster() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT system_identifier::text FROM pg_control_system()
$$
"""


def upgrade() -> None:
    _make_tables()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    op.execute(f"GRANT SELECT ON record_change, change_floor TO {APP}, {PARTNER}")
    # a partner hears of public places; of needs by its own ledger alone
    op.execute(f"CREATE POLICY public_places ON record_change AS RESTRICTIVE FOR SELECT TO {PARTNER} USING (collection = 'assets')")
    for table in OWN:
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {PARTNER}")
        op.execute(
            f"CREATE POLICY own_agreement ON {table} AS RESTRICTIVE FOR ALL TO {PARTNER} "
            "USING (agreement_id = current_actor()) WITH CHECK (agreement_id = current_actor())"
        )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON access.webhook TO {APP}")
    # the round that tells partners makes their view as they would see it; it reads no further than they do
    op.execute(HOME)
    op.execute("REVOKE ALL ON FUNCTION public.this_cluster() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION public.this_cluster() TO {APP}, {PARTNER}")
    for table in COLLECTION:
        op.execute(_function(table))
        op.execute(f"REVOKE ALL ON FUNCTION restricted.note_{table}_change() FROM PUBLIC")
        for event in ("INSERT", "UPDATE", "DELETE"):
            rows = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE TRIGGER change_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed_rows "
                f"FOR EACH STATEMENT EXECUTE FUNCTION restricted.note_{table}_change()"
            )


def _network(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    return [
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f(f'fk_{table}_network_id'), ondelete='CASCADE'),
    ]


def _agreement(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    return [
        sa.Column('agreement_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['agreement_id'], ['access.agreement.id'], name=op.f(f'fk_{table}_agreement_id'), ondelete='CASCADE'),
    ]


def _make_tables() -> None:
    op.create_table(
        'record_change',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_network('record_change'),
        sa.Column('txid', sa.BigInteger(), server_default=sa.text('(pg_current_xact_id()::text)::bigint'), nullable=False),
        sa.Column('cluster', sa.Text(), nullable=False),
        sa.Column('collection', sa.Text(), nullable=False),
        sa.Column('record_id', sa.Uuid(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("collection IN ('needs', 'assets', 'homes')", name=op.f('ck_record_change_collection_known')),
        sa.CheckConstraint('char_length(cluster) <= 30', name=op.f('ck_record_change_cluster_length')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_record_change')),
    )
    op.create_index('ix_record_change_since', 'record_change', ['network_id', 'txid', 'id'])
    op.create_index('ix_record_change_old', 'record_change', ['network_id', 'changed_at'])
    op.create_table(
        'change_floor',
        *_network('change_floor'),
        sa.Column('txid', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('network_id', name=op.f('pk_change_floor')),
    )
    op.create_table(
        'partner_ledger',
        *_network('partner_ledger'),
        *_agreement('partner_ledger'),
        sa.Column('last', sa.BigInteger(), server_default='0', nullable=False),
        sa.Column('floor', sa.BigInteger(), server_default='0', nullable=False),
        sa.PrimaryKeyConstraint('agreement_id', name=op.f('pk_partner_ledger')),
        schema='access',
    )
    op.create_table(
        'partner_item',
        *_network('partner_item'),
        *_agreement('partner_item'),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('octet_length(digest) = 32', name=op.f('ck_partner_item_digest_form')),
        sa.CheckConstraint('char_length(name) <= 60', name=op.f('ck_partner_item_name_length')),
        sa.PrimaryKeyConstraint('network_id', 'agreement_id', 'name', name=op.f('pk_partner_item')),
        sa.UniqueConstraint('agreement_id', 'number', name=op.f('uq_partner_item_agreement_id_number')),
        schema='access',
    )

    _make_webhook()


def _make_webhook() -> None:
    op.create_table(
        'webhook',
        sa.Column('id', sa.Uuid(), nullable=False),
        *_network('webhook'),
        sa.Column('agreement_id', sa.Uuid(), nullable=True),
        sa.Column('collection', sa.Text(), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('seen', sa.Text(), nullable=True),
        sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('last_sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('last_error', sa.Text(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_reason', sa.Text(), nullable=True),
        sa.CheckConstraint("collection IN ('needs', 'assets')", name=op.f('ck_webhook_collection_known')),
        sa.CheckConstraint("ended_reason IN ('removed', 'agreement_ended', 'failing')", name=op.f('ck_webhook_ended_reason_known')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_webhook_sealed_with_its_key')),
        sa.CheckConstraint('(sealed IS NULL) = (ended_at IS NOT NULL)', name=op.f('ck_webhook_ended_is_empty')),
        sa.CheckConstraint('(ended_at IS NULL) = (ended_reason IS NULL)', name=op.f('ck_webhook_ended_with_reason')),
        sa.CheckConstraint('octet_length(sealed) <= 2000', name=op.f('ck_webhook_sealed_length')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_webhook_key_id')),
        sa.CheckConstraint('char_length(url) <= 300', name=op.f('ck_webhook_url_length')),
        sa.CheckConstraint('char_length(seen) <= 60', name=op.f('ck_webhook_seen_length')),
        sa.CheckConstraint('char_length(last_error) <= 30', name=op.f('ck_webhook_last_error_length')),
        sa.CheckConstraint('failures BETWEEN 0 AND 100', name=op.f('ck_webhook_failures_range')),
        sa.ForeignKeyConstraint(['agreement_id'], ['access.agreement.id'], name=op.f('fk_webhook_agreement_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
        schema='access',
    )
    op.create_index('ix_webhook_due', 'webhook', ['network_id', 'next_at'], schema='access', postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index(op.f('ix_webhook_key_id'), 'webhook', ['key_id'], schema='access')
    op.create_index('ix_webhook_agreement', 'webhook', ['agreement_id'], schema='access')


def downgrade() -> None:
    for table in COLLECTION:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER change_{event} ON {table}")
        op.execute(f"DROP FUNCTION restricted.note_{table}_change()")
    op.execute("DROP FUNCTION public.this_cluster()")
    op.drop_table('webhook', schema='access')
    op.drop_table('partner_item', schema='access')
    op.drop_table('partner_ledger', schema='access')
    op.drop_table('change_floor')
    op.drop_table('record_change')
