"""What each helper is good for, in words beside their home, so that whoever suits is found without reading everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

# Immutable, and of nothing but its arguments: the same helper always has the same words.
WORDS = """
CREATE FUNCTION helper_words(
  categories text[], languages text[], interpreter boolean, vehicle text, is_ready boolean, free_hours smallint[]
) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT word ORDER BY word) FROM (
    SELECT 'c:' || c FROM unnest(categories) AS c
    UNION ALL SELECT 'l:' || lower(split_part(l, '-', 1)) FROM unnest(languages) AS l
    UNION ALL SELECT 'l:?' WHERE cardinality(languages) = 0
    UNION ALL SELECT 'l:*' WHERE interpreter
    UNION ALL SELECT 'v:' || vehicle
    UNION ALL SELECT 'ready' WHERE is_ready
    UNION ALL SELECT 'h:' || h FROM unnest(free_hours) AS h
    UNION ALL SELECT 'h:?' WHERE free_hours IS NULL
  ) AS all_words (word)
$$
"""

# Triggers, so that no statement can forget it. As their owner, since whoever may hand in a home need not be able to
# read helpers. The lock keeps a change of the helper from passing by unseen.
KNOW = """
CREATE FUNCTION restricted.know_helper() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  SELECT public.helper_words(h.categories, h.languages, h.interpreter, h.vehicle,
                             h.status = 'active' AND h.load < h.capacity_per_week, h.free_hours),
         CASE h.vehicle WHEN 'car' THEN 3 WHEN 'bicycle' THEN 2 ELSE 1 END
  INTO NEW.suits, NEW.way FROM public.helper h WHERE h.id = NEW.helper_id FOR SHARE;
  RETURN NEW;
END $$
"""
TELL = """
CREATE FUNCTION restricted.tell_home() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE restricted.location_exact
  SET suits = public.helper_words(NEW.categories, NEW.languages, NEW.interpreter, NEW.vehicle,
                                  NEW.status = 'active' AND NEW.load < NEW.capacity_per_week, NEW.free_hours),
      way = CASE NEW.vehicle WHEN 'car' THEN 3 WHEN 'bicycle' THEN 2 ELSE 1 END
  WHERE helper_id = NEW.id;
  RETURN NULL;
END $$
"""
# Whoever changes when a helper is free without saying in which hours of a week that may be, leaves that open.
FORGET_HOURS = """
CREATE FUNCTION restricted.forget_free_hours() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.free_hours := NULL;
  RETURN NEW;
END $$
"""
TELLING = (
    "(OLD.categories, OLD.languages, OLD.interpreter, OLD.vehicle, OLD.free_hours,"
    " OLD.status = 'active' AND OLD.load < OLD.capacity_per_week) IS DISTINCT FROM"
    " (NEW.categories, NEW.languages, NEW.interpreter, NEW.vehicle, NEW.free_hours,"
    " NEW.status = 'active' AND NEW.load < NEW.capacity_per_week)"
)
FORGETTING = (
    "OLD.availability IS DISTINCT FROM NEW.availability AND OLD.free_hours IS NOT DISTINCT FROM NEW.free_hours"
)
TRIGGERS = (
    """CREATE TRIGGER know_helper BEFORE INSERT OR UPDATE OF helper_id ON restricted.location_exact FOR EACH ROW
    WHEN (NEW.helper_id IS NOT NULL) EXECUTE FUNCTION restricted.know_helper()""",
    f"""CREATE TRIGGER tell_home AFTER UPDATE ON helper FOR EACH ROW WHEN ({TELLING})
    EXECUTE FUNCTION restricted.tell_home()""",
    f"""CREATE TRIGGER forget_free_hours BEFORE UPDATE ON helper FOR EACH ROW WHEN ({FORGETTING})
    EXECUTE FUNCTION restricted.forget_free_hours()""",
)
# As for boxes and letter triples before: these compare words with words and raise no error that names one. Without a
# superuser's saying so the answers are the same, and rare help is found more slowly.
MAKE_LEAKPROOF = """
DO $$ BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    ALTER FUNCTION arraycontains(anyarray, anyarray) LEAKPROOF;
    ALTER FUNCTION arrayoverlap(anyarray, anyarray) LEAKPROOF;
  END IF;
END $$
"""
FILL = """
UPDATE restricted.location_exact l
SET suits = helper_words(h.categories, h.languages, h.interpreter, h.vehicle,
                         h.status = 'active' AND h.load < h.capacity_per_week, h.free_hours),
    way = CASE h.vehicle WHEN 'car' THEN 3 WHEN 'bicycle' THEN 2 ELSE 1 END
FROM helper h WHERE h.id = l.helper_id
"""


def upgrade() -> None:
    op.add_column('helper', sa.Column('free_hours', postgresql.ARRAY(sa.SmallInteger()), nullable=True))
    op.create_check_constraint(op.f('ck_helper_free_hours_bounded'), 'helper', "cardinality(free_hours) <= 168")
    op.add_column('location_exact', sa.Column('suits', postgresql.ARRAY(sa.Text()), nullable=True), schema='restricted')
    op.add_column('location_exact', sa.Column('way', sa.SmallInteger(), nullable=True), schema='restricted')
    op.execute(WORDS)
    for function in (KNOW, TELL, FORGET_HOURS):
        op.execute(function)
    op.execute("REVOKE ALL ON FUNCTION restricted.know_helper(), restricted.tell_home() FROM PUBLIC")
    _fill()
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.create_index(
        'ix_location_exact_suits', 'location_exact', ['suits'], schema='restricted', postgresql_using='gin',
        postgresql_with={'fastupdate': 'off'}, postgresql_where=sa.text('helper_id IS NOT NULL'),
    )
    op.create_index(
        'ix_location_exact_way_geog', 'location_exact', ['network_id', 'way', sa.text('geography(geom)')],
        schema='restricted', postgresql_using='gist', postgresql_where=sa.text('helper_id IS NOT NULL'),
    )
    op.create_index('ix_helper_reach', 'helper', ['network_id', 'vehicle', 'max_travel_min'])
    op.execute(MAKE_LEAKPROOF)


def _fill() -> None:
    # policies hold for the owner too, and no network is set here
    for table in ("helper", "restricted.location_exact"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(FILL)
    for table in ("helper", "restricted.location_exact"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute(MAKE_LEAKPROOF.replace(" LEAKPROOF;", " NOT LEAKPROOF;"))
    op.drop_index('ix_helper_reach', 'helper')
    op.drop_index('ix_location_exact_suits', 'location_exact', schema='restricted')
    op.drop_index('ix_location_exact_way_geog', 'location_exact', schema='restricted')
    op.execute("DROP TRIGGER know_helper ON restricted.location_exact")
    op.execute("DROP TRIGGER tell_home ON helper")
    op.execute("DROP TRIGGER forget_free_hours ON helper")
    for function in ("restricted.know_helper", "restricted.tell_home", "restricted.forget_free_hours"):
        op.execute(f"DROP FUNCTION {function}()")
    op.execute("DROP FUNCTION helper_words(text[], text[], boolean, text, boolean, smallint[])")
    op.drop_column('location_exact', 'way', schema='restricted')
    op.drop_column('location_exact', 'suits', schema='restricted')
    op.drop_column('helper', 'free_hours')
