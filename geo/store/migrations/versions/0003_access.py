"""Who may come in: people, devices, agreements, keyed hashes of their secrets, and a database role for each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

APP, AUTH, DEVICE, PARTNER = "barnraiser_app", "barnraiser_auth", "barnraiser_device", "barnraiser_partner"
NEW_ROLES = (AUTH, DEVICE, PARTNER)

# Roles belong to the whole server, so another database of it may have made them already, or be making them now.
MAKE_ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

BEFORE = (
    "CREATE SCHEMA access",
    """
    CREATE FUNCTION current_actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('barnraiser.actor', true), '')::uuid $$
    """,
)

OWNED = ("membership", "device", "agreement", "quota_use", "credential", "referral")
OPEN_TO_AUTH = ("membership", "device", "agreement", "credential")

# A person may belong to several networks, and whoever invites must not learn which. These two run with their owner's
# rights and tell nothing beyond what they are for.
FUNCTIONS = (
    """
    CREATE FUNCTION access.person_for(new_id uuid, wanted_login text, wanted_name text) RETURNS uuid
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = access, pg_temp AS $$
      INSERT INTO access.person (id, login, name) VALUES (new_id, wanted_login, wanted_name)
      ON CONFLICT (login) DO NOTHING;
      SELECT id FROM access.person WHERE login = wanted_login
    $$
    """,
    """
    CREATE FUNCTION access.belongs_here_alone(whom uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = access, public, pg_temp AS $$
      SELECT NOT EXISTS (
        SELECT 1 FROM access.membership
        WHERE person_id = whom AND network_id <> public.current_network() AND ended_at IS NULL
      )
    $$
    """,
    # the only way a partner comes by an exact place: what was referred to it, while the referral lasts
    """
    CREATE FUNCTION access.referred_needs() RETURNS TABLE (
      id uuid, lon double precision, lat double precision, uncertainty_m double precision, category text,
      urgency text, household_size integer, languages text[], access text[], expires_at timestamptz
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT n.id, ST_X(l.geom), ST_Y(l.geom), l.uncertainty_m, n.category, n.urgency, n.household_size, n.languages,
             n.access, r.expires_at
      FROM access.referral r
      JOIN need n ON n.id = r.need_id AND n.network_id = r.network_id
      LEFT JOIN restricted.location_exact l ON l.need_id = n.id
      WHERE r.network_id = current_network() AND r.agreement_id = current_actor() AND r.expires_at > now()
        AND (n.closed_at IS NULL OR n.closed_at > now() - interval '14 days')
      ORDER BY n.id LIMIT 10000
    $$
    """,
    "REVOKE EXECUTE ON FUNCTION access.referred_needs() FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION access.person_for(uuid, text, text) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION access.belongs_here_alone(uuid) FROM PUBLIC",
)

LISTED = "id, network_id, kind, kid, label, person_id, device_id, agreement_id, created_at, created_by, expires_at, last_seen_at, used_at, revoked_at"
PLACES = "geo_source, geo_street, geo_address, geo_street_key, geo_place, geo_postcode"
GRANTS = (
    f"GRANT USAGE ON SCHEMA access TO {APP}, {AUTH}, {DEVICE}, {PARTNER}",
    f"GRANT USAGE ON SCHEMA public TO {AUTH}, {DEVICE}, {PARTNER}",
    f"GRANT USAGE ON SCHEMA restricted TO {DEVICE}",
    # organizers: everything of their network but what a secret is checked against
    f"GRANT SELECT (id, login, name, created_at, disabled_at) ON access.person TO {APP}",
    f"GRANT SELECT, INSERT, UPDATE ON access.membership, access.device, access.agreement, access.referral TO {APP}",
    f"GRANT SELECT ON access.quota_use TO {APP}",
    f"GRANT SELECT ({LISTED}), INSERT, UPDATE (expires_at, revoked_at) ON access.credential TO {APP}",
    f"GRANT EXECUTE ON FUNCTION access.person_for(uuid, text, text), access.belongs_here_alone(uuid) TO {APP}",
    # signing in: secrets, and nothing that anybody asked for or offered
    f"GRANT SELECT ON network, access.person, access.membership, access.device, access.agreement, access.credential TO {AUTH}",
    f"GRANT INSERT ON access.credential TO {AUTH}",
    f"GRANT UPDATE (last_seen_at, fresh_at, used_at, revoked_at, network_id) ON access.credential TO {AUTH}",
    f"GRANT UPDATE (password_hash, totp_sealed, totp_step, name) ON access.person TO {AUTH}",
    f"GRANT UPDATE (enrolled_at) ON access.device TO {AUTH}",
    # a phone at the door: hands in, reads back its own of the last three days, and places by the town's addresses
    f"GRANT SELECT ON network, area, {PLACES} TO {DEVICE}",
    f"GRANT SELECT, INSERT ON need, restricted.submission TO {DEVICE}",
    f"GRANT INSERT ON restricted.location_exact, restricted.contact TO {DEVICE}",
    # a partner: cells of its agreement; no table of exact places
    f"GRANT SELECT ON network, area, organization, dwelling_cell, access.agreement TO {PARTNER}",
    f"GRANT SELECT ON asset, access.referral TO {PARTNER}",
    f"GRANT SELECT (id, network_id, category, urgency, status, location_state, cell, withheld, received_at, closed_at) ON need TO {PARTNER}",
    f"GRANT EXECUTE ON FUNCTION access.referred_needs() TO {PARTNER}",
    f"GRANT SELECT, INSERT, UPDATE ON access.quota_use TO {PARTNER}",
    f"GRANT {AUTH}, {DEVICE}, {PARTNER} TO CURRENT_USER",
)

AGREED = """EXISTS (
  SELECT 1 FROM access.agreement a
  WHERE a.id = current_actor() AND a.ended_at IS NULL AND a.expires_at > now()
    AND a.tier <> 'aggregate' AND need.cell = ANY (a.reach) AND need.category = ANY (a.categories)
)"""

MEMBERS = (
    "CREATE POLICY members ON access.person FOR SELECT TO barnraiser_app "
    "USING (EXISTS (SELECT 1 FROM access.membership m WHERE m.person_id = person.id))"
)

# These come on top of own_network, which keeps to the network: restrictive policies must hold as well.
NARROWER = (
    f"CREATE POLICY own_entries ON need AS RESTRICTIVE FOR SELECT TO {DEVICE} USING (submitted_by = current_actor() AND received_at > now() - interval '72 hours')",
    f"CREATE POLICY as_oneself ON need AS RESTRICTIVE FOR INSERT TO {DEVICE} WITH CHECK (submitted_by = current_actor())",
    f"CREATE POLICY own_entries ON restricted.submission AS RESTRICTIVE FOR SELECT TO {DEVICE} USING (submitted_by = current_actor())",
    f"CREATE POLICY as_oneself ON restricted.submission AS RESTRICTIVE FOR INSERT TO {DEVICE} WITH CHECK (submitted_by = current_actor())",
    f"CREATE POLICY as_agreed ON need AS RESTRICTIVE FOR SELECT TO {PARTNER} USING ({AGREED} AND NOT withheld)",
    f"CREATE POLICY not_at_homes ON asset AS RESTRICTIVE FOR SELECT TO {PARTNER} USING (NOT is_private)",
    f"CREATE POLICY own_agreement ON access.agreement AS RESTRICTIVE FOR SELECT TO {PARTNER} USING (id = current_actor())",
    f"CREATE POLICY own_referrals ON access.referral AS RESTRICTIVE FOR SELECT TO {PARTNER} USING (agreement_id = current_actor())",
    f"CREATE POLICY own_quota ON access.quota_use AS RESTRICTIVE FOR ALL TO {PARTNER} USING (agreement_id = current_actor()) WITH CHECK (agreement_id = current_actor())",
)
NARROWED = (
    ("own_entries", "need"), ("as_oneself", "need"), ("own_entries", "restricted.submission"),
    ("as_oneself", "restricted.submission"), ("as_agreed", "need"),
    ("not_at_homes", "asset"), ("members", "access.person"),
)


def build_walls() -> None:
    for statement in (*FUNCTIONS, *GRANTS):
        op.execute(statement)
    for table in OWNED:
        op.execute(f"ALTER TABLE access.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE access.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON access.{table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    for table in OPEN_TO_AUTH:
        op.execute(f"CREATE POLICY signing_in ON access.{table} TO {AUTH} USING (true) WITH CHECK (true)")
    # belongs_here_alone looks beyond the network as its owner, who need not be a superuser
    op.execute("CREATE POLICY counting ON access.membership FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(f"CREATE POLICY signing_in ON network FOR SELECT TO {AUTH} USING (true)")
    op.execute("ALTER TABLE access.person ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY signing_in ON access.person TO {AUTH} USING (true) WITH CHECK (true)")
    op.execute(MEMBERS)
    for statement in NARROWER:
        op.execute(statement)


def upgrade() -> None:
    for role in NEW_ROLES:
        op.execute(MAKE_ROLES.format(role=role))
    for statement in BEFORE:
        op.execute(statement)
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('totp_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('totp_step', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('char_length(login) <= 100', name=op.f('ck_person_login_length')),
    sa.CheckConstraint('char_length(name) <= 100', name=op.f('ck_person_name_length')),
    sa.CheckConstraint('char_length(password_hash) <= 300', name=op.f('ck_person_password_hash_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('login', name=op.f('uq_person_login')),
    schema='access'
    )
    op.create_table('agreement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('tier', sa.Text(), nullable=False),
    sa.Column('cells', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('reach', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('categories', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('fields', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('quota_per_day', sa.Integer(), server_default='10000', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("categories <@ ARRAY['food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene']::text[]", name=op.f('ck_agreement_categories_known')),
    sa.CheckConstraint("tier IN ('aggregate', 'coarse', 'referral')", name=op.f('ck_agreement_tier_known')),
    sa.CheckConstraint('cardinality(categories) BETWEEN 1 AND 10', name=op.f('ck_agreement_categories_bounded')),
    sa.CheckConstraint('cardinality(cells) BETWEEN 1 AND 20000', name=op.f('ck_agreement_cells_bounded')),
    sa.CheckConstraint('cells <@ reach AND cardinality(reach) <= 150000', name=op.f('ck_agreement_reach_bounded')),
    sa.CheckConstraint('cardinality(fields) <= 20', name=op.f('ck_agreement_fields_bounded')),
    sa.CheckConstraint('char_length(name) <= 100', name=op.f('ck_agreement_name_length')),
    sa.CheckConstraint('char_length(purpose) <= 500', name=op.f('ck_agreement_purpose_length')),
    sa.CheckConstraint('quota_per_day BETWEEN 1 AND 1000000', name=op.f('ck_agreement_quota_per_day_range')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_agreement_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement')),
    sa.UniqueConstraint('network_id', 'name', name=op.f('uq_agreement_network_id_name')),
    schema='access'
    )
    op.create_table('device',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('char_length(label) <= 100', name=op.f('ck_device_label_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_device_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('network_id', 'id', name=op.f('uq_device_network_id_id')),
    schema='access'
    )
    op.create_table('membership',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), server_default='organizer', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('organizer', 'admin')", name=op.f('ck_membership_role_known')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_membership_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['access.person.id'], name=op.f('fk_membership_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'person_id', name=op.f('pk_membership')),
    schema='access'
    )
    op.create_index('ix_membership_person', 'membership', ['person_id'], unique=False, schema='access')
    op.create_table('credential',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('kid', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('label', sa.Text(), server_default='', nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('device_id', sa.Uuid(), nullable=True),
    sa.Column('agreement_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fresh_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("CASE kind WHEN 'device' THEN device_id IS NOT NULL WHEN 'enrolment' THEN device_id IS NOT NULL WHEN 'partner' THEN agreement_id IS NOT NULL WHEN 'monitor' THEN num_nonnulls(person_id, device_id) = 0 ELSE person_id IS NOT NULL END AND num_nonnulls(person_id, device_id, agreement_id) <= 1", name=op.f('ck_credential_owner_fits')),
    sa.CheckConstraint("kind <> 'partner' OR expires_at <= created_at + interval '90 days 1 minute'", name=op.f('ck_credential_partner_ends')),
    sa.CheckConstraint("kind IN ('session', 'invite', 'script', 'device', 'enrolment', 'partner', 'monitor')", name=op.f('ck_credential_kind_known')),
    sa.CheckConstraint('char_length(label) <= 100', name=op.f('ck_credential_label_length')),
    sa.CheckConstraint('octet_length(fingerprint) = 32', name=op.f('ck_credential_fingerprint_form')),
    sa.ForeignKeyConstraint(['agreement_id'], ['access.agreement.id'], name=op.f('fk_credential_agreement_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['device_id'], ['access.device.id'], name=op.f('fk_credential_device_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_credential_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['access.person.id'], name=op.f('fk_credential_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('network_id', 'kid', name=op.f('uq_credential_network_id_kid')),
    schema='access'
    )
    op.create_index('ix_credential_agreement', 'credential', ['agreement_id'], unique=False, schema='access')
    op.create_index('ix_credential_device', 'credential', ['device_id'], unique=False, schema='access')
    op.create_index('ix_credential_fingerprint', 'credential', ['fingerprint'], unique=False, schema='access')
    op.create_index('ix_credential_person', 'credential', ['person_id'], unique=False, schema='access')
    op.create_index('uq_credential_fingerprint', 'credential', ['network_id', 'fingerprint'], unique=True, schema='access')
    op.create_table('quota_use',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('used', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['access.agreement.id'], name=op.f('fk_quota_use_agreement_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_quota_use_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'agreement_id', 'day', name=op.f('pk_quota_use')),
    schema='access'
    )
    op.create_table('referral',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('need_id', sa.Uuid(), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
    sa.Column('consent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['access.agreement.id'], name=op.f('fk_referral_agreement_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_referral_need_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_referral_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral')),
    sa.UniqueConstraint('network_id', 'need_id', 'agreement_id', name=op.f('uq_referral_network_id_need_id_agreement_id')),
    schema='access'
    )
    op.create_index('ix_referral_agreement', 'referral', ['agreement_id', 'need_id'], unique=False, schema='access')
    op.create_index('ix_referral_need', 'referral', ['need_id', 'agreement_id'], unique=False, schema='access')
    op.add_column('need', sa.Column('submitted_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True))
    op.add_column('network', sa.Column('requires_totp', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('submission', sa.Column('submitted_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True), schema='restricted')
    build_walls()


def downgrade() -> None:
    for policy, table in NARROWED:
        op.execute(f"DROP POLICY {policy} ON {table}")
    op.execute("DROP POLICY signing_in ON network")
    op.drop_column('submission', 'submitted_by', schema='restricted')
    op.drop_column('network', 'requires_totp')
    op.drop_column('need', 'submitted_by')
    op.drop_index('ix_referral_need', table_name='referral', schema='access')
    op.drop_index('ix_referral_agreement', table_name='referral', schema='access')
    op.drop_table('referral', schema='access')
    op.drop_table('quota_use', schema='access')
    op.drop_index('uq_credential_fingerprint', table_name='credential', schema='access')
    op.drop_index('ix_credential_person', table_name='credential', schema='access')
    op.drop_index('ix_credential_fingerprint', table_name='credential', schema='access')
    op.drop_index('ix_credential_device', table_name='credential', schema='access')
    op.drop_index('ix_credential_agreement', table_name='credential', schema='access')
    op.drop_table('credential', schema='access')
    op.drop_index('ix_membership_person', table_name='membership', schema='access')
    op.drop_table('membership', schema='access')
    op.drop_table('device', schema='access')
    op.drop_table('agreement', schema='access')
    op.drop_table('person', schema='access')
    op.execute("DROP FUNCTION access.person_for(uuid, text, text)")
    op.execute("DROP FUNCTION access.belongs_here_alone(uuid)")
    op.execute("DROP FUNCTION access.referred_needs()")
    op.execute("DROP FUNCTION current_actor()")
    # the roles themselves may serve another database of this server
    for role in NEW_ROLES:
        op.execute(f"DROP OWNED BY {role}")
    op.execute("DROP SCHEMA access")
