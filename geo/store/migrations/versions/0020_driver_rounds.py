"""Rounds of drivers: who stops where, in which order, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLES = ("driver_round", "round_stop")


def upgrade() -> None:
    _make_rounds()
    _make_stops()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
        op.execute(f"GRANT SELECT, INSERT, DELETE ON {table} TO {APP}")
    # who drives, and what a stop is about, stays as it was planned
    op.execute(f"GRANT UPDATE (state, leave_at, end_at, travel_min, travel_model, updated_at, version) ON driver_round TO {APP}")
    op.execute(f"GRANT UPDATE (position, travel_min, arrive_at, begin_at, leave_at, visited_at) ON round_stop TO {APP}")


def _make_rounds() -> None:
    op.create_table('driver_round',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=False),
        sa.Column('state', sa.Text(), server_default='planned', nullable=False),
        sa.Column('mode', sa.Text(), nullable=False),
        sa.Column('start_asset_id', sa.Uuid(), nullable=True),
        sa.Column('ends', sa.Text(), nullable=False),
        sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('leave_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('end_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('travel_min', sa.Double(), nullable=False),
        sa.Column('travel_model', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint("state IN ('planned', 'given', 'under_way', 'done')", name=op.f('ck_driver_round_state_known')),
        sa.CheckConstraint("mode IN ('walk', 'wheelchair', 'bicycle', 'car')", name=op.f('ck_driver_round_mode_known')),
        sa.CheckConstraint("ends IN ('start', 'home', 'last_stop')", name=op.f('ck_driver_round_ends_known')),
        sa.CheckConstraint('travel_min BETWEEN 0 AND 1440', name=op.f('ck_driver_round_travel_min_range')),
        sa.CheckConstraint('char_length(travel_model) <= 60', name=op.f('ck_driver_round_travel_model_length')),
        sa.CheckConstraint('from_at <= leave_at AND leave_at <= end_at', name=op.f('ck_driver_round_leave_at_order')),
        sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_driver_round_helper_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_driver_round_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['start_asset_id'], ['asset.id'], name=op.f('fk_driver_round_start_asset_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_driver_round')),
    )
    op.create_index('ix_driver_round_helper', 'driver_round', ['helper_id'])
    op.create_index('ix_driver_round_start_asset', 'driver_round', ['start_asset_id'])
    op.create_index('ix_driver_round_state', 'driver_round', ['network_id', 'state', 'id'])


def _make_stops() -> None:
    op.create_table('round_stop',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('round_id', sa.Uuid(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('code', sa.Text(), nullable=False),
        sa.Column('match_id', sa.Uuid(), nullable=True),
        sa.Column('asset_id', sa.Uuid(), nullable=True),
        sa.Column('demand', sa.Integer(), nullable=False),
        sa.Column('service_min', sa.Double(), nullable=False),
        sa.Column('earliest_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('latest_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('travel_min', sa.Double(), nullable=False),
        sa.Column('arrive_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('begin_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('leave_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('visited_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('num_nonnulls(match_id, asset_id) = 1', name=op.f('ck_round_stop_one_place')),
        sa.CheckConstraint('visited_at IS NULL OR asset_id IS NOT NULL', name=op.f('ck_round_stop_visited_at_of_an_asset')),
        sa.CheckConstraint('position BETWEEN 1 AND 200', name=op.f('ck_round_stop_position_range')),
        sa.CheckConstraint('demand BETWEEN 0 AND 10000', name=op.f('ck_round_stop_demand_range')),
        sa.CheckConstraint('arrive_at <= begin_at AND begin_at <= leave_at', name=op.f('ck_round_stop_begin_at_order')),
        sa.CheckConstraint('earliest_at <= latest_at', name=op.f('ck_round_stop_latest_at_order')),
        sa.CheckConstraint('service_min BETWEEN 0 AND 480', name=op.f('ck_round_stop_service_min_range')),
        sa.CheckConstraint('travel_min BETWEEN 0 AND 1440', name=op.f('ck_round_stop_travel_min_range')),
        sa.CheckConstraint('char_length(code) <= 12', name=op.f('ck_round_stop_code_length')),
        sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_round_stop_asset_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['match_id'], ['match.id'], name=op.f('fk_round_stop_match_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_round_stop_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['round_id'], ['driver_round.id'], name=op.f('fk_round_stop_round_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_round_stop')),
        sa.UniqueConstraint('match_id', name=op.f('uq_round_stop_match_id')),
        sa.UniqueConstraint('network_id', 'code', name=op.f('uq_round_stop_network_id_code')),
        sa.UniqueConstraint('round_id', 'position', name=op.f('uq_round_stop_round_id_position'), deferrable=True, initially='DEFERRED'),
    )
    op.create_index('ix_round_stop_asset', 'round_stop', ['asset_id'])


def downgrade() -> None:
    op.drop_table('round_stop')
    op.drop_table('driver_round')
