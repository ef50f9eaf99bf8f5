"""Rows in view and rows chosen, against counting them one by one."""

from __future__ import annotations

import random
from collections import defaultdict

import h3
import pytest
from shapely.geometry import Point, Polygon, box

from geo.analysis.coverage import by_gap
from geo.domain.coverage import CoverageRow, Standard, Totals
from geo.domain.words import Category, Mode
from geo.privacy.cells import cell_polygon
from geo.store.coverage_ground import CoverageGround

from tests.grid import HELSINKI

MIDDLE = h3.latlng_to_cell(HELSINKI.lat, HELSINKI.lon, 9)
KINDS = (Category.FOOD, Category.WATER)
EVERYTHING = 10_000


def some_rows(seed: int, rings: int = 7) -> list[CoverageRow]:
    """Rows around the middle, some of them of a coarser cell."""
    rng = random.Random(seed)  # noqa: S311 - the same every time
    cells = [cell for cell in sorted(h3.grid_disk(MIDDLE, rings)) if rng.random() < 0.8]
    cells += [h3.cell_to_parent(MIDDLE, 8)]
    rows = [row(cell, kind, rng) for cell in cells for kind in KINDS if rng.random() < 0.8]
    return sorted(rows, key=by_gap)


def row(cell: str, kind: Category, rng: random.Random) -> CoverageRow:
    demand = rng.randint(1, 9)
    covered = rng.randint(0, demand)
    totals = Totals(demand, covered, rng.randint(covered, demand))
    return CoverageRow(cell, f"Around {cell}", kind, totals, 1, 0, Standard(5, Mode.WALK))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", [None, Category.FOOD])
def test_a_view_with_few_cells_gives_their_rows_in_order(seed: int, kind: Category | None) -> None:
    rows = some_rows(seed)
    rng = random.Random(seed)  # noqa: S311 - the same every time
    lon, lat = HELSINKI.lon + rng.gauss(0, 0.005), HELSINKI.lat + rng.gauss(0, 0.003)
    seen = (lon - 0.008, lat - 0.004, lon + 0.008, lat + 0.004)
    expected = [
        one for one in rows if kind in (None, one.category) and cell_polygon(one.key).envelope.intersects(box(*seen))
    ]
    assert expected
    for most in (None, len({one.key for one in expected})):
        found = CoverageGround(rows).look(seen, category=kind, most=most)
        assert (list(found.rows), found.level, found.cells) == (expected, None, ())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", [None, Category.WATER])
def test_a_view_with_many_cells_gives_larger_hexagons_that_add_up(seed: int, kind: Category | None) -> None:
    rows = some_rows(seed)
    found = CoverageGround(rows).look(None, category=kind, most=50)
    assert found.rows == ()
    assert found.level is not None
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in rows:
        if kind in (None, one.category):
            coarser = h3.cell_to_parent(one.key, found.level)
            sums[coarser][0] += one.totals.demand
            sums[coarser][1] += one.totals.covered
    assert {one.cell: [one.demand, one.covered] for one in found.cells} == sums
    assert all(one.gap == one.demand - one.covered for one in found.cells)
    assert [one.gap for one in found.cells] == sorted((one.gap for one in found.cells), reverse=True)
    # with a finer resolution there would be more than can be drawn
    finer = {h3.cell_to_parent(one.key, found.level + 1) for one in rows if h3.get_resolution(one.key) > found.level}
    assert len(found.cells) <= 50 < len(finer)


def test_a_hexagon_partly_in_view_counts_whole() -> None:
    rows = some_rows(1, rings=16)
    seen = box(HELSINKI.lon - 0.05, HELSINKI.lat - 0.02, HELSINKI.lon + 0.03, HELSINKI.lat + 0.02)
    west, south, east, north = seen.bounds
    found = CoverageGround(rows).look((west, south, east, north), most=50)
    assert found.level is not None
    sums: dict[str, int] = defaultdict(int)
    for one in rows:
        sums[h3.cell_to_parent(one.key, found.level)] += one.totals.demand
    touched = {cell: demand for cell, demand in sums.items() if cell_polygon(cell).envelope.intersects(seen)}
    assert {one.cell: one.demand for one in found.cells} == touched
    # some of what counts is out of view, and some hexagons are as well
    assert any(not cell_polygon(cell).within(seen) for cell in touched)
    assert len(touched) < len(sums)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", [None, Category.FOOD])
def test_pages_join_to_all_rows_that_were_meant(seed: int, kind: Category | None) -> None:
    rows = some_rows(seed)
    outline = Polygon(
        [
            (HELSINKI.lon - 0.01, HELSINKI.lat - 0.01),
            (HELSINKI.lon + 0.02, HELSINKI.lat),
            (HELSINKI.lon, HELSINKI.lat + 0.01),
        ]
    )
    expected = [
        one for one in rows
        if kind in (None, one.category) and outline.covers(Point(*reversed(h3.cell_to_latlng(one.key))))
    ]  # fmt: skip
    ground = CoverageGround(rows)
    pages = [
        ground.choose(category=kind, within=outline, offset=first, limit=7) for first in range(0, len(expected) + 7, 7)
    ]
    assert [one for page in pages for one in page.rows] == expected != []
    gaps: dict[str, int] = defaultdict(int)
    for one in expected:
        gaps[one.key] += one.totals.gap
    assert {page.count for page in pages} == {len(expected)}
    assert {page.widest for page in pages} == {max(gaps.values())}
    for name in ("demand", "covered", "covered_best"):
        for category in {one.category for one in expected}:
            total = sum(getattr(one.totals, name) for one in expected if one.category is category)
            assert getattr(pages[0].totals[category], name) == total


def test_one_cell_and_nothing() -> None:
    rows = some_rows(2)
    chosen = CoverageGround(rows).choose(cell=rows[0].key, limit=EVERYTHING)
    assert chosen.rows == tuple(one for one in rows if one.key == rows[0].key)
    nothing = CoverageGround([])
    assert nothing.look(None, most=50).rows == ()
    assert nothing.look((24.0, 60.0, 25.0, 61.0)).rows == ()
    empty = nothing.choose(within=box(0, 0, 1, 1), limit=5)
    assert (empty.rows, empty.count, empty.widest, empty.totals) == ((), 0, 0, {})
