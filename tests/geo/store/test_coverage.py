from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely.geometry import MultiLineString, MultiPolygon, box

from geo.analysis.travel import StraightLineTravel
from geo.crs import metres_per_degree
from geo.domain.drafts import AreaDraft
from geo.domain.place import Location, Point
from geo.domain.words import Access, AssetStatus, Category, LocationState, MatchQuality, Mode, Urgency
from geo.errors import InvalidInput
from geo.privacy.cells import cell_centre, cell_of, cell_polygon
from geo.store.areas import create_area
from geo.store.cell_names import name_cells
from geo.store.coverage import Question, compute_coverage, serve
from geo.store.demand import list_demand
from geo.store.gazetteer_import import StreetRow
from geo.store.gazetteer_sources import SourceInfo
from geo.store.needs import update_need
from geo.store.supply import list_supply

from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI, draw
from tests.rights import load_source, serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageReport

MODEL = StraightLineTravel()


def report(session: Session, *, category: Category | None = None, **asked: Any) -> CoverageReport:
    return compute_coverage(session, Question(MODEL, **({"standard_min": 5.0} | asked)), category=category)


def test_capacity_counts(session: Session) -> None:
    for _ in range(3):
        add_need(session)
    add_asset(session, capacity_per_week=2, name="Corner pantry")
    (row,) = report(session).rows
    assert (row.totals.demand, row.totals.covered, row.totals.gap) == (3, 2, 1)
    assert row.why == "1 of 3 find the help within reach full (Corner pantry)."


def test_out_of_reach_is_a_row_not_a_hole(session: Session) -> None:
    grid = draw("N.....A", step_m=100)
    add_need(session, grid["N"])
    add_asset(session, grid["A"])
    (row,) = report(session).rows
    assert (row.totals.gap, row.out_of_reach, row.supply) == (1, 1, 0)
    assert row.why == "1 of 1 have no help with food within 5 minutes on foot."
    assert report(session, standard_min=10).totals[Category.FOOD].gap == 0


def test_a_place_that_helps_with_two_things_has_its_capacity_once(session: Session) -> None:
    add_need(session, category=Category.FOOD)
    add_need(session, category=Category.WATER)
    add_asset(session, categories=(Category.FOOD, Category.WATER), capacity_per_week=1)
    found = report(session)
    assert sum(t.covered for t in found.totals.values()) == 1
    only = report(session, category=Category.WATER)
    assert only.totals == {Category.WATER: found.totals[Category.WATER]}


def test_the_urgent_are_served_first(session: Session) -> None:
    grid = draw("a....X....b", step_m=60)
    add_need(session, grid["a"])
    add_need(session, grid["b"], urgency=Urgency.CRITICAL)
    add_asset(session, grid["X"], capacity_per_week=1)
    gaps = {row.key: row.totals.gap for row in report(session).rows}
    assert sorted(gaps.values()) == [0, 1]
    asked = list_demand(session, by="hex", mode=report(session).mode)
    outcome = serve(session, asked, list_supply(session), model=MODEL, standard_min=5)
    served = dict(zip([a.rank for a in asked], outcome.served, strict=True))
    assert served == {0: True, 2: False}


def test_a_place_known_by_its_street_only_is_not_surely_covered(session: Session) -> None:
    add_need(session, Location(LocationState.APPROXIMATE, MatchQuality.STREET, HELSINKI, 400.0))
    add_asset(session)
    (row,) = report(session).rows
    assert (row.totals.covered, row.totals.covered_best) == (0, 1)


def test_wheelchairs_reach_less_far(session: Session) -> None:
    grid = draw("N..A", step_m=90)
    add_need(session, grid["N"], access=(Access.WHEELCHAIR,))
    add_asset(session, grid["A"])
    assert report(session).totals[Category.FOOD].gap == 1


def test_what_does_not_count_is_counted_by_reason(session: Session) -> None:
    add_need(session)
    add_asset(session, capacity_per_week=None, source_ref="1")
    add_asset(session, status=AssetStatus.TEMPORARILY_CLOSED, source_ref="2")
    add_helper(session, load=1)
    add_helper(session, None)
    found = report(session)
    assert found.excluded_supply == {
        "asset capacity not known": 1, "asset not active": 1, "helper full this week": 1, "helper without a place": 1,
    }  # fmt: skip
    assert found.totals[Category.FOOD].gap == 1


def test_the_home_of_a_private_asset_counts_without_being_shown(session: Session) -> None:
    add_need(session)
    asset = add_asset(session, is_private=True)
    assert asset.point is None
    assert report(session).totals[Category.FOOD].gap == 0


def test_closed_and_withheld_needs_are_no_demand_but_stay_in_the_balance(session: Session) -> None:
    add_need(session, withheld=True)
    update_need(session, add_need(session).id, {"status": "met"})
    found = report(session)
    assert found.rows == ()
    assert (found.balance.withheld, found.balance.closed, found.balance.received) == (1, 1, 2)


def test_by_area_each_need_counts_once_in_the_smallest(session: Session) -> None:
    grid = draw("a..b", step_m=100)
    for slug, wide in (("district", 0.02), ("block", 0.0005)):
        at = grid["a"]
        shape = MultiPolygon([box(at.lon - wide, at.lat - wide, at.lon + wide, at.lat + wide)])
        create_area(session, AreaDraft(slug, slug.title(), "manual", shape))
    add_need(session, grid["a"])
    add_need(session, grid["b"])
    add_need(session, Point(25.5, 60.5))
    rows = {row.key: row.label for row in report(session, by="area").rows}
    assert rows == {"block": "Block", "district": "District", "elsewhere": "Outside every area"}


@pytest.mark.parametrize("standard", [0, -1, 1e9, float("nan")])
def test_refuses_standards_nobody_could_mean(session: Session, standard: float) -> None:
    with pytest.raises(InvalidInput):
        report(session, standard_min=standard)


def test_coverage_and_gap_add_up_to_demand_everywhere(session: Session) -> None:
    rng = np.random.default_rng(0)
    for index in range(120):
        at = Point(HELSINKI.lon + rng.normal(0, 0.01), HELSINKI.lat + rng.normal(0, 0.005))
        add_need(session, at, category=list(Category)[rng.integers(3)])
        if index % 6 == 0:
            add_asset(session, at, capacity_per_week=int(rng.integers(1, 6)), source_ref=str(index))
    found = report(session)
    assert sum(r.totals.demand for r in found.rows) == found.balance.mapped == 120
    for category, totals in found.totals.items():
        rows = [r.totals for r in found.rows if r.category == category]
        assert totals.demand == sum(r.demand for r in rows)
        assert totals.gap == sum(r.gap for r in rows)
        assert all(r.covered + r.gap == r.demand for r in rows)


def test_cells_are_named_by_their_streets_once_for_each_line(session: Session) -> None:
    line = MultiLineString([[(HELSINKI.lon - 0.01, HELSINKI.lat), (HELSINKI.lon + 0.01, HELSINKI.lat)]])
    other = MultiLineString([[(HELSINKI.lon, HELSINKI.lat - 0.01), (HELSINKI.lon, HELSINKI.lat + 0.01)]])
    source = SourceInfo("test", "t", "l", "a", "c")
    streets = [
        StreetRow("Yhtiökatu", line, 1.0),
        StreetRow("Bolagsgatan", line, 1.0),
        StreetRow("Poikkikatu", other, 1.0),
    ]
    load_source(session, source, addresses=[], streets=streets, places=[], postcodes=[])
    cell = cell_of(HELSINKI)
    assert set(name_cells(session, [cell])[cell].split(" / ")) == {"Yhtiökatu", "Poikkikatu"}
    assert name_cells(session, []) == {}


def served_up_to(session: Session, metres_east: float) -> None:
    """Serve everything around but what is so far east of the middle of the cell of HELSINKI."""
    middle = cell_centre(cell_of(HELSINKI))
    east = middle.lon + metres_east / metres_per_degree(middle.lat)[0]
    serve_area(session, (HELSINKI.lon - 1, HELSINKI.lat - 1, east, HELSINKI.lat + 1))


def test_cells_whose_reach_leaves_the_loaded_area_are_marked(session: Session) -> None:
    add_need(session)
    # without a served area the hull of what was loaded stands for it, and one cell spans none
    assert [row.edge for row in report(session).rows] == [True]
    reach_m, cell_m = MODEL.reach_m(5, Mode.WALK), 230.0
    for metres, is_near in ((reach_m - 5, True), (reach_m + cell_m, False), (-100, True)):
        served_up_to(session, metres)
        assert [row.edge for row in report(session).rows] == [is_near], metres
    served_up_to(session, reach_m + cell_m)
    assert [row.edge for row in report(session, standard_min=10).rows] == [True]


def test_no_need_whose_reach_leaves_the_loaded_area_is_in_a_row_without_a_mark(session: Session) -> None:
    middle = cell_centre(cell_of(HELSINKI))
    for corner in cell_polygon(cell_of(HELSINKI)).exterior.coords[:-1]:
        # nearly at the corner, and in the cell
        add_need(session, Point(*(0.001 * np.array([middle.lon, middle.lat]) + 0.999 * np.array(corner))))
    asked = list_demand(session, by="hex", mode=Mode.WALK)
    reach_m = MODEL.reach_m(5, Mode.WALK)
    for metres in range(200, 800, 20):
        served_up_to(session, metres)
        border = middle.lon + metres / metres_per_degree(middle.lat)[0]
        leaves = any((border - one.lon) * metres_per_degree(one.lat)[0] < reach_m for one in asked)
        assert report(session).rows[0].edge or not leaves


def test_areas_are_marked_by_any_part_of_them_and_what_is_outside_all_always(session: Session) -> None:
    grid = draw("a...........b", step_m=100)
    for slug in "ab":
        at = grid[slug]
        shape = MultiPolygon([box(at.lon - 0.001, at.lat - 0.001, at.lon + 0.001, at.lat + 0.001)])
        create_area(session, AreaDraft(slug, slug, "manual", shape))
        add_need(session, at)
    add_need(session, Point(HELSINKI.lon, HELSINKI.lat + 0.1))
    serve_area(session, (HELSINKI.lon - 1, HELSINKI.lat - 1, grid["b"].lon + 0.002, HELSINKI.lat + 1))
    marks = {row.key: row.edge for row in report(session, by="area").rows}
    assert marks == {"a": False, "b": True, "elsewhere": True}


def test_the_border_is_as_straight_on_the_globe_as_it_was_said(session: Session) -> None:
    """A parallel bends in metres: drawn as a chord it would lie 1.7 kilometres north of where it is."""
    add_need(session, HELSINKI)
    serve_area(session, (HELSINKI.lon - 2, HELSINKI.lat - 0.01, HELSINKI.lon + 2, HELSINKI.lat + 1))
    assert [row.edge for row in report(session).rows] == [False]
