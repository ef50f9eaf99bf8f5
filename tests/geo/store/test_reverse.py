from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, MultiLineString
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.words import NearbyKind
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_import import StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.reverse import CROSSING_REACH_M, DOOR_REACH_M, STREET_REACH_M, LocalReverse, Nearby
from geo.store.sql import load_queries

from tests.geo.store.test_gazetteer import crowded
from tests.rights import load_source

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["crowded"]
WGS84 = Geod(ellps="WGS84")
SOURCE = SourceInfo("test", "Test town", "CC0", "nobody", "checksum")
LON, LAT = 24.94, 60.17
EAST_M, NORTH_M = 55_500.0, 111_400.0
OFFSETS = st.tuples(st.floats(-70, 70), st.floats(-70, 70))
SPREAD = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def at(east_m: float, north_m: float) -> Point:
    """A place so many metres from the middle of the town, at sixty degrees north."""
    return Point(LON + east_m / EAST_M, LAT + north_m / NORTH_M)


def metres(one: Point, other: Point) -> float:
    return float(WGS84.inv(one.lon, one.lat, other.lon, other.lat)[2])


def load_doors(session: Session, points: list[Point]) -> None:
    load_source(
        session, SOURCE, addresses=[AddressRow("Testikatu", str(n), point) for n, point in enumerate(points, start=1)]
    )


@given(doors=st.lists(OFFSETS, min_size=1, max_size=40), asked=st.lists(OFFSETS, min_size=1, max_size=8))
@SPREAD
def test_the_nearest_door_is_the_one_a_ruler_finds(
    session: Session, doors: list[tuple[float, float]], asked: list[tuple[float, float]]
) -> None:
    points = [at(*offset) for offset in doors]
    load_doors(session, points)
    places = [at(*offset) for offset in asked]
    for place, found in zip(places, LocalReverse(session).find_many(places), strict=True):
        nearest_m = min(metres(place, point) for point in points)
        if nearest_m <= DOOR_REACH_M:
            assert found.kind is NearbyKind.DOOR
            assert found.distance_m == pytest.approx(nearest_m, abs=1e-3)
            number = int(str(found.address).rpartition(" ")[2])
            assert metres(place, points[number - 1]) == pytest.approx(nearest_m, abs=1e-3)
        else:
            assert found == Nearby(None, None, None, None)


@given(lines=st.lists(st.lists(OFFSETS, min_size=2, max_size=5, unique=True), min_size=1, max_size=8), asked=OFFSETS)
@SPREAD
def test_the_nearest_street_is_the_one_a_ruler_finds(
    session: Session, lines: list[list[tuple[float, float]]], asked: tuple[float, float]
) -> None:
    shapes = [LineString([(p.lon, p.lat) for p in (at(4 * e, 4 * n) for e, n in line)]) for line in lines]
    streets = [StreetRow(f"Katu{n}", MultiLineString([shape]), 100.0) for n, shape in enumerate(shapes)]
    load_source(session, SOURCE, streets=streets)
    session.execute(text("DELETE FROM geo_crossing"))
    place = at(*asked)
    distances = [
        session.scalar(
            text("SELECT ST_Distance(geography(ST_GeomFromText(:line, 4326)), geography(ST_Point(:lon, :lat, 4326)))"),
            {"line": shape.wkt, "lon": place.lon, "lat": place.lat},
        )
        for shape in shapes
    ]
    found = LocalReverse(session).find(place)
    nearest_m = min(float(one) for one in distances if one is not None)
    if nearest_m > STREET_REACH_M:
        assert found.kind is NearbyKind.NONE
    else:
        assert found.kind is NearbyKind.STREET
        assert found.distance_m == pytest.approx(nearest_m, abs=0.01)
        assert found.address is None


def test_a_crossing_names_what_no_door_is_near(session: Session) -> None:
    east = MultiLineString([[(at(-200, 0).lon, LAT), (at(200, 0).lon, LAT)]])
    north = MultiLineString([[(LON, at(0, -200).lat), (LON, at(0, 200).lat)]])
    load_source(session, SOURCE, streets=[StreetRow("Itäkatu", east, 400.0), StreetRow("Pohjoiskatu", north, 400.0)])
    reverse = LocalReverse(session)
    found = reverse.find(at(CROSSING_REACH_M - 2, 0))
    assert found.kind is NearbyKind.CROSSING
    assert found.address in ("Itäkatu / Pohjoiskatu", "Pohjoiskatu / Itäkatu")
    assert found.distance_m == pytest.approx(CROSSING_REACH_M - 2, abs=0.2)
    assert reverse.find(at(CROSSING_REACH_M + 2, 0)).kind is NearbyKind.STREET


@pytest.mark.parametrize(
    ("door", "asked"),
    [
        (Point(179.9999, -16.5), Point(-179.9999, -16.5)),
        (Point(-179.9999, 65.0), Point(180.0, 65.0)),
        (Point(10.0, 89.9999), Point(-170.0, 89.9999)),
        (Point(10.0, -89.9), Point(10.0, -89.9002)),
    ],
)
def test_the_edges_of_the_map_are_no_edges(session: Session, door: Point, asked: Point) -> None:
    load_doors(session, [door])
    found = LocalReverse(session).find(asked)
    assert found.kind is NearbyKind.DOOR
    assert found.distance_m == pytest.approx(metres(door, asked), abs=1e-3)


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
@SPREAD
def test_every_place_on_earth_has_an_answer(session: Session, lon: float, lat: float) -> None:
    assert LocalReverse(session).find(Point(lon, lat)).kind is NearbyKind.NONE


def test_the_poles_have_an_answer(session: Session) -> None:
    points = [Point(lon, lat) for lat in (-90.0, 90.0) for lon in (-180.0, 0.0, 180.0)]
    assert [one.kind for one in LocalReverse(session).find_many(points)] == [NearbyKind.NONE] * 6


def test_many_are_answered_as_one_by_one_and_in_one_statement(session: Session) -> None:
    load_doors(session, [at(10 * n, 7 * n % 40) for n in range(12)])
    places = [at(9 * n, math.fmod(13 * n, 50)) for n in range(30)]
    reverse = LocalReverse(session)
    assert reverse.find_many(places) == [reverse.find(place) for place in places]
    assert reverse.find_many([]) == []


def test_the_geocoder_answers_the_same(session: Session) -> None:
    load_doors(session, [at(0, 0)])
    assert LocalGeocoder(session).reverse(at(5, 5)) == LocalReverse(session).find(at(5, 5))


def test_another_network_names_nothing(session: Session) -> None:
    load_doors(session, [at(0, 0)])
    session.execute(text("SELECT set_config('barnraiser.network', '00000000-0000-7000-8000-0000000000ff', true)"))
    assert LocalReverse(session).find(at(0, 0)).kind is NearbyKind.NONE


def scans(session: Session) -> dict[str, tuple[int, int]]:
    """How often each table was read whole, and by an index, in this transaction."""
    rows = session.execute(
        text("SELECT relname, seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname LIKE 'geo%'")
    )
    return {name: (whole, indexed) for name, whole, indexed in rows}


@pytest.mark.parametrize(
    ("place", "table"),
    [(Point(LON + 0.001, LAT + 0.03), "geo_address"), (Point(LON + 0.001, LAT + 0.15), "geo_street")],
)
def test_what_is_near_is_found_by_its_index(crowded: Session, place: Point, table: str) -> None:
    reverse = LocalReverse(crowded)
    before = scans(crowded)
    found = reverse.find(place)
    after = scans(crowded)
    assert found.kind is (NearbyKind.DOOR if table == "geo_address" else NearbyKind.STREET)
    assert after[table][0] == before[table][0]
    assert after[table][1] > before[table][1]


def test_every_question_of_the_file_is_asked() -> None:
    assert set(load_queries("reverse")) == {"reverse", "reverse_many"}
