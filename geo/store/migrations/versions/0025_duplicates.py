"""Requests that may be one: what is to be looked at, the pairs found, and what was merged so that it can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLES = ("restricted.need_to_judge", "restricted.need_pair", "restricted.need_merge")
OPEN = "('open', 'in_progress')"
STATUSES = "'open', 'in_progress', 'met', 'withdrawn', 'expired'"


def rank(*closed: str) -> str:
    """Write how a need's place in the review queue is worked out."""
    named = ", ".join(f"'{status}'::text" for status in closed)
    return (
        f"CASE WHEN status = ANY (ARRAY[{named}]) OR withheld "
        "OR (location_state <> ALL (ARRAY['needs_review'::text, 'pending'::text])) THEN NULL::integer "
        "ELSE CASE review_mark WHEN 'ask_again'::text THEN 4 WHEN 'outside_area'::text THEN 8 ELSE 0 END "
        "+ CASE urgency WHEN 'critical'::text THEN 0 WHEN 'high'::text THEN 1 WHEN 'normal'::text THEN 2 ELSE 3 END END"
    )


# Runs as its owner, once for each statement and not for each row. Whoever hands a request in, by whatever way, has it
# looked at later: nothing of that is told to them, and they can read none of it.
NOTE = f"""
CREATE FUNCTION restricted.note_need_to_judge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_ARGV[0] = 'need' THEN
    INSERT INTO restricted.need_to_judge (network_id, need_id)
    SELECT c.network_id, c.id FROM changed_rows c WHERE c.status IN {OPEN} AND NOT c.withheld
    ON CONFLICT DO NOTHING;
  ELSIF TG_ARGV[0] = 'change' THEN
    INSERT INTO restricted.need_to_judge (network_id, need_id)
    SELECT c.network_id, c.id FROM changed_rows c JOIN rows_before b ON b.id = c.id
    WHERE c.status IN {OPEN} AND NOT c.withheld
      AND (c.category, c.household_size, c.withheld, b.status IN {OPEN})
          IS DISTINCT FROM (b.category, b.household_size, b.withheld, true)
    ON CONFLICT DO NOTHING;
  ELSE
    INSERT INTO restricted.need_to_judge (network_id, need_id)
    SELECT c.network_id, c.need_id FROM changed_rows c WHERE c.need_id IS NOT NULL
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$
"""  # noqa: S608 - constants alone
TRIGGERS = (
    ("need", "INSERT", "NEW TABLE AS changed_rows", "need"),
    ("need", "UPDATE", "OLD TABLE AS rows_before NEW TABLE AS changed_rows", "change"),
    ("restricted.location_exact", "INSERT", "NEW TABLE AS changed_rows", "owner"),
    ("restricted.location_exact", "UPDATE", "NEW TABLE AS changed_rows", "owner"),
    ("restricted.contact", "INSERT", "NEW TABLE AS changed_rows", "owner"),
)


def upgrade() -> None:
    _say_merged(f"{STATUSES}, 'merged'", rank("met", "withdrawn", "expired", "merged"))
    op.add_column('contact', sa.Column('reach', sa.LargeBinary(), nullable=True), schema='restricted')
    op.create_check_constraint(op.f('ck_contact_reach_form'), 'contact', 'octet_length(reach) = 32', schema='restricted')
    op.create_index('ix_contact_reach', 'contact', ['network_id', 'reach'], schema='restricted', postgresql_where=sa.text('reach IS NOT NULL'))
    # a policy lets boxes of geometries use an index, and not what is made of them
    op.create_index('ix_location_exact_need_geom', 'location_exact', ['network_id', 'geom'], schema='restricted', postgresql_using='gist', postgresql_where=sa.text('need_id IS NOT NULL'))
    _make_marks()
    _make_pairs()
    _make_merges()
    op.execute("INSERT INTO restricted.need_to_judge (network_id, need_id) "
               "SELECT network_id, id FROM need WHERE status IN ('open', 'in_progress') AND NOT withheld")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # what is to be looked at is noted by the database alone
    op.execute(f"GRANT SELECT, UPDATE, DELETE ON restricted.need_to_judge TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON restricted.need_pair TO {APP}")
    # what was merged by whom stays as it was written
    op.execute(f"GRANT SELECT, INSERT, UPDATE (sealed, key_id, undone_by, undone_at) ON restricted.need_merge TO {APP}")
    op.execute(NOTE)
    op.execute("REVOKE ALL ON FUNCTION restricted.note_need_to_judge() FROM PUBLIC")
    for table, event, rows, kind in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER judge_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION restricted.note_need_to_judge('{kind}')"
        )


def _say_merged(statuses: str, ranked: str) -> None:
    op.drop_constraint(op.f('ck_need_status_known'), 'need')
    op.create_check_constraint(op.f('ck_need_status_known'), 'need', f"status IN ({statuses})")
    op.drop_index('ix_need_review', 'need')
    op.drop_column('need', 'review_rank')
    op.add_column('need', sa.Column('review_rank', sa.SmallInteger(), sa.Computed(ranked, persisted=True), nullable=True))
    op.create_index('ix_need_review', 'need', ['network_id', 'review_rank', 'received_at', 'id'], postgresql_where=sa.text('review_rank IS NOT NULL'))


def _make_marks() -> None:
    op.create_table('need_to_judge',
        sa.Column('need_id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_need_to_judge_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_need_to_judge_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('need_id', name=op.f('pk_need_to_judge')),
        schema='restricted',
    )
    op.create_index('ix_need_to_judge_since', 'need_to_judge', ['network_id', 'since', 'need_id'], schema='restricted')


def _make_pairs() -> None:
    op.create_table('need_pair',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('earlier_id', sa.Uuid(), nullable=False),
        sa.Column('later_id', sa.Uuid(), nullable=False),
        sa.Column('bits', sa.Double(), nullable=False),
        sa.Column('parts', postgresql.JSONB(), nullable=False),
        sa.Column('distance_m', sa.Double(), nullable=True),
        sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
        sa.Column('found_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('decided_by', sa.Uuid(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'different', 'merged')", name=op.f('ck_need_pair_state_known')),
        sa.CheckConstraint('earlier_id <> later_id', name=op.f('ck_need_pair_two_requests')),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f('ck_need_pair_decided_when')),
        sa.CheckConstraint('octet_length(parts::text) <= 500', name=op.f('ck_need_pair_parts_bounded')),
        sa.CheckConstraint('bits BETWEEN -100 AND 100', name=op.f('ck_need_pair_bits_range')),
        sa.CheckConstraint('distance_m BETWEEN 0 AND 21000000', name=op.f('ck_need_pair_distance_m_range')),
        sa.ForeignKeyConstraint(['earlier_id'], ['need.id'], name=op.f('fk_need_pair_earlier_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['later_id'], ['need.id'], name=op.f('fk_need_pair_later_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_need_pair_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_need_pair')),
        sa.UniqueConstraint('earlier_id', 'later_id', name=op.f('uq_need_pair_earlier_id_later_id')),
        schema='restricted',
    )
    op.create_index('ix_need_pair_later', 'need_pair', ['later_id'], schema='restricted')
    op.create_index('ix_need_pair_queue', 'need_pair', ['network_id', 'state', 'bits', 'id'], schema='restricted')


def _make_merges() -> None:
    op.create_table('need_merge',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('pair_id', sa.Uuid(), nullable=True),
        sa.Column('kept_id', sa.Uuid(), nullable=False),
        sa.Column('merged_id', sa.Uuid(), nullable=False),
        sa.Column('merged_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('merged_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('moved', postgresql.JSONB(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('undone_by', sa.Uuid(), nullable=True),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('kept_id <> merged_id', name=op.f('ck_need_merge_two_requests')),
        sa.CheckConstraint('octet_length(moved::text) <= 100000', name=op.f('ck_need_merge_moved_bounded')),
        sa.CheckConstraint('undone_at IS NULL OR sealed IS NULL', name=op.f('ck_need_merge_undone_is_empty')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_need_merge_sealed_with_its_key')),
        sa.CheckConstraint('octet_length(sealed) <= 200000', name=op.f('ck_need_merge_sealed_length')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_need_merge_key_id')),
        sa.ForeignKeyConstraint(['kept_id'], ['need.id'], name=op.f('fk_need_merge_kept_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['merged_id'], ['need.id'], name=op.f('fk_need_merge_merged_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_need_merge_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['pair_id'], ['restricted.need_pair.id'], name=op.f('fk_need_merge_pair_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_need_merge')),
        schema='restricted',
    )
    op.create_index('ix_need_merge_pair', 'need_merge', ['pair_id'], schema='restricted')
    op.create_index('ix_need_merge_kept', 'need_merge', ['kept_id', 'id'], schema='restricted')
    op.create_index('ix_need_merge_merged', 'need_merge', ['merged_id'], schema='restricted')
    op.create_index(op.f('ix_need_merge_key_id'), 'need_merge', ['key_id'], schema='restricted')
    op.create_index('uq_need_merge_standing', 'need_merge', ['merged_id'], unique=True, schema='restricted', postgresql_where=sa.text('undone_at IS NULL'))


def downgrade() -> None:
    for table, event, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER judge_{event.lower()} ON {table}")
    op.execute("DROP FUNCTION restricted.note_need_to_judge()")
    for table in ('need_merge', 'need_pair', 'need_to_judge'):
        op.drop_table(table, schema='restricted')
    op.drop_index('ix_location_exact_need_geom', 'location_exact', schema='restricted')
    op.drop_index('ix_contact_reach', 'contact', schema='restricted')
    op.drop_column('contact', 'reach', schema='restricted')
    # what was merged is over for an older program
    op.execute("UPDATE need SET status = 'withdrawn' WHERE status = 'merged'")
    _say_merged(STATUSES, rank("met", "withdrawn", "expired"))
