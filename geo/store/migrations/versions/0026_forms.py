"""Forms of campaigns: versions that never change, which entry was made with which, photos that wait for their entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

APP, DEVICE = "barnraiser_app", "barnraiser_device"
TABLES = ("form", "form_version", "restricted.form_entry", "restricted.form_part")
GRANTS = (
    f"GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON form TO {APP}",
    # a version is what an entry was made with, so nothing of it changes but whether it is asked
    f"GRANT SELECT, INSERT, UPDATE (is_active) ON form_version TO {APP}",
    f"GRANT SELECT, INSERT ON restricted.form_entry TO {APP}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON restricted.form_part TO {APP}",
    f"GRANT SELECT ON form, form_version TO {DEVICE}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON restricted.form_part TO {DEVICE}",
    f"CREATE POLICY own_parts ON restricted.form_part AS RESTRICTIVE FOR ALL TO {DEVICE} USING (submitted_by = current_actor()) WITH CHECK (submitted_by = current_actor())",
)


def upgrade() -> None:
    _make_forms()
    _make_entries()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    for statement in GRANTS:
        op.execute(statement)


def _make_forms() -> None:
    op.create_table('form',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('char_length(name) <= 64', name=op.f('ck_form_name_length')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_form_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form')),
        sa.UniqueConstraint('network_id', 'id', name=op.f('uq_form_network_id_id')),
        sa.UniqueConstraint('network_id', 'name', name=op.f('uq_form_network_id_name'))
    )
    op.create_table('form_version',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('form_id', sa.Uuid(), nullable=False),
        sa.Column('version', sa.Text(), nullable=False),
        sa.Column('content_hash', sa.LargeBinary(), nullable=False),
        sa.Column('model', postgresql.JSONB(), nullable=False),
        sa.Column('xml', sa.Text(), nullable=False),
        sa.Column('is_active', sa.Boolean(), server_default='false', nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("jsonb_typeof(model) = 'object' AND octet_length(model::text) <= 400000", name=op.f('ck_form_version_model_bounded')),
        sa.CheckConstraint('octet_length(content_hash) = 32', name=op.f('ck_form_version_content_hash_form')),
        sa.CheckConstraint('octet_length(xml) <= 1500000', name=op.f('ck_form_version_xml_bounded')),
        sa.CheckConstraint('char_length(version) <= 40', name=op.f('ck_form_version_version_length')),
        sa.ForeignKeyConstraint(['network_id', 'form_id'], ['form.network_id', 'form.id'], name=op.f('fk_form_version_network_id_form_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_form_version_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form_version')),
        sa.UniqueConstraint('form_id', 'version', name=op.f('uq_form_version_form_id_version')),
        sa.UniqueConstraint('network_id', 'id', name=op.f('uq_form_version_network_id_id'))
    )
    op.create_index('ix_form_version_network', 'form_version', ['network_id', 'id'], postgresql_where=sa.text('is_active'))
    op.create_index('uq_form_version_active', 'form_version', ['form_id'], unique=True, postgresql_where=sa.text('is_active'))


def _make_entries() -> None:
    op.create_table('form_entry',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('entry_id', sa.Uuid(), nullable=False),
        sa.Column('version_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['network_id', 'entry_id'], ['restricted.submission.network_id', 'restricted.submission.id'], name=op.f('fk_form_entry_network_id_entry_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id', 'version_id'], ['form_version.network_id', 'form_version.id'], name=op.f('fk_form_entry_network_id_version_id')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_form_entry_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', 'entry_id', 'version_id', name=op.f('pk_form_entry')),
        schema='restricted',
    )
    op.create_index('ix_form_entry_version', 'form_entry', ['version_id'], schema='restricted')
    op.create_table('form_part',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('key_id', sa.Text(), nullable=False),
        sa.Column('submitted_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('octet_length(sealed) <= 1000000', name=op.f('ck_form_part_sealed_length')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_form_part_key_id')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_form_part_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form_part')),
        schema='restricted',
    )
    op.create_index(op.f('ix_form_part_key_id'), 'form_part', ['key_id'], schema='restricted')
    op.create_index('ix_form_part_age', 'form_part', ['network_id', 'received_at'], schema='restricted')


def downgrade() -> None:
    for table, schema in (('form_part', 'restricted'), ('form_entry', 'restricted'), ('form_version', None), ('form', None)):
        op.drop_table(table, schema=schema)
