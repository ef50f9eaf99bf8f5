"""The language in which somebody reads the dashboard; none is what their browser asks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

ACCESS = 'access'
AUTH = 'barnraiser_auth'


def upgrade() -> None:
    op.add_column('person', sa.Column('language', sa.Text(), nullable=True), schema=ACCESS)
    op.create_check_constraint('ck_person_language', 'person', "language ~ '^[a-z]{2,3}$'", schema=ACCESS)
    op.execute(f'GRANT UPDATE (language) ON access.person TO {AUTH}')


def downgrade() -> None:
    op.drop_column('person', 'language', schema=ACCESS)
