"""Made-up needs are found by an index of their own, so that every page can say that there are some."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_need_made_up', 'need', ['network_id'], postgresql_where=sa.text("source = 'synthetic'"))


def downgrade() -> None:
    op.drop_index('ix_need_made_up', table_name='need')
