"""Streets, number ranges and places from files."""

from __future__ import annotations

import csv
import gzip
import json
from typing import TYPE_CHECKING, Any, Final

import geopandas
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as Spot
from sqlalchemy import text

from geo.crs import near_m
from geo.errors import SourceUnreadable
from geo.store.gazetteer import LocalGeocoder
from geo.store.network import get_network

from data.loaders.places import load_places
from data.loaders.ranges import load_ranges
from data.loaders.streets import load_streets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo.store.engine import SessionFactory

    from data.loaders.report import LoadReport

MILL, YORK = "LINESTRING(-76.61 39.40, -76.59 39.40)", "LINESTRING(-76.60 39.39, -76.60 39.41)"
LOADERS: Final[list[Callable[..., LoadReport]]] = [load_streets, load_ranges, load_places]


def put(tmp_path: Path, *lines: str, name: str = "file.csv") -> Path:
    path = tmp_path / name
    written = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(written) if name.endswith(".gz") else written)
    return path


def ask(sessions: SessionFactory, query: str) -> list[tuple[Any, ...]]:
    with sessions() as session:
        return [tuple(row) for row in session.execute(text(query))]


@pytest.mark.parametrize("name", ["ways.csv", "ways.csv.gz"])
def test_lines_of_one_name_become_a_street_and_cross_another(
    sessions: SessionFactory, tmp_path: Path, name: str
) -> None:
    path = put(
        tmp_path, "osm,name,highway,wkt,alt_name",
        f'w1,Mill Road,residential,"{MILL}",Old Mill Lane',
        'w2,MILL RD,residential,"LINESTRING(-76.59 39.40, -76.58 39.40)",',
        f'w3,York Road,primary,"{YORK}",', "w4,York Road,primary,,", f'w5,,primary,"{YORK}",',
        f'w6,Pier,platform,"{YORK}",', 'w7,Square,pedestrian,"POLYGON((0 0,1 0,1 1,0 0))",', "w8,Bad,x,LINESTRING(0),",
        'w9,Far Road,x,"LINESTRING(10 39,10 40)",', 'w10,Turned,x,"LINESTRING(39.40 -76.61,39.40 -76.59)",',
        name=name,
    )  # fmt: skip
    report = load_streets(sessions, path, licence="ODbL", attribution="Mappers")
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (5, "no_line"), (6, "no_name"), (8, "not_a_point_or_line"), (9, "bad_geometry"),
        (10, "too_far_from_the_rest"), (11, "lon_lat_swapped"),
    ]  # fmt: skip
    assert report.skipped["not_a_street"] == 1
    assert report.layers["streets"].taken == 2
    rows = ask(sessions, "SELECT name, round(length_m) FROM geo_street ORDER BY id")
    assert rows == [("Mill Road", pytest.approx(2582, abs=10)), ("York Road", pytest.approx(2220, abs=10))]
    assert ask(sessions, "SELECT count(*) FROM geo_crossing") == [(1,)]
    names = {row[0] for row in ask(sessions, "SELECT name FROM geo_street_name")}
    assert names == {"Mill Road", "Old Mill Lane", "York Road"}
    with sessions() as session:
        box = get_network(session).bbox
    assert box is not None
    assert box[0] < -76.61 < -76.58 < box[2]
    assert load_streets(sessions, path, licence="ODbL", attribution="Mappers").unchanged


LAST: Final = {"roads.geojson": 8, "roads.gpkg": 3, "roads.shp": 3}


def frame() -> geopandas.GeoDataFrame:
    lines = [shapely.from_wkt(MILL), shapely.from_wkt(YORK), None]
    return geopandas.GeoDataFrame({"ROAD": ["Mill Road", "York Road", "Gone"]}, geometry=lines, crs=4326)


@pytest.mark.parametrize("name", ["roads.geojson", "roads.gpkg", "roads.shp"])
def test_streets_come_from_programs_for_maps(sessions: SessionFactory, tmp_path: Path, name: str) -> None:
    frame().to_file(tmp_path / name)
    report = load_streets(sessions, tmp_path / name, name="Road")
    assert [(problem.line, problem.reason) for problem in report.problems] == [(LAST[name], "no_line")]
    assert ask(sessions, "SELECT name FROM geo_street ORDER BY id") == [("Mill Road",), ("York Road",)]


def test_of_several_layers_the_first_with_shapes_is_read(sessions: SessionFactory, tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    pyogrio.write_dataframe(frame().drop(columns="geometry"), path, layer="notes")
    pyogrio.write_dataframe(frame().rename(columns={"ROAD": "name"}), path, layer="roads")
    pyogrio.write_dataframe(frame().rename(columns={"ROAD": "other"}), path, layer="more")
    assert load_streets(sessions, path).layers["lines"].taken == 2


@pytest.mark.parametrize("name", ["roads.gpkg", "roads.shp"])
def test_metres_are_refused_and_never_taken_for_degrees(sessions: SessionFactory, tmp_path: Path, name: str) -> None:
    frame().set_crs(32618, allow_override=True).to_file(tmp_path / name)
    with pytest.raises(SourceUnreadable, match="another coordinate system"):
        load_streets(sessions, tmp_path / name, name="road")


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00\x00\x27\x0a" + b"x" * 200, b"SQLite format 3\0" + b"x" * 200, b"a,b\n1,2\n",
        b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>secret.csv</SrcDataSource></OGRVRTLayer>',
    ],
)  # fmt: skip
def test_a_useless_file_is_refused(
    sessions: SessionFactory, tmp_path: Path, load: Callable[..., LoadReport], content: bytes
) -> None:
    path = tmp_path / "roads.shp"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable):
        load(sessions, path)


HEADER = "from;to;interpolation;street;city;state;postcode;geometry"


def test_ranges_are_taken_where_their_doors_stand(sessions: SessionFactory, tmp_path: Path) -> None:
    odd, even = "LINESTRING(-76.61 39.4001,-76.59 39.4001)", "LINESTRING(-76.61 39.3999,-76.59 39.3999)"
    rows = [f"1;99;odd;Mill Rd;County;MD;21093;{odd}", f"100;2;even;Mill Rd;County;MD;21093;{even}"] * 3
    bad = [
        (f";9;odd;Mill Rd;;;;{odd}", "no_house_numbers"), (f"0;0;even;Mill Rd;;;;{odd}", "both_numbers_are_zero"),
        (f"1A;9;odd;Mill Rd;;;;{odd}", "not_a_number"), (f"1;8;odd;Mill Rd;;;;{odd}", "numbers_do_not_fit"),
        (f"2;8;odd;Mill Rd;;;;{odd}", "numbers_do_not_fit"), (f"1;8;some;Mill Rd;;;;{odd}", "unknown_interpolation"),
        ("1;9;odd;Mill Rd;;;;", "no_line"), (f"1;9;odd;...;;;;{odd}", "no_street"),
        ("1;9;odd;Mill Rd;;;;MULTILINESTRING((-76.6 39.4,-76.61 39.4),(-76 39,-76 39.1))", "not_one_line"),
        ("1;9;odd;Mill Rd;;;;POINT(-76.6 39.4)", "not_one_line"),
        (f"{'9' * 12};1;odd;Mill Rd;;;;{odd}", "not_a_number"),
    ]  # fmt: skip
    steps = [f"10;30;4;York Rd;;;;{YORK}", f"10;40;3;York Rd;;;;{YORK}", f"1;4;all;York Rd;;;;{YORK}"]
    report = load_ranges(sessions, put(tmp_path, HEADER, *rows, *(line for line, _ in bad), *steps))
    assert [(p.line, p.reason) for p in report.problems] == [(8 + at, reason) for at, (_, reason) in enumerate(bad)]
    assert report.layers["ranges"].taken == 9
    found = ask(
        sessions, "SELECT DISTINCT low, high, step, is_reversed, postcode, locality FROM geo_range ORDER BY 1, 2"
    )
    assert found == [
        (1, 4, 1, 0, None, None), (1, 99, 2, 0, "21093", None), (2, 100, 2, 1, "21093", None),
        (10, 30, 2, 0, None, None), (10, 40, 1, 0, None, None),
    ]  # fmt: skip
    assert ask(sessions, "SELECT postcode FROM geo_postcode") == [("21093",)]
    assert ask(sessions, "SELECT count(*) FROM geo_crossing") == [(1,)]
    with sessions() as session:
        best = LocalGeocoder(session).geocode("25 Mill Road, 21093").best
    assert best is not None
    assert near_m(best.point.lon, best.point.lat, -76.61 + 0.02 * 24 / 98, 39.4001) < 5


def test_a_column_of_towns_is_taken_when_it_is_said_to_be_one(sessions: SessionFactory, tmp_path: Path) -> None:
    path = put(tmp_path, HEADER, f"1;9;odd;Mill Rd;Townham;MD;21093;{MILL}")
    load_ranges(sessions, path)
    assert not load_ranges(sessions, path, city=True).unchanged
    assert ask(sessions, "SELECT locality FROM geo_range") == [("Townham",)]


def tiger(**more: Any) -> dict[str, Any]:
    sides = {"LFROMHN": "101", "LTOHN": "199", "RFROMHN": "198", "RTOHN": "100", "ZIPL": "02101", "ZIPR": "02102"}
    return {"FULLNAME": "Mill Rd", "PARITYL": "O", "PARITYR": "E"} | sides | more


def tiger_file(tmp_path: Path, ending: str, *rows: dict[str, Any]) -> Path:
    path = tmp_path / f"addrfeat.{ending}"
    geopandas.GeoDataFrame(list(rows), geometry=[shapely.from_wkt(MILL)] * len(rows), crs=4269).to_file(path)
    if ending == "geojson":
        path.write_text(path.read_text("utf-8").replace("EPSG::4269", "EPSG::4326"), "utf-8")
    return path


@pytest.mark.parametrize("ending", ["geojson", "shp", "gpkg"])
def test_both_sides_of_a_piece_of_street_are_drawn_beside_it(
    sessions: SessionFactory, tmp_path: Path, ending: str
) -> None:
    report = load_ranges(sessions, tiger_file(tmp_path, ending, tiger()))
    assert report.problems == ()
    right, left = ask(
        sessions,
        """
        SELECT low, high, is_reversed, postcode, ST_Y(first), ST_X(first)
        FROM (SELECT *, ST_StartPoint(geom) AS first FROM geo_range) AS r ORDER BY low
        """,
    )
    assert (right[:4], left[:4]) == ((100, 198, 1, "02102"), (101, 199, 0, "02101"))
    # the line runs east, so left is north of it
    assert left[4] == pytest.approx(39.4 + 9 / 111_000, abs=1e-6)
    assert right[4] == pytest.approx(39.4 - 9 / 111_000, abs=1e-6)
    assert left[5] == pytest.approx(-76.61, abs=1e-5) == right[5]


def test_a_side_that_cannot_be_used_leaves_the_other(sessions: SessionFactory, tmp_path: Path) -> None:
    rows = [
        tiger(LFROMHN="1-3", LTOHN="1-9"), tiger(LFROMHN="0", LTOHN="0"), tiger(LFROMHN="", LTOHN=None),
        tiger(LFROMHN=None, LTOHN=None, RFROMHN=None, RTOHN=None), tiger(PARITYL="E"), tiger(FULLNAME=None),
        tiger(LFROMHN="102", LTOHN="199", PARITYL=None, ROADFLG="Y"), tiger(ROADFLG="N"),
    ]  # fmt: skip
    report = load_ranges(sessions, tiger_file(tmp_path, "gpkg", *rows))
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (1, "not_a_number"), (2, "both_numbers_are_zero"), (5, "numbers_do_not_fit"), (6, "no_street"),
    ]  # fmt: skip
    assert report.layers["rows"].skipped == {"no_street": 1, "not_a_street": 1}
    assert report.layers["rows"].ignored["no_house_numbers"] == 1
    assert report.layers["ranges"].taken == 6
    assert ask(sessions, "SELECT count(*) FROM geo_range WHERE step = 1") == [(1,)]


def test_places_answer_to_all_their_names(sessions: SessionFactory, tmp_path: Path) -> None:
    path = put(
        tmp_path, "name,kind,lon,lat,other_names,name_sv",
        "Library,amenity=library,-76.60,39.40,Book House; The Stacks,Bibliotek", "Library,library,-76.6005,39.40,,",
        "Library,library,-76.65,39.40,,", "Tower,building=yes,-76.61,39.40,,", "Nowhere,park,,,,", ",park,-76.6,39.4,,",
        "Far,park,10,39.4,,", "Zero,park,0,0,,", f"{'ß' * 200},park,-76.6,39.4,,",
    )  # fmt: skip
    report = load_places(sessions, path)
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (6, "no_coordinates"), (7, "no_name"), (9, "coordinates_are_zero"), (8, "too_far_from_the_rest"),
    ]  # fmt: skip
    assert report.skipped["mapped_twice"] == 1
    rows = ask(sessions, "SELECT name, kind FROM geo_place ORDER BY id")
    assert rows == [("Library", "library"), ("Library", "library"), ("Tower", "building"), ("ß" * 200, "park")]
    keys = {row[0] for row in ask(sessions, "SELECT key FROM geo_place_name")}
    assert keys == {"library", "book house", "the stacks", "bibliotek", "tower"}


def test_places_come_as_geojson(sessions: SessionFactory, tmp_path: Path) -> None:
    shapes = [Spot(-76.6, 39.4), LineString([(-76.6, 39.4), (-76.6, 39.5)]), Polygon([(0, 0), (1, 0), (1, 1)])]
    path = tmp_path / "places.geojson"
    geopandas.GeoDataFrame({"name": ["A", "B", "C"], "kind": ["park"] * 3}, geometry=shapes, crs=4326).to_file(path)
    report = load_places(sessions, path)
    assert report.skipped == {"not_a_point_or_line": 1}
    assert report.layers["places"].taken == 2


ANY_CELL = st.text(max_size=30) | st.sampled_from(
    [MILL, YORK, "Mill Rd", "1", "99", "odd", "ß" * 190, "LINESTRING EMPTY", "POINT(nan nan)", "LINESTRING(1 1,1 1)",
     "LINESTRING(179.99995 39.4,179.99999 39.4)", "LINESTRING Z(-76 39 1,-76 39.1 2)", "LINESTRING(1e300 0,0 1e300)"]
)  # fmt: skip


@pytest.mark.parametrize("load", LOADERS)
@given(rows=st.lists(st.lists(ANY_CELL, min_size=9, max_size=9), min_size=1, max_size=15))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cell_ever_stops_an_import(
    sessions: SessionFactory, tmp_path: Path, load: Callable[..., LoadReport], rows: list[list[str]]
) -> None:
    path = tmp_path / "hostile.csv"
    good = [["1", "9", "odd", "Mill Rd", "T", "MD", "1", "x", MILL]] * 16
    header = ["from", "to", "interpolation", "street", "city", "kind", "postcode", "name", "wkt"]
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([header, *good, *rows])
    layer = next(iter(load(sessions, path).layers.values()))
    blank = sum(not "".join(row).strip() for row in rows)
    assert layer.taken >= 1
    assert layer.read == len(good) + len(rows) - blank


def test_no_geometry_ever_stops_an_import(sessions: SessionFactory, tmp_path: Path) -> None:
    good: dict[str, Any] = {"type": "LineString", "coordinates": [[-76.61, 39.4], [-76.59, 39.4]]}
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    hostile: list[Any] = [
        None, 7, {}, {"type": "LineString"}, good | {"coordinates": deep}, good | {"coordinates": [[1]]},
        good | {"coordinates": [[1, 2], [3]]}, good | {"coordinates": [["1", "2"], ["3", "4"]]},
        good | {"coordinates": [[10**400, 1], [2, 3]]}, good | {"coordinates": [[True, 1], [2, 3]]},
        good | {"coordinates": [[-76.6, 39.4]] * 6_000}, good | {"type": "GeometryCollection"},
        good | {"type": "MultiLineString"}, good | {"coordinates": [[[-76.6, 39.4]], [-76.5, 39.4]]},
    ]  # fmt: skip
    features = [{"type": "Feature", "properties": {"name": "Mill Road"}, "geometry": one} for one in [good, *hostile]]
    path = put(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), name="roads.geojson")
    report = load_streets(sessions, path)
    assert report.layers["lines"].taken == 1
    assert report.layers["lines"].read == len(features)
