from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update

from geo.analysis.gaps import MODES
from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.crs import metric_crs
from geo.domain.travel import TravelModelInfo
from geo.domain.words import AssetStatus, HelperStatus, Vehicle
from geo.store import tables
from geo.store.catchment_tables import catchment
from geo.store.catchments import BANDS_MIN, bands_of, count_catchments, refresh_catchments
from geo.store.engine import make_sessions

from tests.factories import add_asset, add_helper
from tests.grid import HELSINKI, draw
from tests.ring import RING
from tests.streets import GridTown, grid_town

if TYPE_CHECKING:
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
    other = ValhallaTravel(GridTown(HELSINKI.lon, HELSINKI.lat), TravelModelInfo("t", "t", "v2"), FASTEST_M_PER_MIN)
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
    place, person = fill(sessions)
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


def test_erasing_a_helper_erases_what_is_within_reach_of_them(session: Session) -> None:
    person = add_helper(session, HELSINKI)
    _put(session, helper_id=person.id)
    session.execute(text("DELETE FROM helper WHERE id = :id"), {"id": person.id})
    assert rows(session) == []


def _put(session: Session, shape: str = "MULTIPOLYGON(((24 60,25 60,25 61,24 60)))", **owner: Any) -> None:
    statement = text(
        "INSERT INTO restricted.catchment (id, asset_id, helper_id, mode, minutes, model, point_hash, geom) "
        "VALUES (gen_random_uuid(), :asset_id, :helper_id, 'walk', 5, 'm', sha256('x'), ST_GeomFromText(:shape, 4326))"
    )
    session.execute(statement, {"asset_id": None, "helper_id": None, "shape": shape} | owner)
