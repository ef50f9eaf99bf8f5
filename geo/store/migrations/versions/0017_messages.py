"""Messages to people, what was left for organizers to pass on, and how each person wants to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLES = ("restricted.message", "restricted.local_outbox", "restricted.preference")


def upgrade() -> None:
    _make_messages()
    _make_local_outbox()
    _make_preferences()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # whom a message is for and what it says stays as it was queued; the operator's round alone removes old ones
    changes = "state, tries, next_try_at, lease, last_error, language, channel, sent_at, sealed, key_id"
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({changes}) ON restricted.message TO {APP}")
    op.execute(f"GRANT SELECT, INSERT ON restricted.local_outbox TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON restricted.preference TO {APP}")


def _make_messages() -> None:
    op.create_table('message',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=True),
        sa.Column('need_id', sa.Uuid(), nullable=True),
        sa.Column('person_id', sa.Uuid(), nullable=True),
        sa.Column('template', sa.Text(), nullable=False),
        sa.Column('parameters', postgresql.JSONB(), server_default='{}', nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('language', sa.Text(), nullable=True),
        sa.Column('channel', sa.Text(), nullable=True),
        sa.Column('state', sa.Text(), server_default='queued', nullable=False),
        sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('next_try_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('lease', sa.Uuid(), nullable=True),
        sa.Column('last_error', sa.Text(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name=op.f('ck_message_lease_while_sending')),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_message_sent_when_sent')),
        sa.CheckConstraint("channel IN ('local', 'email', 'sms', 'signal')", name=op.f('ck_message_channel_known')),
        sa.CheckConstraint("last_error IN ('no_contact', 'refused', 'stalled', 'stopped', 'dropped', 'broken')", name=op.f('ck_message_last_error_known')),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'dropped')", name=op.f('ck_message_state_known')),
        sa.CheckConstraint("template IN ('helper_asked', 'helper_reminded', 'helper_released', 'need_matched', 'need_still', 'need_done', 'shift_reminder', 'shift_cancelled', 'organizer_waiting')", name=op.f('ck_message_template_known')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_message_sealed_with_its_key')),
        sa.CheckConstraint('char_length(key) <= 120', name=op.f('ck_message_key_length')),
        sa.CheckConstraint('char_length(language) <= 35', name=op.f('ck_message_language_length')),
        sa.CheckConstraint('num_nonnulls(helper_id, need_id, person_id) = 1', name=op.f('ck_message_one_recipient')),
        sa.CheckConstraint('octet_length(parameters::text) <= 200', name=op.f('ck_message_parameters_bounded')),
        sa.CheckConstraint('octet_length(sealed) <= 2000', name=op.f('ck_message_sealed_length')),
        sa.CheckConstraint('tries BETWEEN 0 AND 1000', name=op.f('ck_message_tries_range')),
        sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_message_helper_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_message_key_id')),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_message_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_message_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['access.person.id'], name=op.f('fk_message_person_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
        schema='restricted',
    )
    op.create_index('ix_message_helper_id', 'message', ['helper_id'], unique=False, schema='restricted')
    op.create_index(op.f('ix_message_key_id'), 'message', ['key_id'], unique=False, schema='restricted')
    op.create_index('ix_message_need_id', 'message', ['need_id'], unique=False, schema='restricted')
    op.create_index('ix_message_person_id', 'message', ['person_id'], unique=False, schema='restricted')
    op.create_index('ix_message_state', 'message', ['network_id', 'state', 'id'], unique=False, schema='restricted')
    op.create_index('ix_message_waiting', 'message', ['network_id', 'next_try_at'], unique=False, schema='restricted', postgresql_where=sa.text("state IN ('queued', 'sending')"))
    op.create_index('uq_message_key', 'message', ['network_id', 'key'], unique=True, schema='restricted')


def _make_local_outbox() -> None:
    op.create_table('local_outbox',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('message_id', sa.Uuid(), nullable=False),
        sa.Column('delivered_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['restricted.message.id'], name=op.f('fk_local_outbox_message_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_local_outbox_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_local_outbox')),
        schema='restricted',
    )
    op.create_index(op.f('ix_local_outbox_message_id'), 'local_outbox', ['message_id'], unique=False, schema='restricted')


def _make_preferences() -> None:
    op.create_table('preference',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('helper_id', sa.Uuid(), nullable=True),
        sa.Column('need_id', sa.Uuid(), nullable=True),
        sa.Column('person_id', sa.Uuid(), nullable=True),
        sa.Column('channel', sa.Text(), nullable=True),
        sa.Column('language', sa.Text(), nullable=True),
        sa.Column('quiet_from', sa.Time(), nullable=True),
        sa.Column('quiet_until', sa.Time(), nullable=True),
        sa.Column('time_zone', sa.Text(), nullable=True),
        sa.Column('is_stopped', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("channel IN ('local', 'email', 'sms', 'signal')", name=op.f('ck_preference_channel_known')),
        sa.CheckConstraint('(quiet_from IS NULL) = (quiet_until IS NULL)', name=op.f('ck_preference_quiet_from_and_until')),
        sa.CheckConstraint('char_length(language) <= 35', name=op.f('ck_preference_language_length')),
        sa.CheckConstraint('char_length(time_zone) <= 100', name=op.f('ck_preference_time_zone_length')),
        sa.CheckConstraint('num_nonnulls(helper_id, need_id, person_id) = 1', name=op.f('ck_preference_one_recipient')),
        sa.CheckConstraint('quiet_from <> quiet_until', name=op.f('ck_preference_quiet_not_always')),
        sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_preference_helper_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_preference_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_preference_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['access.person.id'], name=op.f('fk_preference_person_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_preference')),
        schema='restricted',
    )
    op.create_index('uq_preference_helper_id', 'preference', ['network_id', 'helper_id'], unique=True, schema='restricted')
    op.create_index('uq_preference_need_id', 'preference', ['network_id', 'need_id'], unique=True, schema='restricted')
    op.create_index('uq_preference_person_id', 'preference', ['network_id', 'person_id'], unique=True, schema='restricted')


def downgrade() -> None:
    op.drop_table('local_outbox', schema='restricted')
    op.drop_table('preference', schema='restricted')
    op.drop_table('message', schema='restricted')
