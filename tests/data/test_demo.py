"""The main job on the real city, against the truth and against brute force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import func, select

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.graph import open_streets
from geo.crs import geodesic_m
from geo.domain.place import Point
from geo.domain.words import Access, Category, LocationState, Mode
from geo.store import tables
from geo.store.coverage import Question, compute_coverage
from geo.store.demand import Asked, list_demand
from geo.store.engine import make_sessions, transaction
from geo.store.gazetteer_sources import list_addresses
from geo.store.needs import count_balance, get_need
from geo.store.review import list_review
from geo.store.supply import Helping, list_supply

from data.demo import run_demo
from data.demo.people import HELPERS
from data.synth import make_people
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from data.synth import SynthCity
    from tests.conftest import DemoCity

MODEL = StraightLineTravel()
SAME_DOOR_M = 0.01


@pytest.fixture
def stored(demo_city: DemoCity) -> Iterator[Session]:
    with make_sessions(demo_city.engine)() as session:
        yield session


@pytest.fixture
def people(demo_city: DemoCity, stored: Session) -> SynthCity:
    return make_people(list_addresses(stored), seed=0, helpers=HELPERS, now=demo_city.now)


def exact_points(session: Session) -> dict[Any, tuple[float, float]]:
    exact = tables.location_exact
    query = select(exact.c.need_id, func.ST_X(exact.c.geom), func.ST_Y(exact.c.geom))
    return {row[0]: (row[1], row[2]) for row in session.execute(query.where(exact.c.need_id.is_not(None)))}


def test_the_city_is_real(demo_city: DemoCity) -> None:
    assert demo_city.report.gazetteer["address_points"] >= 1400
    assert demo_city.report.gazetteer["streets"] >= 80


def test_every_clean_address_is_found_at_its_own_door(stored: Session, people: SynthCity) -> None:
    points = exact_points(stored)
    clean = [need for need in people.needs if need.truth_kind == "clean"]
    assert len(clean) > 450
    for made in clean:
        assert made.truth_point is not None
        assert made.draft.id is not None
        assert get_need(stored, made.draft.id).location_state is LocationState.LOCATED, made.address_typed
        lon, lat = points[made.draft.id]
        assert geodesic_m(lon, lat, made.truth_point.lon, made.truth_point.lat) < SAME_DOOR_M, made.address_typed


def test_a_mistyped_address_is_found_right_or_goes_to_a_person(stored: Session, people: SynthCity) -> None:
    points = exact_points(stored)
    for made in [need for need in people.needs if need.truth_kind == "typo"]:
        assert made.draft.id is not None
        assert made.truth_point is not None
        if get_need(stored, made.draft.id).location_state is LocationState.LOCATED:
            assert geodesic_m(*points[made.draft.id], made.truth_point.lon, made.truth_point.lat) < SAME_DOOR_M


def test_a_street_without_a_number_is_placed_roughly_and_says_how_roughly(stored: Session, people: SynthCity) -> None:
    points = exact_points(stored)
    streets = [need for need in people.needs if need.truth_kind == "street"]
    assert streets
    for made in streets:
        assert made.draft.id is not None
        assert made.truth_point is not None
        need = get_need(stored, made.draft.id)
        assert need.location_state is LocationState.APPROXIMATE, made.address_typed
        off = geodesic_m(*points[made.draft.id], made.truth_point.lon, made.truth_point.lat)
        assert need.uncertainty_m is not None
        assert off <= need.uncertainty_m + 60, made.address_typed


def test_every_unfindable_address_waits_in_the_review_queue(stored: Session, people: SynthCity) -> None:
    waiting = {item.need.id for item in list_review(stored, limit=1000)}
    lost = [
        n for n in people.needs if n.truth_kind == "unfindable" and not n.draft.withheld and n.status.value == "open"
    ]
    assert lost
    assert {need.draft.id for need in lost} <= waiting


def test_the_balance_adds_up_and_nobody_is_lost(demo_city: DemoCity, stored: Session, people: SynthCity) -> None:
    balance = count_balance(stored)
    assert balance.received == balance.parts == len(people.needs) == 600
    assert demo_city.report.as_dict()["needs"] == balance.as_dict()
    demand = sum(t.demand for t in demo_city.report.coverage.totals.values())
    assert demand == balance.located + balance.approximate


def may_serve(asked: Asked, helping: Helping) -> bool:
    """Say in words whom help suits surely; the demonstration's network speaks Finnish, Swedish and English."""
    talks = helping.interpreter or not asked.languages or set(asked.languages) & set(helping.languages)
    gets_in = helping.is_helper or asked.mode is not Mode.WHEELCHAIR or helping.step_free in ("yes", "limited")
    assert helping.languages
    return bool(asked.category in helping.categories and talks and gets_in)


def reach_between_m(asked: Asked, helping: Helping, standard_min: float) -> float:
    """Whoever has the way goes in their own mode, and a helper no longer than they said."""
    if not helping.is_helper:
        return MODEL.reach_m(standard_min, asked.mode)
    assert helping.mode
    assert helping.max_travel_min
    return MODEL.reach_m(min(standard_min, helping.max_travel_min), helping.mode)


def brute_force_served(stored: Session, standard_min: float) -> tuple[list[str], list[bool], list[str]]:
    """Greedy admission by priority with plain augmenting paths over a dense matrix of geodesic distances."""
    asked, helping = list_demand(stored, by="hex", mode=Mode.WALK), list_supply(stored)
    metres = geodesic_m(
        np.array([[a.lon] for a in asked]), np.array([[a.lat] for a in asked]),
        np.array([[h.lon for h in helping]]), np.array([[h.lat for h in helping]]),
    )  # fmt: skip
    can = np.array(
        [
            [
                may_serve(a, h) and metres[i, j] + a.uncertainty_m <= reach_between_m(a, h, standard_min)
                for j, h in enumerate(helping)
            ]
            for i, a in enumerate(asked)
        ]
    )
    slots = np.repeat(np.arange(len(helping)), [h.capacity for h in helping])
    holder: list[int | None] = [None] * len(slots)
    of_place = [np.flatnonzero(slots == j).tolist() for j in range(len(helping))]

    def admit(need: int, seen: set[int]) -> bool:
        for place in np.flatnonzero(can[need]).tolist():
            for slot in of_place[place]:
                if slot in seen:
                    continue
                seen.add(slot)
                if holder[slot] is None or admit(holder[slot], seen):
                    holder[slot] = need
                    return True
        return False

    served = [False] * len(asked)
    for need in sorted(range(len(asked)), key=lambda i: (asked[i].rank, i)):
        served[need] = admit(need, set())
    return [a.key for a in asked], served, [a.category.value for a in asked]


@pytest.mark.parametrize("standard_min", [2.0, 5.0])
def test_gaps_equal_brute_force(stored: Session, standard_min: float) -> None:
    report = compute_coverage(stored, Question(MODEL, standard_min))
    keys, served, categories = brute_force_served(stored, standard_min)
    expected: dict[tuple[str, str], list[int]] = {}
    for key, is_served, category in zip(keys, served, categories, strict=True):
        tally = expected.setdefault((key, category), [0, 0])
        tally[0] += 1
        tally[1] += is_served
    found = {(r.key, r.category.value): [r.totals.demand, r.totals.covered] for r in report.rows}
    assert found == expected
    assert sum(r.totals.gap for r in report.rows) > 0


def test_the_nearest_helpers_equal_brute_force(demo_city: DemoCity, stored: Session) -> None:
    exact, helper = tables.location_exact, tables.helper
    columns = (func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"))
    homes = stored.execute(select(helper, *columns).join(exact, exact.c.helper_id == helper.c.id)).all()
    points = exact_points(stored)
    speed = {"none": Mode.WALK, "bicycle": Mode.BICYCLE, "car": Mode.CAR}
    places = np.array([[h.lon, h.lat] for h in homes])
    travel = open_streets(demo_city.home) or MODEL
    assert len(demo_city.report.help) == demo_city.report.coverage.balance.mapped
    assert {found.nearest.travel_model for found in demo_city.report.help} == {travel.info}
    # everything is read, and measuring takes its time
    stored.rollback()
    for found in demo_city.report.help[::9]:
        ways = {mode: travel.matrix(places, [points[found.need.id]], mode)[:, 0].tolist() for mode in speed.values()}
        suitable = []
        for i, home in enumerate(homes):
            minutes = ways[speed[home.vehicle]][i]
            asks = {code.partition("-")[0] for code in found.need.languages}
            spoken = {code.partition("-")[0] for code in home.languages or ("fi", "sv", "en")}
            speaks = not asks or home.interpreter or asks & spoken
            drives = found.need.category is not Category.TRANSPORT or home.vehicle == "car"
            fits = found.need.category.value in home.categories and home.load < home.capacity_per_week and drives
            if fits and speaks and home.status == "active" and minutes <= home.max_travel_min:
                asked = home.last_asked_at
                suitable.append((round(minutes, 9), home.load, asked is not None, asked, str(home.id)))
        ranked = [entry[-1] for entry in sorted(suitable)]
        assert [str(result.id) for result in found.nearest.results] == ranked[:3]
    if not isinstance(travel, StraightLineTravel):
        travel.close()


def test_what_is_written_is_geojson_without_an_exact_place(demo_city: DemoCity, stored: Session) -> None:
    needs = json.loads(demo_city.report.geojson["needs"].read_text("utf-8"))
    assert len(needs["features"]) == 600
    written = json.dumps(needs)
    for lon, lat in exact_points(stored).values():
        if lon is not None:
            assert f"{lon:.5f}, {lat:.5f}" not in written
    kinds = {f["geometry"]["type"] for f in needs["features"] if f["geometry"]}
    assert kinds == {"Polygon"}


def test_it_can_be_read_by_people_and_machines(demo_city: DemoCity) -> None:
    said = demo_city.report.as_text()
    assert "600 received" in said
    assert "OpenStreetMap" in said
    assert set(demo_city.report.as_dict()) >= {
        "needs", "gazetteer", "gaps", "nearest", "travel_model", "geojson", "elapsed_s",
    }  # fmt: skip
    json.dumps(demo_city.report.as_dict())


@pytest.mark.slow
def test_doing_it_again_changes_nothing(demo_city: DemoCity) -> None:
    sessions = make_sessions(demo_city.engine, role=None, keys=RING)
    with transaction(sessions) as session:
        before = [count_balance(session).as_dict(), session.scalar(select(func.count()).select_from(tables.asset))]
        place = session.scalars(select(tables.need.c.version).order_by(tables.need.c.id)).all()
    again = run_demo(sessions, home=demo_city.home, now=demo_city.now)
    with transaction(sessions) as session:
        after = [count_balance(session).as_dict(), session.scalar(select(func.count()).select_from(tables.asset))]
        assert session.scalars(select(tables.need.c.version).order_by(tables.need.c.id)).all() == place
    assert before == after
    assert again.as_dict()["gaps"] == demo_city.report.as_dict()["gaps"]


def test_wheelchairs_are_in_the_mix(people: SynthCity) -> None:
    assert any(Access.WHEELCHAIR in need.draft.access for need in people.needs)
    assert all(isinstance(need.truth_point, Point) for need in people.needs if need.truth_kind != "unfindable")
