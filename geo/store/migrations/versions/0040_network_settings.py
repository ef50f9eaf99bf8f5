"""A network has its own service standard, and its admins may say how it is set up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

APP = 'barnraiser_app'
OURS = 'name, time_zone, languages, escalate_after_h, standard_min, version'


def upgrade() -> None:
    op.add_column('network', sa.Column('standard_min', sa.Integer(), nullable=True))
    op.add_column('network', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.create_check_constraint('ck_network_standard_min_range', 'network', 'standard_min BETWEEN 1 AND 240')
    op.execute(f'GRANT UPDATE ({OURS}) ON network TO {APP}')


def downgrade() -> None:
    op.execute(f'REVOKE UPDATE ({OURS}) ON network FROM {APP}')
    op.drop_column('network', 'version')
    op.drop_column('network', 'standard_min')
