"""The next places of help for stored needs, against coverage as it would be with them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely.geometry import LineString, MultiLineString, MultiPolygon, box
from sqlalchemy import text

from geo.analysis.travel import StraightLineTravel
from geo.domain.drafts import AreaDraft
from geo.domain.place import Location, Point
from geo.domain.siting import CandidateKind, EquityGroup, EquityWeight, Problem, SitesAsked, SitesReport
from geo.domain.words import Access, AssetStatus, Category, LocationState, MatchQuality, StepFree, Urgency
from geo.errors import InvalidInput, OutsideServiceArea
from geo.store import siting
from geo.store.areas import create_area
from geo.store.coverage import Question, compute_coverage
from geo.store.gazetteer_import import StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.siting import propose_sites
from geo.store.sql import load_queries

from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI, draw
from tests.rights import load_source, operator, serve_area
from tests.streets import grid_town

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MODEL = StraightLineTravel()
AROUND = (24.90, 60.15, 24.98, 60.19)


def ask(session: Session, **values: Any) -> SitesReport:
    defaults = {"problem": Problem.MCLP, "category": Category.FOOD, "k": 1, "standard_min": 5.0}
    if "points" in values:
        defaults |= {"candidates": CandidateKind.POINTS}
    return propose_sites(session, SitesAsked(**(defaults | values)), model=MODEL)


def gap(session: Session, category: Category | None = None) -> int:
    totals = compute_coverage(session, Question(MODEL, 5.0)).totals
    return sum(one.gap for word, one in totals.items() if category in (None, word))


def test_the_next_place_is_where_most_would_be_served(session: Session) -> None:
    grid = draw("a..........b..........c", step_m=100)
    for letter, count in (("a", 1), ("b", 3), ("c", 2)):
        for _ in range(count):
            add_need(session, grid[letter])
    found = ask(session, k=2, points=(grid["a"], grid["b"], grid["c"]), capacity=2)
    assert [(site.newly_served, site.cumulative) for site in found.sites] == [(2, 2), (2, 4)]
    assert {site.point for site in found.sites} == {grid["b"], grid["c"]}
    assert (found.before.gap, found.after.gap, found.objective, found.unit) == (6, 2, 4.0, "weighted needs")
    assert (found.is_optimal, found.optimality_gap, found.candidate_count) == (True, 0.0, 3)
    assert found.balance.received == 6
    assert found.travel_model.name == "straight_line"


def test_help_that_is_there_is_fixed_with_its_room(session: Session) -> None:
    grid = draw("a..........b", step_m=100)
    for letter, count in (("a", 3), ("b", 2)):
        for _ in range(count):
            add_need(session, grid[letter])
    add_asset(session, grid["a"], capacity_per_week=2)
    found = ask(session, points=(grid["a"], grid["b"]))
    assert [site.point for site in found.sites] == [grid["b"]]
    assert (found.before.gap, found.after.gap) == (3, 1)


def test_a_new_place_sets_help_free_for_others(session: Session) -> None:
    add_need(session)
    add_need(session, category=Category.WATER)
    add_asset(session, categories=(Category.FOOD, Category.WATER), capacity_per_week=1)
    found = ask(session, points=(HELSINKI,), capacity=1)
    assert (found.all_before.gap, found.all_after.gap) == (1, 0)
    assert found.sites[0].newly_served == 1


def test_a_place_known_by_its_street_only_gains_nothing_surely(session: Session) -> None:
    add_need(session, Location(LocationState.APPROXIMATE, MatchQuality.STREET, HELSINKI, 400.0))
    found = ask(session, points=(HELSINKI,))
    assert (found.sites, found.after.gap, found.unreached) == ((), 1, 1)


@pytest.mark.parametrize(
    ("group", "value", "other"),
    [
        (EquityGroup.LANGUAGE, "ar", {"languages": ("ar",)}),
        (EquityGroup.ACCESS, "no_car", {"access": (Access.NO_CAR,)}),
        (EquityGroup.URGENCY, "critical", {"urgency": Urgency.CRITICAL}),
        (EquityGroup.AREA, "east", {}),
    ],
)
def test_needs_of_a_group_weigh_more(session: Session, group: EquityGroup, value: str, other: dict[str, Any]) -> None:
    grid = draw("a..........b", step_m=100)
    at = grid["b"]
    shape = MultiPolygon([box(at.lon - 0.002, at.lat - 0.002, at.lon + 0.002, at.lat + 0.002)])
    create_area(session, AreaDraft("east", "East", "manual", shape))
    for _ in range(2):
        add_need(session, grid["a"])
    add_need(session, grid["b"], **other)
    points = (grid["a"], grid["b"])
    assert ask(session, points=points).sites[0].point == grid["a"]
    found = ask(session, points=points, equity=(EquityWeight(group, value, 3.0),))
    assert (found.sites[0].point, found.objective, found.sites[0].newly_served) == (grid["b"], 3.0, 1)


def test_a_new_place_keeps_nobody_out(session: Session) -> None:
    add_need(session, languages=("ar",), access=(Access.WHEELCHAIR,))
    add_asset(session, languages=("fi",))
    found = ask(session, points=(HELSINKI,))
    assert (found.before.gap, found.after.gap) == (1, 0)
    assert "to interpret" in found.note


def test_a_group_of_a_language_holds_its_kinds(session: Session) -> None:
    add_need(session, languages=("pt-BR",))
    weights = (EquityWeight(EquityGroup.LANGUAGE, "pt", 3.0),)
    assert ask(session, points=(HELSINKI,), equity=weights).objective == 3.0


def test_the_worst_served_area_comes_first_when_asked(session: Session) -> None:
    grid = draw("a..........b", step_m=100)
    for letter, slug in (("a", "west"), ("b", "east")):
        at = grid[letter]
        shape = MultiPolygon([box(at.lon - 0.002, at.lat - 0.002, at.lon + 0.002, at.lat + 0.002)])
        create_area(session, AreaDraft(slug, slug.title(), "manual", shape))
    for _ in range(7):
        add_need(session, grid["a"])
    for _ in range(3):
        add_need(session, grid["b"])
    add_asset(session, grid["a"], capacity_per_week=3)
    points = (grid["a"], grid["b"])
    assert ask(session, points=points).sites[0].point == grid["a"]
    # four of seven needs in the west are without help, all three in the east: 4 x 1.6 > 3 x 2, 4 x 6.4 < 3 x 10
    assert ask(session, points=points, worst_first=1.0).sites[0].point == grid["a"]
    found = ask(session, points=points, worst_first=9.0)
    assert (found.sites[0].point, found.sites[0].newly_served) == (grid["b"], 3)


def test_every_problem_has_an_answer(session: Session) -> None:
    grid = draw("a....b.....c", step_m=100)
    for letter in "abc":
        add_need(session, grid[letter])
    add_asset(session, grid["a"])
    points = (grid["a"], grid["b"], grid["c"])
    fewest = ask(session, problem=Problem.LSCP, k=None, points=points)
    assert (fewest.objective, fewest.bound, len(fewest.sites), fewest.after.gap) == (2.0, 2.0, 2, 0)
    shortest = ask(session, problem=Problem.P_MEDIAN, points=points)
    assert (shortest.sites[0].point, shortest.unit) == (grid["c"], "weighted minutes")
    assert shortest.objective == pytest.approx(MODEL.minutes(500, shortest.asked.mode), rel=1e-3)
    longest = ask(session, problem=Problem.P_CENTER, points=points)
    assert longest.sites[0].point == grid["c"]
    assert longest.objective == pytest.approx(MODEL.minutes(500, longest.asked.mode), rel=1e-3)


def test_equals_every_choice_worked_out_as_coverage(session: Session) -> None:
    rng = np.random.default_rng(0)
    spots = [Point(HELSINKI.lon + rng.normal(0, 0.008), HELSINKI.lat + rng.normal(0, 0.004)) for _ in range(60)]
    categories = (Category.FOOD, Category.WATER)
    for spot in spots[:40]:
        add_need(session, spot, category=categories[rng.integers(2)])
    for number, spot in enumerate(spots[40:50]):
        offers = (categories, categories[:1], categories[1:])[number % 3]
        add_asset(session, spot, categories=offers, capacity_per_week=int(rng.integers(1, 4)), source_ref=str(number))
    points = tuple(spots[50:56])
    found = ask(session, points=points, k=2, capacity=4)
    before = gap(session)
    gaps = {}
    for pair in combinations(points, 2):
        with session.begin_nested() as trial:
            for at, point in enumerate(pair):
                add_asset(session, point, capacity_per_week=4, source_ref=f"new {at}")
            gaps[frozenset(pair)] = (gap(session), gap(session, Category.FOOD))
            trial.rollback()
    chosen = gaps[frozenset(site.point for site in found.sites)]
    assert chosen[0] == min(all_gap for all_gap, _ in gaps.values())
    assert (found.all_before.gap, found.all_after.gap, found.after.gap) == (before, *chosen)
    assert found.sites[-1].cumulative == before - chosen[0]
    assert found.sites[0].newly_served >= found.sites[1].newly_served
    assert gap(session) == before


def test_vacant_places_are_public_and_closed_or_without_this_help(session: Session) -> None:
    grid = draw("a.b.c.d.e.f", step_m=50)
    add_asset(session, grid["a"], name="closed", status=AssetStatus.TEMPORARILY_CLOSED, source_ref="a")
    add_asset(session, grid["b"], name="idle", status=AssetStatus.INACTIVE, source_ref="b")
    add_asset(session, grid["c"], name="water only", categories=(Category.WATER,), source_ref="c")
    add_asset(session, grid["d"], name="open", source_ref="d")
    add_asset(session, grid["e"], name="gone", status=AssetStatus.DEFUNCT, source_ref="e")
    add_asset(session, grid["f"], name="home", status=AssetStatus.INACTIVE, is_private=True, source_ref="f")
    for letter in "abcdef":
        add_need(session, grid[letter])
    found = ask(session, k=3, capacity=1, candidates=CandidateKind.VACANT)
    assert {site.label for site in found.sites} == {"closed", "idle", "water only"}
    thinned = ask(session, k=2, candidates=CandidateKind.VACANT, most_candidates=2)
    assert thinned.candidate_count == 2
    with pytest.raises(InvalidInput) as refused:
        ask(session, k=4, candidates=CandidateKind.VACANT)
    assert refused.value.field == "k"


def load_doors(session: Session) -> list[Point]:
    doors = [Point(HELSINKI.lon + 0.001 * at, HELSINKI.lat) for at in range(6)]
    line = MultiLineString([LineString([(p.lon, p.lat) for p in doors])])
    rows = [AddressRow("Testikatu", str(at + 1), point, "00100", "Helsinki") for at, point in enumerate(doors)]
    info = SourceInfo(slug="test", name="Test town", licence="ODbL 1.0", attribution="Test", checksum="0")
    load_source(session, info, addresses=rows, streets=[StreetRow("Testikatu", line, 300.0, "Helsinki")])
    return doors


def test_the_lattice_covers_the_service_area_and_stays_in_it(session: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(session)
    assert refused.value.field == "candidates"
    serve_area(session, AROUND)
    add_need(session)
    found = ask(session, k=1)
    assert 100 < found.candidate_count <= 500
    assert (found.before.gap, found.after.gap) == (1, 0)
    west, south, east, north = AROUND
    assert west <= found.sites[0].point.lon <= east
    assert south <= found.sites[0].point.lat <= north
    shape = MultiPolygon([box(24.95, 60.16, 24.97, 60.18)])
    create_area(session, AreaDraft("part", "Part", "manual", shape))
    add_need(session, Point(24.96, 60.17))
    part = ask(session, k=5, area="part")
    assert [24.95 <= site.point.lon <= 24.97 for site in part.sites] == [True]
    with pytest.raises(InvalidInput) as refused:
        ask(session, area="nowhere")
    assert refused.value.field == "area"


def test_points_outside_are_refused(session: Session) -> None:
    serve_area(session, AROUND)
    with pytest.raises(OutsideServiceArea) as refused:
        ask(session, points=(HELSINKI, Point(2.35, 48.85)))
    assert refused.value.field == "points"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"standard_min": 0}, "standard_min"),
        ({"standard_min": 1e9}, "standard_min"),
        ({"capacity": -1}, "capacity"),
        ({"k": 2}, "k"),
        ({"k": -1}, "k"),
        ({"k": None}, "k"),
        ({"problem": Problem.P_CENTER, "capacity": 3}, "capacity"),
        ({"worst_first": -1.0}, "worst_first"),
        ({"worst_first": float("nan")}, "worst_first"),
        ({"equity": (EquityWeight(EquityGroup.AREA, "a", -2.0),)}, "equity"),
    ],
)
def test_questions_that_cannot_be_are_refused(session: Session, asked: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(session, **({"points": (HELSINKI,)} | asked))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("problem", "limit"),
    [(problem, "MOST_PAIRS") for problem in Problem]
    + [(problem, "MOST_PROGRAM_PAIRS") for problem in Problem if problem is not Problem.MCLP],
)
def test_too_many_pairs_are_refused(
    session: Session, monkeypatch: pytest.MonkeyPatch, problem: Problem, limit: str
) -> None:
    add_need(session)
    monkeypatch.setattr(siting, limit, 0)
    with pytest.raises(InvalidInput) as refused:
        ask(session, problem=problem, points=(HELSINKI,))
    assert refused.value.field == "candidates"


def test_along_streets_the_gap_is_that_of_coverage_along_streets(session: Session) -> None:
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    rng = np.random.default_rng(0)
    for _ in range(25):
        add_need(session, Point(HELSINKI.lon + rng.normal(0, 0.006), HELSINKI.lat + rng.normal(0, 0.003)))
    add_asset(session, capacity_per_week=2)
    points = tuple(Point(HELSINKI.lon + x, HELSINKI.lat) for x in (-0.008, -0.004, 0.004, 0.008))

    def count() -> int:
        return compute_coverage(session, Question(town, 5.0)).totals[Category.FOOD].gap

    asked = SitesAsked(Problem.MCLP, Category.FOOD, 2, 5.0, candidates=CandidateKind.POINTS, points=points, capacity=6)
    found = propose_sites(session, asked, model=town)
    assert (found.before.gap, found.travel_model) == (count(), town.info)
    assert found.after.gap < found.before.gap
    for at, site in enumerate(found.sites):
        add_asset(session, site.point, capacity_per_week=6, source_ref=f"new {at}", step_free=StepFree.YES)
    assert found.after.gap == count()


def test_along_streets_ways_are_measured_along_them(session: Session) -> None:
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    grid = draw("N....a", step_m=100)
    need = grid["N"]
    add_need(session, need)
    asked = SitesAsked(Problem.P_MEDIAN, Category.FOOD, 1, 5.0, candidates=CandidateKind.POINTS, points=(grid["a"],))
    found = propose_sites(session, asked, model=town)
    ((minutes,),) = town.matrix([[need.lon, need.lat]], [[grid["a"].lon, grid["a"].lat]], asked.mode)
    assert found.objective == pytest.approx(minutes)


def test_along_streets_fewer_candidates_are_looked_at(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    add_need(session)
    serve_area(session, AROUND)
    monkeypatch.setattr(siting, "MOST_DRAWN", 1)
    monkeypatch.setattr(siting, "MOST_MEASURED", 0)
    for problem in (Problem.MCLP, Problem.P_MEDIAN):
        asked = SitesAsked(problem, Category.FOOD, 1, 5.0, most_candidates=30)
        with pytest.raises(InvalidInput) as refused:
            propose_sites(session, asked, model=town)
        assert refused.value.field == "candidates"


def test_nothing_asked_and_nothing_there_are_answers(session: Session) -> None:
    for problem in Problem:
        found = ask(session, problem=problem, points=(HELSINKI,))
        assert (found.before.demand, found.after.gap, found.unreached) == (0, 0, 0)
    add_helper(session)
    assert ask(session, k=0, points=(HELSINKI,)).sites == ()


def test_a_solver_that_is_cut_says_so(session: Session) -> None:
    rng = np.random.default_rng(0)
    for _ in range(150):
        add_need(session, Point(HELSINKI.lon + rng.normal(0, 0.02), HELSINKI.lat + rng.normal(0, 0.01)))
    serve_area(session, AROUND)
    cut = ask(session, k=9, capacity=7, time_limit_s=1e-3)
    assert cut.objective <= cut.bound
    assert cut.is_optimal == (cut.bound_by == "proof") == (cut.optimality_gap == 0.0)
    whole = ask(session, k=9, capacity=7, time_limit_s=30.0)
    assert cut.objective <= whole.objective <= cut.bound + 1e-6


def test_doors_are_found_by_the_index_and_each_once(session: Session) -> None:
    doors = load_doors(session)
    serve_area(session, AROUND)
    add_need(session, doors[0])
    found = ask(session, candidates=CandidateKind.ADDRESSES, most_candidates=2000)
    assert found.candidate_count <= len(doors)
    assert found.sites[0].label.startswith("Testikatu")
    assert "home" in found.note
    with operator(session):
        session.execute(text("ANALYZE geo_address"))
    session.execute(text("SET LOCAL enable_seqscan = off"))
    values = {"lons": [HELSINKI.lon], "lats": [HELSINKI.lat], "width_deg": 0.01, "height_deg": 0.01}
    plan = "\n".join(session.scalars(text("EXPLAIN " + load_queries("siting")["nearest_doors"]), values))
    assert "ix_geo_address_geom" in plan, plan
    assert "Order By" in plan
