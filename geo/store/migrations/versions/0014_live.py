"""What coverage depends on and has changed, written by the database itself, and the figures of each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLES = ("restricted.coverage_change", "coverage_day")
RECORDS = ("need", "asset", "helper", "match", "restricted.location_exact")
WHOLE = ("area", "geo_source")

# As a trigger, so that no statement can forget it; once for a statement and all of its rows. As its owner, so that
# whoever may write a need need not be able to write here. A statement that changes very much is one entry, that all of
# it is to be read again. A network that is being removed notes nothing more.
RECORD = """
CREATE FUNCTION restricted.record_coverage_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_ARGV[0] = 'all' OR (SELECT count(*) FROM changed_rows) > 5000 THEN
    INSERT INTO restricted.coverage_change (network_id, kind)
    SELECT DISTINCT c.network_id, 'all' FROM changed_rows c
    WHERE EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  ELSIF TG_ARGV[0] = 'need' THEN
    INSERT INTO restricted.coverage_change (network_id, kind, record_id)
    SELECT c.network_id, 'need', c.id FROM changed_rows c
    WHERE EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  ELSIF TG_ARGV[0] = 'place' THEN
    INSERT INTO restricted.coverage_change (network_id, kind, record_id)
    SELECT c.network_id, 'place', c.id FROM changed_rows c
    WHERE EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  ELSIF TG_ARGV[0] = 'match' THEN
    INSERT INTO restricted.coverage_change (network_id, kind, record_id)
    SELECT c.network_id, 'place', c.asset_id FROM changed_rows c
    WHERE c.asset_id IS NOT NULL AND EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  ELSE
    INSERT INTO restricted.coverage_change (network_id, kind, record_id)
    SELECT c.network_id, CASE WHEN c.need_id IS NULL THEN 'place' ELSE 'need' END,
           coalesce(c.need_id, c.asset_id, c.helper_id)
    FROM changed_rows c
    WHERE EXISTS (SELECT FROM public.network n WHERE n.id = c.network_id);
  END IF;
  RETURN NULL;
END $$
"""
KINDS = {"need": "need", "asset": "place", "helper": "place", "match": "match", "restricted.location_exact": "location"}


def upgrade() -> None:
    _make_tables()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # what has changed is noted by the database alone, the figures of a day are kept by the operator's round
    op.execute(f"GRANT SELECT ON restricted.coverage_change TO {APP}")
    op.execute(f"GRANT SELECT ON coverage_day TO {APP}")
    op.execute(RECORD)
    op.execute("REVOKE ALL ON FUNCTION restricted.record_coverage_change() FROM PUBLIC")
    for table in (*RECORDS, *WHOLE):
        for event in ("INSERT", "UPDATE", "DELETE"):
            op.execute(_watch(table, event))


def _watch(table: str, event: str) -> str:
    rows = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE TRIGGER coverage_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed_rows "
        f"FOR EACH STATEMENT EXECUTE FUNCTION restricted.record_coverage_change('{KINDS.get(table, 'all')}')"
    )


def _make_tables() -> None:
    op.create_table(
        'coverage_change',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('txid', sa.BigInteger(), server_default=sa.text('(pg_current_xact_id()::text)::bigint'), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('record_id', sa.Uuid(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("kind IN ('need', 'place', 'all')", name=op.f('ck_coverage_change_kind_known')),
        sa.CheckConstraint("(kind = 'all') = (record_id IS NULL)", name=op.f('ck_coverage_change_record_unless_all')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_coverage_change_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coverage_change')),
        schema='restricted',
    )
    op.create_index('ix_coverage_change_since', 'coverage_change', ['network_id', 'txid'], schema='restricted')
    op.create_table(
        'coverage_day',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('by', sa.Text(), nullable=False),
        sa.Column('standard_min', sa.Double(), nullable=False),
        sa.Column('mode', sa.Text(), nullable=False),
        sa.Column('travel_model', sa.Text(), nullable=False),
        sa.Column('category', sa.Text(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('label', sa.Text(), nullable=False),
        sa.Column('demand', sa.Integer(), nullable=False),
        sa.Column('covered', sa.Integer(), nullable=False),
        sa.Column('covered_best', sa.Integer(), nullable=False),
        sa.CheckConstraint("by IN ('hex', 'area')", name=op.f('ck_coverage_day_by_known')),
        sa.CheckConstraint("mode IN ('walk', 'wheelchair', 'bicycle', 'car')", name=op.f('ck_coverage_day_mode_known')),
        sa.CheckConstraint("category IN ('food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene')", name=op.f('ck_coverage_day_category_known')),
        sa.CheckConstraint('standard_min BETWEEN 1 AND 240', name=op.f('ck_coverage_day_standard_min_range')),
        sa.CheckConstraint('0 <= covered AND covered <= covered_best AND covered_best <= demand', name=op.f('ck_coverage_day_adds_up')),
        sa.CheckConstraint('char_length(travel_model) <= 60', name=op.f('ck_coverage_day_travel_model_length')),
        sa.CheckConstraint('char_length(key) <= 100', name=op.f('ck_coverage_day_key_length')),
        sa.CheckConstraint('char_length(label) <= 400', name=op.f('ck_coverage_day_label_length')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_coverage_day_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', 'by', 'standard_min', 'mode', 'travel_model', 'day', 'category', 'key', name=op.f('pk_coverage_day')),
    )
    op.create_index('ix_coverage_day_day', 'coverage_day', ['network_id', 'day'])


def downgrade() -> None:
    for table in (*RECORDS, *WHOLE):
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER coverage_{event} ON {table}")
    op.execute("DROP FUNCTION restricted.record_coverage_change()")
    op.drop_table('coverage_day')
    op.drop_table('coverage_change', schema='restricted')
