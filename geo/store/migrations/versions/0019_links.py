"""Links without sign-in, proposals nobody answered, and after how many hours a network asks the next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

APP, AUTH = "barnraiser_app", "barnraiser_auth"


def upgrade() -> None:
    op.add_column('network', sa.Column('escalate_after_h', sa.Integer(), server_default='24', nullable=False))
    op.create_check_constraint(op.f('ck_network_escalate_after_h_range'), 'network', 'escalate_after_h BETWEEN 1 AND 336')
    unanswered = sa.text("helper_id IS NOT NULL AND status IN ('proposed', 'expired')")
    op.create_index('ix_match_unanswered', 'match', ['network_id', 'created_at'], postgresql_where=unanswered)
    _make_links()
    _make_escalations()
    for table in ("access.link", "escalation"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # what a link is about and its hash never change, and one that was revoked stays so
    op.execute(f"GRANT SELECT, INSERT, UPDATE (opened_at, revoked_at) ON access.link TO {APP}")
    # who shows a link's secret is found out before their network is known
    op.execute(f"CREATE POLICY signing_in ON access.link FOR SELECT TO {AUTH} USING (true)")
    op.execute(f"GRANT SELECT ON access.link TO {AUTH}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (next_match_id, told_at) ON escalation TO {APP}")


def _make_links() -> None:
    op.create_table('link',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('match_id', sa.Uuid(), nullable=True),
        sa.Column('need_id', sa.Uuid(), nullable=True),
        sa.Column('sign_up_id', sa.Uuid(), nullable=True),
        sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
        sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('help', 'need', 'shift')", name=op.f('ck_link_kind_known')),
        sa.CheckConstraint('octet_length(fingerprint) = 32', name=op.f('ck_link_fingerprint_form')),
        sa.CheckConstraint(
            "(match_id IS NOT NULL) = (kind = 'help') AND (need_id IS NOT NULL) = (kind = 'need') "
            "AND (sign_up_id IS NOT NULL) = (kind = 'shift')",
            name=op.f('ck_link_about_one'),
        ),
        sa.CheckConstraint('expires_at > created_at', name=op.f('ck_link_expires_later')),
        sa.ForeignKeyConstraint(['match_id'], ['match.id'], name=op.f('fk_link_match_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_link_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_link_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_link_sign_up_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_link')),
        sa.UniqueConstraint('fingerprint', name=op.f('uq_link_fingerprint')),
        schema='access',
    )
    op.create_index('ix_link_network', 'link', ['network_id', 'id'], schema='access')
    for about in ('match', 'need', 'sign_up'):
        op.create_index(f'ix_link_{about}', 'link', [f'{about}_id'], schema='access')


def _make_escalations() -> None:
    op.create_table('escalation',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('need_id', sa.Uuid(), nullable=False),
        sa.Column('match_id', sa.Uuid(), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('next_match_id', sa.Uuid(), nullable=True),
        sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('level BETWEEN 1 AND 1000', name=op.f('ck_escalation_level_range')),
        sa.ForeignKeyConstraint(['match_id'], ['match.id'], name=op.f('fk_escalation_match_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_escalation_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_escalation_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['next_match_id'], ['match.id'], name=op.f('fk_escalation_next_match_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation')),
        sa.UniqueConstraint('match_id', name=op.f('uq_escalation_match_id')),
    )
    op.create_index('ix_escalation_need', 'escalation', ['network_id', 'need_id', 'id'])
    op.create_index('ix_escalation_next_match', 'escalation', ['next_match_id'])


def downgrade() -> None:
    op.drop_table('escalation')
    op.drop_table('link', schema='access')
    op.drop_index('ix_match_unanswered', 'match')
    op.drop_column('network', 'escalate_after_h')
