"""The made-up town at a press, with real commits: all of it or nothing, into one network, and out again to the byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.drafts import OrganizationDraft
from geo.domain.ids import new_id
from geo.domain.made_up import MAPPED, SOURCE
from geo.domain.principals import NetworkRole, Tier
from geo.privacy.cells import cell_of
from geo.store.engine import DEFAULT_NETWORK, make_sessions
from geo.store.keys import register_keys
from geo.store.organizations import create_organization

from api.app import create_app
from data.loaders.osm import bundled_extract
from data.loaders.osm.assets import SOURCE as OF_MAPS
from data.loaders.osm.city import read_city
from data.loaders.osm.extract import Extract
from data.loaders.report import no_progress
from tests.api.conftest import TestClient, assert_problem, carrying, make_need
from tests.callers import bearing, enrolled_device, organizer, partner
from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI
from tests.rights import operator
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from api.settings import Settings

PATH = "/v1/made-up"
ROOT = Path(__file__).parents[2]
OTHER = new_id()
NOTED = (
    "audit", "audit_head", "credential", "membership", "record_change", "coverage_change", "tile_delta", "outbox",
    "turf_number",
)  # fmt: skip
"""Tables in which it is noted who asked and what has changed, and which number a turf has had."""
OWNED = """
    SELECT c.table_schema || '.' || c.table_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.column_name = 'network_id' AND t.table_type = 'BASE TABLE' AND NOT c.table_name = ANY(:noted)
"""
KILLED = """
import sys
import data.demo.loading
from geo.store.engine import OWN_RIGHTS, Acting, make_engine, make_sessions
from tests.ring import RING

def wait(session, now):
    # people, turfs and matches are written; nothing is committed
    print("now", flush=True)
    sys.stdin.read()

data.demo.loading.add_calendar = wait
data.demo.loading.load_demo(make_sessions(make_engine(sys.argv[1]), keys=RING), Acting(role=OWN_RIGHTS))
"""
MANY = (
    """
    INSERT INTO need (id, network_id, household_id, category)
    SELECT gen_random_uuid(), network_id, gen_random_uuid(), category FROM need, generate_series(1, 3000)
    """,
    """
    INSERT INTO asset (id, network_id, kind, categories, name, geom, cell, source, source_ref)
    SELECT gen_random_uuid(), network_id, kind, categories, name, geom, cell, 'ours', n::text
    FROM asset, generate_series(2, 3000) n WHERE source = 'ours'
    """,
    "ANALYZE need",
    "ANALYZE asset",
)
read_once = cache(lambda: read_city(Extract(bundled_extract()), no_progress))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """A smaller town, from a map that is read once."""
    monkeypatch.setattr("data.demo.town.read_city", lambda *_: read_once())
    monkeypatch.setattr("data.demo.people.NEEDS", 60)
    return 60


@pytest.fixture
def town(own_db: Engine, settings: Settings) -> Iterator[TestClient]:
    """An installation with two networks and nothing in them, as an admin of the first sees it."""
    register_keys(own_db, RING)
    with own_db.begin() as connection:
        connection.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, 'other', 'Other')"), {"id": OTHER})
    sessions = make_sessions(own_db, keys=RING)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield carrying(client, organizer(sessions))


@pytest.fixture
def neighbour(own_db: Engine, town: TestClient) -> TestClient:
    """An admin of the other network."""
    return carrying(town, organizer(make_sessions(own_db, keys=RING), "other", network=OTHER))


def rows(engine: Engine, network: UUID) -> dict[str, set[str]]:
    """Everything a network owns but what is noted of who asked for what."""
    with engine.connect() as connection:
        tables = list(connection.scalars(text(OWNED), {"noted": list(NOTED)}))
        assert len(tables) > 40
        return {
            table: set(
                connection.scalars(
                    text(f"SELECT to_jsonb(t)::text FROM {table} t WHERE network_id = :id"),  # noqa: S608 - our names
                    {"id": network},
                )
            )
            for table in tables
        }


def made_up(client: TestClient) -> bool:
    told: bool = client.get("/v1/meta").raise_for_status().json()["holds_made_up"]
    assert client.get(PATH).json()["is_there"] is told
    return told


def total(client: TestClient) -> int:
    received: int = client.get("/v1/balance").raise_for_status().json()["received"]
    return received


@pytest.mark.own_db
def test_an_empty_network_gets_a_town_and_is_empty_again(own_db: Engine, town: TestClient) -> None:
    assert not made_up(town)
    before, elsewhere = rows(own_db, DEFAULT_NETWORK), rows(own_db, OTHER)
    loaded = town.post(PATH)
    assert loaded.status_code == 200, loaded.text
    came = loaded.json()
    assert came["needs"] == total(town) == 600
    assert all(came.values()), came
    assert made_up(town)
    balance = town.get("/v1/balance").json()
    assert balance["located"] > 300
    assert balance["needs_review"] > 0
    assert town.get("/v1/first-steps").json()["has_gazetteer"]
    assert town.get("/v1/matches", params={"limit": 1}).json()["items"]
    # once more adds nothing
    assert set(town.post(PATH).json().values()) == {0}
    assert total(town) == 600
    assert rows(own_db, OTHER) == elsewhere
    gone = town.delete(PATH).json()
    assert gone.pop("kept") == 0
    assert gone == came
    assert rows(own_db, DEFAULT_NETWORK) == before
    assert not made_up(town)
    assert set(town.delete(PATH).json().values()) == {0}
    noted = town.get("/v1/audit", params={"limit": 500}).json()["items"]
    assert {"load", "create", "delete"} <= {one["action"] for one in noted}
    assert {one["actor"] for one in noted if one["object_kind"] == "need"} == {noted[0]["actor"]} != {None}
    assert len(noted) < 250
    # and the same people come again, by the button beside
    assert town.post(PATH).json() == came


@pytest.mark.own_db
def test_each_network_has_people_of_its_own(own_db: Engine, town: TestClient, neighbour: TestClient, few: int) -> None:
    assert town.post(PATH).json()["needs"] == neighbour.post(PATH).json()["needs"] == few
    theirs = rows(own_db, OTHER)
    assert town.delete(PATH).json()["needs"] == few
    assert rows(own_db, OTHER) == theirs
    assert total(neighbour) == few


@pytest.mark.own_db
def test_two_presses_at_once_make_one_town(town: TestClient, few: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: town.post(PATH), range(2)))
    first = next(answer for answer in answers if answer.status_code == 200 and answer.json()["needs"])
    other = answers[answers.index(first) - 1]
    if other.status_code == 200:
        assert set(other.json().values()) == {0}
    else:
        assert "at this moment" in assert_problem(other, 409)["detail"]
    assert total(town) == few


@pytest.mark.own_db
def test_whoever_is_second_is_told_and_waits_for_nobody(own_db: Engine, town: TestClient) -> None:
    with own_db.connect() as connection:
        name = "made up " + str(DEFAULT_NETWORK)
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
        for ask in (town.post, town.delete):
            assert_problem(ask(PATH), 409)
    assert total(town) == 0


@pytest.mark.own_db
def test_one_that_is_killed_leaves_nothing(own_db: Engine, town: TestClient, few: int) -> None:
    before = rows(own_db, DEFAULT_NETWORK)
    url = own_db.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "now\n"
        os.kill(started.pid, signal.SIGKILL)
    assert rows(own_db, DEFAULT_NETWORK) == before
    assert not made_up(town)
    assert town.post(PATH).json()["needs"] == few


@pytest.mark.own_db
def test_somebody_who_enters_something_meanwhile_keeps_the_town_out(
    own_db: Engine, town: TestClient, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data.demo import loading

    def enter(*_asked: object) -> int:
        make_need(town)
        return few

    monkeypatch.setattr(loading, "add_calendar", enter)
    assert assert_problem(town.post(PATH), 409)["type"].endswith("#not-made-up")
    assert total(town) == 1
    assert not rows(own_db, DEFAULT_NETWORK)["public.geo_street"]


@pytest.mark.own_db
def test_in_streets_of_its_own_a_network_keeps_them(own_db: Engine, town: TestClient, few: int) -> None:
    from geo.store.engine import transaction

    from data.demo.town import lend_town

    with transaction(make_sessions(own_db, role=None)) as session:
        lend_town(session)
        session.execute(text("UPDATE geo_source SET slug = 'osm'"))
        session.execute(text("UPDATE area SET source = 'osm'"))
        add_asset(session, name="A library on the map", source=OF_MAPS, source_ref="1")
    before = rows(own_db, DEFAULT_NETWORK)
    came = town.post(PATH).json()
    assert (came["needs"], came["areas"]) == (few, 0)
    assert town.delete(PATH).json()["areas"] == 0
    assert rows(own_db, DEFAULT_NETWORK) == before


def test_what_a_map_brought_is_known_as_that() -> None:
    assert MAPPED == (OF_MAPS,)


@pytest.mark.parametrize("kind", ["needs", "helpers", "assets", "organizations", "entries", "agreements"])
def test_nobody_is_made_up_beside_what_is_real(
    client: TestClient, session: Session, sessions: SessionFactory, kind: str
) -> None:
    assert client.get(PATH).json() == {"is_there": False, "in_the_way": []}
    if kind == "needs":
        add_need(session)
    elif kind == "helpers":
        add_helper(session)
    elif kind == "assets":
        add_asset(session)
    elif kind == "organizations":
        create_organization(session, OrganizationDraft("Ours"))
    elif kind == "agreements":
        partner(sessions, frozenset({cell_of(HELSINKI)}), Tier.COARSE, "Food bank")
    else:
        entry = {"id": str(new_id()), "kind": "need", "body": {"category": "food"}}
        phone = bearing(enrolled_device(sessions))
        client.post("/v1/submissions", json={"entries": [entry]}, headers=phone).raise_for_status()
    session.commit()
    told = client.get(PATH).json()
    # an entry of which a need was made counts as both
    assert told == {"is_there": False, "in_the_way": ["needs", "entries"] if kind == "entries" else [kind]}
    before = total(client)
    assert assert_problem(client.post(PATH), 409)["type"].endswith("#not-made-up")
    assert total(client) == before


def test_only_admins_load_and_remove_and_phones_are_told_nothing(
    anonymous: TestClient, client: TestClient, sessions: SessionFactory, session: Session
) -> None:
    add_need(session, source=SOURCE)
    session.commit()
    plain = carrying(anonymous, organizer(sessions, "plain", role=NetworkRole.ORGANIZER))
    for ask in (plain.get, plain.post, plain.delete):
        assert_problem(ask(PATH), 404)
    assert plain.get("/v1/meta").json()["holds_made_up"] is True
    assert made_up(client)
    phone = carrying(anonymous, enrolled_device(sessions))
    assert phone.get("/v1/meta").json()["holds_made_up"] is False
    assert total(client) == 1


def test_a_single_made_up_need_or_place_is_enough_and_each_is_found_by_its_index(
    client: TestClient, session: Session
) -> None:
    add_need(session)
    add_asset(session, source="ours", source_ref="1")
    session.commit()
    assert not made_up(client)
    add_asset(session, source=SOURCE, source_ref="1")
    session.commit()
    assert made_up(client)
    with operator(session):
        for statement in MANY:
            session.execute(text(statement))
    asked = "EXPLAIN SELECT 1 FROM {} WHERE network_id = current_network() AND source = :source"
    for table, index in (("need", "ix_need_made_up"), ("asset", "uq_asset_network_id")):
        found: Any = session.scalars(text(asked.format(table)), {"source": SOURCE})
        plan = "\n".join(found)
        assert index in plan, plan
