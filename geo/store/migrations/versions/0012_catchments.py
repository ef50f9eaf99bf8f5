"""Reach as data: what is within reach of each place of help, drawn once, and forgotten when the place moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = '0012'
down_revision = "0011"
branch_labels = None
depends_on = None

APP = "barnraiser_app"
TABLE = "restricted.catchment"

# As its owner, because whoever moves a place, a phone among them, may not see what is within reach of it. A shape that
# outlived the place would tell where somebody lives.
FORGET = """
CREATE FUNCTION restricted.forget_catchments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'asset' THEN
    DELETE FROM restricted.catchment c WHERE c.asset_id = OLD.id;
  ELSE
    DELETE FROM restricted.catchment c WHERE c.asset_id = OLD.asset_id;
    DELETE FROM restricted.catchment c WHERE c.helper_id = OLD.helper_id;
  END IF;
  RETURN NULL;
END $$
"""
# compared as bytes: whoever restores a backup does so without a search path, where geometries have no "="
MOVED = "public.ST_AsBinary(OLD.geom) IS DISTINCT FROM public.ST_AsBinary(NEW.geom)"


def upgrade() -> None:
    op.create_table(
        'catchment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('asset_id', sa.Uuid(), nullable=True),
        sa.Column('helper_id', sa.Uuid(), nullable=True),
        sa.Column('mode', sa.Text(), nullable=False),
        sa.Column('minutes', sa.SmallInteger(), nullable=False),
        sa.Column('model', sa.Text(), nullable=False),
        sa.Column('point_hash', sa.LargeBinary(), nullable=False),
        sa.Column('geom', Geometry('MULTIPOLYGON', srid=4326, spatial_index=False), nullable=True),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('num_nonnulls(asset_id, helper_id) = 1', name=op.f('ck_catchment_one_owner')),
        sa.CheckConstraint("mode IN ('walk', 'wheelchair', 'bicycle', 'car')", name=op.f('ck_catchment_mode_known')),
        sa.CheckConstraint('minutes BETWEEN 1 AND 240', name=op.f('ck_catchment_minutes_range')),
        sa.CheckConstraint('char_length(model) <= 400', name=op.f('ck_catchment_model_length')),
        sa.CheckConstraint('octet_length(point_hash) = 32', name=op.f('ck_catchment_point_hash_form')),
        sa.CheckConstraint('NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 50000', name=op.f('ck_catchment_geom_bounded')),
        sa.CheckConstraint('ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90', name=op.f('ck_catchment_geom_range')),
        sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_catchment_geom_valid')),
        sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_catchment_asset_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_catchment_helper_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_catchment_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_catchment')),
        sa.UniqueConstraint('asset_id', 'mode', 'minutes', name=op.f('uq_catchment_asset_id_mode_minutes')),
        sa.UniqueConstraint('helper_id', 'mode', 'minutes', name=op.f('uq_catchment_helper_id_mode_minutes')),
        schema='restricted',
    )
    op.create_index('ix_catchment_geom', 'catchment', ['network_id', 'mode', 'minutes', 'geom'], schema='restricted', postgresql_using='gist')
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_network ON {TABLE} "
        "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
    )
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {TABLE} TO {APP}")
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION restricted.forget_catchments() FROM PUBLIC")
    for table in ("restricted.location_exact", "asset"):
        op.execute(
            f"CREATE TRIGGER forget_catchments AFTER UPDATE OF geom ON {table} FOR EACH ROW WHEN ({MOVED}) "
            "EXECUTE FUNCTION restricted.forget_catchments()"
        )
    op.execute(
        "CREATE TRIGGER forget_catchments_too AFTER DELETE ON restricted.location_exact FOR EACH ROW "
        "EXECUTE FUNCTION restricted.forget_catchments()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER forget_catchments_too ON restricted.location_exact")
    for table in ("restricted.location_exact", "asset"):
        op.execute(f"DROP TRIGGER forget_catchments ON {table}")
    op.execute("DROP FUNCTION restricted.forget_catchments()")
    op.drop_table('catchment', schema='restricted')
