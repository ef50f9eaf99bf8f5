"""Agreements that can be changed and taken back; made-up needs in a partner's feed, and where they were seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

APP, AUTH, PARTNER = "barnraiser_app", "barnraiser_auth", "barnraiser_partner"
TABLES = ("agreement_edit", "canary", "canary_hit")
CATEGORIES = (
    'food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene',
)
URGENCIES = ('low', 'normal', 'high', 'critical')
DOORS = ('feeds', 'records', 'pages', 'file')
ASKERS = ('partner', 'phone', 'stranger', 'bad_key', 'elsewhere', 'finder')
# what the feed is made of, and nothing of where it was seen
FED = "id, network_id, agreement_id, cell, category, urgency, received_at, planted_at, ends_at"
# by which a name is known again, before it is clear whose network it is
KNOWN = "id, network_id, agreement_id, name"


def _words(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _network(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    return [
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f(f'fk_{table}_network_id'), ondelete='CASCADE'),
    ]


def _agreement(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    return [
        sa.Column('agreement_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['agreement_id'], ['access.agreement.id'], name=op.f(f'fk_{table}_agreement_id'), ondelete='CASCADE'),
    ]


def upgrade() -> None:
    op.add_column(
        'agreement', sa.Column('is_marked', sa.Boolean(), server_default=sa.text('false'), nullable=False), schema='access'
    )
    op.add_column('agreement', sa.Column('version', sa.Integer(), server_default='1', nullable=False), schema='access')
    op.create_check_constraint(
        op.f('ck_agreement_marks_single_needs'), 'agreement', "NOT is_marked OR tier <> 'aggregate'", schema='access'
    )
    _edits()
    _canaries()
    for table in TABLES:
        op.execute(f"ALTER TABLE access.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE access.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON access.{table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    op.execute(f"GRANT SELECT, INSERT ON access.agreement_edit TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON access.canary, access.canary_hit TO {APP}")
    op.execute(f"GRANT SELECT ({FED}) ON access.canary TO {PARTNER}")
    op.execute(
        f"CREATE POLICY own_agreement ON access.canary AS RESTRICTIVE FOR SELECT TO {PARTNER} "
        "USING (agreement_id = current_actor())"
    )
    op.execute(f"GRANT SELECT ({KNOWN}) ON access.canary TO {AUTH}")
    op.execute(f"CREATE POLICY knowing_again ON access.canary FOR SELECT TO {AUTH} USING (true)")


def _edits() -> None:
    op.create_table(
        'agreement_edit',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_network('agreement_edit'),
        *_agreement('agreement_edit'),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('actor', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('cells', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('categories', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('fields', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('purpose', sa.Text(), nullable=False),
        sa.Column('quota_per_day', sa.Integer(), nullable=False),
        sa.Column('is_marked', sa.Boolean(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('is_undo', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.CheckConstraint('cardinality(cells) BETWEEN 1 AND 20000', name=op.f('ck_agreement_edit_cells_bounded')),
        sa.CheckConstraint('cardinality(categories) BETWEEN 1 AND 10', name=op.f('ck_agreement_edit_categories_bounded')),
        sa.CheckConstraint('cardinality(fields) <= 20', name=op.f('ck_agreement_edit_fields_bounded')),
        sa.CheckConstraint('char_length(purpose) <= 500', name=op.f('ck_agreement_edit_purpose_length')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_edit')),
        schema='access',
    )
    op.create_index('ix_agreement_edit_agreement', 'agreement_edit', ['agreement_id', 'id'], schema='access')


def _canaries() -> None:
    op.create_table(
        'canary',
        sa.Column('id', sa.Uuid(), nullable=False),
        *_network('canary'),
        *_agreement('canary'),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('cell', sa.Text(), nullable=False),
        sa.Column('category', sa.Text(), nullable=False),
        sa.Column('urgency', sa.Text(), nullable=False),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('planted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_words("category", CATEGORIES), name=op.f('ck_canary_category_known')),
        sa.CheckConstraint(_words("urgency", URGENCIES), name=op.f('ck_canary_urgency_known')),
        sa.CheckConstraint("name ~ '^[a-z2-7]{26}$'", name=op.f('ck_canary_name_form')),
        sa.CheckConstraint("(extract(epoch FROM received_at)::bigint - 345600) % 604800 = 0", name=op.f('ck_canary_received_by_week')),
        sa.CheckConstraint('char_length(cell) <= 15', name=op.f('ck_canary_cell_length')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_canary')),
        schema='access',
    )
    op.create_index('uq_canary_name', 'canary', ['name'], unique=True, schema='access')
    op.create_index('ix_canary_agreement', 'canary', ['agreement_id', 'ends_at'], schema='access')
    op.create_table(
        'canary_hit',
        *_network('canary_hit'),
        sa.Column('canary_id', sa.Uuid(), nullable=False),
        sa.Column('door', sa.Text(), nullable=False),
        sa.Column('who', sa.Text(), nullable=False),
        sa.Column('asker_id', sa.Uuid(), nullable=False),
        sa.Column('first_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('count', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint(_words("door", DOORS), name=op.f('ck_canary_hit_door_known')),
        sa.CheckConstraint(_words("who", ASKERS), name=op.f('ck_canary_hit_who_known')),
        sa.CheckConstraint('count BETWEEN 1 AND 1000000', name=op.f('ck_canary_hit_count_range')),
        sa.ForeignKeyConstraint(['canary_id'], ['access.canary.id'], name=op.f('fk_canary_hit_canary_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('canary_id', 'door', 'who', 'asker_id', name=op.f('pk_canary_hit')),
        schema='access',
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema='access')
    op.drop_constraint(op.f('ck_agreement_marks_single_needs'), 'agreement', schema='access')
    op.drop_column('agreement', 'version', schema='access')
    op.drop_column('agreement', 'is_marked', schema='access')
