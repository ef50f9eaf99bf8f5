"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.errors import OutsideServiceArea
from geo.store.network import get_network
from geo.store.rows import refused_as_ours

from tests.factories import add_asset, add_need
from tests.rights import serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

INSERT_POINT = """
INSERT INTO asset (id, kind, categories, name, geom)
VALUES (:id, 'library', '{food}', 'x', {geom})
"""
INSERT_AREA = "INSERT INTO area (id, slug, name, kind, geom) VALUES (:id, 's', 'n', 'k', {geom})"


def point_sql(geom: str) -> str:
    return INSERT_POINT.replace("{geom}", geom)


BAD_POINTS = [
    "ST_SetSRID(ST_MakePoint('NaN', 1), 4326)",
    "ST_SetSRID(ST_MakePoint(1, 'NaN'), 4326)",
    "ST_SetSRID(ST_MakePoint('Infinity', 1), 4326)",
    "ST_SetSRID(ST_MakePoint(1, '-Infinity'), 4326)",
    "ST_SetSRID(ST_MakePoint(181, 1), 4326)",
    "ST_SetSRID(ST_MakePoint(1, 95), 4326)",
    "ST_SetSRID(ST_MakePoint(-8236000, 4970000), 4326)",
    "ST_SetSRID(ST_MakePoint(0, 0), 4326)",
    "ST_SetSRID(ST_MakePoint(0.0000001, 0.0000001), 4326)",
    "'SRID=4326;POINT EMPTY'::geometry",
    "'SRID=3857;POINT(1 1)'::geometry",
    "'SRID=999999;POINT(1 1)'::geometry",
    "'SRID=4326;LINESTRING(1 1, 2 2)'::geometry",
]
STAR = (
    "ST_Multi(ST_MakePolygon((SELECT ST_MakeLine(array_agg(ST_SetSRID(ST_MakePoint("
    "25 + 0.01 * cos(i * 2.399), 60 + 0.01 * sin(i * 2.399)), 4326) ORDER BY i) || "
    "ST_SetSRID(ST_MakePoint(25 + 0.01 * cos(0), 60 + 0.01 * sin(0)), 4326)) FROM generate_series(0, {n}) i)))"
)
BAD_AREAS = [
    "'SRID=4326;MULTIPOLYGON EMPTY'::geometry",
    "'SRID=4326;MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))'::geometry",
    STAR.replace("{n}", "400"),
    STAR.replace("{n}", "4000"),
    "ST_Multi(ST_MakeEnvelope(170, 10, 190, 20, 4326))",
    "ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(25, 60), 4326), 0.1, 'quad_segs=200'))",
]


@pytest.mark.parametrize("geom", BAD_POINTS)
def test_bad_points_are_refused(session: Session, geom: str) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(point_sql(geom)), {"id": new_id()})


@pytest.mark.parametrize("geom", BAD_AREAS)
def test_bad_areas_are_refused_and_the_server_lives(session: Session, geom: str) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(INSERT_AREA.replace("{geom}", geom)), {"id": new_id()})
    assert session.scalar(text("SELECT 1")) == 1


def test_a_good_point_is_taken(session: Session) -> None:
    session.execute(text(point_sql("ST_SetSRID(ST_MakePoint(24.9, 60.1), 4326)")), {"id": new_id()})


@pytest.mark.parametrize("number", [math.nan, math.inf, -1.0, 1e9])
def test_an_impossible_uncertainty_is_refused(session: Session, number: float) -> None:
    need = add_need(session)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE need SET uncertainty_m = :u WHERE id = :id"), {"u": number, "id": need.id})


def test_a_need_has_a_cell_exactly_when_it_has_a_place(session: Session) -> None:
    need = add_need(session)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE need SET cell = NULL WHERE id = :id"), {"id": need.id})


def test_places_outside_the_service_area_are_refused(session: Session) -> None:
    serve_area(session, (24.8, 60.1, 25.1, 60.3))
    assert get_network(session).bbox == (24.8, 60.1, 25.1, 60.3)
    for swapped in (Point(60.17, 24.94), Point(2.35, 48.85)):
        with pytest.raises(OutsideServiceArea), session.begin_nested():
            add_need(session, swapped)
        with pytest.raises(OutsideServiceArea), session.begin_nested():
            add_asset(session, swapped)


def test_other_refusals_name_the_column_and_no_value(session: Session) -> None:
    need = add_need(session)
    with pytest.raises(Exception, match="household_size") as caught, session.begin_nested(), refused_as_ours():
        session.execute(text("UPDATE need SET household_size = 4711 WHERE id = :id"), {"id": need.id})
    assert "4711" not in str(caught.value)
