"""Filters of pages under a name, one's own or the network's; and when a member last looked at the first page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

APP = 'barnraiser_app'
SEEN = ('seen_at', 'seen_before_at')
OURS = 'network_id = current_network() AND (is_shared OR made_by = current_actor())'


def upgrade() -> None:
    op.create_table(
        'saved_view',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('page', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('words', postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column('is_shared', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('made_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint("page IN ('board', 'map', 'assets')", name=op.f('ck_saved_view_page_known')),
        sa.CheckConstraint('char_length(name) <= 80', name=op.f('ck_saved_view_name_length')),
        sa.CheckConstraint('octet_length(words::text) <= 1000', name=op.f('ck_saved_view_words_bounded')),
        sa.CheckConstraint("jsonb_typeof(words) = 'object'", name=op.f('ck_saved_view_words_named')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_saved_view_network_id_network'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    )
    op.create_index('uq_saved_view_own', 'saved_view', ['network_id', 'made_by', 'page', 'name'], unique=True, postgresql_where=sa.text('NOT is_shared'))
    op.create_index('uq_saved_view_shared', 'saved_view', ['network_id', 'page', 'name'], unique=True, postgresql_where=sa.text('is_shared'))
    op.execute('ALTER TABLE saved_view ENABLE ROW LEVEL SECURITY')
    op.execute('ALTER TABLE saved_view FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY own_network ON saved_view USING ({OURS}) WITH CHECK ({OURS})')
    # who made it stays as it was written
    op.execute(f'GRANT SELECT, INSERT, DELETE, UPDATE (name, words, is_shared, updated_at, version) ON saved_view TO {APP}')
    for name in SEEN:
        op.add_column('membership', sa.Column(name, sa.DateTime(timezone=True), nullable=True), schema='access')


def downgrade() -> None:
    for name in reversed(SEEN):
        op.drop_column('membership', name, schema='access')
    op.drop_table('saved_view')
