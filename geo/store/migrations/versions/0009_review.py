"""The review queue: its order, decisions that can be taken back, and what is remembered of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = "0008"
branch_labels = None
depends_on = None

APP, DEVICE = "barnraiser_app", "barnraiser_device"
TABLES = ("restricted.review_decision", "restricted.address_alias")
RANK = (
    "CASE WHEN status = ANY (ARRAY['met'::text, 'withdrawn'::text, 'expired'::text]) OR withheld "
    "OR (location_state <> ALL (ARRAY['needs_review'::text, 'pending'::text])) THEN NULL::integer "
    "ELSE CASE review_mark WHEN 'ask_again'::text THEN 4 WHEN 'outside_area'::text THEN 8 ELSE 0 END "
    "+ CASE urgency WHEN 'critical'::text THEN 0 WHEN 'high'::text THEN 1 WHEN 'normal'::text THEN 2 ELSE 3 END END"
)

# As its owner, so that a phone's entry is placed by what is remembered while the phone itself can read none of it: it
# would have to name the keyed hash of a text, and the key is not in the database.
FIND = """
CREATE FUNCTION restricted.find_aliases(hashes bytea[])
RETURNS TABLE (id uuid, text_hash bytea, lon double precision, lat double precision, match_quality text,
               uncertainty_m double precision, label text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT ON (a.text_hash) a.id, a.text_hash, ST_X(a.geom), ST_Y(a.geom), a.match_quality, a.uncertainty_m,
         a.label
  FROM restricted.address_alias a
  WHERE a.network_id = current_network() AND a.text_hash = ANY (hashes)
  ORDER BY a.text_hash, a.id DESC
$$
"""


def upgrade() -> None:
    op.add_column('need', sa.Column('review_mark', sa.Text(), nullable=True))
    op.add_column('need', sa.Column('review_rank', sa.SmallInteger(), sa.Computed(RANK, persisted=True), nullable=True))
    op.create_check_constraint(op.f('ck_need_review_mark_known'), 'need', "review_mark IN ('ask_again', 'outside_area')")
    op.create_check_constraint(op.f('ck_need_mark_while_waiting'), 'need', "review_mark IS NULL OR location_state = 'needs_review'")
    op.create_index('ix_need_review', 'need', ['network_id', 'review_rank', 'received_at', 'id'], postgresql_where=sa.text('review_rank IS NOT NULL'))
    _make_decisions()
    _make_aliases()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # who decided what and when stays as it was written
    op.execute(f"GRANT SELECT, INSERT, UPDATE (before, sealed, key_id, undone_by, undone_at) ON restricted.review_decision TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON restricted.address_alias TO {APP}")
    op.execute(FIND)
    op.execute("REVOKE ALL ON FUNCTION restricted.find_aliases(bytea[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION restricted.find_aliases(bytea[]) TO {APP}, {DEVICE}")


def _make_decisions() -> None:
    op.create_table(
        'review_decision',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('need_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('decided_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('before', postgresql.JSONB(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('undone_by', sa.Uuid(), nullable=True),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('candidate', 'pin', 'confirm', 'ask_again', 'outside_area')", name=op.f('ck_review_decision_kind_known')),
        sa.CheckConstraint('octet_length(before::text) <= 2000', name=op.f('ck_review_decision_before_bounded')),
        sa.CheckConstraint('undone_at IS NULL OR num_nonnulls(before, sealed) = 0', name=op.f('ck_review_decision_undone_is_empty')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_review_decision_sealed_with_its_key')),
        sa.CheckConstraint('octet_length(sealed) <= 2000', name=op.f('ck_review_decision_sealed_length')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_review_decision_key_id')),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_review_decision_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_review_decision_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_review_decision')),
        schema='restricted',
    )
    op.create_index('ix_review_decision_need', 'review_decision', ['need_id', 'id'], schema='restricted')
    op.create_index('ix_review_decision_at', 'review_decision', ['network_id', 'decided_at', 'id'], schema='restricted')
    op.create_index(op.f('ix_review_decision_key_id'), 'review_decision', ['key_id'], schema='restricted')


def _make_aliases() -> None:
    op.create_table(
        'address_alias',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('need_id', sa.Uuid(), nullable=False),
        sa.Column('text_hash', sa.LargeBinary(), nullable=False),
        sa.Column('geom', Geometry('POINT', srid=4326, spatial_index=False), nullable=False),
        sa.Column('match_quality', sa.Text(), nullable=False),
        sa.Column('uncertainty_m', sa.Double(), nullable=False),
        sa.Column('label', sa.Text(), nullable=True),
        sa.Column('learned_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('learned_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_address_alias_geom_not_empty')),
        sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_address_alias_geom_range')),
        sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_address_alias_geom_not_null_island')),
        sa.CheckConstraint("match_quality IN ('rooftop', 'parcel', 'interpolated', 'intersection', 'street', 'place', 'postcode', 'locality', 'manual', 'gps', 'none')", name=op.f('ck_address_alias_match_quality_known')),
        sa.CheckConstraint('uncertainty_m BETWEEN 0 AND 100000', name=op.f('ck_address_alias_uncertainty_m_range')),
        sa.CheckConstraint('octet_length(text_hash) = 32', name=op.f('ck_address_alias_text_hash_form')),
        sa.CheckConstraint('char_length(label) <= 500', name=op.f('ck_address_alias_label_length')),
        sa.ForeignKeyConstraint(['id'], ['restricted.review_decision.id'], name=op.f('fk_address_alias_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_address_alias_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_address_alias_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_address_alias')),
        schema='restricted',
    )
    op.create_index('ix_address_alias_text', 'address_alias', ['network_id', 'text_hash', 'id'], schema='restricted')
    op.create_index('ix_address_alias_need', 'address_alias', ['need_id'], schema='restricted')


def downgrade() -> None:
    op.execute("DROP FUNCTION restricted.find_aliases(bytea[])")
    op.drop_table('address_alias', schema='restricted')
    op.drop_table('review_decision', schema='restricted')
    op.drop_index('ix_need_review', 'need')
    op.drop_column('need', 'review_rank')
    op.drop_constraint(op.f('ck_need_mark_while_waiting'), 'need')
    op.drop_constraint(op.f('ck_need_review_mark_known'), 'need')
    op.drop_column('need', 'review_mark')
