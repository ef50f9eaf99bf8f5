"""Health, description, counters, files, the contract document, and the commit before the reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError

from geo.domain.principals import CredentialKind
from geo.domain.words import Category
from geo.errors import ClusterError
from geo.privacy.tokens import mint
from geo.store.engine import make_sessions

from api.app import create_app
from tests.api.conftest import STREET, TestClient, assert_problem, make_need
from tests.callers import bearing, organizer

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

    from api.settings import Settings


def test_a_service_that_runs_says_so(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json()["migrated"] is True


def test_a_service_without_its_database_is_not_ready(settings: Settings, keys: KeyRing) -> None:
    engine = create_engine("postgresql+psycopg:///nowhere?host=/nonexistent")
    sessions = make_sessions(engine, keys=keys)
    with TestClient(create_app(settings, sessions=sessions, with_dashboard=False)) as client:
        assert client.get("/health/live").status_code == 200
        assert_problem(client.get("/health/ready"), 503)
        answer = client.get("/v1/needs", headers=bearing(mint(CredentialKind.SESSION)))
        assert_problem(answer, 503)
        assert answer.headers["retry-after"]
    engine.dispose()


def test_there_is_no_service_without_a_database(settings: Settings) -> None:
    with pytest.raises(ClusterError):
        create_app(settings, with_dashboard=False)


@pytest.mark.usefixtures("served")
def test_the_description_names_sources_and_words(client: TestClient) -> None:
    meta = client.get("/v1/meta").json()
    assert [c["value"] for c in meta["categories"]] == [c.value for c in Category]
    assert meta["sources"] == [{"name": "Test town", "licence": "ODbL 1.0", "attribution": "© Test mappers"}]
    west, south, east, north = meta["bbox"]
    assert west < meta["centre"][0] < east
    assert south <= meta["centre"][1] <= north
    assert (meta["basemap"], meta["audience"], meta["standard_min"]) == (None, "admin", 5)


def test_the_base_map_answers_byte_ranges(client: TestClient, tmp_path: Path) -> None:
    assert_problem(client.get("/tiles/base.pmtiles"), 404)
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles" / "base.pmtiles").write_bytes(b"PMTiles-and-more")
    part = client.get("/tiles/base.pmtiles", headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"PMTiles", "bytes 0-6/16")
    assert client.head("/tiles/base.pmtiles").headers["content-length"] == "16"
    assert client.get("/v1/meta").json()["basemap"] == "/tiles/base.pmtiles"
    for path in ("/tiles/../secret", "/tiles/%2e%2e/secret", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert client.get(path).status_code == 404


@pytest.mark.usefixtures("served")
def test_counters_name_routes_and_nobody(client: TestClient) -> None:
    need = make_need(client, location={"address": f"{STREET} 4"})
    client.get(f"/v1/needs/{need['id']}")
    client.get("/Secretstreet?q=Secretname")
    text = client.get("/metrics").text
    assert 'route="/v1/needs/{need_id}",status="200"} 1.0' in text
    assert 'route="unmatched",status="404"} 1.0' in text
    assert "Secret" not in text
    assert need["id"] not in text


def test_the_contract_has_an_id_a_tag_and_an_example_for_every_operation(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    ids = [op["operationId"] for op in operations]
    assert len(ids) == len(set(ids))
    for operation in operations:
        assert operation["tags"]
        assert operation.get("summary")
        for media in operation.get("requestBody", {}).get("content", {}).values():
            assert media.get("examples") or media.get("example"), operation["operationId"]


def test_examples_of_the_contract_are_taken(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path in ("/v1/needs", "/v1/assets", "/v1/helpers", "/v1/organizations", "/v1/areas", "/v1/submissions"):
        media = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in media["examples"].values():
            answer = client.post(path, json=example["value"])
            assert answer.status_code in (200, 201), answer.text


def test_no_page_or_script_of_another_host_is_offered(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
        assert client.get(path).status_code == 404


def test_a_commit_that_fails_is_an_error_and_not_a_promise(app: FastAPI, client: TestClient) -> None:
    def fail(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("gone"))

    event.listen(app.state.sessions, "before_commit", fail)
    answer = client.post("/v1/needs", json={"category": "food"})
    event.remove(app.state.sessions, "before_commit", fail)
    assert_problem(answer, 503)
    assert "etag" not in answer.headers
    assert client.get("/v1/balance").json()["received"] == 0


def test_the_commit_comes_before_the_first_byte(app: FastAPI, sessions: SessionFactory) -> None:
    order: list[str] = []

    class Watch:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def noting(message: Any) -> None:
                order.append(message["type"])
                await send(message)

            await self.inner(scope, receive, noting)

    event.listen(app.state.sessions, "after_commit", lambda _session: order.append("commit"))
    with TestClient(Watch(app)) as client:
        headers = bearing(organizer(sessions))
        order.clear()
        assert client.post("/v1/needs", json={"category": "food"}, headers=headers).status_code == 201
    # the first commit is that of finding out who asks
    assert order[:3] == ["commit", "commit", "http.response.start"]


def test_a_request_that_fails_halfway_leaves_nothing(client: TestClient) -> None:
    clash = {"category": "food", "contact": {"name": "x" * 200, "consent": True}, "household_size": 50}
    assert client.post("/v1/needs", json=clash).status_code == 201
    twice = {"id": client.get("/v1/needs").json()["items"][0]["id"], **clash}
    assert_problem(client.post("/v1/needs", json=twice), 409)
    assert client.get("/v1/balance").json()["received"] == 1
