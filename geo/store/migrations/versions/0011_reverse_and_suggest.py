"""What lies at a point in one plan that is kept, and names by their beginnings."""

from __future__ import annotations

from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

APP, DEVICE = "barnraiser_app", "barnraiser_device"

# Its plans are kept: making them anew for each point would take longer than finding what lies there. All boxes are
# small, so a plan made for one is right for the next. Doors and streets are ranked in a plane that is true to within
# millimetres so near the point; the four best are measured on the ellipsoid. ``seen_lon`` is the longitude of the
# point or one turn from it, for what lies across the antimeridian.
REVERSE = """
CREATE FUNCTION reverse_at(
  lon double precision, lat double precision, seen_lon double precision,
  east_m double precision, north_m double precision,
  near_x double precision, near_y double precision, street_x double precision, street_y double precision,
  door_reach_m double precision, crossing_reach_m double precision, street_reach_m double precision,
  OUT kind text, OUT metres double precision, OUT key text, OUT name text, OUT other_name text, OUT number text,
  OUT postcode text, OUT locality text, OUT area_name text
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  here geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
  place geography := geography(here);
  near geometry := ST_MakeEnvelope(seen_lon - near_x, lat - near_y, seen_lon + near_x, lat + near_y, 4326);
  wide geometry;
  flat geometry;
  first_id bigint;
  second_id bigint;
BEGIN
  kind := 'none';
  SELECT a.name INTO area_name FROM area a
  WHERE a.network_id = current_network() AND a.geom && here AND ST_Covers(a.geom, here)
  ORDER BY ST_Area(a.geom), a.id LIMIT 1;

  SELECT d.street_id, coalesce(d.number, upper(d.number_key)), d.postcode, d.locality, d.away_m
  INTO first_id, number, postcode, locality, metres
  FROM (
    SELECT c.*, ST_Distance(geography(c.geom), place) AS away_m
    FROM (
      SELECT * FROM geo_address a WHERE a.geom && near AND a.network_id = current_network()
      ORDER BY ((ST_X(a.geom) - seen_lon) * east_m) ^ 2 + ((ST_Y(a.geom) - lat) * north_m) ^ 2, a.street_id, a.seq
      LIMIT 4
    ) AS c
  ) AS d
  WHERE d.away_m <= door_reach_m ORDER BY d.away_m, d.street_id, d.seq LIMIT 1;
  IF FOUND THEN
    kind := 'door';
  ELSE
    SELECT d.street_a, d.street_b, d.away_m INTO first_id, second_id, metres
    FROM (
      SELECT c.*, ST_Distance(geography(c.geom), place) AS away_m
      FROM (
        SELECT * FROM geo_crossing x WHERE x.geom && near AND x.network_id = current_network()
        ORDER BY ((ST_X(x.geom) - seen_lon) * east_m) ^ 2 + ((ST_Y(x.geom) - lat) * north_m) ^ 2, x.street_a, x.street_b
        LIMIT 4
      ) AS c
    ) AS d
    WHERE d.away_m <= crossing_reach_m ORDER BY d.away_m, d.street_a, d.street_b LIMIT 1;
    IF FOUND THEN
      kind := 'crossing';
      SELECT n.name INTO other_name FROM geo_street_name n
      WHERE n.street_id = second_id AND n.network_id = current_network() ORDER BY n.is_first DESC, n.key LIMIT 1;
    ELSE
      wide := ST_MakeEnvelope(seen_lon - street_x, lat - street_y, seen_lon + street_x, lat + street_y, 4326);
      flat := ST_SetSRID(ST_MakePoint(seen_lon * east_m, lat * north_m), 4326);
      SELECT d.id, d.away_m INTO first_id, metres
      FROM (
        SELECT c.*, ST_Distance(geography(c.geom), place) AS away_m
        FROM (
          SELECT s.id, s.geom FROM geo_street s WHERE s.geom && wide AND s.network_id = current_network()
          ORDER BY ST_Distance(ST_Affine(s.geom, east_m, 0, 0, north_m, 0, 0), flat), s.id LIMIT 4
        ) AS c
      ) AS d
      WHERE d.away_m <= street_reach_m ORDER BY d.away_m, d.id LIMIT 1;
      IF FOUND THEN
        kind := 'street';
      END IF;
    END IF;
  END IF;
  IF kind <> 'none' THEN
    SELECT n.name, n.key INTO name, key FROM geo_street_name n
    WHERE n.street_id = first_id AND n.network_id = current_network() ORDER BY n.is_first DESC, n.key LIMIT 1;
  END IF;
END $$
"""
SIGNATURE = f"reverse_at({', '.join(['double precision'] * 12)})"

# Names that have a word beginning like the one typed. A policy would keep the index from being used, so the function
# is let past it and names the network itself; whoever calls it escapes what has a meaning in a pattern.
WITHIN = r"""
CREATE FUNCTION bases_within(beginning text) RETURNS TABLE (found text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT b.base FROM geo_base b
  WHERE b.base LIKE '% ' || regexp_replace(beginning, '([\\%_])', '\\\1', 'g') || '%'
    AND b.network_id = current_network()
  ORDER BY b.base LIMIT 60
$$
"""


STARTS = (
    ("geo_street_name", "key"), ("geo_street_name", "base"), ("geo_base", "base"), ("geo_place_name", "key"),
    ("geo_postcode", "key"),
)


def _start(table: str, column: str) -> None:
    op.create_index(
        f'ix_{table}_{column}_start', table, ['network_id', column], postgresql_ops={column: 'text_pattern_ops'}
    )


def upgrade() -> None:
    op.execute(REVERSE)
    op.execute(WITHIN)
    for signature in (SIGNATURE, "bases_within(text)"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {APP}, {DEVICE}")
    for table, column in STARTS:
        _start(table, column)
    op.create_index('ix_geo_crossing_street_b', 'geo_crossing', ['street_b'])


def downgrade() -> None:
    op.drop_index('ix_geo_crossing_street_b', 'geo_crossing')
    for table, column in STARTS:
        op.drop_index(f'ix_{table}_{column}_start', table)
    op.execute("DROP FUNCTION bases_within(text)")
    op.execute(f"DROP FUNCTION {SIGNATURE}")
