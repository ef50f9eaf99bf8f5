"""Text messages that come in: gateways' secrets, conversations, which texts came, and who said stop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

APP, AUTH = "barnraiser_app", "barnraiser_auth"
TABLES = ("access.text_hook", "restricted.text_conversation", "restricted.text_received", "restricted.text_stop")


def upgrade() -> None:
    _make_hooks()
    _make_conversations()
    _make_received()
    _make_stops()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # a secret is never changed, and a gateway that was ended stays ended
    op.execute(f"GRANT SELECT, INSERT, UPDATE (revoked_at, sealed, key_id) ON access.text_hook TO {APP}")
    # which gateway signs is found out before its network is known
    op.execute(f"CREATE POLICY signing_in ON access.text_hook FOR SELECT TO {AUTH} USING (true)")
    op.execute(f"GRANT SELECT ON access.text_hook TO {AUTH}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON restricted.text_conversation TO {APP}")
    op.execute(f"GRANT SELECT, INSERT ON restricted.text_received TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON restricted.text_stop TO {APP}")


def _make_hooks() -> None:
    op.create_table('text_hook',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('label', sa.Text(), server_default='', nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('plain', 'twilio')", name=op.f('ck_text_hook_kind_known')),
        sa.CheckConstraint('char_length(label) <= 100', name=op.f('ck_text_hook_label_length')),
        sa.CheckConstraint('octet_length(sealed) <= 2000', name=op.f('ck_text_hook_sealed_length')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_text_hook_sealed_with_its_key')),
        sa.CheckConstraint('(sealed IS NULL) = (revoked_at IS NOT NULL)', name=op.f('ck_text_hook_secret_until_revoked')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_text_hook_key_id')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_text_hook_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_text_hook')),
        schema='access',
    )
    op.create_index(op.f('ix_text_hook_key_id'), 'text_hook', ['key_id'], unique=False, schema='access')
    op.create_index('ix_text_hook_network', 'text_hook', ['network_id', 'id'], unique=False, schema='access')


def _make_conversations() -> None:
    op.create_table('text_conversation',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('sender', sa.LargeBinary(), nullable=False),
        sa.Column('state', sa.Text(), server_default='going', nullable=False),
        sa.Column('step', sa.Text(), nullable=False),
        sa.Column('language', sa.Text(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('need_id', sa.Uuid(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('going', 'done', 'handed_over', 'lapsed', 'stopped')", name=op.f('ck_text_conversation_state_known')),
        sa.CheckConstraint("step IN ('begin', 'language', 'category', 'people', 'address', 'place', 'reach', 'consent', 'confirm')", name=op.f('ck_text_conversation_step_known')),
        sa.CheckConstraint('char_length(language) <= 35', name=op.f('ck_text_conversation_language_length')),
        sa.CheckConstraint('octet_length(sealed) <= 400000', name=op.f('ck_text_conversation_sealed_length')),
        sa.CheckConstraint('octet_length(sender) = 32', name=op.f('ck_text_conversation_sender_form')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_text_conversation_sealed_with_its_key')),
        sa.CheckConstraint("(state = 'going') = (sealed IS NOT NULL)", name=op.f('ck_text_conversation_sealed_while_going')),
        sa.CheckConstraint("(state = 'handed_over') = (handed_over_at IS NOT NULL)", name=op.f('ck_text_conversation_handed_over_when')),
        sa.CheckConstraint('taken_at IS NULL OR handed_over_at IS NOT NULL', name=op.f('ck_text_conversation_taken_when_handed_over')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_text_conversation_key_id')),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_text_conversation_need_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_text_conversation_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_text_conversation')),
        schema='restricted',
    )
    op.create_index(op.f('ix_text_conversation_key_id'), 'text_conversation', ['key_id'], unique=False, schema='restricted')
    op.create_index('ix_text_conversation_need', 'text_conversation', ['need_id'], unique=False, schema='restricted')
    op.create_index('ix_text_conversation_quiet', 'text_conversation', ['network_id', 'updated_at'], unique=False, schema='restricted', postgresql_where=sa.text("state = 'going'"))
    op.create_index('ix_text_conversation_sender', 'text_conversation', ['network_id', 'sender', 'id'], unique=False, schema='restricted')
    op.create_index('ix_text_conversation_state', 'text_conversation', ['network_id', 'state', 'id'], unique=False, schema='restricted')
    op.create_index('uq_text_conversation_going', 'text_conversation', ['network_id', 'sender'], unique=True, schema='restricted', postgresql_where=sa.text("state = 'going'"))


def _make_received() -> None:
    op.create_table('text_received',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('hook_id', sa.Uuid(), nullable=False),
        sa.Column('message_hash', sa.LargeBinary(), nullable=False),
        sa.Column('body_hash', sa.LargeBinary(), nullable=False),
        sa.Column('conversation_id', sa.Uuid(), nullable=True),
        sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('octet_length(message_hash) = 32', name=op.f('ck_text_received_message_hash_form')),
        sa.CheckConstraint('octet_length(body_hash) = 32', name=op.f('ck_text_received_body_hash_form')),
        sa.ForeignKeyConstraint(['conversation_id'], ['restricted.text_conversation.id'], name=op.f('fk_text_received_conversation_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['hook_id'], ['access.text_hook.id'], name=op.f('fk_text_received_hook_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_text_received_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', 'hook_id', 'message_hash', name=op.f('pk_text_received')),
        schema='restricted',
    )
    op.create_index('ix_text_received_at', 'text_received', ['network_id', 'received_at'], unique=False, schema='restricted')
    op.create_index(op.f('ix_text_received_conversation_id'), 'text_received', ['conversation_id'], unique=False, schema='restricted')


def _make_stops() -> None:
    op.create_table('text_stop',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('number', sa.LargeBinary(), nullable=False),
        sa.Column('stopped_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('octet_length(number) = 32', name=op.f('ck_text_stop_number_form')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_text_stop_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', 'number', name=op.f('pk_text_stop')),
        schema='restricted',
    )


def downgrade() -> None:
    op.drop_table('text_stop', schema='restricted')
    op.drop_table('text_received', schema='restricted')
    op.drop_table('text_conversation', schema='restricted')
    op.drop_table('text_hook', schema='access')
