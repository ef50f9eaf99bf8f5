"""The second wall: a role for requests that owns nothing, and row-level security on every network's tables."""

from __future__ import annotations

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

ROLE = "barnraiser_app"
PERSONAL = (
    "organization", "need", "asset", "helper", "area", "dwelling_cell", "match", "audit",
    "restricted.location_exact", "restricted.contact", "restricted.submission", "restricted.idempotency",
    "restricted.geocode_cache",
)
# Loaded in bulk by COPY, which PostgreSQL refuses under a forced policy: the owner is let past, requests are not.
GAZETTEER = ("geo_source", "geo_street", "geo_address", "geo_street_key", "geo_place", "geo_postcode")

# Roles belong to the whole server, so another database of it may have made this one already, or be making it now.
MAKE_ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'barnraiser_app') THEN
    CREATE ROLE barnraiser_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

# Under row-level security an index serves only operators that are known not to leak what they compare. These compare
# bounding boxes and letter triples, and raise no error that names a value. Only a superuser may say so; without one
# the answers are the same and box and spelling searches slower.
MAKE_LEAKPROOF = """
DO $$ BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
    ALTER FUNCTION geography_overlaps(geography, geography) LEAKPROOF;
    ALTER FUNCTION similarity_op(text, text) LEAKPROOF;
  END IF;
END $$
"""
UNDO_LEAKPROOF = MAKE_LEAKPROOF.replace(" LEAKPROOF;", " NOT LEAKPROOF;")

GRANTS = (
    f"GRANT USAGE ON SCHEMA public, restricted TO {ROLE}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, restricted TO {ROLE}",
    # what has happened is added to and never changed
    f"REVOKE UPDATE, DELETE ON audit FROM {ROLE}",
    f"REVOKE INSERT, UPDATE, DELETE ON network, alembic_version, spatial_ref_sys FROM {ROLE}",
    f"GRANT {ROLE} TO CURRENT_USER",
)


def upgrade() -> None:
    op.execute(MAKE_ROLE)
    for grant in GRANTS:
        op.execute(grant)
    for table in (*PERSONAL, *GAZETTEER):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    for table in PERSONAL:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE network ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY own_network ON network USING (id = current_network())")
    op.execute(MAKE_LEAKPROOF)
    op.create_index("ix_submission_record", "submission", ["network_id", "record_id"], schema="restricted")


def downgrade() -> None:
    op.drop_index("ix_submission_record", "submission", schema="restricted")
    op.execute(UNDO_LEAKPROOF)
    for table in ("network", *PERSONAL, *GAZETTEER):
        op.execute(f"DROP POLICY own_network ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    # the role itself may serve another database of this server
    op.execute(f"DROP OWNED BY {ROLE}")
