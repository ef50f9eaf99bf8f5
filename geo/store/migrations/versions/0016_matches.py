"""The life of a match: its steps, its reasons, when it was done, and who is never brought together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLES = ("match_event", "kept_apart")
REASONS = "'no_time', 'not_for_me', 'nobody_home', 'wrong_address', 'not_wanted', 'too_far', 'unsafe', 'other'"
STATUSES = "'proposed', 'accepted', 'declined', 'under_way', 'done', 'failed', 'expired'"

# Whoever promised help may be deleted or erased, and the claim goes with them: then nobody comes, and the need is open
# again. As a trigger, since rows also go by themselves with what they refer to.
REOPEN = """
CREATE FUNCTION restricted.reopen_need() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE public.need SET status = 'open', updated_at = now(), version = version + 1
  WHERE id = OLD.need_id AND status = 'in_progress';
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column('match', sa.Column('reason', sa.Text(), nullable=True))
    op.add_column('match', sa.Column('done_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('match', sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('match', sa.Column('is_counted', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_check_constraint(op.f('ck_match_reason_known'), 'match', f"reason IN ({REASONS})")
    op.create_check_constraint(op.f('ck_match_confirmed_when_done'), 'match', "confirmed_at IS NULL OR status = 'done'")
    op.create_index('uq_match_asked_once', 'match', ['need_id', 'helper_id'], unique=True, postgresql_where=sa.text("status = 'proposed'"))
    op.create_index('ix_match_lapsing', 'match', ['network_id', 'expires_at'], postgresql_where=sa.text("status IN ('proposed', 'accepted')"))
    _make_tables()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # a step that was taken stays as it was written
    op.execute(f"GRANT SELECT, INSERT ON match_event TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON kept_apart TO {APP}")
    op.execute(REOPEN)
    op.execute("REVOKE ALL ON FUNCTION restricted.reopen_need() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER reopen_need AFTER DELETE ON match FOR EACH ROW WHEN (OLD.status IN ('accepted', 'under_way')) "
        "EXECUTE FUNCTION restricted.reopen_need()"
    )


def _make_tables() -> None:
    op.create_table(
        'match_event',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('match_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('actor', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('from_status', sa.Text(), nullable=True),
        sa.Column('to_status', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('expires_before', sa.DateTime(timezone=True), nullable=True),
        sa.Column('is_undo', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.CheckConstraint(f"from_status IN ({STATUSES})", name=op.f('ck_match_event_from_status_known')),
        sa.CheckConstraint(f"to_status IN ({STATUSES})", name=op.f('ck_match_event_to_status_known')),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f('ck_match_event_reason_known')),
        sa.ForeignKeyConstraint(['match_id'], ['match.id'], name=op.f('fk_match_event_match_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_match_event_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_match_event')),
    )
    op.create_index('ix_match_event_match', 'match_event', ['match_id', 'id'])
    op.create_table(
        'kept_apart',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=False),
        sa.Column('household_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_kept_apart_helper_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_kept_apart_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_apart')),
        sa.UniqueConstraint('network_id', 'helper_id', 'household_id', name=op.f('uq_kept_apart_network_id_helper_id_household_id')),
    )
    op.create_index('ix_kept_apart_helper', 'kept_apart', ['helper_id'])


def downgrade() -> None:
    op.execute("DROP TRIGGER reopen_need ON match")
    op.execute("DROP FUNCTION restricted.reopen_need()")
    op.drop_table('kept_apart')
    op.drop_table('match_event')
    op.drop_index('ix_match_lapsing', 'match')
    op.drop_index('uq_match_asked_once', 'match')
    op.drop_constraint(op.f('ck_match_confirmed_when_done'), 'match')
    op.drop_constraint(op.f('ck_match_reason_known'), 'match')
    for column in ('is_counted', 'confirmed_at', 'done_at', 'reason'):
        op.drop_column('match', column)
