"""The shared calendar: activities, shifts, who signed up, reminders and the feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

APP, AUTH = "barnraiser_app", "barnraiser_auth"
TABLES = ("activity", "shift", "sign_up", "reminder", "access.calendar_feed")
ROLES = "jsonb_typeof(roles) = 'object' AND octet_length(roles::text) <= 1000"


def upgrade() -> None:
    _make_activities()
    _make_shifts()
    _make_sign_ups()
    _make_reminders()
    _make_feeds()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    for table in ("activity", "shift", "sign_up", "reminder"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    # a feed's hash is never changed, and an ended feed stays ended
    op.execute(f"GRANT SELECT, INSERT, UPDATE (revoked_at) ON access.calendar_feed TO {APP}")
    # who shows a feed's token is found out before their network is known
    op.execute(f"CREATE POLICY signing_in ON access.calendar_feed FOR SELECT TO {AUTH} USING (true)")
    op.execute(f"GRANT SELECT ON access.calendar_feed TO {AUTH}")


def _stamps() -> list[sa.Column]:
    return [
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    ]


def _head(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f(f'fk_{table}_network_id'), ondelete='CASCADE'),
    ]


def _refers(table: str, to: str, gone: str = 'SET NULL') -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f'{to}_id'], [f'{to}.id'], name=op.f(f'fk_{table}_{to}_id'), ondelete=gone)


def _make_activities() -> None:
    op.create_table(
        'activity',
        *_head('activity'),
        sa.Column('title', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('schedule', sa.Text(), nullable=False),
        sa.Column('time_zone', sa.Text(), nullable=False),
        sa.Column('roles', postgresql.JSONB(), nullable=False),
        sa.Column('asset_id', sa.Uuid(), nullable=True),
        sa.Column('area_id', sa.Uuid(), nullable=True),
        sa.Column('organization_id', sa.Uuid(), nullable=True),
        sa.Column('place', sa.Text(), nullable=True),
        sa.Column('uid', sa.Text(), nullable=True),
        *_stamps(),
        sa.CheckConstraint('char_length(title) <= 200', name=op.f('ck_activity_title_length')),
        sa.CheckConstraint('char_length(kind) <= 60', name=op.f('ck_activity_kind_length')),
        sa.CheckConstraint('char_length(schedule) <= 1000', name=op.f('ck_activity_schedule_length')),
        sa.CheckConstraint('char_length(time_zone) <= 100', name=op.f('ck_activity_time_zone_length')),
        sa.CheckConstraint('char_length(place) <= 200', name=op.f('ck_activity_place_length')),
        sa.CheckConstraint('char_length(uid) <= 255', name=op.f('ck_activity_uid_length')),
        sa.CheckConstraint(ROLES, name=op.f('ck_activity_roles_bounded')),
        _refers('activity', 'asset'),
        _refers('activity', 'area'),
        _refers('activity', 'organization'),
        sa.UniqueConstraint('network_id', 'uid', name=op.f('uq_activity_network_id_uid')),
    )
    for other in ('asset', 'area', 'organization'):
        op.create_index(f'ix_activity_{other}', 'activity', [f'{other}_id'])


def _make_shifts() -> None:
    op.create_table(
        'shift',
        *_head('shift'),
        sa.Column('activity_id', sa.Uuid(), nullable=False),
        sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
        sa.Column('roles', postgresql.JSONB(), nullable=False),
        *_stamps(),
        sa.CheckConstraint('NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)', name=op.f('ck_shift_during_form')),
        sa.CheckConstraint('NOT lower_inf(during) AND NOT upper_inf(during)', name=op.f('ck_shift_during_bounded')),
        sa.CheckConstraint(ROLES, name=op.f('ck_shift_roles_bounded')),
        _refers('shift', 'activity', 'CASCADE'),
        sa.UniqueConstraint('activity_id', 'during', name=op.f('uq_shift_activity_id_during')),
        sa.UniqueConstraint('network_id', 'id', 'during', name=op.f('uq_shift_network_id_id_during')),
    )
    op.create_index('ix_shift_start', 'shift', ['network_id', sa.text('lower(during)'), 'id'])


def _make_sign_ups() -> None:
    op.create_table(
        'sign_up',
        *_head('sign_up'),
        sa.Column('shift_id', sa.Uuid(), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=False),
        sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), server_default='signed_up', nullable=False),
        *_stamps(),
        sa.CheckConstraint("state IN ('signed_up', 'cancelled', 'done', 'no_show')", name=op.f('ck_sign_up_state_known')),
        sa.CheckConstraint('char_length(role) <= 40', name=op.f('ck_sign_up_role_length')),
        sa.ForeignKeyConstraint(['network_id', 'shift_id', 'during'], ['shift.network_id', 'shift.id', 'shift.during'], name='fk_sign_up_shift', ondelete='CASCADE'),
        _refers('sign_up', 'helper', 'CASCADE'),
        postgresql.ExcludeConstraint(
            ('network_id', '='), ('helper_id', '='), ('during', '&&'),
            name='no_double_booking', using='gist', where=sa.text("state <> 'cancelled'"),
        ),
    )
    op.create_index('ix_sign_up_shift', 'sign_up', ['shift_id'])
    op.create_index('ix_sign_up_helper', 'sign_up', ['helper_id'])


def _make_reminders() -> None:
    op.create_table(
        'reminder',
        *_head('reminder'),
        sa.Column('sign_up_id', sa.Uuid(), nullable=False),
        sa.Column('shift_id', sa.Uuid(), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        _refers('reminder', 'sign_up', 'CASCADE'),
        _refers('reminder', 'shift', 'CASCADE'),
        _refers('reminder', 'helper', 'CASCADE'),
        sa.UniqueConstraint('sign_up_id', 'due_at', name=op.f('uq_reminder_sign_up_id_due_at')),
    )
    op.create_index('ix_reminder_due', 'reminder', ['network_id', 'due_at', 'id'], postgresql_where=sa.text('sent_at IS NULL'))
    op.create_index('ix_reminder_shift', 'reminder', ['shift_id'])
    op.create_index('ix_reminder_helper', 'reminder', ['helper_id'])


def _make_feeds() -> None:
    op.create_table(
        'calendar_feed',
        *_head('calendar_feed'),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=True),
        sa.Column('asset_id', sa.Uuid(), nullable=True),
        sa.Column('label', sa.Text(), server_default='', nullable=False),
        sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('helper', 'network', 'asset')", name=op.f('ck_calendar_feed_kind_known')),
        sa.CheckConstraint('char_length(label) <= 100', name=op.f('ck_calendar_feed_label_length')),
        sa.CheckConstraint('octet_length(fingerprint) = 32', name=op.f('ck_calendar_feed_fingerprint_form')),
        sa.CheckConstraint("(helper_id IS NOT NULL) = (kind = 'helper') AND (asset_id IS NOT NULL) = (kind = 'asset')", name=op.f('ck_calendar_feed_whose')),
        _refers('calendar_feed', 'helper', 'CASCADE'),
        _refers('calendar_feed', 'asset', 'CASCADE'),
        sa.UniqueConstraint('fingerprint', name=op.f('uq_calendar_feed_fingerprint')),
        schema='access',
    )
    op.create_index('ix_calendar_feed_network', 'calendar_feed', ['network_id', 'id'], schema='access')
    op.create_index('ix_calendar_feed_helper', 'calendar_feed', ['helper_id'], schema='access')
    op.create_index('ix_calendar_feed_asset', 'calendar_feed', ['asset_id'], schema='access')


def downgrade() -> None:
    op.drop_table('calendar_feed', schema='access')
    for table in ('reminder', 'sign_up', 'shift', 'activity'):
        op.drop_table(table)
