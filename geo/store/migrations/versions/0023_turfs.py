"""Turfs: polygons with their doors in walking order, the phones that carry them, and what was met at each door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

APP, DEVICE = "barnraiser_app", "barnraiser_device"
TABLES = ("turf", "turf_number", "turf_door", "turf_assignment", "turf_visit")

# the day by the network's own clock, since turfs are given out by the day
TODAY = """
CREATE FUNCTION today_here() RETURNS date LANGUAGE sql STABLE AS $$
  SELECT (now() AT TIME ZONE (SELECT n.time_zone FROM public.network n WHERE n.id = public.current_network()))::date
$$
"""
CARRIED = (
    "SELECT a.turf_id FROM turf_assignment a WHERE a.device_id = current_actor() AND a.ended_at IS NULL "
    "AND today_here() BETWEEN a.from_on AND a.until_on"
)
# what was noted on the way comes in when there is a signal again, which may be after the turf was taken back
WALKED = (
    "SELECT a.turf_id FROM turf_assignment a WHERE a.device_id = current_actor() AND a.from_on <= today_here() "
    "AND today_here() <= a.until_on + 7"
)
# These come on top of own_network, which keeps to the network: restrictive policies must hold as well.
NARROWER = (
    f"CREATE POLICY carried ON turf AS RESTRICTIVE FOR SELECT TO {DEVICE} USING (ends_on >= today_here() AND id IN ({CARRIED}))",
    # the policy of the turfs holds within this one
    f"CREATE POLICY carried ON turf_door AS RESTRICTIVE FOR SELECT TO {DEVICE} USING (turf_id IN (SELECT t.id FROM turf t))",  # noqa: S608 - the role's name
    f"CREATE POLICY own_assignments ON turf_assignment AS RESTRICTIVE FOR SELECT TO {DEVICE} USING (device_id = current_actor())",
    f"CREATE POLICY own_visits ON turf_visit AS RESTRICTIVE FOR SELECT TO {DEVICE} USING (submitted_by = current_actor())",
    f"CREATE POLICY as_oneself ON turf_visit AS RESTRICTIVE FOR INSERT TO {DEVICE} WITH CHECK (submitted_by = current_actor() AND source = 'phone' AND turf_id IN ({WALKED}))",
)
CARRIES = "id, network_id, name, note, geom, doors, ends_on, version"
GRANTS = (
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON turf TO {APP}",
    f"GRANT SELECT, INSERT, UPDATE ON turf_number TO {APP}",
    # the doors of a turf stay as they were cut, or its sheets would lie
    f"GRANT SELECT, INSERT ON turf_door TO {APP}",
    f"GRANT SELECT, INSERT, UPDATE (ended_at), DELETE ON turf_assignment TO {APP}",
    # a visit is added to and never changed; it fades with the turf
    f"GRANT SELECT, INSERT, DELETE ON turf_visit TO {APP}",
    f"GRANT SELECT ({CARRIES}) ON turf TO {DEVICE}",
    f"GRANT SELECT ON turf_door, turf_assignment TO {DEVICE}",
    f"GRANT SELECT, INSERT ON turf_visit TO {DEVICE}",
)


def upgrade() -> None:
    _make_turfs()
    _make_doors()
    _make_assignments()
    _make_visits()
    op.execute(TODAY)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    for statement in (*NARROWER, *GRANTS):
        op.execute(statement)


def _make_turfs() -> None:
    op.create_table('turf',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('cut_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('note', sa.Text(), nullable=True),
        sa.Column('geom', Geometry('MULTIPOLYGON', srid=4326, spatial_index=False), nullable=False),
        sa.Column('doors', sa.Integer(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('tally', postgresql.JSONB(), server_default='{}', nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint("jsonb_typeof(tally) = 'object' AND octet_length(tally::text) <= 500", name=op.f('ck_turf_tally_bounded')),
        sa.CheckConstraint('NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 500', name=op.f('ck_turf_geom_bounded')),
        sa.CheckConstraint('ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90', name=op.f('ck_turf_geom_range')),
        sa.CheckConstraint('char_length(name) <= 100', name=op.f('ck_turf_name_length')),
        sa.CheckConstraint('char_length(note) <= 500', name=op.f('ck_turf_note_length')),
        sa.CheckConstraint('doors BETWEEN 1 AND 500', name=op.f('ck_turf_doors_range')),
        sa.CheckConstraint('number BETWEEN 1 AND 11000', name=op.f('ck_turf_number_range')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_turf_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_turf')),
        sa.UniqueConstraint('network_id', 'id', name=op.f('uq_turf_network_id_id')),
        sa.UniqueConstraint('network_id', 'number', name=op.f('uq_turf_network_id_number'))
    )
    op.create_index('ix_turf_cut', 'turf', ['network_id', 'cut_id'])
    op.create_index('ix_turf_geom', 'turf', ['geom'], postgresql_using='gist')
    op.create_index('ix_turf_open', 'turf', ['network_id', 'ends_on'], postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('turf_number',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('last', sa.Integer(), nullable=False),
        sa.CheckConstraint('last BETWEEN 1 AND 11000', name=op.f('ck_turf_number_last_range')),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_turf_number_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', name=op.f('pk_turf_number'))
    )


def _make_doors() -> None:
    op.create_table('turf_door',
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('turf_id', sa.Uuid(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('street', sa.Text(), nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('side', sa.Text(), nullable=False),
        sa.Column('postcode', sa.Text(), nullable=True),
        sa.Column('locality', sa.Text(), nullable=True),
        sa.Column('geom', Geometry('POINT', srid=4326, spatial_index=False), nullable=False),
        sa.CheckConstraint("side IN ('odd', 'even', 'none')", name=op.f('ck_turf_door_side_known')),
        sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_turf_door_geom_not_empty')),
        sa.CheckConstraint('ST_X(geom) BETWEEN -180 AND 180 AND ST_Y(geom) BETWEEN -90 AND 90', name=op.f('ck_turf_door_geom_range')),
        sa.CheckConstraint('abs(ST_X(geom)) + abs(ST_Y(geom)) > 0.001', name=op.f('ck_turf_door_geom_not_null_island')),
        sa.CheckConstraint('char_length(locality) <= 200', name=op.f('ck_turf_door_locality_length')),
        sa.CheckConstraint('char_length(number) <= 30', name=op.f('ck_turf_door_number_length')),
        sa.CheckConstraint('char_length(postcode) <= 20', name=op.f('ck_turf_door_postcode_length')),
        sa.CheckConstraint('char_length(street) <= 200', name=op.f('ck_turf_door_street_length')),
        sa.CheckConstraint('position BETWEEN 1 AND 500', name=op.f('ck_turf_door_position_range')),
        sa.ForeignKeyConstraint(['network_id', 'turf_id'], ['turf.network_id', 'turf.id'], name=op.f('fk_turf_door_network_id_turf_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_turf_door_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('network_id', 'turf_id', 'position', name=op.f('pk_turf_door'))
    )


def _make_assignments() -> None:
    op.create_table('turf_assignment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('turf_id', sa.Uuid(), nullable=False),
        sa.Column('device_id', sa.Uuid(), nullable=False),
        sa.Column('from_on', sa.Date(), nullable=False),
        sa.Column('until_on', sa.Date(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('created_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.CheckConstraint('from_on <= until_on', name=op.f('ck_turf_assignment_days_in_order')),
        sa.ForeignKeyConstraint(['network_id', 'device_id'], ['access.device.network_id', 'access.device.id'], name=op.f('fk_turf_assignment_network_id_device_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id', 'turf_id'], ['turf.network_id', 'turf.id'], name=op.f('fk_turf_assignment_network_id_turf_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_turf_assignment_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_turf_assignment'))
    )
    op.create_index('ix_turf_assignment_device', 'turf_assignment', ['device_id', 'turf_id'])
    op.create_index('uq_turf_assignment_standing', 'turf_assignment', ['turf_id', 'device_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))


def _make_visits() -> None:
    op.create_table('turf_visit',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('network_id', sa.Uuid(), server_default=sa.text('current_network()'), nullable=False),
        sa.Column('turf_id', sa.Uuid(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('outcome', sa.Text(), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('device_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('submitted_by', sa.Uuid(), server_default=sa.text('current_actor()'), nullable=True),
        sa.CheckConstraint("outcome IN ('visited', 'nobody_home', 'refused', 'come_back', 'not_found')", name=op.f('ck_turf_visit_outcome_known')),
        sa.CheckConstraint("source IN ('phone', 'paper', 'screen')", name=op.f('ck_turf_visit_source_known')),
        sa.ForeignKeyConstraint(['network_id', 'turf_id', 'position'], ['turf_door.network_id', 'turf_door.turf_id', 'turf_door.position'], name='fk_turf_visit_door', ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_turf_visit_network_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_turf_visit'))
    )
    op.create_index('ix_turf_visit_door', 'turf_visit', ['network_id', 'turf_id', 'position', 'happened_at', 'received_at', 'id'])


def downgrade() -> None:
    for policy, table in (("carried", "turf"), ("carried", "turf_door"), ("as_oneself", "turf_visit")):
        op.execute(f"DROP POLICY {policy} ON {table}")
    for table in ("turf_visit", "turf_assignment", "turf_door", "turf_number", "turf"):
        op.drop_table(table)
    op.execute("DROP FUNCTION today_here()")
