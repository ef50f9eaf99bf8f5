"""The API on the test's own transaction, and one street to geocode against."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import LineString, MultiLineString
from sqlalchemy import text
from starlette.exceptions import StarletteDeprecationWarning

with warnings.catch_warnings():
    # the test client prefers a newer httpx than the one the program itself uses
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.principals import NetworkRole, Tier
from geo.privacy.cells import cell_of
from geo.store.gazetteer_import import StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo

from api.app import create_app
from api.settings import DemoSettings, HomeSettings, RateSettings, ServerSettings, Settings
from tests.api.turfs import assign, make_turf
from tests.callers import bearing, enrolled_device, organizer, partner
from tests.grid import HELSINKI
from tests.rights import load_source, operator, serve_area

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.tokens import Token
    from geo.store.engine import SessionFactory

    from tests.api.referring import Clinic

SERVICE_AREA = (24.80, 60.10, 25.10, 60.30)
STREET = "Testikatu"


@pytest.fixture
def installed(own_db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A home and a database of the test's own, as the settings see them."""
    monkeypatch.setenv("BARNRAISER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", own_db.url.render_as_string(hide_password=False))
    return own_db


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    server = ServerSettings(read_timeout_s=1.0)
    home = HomeSettings(home=tmp_path, database_url=None)
    # a test asks more often than any person; limits have tests of their own
    rates = RateSettings(reads_per_min=1_000_000, feeds_per_min=1_000_000, bad_keys_per_min=10_000)
    return Settings(home=home, server=server, rates=rates, demo=DemoSettings())


@pytest.fixture
def app(settings: Settings, sessions: SessionFactory) -> FastAPI:
    return create_app(settings, sessions=sessions, with_dashboard=False)


@pytest.fixture
def anonymous(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who shows nothing."""
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def client(anonymous: TestClient, sessions: SessionFactory) -> TestClient:
    """An organizer of the network, and an admin of it, who has just given a password."""
    return carrying(anonymous, organizer(sessions))


@pytest.fixture
def as_device(anonymous: TestClient, sessions: SessionFactory) -> TestClient:
    """A canvasser's phone."""
    return carrying(anonymous, enrolled_device(sessions))


@pytest.fixture
def served(session: Session) -> Session:
    """A network that serves Helsinki and knows one street with ten doors."""
    serve_area(session, SERVICE_AREA)
    info = SourceInfo(slug="test", name="Test town", licence="ODbL 1.0", attribution="© Test mappers", checksum="0")
    doors = [AddressRow(STREET, str(n), Point(24.94 + n / 5000, 60.17), "00100", "Helsinki") for n in range(1, 11)]
    line = MultiLineString([LineString([(24.94, 60.17), (24.943, 60.17)])])
    load_source(session, info, addresses=doors, streets=[StreetRow(STREET, line, 167.0, "Helsinki")])
    session.commit()
    return session


@pytest.fixture
def turf(client: TestClient, served: Session) -> dict[str, Any]:
    """A turf of the ten doors of the one street."""
    assert served
    return make_turf(client)


@pytest.fixture
def phone(turf: dict[str, Any], client: TestClient, as_device: TestClient) -> TestClient:
    """A phone that carries the turf from today on."""
    assign(client, turf)
    return as_device


def carrying(client: TestClient, token: Token) -> TestClient:
    """The same application in the same event loop, called by whoever carries this."""
    other = TestClient(client.app, raise_server_exceptions=False, headers=bearing(token))
    other.portal = client.portal
    return other


def make_need(client: TestClient, **values: Any) -> dict[str, Any]:
    answer = client.post("/v1/needs", json={"category": "food", **values})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def assert_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    return dict(body)


@pytest.fixture
def callers(anonymous: TestClient, sessions: SessionFactory, session: Session) -> dict[str, TestClient]:
    """Nine callers: two of another network, one whose key was revoked and one whose has ended."""
    serve_area(session, SERVICE_AREA)
    other = new_id()
    with operator(session):
        session.execute(
            text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'Other')"),
            {"id": other, "slug": f"n-{other}"},
        )
    session.commit()
    cells = frozenset({cell_of(HELSINKI)})
    _, coarse = partner(sessions, cells, Tier.COARSE, "Coarse")
    _, referral = partner(sessions, cells, Tier.REFERRAL, "Referral")
    revoked, expired = organizer(sessions, "revoked"), organizer(sessions, "expired")
    with operator(session):
        for column, token in (("revoked_at", revoked), ("expires_at", expired)):
            statement = {
                "revoked_at": "UPDATE access.credential SET revoked_at = now() WHERE kid = :kid",
                "expires_at": "UPDATE access.credential SET expires_at = now() WHERE kid = :kid",
            }[column]
            session.execute(text(statement), {"kid": token.kid})
    session.commit()
    tokens = {
        "device": enrolled_device(sessions, "one"),
        "other_device": enrolled_device(sessions, "two"),
        "coarse_partner": coarse,
        "referral_partner": referral,
        "organizer": organizer(sessions, "mine", NetworkRole.ADMIN),
        "foreign_organizer": organizer(sessions, "theirs", NetworkRole.ADMIN, other),
        "revoked": revoked,
        "expired": expired,
    }
    return {"anonymous": anonymous} | {name: carrying(anonymous, token) for name, token in tokens.items()}


@pytest.fixture
def town(session: Session) -> Session:
    """A network that serves Helsinki, and nothing in it."""
    serve_area(session, SERVICE_AREA)
    session.commit()
    return session


@pytest.fixture
def clinic(town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory) -> Clinic:
    """A partner needs are referred to, which is told how many a household has."""
    # it builds on what stands here, so it is known only now
    from tests.api.referring import Clinic

    assert town
    return Clinic(client, anonymous, sessions, name="Clinic", fields=("household_size",))
