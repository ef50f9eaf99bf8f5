"""The ground a phone takes along: what is packed can be unpacked, and it is never larger than it may be."""

from __future__ import annotations

import json
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, box

from geo.domain.ground import BaseShapes, StreetDoors
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.turf import CarriedTurf
from geo.interchange.base_map import ZOOMS, read_base_map, zoom_of
from geo.interchange.ground import STEP_DEG, GroundSources, box_around, pack_ground, size_of

if TYPE_CHECKING:
    from pathlib import Path

    from geo.domain.ground import Line, TurfGround

LON, LAT = 24.94, 60.17
SHAPE = MultiPolygon([box(LON, LAT, LON + 0.01, LAT + 0.005)])
TURF = CarriedTurf(new_id(), "T", None, 1, date(2026, 5, 1), date(2026, 5, 2), 1, SHAPE)
lons = st.floats(LON, LON + 0.01)
lats = st.floats(LAT, LAT + 0.005)
corners = st.lists(st.tuples(lons, lats), min_size=2, max_size=30)


def unpacked(ground: TurfGround, line: Line) -> LineString:
    east, north = accumulate(line[::2]), accumulate(line[1::2])
    step, lon, lat = ground.step_deg, ground.origin_lon, ground.origin_lat
    return LineString([(lon + x * step, lat + y * step) for x, y in zip(east, north, strict=True)])


@settings(max_examples=60, deadline=None)
@given(corners.filter(lambda found: LineString(found).length > 1e-4))
def test_a_packed_line_lies_where_it_was(found: list[tuple[float, float]]) -> None:
    line = LineString(found)
    ground = pack_ground(GroundSources(TURF, [("A", MultiLineString([line]))], []))
    ((name, lines),) = ground.streets
    drawn = shapely.union_all([unpacked(ground, one) for one in lines])
    # half a metre of bend, and the steps
    assert name == "A"
    assert shapely.hausdorff_distance(drawn, line) < 0.5 / 111_000 + 2 * STEP_DEG


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(lons, lats), min_size=1, max_size=20))
def test_a_packed_door_lies_where_it_was(found: list[tuple[float, float]]) -> None:
    doors = tuple((str(at), Point(*place)) for at, place in enumerate(found))
    ground = pack_ground(GroundSources(TURF, [], [StreetDoors(("A", "B"), None, doors)]))
    ((names, _, packed),) = ground.addresses
    assert names == ("A", "B")
    for (number, point), (written, east, north) in zip(doors, packed, strict=True):
        assert written == number
        assert abs(ground.origin_lon + east * STEP_DEG - point.lon) <= STEP_DEG
        assert abs(ground.origin_lat + north * STEP_DEG - point.lat) <= STEP_DEG


@settings(max_examples=25, deadline=None)
@given(st.integers(1_000, 60_000), st.integers(0, 400), st.integers(0, 60))
def test_a_ground_is_never_larger_than_it_may_be(most: int, houses: int, streets: int) -> None:
    walls = [box(LON + n * 2e-5, LAT, LON + n * 2e-5 + 1e-5, LAT + 1e-4) for n in range(houses)]
    lines = [
        (f"Street {n}", MultiLineString([[(LON, LAT + n * 5e-5), (LON + 0.01, LAT + n * 5e-5)]]))
        for n in range(streets)
    ]
    doors = [StreetDoors((f"Street {n}",), None, (("1", Point(LON, LAT)),)) for n in range(streets)]
    ground = pack_ground(GroundSources(TURF, lines, doors, BaseShapes(buildings=walls)), most_bytes=most)
    assert size_of(ground) <= most
    parts = (ground.outline, ground.streets, ground.buildings, ground.addresses)
    assert len(json.dumps(parts, separators=(",", ":"))) <= most
    # what has room stays
    if most == 60_000 and houses < 100:
        assert len(ground.buildings) == houses


def test_what_lies_beyond_the_box_is_left_out() -> None:
    far = BaseShapes(
        paths=[LineString([(LON + 1, LAT), (LON + 1.1, LAT)])], water=[box(LON + 1, LAT, LON + 1.1, LAT + 1)]
    )
    ground = pack_ground(GroundSources(TURF, [], [], far))
    assert (ground.paths, ground.water) == ((), ())
    assert len(ground.outline) == 1


def test_the_box_goes_on_beyond_the_turf() -> None:
    west, south, east, north = box_around(SHAPE, 100)
    assert LON - west > LAT - south > 0
    assert (east - LON - 0.01, north - LAT - 0.005) > (0, 0)


def test_a_wide_box_is_read_with_less_detail_and_a_missing_map_is_empty(tmp_path: Path) -> None:
    zooms = [zoom_of((0, 0, span, span)) for span in (1e-9, 0.01, 0.1, 1, 10)]
    assert zooms == sorted(zooms, reverse=True)
    assert (zooms[0], zooms[-1]) == (ZOOMS[1], ZOOMS[0])
    assert read_base_map(tmp_path / "no.pmtiles", (0, 0, 1, 1)) == BaseShapes()
    broken = tmp_path / "broken.pmtiles"
    broken.write_bytes(b"PMTiles" + bytes(200))
    assert read_base_map(broken, (0, 0, 1, 1)) == BaseShapes()
