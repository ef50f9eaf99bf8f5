from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import select, text

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.crs import geodesic_m
from geo.domain.hours import Window
from geo.domain.nearest import PassedOver
from geo.domain.place import Point
from geo.domain.words import Access, Category, HelperStatus, Mode, StepFree, Vehicle
from geo.errors import Conflict, InvalidInput, TravelFailed
from geo.store import nearest_pages
from geo.store.helpers import update_helper
from geo.store.nearest import find_nearest, find_nearest_to_point
from geo.store.nearest_many import find_nearest_many
from geo.store.tables import location_exact

from tests.factories import add_asset, add_helper, add_need, waiting
from tests.grid import HELSINKI, draw
from tests.rights import operator
from tests.streets import INFO, grid_town

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MODEL = StraightLineTravel()
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def names(session: Session, need_id: object, **options: object) -> list[str]:
    return [r.name for r in find_nearest(session, need_id, model=MODEL, **options).results]  # type: ignore[arg-type]


def test_the_nearest_come_first_and_the_unsuitable_not_at_all(session: Session) -> None:
    grid = draw("N a b c d e f")
    need = add_need(session, grid["N"], languages=("ar",))
    add_helper(session, grid["a"], public_name="other help", categories=(Category.WATER,), languages=("ar",))
    add_helper(session, grid["b"], public_name="no language", languages=("fi",))
    add_helper(session, grid["c"], public_name="full", languages=("ar",), load=1)
    add_helper(session, grid["d"], public_name="paused", languages=("ar",), status=HelperStatus.PAUSED)
    add_helper(session, grid["e"], public_name="suits", languages=("fi", "ar"))
    add_helper(session, grid["f"], public_name="suits too", languages=("ar",))
    add_helper(session, None, public_name="no home", languages=("ar",))
    report = find_nearest(session, need.id, model=MODEL)
    assert [r.name for r in report.results] == ["suits", "suits too"]
    assert report.passed_over == {
        "does not help with this": 1, "full this week": 1, "no shared language": 1, "not active now": 1,
    }  # fmt: skip


def test_ranks_by_minutes_of_the_helpers_own_way(session: Session) -> None:
    grid = draw("N . a . . . . . . b", step_m=100)
    need = add_need(session, grid["N"])
    add_helper(session, grid["a"], public_name="on foot")
    add_helper(session, grid["b"], public_name="by car", vehicle=Vehicle.CAR)
    assert names(session, need.id) == ["by car", "on foot"]
    assert names(session, need.id, limit=1) == ["by car"]


def test_nobody_is_asked_to_go_farther_than_they_said(session: Session) -> None:
    need = add_need(session)
    add_helper(session, draw("N.....a", step_m=200)["a"], max_travel_min=5)
    assert names(session, need.id) == []


def test_says_why_in_one_sentence(session: Session) -> None:
    need = add_need(session, languages=("ar",))
    asked = NOW - timedelta(days=9)
    add_helper(
        session, draw("N.a")["a"], languages=("ar", "fi"), capacity_per_week=3, load=1, last_asked_at=asked,
    )  # fmt: skip
    (found,) = find_nearest(session, need.id, model=MODEL, now=NOW).results
    assert found.reason == "about 4 min on foot, speaks Arabic, has room for 2 more this week, last asked 9 days ago"


def test_equal_minutes_go_by_load_then_by_who_waited_longest(session: Session) -> None:
    need = add_need(session)
    add_helper(session, public_name="busy", capacity_per_week=5, load=2)
    add_helper(session, public_name="asked lately", last_asked_at=NOW)
    add_helper(session, public_name="asked long ago", last_asked_at=NOW - timedelta(days=40))
    add_helper(session, public_name="never asked")
    assert names(session, need.id) == ["never asked", "asked long ago", "asked lately", "busy"]


def test_assets_suit_by_category_status_and_step(session: Session) -> None:
    grid = draw("N a b c")
    need = add_need(session, grid["N"], access=(Access.WHEELCHAIR,))
    add_asset(session, grid["a"], name="steps", step_free=StepFree.NO)
    add_asset(session, grid["b"], name="full", capacity_per_week=0)
    add_asset(session, grid["c"], name="flat", step_free=StepFree.YES)
    report = find_nearest(session, need.id, kind="asset", model=MODEL)
    assert [(r.name, r.mode) for r in report.results] == [("flat", Mode.WHEELCHAIR)]
    assert report.passed_over == {"full": 1, "not step-free": 1}


def test_a_need_without_a_place_has_no_nearest(session: Session) -> None:
    with pytest.raises(Conflict):
        find_nearest(session, add_need(session, waiting()).id, model=MODEL)
    with pytest.raises(InvalidInput):
        find_nearest(session, add_need(session).id, limit=0, model=MODEL)


@pytest.mark.parametrize(("seed", "looked_at"), [(0, 5000), (1, 5000), (2, 5000), (0, 20), (1, 1)])
def test_equals_brute_force(session: Session, monkeypatch: pytest.MonkeyPatch, seed: int, looked_at: int) -> None:
    monkeypatch.setattr(nearest_pages, "LOOKED_AT", looked_at)
    rng = np.random.default_rng(seed)
    vehicles = list(Vehicle)
    people = []
    for index in range(300):
        home = Point(HELSINKI.lon + rng.normal(0, 0.03), HELSINKI.lat + rng.normal(0, 0.015))
        vehicle = vehicles[rng.integers(3)]
        cats = (Category.FOOD,) if rng.random() < 0.5 else (Category.WATER,)
        helper = add_helper(session, home, public_name=f"h{index}", vehicle=vehicle, categories=cats, max_travel_min=15)
        people.append((helper, home))
    need = add_need(session)
    expected = []
    for helper, home in people:
        metres = float(geodesic_m(HELSINKI.lon, HELSINKI.lat, home.lon, home.lat))
        minutes = MODEL.minutes(metres, helper.mode)
        if Category.FOOD in helper.categories and minutes <= helper.max_travel_min:
            expected.append((minutes, helper.public_name))
    for limit in (1, 5, 50):
        assert names(session, need.id, limit=limit) == [name for _, name in sorted(expected)[:limit]]


def test_uses_the_spatial_index(session: Session) -> None:
    for index in range(400):
        vehicle = list(Vehicle)[index % 3]
        add_helper(session, Point(HELSINKI.lon + index * 1e-4, HELSINKI.lat), vehicle=vehicle)
        add_asset(session, Point(HELSINKI.lon + index * 1e-4, HELSINKI.lat), source_ref=str(index))
    with operator(session):
        session.execute(text("ANALYZE restricted.location_exact; ANALYZE asset"))
    session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"))
    values = told(category=Category.FOOD)
    # with so few helpers either index will do
    way_index, asset_index = "_geog", "ix_asset_geog"
    for name, index_name in (
        ("nearest_helpers", way_index), ("nearest_helpers_around", way_index),
        ("passed_over_helpers", "_geog"), ("nearest_assets", asset_index),
        ("nearest_assets_around", asset_index), ("passed_over_assets", asset_index),
    ):  # fmt: skip
        plan = "\n".join(session.scalars(text("EXPLAIN " + nearest_pages.statements()[name]), values))
        assert index_name in plan, plan
        assert "Order By" in plan


def told(**wanted: object) -> dict[str, object]:
    asked = nearest_pages.Wanted(HELSINKI, **{"category": None} | wanted)  # type: ignore[arg-type]
    both = asked.values("asset", MODEL) | asked.values("helper", MODEL)
    return both | {
        "page": 5,
        "look": 50,
        "within_m": 500.0,
        "farthest_m": 9000.0,
        "spoken": both["languages"],
        "ways": [1, 3],
        "way": 3,
    }


def test_rare_help_is_found_by_its_words(session: Session) -> None:
    for index in range(400):
        rare = ("so",) if index == 7 else ("fi",)
        add_helper(session, Point(HELSINKI.lon + index * 1e-4, HELSINKI.lat), languages=rare)
    with operator(session):
        session.execute(text("ANALYZE restricted.location_exact; ANALYZE helper"))
    session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"))
    statements = nearest_pages.statements()
    asked = told(languages=("so",)) | {"way": 1}
    plan = "\n".join(session.scalars(text("EXPLAIN " + statements["nearest_helpers"]), asked))
    # as a condition of the index and not of what it gives, though rows of other networks are hidden from the role
    assert "ix_location_exact_suits" in plan, plan
    assert "Index Cond: ((suits @>" in plan, plan


def test_how_far_anybody_would_come_is_read_from_the_index(session: Session) -> None:
    for index in range(200):
        add_helper(session, Point(HELSINKI.lon + index * 1e-4, HELSINKI.lat))
    with operator(session):
        session.execute(text("ANALYZE restricted.location_exact; ANALYZE helper"))
    session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"))
    plan = "\n".join(session.scalars(text("EXPLAIN " + nearest_pages.statements()["nearest_helpers_around"]), told()))
    assert plan.count("ix_helper_reach") == 3, plan
    # the words are asked before anything of a helper is read
    assert "One-Time Filter: ((near.suits @>" in plan or "One-Time Filter: (l.suits @>" in plan, plan


def test_to_a_point(session: Session) -> None:
    add_helper(session, public_name="here", categories=(Category.WATER,))
    found = find_nearest_to_point(session, HELSINKI, kind="helper", limit=3, model=MODEL)
    assert [r.name for r in found.results] == ["here"]
    assert found.results[0].travel_min == pytest.approx(0, abs=1e-6)


def test_the_household_may_travel_in_another_way_than_its_own(session: Session) -> None:
    need = add_need(session)
    add_asset(session, draw("N....A")["A"])
    found = find_nearest(session, need.id, kind="asset", mode=Mode.BICYCLE, model=MODEL)
    assert [r.mode for r in found.results] == [Mode.BICYCLE]


def test_by_streets_equals_brute_force_over_the_matrix(session: Session) -> None:
    rng = np.random.default_rng(11)
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    spread = rng.normal(0, (0.018, 0.009), (150, 2)) + np.array([HELSINKI.lon, HELSINKI.lat])
    vehicles = [list(Vehicle)[i] for i in rng.integers(0, 3, len(spread))]
    willing = rng.integers(2, 30, len(spread)).tolist()
    kept = {
        add_helper(session, Point(*at), vehicle=vehicle, max_travel_min=most, load=0).id: (at, vehicle, most)
        for at, vehicle, most in zip(spread.tolist(), vehicles, willing, strict=True)
    }
    places = {add_asset(session, Point(*at)).id: at for at in spread[:60].tolist()}
    for lon, lat in (rng.normal(0, (0.01, 0.005), (8, 2)) + np.array([HELSINKI.lon, HELSINKI.lat])).tolist():
        asked, everyone = Point(lon, lat), []
        for id_, (at, vehicle, most) in kept.items():
            travel_min = float(town.matrix([at], [[lon, lat]], nearest_pages.MODE_OF_VEHICLE[vehicle])[0, 0])
            if travel_min <= most:
                everyone.append((travel_min, id_))
        found = find_nearest_to_point(session, asked, kind="helper", limit=7, model=town)
        assert [(r.travel_min, r.id) for r in found.results] == sorted(everyone)[:7]
        assert found.travel_model.name == "grid_town"
        ways = town.matrix([[lon, lat]], list(places.values()), Mode.WHEELCHAIR)[0].tolist()
        reached = sorted((way, id_) for way, id_ in zip(ways, places, strict=True) if np.isfinite(way))[:7]
        found = find_nearest_to_point(session, asked, kind="asset", mode=Mode.WHEELCHAIR, limit=7, model=town)
        assert [(r.travel_min, r.id) for r in found.results] == reached


def test_who_has_no_way_is_not_near(session: Session) -> None:
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    add_helper(session, draw("N" + "." * 50 + "a", step_m=50)["a"], max_travel_min=240, vehicle=Vehicle.CAR)
    assert len(find_nearest_to_point(session, HELSINKI, kind="helper", model=MODEL).results) == 1
    assert find_nearest_to_point(session, HELSINKI, kind="helper", model=town).results == ()


def test_an_engine_that_fails_is_said(session: Session) -> None:
    class Broken:
        def ask(self, *_: object) -> object:
            raise TravelFailed

        def close(self) -> None:
            return

    add_helper(session, HELSINKI)
    with pytest.raises(TravelFailed):
        find_nearest_to_point(session, HELSINKI, kind="helper", model=ValhallaTravel(Broken(), INFO, FASTEST_M_PER_MIN))


def suits(session: Session, helper_id: object) -> list[str]:
    found = session.scalar(select(location_exact.c.suits).where(location_exact.c.helper_id == helper_id))
    return list(found or ())


def test_the_words_beside_a_home_follow_the_helper(session: Session) -> None:
    helper = add_helper(
        session, languages=("pt-BR", "fi"), vehicle=Vehicle.CAR, capacity_per_week=2,
        availability="DTSTART:20240101T000000\nDURATION:PT1H",
    )  # fmt: skip
    assert suits(session, helper.id) == ["c:food", "h:0", "h:1", "h:167", "l:fi", "l:pt", "ready", "v:car"]
    session.execute(text("UPDATE helper SET load = 1"))
    assert "ready" in suits(session, helper.id)
    session.execute(text("UPDATE helper SET load = 2"))
    assert "ready" not in suits(session, helper.id)
    changes = {"languages": [], "interpreter": True, "load": 0, "availability": None}
    update_helper(session, helper.id, changes, home=draw("N.a")["a"])
    assert suits(session, helper.id) == ["c:food", "h:?", "l:*", "l:?", "ready", "v:car"]
    # a change that knows nothing of hours leaves them open
    update_helper(session, helper.id, {"availability": "DTSTART:20240101T000000\nDURATION:PT1H"})
    assert "h:0" in suits(session, helper.id)
    session.execute(text("UPDATE helper SET availability = 'DTSTART:20240102T000000'"))
    assert {"h:0", "h:?"} & set(suits(session, helper.id)) == {"h:?"}


def test_reasons_come_as_codes_too(session: Session) -> None:
    need = add_need(session, languages=("ar",))
    evening = "DTSTART:20260601T170000\nDURATION:PT4H\nRRULE:FREQ=DAILY"
    add_helper(session, languages=("fi",), interpreter=True, availability=evening)
    add_helper(session, languages=("ar",), availability="DTSTART:20260601T030000\nDURATION:PT4H\nRRULE:FREQ=DAILY")
    at = datetime(2026, 6, 3, 18, tzinfo=UTC)
    window = Window(at, at + timedelta(hours=1))
    found = find_nearest(session, need.id, window=window, model=MODEL, now=NOW)
    (one,) = found.results
    assert one.reason_codes == ("travel", "interpreter", "open", "room", "last_asked")
    assert one.reason == (
        "about 1 min on foot, comes with an interpreter, free at that time, "
        "has room for 1 more this week, not asked yet"
    )
    assert found.passed_over_codes == {PassedOver.NOT_AT_THAT_TIME: 1}
    assert found.passed_over == {"not at that time": 1}


def test_a_ride_takes_a_car(session: Session) -> None:
    need = add_need(session, category=Category.TRANSPORT)
    add_helper(session, public_name="on foot", categories=(Category.TRANSPORT,))
    add_helper(session, public_name="drives", categories=(Category.TRANSPORT,), vehicle=Vehicle.CAR)
    assert names(session, need.id) == ["drives"]


def test_many_needs_at_once_by_streets_equal_each_by_itself(session: Session) -> None:
    rng = np.random.default_rng(5)
    town = grid_town(HELSINKI.lon, HELSINKI.lat)
    for at in (rng.normal(0, (0.015, 0.008), (60, 2)) + np.array([HELSINKI.lon, HELSINKI.lat])).tolist():
        add_helper(session, Point(*at), vehicle=list(Vehicle)[rng.integers(3)], max_travel_min=int(rng.integers(3, 40)))
    spots = (rng.normal(0, (0.01, 0.005), (6, 2)) + np.array([HELSINKI.lon, HELSINKI.lat])).tolist()
    needs = [add_need(session, Point(*at)).id for at in spots]
    unplaced = add_need(session, None).id
    many = find_nearest_many(session, [*needs, unplaced], limit=4, model=town, now=NOW)
    assert set(many) == set(needs)
    for need_id in needs:
        one = find_nearest(session, need_id, limit=4, model=town, now=NOW)
        assert [r.id for r in many[need_id].results] == [r.id for r in one.results]
        assert [r.travel_min for r in many[need_id].results] == pytest.approx([r.travel_min for r in one.results])
    assert find_nearest_many(session, [], model=town) == {}
    for options in ({"limit": 0}, {"need_ids": needs * 4000}):
        with pytest.raises(InvalidInput):
            find_nearest_many(session, **({"need_ids": needs, "model": town} | options))  # type: ignore[arg-type]


def test_a_plan_for_many_reads_the_words(session: Session) -> None:
    for index in range(300):
        add_helper(session, Point(HELSINKI.lon + index * 1e-4, HELSINKI.lat))
    with operator(session):
        session.execute(text("ANALYZE restricted.location_exact; ANALYZE helper"))
    session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"))
    values = told() | {"categories": ["c:water"], "needs_hours": False, "need_ids": []}
    statements = nearest_pages.statements()
    plan = "\n".join(session.scalars(text("EXPLAIN " + statements["helpers_for_many"]), values))
    assert "ix_location_exact_suits" in plan, plan
    plan = "\n".join(session.scalars(text("EXPLAIN " + statements["not_for_many"]), values))
    assert plan.count("Index Cond: (need_id = ANY") == 1, plan
