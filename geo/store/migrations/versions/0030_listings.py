"""What directories say of assets, links that ask whether an asset is still so, and messages to organizations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

APP, PARTNER = "barnraiser_app", "barnraiser_partner"
ABOUT = (
    "(match_id IS NOT NULL) = (kind = 'help') AND (need_id IS NOT NULL) = (kind = 'need') "
    "AND (sign_up_id IS NOT NULL) = (kind = 'shift')"
)
TEMPLATES = (
    "'helper_asked', 'helper_reminded', 'helper_released', 'need_matched', 'need_still', 'need_done', "
    "'shift_reminder', 'shift_cancelled', 'organizer_waiting'"
)
RECIPIENTS = ("message", "preference")


def upgrade() -> None:
    _make_listings()
    _make_checks()
    for table in ("listing", "asset_check"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    _wall_off()
    op.add_column('link', sa.Column('asset_id', sa.Uuid(), nullable=True), schema='access')
    op.create_foreign_key(op.f('fk_link_asset_id'), 'link', 'asset', ['asset_id'], ['id'], source_schema='access', ondelete='CASCADE')
    op.create_index('ix_link_asset', 'link', ['asset_id'], schema='access')
    _replace('link', 'access', 'kind_known', "kind IN ('help', 'need', 'shift', 'asset')")
    _replace('link', 'access', 'about_one', f"{ABOUT} AND (asset_id IS NOT NULL) = (kind = 'asset')")
    for table in RECIPIENTS:
        op.add_column(table, sa.Column('organization_id', sa.Uuid(), nullable=True), schema='restricted')
        op.create_foreign_key(op.f(f'fk_{table}_organization_id'), table, 'organization', ['organization_id'], ['id'], source_schema='restricted', ondelete='CASCADE')
        _replace(table, 'restricted', 'one_recipient', 'num_nonnulls(helper_id, need_id, person_id, organization_id) = 1')
    op.create_index('ix_message_organization_id', 'message', ['organization_id'], schema='restricted')
    op.create_index('uq_preference_organization_id', 'preference', ['network_id', 'organization_id'], unique=True, schema='restricted')
    _replace('message', 'restricted', 'template_known', f"template IN ({TEMPLATES}, 'asset_still')")
    op.add_column('contact', sa.Column('organization_id', sa.Uuid(), nullable=True), schema='restricted')
    op.create_foreign_key(op.f('fk_contact_organization_id'), 'contact', 'organization', ['organization_id'], ['id'], source_schema='restricted', ondelete='CASCADE')
    op.create_unique_constraint(op.f('uq_contact_organization_id'), 'contact', ['organization_id'], schema='restricted')
    _replace('contact', 'restricted', 'one_owner', 'num_nonnulls(need_id, helper_id, organization_id) = 1')


def _replace(table: str, schema: str, name: str, rule: str) -> None:
    op.drop_constraint(op.f(f'ck_{table}_{name}'), table, schema=schema)
    op.create_check_constraint(op.f(f'ck_{table}_{name}'), table, rule, schema=schema)


def _make_listings() -> None:
    op.create_table('listing',
        sa.Column('asset_id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('source_ref', sa.Text(), nullable=False),
        sa.Column('phone', sa.Text(), nullable=True),
        sa.Column('website', sa.Text(), nullable=True),
        sa.Column('brought', postgresql.JSONB(), nullable=False),
        sa.Column('brought_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('first_brought_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(r"phone ~ '^\+?[0-9(][0-9 ()./-]{2,38}$'", name=op.f('ck_listing_phone_form')),
        sa.CheckConstraint("website ~ '^https?://'", name=op.f('ck_listing_website_form')),
        sa.CheckConstraint('char_length(website) <= 500', name=op.f('ck_listing_website_length')),
        sa.CheckConstraint('char_length(source) <= 40', name=op.f('ck_listing_source_length')),
        sa.CheckConstraint('char_length(source_ref) <= 200', name=op.f('ck_listing_source_ref_length')),
        sa.CheckConstraint('octet_length(brought::text) <= 20000', name=op.f('ck_listing_brought_bounded')),
        sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_listing_asset_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_listing_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('asset_id', name=op.f('pk_listing')),
    )
    op.create_index('uq_listing_source', 'listing', ['network_id', 'source', 'source_ref'], unique=True)
    op.create_index('ix_listing_phone', 'listing', ['network_id', 'phone'])


def _make_checks() -> None:
    op.create_table('asset_check',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('asset_id', sa.Uuid(), nullable=False),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('answered_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('true', 'changed', 'closed')", name=op.f('ck_asset_check_answer_known')),
        sa.CheckConstraint("reason IN ('hours', 'place', 'contact', 'offer', 'other')", name=op.f('ck_asset_check_reason_known')),
        sa.CheckConstraint("(reason IS NOT NULL) = (answer = 'changed')", name=op.f('ck_asset_check_reason_where_changed')),
        sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_asset_check_asset_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_asset_check_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_asset_check')),
    )
    op.create_index('ix_asset_check_asset', 'asset_check', ['asset_id', 'id'])
    op.create_index('ix_asset_check_open', 'asset_check', ['network_id', 'id'], postgresql_where=sa.text('settled_at IS NULL'))


def _wall_off() -> None:
    # the asset's own wall stands before it: what is at a private home is not there for a partner
    op.execute(
        "CREATE POLICY not_at_homes ON listing AS RESTRICTIVE FOR SELECT TO barnraiser_partner "
        "USING (EXISTS (SELECT 1 FROM asset a WHERE a.id = asset_id))"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON listing TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (settled_at) ON asset_check TO {APP}")
    op.execute(f"GRANT SELECT (asset_id, network_id, phone, website) ON listing TO {PARTNER}")


def downgrade() -> None:
    op.execute("DELETE FROM restricted.contact WHERE organization_id IS NOT NULL")
    _replace('contact', 'restricted', 'one_owner', 'num_nonnulls(need_id, helper_id) = 1')
    op.drop_column('contact', 'organization_id', schema='restricted')
    op.execute("DELETE FROM restricted.message WHERE template = 'asset_still'")
    _replace('message', 'restricted', 'template_known', f"template IN ({TEMPLATES})")
    op.execute("DELETE FROM restricted.message WHERE organization_id IS NOT NULL")
    op.execute("DELETE FROM restricted.preference WHERE organization_id IS NOT NULL")
    for table in RECIPIENTS:
        _replace(table, 'restricted', 'one_recipient', 'num_nonnulls(helper_id, need_id, person_id) = 1')
        op.drop_column(table, 'organization_id', schema='restricted')
    op.execute("DELETE FROM access.link WHERE kind = 'asset'")
    _replace('link', 'access', 'about_one', ABOUT)
    _replace('link', 'access', 'kind_known', "kind IN ('help', 'need', 'shift')")
    op.drop_column('link', 'asset_id', schema='access')
    op.drop_table('asset_check')
    op.drop_table('listing')
