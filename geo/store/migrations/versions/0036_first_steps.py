"""A network remembers that its first steps were put away; whoever may change the town may say so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

APP = "barnraiser_app"


def upgrade() -> None:
    op.add_column('network', sa.Column('steps_away', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute(f"GRANT UPDATE (steps_away) ON network TO {APP}")


def downgrade() -> None:
    op.execute(f"REVOKE UPDATE (steps_away) ON network FROM {APP}")
    op.drop_column('network', 'steps_away')
