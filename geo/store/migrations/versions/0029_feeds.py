"""An index of what is drawn as a cell, so that a box over assets need not look at all of them for the few at homes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_asset_cell', 'asset', ['network_id', 'cell'], postgresql_where=sa.text("geom IS NULL"))


def downgrade() -> None:
    op.drop_index('ix_asset_cell', 'asset')
