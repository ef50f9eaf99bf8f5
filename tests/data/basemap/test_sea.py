from __future__ import annotations

import pytest
from shapely.geometry import LineString, Point

from data.basemap.sea import draw_sea
from data.loaders.osm import bundled_extract
from data.loaders.osm.extract import Extract, Feature

BOX = (24.90, 60.10, 24.94, 60.12)
COAST = {"natural": "coastline"}


def shore(*points: tuple[float, float]) -> Feature:
    return Feature("way/1", COAST, LineString(points))


def test_water_lies_on_the_right_of_the_shore() -> None:
    sea = draw_sea([shore((24.92, 60.10), (24.92, 60.12))], BOX)
    assert sea is not None
    assert sea.contains(Point(24.93, 60.11))
    assert not sea.intersects(Point(24.91, 60.11))


def test_the_other_way_round_it_is_the_other_side() -> None:
    sea = draw_sea([shore((24.92, 60.12), (24.92, 60.10))], BOX)
    assert sea is not None
    assert sea.contains(Point(24.91, 60.11))
    assert not sea.intersects(Point(24.93, 60.11))


def test_pieces_are_joined_and_drawn_on_to_the_edge() -> None:
    pieces = [shore((24.92, 60.11), (24.92, 60.1198)), shore((24.92, 60.1002), (24.92, 60.11))]
    sea = draw_sea(pieces, BOX)
    assert sea is not None
    assert sea.contains(Point(24.93, 60.1001))
    assert not sea.intersects(Point(24.91, 60.1199))


def test_an_island_is_dry() -> None:
    island = shore((24.92, 60.11), (24.921, 60.11), (24.921, 60.111), (24.92, 60.111), (24.92, 60.11))
    sea = draw_sea([island], BOX)
    assert sea is not None
    assert not sea.intersects(Point(24.9205, 60.1105))
    assert sea.contains(Point(24.91, 60.105))


@pytest.mark.parametrize("shores", [[], [shore((24.92, 60.108), (24.92, 60.112))]])
def test_without_a_whole_shore_there_is_no_sea(shores: list[Feature]) -> None:
    assert draw_sea(shores, BOX) is None


def test_the_bay_of_the_bundled_city_is_water_and_its_square_is_land() -> None:
    shores = Extract(bundled_extract()).features({"natural": ["coastline"]}, nodes=False)
    sea = draw_sea(shores, (24.9352, 60.1642, 24.9534, 60.1791))
    assert sea is not None
    assert sea.contains(Point(24.9467114, 60.1766884))
    assert not sea.intersects(Point(24.9413, 60.1716))
