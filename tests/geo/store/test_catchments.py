"""What is within reach of each place: drawn once, kept whole, forgotten in time, and compared with needs."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely.geometry import Point as Dot
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from geo.analysis.catchments import CatchmentReach
from geo.analysis.gaps import MODES, Demand, Suits, Supply
from geo.analysis.reach import StraightReach
from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.crs import metric_crs, shapes_to_metres, to_metres
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.travel import TravelModelInfo
from geo.domain.words import AssetStatus, HelperStatus, Mode, NeedStatus, SubjectKind, Vehicle
from geo.errors import InvalidInput, TravelFailed
from geo.store import catchments, reaching, tables
from geo.store.catchment_tables import catchment
from geo.store.catchments import BANDS_MIN, bands_of, count_catchments, list_needs_in_bands, refresh_catchments
from geo.store.engine import make_sessions
from geo.store.erasure import erase
from geo.store.erasure_log import ErasureLog
from geo.store.reaching import find_reach_finder
from geo.store.sql import load_queries
from geo.store.supply import list_supply

from tests.conftest import ROOT
from tests.factories import add_asset, add_helper, add_need, located
from tests.grid import HELSINKI, draw
from tests.ring import RING
from tests.streets import INFO, GridTown, grid_town

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

TOWN = grid_town(HELSINKI.lon, HELSINKI.lat)
CRS = metric_crs([HELSINKI.lon], [HELSINKI.lat])


@pytest.fixture
def sessions(own_db: Engine) -> SessionFactory:
    return make_sessions(own_db, keys=RING)


def rows(session: Session, *columns: Any) -> list[Any]:
    return list(session.execute(select(*(columns or (catchment.c.id,)))).all())


def fill(sessions: SessionFactory) -> tuple[Any, Any]:
    with sessions.begin() as session:
        place = add_asset(session, draw("N.a", step_m=300)["a"])
        person = add_helper(session, HELSINKI, vehicle=Vehicle.BICYCLE, max_travel_min=12)
    return place, person


def test_times_go_up_to_and_with_what_a_helper_would_travel() -> None:
    assert bands_of(None) == (5, 10, 15, 20, 30)
    assert bands_of(12) == (5, 10, 12)
    assert bands_of(10) == (5, 10)
    assert bands_of(3) == (3,)
    assert bands_of(240) == (5, 10, 15, 20, 30)


def test_each_place_is_drawn_once_and_again_only_when_something_changed(sessions: SessionFactory) -> None:
    place, person = fill(sessions)
    first = refresh_catchments(sessions, TOWN)
    assert first.as_dict() == {"made": 4 * 5 + 3, "kept": 0, "removed": 0, "failed": 0}
    with sessions.begin() as session:
        drawn = rows(session, catchment.c.helper_id, catchment.c.mode, catchment.c.minutes)
        assert {(mode, minutes) for id_, mode, minutes in drawn if id_} == {("bicycle", m) for m in (5, 10, 12)}
        assert len([1 for id_, _, _ in drawn if not id_]) == len(MODES) * len(BANDS_MIN)
    assert refresh_catchments(sessions, TOWN).as_dict() == {"made": 0, "kept": 23, "removed": 0, "failed": 0}
    other = ValhallaTravel(GridTown(HELSINKI.lon, HELSINKI.lat), TravelModelInfo("t", (), "v2"), FASTEST_M_PER_MIN)
    with sessions() as session:
        assert count_catchments(session, other).due == 2
        assert count_catchments(session, other).of_another_model == 23
    assert refresh_catchments(sessions, other).made == 23
    with sessions.begin() as session:
        assert {row.model for row in rows(session, catchment.c.model)} == {"v2"}
        moved = draw("N....b", step_m=100)["b"]
        at = text("UPDATE asset SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :id")
        session.execute(at, {"lon": moved.lon, "lat": moved.lat, "id": place.id})
    with sessions() as session:
        assert {row.helper_id for row in rows(session, catchment.c.helper_id)} == {person.id}
    assert refresh_catchments(sessions, other).as_dict() == {"made": 20, "kept": 3, "removed": 0, "failed": 0}


def test_who_helps_no_more_has_no_shape(sessions: SessionFactory) -> None:
    fill(sessions)
    refresh_catchments(sessions, TOWN)
    with sessions.begin() as session:
        session.execute(update(tables.asset).values(status=AssetStatus.INACTIVE.value))
        session.execute(update(tables.helper).values(max_travel_min=7))
    assert refresh_catchments(sessions, TOWN).as_dict() == {"made": 1, "kept": 1, "removed": 22, "failed": 0}
    with sessions.begin() as session:
        session.execute(update(tables.helper).values(status=HelperStatus.PAUSED.value))
    assert refresh_catchments(sessions, TOWN).removed == 2


def test_a_shape_goes_with_the_home_it_tells_of(session: Session) -> None:
    person = add_helper(session, HELSINKI)
    other = add_helper(session, HELSINKI)
    for who in (person, other):
        _put(session, helper_id=who.id)
    assert len(rows(session)) == 2
    session.execute(text("UPDATE restricted.location_exact SET geom = NULL WHERE helper_id = :id"), {"id": person.id})
    assert [row.helper_id for row in rows(session, catchment.c.helper_id)] == [other.id]
    session.execute(text("DELETE FROM restricted.location_exact WHERE helper_id = :id"), {"id": other.id})
    assert rows(session) == []


def test_erasing_a_helper_erases_what_is_within_reach_of_them(session: Session, tmp_path: Path) -> None:
    person = add_helper(session, HELSINKI)
    _put(session, helper_id=person.id)
    log = ErasureLog(tmp_path / "erased.jsonl")
    erase(session, SubjectKind.HELPER, person.id, log=log, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert rows(session) == []


@pytest.mark.parametrize(
    "shape",
    [
        "MULTIPOLYGON EMPTY",
        "MULTIPOLYGON(((24 60,25 61,25 60,24 61,24 60)))",
        "MULTIPOLYGON(((24 60,250 60,25 61,24 60)))",
    ],
)
def test_the_database_refuses_what_is_no_shape(session: Session, shape: str) -> None:
    person = add_helper(session, HELSINKI)
    with pytest.raises(IntegrityError), session.begin_nested():
        _put(session, shape, helper_id=person.id)


def test_another_network_sees_nothing(own_db: Engine, sessions: SessionFactory) -> None:
    fill(sessions)
    refresh_catchments(sessions, TOWN)
    with make_sessions(own_db, network=new_id())() as session:
        assert rows(session) == []


class Failing(GridTown):
    """Draws nothing around places west of a line."""

    west_of = 0.0

    def ask(self, action: str, body: Any) -> Any:
        if action == "isochrone" and body["locations"][0]["lon"] < self.west_of:
            raise TravelFailed
        return super().ask(action, body)


def failing(west_of: float) -> ValhallaTravel:
    engine = Failing(HELSINKI.lon, HELSINKI.lat)
    engine.west_of = west_of
    return ValhallaTravel(engine, INFO, FASTEST_M_PER_MIN)


def test_one_place_that_cannot_be_drawn_stops_no_other(sessions: SessionFactory) -> None:
    with sessions.begin() as session:
        for step in range(4):
            add_asset(session, Point(HELSINKI.lon + step / 100, HELSINKI.lat))
    report = refresh_catchments(sessions, failing(HELSINKI.lon + 0.015))
    assert report.as_dict() == {"made": 40, "kept": 0, "removed": 0, "failed": 2}
    # and is drawn when it can be
    assert refresh_catchments(sessions, TOWN).as_dict() == {"made": 40, "kept": 40, "removed": 0, "failed": 0}


def test_an_engine_that_is_gone_is_said_and_leaves_what_is_there(sessions: SessionFactory) -> None:
    fill(sessions)
    refresh_catchments(sessions, TOWN)
    with sessions.begin() as session:
        add_asset(session, HELSINKI)
    with pytest.raises(TravelFailed):
        refresh_catchments(sessions, failing(180.0))
    with sessions() as session:
        assert len(rows(session)) == 23
        assert count_catchments(session, TOWN).due == 1


def test_stopped_midway_it_goes_on_where_it_was(sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catchments, "BATCH", 2)
    with sessions.begin() as session:
        for step in range(5):
            add_asset(session, Point(HELSINKI.lon + step / 100, HELSINKI.lat))
    asked = iter([False, True])
    assert refresh_catchments(sessions, TOWN, stop=lambda: next(asked)).made == 40
    assert refresh_catchments(sessions, TOWN).as_dict() == {"made": 60, "kept": 40, "removed": 0, "failed": 0}


def test_killed_midway_leaves_whole_places_only(own_db: Engine, sessions: SessionFactory) -> None:
    with sessions.begin() as session:
        for step in range(60):
            add_asset(session, Point(HELSINKI.lon + step / 1000, HELSINKI.lat))
    program = (
        "import sys; from geo.store.engine import make_engine, make_sessions; "
        "from geo.store.catchments import refresh_catchments; from tests.streets import grid_town; "
        f"refresh_catchments(make_sessions(make_engine(sys.argv[1])), grid_town({HELSINKI.lon}, {HELSINKI.lat}))"
    )
    url = own_db.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT) as running:
        for _ in range(2_000):
            with sessions() as session:
                if len(rows(session)) or running.poll() is not None:
                    break
            time.sleep(0.01)
        running.kill()
    with sessions() as session:
        counted = (
            session.execute(select(func.count()).select_from(catchment).group_by(catchment.c.asset_id)).scalars().all()
        )
    assert counted
    assert set(counted) == {20}
    report = refresh_catchments(sessions, TOWN)
    assert report.made + report.kept == 60 * 20


def test_a_place_that_moved_while_it_was_drawn_is_left_for_the_next_time(
    sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = fill(sessions)
    draw_one = catchments._draw

    def move_too(model: Any, one: Any) -> Any:
        found = draw_one(model, one)
        if one.id == place.id:
            with sessions.begin() as session:
                session.execute(update(tables.asset).values(geom=func.ST_Translate(tables.asset.c.geom, 0.001, 0)))
        return found

    monkeypatch.setattr(catchments, "_draw", move_too)
    assert refresh_catchments(sessions, TOWN).made == 3
    monkeypatch.setattr(catchments, "_draw", draw_one)
    assert refresh_catchments(sessions, TOWN).made == 20


# -- compared with needs ---------------------------------------------------------------------------------


def test_needs_in_bands_equal_brute_force(session: Session) -> None:
    rng = np.random.default_rng(4)
    spread = rng.normal(0, (0.006, 0.003), (40, 2)) + np.array([HELSINKI.lon, HELSINKI.lat])
    off = np.where(rng.random(40) < 0.5, 0.0, rng.uniform(0, 400, 40))
    needs = {
        add_need(session, located(Point(*at), uncertainty_m=float(m))).id: (at, float(m))
        for at, m in zip(spread.tolist(), off.tolist(), strict=True)
    }
    closed = add_need(session, HELSINKI)
    session.execute(update(tables.need).where(tables.need.c.id == closed.id).values(status=NeedStatus.MET.value))
    places = [add_asset(session, Point(*at)).id for at in spread[:6].tolist()]
    for place in catchments.list_places(session, TOWN):
        drawn = catchments._draw(TOWN, place)
        assert drawn is not None
        catchments._store(session, [drawn], TOWN.info.version)
    shapes = dict(zip(places, TOWN.isochrones(spread[:6], [5], Mode.WALK, towards=True), strict=True))
    found = {}
    after = None
    while page := list_needs_in_bands(session, TOWN, mode=Mode.WALK, minutes=5, after=after, limit=7):
        found |= {(one.need_id, one.place_id): one.surely for one in page}
        after = max(one.need_id for one in page)
    metres = {id_: shapes_to_metres(np.array(shape, dtype=object), CRS)[0] for id_, shape in shapes.items()}
    checked = 0
    for need_id, (at, off_m) in needs.items():
        dot = Dot(*to_metres([at[0]], [at[1]], CRS)[0])
        for place_id, shape in metres.items():
            away_m, edge_m = shape.distance(dot), shape.boundary.distance(dot)
            if min(abs(away_m - off_m), abs(edge_m - off_m)) < 1:
                continue
            surely = found.get((need_id, place_id))
            assert (surely is not None) == (away_m <= off_m)
            assert surely in (None, shape.contains(dot) and edge_m > off_m)
            checked += 1
    assert checked > 150
    with pytest.raises(InvalidInput):
        list_needs_in_bands(session, TOWN, mode=Mode.WALK, minutes=5, limit=0)


def test_needs_in_bands_use_the_index(session: Session) -> None:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    statement = f"EXPLAIN {load_queries('catchments')['needs_in_bands']}"
    bound = {"mode": "walk", "minutes": 5, "model": "m", "after": None, "page": 10}
    plan = "\n".join(session.scalars(text(statement), bound))
    assert "ix_catchment_geom" in plan
    for line in plan.splitlines():
        assert not ("Index Cond" in line and "catchment" in line and "&&" not in plan)


def test_stored_shapes_find_what_the_engine_would_draw(session: Session) -> None:
    rng = np.random.default_rng(8)
    spread = rng.normal(0, (0.012, 0.006), (30, 2)) + np.array([HELSINKI.lon, HELSINKI.lat])
    for i, at in enumerate(spread[:12].tolist()):
        add_asset(session, Point(*at), name=f"a{i}")
        add_helper(session, Point(*at), vehicle=list(Vehicle)[i % 3], max_travel_min=int(rng.integers(3, 30)))
    helping = list_supply(session)
    xy = to_metres([h.lon for h in helping], [h.lat for h in helping], CRS)
    supply = Supply(xy, np.zeros(len(helping), np.int64), np.ones(len(helping), np.int64))
    demand = Demand(
        to_metres(spread[:, 0], spread[:, 1], CRS), np.zeros(30, np.int64), rng.integers(0, len(MODES), 30),
        rng.uniform(0, 200, 30),
    )  # fmt: skip
    suits = Suits(np.ones((1, 1), bool), np.ones((1, 1), bool))

    def find(standard_min: float) -> Any:
        finder = find_reach_finder(session, TOWN, helping, standard_min, crs=CRS)
        assert isinstance(finder, CatchmentReach)
        return finder.find(demand, supply, suits)

    drawn = find(10)
    for place in catchments.list_places(session, TOWN):
        found = catchments._draw(TOWN, place)
        assert found is not None
        catchments._store(session, [found], TOWN.info.version)
    engine = TOWN.engine
    assert isinstance(engine, GridTown)
    before = dict(engine.asked)
    kept = find(10)
    assert engine.asked == before, "everything was stored"
    for ours, theirs in zip(kept, drawn, strict=True):
        assert np.array_equal(ours.toarray(), theirs.toarray())
    for j, help_ in enumerate(helping):
        for i in range(30):
            mode = help_.mode if help_.is_helper else MODES[demand.mode[i]]
            within = min(10, help_.max_travel_min) if help_.is_helper else 10
            ends = ([[help_.lon, help_.lat]], [spread[i]])
            assert mode is not None
            ((shape,),) = TOWN.isochrones(ends[0], [within], mode, towards=not help_.is_helper)
            away_m = shapes_to_metres(np.array([shape], dtype=object), CRS)[0].distance(Dot(*demand.xy[i]))
            assert bool(kept.best.toarray()[i, j]) == (away_m <= demand.uncertainty_m[i])


def test_as_the_crow_flies_where_there_are_no_streets(session: Session) -> None:
    add_asset(session, HELSINKI)
    found = find_reach_finder(session, StraightLineTravel(), list_supply(session), 7, crs=CRS)
    assert isinstance(found, StraightReach)


def test_too_many_shapes_to_draw_are_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "MOST_DRAWN", 7)
    add_asset(session, HELSINKI)
    helping = list_supply(session)
    assert isinstance(find_reach_finder(session, TOWN, helping, 7.5, crs=CRS), CatchmentReach)
    add_asset(session, HELSINKI)
    with pytest.raises(InvalidInput, match="barnraiser catchments"):
        find_reach_finder(session, TOWN, list_supply(session), 7.5, crs=CRS)
    assert find_reach_finder(session, TOWN, list_supply(session), 7.5, crs=CRS, modes=[Mode.WALK])


def _put(session: Session, shape: str = "MULTIPOLYGON(((24 60,25 60,25 61,24 60)))", **owner: Any) -> None:
    statement = text(
        "INSERT INTO restricted.catchment (id, asset_id, helper_id, mode, minutes, model, point_hash, geom) "
        "VALUES (gen_random_uuid(), :asset_id, :helper_id, 'walk', 5, 'm', sha256('x'), ST_GeomFromText(:shape, 4326))"
    )
    session.execute(statement, {"asset_id": None, "helper_id": None, "shape": shape} | owner)
