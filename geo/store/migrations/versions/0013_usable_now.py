"""When help can be had, who is spoken to, and the network's zone and languages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

WHEN = (("asset", "schedule"), ("helper", "availability"))


def upgrade() -> None:
    op.add_column('network', sa.Column('time_zone', sa.Text(), server_default='UTC', nullable=False))
    op.add_column('network', sa.Column('languages', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False))
    op.create_check_constraint(op.f('ck_network_time_zone_length'), 'network', 'char_length(time_zone) <= 60')
    op.create_check_constraint(op.f('ck_network_languages_bounded'), 'network', 'cardinality(languages) <= 20')
    for table, column in WHEN:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
        op.add_column(table, sa.Column('interpreter', sa.Boolean(), server_default=sa.text('false'), nullable=False))
        op.create_check_constraint(op.f(f'ck_{table}_{column}_length'), table, f'char_length({column}) <= 1000')
    op.create_index('ix_match_asset', 'match', ['asset_id'])


def downgrade() -> None:
    op.drop_index('ix_match_asset', 'match')
    for table, column in WHEN:
        op.drop_constraint(op.f(f'ck_{table}_{column}_length'), table)
        op.drop_column(table, 'interpreter')
        op.drop_column(table, column)
    op.drop_constraint(op.f('ck_network_languages_bounded'), 'network')
    op.drop_constraint(op.f('ck_network_time_zone_length'), 'network')
    op.drop_column('network', 'languages')
    op.drop_column('network', 'time_zone')
