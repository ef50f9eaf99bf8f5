"""What a feed was made from, told in one word, so that an unchanged page need not be made again."""

from __future__ import annotations

from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

APP, PARTNER = "barnraiser_app", "barnraiser_partner"

# Each change is noted in the transaction that makes it, and what is noted only becomes less when it is counted, which
# gives a new version: under one snapshot the two together are never the same again after a change. Told as a digest,
# because how many changes there were is nobody's to know.
VERSION = """
CREATE FUNCTION public.feed_version(counted text, OUT version text, OUT waiting bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT
    md5(concat_ws('.', (SELECT oid FROM pg_database WHERE datname = current_database()), v.number, w.waiting)),
    w.waiting
  FROM (
    SELECT coalesce(max(t.version), 0) AS number FROM restricted.tile_version t
    WHERE t.network_id = current_network() AND t.collection = counted
  ) v, (
    SELECT count(*) AS waiting FROM restricted.tile_delta d
    WHERE d.network_id = current_network() AND d.collection = counted
  ) w
$$
"""


def upgrade() -> None:
    op.execute(VERSION)
    op.execute("REVOKE ALL ON FUNCTION public.feed_version(text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION public.feed_version(text) TO {APP}, {PARTNER}")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.feed_version(text)")
