"""Indexes for whom a household is kept apart from, and for what still takes room of helpers after it was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_kept_apart_household', 'kept_apart', ['network_id', 'household_id'])
    op.create_index('ix_match_counted', 'match', ['network_id', 'done_at'], postgresql_where=sa.text("is_counted"))


def downgrade() -> None:
    op.drop_index('ix_match_counted', 'match')
    op.drop_index('ix_kept_apart_household', 'kept_apart')
