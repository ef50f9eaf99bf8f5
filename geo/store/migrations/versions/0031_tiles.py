"""Hexagons of tiles, counted before anybody asks: what changes is noted by the database, and counted when it is read."""

# ruff: noqa: S608 - the statements name columns of our own, and hold nothing that anybody gave
from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

APP, PARTNER = "barnraiser_app", "barnraiser_partner"
TABLES = ("restricted.tile_delta", "tile_cell", "restricted.tile_version")
CATEGORIES = ('food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene')
COUNTED = ("count", "pressing", *CATEGORIES)
COLLECTIONS = "collection IN ('needs', 'assets', 'homes')"
NAMES = ", ".join(COUNTED)

# What is drawn: open needs with a place that are not withheld, and active places; as geo.store.needs says it.
DRAWN = {
    "need": "r.status IN ('open', 'in_progress') AND NOT r.withheld AND r.location_state IN ('located', 'confirmed', 'approximate') AND r.cell IS NOT NULL",
    "asset": "r.status = 'active' AND r.cell IS NOT NULL AND (r.is_private OR r.geom IS NOT NULL)",
}
COLLECTION = {"need": "'needs'", "asset": "CASE WHEN r.is_private THEN 'homes' ELSE 'assets' END"}
PRESSING = {"need": "count(*) FILTER (WHERE r.urgency IN ('high', 'critical'))", "asset": "0"}
HAS = {"need": "r.category = '{}'", "asset": "'{}' = ANY (r.categories)"}


def _counts(table: str, sign: str) -> str:
    """Say how many of each there are in some rows, to be added or taken away."""
    each = [f"{sign} count(*) FILTER (WHERE {HAS[table].format(name)})" for name in CATEGORIES]
    return ", ".join([f"{sign} count(*)", f"{sign} {PRESSING[table]}", *each])


def _note(table: str, rows: str, sign: str) -> str:
    return f"""
    INSERT INTO restricted.tile_delta (network_id, collection, cell, {NAMES})
    SELECT r.network_id, {COLLECTION[table]}, r.cell, {_counts(table, sign)}
    FROM {rows} r
    WHERE {DRAWN[table]} AND EXISTS (SELECT FROM public.network n WHERE n.id = r.network_id)
    GROUP BY 1, 2, 3;"""


def _touch(table: str, rows: str) -> str:
    """Note that something has changed, if only what a partner's view depends on."""
    collections = ("needs",) if table == "need" else ("assets", "homes")
    values = ", ".join(f"('{name}')" for name in collections)
    return f"""
    INSERT INTO restricted.tile_delta (network_id, collection)
    SELECT DISTINCT r.network_id, c.collection FROM {rows} r, (VALUES {values}) c (collection)
    WHERE EXISTS (SELECT FROM public.network n WHERE n.id = r.network_id);"""


# Once for a statement and all of its rows, as its owner; only added to, so that no writer waits for another one.
def _function(table: str) -> str:
    return f"""
CREATE FUNCTION restricted.note_tile_{table}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP IN ('INSERT', 'UPDATE') THEN {_note(table, "new_rows", "")}{_touch(table, "new_rows")}
  END IF;
  IF TG_OP IN ('DELETE', 'UPDATE') THEN {_note(table, "old_rows", "-")}
  END IF;
  IF TG_OP = 'DELETE' THEN {_touch(table, "old_rows")}
  END IF;
  RETURN NULL;
END $$
"""


# How well a place is inhabited decides how a partner is shown what is in it, and so does a new release.
TOUCH = """
CREATE FUNCTION restricted.note_tile_view() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO restricted.tile_delta (network_id, collection)
  SELECT DISTINCT r.network_id, 'needs' FROM changed_rows r
  WHERE EXISTS (SELECT FROM public.network n WHERE n.id = r.network_id);
  RETURN NULL;
END $$
"""
VIEWED = ("dwelling_cell", "release")

# H3's index: bits 52 to 55 are the resolution, and three bits for each finer one are all set.
PARENT = """
CREATE FUNCTION restricted.tile_parent(cell text, level integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT CASE WHEN (h >> 52) & 15 <= level THEN cell
    ELSE to_hex((h & ~(15::bigint << 52)) | (level::bigint << 52) | ((1::bigint << (3 * (15 - level))) - 1)) END
  FROM (SELECT ('x' || lpad(cell, 16, '0'))::bit(64)::bigint AS h) i
$$
"""

# Whatever was committed is taken and added, whatever was not is left for next time: nothing is counted twice, nothing is
# missed. One at a time for each network.
FOLD = f"""
CREATE FUNCTION restricted.fold_tiles() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM restricted.tile_delta d WHERE d.network_id = current_network()) THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tiles' || current_network()::text, 0));
  WITH taken AS (
    DELETE FROM restricted.tile_delta d WHERE d.network_id = current_network() RETURNING d.*
  ), counted AS (
    INSERT INTO restricted.tile_version AS v (network_id, collection)
    SELECT DISTINCT current_network(), t.collection FROM taken t
    ON CONFLICT (network_id, collection) DO UPDATE SET version = v.version + 1
  ), net AS (
    SELECT t.collection, t.cell, {", ".join(f"sum(t.{name}) AS {name}" for name in COUNTED)}
    FROM taken t WHERE t.cell IS NOT NULL GROUP BY t.collection, t.cell
    HAVING {" OR ".join(f"sum(t.{name}) <> 0" for name in COUNTED)}
  )
  INSERT INTO public.tile_cell AS c (network_id, collection, level, cell, {NAMES})
  SELECT current_network(), n.collection, l.level, restricted.tile_parent(n.cell, l.level),
         {", ".join(f"sum(n.{name})" for name in COUNTED)}
  FROM net n, generate_series(2, 9) l (level)
  GROUP BY 2, 3, 4
  ON CONFLICT (network_id, collection, level, cell) DO UPDATE
  SET {", ".join(f"{name} = c.{name} + excluded.{name}" for name in COUNTED)};
  DELETE FROM public.tile_cell c WHERE c.network_id = current_network() AND c.count <= 0;
END $$
"""


def upgrade() -> None:
    _make_tables()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # what is counted is counted by the database alone; who reads it may draw what is not drawn yet
    op.execute(f"GRANT SELECT, UPDATE (geom) ON tile_cell TO {APP}")
    op.execute(f"GRANT SELECT ON restricted.tile_version TO {APP}")
    # a partner reads where public places are; how many needs there are it never counts but in its own view
    op.execute(f"GRANT SELECT ON tile_cell TO {PARTNER}")
    op.execute(f"CREATE POLICY public_places ON tile_cell AS RESTRICTIVE FOR SELECT TO {PARTNER} USING (collection = 'assets')")
    for statement in (PARENT, FOLD, TOUCH, _function("need"), _function("asset")):
        op.execute(statement)
    for name in ("tile_parent(text, integer)", "fold_tiles()", "note_tile_view()", "note_tile_need()", "note_tile_asset()"):
        op.execute(f"REVOKE ALL ON FUNCTION restricted.{name} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION restricted.fold_tiles() TO {APP}")
    for table in ("need", "asset"):
        op.execute(_note(table, table, ""))
        for event in ("INSERT", "UPDATE", "DELETE"):
            op.execute(_watch(table, event))
    for table in VIEWED:
        for event in ("INSERT", "UPDATE", "DELETE"):
            rows = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE TRIGGER tile_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed_rows "
                "FOR EACH STATEMENT EXECUTE FUNCTION restricted.note_tile_view()"
            )


def _watch(table: str, event: str) -> str:
    rows = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
    both = "OLD TABLE AS old_rows NEW TABLE AS new_rows"
    return (
        f"CREATE TRIGGER tile_{event.lower()} AFTER {event} ON {table} REFERENCING {rows.get(event, both)} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION restricted.note_tile_{table}()"
    )


def _count_columns() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), server_default='0', nullable=False) for name in COUNTED]


def _network(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    return [
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f(f'fk_{table}_network_id'), ondelete='CASCADE'),
    ]


def _make_tables() -> None:
    op.create_table(
        'tile_delta',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_network('tile_delta'),
        sa.Column('collection', sa.Text(), nullable=False),
        sa.Column('cell', sa.Text(), nullable=True),
        *_count_columns(),
        sa.CheckConstraint(COLLECTIONS, name=op.f('ck_tile_delta_collection_known')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_tile_delta')),
        schema='restricted',
    )
    op.create_index('ix_tile_delta_network', 'tile_delta', ['network_id'], schema='restricted')
    op.create_table(
        'tile_cell',
        *_network('tile_cell'),
        sa.Column('collection', sa.Text(), nullable=False),
        sa.Column('level', sa.SmallInteger(), nullable=False),
        sa.Column('cell', sa.Text(), nullable=False),
        *_count_columns(),
        sa.Column('geom', Geometry('POLYGON', srid=3857, spatial_index=False), nullable=True),
        sa.CheckConstraint(COLLECTIONS, name=op.f('ck_tile_cell_collection_known')),
        sa.CheckConstraint('level BETWEEN 2 AND 9', name=op.f('ck_tile_cell_level_range')),
        sa.CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name=op.f('ck_tile_cell_cell_form')),
        sa.PrimaryKeyConstraint('network_id', 'collection', 'level', 'cell', name=op.f('pk_tile_cell')),
    )
    op.create_index('ix_tile_cell_geom', 'tile_cell', ['network_id', 'collection', 'level', 'geom'], postgresql_using='gist')
    op.create_index('ix_tile_cell_undrawn', 'tile_cell', ['network_id'], postgresql_where=sa.text('geom IS NULL'))
    op.create_index('ix_tile_cell_empty', 'tile_cell', ['network_id'], postgresql_where=sa.text('count <= 0'))
    op.create_table(
        'tile_version',
        *_network('tile_version'),
        sa.Column('collection', sa.Text(), nullable=False),
        sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
        sa.CheckConstraint(COLLECTIONS, name=op.f('ck_tile_version_collection_known')),
        sa.PrimaryKeyConstraint('network_id', 'collection', name=op.f('pk_tile_version')),
        schema='restricted',
    )


def downgrade() -> None:
    for table in ("need", "asset", *VIEWED):
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER tile_{event} ON {table}")
    for name in ("note_tile_need()", "note_tile_asset()", "note_tile_view()", "fold_tiles()", "tile_parent(text, integer)"):
        op.execute(f"DROP FUNCTION restricted.{name}")
    op.drop_table('tile_version', schema='restricted')
    op.drop_table('tile_cell')
    op.drop_table('tile_delta', schema='restricted')
