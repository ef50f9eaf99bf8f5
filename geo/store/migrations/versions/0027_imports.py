"""Imports of whole tables: the files and what became of each of their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLES = ("restricted.import_file", "restricted.import_row")


def upgrade() -> None:
    _make_files()
    _make_rows()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")


def _make_files() -> None:
    op.create_table('import_file',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('format', sa.Text(), nullable=False),
        sa.Column('encoding', sa.Text(), nullable=False),
        sa.Column('sheet', sa.Text(), nullable=True),
        sa.Column('sha256', sa.LargeBinary(), nullable=False),
        sa.Column('columns', postgresql.JSONB(), nullable=False),
        sa.Column('mapping', postgresql.JSONB(), nullable=False),
        sa.Column('state', sa.Text(), server_default='uploaded', nullable=False),
        sa.Column('next_row', sa.BigInteger(), server_default='0', nullable=False),
        sa.Column('total_rows', sa.BigInteger(), nullable=True),
        sa.Column('error', sa.Text(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=True),
        sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('need', 'asset', 'helper')", name=op.f('ck_import_file_kind_known')),
        sa.CheckConstraint("state IN ('uploaded', 'checking', 'checked', 'running', 'done', 'undone')", name=op.f('ck_import_file_state_known')),
        sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_import_file_name_length')),
        sa.CheckConstraint('char_length(source) <= 100', name=op.f('ck_import_file_source_length')),
        sa.CheckConstraint('char_length(format) <= 10', name=op.f('ck_import_file_format_length')),
        sa.CheckConstraint('char_length(encoding) <= 20', name=op.f('ck_import_file_encoding_length')),
        sa.CheckConstraint('char_length(sheet) <= 100', name=op.f('ck_import_file_sheet_length')),
        sa.CheckConstraint('char_length(error) <= 500', name=op.f('ck_import_file_error_length')),
        sa.CheckConstraint('octet_length(sha256) = 32', name=op.f('ck_import_file_sha256_form')),
        sa.CheckConstraint('octet_length(columns::text) <= 200000', name=op.f('ck_import_file_columns_bounded')),
        sa.CheckConstraint('octet_length(mapping::text) <= 200000', name=op.f('ck_import_file_mapping_bounded')),
        sa.CheckConstraint('(sealed IS NULL) = (key_id IS NULL)', name=op.f('ck_import_file_sealed_with_its_key')),
        sa.CheckConstraint('octet_length(sealed) <= 2000000', name=op.f('ck_import_file_sealed_length')),
        sa.ForeignKeyConstraint(['key_id'], ['restricted.field_key.id'], name=op.f('fk_import_file_key_id')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_import_file_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_import_file')),
        schema='restricted',
    )
    op.create_index(op.f('ix_import_file_key_id'), 'import_file', ['key_id'], unique=False, schema='restricted')
    op.create_index('ix_import_file_network', 'import_file', ['network_id', 'id'], unique=False, schema='restricted')
    op.create_index('ix_import_file_working', 'import_file', ['network_id', 'id'], unique=False, schema='restricted', postgresql_where=sa.text("state IN ('checking','running')"))


def _make_rows() -> None:
    op.create_table('import_row',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('import_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('row_key', sa.LargeBinary(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('outcome', sa.Text(), nullable=False),
        sa.Column('is_kept', sa.Boolean(), nullable=False),
        sa.Column('entry_id', sa.Uuid(), nullable=True),
        sa.Column('faults', postgresql.JSONB(), server_default='[]', nullable=False),
        sa.CheckConstraint("outcome IN ('made', 'held', 'known', 'repeated')", name=op.f('ck_import_row_outcome_known')),
        sa.CheckConstraint('octet_length(row_key) = 16', name=op.f('ck_import_row_row_key_form')),
        sa.CheckConstraint('octet_length(content) = 16', name=op.f('ck_import_row_content_form')),
        sa.CheckConstraint('octet_length(faults::text) <= 20000', name=op.f('ck_import_row_faults_bounded')),
        sa.ForeignKeyConstraint(['entry_id'], ['restricted.submission.id'], name=op.f('fk_import_row_entry_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['import_id'], ['restricted.import_file.id'], name=op.f('fk_import_row_import_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_import_row_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', 'import_id', 'number', name=op.f('pk_import_row')),
        schema='restricted',
    )
    op.create_index(op.f('ix_import_row_entry_id'), 'import_row', ['entry_id'], unique=False, schema='restricted')
    op.create_index('ix_import_row_key', 'import_row', ['network_id', 'row_key'], unique=False, schema='restricted', postgresql_where=sa.text('is_kept'))
    op.create_index('ix_import_row_outcome', 'import_row', ['import_id', 'outcome', 'number'], unique=False, schema='restricted')


def downgrade() -> None:
    op.drop_table('import_row', schema='restricted')
    op.drop_table('import_file', schema='restricted')
