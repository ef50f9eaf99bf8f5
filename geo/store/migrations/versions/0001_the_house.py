"""The house: every table of the first release, with its checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

BEFORE = (
    "CREATE EXTENSION IF NOT EXISTS postgis",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "CREATE SCHEMA restricted",
    """
    CREATE FUNCTION current_network() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('barnraiser.network', true), '')::uuid $$
    """,
)

# A place outside the area a network serves is nearly always a swapped pair, metres taken for degrees, or null island.
AFTER = (
    """
    CREATE FUNCTION refuse_outside_service_area() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.geom IS NOT NULL AND EXISTS (
        SELECT 1 FROM network n
        WHERE n.id = NEW.network_id AND n.service_area IS NOT NULL AND NOT (n.service_area && NEW.geom)
      ) THEN
        RAISE EXCEPTION 'the place lies outside the service area'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'within_service_area';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER within_service_area BEFORE INSERT OR UPDATE OF geom ON restricted.location_exact
    FOR EACH ROW EXECUTE FUNCTION refuse_outside_service_area()
    """,
    """
    CREATE TRIGGER within_service_area BEFORE INSERT OR UPDATE OF geom ON asset
    FOR EACH ROW EXECUTE FUNCTION refuse_outside_service_area()
    """,
    """
    CREATE FUNCTION note_street_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'geo_address' THEN
        INSERT INTO geo_street_key (network_id, source_id, street_key)
        SELECT DISTINCT network_id, source_id, street_key FROM fresh ON CONFLICT DO NOTHING;
      ELSE
        INSERT INTO geo_street_key (network_id, source_id, street_key)
        SELECT DISTINCT network_id, source_id, name_key FROM fresh ON CONFLICT DO NOTHING;
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER note_street_keys AFTER INSERT ON geo_address REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION note_street_keys()
    """,
    """
    CREATE TRIGGER note_street_keys AFTER INSERT ON geo_street REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION note_street_keys()
    """,
    """
    INSERT INTO network (id, slug, name)
    VALUES ('00000000-0000-7000-8000-000000000001', 'home', 'Our network')
    """,
)

GONE = (
    "DROP FUNCTION refuse_outside_service_area()",
    "DROP FUNCTION note_street_keys()",
    "DROP FUNCTION current_network()",
    "DROP SCHEMA restricted",
)


def upgrade() -> None:
    for statement in BEFORE:
        op.execute(statement)
    op.create_geospatial_table('network',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('service_area', Geometry(geometry_type='POLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("slug ~ '^[a-z0-9-]{1,60}$'", name=op.f('ck_network_slug_form')),
    sa.CheckConstraint('NOT ST_IsEmpty(service_area) AND ST_NPoints(service_area) <= 500', name=op.f('ck_network_service_area_bounded')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network')),
    sa.UniqueConstraint('slug', name=op.f('uq_network_slug'))
    )
    op.create_geospatial_table('area',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('population', sa.Integer(), nullable=True),
    sa.Column('dwellings', sa.Integer(), nullable=True),
    sa.Column('source', sa.Text(), server_default='api', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 500', name=op.f('ck_area_geom_bounded')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_area_geom_valid')),
    sa.CheckConstraint('ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90', name=op.f('ck_area_geom_range')),
    sa.CheckConstraint('char_length(kind) <= 40', name=op.f('ck_area_kind_length')),
    sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_area_name_length')),
    sa.CheckConstraint('char_length(slug) <= 100', name=op.f('ck_area_slug_length')),
    sa.CheckConstraint('dwellings BETWEEN 0 AND 100000000', name=op.f('ck_area_dwellings_range')),
    sa.CheckConstraint('population BETWEEN 0 AND 100000000', name=op.f('ck_area_population_range')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_area_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area')),
    sa.UniqueConstraint('network_id', 'kind', 'slug', name=op.f('uq_area_network_id_kind_slug'))
    )
    op.create_geospatial_index('ix_area_geom', 'area', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('audit',
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('object_kind', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=True),
    sa.Column('fields', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_audit_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_object', 'audit', ['network_id', 'object_kind', 'object_id'], unique=False)
    op.create_table('dwelling_cell',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('cell', sa.Text(), nullable=False),
    sa.Column('dwellings', sa.Integer(), nullable=False),
    sa.CheckConstraint('dwellings BETWEEN 0 AND 1000000', name=op.f('ck_dwelling_cell_dwellings_range')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_dwelling_cell_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'cell', name=op.f('pk_dwelling_cell'))
    )
    op.create_table('geo_source',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('licence', sa.Text(), nullable=False),
    sa.Column('attribution', sa.Text(), nullable=False),
    sa.Column('checksum', sa.Text(), nullable=False),
    sa.Column('report', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geo_source_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_geo_source')),
    sa.UniqueConstraint('network_id', 'slug', name=op.f('uq_geo_source_network_id_slug'))
    )
    op.create_table('helper',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('public_name', sa.Text(), nullable=False),
    sa.Column('categories', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('languages', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('vehicle', sa.Text(), server_default='none', nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('capacity_per_week', sa.Integer(), server_default='1', nullable=False),
    sa.Column('load', sa.Integer(), server_default='0', nullable=False),
    sa.Column('max_travel_min', sa.Integer(), server_default='20', nullable=False),
    sa.Column('cell', sa.Text(), nullable=True),
    sa.Column('last_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("categories <@ ARRAY['food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene']::text[]", name=op.f('ck_helper_categories_known')),
    sa.CheckConstraint("status IN ('active', 'paused', 'left')", name=op.f('ck_helper_status_known')),
    sa.CheckConstraint("vehicle IN ('none', 'bicycle', 'car')", name=op.f('ck_helper_vehicle_known')),
    sa.CheckConstraint('capacity_per_week BETWEEN 0 AND 200', name=op.f('ck_helper_capacity_per_week_range')),
    sa.CheckConstraint('cardinality(categories) BETWEEN 1 AND 10', name=op.f('ck_helper_categories_bounded')),
    sa.CheckConstraint('cardinality(languages) <= 20', name=op.f('ck_helper_languages_bounded')),
    sa.CheckConstraint('char_length(public_name) <= 100', name=op.f('ck_helper_public_name_length')),
    sa.CheckConstraint('load BETWEEN 0 AND 200', name=op.f('ck_helper_load_range')),
    sa.CheckConstraint('max_travel_min BETWEEN 1 AND 240', name=op.f('ck_helper_max_travel_min_range')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_helper_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_helper'))
    )
    op.create_table('need',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('household_id', sa.Uuid(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('urgency', sa.Text(), server_default='normal', nullable=False),
    sa.Column('status', sa.Text(), server_default='open', nullable=False),
    sa.Column('location_state', sa.Text(), server_default='none', nullable=False),
    sa.Column('match_quality', sa.Text(), server_default='none', nullable=False),
    sa.Column('uncertainty_m', sa.Double(), nullable=True),
    sa.Column('cell', sa.Text(), nullable=True),
    sa.Column('household_size', sa.Integer(), server_default='1', nullable=False),
    sa.Column('languages', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('access', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('withheld', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('source', sa.Text(), server_default='api', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("(location_state IN ('located', 'confirmed', 'approximate')) = (cell IS NOT NULL)", name=op.f('ck_need_cell_iff_mapped')),
    sa.CheckConstraint("access <@ ARRAY['no_car', 'wheelchair', 'no_phone']::text[]", name=op.f('ck_need_access_known')),
    sa.CheckConstraint("category IN ('food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene')", name=op.f('ck_need_category_known')),
    sa.CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name=op.f('ck_need_cell_form')),
    sa.CheckConstraint("location_state IN ('none', 'pending', 'needs_review', 'approximate', 'located', 'confirmed')", name=op.f('ck_need_location_state_known')),
    sa.CheckConstraint("match_quality IN ('rooftop', 'parcel', 'interpolated', 'intersection', 'street', 'place', 'postcode', 'locality', 'manual', 'gps', 'none')", name=op.f('ck_need_match_quality_known')),
    sa.CheckConstraint("status IN ('open', 'in_progress', 'met', 'withdrawn', 'expired')", name=op.f('ck_need_status_known')),
    sa.CheckConstraint("urgency IN ('low', 'normal', 'high', 'critical')", name=op.f('ck_need_urgency_known')),
    sa.CheckConstraint('cardinality(languages) <= 20', name=op.f('ck_need_languages_bounded')),
    sa.CheckConstraint('char_length(source) <= 40', name=op.f('ck_need_source_length')),
    sa.CheckConstraint('household_size BETWEEN 1 AND 50', name=op.f('ck_need_household_size_range')),
    sa.CheckConstraint('uncertainty_m BETWEEN 0 AND 100000', name=op.f('ck_need_uncertainty_m_range')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_need_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_need')),
    sa.UniqueConstraint('network_id', 'id', name=op.f('uq_need_network_id_id'))
    )
    op.create_index('ix_need_location_state', 'need', ['network_id', 'location_state', 'id'], unique=False)
    op.create_index('ix_need_open', 'need', ['network_id', 'category', 'cell'], unique=False, postgresql_where=sa.text("status IN ('open','in_progress')"))
    op.create_table('organization',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('char_length(description) <= 2000', name=op.f('ck_organization_description_length')),
    sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_organization_name_length')),
    sa.CheckConstraint('char_length(url) <= 500', name=op.f('ck_organization_url_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_organization_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organization')),
    sa.UniqueConstraint('network_id', 'name', name=op.f('uq_organization_network_id_name'))
    )
    op.create_table('geocode_cache',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('query_hash', sa.LargeBinary(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('octet_length(query_hash) = 32', name=op.f('ck_geocode_cache_query_hash_form')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geocode_cache_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'query_hash', 'provider', name=op.f('pk_geocode_cache')),
    schema='restricted'
    )
    op.create_table('idempotency',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('route', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('record_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_idempotency_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'key', name=op.f('pk_idempotency')),
    schema='restricted'
    )
    op.create_table('submission',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('record_id', sa.Uuid(), nullable=True),
    sa.Column('device_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('need', 'asset', 'helper')", name=op.f('ck_submission_kind_known')),
    sa.CheckConstraint('octet_length(body_hash) = 32', name=op.f('ck_submission_body_hash_form')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_submission_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission')),
    sa.UniqueConstraint('network_id', 'id', name=op.f('uq_submission_network_id_id')),
    schema='restricted'
    )
    op.create_geospatial_table('asset',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('organization_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('categories', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('is_private', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('cell', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('capacity_per_week', sa.Integer(), nullable=True),
    sa.Column('opening_hours', sa.Text(), nullable=True),
    sa.Column('step_free', sa.Text(), server_default='unknown', nullable=False),
    sa.Column('languages', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('source', sa.Text(), server_default='api', nullable=False),
    sa.Column('source_ref', sa.Text(), nullable=True),
    sa.Column('assured_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("categories <@ ARRAY['food', 'water', 'medicine', 'shelter', 'transport', 'childcare', 'company', 'household', 'paperwork', 'hygiene']::text[]", name=op.f('ck_asset_categories_known')),
    sa.CheckConstraint("status IN ('active', 'inactive', 'defunct', 'temporarily_closed')", name=op.f('ck_asset_status_known')),
    sa.CheckConstraint("step_free IN ('yes', 'limited', 'no', 'unknown')", name=op.f('ck_asset_step_free_known')),
    sa.CheckConstraint('NOT (is_private AND geom IS NOT NULL)', name=op.f('ck_asset_private_has_no_point')),
    sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_asset_geom_not_empty')),
    sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_asset_geom_range')),
    sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_asset_geom_not_null_island')),
    sa.CheckConstraint('capacity_per_week BETWEEN 0 AND 1000000', name=op.f('ck_asset_capacity_per_week_range')),
    sa.CheckConstraint('cardinality(categories) BETWEEN 1 AND 10', name=op.f('ck_asset_categories_bounded')),
    sa.CheckConstraint('char_length(address) <= 300', name=op.f('ck_asset_address_length')),
    sa.CheckConstraint('char_length(description) <= 2000', name=op.f('ck_asset_description_length')),
    sa.CheckConstraint('char_length(kind) <= 60', name=op.f('ck_asset_kind_length')),
    sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_asset_name_length')),
    sa.CheckConstraint('char_length(opening_hours) <= 1000', name=op.f('ck_asset_opening_hours_length')),
    sa.CheckConstraint('char_length(source) <= 40', name=op.f('ck_asset_source_length')),
    sa.CheckConstraint('char_length(source_ref) <= 200', name=op.f('ck_asset_source_ref_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_asset_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_asset_organization_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asset')),
    sa.UniqueConstraint('network_id', 'source', 'source_ref', name=op.f('uq_asset_network_id_source_source_ref'))
    )
    op.create_index('ix_asset_geog', 'asset', ['network_id', sa.literal_column('geography(geom)')], unique=False, postgresql_using='gist')
    op.create_geospatial_index('ix_asset_geom', 'asset', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_geospatial_table('geo_address',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('street', sa.Text(), nullable=False),
    sa.Column('street_key', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('number_key', sa.Text(), nullable=False),
    sa.Column('number_int', sa.Integer(), sa.Computed("(\"substring\"(number_key, '^[0-9]{1,9}'::text))::integer", persisted=True), nullable=True),
    sa.Column('postcode', sa.Text(), nullable=True),
    sa.Column('locality', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_geo_address_geom_not_empty')),
    sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_geo_address_geom_range')),
    sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_geo_address_geom_not_null_island')),
    sa.CheckConstraint('char_length(number) <= 30', name=op.f('ck_geo_address_number_length')),
    sa.CheckConstraint('char_length(postcode) <= 20', name=op.f('ck_geo_address_postcode_length')),
    sa.CheckConstraint('char_length(street) <= 200', name=op.f('ck_geo_address_street_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geo_address_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['geo_source.id'], name=op.f('fk_geo_address_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_geo_address'))
    )
    op.create_index('ix_geo_address_geog', 'geo_address', [sa.literal_column('geography(geom)')], unique=False, postgresql_using='gist')
    op.create_index('ix_geo_address_key', 'geo_address', ['network_id', 'street_key', 'number_key'], unique=False)
    op.create_index('ix_geo_address_number', 'geo_address', ['network_id', 'number_int', 'postcode'], unique=False)
    op.create_index('ix_geo_address_street_number', 'geo_address', ['network_id', 'street_key', 'number_int'], unique=False)
    op.create_table('geo_street_key',
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('street_key', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geo_street_key_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['geo_source.id'], name=op.f('fk_geo_street_key_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('network_id', 'source_id', 'street_key', name=op.f('pk_geo_street_key'))
    )
    op.create_index('ix_geo_street_key_like', 'geo_street_key', ['street_key'], unique=False, postgresql_using='gin', postgresql_ops={'street_key': 'gin_trgm_ops'})
    op.create_geospatial_table('geo_place',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_geo_place_geom_not_empty')),
    sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_geo_place_geom_range')),
    sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_geo_place_geom_not_null_island')),
    sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_geo_place_name_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geo_place_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['geo_source.id'], name=op.f('fk_geo_place_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_geo_place'))
    )
    op.create_index('ix_geo_place_key', 'geo_place', ['network_id', 'name_key'], unique=False)
    op.create_index('ix_geo_place_key_trgm', 'geo_place', ['name_key'], unique=False, postgresql_using='gin', postgresql_ops={'name_key': 'gin_trgm_ops'})
    op.create_geospatial_table('geo_postcode',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('postcode', sa.Text(), nullable=False),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('radius_m', sa.Double(), nullable=False),
    sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_geo_postcode_geom_not_empty')),
    sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_geo_postcode_geom_range')),
    sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_geo_postcode_geom_not_null_island')),
    sa.CheckConstraint('radius_m BETWEEN 0 AND 100000', name=op.f('ck_geo_postcode_radius_m_range')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geo_postcode_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['geo_source.id'], name=op.f('fk_geo_postcode_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_geo_postcode')),
    sa.UniqueConstraint('network_id', 'source_id', 'postcode', name=op.f('uq_geo_postcode_network_id_source_id_postcode'))
    )
    op.create_geospatial_table('geo_street',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('locality', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTILINESTRING', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('length_m', sa.Double(), nullable=False),
    sa.CheckConstraint('NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 5000', name=op.f('ck_geo_street_geom_bounded')),
    sa.CheckConstraint('ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90', name=op.f('ck_geo_street_geom_range')),
    sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_geo_street_name_length')),
    sa.CheckConstraint('char_length(name_key) <= 200', name=op.f('ck_geo_street_name_key_length')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_geo_street_network_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['geo_source.id'], name=op.f('fk_geo_street_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_geo_street'))
    )
    op.create_geospatial_index('ix_geo_street_geom', 'geo_street', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index('ix_geo_street_key', 'geo_street', ['network_id', 'name_key'], unique=False)
    op.create_table('contact',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('need_id', sa.Uuid(), nullable=True),
    sa.Column('helper_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('preferred_channel', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('consent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('char_length(email) <= 254', name=op.f('ck_contact_email_length')),
    sa.CheckConstraint('char_length(name) <= 200', name=op.f('ck_contact_name_length')),
    sa.CheckConstraint('char_length(note) <= 4000', name=op.f('ck_contact_note_length')),
    sa.CheckConstraint('char_length(phone) <= 40', name=op.f('ck_contact_phone_length')),
    sa.CheckConstraint('char_length(preferred_channel) <= 20', name=op.f('ck_contact_preferred_channel_length')),
    sa.CheckConstraint('num_nonnulls(need_id, helper_id) = 1', name=op.f('ck_contact_one_owner')),
    sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_contact_helper_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_contact_need_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_contact_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact')),
    sa.UniqueConstraint('helper_id', name=op.f('uq_contact_helper_id')),
    sa.UniqueConstraint('need_id', name=op.f('uq_contact_need_id')),
    schema='restricted'
    )
    op.create_table('match',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('need_id', sa.Uuid(), nullable=False),
    sa.Column('helper_id', sa.Uuid(), nullable=True),
    sa.Column('asset_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Text(), server_default='proposed', nullable=False),
    sa.Column('travel_min', sa.Double(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("status IN ('proposed', 'accepted', 'declined', 'under_way', 'done', 'failed', 'expired')", name=op.f('ck_match_status_known')),
    sa.CheckConstraint('num_nonnulls(helper_id, asset_id) = 1', name=op.f('ck_match_one_side')),
    sa.CheckConstraint('travel_min BETWEEN 0 AND 1440', name=op.f('ck_match_travel_min_range')),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_match_asset_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_match_helper_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_match_need_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_match_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_match'))
    )
    op.create_index('uq_match_one_live', 'match', ['need_id'], unique=True, postgresql_where=sa.text("status IN ('accepted', 'under_way')"))
    op.create_geospatial_table('location_exact',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
    sa.Column('need_id', sa.Uuid(), nullable=True),
    sa.Column('helper_id', sa.Uuid(), nullable=True),
    sa.Column('asset_id', sa.Uuid(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('uncertainty_m', sa.Double(), nullable=True),
    sa.Column('address_typed', sa.Text(), nullable=True),
    sa.Column('candidates', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('located_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_location_exact_geom_not_empty')),
    sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_location_exact_geom_range')),
    sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_location_exact_geom_not_null_island')),
    sa.CheckConstraint('char_length(address_typed) <= 500', name=op.f('ck_location_exact_address_typed_length')),
    sa.CheckConstraint('num_nonnulls(need_id, helper_id, asset_id) = 1', name=op.f('ck_location_exact_one_owner')),
    sa.CheckConstraint('octet_length(candidates::text) <= 20000', name=op.f('ck_location_exact_candidates_bounded')),
    sa.CheckConstraint('uncertainty_m BETWEEN 0 AND 100000', name=op.f('ck_location_exact_uncertainty_m_range')),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_location_exact_asset_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['helper_id'], ['helper.id'], name=op.f('fk_location_exact_helper_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_location_exact_need_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_location_exact_network_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_location_exact')),
    sa.UniqueConstraint('asset_id', name=op.f('uq_location_exact_asset_id')),
    sa.UniqueConstraint('helper_id', name=op.f('uq_location_exact_helper_id')),
    sa.UniqueConstraint('need_id', name=op.f('uq_location_exact_need_id')),
    schema='restricted'
    )
    op.create_index('ix_location_exact_helper_geog', 'location_exact', ['network_id', sa.literal_column('geography(geom)')], unique=False, schema='restricted', postgresql_using='gist', postgresql_where=sa.text('helper_id IS NOT NULL'))
    op.create_index('ix_location_exact_need_geog', 'location_exact', ['network_id', sa.literal_column('geography(geom)')], unique=False, schema='restricted', postgresql_using='gist', postgresql_where=sa.text('need_id IS NOT NULL'))
    for statement in AFTER:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('ix_location_exact_need_geog', table_name='location_exact', schema='restricted', postgresql_using='gist', postgresql_where=sa.text('need_id IS NOT NULL'))
    op.drop_index('ix_location_exact_helper_geog', table_name='location_exact', schema='restricted', postgresql_using='gist', postgresql_where=sa.text('helper_id IS NOT NULL'))
    op.drop_geospatial_table('location_exact', schema='restricted')
    op.drop_index('uq_match_one_live', table_name='match', postgresql_where=sa.text("status IN ('accepted', 'under_way')"))
    op.drop_table('match')
    op.drop_table('contact', schema='restricted')
    op.drop_index('ix_geo_street_key', table_name='geo_street')
    op.drop_geospatial_index('ix_geo_street_geom', table_name='geo_street', postgresql_using='gist', column_name='geom')
    op.drop_geospatial_table('geo_street')
    op.drop_geospatial_table('geo_postcode')
    op.drop_index('ix_geo_place_key_trgm', table_name='geo_place', postgresql_using='gin', postgresql_ops={'name_key': 'gin_trgm_ops'})
    op.drop_index('ix_geo_place_key', table_name='geo_place')
    op.drop_geospatial_table('geo_place')
    op.drop_index('ix_geo_street_key_like', table_name='geo_street_key', postgresql_using='gin', postgresql_ops={'street_key': 'gin_trgm_ops'})
    op.drop_table('geo_street_key')
    op.drop_index('ix_geo_address_street_number', table_name='geo_address')
    op.drop_index('ix_geo_address_number', table_name='geo_address')
    op.drop_index('ix_geo_address_key', table_name='geo_address')
    op.drop_index('ix_geo_address_geog', table_name='geo_address', postgresql_using='gist')
    op.drop_geospatial_table('geo_address')
    op.drop_geospatial_index('ix_asset_geom', table_name='asset', postgresql_using='gist', column_name='geom')
    op.drop_index('ix_asset_geog', table_name='asset', postgresql_using='gist')
    op.drop_geospatial_table('asset')
    op.drop_table('submission', schema='restricted')
    op.drop_table('idempotency', schema='restricted')
    op.drop_table('geocode_cache', schema='restricted')
    op.drop_table('organization')
    op.drop_index('ix_need_open', table_name='need', postgresql_where=sa.text("status IN ('open','in_progress')"))
    op.drop_index('ix_need_location_state', table_name='need')
    op.drop_table('need')
    op.drop_table('helper')
    op.drop_table('geo_source')
    op.drop_table('dwelling_cell')
    op.drop_index('ix_audit_object', table_name='audit')
    op.drop_table('audit')
    op.drop_geospatial_index('ix_area_geom', table_name='area', postgresql_using='gist', column_name='geom')
    op.drop_geospatial_table('area')
    op.drop_geospatial_table('network')
    for statement in GONE:
        op.execute(statement)
