"""The checks of an installation, on the test's own database."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import text

from geo.domain.place import Point
from geo.store import doctor
from geo.store.audit_chain import HEADS_FILE, append_heads, list_heads
from geo.store.catchments import refresh_catchments
from geo.store.doctor import Finding, Installation, State, examine, list_checks, worst
from geo.store.engine import SessionFactory, make_engine, make_sessions
from geo.store.gazetteer_import import replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo

from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator
from tests.streets import grid_town

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


class Usage(NamedTuple):
    free: int


@pytest.fixture
def installation(engine: Engine, sessions: SessionFactory, tmp_path: Path) -> Installation:
    (tmp_path / "leaflet.js").touch()
    return Installation(engine, sessions, tmp_path, (tmp_path / "leaflet.js",))


def _find(installation: Installation, name: str) -> Finding:
    return list_checks()[name](installation)


def test_a_sound_installation_has_nothing_that_fails(installation: Installation) -> None:
    found = examine(installation)
    assert [d.as_dict() for d in found if d.finding.state is State.FAIL] == []
    assert len(found) == len(list_checks()) > 10


def test_every_finding_that_is_not_well_gives_advice(tmp_path: Path) -> None:
    engine = make_engine("postgresql://nobody@/nothing?host=/nonexistent")
    found = examine(Installation(engine, make_sessions(engine), tmp_path, (tmp_path / "leaflet.js",)))
    engine.dispose()
    assert worst(found) is State.FAIL
    assert all(d.finding.hint for d in found if d.finding.state is not State.OK)
    assert {d.check for d in found if d.finding.state is State.OK} <= {"disk space"}


def test_an_empty_gazetteer_is_a_warning(installation: Installation) -> None:
    assert _find(installation, "gazetteer is loaded").state is State.WARN


@pytest.mark.parametrize("damage", ["UPDATE geo_source SET checksum = ''", "DELETE FROM geo_address"])
def test_a_source_of_which_nothing_is_left_is_named(installation: Installation, damage: str) -> None:
    assert _find(installation, "gazetteer sources").state is State.OK
    with installation.sessions() as session, operator(session):
        doors = [AddressRow("Mill Road", "1", Point(24.9, 60.1))]
        replace_source(session, SourceInfo("town", "Town", "CC0", "Town", "abc"), addresses=doors)
        session.execute(text("DELETE FROM geo_street_name"))
        session.commit()
    assert _find(installation, "gazetteer sources").detail == "1 sources"
    with installation.sessions() as session, operator(session):
        session.execute(text(damage))
        session.commit()
    found = _find(installation, "gazetteer sources")
    assert found.state is State.WARN
    assert "town" in found.detail
    assert "oad it again" in found.hint


def test_a_missing_index_is_named(installation: Installation) -> None:
    with installation.sessions() as session, operator(session):
        session.execute(text("DROP INDEX ix_asset_geog"))
        session.commit()
    finding = _find(installation, "indexes are whole")
    assert finding.state is State.FAIL
    assert "ix_asset_geog" in finding.detail


def test_a_database_without_the_schema_fails(own_db: Engine, tmp_path: Path) -> None:
    with own_db.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    installation = Installation(own_db, make_sessions(own_db), tmp_path)
    assert _find(installation, "schema is current").state is State.FAIL


def test_a_changed_audit_is_named_and_a_cut_tail_beside_its_head(installation: Installation, tmp_path: Path) -> None:
    assert _find(installation, "audit chain is whole").state is State.OK
    with installation.sessions() as session:
        for _ in range(3):
            add_need(session)
        session.commit()
        assert _find(installation, "audit chain is whole").state is State.WARN
        append_heads(list_heads(session), tmp_path / HEADS_FILE)
        assert _find(installation, "audit chain is whole").state is State.OK
        with operator(session):
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            session.execute(text("DELETE FROM audit WHERE seq = 3"))
            session.commit()
        finding = _find(installation, "audit chain is whole")
        assert finding.state is State.FAIL
        assert "entry 3, the newest on" in finding.detail
        with operator(session):
            session.execute(text("UPDATE audit SET actor_kind = 'partner' WHERE seq = 2"))
            session.commit()
        assert "broken at entry 2" in _find(installation, "audit chain is whole").detail


@pytest.mark.parametrize(("free", "state"), [(10**8, State.FAIL), (10**9, State.WARN), (10**11, State.OK)])
def test_little_disk_is_told(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(free))
    assert _find(installation, "disk space").state is state


def test_missing_front_end_files_are_named(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "leaflet.js").unlink()
    assert "leaflet.js" in _find(installation, "front-end files").detail


def test_the_worst_state_wins() -> None:
    def made(state: State) -> doctor.Diagnosis:
        return doctor.Diagnosis("x", Finding(state, ""))

    assert worst([]) is State.OK
    assert worst([made(State.OK), made(State.WARN)]) is State.WARN
    assert worst([made(State.WARN), made(State.FAIL), made(State.OK)]) is State.FAIL


def test_reach_that_is_out_of_date_is_a_warning(own_db: Engine, tmp_path: Path) -> None:
    sessions, travel = make_sessions(own_db), grid_town(HELSINKI.lon, HELSINKI.lat)
    town = Installation(own_db, sessions, tmp_path, travel=travel)
    assert _find(town, "reach is drawn").state is State.OK
    with sessions.begin() as session:
        add_asset(session, HELSINKI)
    found = _find(town, "reach is drawn")
    assert found.state is State.WARN
    assert "1 places" in found.detail
    assert "barnraiser catchments" in found.hint
    assert _find(replace(town, travel=None), "reach is drawn").state is State.OK
    assert refresh_catchments(sessions, travel).made == 20
    assert _find(town, "reach is drawn").state is State.OK


def test_no_street_graph_is_a_warning_that_says_what_to_do(installation: Installation) -> None:
    found = _find(installation, "streets to travel by")
    assert found.state is State.WARN
    assert "straight line" in found.hint
