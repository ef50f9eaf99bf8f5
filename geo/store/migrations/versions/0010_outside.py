"""Asking outside address services: what a network allows, sealed answers, and the pace that no process breaks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = "0009"
branch_labels = None
depends_on = None

ROLE = "barnraiser_app"
CONSENTS = ("keep_contact", "share_with_partner", "publish", "remote_geocoding")
CURRENT_NETWORK = sa.text("current_network()")

# One statement, one row lock: of two processes that ask at once the second sees the first one's turn. Somebody who
# would wait longer than they may gets no turn and moves nothing. As its owner, so that no request can set a pace.
TAKE_TURN = """
CREATE FUNCTION restricted.take_turn(which text, gap_ms integer, most_wait_ms integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gap interval := greatest(gap_ms, 100) * interval '1 millisecond';
  taken timestamptz;
  free timestamptz;
BEGIN
  DELETE FROM restricted.remote_pace p WHERE p.free_at < clock_timestamp() - interval '1 day' AND p.host <> which;
  INSERT INTO restricted.remote_pace AS p (host, free_at) VALUES (which, clock_timestamp() + gap)
  ON CONFLICT (host) DO UPDATE SET free_at = greatest(p.free_at, clock_timestamp()) + gap
    WHERE p.free_at <= clock_timestamp() + greatest(most_wait_ms, 0) * interval '1 millisecond'
  RETURNING p.free_at - gap INTO taken;
  IF taken IS NOT NULL THEN
    RETURN greatest(0, ceil(extract(epoch FROM taken - clock_timestamp()) * 1000))::integer;
  END IF;
  SELECT p.free_at INTO free FROM restricted.remote_pace p WHERE p.host = which;
  RETURN -greatest(1, ceil(extract(epoch FROM free - clock_timestamp()) * 1000))::integer;
END $$
"""


def known(names: tuple[str, ...]) -> str:
    return "what IN ({})".format(", ".join(f"'{name}'" for name in names))


def upgrade() -> None:
    op.drop_constraint(op.f("ck_consent_what_known"), "consent")
    op.create_check_constraint(op.f("ck_consent_what_known"), "consent", known(CONSENTS))
    # answers of before lie there in the open; they are a cache, and nothing ever filled it
    op.drop_table("geocode_cache", schema="restricted")
    op.create_table(
        "geocode_cache",
        sa.Column("network_id", sa.Uuid(), server_default=CURRENT_NETWORK, nullable=False),
        sa.Column("query_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(query_hash) = 32", name="query_hash_form"),
        sa.CheckConstraint("octet_length(sealed) <= 20000", name="sealed_length"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["key_id"], ["restricted.field_key.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("network_id", "query_hash"),
        schema="restricted",
    )
    op.create_index("ix_geocode_cache_key_id", "geocode_cache", ["key_id"], schema="restricted")
    op.create_index("ix_geocode_cache_made", "geocode_cache", ["network_id", "made_at"], schema="restricted")
    op.create_index("ix_geocode_cache_expires", "geocode_cache", ["network_id", "expires_at"], schema="restricted")
    op.create_table(
        "remote_service",
        sa.Column("network_id", sa.Uuid(), server_default=CURRENT_NETWORK, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("gap_ms", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text()),
        sa.Column("town", sa.Text()),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("keep_none_days", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("provider IN ('nominatim', 'photon', 'pelias', 'census')", name="provider_known"),
        sa.CheckConstraint("endpoint ~ '^https?://[^@?#[:space:]]+$'", name="endpoint_form"),
        sa.CheckConstraint("char_length(endpoint) <= 300", name="endpoint_length"),
        sa.CheckConstraint("gap_ms BETWEEN 100 AND 60000", name="gap_ms_range"),
        sa.CheckConstraint("country ~ '^[a-z]{2}$'", name="country_form"),
        sa.CheckConstraint("char_length(town) <= 100", name="town_length"),
        sa.CheckConstraint("keep_days BETWEEN 0 AND 90", name="keep_days_range"),
        sa.CheckConstraint("keep_none_days BETWEEN 0 AND 30", name="keep_none_days_range"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("network_id"),
        schema="restricted",
    )
    for table in ("geocode_cache", "remote_service"):
        op.execute(f"ALTER TABLE restricted.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE restricted.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON restricted.{table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON restricted.{table} TO {ROLE}")
    op.create_table(
        "remote_pace",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(host) <= 300", name="host_length"),
        sa.PrimaryKeyConstraint("host"),
        schema="restricted",
    )
    op.execute(TAKE_TURN)
    op.execute("REVOKE ALL ON FUNCTION restricted.take_turn(text, integer, integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION restricted.take_turn(text, integer, integer) TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP FUNCTION restricted.take_turn(text, integer, integer)")
    op.drop_table("remote_pace", schema="restricted")
    op.drop_table("remote_service", schema="restricted")
    op.drop_table("geocode_cache", schema="restricted")
    op.create_table(
        "geocode_cache",
        sa.Column("network_id", sa.Uuid(), server_default=CURRENT_NETWORK, nullable=False),
        sa.Column("query_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("result", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(query_hash) = 32", name="query_hash_form"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("network_id", "query_hash", "provider"),
        schema="restricted",
    )
    op.execute("ALTER TABLE restricted.geocode_cache ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE restricted.geocode_cache FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_network ON restricted.geocode_cache "
        "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON restricted.geocode_cache TO {ROLE}")
    # the owner is held by the policy too, which shows it the rows of no network
    op.execute("ALTER TABLE consent NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM consent WHERE what = 'remote_geocoding'")
    op.execute("ALTER TABLE consent FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("ck_consent_what_known"), "consent")
    op.create_check_constraint(op.f("ck_consent_what_known"), "consent", known(CONSENTS[:-1]))
