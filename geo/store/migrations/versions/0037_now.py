"""Indexes for what has come in since an instant, and for the open needs in the order in which they have waited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

WAITS = "status = 'open' AND NOT withheld"


def upgrade() -> None:
    op.create_index('ix_need_received', 'need', ['network_id', 'received_at'])
    op.create_index('ix_need_waiting', 'need', ['network_id', 'received_at', 'id'], postgresql_where=sa.text(WAITS))


def downgrade() -> None:
    op.drop_index('ix_need_waiting', 'need')
    op.drop_index('ix_need_received', 'need')
