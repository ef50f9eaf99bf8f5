from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import h3
import numpy as np
import pytest
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.words import Category
from geo.privacy.cells import cell_of, cell_polygon
from geo.store.map_cells import counted_query, find_counted, has_more_places, places_query
from geo.store.tile_counts import fold_changes

from tests.factories import add_asset, add_need
from tests.geo.store.test_tiles import MANY_APART, MANY_CELLS, plan_of
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def scatter(seed: int, count: int, spread_deg: float) -> list[Point]:
    middle = np.array([HELSINKI.lon, HELSINKI.lat])
    apart = np.random.default_rng(seed).uniform(-spread_deg, spread_deg, (count, 2))
    return [Point(lon, lat) for lon, lat in (middle + apart).tolist()]


@pytest.mark.parametrize("seed", [0, 1])
def test_hexagons_of_any_size_hold_every_need_in_view(session: Session, seed: int) -> None:
    points = scatter(seed, 90, 0.08)
    categories = [Category.FOOD if n % 3 else Category.WATER for n in range(len(points))]
    for point, category in zip(points, categories, strict=True):
        add_need(session, point, category=category)
    fold_changes(session)
    for most in (2, 5, 20, 60, 90):
        found = find_counted(session, "needs", None, most=most)
        brute = Counter(str(h3.cell_to_parent(cell_of(point), found.level)) for point in points)
        assert {one.cell: one.count for one in found.cells} == brute
        assert len(found.cells) <= most
        if not found.is_finest:
            finer = {str(h3.cell_to_parent(cell_of(point), found.level + 1)) for point in points}
            assert len(finer) > most
        water = find_counted(session, "needs", None, category=Category.WATER, most=most)
        assert sum(one.water for one in water.cells) == categories.count(Category.WATER)


def test_a_box_leaves_out_what_it_does_not_touch(session: Session) -> None:
    points = scatter(3, 60, 0.1)
    for point in points:
        add_need(session, point)
    fold_changes(session)
    box = (HELSINKI.lon - 0.03, HELSINKI.lat - 0.02, HELSINKI.lon + 0.04, HELSINKI.lat + 0.01)
    found = {one.cell for one in find_counted(session, "needs", box, most=500).cells}
    west, south, east, north = box
    inside = {cell_of(p) for p in points if west <= p.lon <= east and south <= p.lat <= north}
    assert inside <= found
    for cell in found - inside:
        left, bottom, right, top = cell_polygon(cell).bounds
        assert left <= east and right >= west and bottom <= north and top >= south  # noqa: PT018 - one box


def test_too_many_of_the_largest_are_cut_and_said(session: Session) -> None:
    for lon in (-120.0, -60.0, 20.0, 100.0):
        add_need(session, Point(lon, 10.0))
    fold_changes(session)
    found = find_counted(session, "needs", None, most=3)
    assert (found.level, len(found.cells), found.is_cut) == (2, 3, True)


def test_more_places_than_can_be_drawn_are_noticed(session: Session) -> None:
    for _ in range(4):
        add_asset(session, HELSINKI)
    add_asset(session, HELSINKI, is_private=True, capacity_per_week=None)
    box = (HELSINKI.lon - 0.01, HELSINKI.lat - 0.01, HELSINKI.lon + 0.01, HELSINKI.lat + 0.01)
    assert [has_more_places(session, box, most=most) for most in (2, 3, 4, 5)] == [True, True, False, False]
    assert not has_more_places(session, (0.0, 0.0, 1.0, 1.0), most=0)
    assert not has_more_places(session, box, category=Category.PAPERWORK, most=0)


def test_a_view_is_read_by_its_indexes(session: Session) -> None:
    add_asset(session)
    add_need(session)
    fold_changes(session)
    with operator(session):
        session.execute(text(MANY_APART))
        session.execute(text(MANY_CELLS))
        session.execute(text("ANALYZE asset"))
        session.execute(text("ANALYZE tile_cell"))
    box = (HELSINKI.lon, HELSINKI.lat, HELSINKI.lon + 0.01, HELSINKI.lat + 0.01)
    assert "ix_tile_cell_geom" in plan_of(session, counted_query("needs", 9, box, most=400))
    assert "ix_asset_geom" in plan_of(session, places_query(box, most=400))
