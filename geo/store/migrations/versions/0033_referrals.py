"""Referrals with a service, an answer and their steps; who has a need is decided by how its referral stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

APP, PARTNER = "barnraiser_app", "barnraiser_partner"
STATES = ('waiting', 'accepted', 'served', 'declined', 'not_eligible', 'full', 'withdrawn', 'expired')
REASONS = ('outside_area', 'cannot_reach', 'not_our_help', 'no_language', 'other')
NEED_STATES = ('open', 'in_progress', 'met', 'withdrawn', 'expired', 'merged')
TEMPLATES = (
    'helper_asked', 'helper_reminded', 'helper_released', 'need_matched', 'need_still', 'need_done', 'shift_reminder',
    'shift_cancelled', 'organizer_waiting', 'asset_still',
)
ENDING = 'referral_ending'
RUNNING = sa.text("ended_at IS NULL")
# a partner has no use for the need's own id, nor for who referred it
PARTNER_READS = "id, network_id, agreement_id, asset_id, state, reason, created_at, answered_at, ended_at, expires_at"

REFERRED_BEFORE = """
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
"""
# the only way a partner comes by an exact place: what was referred to it, until it has answered or the time is over
REFERRED_NEEDS = """
    CREATE FUNCTION access.referred_needs() RETURNS TABLE (
      id uuid, lon double precision, lat double precision, uncertainty_m double precision, category text,
      urgency text, household_size integer, languages text[], access text[], expires_at timestamptz, referral_id uuid
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT n.id, ST_X(l.geom), ST_Y(l.geom), l.uncertainty_m, n.category, n.urgency, n.household_size, n.languages,
             n.access, r.expires_at, r.id
      FROM access.referral r
      JOIN access.agreement a ON a.id = r.agreement_id AND a.network_id = r.network_id
      JOIN need n ON n.id = r.need_id AND n.network_id = r.network_id
      LEFT JOIN restricted.location_exact l ON l.need_id = n.id
      WHERE r.network_id = current_network() AND r.agreement_id = current_actor()
        AND r.ended_at IS NULL AND r.expires_at > now()
        AND a.tier = 'referral' AND a.ended_at IS NULL AND a.expires_at > now()
        AND n.status NOT IN ('withdrawn', 'expired')
        AND (n.closed_at IS NULL OR n.closed_at > now() - interval '14 days')
      ORDER BY n.id LIMIT 10000
    $$
"""
# As their owner: a partner changes nothing but by its answer, and of the need no more than follows from that.
NEED_FOLLOWS = """
    CREATE FUNCTION access.need_follows(whose uuid, was text, becomes text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
      IF becomes = 'served' THEN
        UPDATE public.need SET status = 'met', closed_at = now(), updated_at = now(), version = version + 1
        WHERE id = whose AND network_id = current_network() AND status IN ('open', 'in_progress');
      ELSIF becomes = 'accepted' THEN
        UPDATE public.need SET status = 'in_progress', updated_at = now(), version = version + 1
        WHERE id = whose AND network_id = current_network() AND status = 'open';
      ELSIF was = 'accepted' THEN
        UPDATE public.need SET status = 'open', updated_at = now(), version = version + 1
        WHERE id = whose AND network_id = current_network() AND status = 'in_progress'
          AND NOT EXISTS (
            SELECT FROM public.match m WHERE m.need_id = whose AND m.status IN ('accepted', 'under_way')
          )
          AND NOT EXISTS (SELECT FROM access.referral r WHERE r.need_id = whose AND r.state = 'accepted');
      END IF;
    END $$
"""
ANSWER = """
    CREATE FUNCTION access.answer_referral(which uuid, said text, why text) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
      one access.referral;
      stood text;
    BEGIN
      -- the need is held first, as every step of its matches does
      SELECT n.status INTO stood FROM access.referral r
      JOIN public.need n ON n.id = r.need_id AND n.network_id = r.network_id
      JOIN access.agreement a ON a.id = r.agreement_id
      WHERE r.id = which AND r.network_id = current_network() AND r.agreement_id = current_actor()
        AND a.ended_at IS NULL AND a.expires_at > now()
      FOR UPDATE OF n;
      IF NOT FOUND THEN RETURN 'unknown'; END IF;
      SELECT * INTO one FROM access.referral r WHERE r.id = which FOR UPDATE;
      IF one.state = said AND one.reason IS NOT DISTINCT FROM why AND (one.ended_at IS NOT NULL OR one.expires_at > now())
      THEN RETURN 'same'; END IF;
      IF one.ended_at IS NOT NULL OR one.expires_at <= now() OR said = one.state
         OR said NOT IN ('accepted', 'served', 'declined', 'not_eligible', 'full')
      THEN RETURN 'over'; END IF;
      UPDATE access.referral SET state = said, reason = why, answered_at = now(),
        ended_at = CASE WHEN said = 'accepted' THEN NULL ELSE now() END
      WHERE id = which;
      INSERT INTO access.referral_event (network_id, referral_id, from_state, to_state, reason, need_before)
      VALUES (one.network_id, which, one.state, said, why, stood);
      PERFORM access.need_follows(one.need_id, one.state, said);
      RETURN 'answered';
    END $$
"""
# ends what runs of a need, all or one; as expired only what has run out; gives what was ended
END_OF_NEED = """
    CREATE FUNCTION access.end_referrals(whose uuid, becomes text, which uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
      one access.referral;
    BEGIN
      IF becomes NOT IN ('withdrawn', 'expired') THEN RETURN; END IF;
      FOR one IN
        SELECT * FROM access.referral r
        WHERE r.need_id = whose AND r.network_id = current_network() AND r.ended_at IS NULL
          AND (becomes <> 'expired' OR r.expires_at <= now()) AND (which IS NULL OR r.id = which)
        ORDER BY r.id FOR UPDATE
      LOOP
        UPDATE access.referral SET state = becomes, ended_at = CASE becomes WHEN 'expired' THEN expires_at ELSE now() END
        WHERE id = one.id;
        INSERT INTO access.referral_event (network_id, referral_id, from_state, to_state, need_before)
        SELECT one.network_id, one.id, one.state, becomes, n.status FROM public.need n WHERE n.id = whose;
        PERFORM access.need_follows(whose, one.state, becomes);
        RETURN NEXT one.id;
      END LOOP;
    END $$
"""
# As a trigger, so that no way of taking a need back can forget it.
WITH_NEED = """
    CREATE FUNCTION access.end_with_need() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
      PERFORM access.end_referrals(NEW.id, 'withdrawn', NULL);
      RETURN NULL;
    END $$
"""
TRIGGER = (
    "CREATE TRIGGER end_referrals AFTER UPDATE OF status ON need FOR EACH ROW "
    "WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('withdrawn', 'expired')) "
    "EXECUTE FUNCTION access.end_with_need()"
)
FUNCTIONS = (
    ("need_follows(uuid, text, text)", NEED_FOLLOWS, None),
    ("answer_referral(uuid, text, text)", ANSWER, PARTNER),
    ("end_referrals(uuid, text, uuid)", END_OF_NEED, APP),
    ("end_with_need()", WITH_NEED, None),
)


def _words(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    _agreements()
    _referrals()
    _events()
    _templates(*TEMPLATES, ENDING)
    op.execute("DROP FUNCTION access.referred_needs()")
    op.execute(REFERRED_NEEDS)
    _only_for("referred_needs()", PARTNER)
    for name, made, role in FUNCTIONS:
        op.execute(made)
        _only_for(name, role)
    op.execute(TRIGGER)
    op.execute("REVOKE SELECT ON access.referral FROM barnraiser_partner")
    op.execute(f"GRANT SELECT ({PARTNER_READS}) ON access.referral TO {PARTNER}")


def _only_for(name: str, role: str | None) -> None:
    op.execute(f"REVOKE EXECUTE ON FUNCTION access.{name} FROM PUBLIC")
    if role is not None:
        op.execute(f"GRANT EXECUTE ON FUNCTION access.{name} TO {role}")


def _templates(*known: str) -> None:
    op.drop_constraint('ck_message_template_known', 'message', schema='restricted')
    rule = _words("template", known)
    op.create_check_constraint(op.f('ck_message_template_known'), 'message', rule, schema='restricted')


def _agreements() -> None:
    op.add_column('agreement', sa.Column('organization_id', sa.Uuid(), nullable=True), schema='access')
    op.create_foreign_key(
        op.f('fk_agreement_organization_id'), 'agreement', 'organization', ['organization_id'], ['id'],
        source_schema='access', ondelete='SET NULL',
    )
    op.create_index('ix_agreement_organization', 'agreement', ['organization_id'], schema='access')


def _referrals() -> None:
    for column in (
        sa.Column('asset_id', sa.Uuid(), nullable=True),
        sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column('referral', column, schema='access')
    op.execute("UPDATE access.referral SET ended_at = expires_at WHERE ended_at IS NULL AND expires_at <= now()")
    op.execute(
        "UPDATE access.referral SET state = CASE WHEN ended_at >= expires_at THEN 'expired' ELSE 'withdrawn' END "
        "WHERE ended_at IS NOT NULL"
    )
    op.create_foreign_key(
        op.f('fk_referral_asset_id'), 'referral', 'asset', ['asset_id'], ['id'],
        source_schema='access', ondelete='SET NULL',
    )
    for name, rule in (
        ('state_known', _words("state", STATES)),
        ('reason_known', _words("reason", REASONS)),
        ('state_fits_end', "(state IN ('waiting', 'accepted')) = (ended_at IS NULL)"),
        ('reason_of_declining', "(state = 'declined') = (reason IS NOT NULL)"),
    ):
        op.create_check_constraint(op.f(f'ck_referral_{name}'), 'referral', rule, schema='access')
    op.drop_constraint('uq_referral_network_id_need_id_agreement_id', 'referral', schema='access')
    unique = {'unique': True, 'schema': 'access', 'postgresql_where': RUNNING}
    op.create_index('uq_referral_running', 'referral', ['network_id', 'need_id', 'agreement_id'], **unique)
    op.create_index('ix_referral_asset', 'referral', ['asset_id'], schema='access')
    op.create_index(
        'ix_referral_ending', 'referral', ['network_id', 'expires_at'], schema='access', postgresql_where=RUNNING
    )


def _events() -> None:
    op.create_table(
        'referral_event',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('referral_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('actor', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.Column('from_state', sa.Text(), nullable=True),
        sa.Column('to_state', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('need_before', sa.Text(), nullable=True),
        sa.Column('is_undo', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.CheckConstraint(_words("from_state", STATES), name=op.f('ck_referral_event_from_state_known')),
        sa.CheckConstraint(_words("to_state", STATES), name=op.f('ck_referral_event_to_state_known')),
        sa.CheckConstraint(_words("reason", REASONS), name=op.f('ck_referral_event_reason_known')),
        sa.CheckConstraint(_words("need_before", NEED_STATES), name=op.f('ck_referral_event_need_before_known')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_referral_event_network_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['referral_id'], ['access.referral.id'], name=op.f('fk_referral_event_referral_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_event')),
        schema='access',
    )
    op.create_index('ix_referral_event_referral', 'referral_event', ['referral_id', 'id'], schema='access')
    op.execute("ALTER TABLE access.referral_event ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE access.referral_event FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_network ON access.referral_event "
        "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
    )
    op.execute(f"GRANT SELECT, INSERT ON access.referral_event TO {APP}")


def downgrade() -> None:
    op.execute("DROP TRIGGER end_referrals ON need")
    op.execute("DELETE FROM restricted.message WHERE template = 'referral_ending'")
    _templates(*TEMPLATES)
    for name, _, _ in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION access.{name}")
    op.execute("DROP FUNCTION access.referred_needs()")
    op.execute(REFERRED_BEFORE)
    _only_for("referred_needs()", PARTNER)
    op.execute(f"REVOKE ALL ({PARTNER_READS}) ON access.referral FROM {PARTNER}")
    op.execute(f"GRANT SELECT ON access.referral TO {PARTNER}")
    op.drop_table('referral_event', schema='access')
    for name in ('ix_referral_ending', 'ix_referral_asset', 'uq_referral_running'):
        op.drop_index(name, table_name='referral', schema='access')
    # one referral of a need to a partner was all there could be
    op.execute(
        "DELETE FROM access.referral a USING access.referral b WHERE a.need_id = b.need_id "
        "AND a.agreement_id = b.agreement_id AND a.network_id = b.network_id AND a.id < b.id"
    )
    op.execute("UPDATE access.referral SET expires_at = ended_at WHERE ended_at < expires_at")
    op.create_unique_constraint(
        op.f('uq_referral_network_id_need_id_agreement_id'), 'referral', ['network_id', 'need_id', 'agreement_id'],
        schema='access',
    )
    for name in ('state_known', 'reason_known', 'state_fits_end', 'reason_of_declining'):
        op.drop_constraint(f'ck_referral_{name}', 'referral', schema='access')
    for name in ('reminded_at', 'answered_at', 'reason', 'state', 'asset_id'):
        op.drop_column('referral', name, schema='access')
    op.drop_index('ix_agreement_organization', table_name='agreement', schema='access')
    op.drop_column('agreement', 'organization_id', schema='access')
