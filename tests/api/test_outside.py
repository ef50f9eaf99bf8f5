"""Asking outside over HTTP: three yeses, one provider on this machine, and nothing of an address anywhere else."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from geo.domain.principals import NetworkRole
from geo.store.engine import APP_ROLE

from api.settings import DemoSettings, HomeSettings, RateSettings, RemoteSettings, ServerSettings, Settings
from tests.api.conftest import assert_problem, carrying, make_need
from tests.callers import organizer
from tests.providers import BY_PROVIDER, EMPTY, says, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from tests.providers import Provider

pytestmark = pytest.mark.usefixtures("served")
PATH = "/v1/remote-geocoding"
CANARY = "Kanarialinnunkatu"
TYPED = f"Matti Meikäläinen, {CANARY} 77 A 5, 00170 Helsinki"
AGREED = {"what": "remote_geocoding", "how": "spoken"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=HomeSettings(home=tmp_path, database_url=None),
        server=ServerSettings(read_timeout_s=1.0),
        rates=RateSettings(reads_per_min=1_000_000, feeds_per_min=1_000_000, bad_keys_per_min=10_000),
        demo=DemoSettings(),
        remote=RemoteSettings(remote_geocoding=True, remote_loopback=True),
    )


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(says(BY_PROVIDER["nominatim"])) as opened:
        yield opened


def allow(client: TestClient, provider: Provider, kind: str = "nominatim", **more: Any) -> None:
    body = {"provider": kind, "endpoint": provider.url, "gap_ms": 100, "country": "fi", "town": "Helsinki"} | more
    answer = client.put(PATH, json=body)
    assert answer.status_code == 200, answer.text


def waiting(client: TestClient, typed: str = TYPED, *, agreed: bool = True) -> dict[str, Any]:
    need = make_need(client, location={"address": typed})
    assert need["location_state"] == "needs_review"
    if agreed:
        assert client.post(f"/v1/needs/{need['id']}/consents", json=AGREED).status_code == 201
    return need


def ask(client: TestClient, need: dict[str, Any], **how: Any) -> Any:
    return client.post(f"/v1/needs/{need['id']}/remote-geocode", **how)


def noted(client: TestClient) -> list[tuple[str, list[str]]]:
    items = client.get("/v1/audit", params={"action": "remote_geocode"}).json()["items"]
    return [(item["object_ids"], item["fields"]) for item in items][::-1]


@pytest.mark.parametrize("kind", BY_PROVIDER)
def test_each_kind_of_service_is_asked_and_its_answers_wait_for_a_person(client: TestClient, kind: str) -> None:
    need = waiting(client)
    with serving(says(BY_PROVIDER[kind])) as provider:
        allow(client, provider, kind)
        answer = ask(client, need, headers={"If-Match": '"v1"'})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["provider"], body["outcome"], body["is_cached"]) == (kind, "found", False)
    asked = json.dumps(provider.asked)
    assert f"{CANARY} 77" in asked
    assert not any(word in asked for word in ("Matti", "Meik", "A 5", "77a", need["id"]))
    (item,) = client.get("/v1/review").json()["items"]
    assert item["need"]["location_state"] == "needs_review"
    offered = [offer for offer in item["candidates"] if "remote.unverified" in offer["faults"]]
    assert len(offered) == body["found"]
    assert noted(client) == [
        ([need["id"]], sorted([kind, "asked"])),
        ([need["id"]], sorted([kind, f"found_{body['found']}"])),
    ]
    chosen = {"candidate": offered[0]["index"]}
    placed = client.post(f"/v1/needs/{need['id']}/location", json=chosen).json()
    assert placed["location_state"] in ("confirmed", "approximate")
    assert placed["match_quality"] == offered[0]["match_quality"]


def test_it_stands_off_until_an_admin_allows_it_and_a_person_agrees(client: TestClient, provider: Provider) -> None:
    need = waiting(client, agreed=False)
    view = f"/v1/needs/{need['id']}/remote-geocode"
    assert client.get(PATH).json() == {"is_permitted": True, "service": None}
    assert client.get(view).json()["bar"] == "network"
    assert assert_problem(ask(client, need), 409)["type"].endswith("#outside-not-allowed")
    allow(client, provider)
    assert client.get(PATH).json()["service"]["endpoint"] == provider.url
    shown = client.get(view).json()
    assert (shown["bar"], shown["line"], shown["is_ready"]) == ("consent", None, False)
    assert_problem(ask(client, need), 409)
    agreed = client.post(f"/v1/needs/{need['id']}/consents", json=AGREED).json()
    shown = client.get(view).json()
    assert (shown["bar"], shown["line"], shown["is_ready"]) == (None, f"{CANARY} 77, 00170", True)
    client.post(f"/v1/needs/{need['id']}/consents/{agreed['id']}/withdraw", json={"withdraw": True})
    assert_problem(ask(client, need), 409)
    client.post(f"/v1/needs/{need['id']}/consents", json=AGREED)
    assert client.delete(PATH).status_code == 204
    assert_problem(ask(client, need), 409)
    assert provider.asked == []
    assert noted(client) == []


def test_where_the_operator_does_not_permit_it_nothing_can_be_allowed_or_asked(
    app: FastAPI, client: TestClient, provider: Provider, settings: Settings
) -> None:
    need = waiting(client)
    allow(client, provider)
    from dataclasses import replace

    app.state.settings = replace(settings, remote=RemoteSettings())
    assert client.get(PATH).json()["is_permitted"] is False
    assert_problem(client.put(PATH, json={"provider": "photon", "endpoint": provider.url}), 409)
    assert client.get(f"/v1/needs/{need['id']}/remote-geocode").json()["bar"] == "host"
    assert_problem(ask(client, need), 409)
    # and a service on this machine only where that is permitted too
    app.state.settings = replace(settings, remote=RemoteSettings(remote_geocoding=True))
    assert_problem(client.put(PATH, json={"provider": "photon", "endpoint": provider.url}), 422)
    assert_problem(ask(client, need), 422)
    assert provider.asked == []


def test_only_an_admin_allows_and_with_the_password_again(
    anonymous: TestClient, sessions: SessionFactory, session: Session, client: TestClient, provider: Provider
) -> None:
    plain = carrying(anonymous, organizer(sessions, "mirja", NetworkRole.ORGANIZER))
    body = {"provider": "nominatim", "endpoint": provider.url}
    assert_problem(plain.put(PATH, json=body), 404)
    assert_problem(plain.delete(PATH), 404)
    assert plain.get(PATH).status_code == 200
    session.execute(text("SELECT set_config('role', 'none', true)"))
    session.execute(text("UPDATE access.credential SET fresh_at = now() - interval '6 minutes'"))
    session.execute(text("SELECT set_config('role', :role, true)"), {"role": APP_ROLE})
    session.commit()
    assert assert_problem(client.put(PATH, json=body), 401)["type"].endswith("#proof-needed")
    # stopping is never held up
    assert client.delete(PATH).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://10.0.0.1/"}, {"endpoint": "https://user:word@geo.example.org"}, {"endpoint": "ftp://x"},
        {"endpoint": "http://2130706433:8088"}, {"endpoint": ""}, {"country": "FI"}, {"town": ""}, {"gap_ms": 1},
        {"provider": "google"}, {"keep_days": 91}, {"api_key": "x"},
    ],
)  # fmt: skip
def test_what_cannot_be_allowed_is_refused_without_repeating_it(client: TestClient, change: dict[str, Any]) -> None:
    body = {"provider": "nominatim", "endpoint": "https://geo.example.org"} | change
    answer = client.put(PATH, json=body)
    assert_problem(answer, 422)
    assert "10.0.0.1" not in answer.text
    assert "user:word" not in answer.text
    assert client.get(PATH).json()["service"] is None


def test_a_failure_is_told_noted_and_not_repeated_at_once(client: TestClient) -> None:
    need = waiting(client)
    with serving(says(b"no", status=500)) as provider:
        allow(client, provider)
        for _ in range(2):
            assert assert_problem(ask(client, need), 502)["type"].endswith("#outside-failed")
    assert len(provider.asked) == 1
    outcomes = [fields for _, fields in noted(client)]
    assert outcomes == [["asked", "nominatim"], ["failed", "nominatim"], ["cached", "failed", "nominatim"]]


def test_none_is_an_answer_too(client: TestClient) -> None:
    need = waiting(client)
    with serving(says(EMPTY["photon"])) as provider:
        allow(client, provider, "photon")
        body = ask(client, need).json()
    assert (body["outcome"], body["found"]) == ("none", 0)


def test_too_soon_says_when(client: TestClient, provider: Provider) -> None:
    allow(client, provider, gap_ms=60_000)
    assert ask(client, waiting(client)).status_code == 200
    answer = ask(client, waiting(client, f"{CANARY} 78"))
    assert assert_problem(answer, 429)["type"].endswith("#outside-too-soon")
    assert 1 <= int(answer.headers["retry-after"]) <= 66
    assert len(provider.asked) == 1


def test_another_version_or_no_street_asks_nobody(client: TestClient, provider: Provider) -> None:
    allow(client, provider)
    assert_problem(ask(client, waiting(client), headers={"If-Match": '"v9"'}), 412)
    assert_problem(ask(client, waiting(client, "PO Box 77, 00170")), 409)
    assert provider.asked == []


def _everything(client: TestClient, provider: Provider, connection: Connection) -> list[Any]:
    """Every way an address is looked up, with errors provoked on each; gives the answers."""
    answers = [
        client.post("/v1/geocode", json={"q": TYPED}),
        client.post("/v1/geocode", json={"q": TYPED, CANARY: CANARY}),
        client.post("/v1/geocode", content=f'{{"q": "{TYPED}"', headers={"content-type": "application/json"}),
        client.post("/v1/geocode", json={"q": f"{TYPED}\0"}),
        client.post("/v1/geocode/batch", content=f"q\n{TYPED}\n", headers={"content-type": "text/csv"}),
        client.post("/v1/geocode/batch", content=f'q\n"{TYPED}\n', headers={"content-type": "text/csv"}),
        client.post(
            "/v1/geocode/batch",
            content=f'{{"q": "{TYPED}"}}\n{{"{CANARY}": 1}}\n{CANARY}\n',
            headers={"content-type": "application/x-ndjson"},
        ),
        client.get("/v1/geocode", params={"q": TYPED}),
        client.get("/v1/reverse", params={"lon": CANARY, "lat": 60, CANARY: 1}),
    ]
    need = waiting(client)
    allow(client, provider)
    answers += [client.get("/v1/review"), client.get("/v1/review", params={"q": TYPED}), ask(client, need)]
    answers.append(client.get(f"/v1/needs/{need['id']}/remote-geocode"))
    answers.append(client.post(f"/v1/needs/{need['id']}/location", json={"candidate": 99}))
    bad = waiting(client, f"{CANARY} 79")
    for status, body in ((500, f"{CANARY} 79 is unknown"), (200, f'{{"error": "{CANARY}"}}'), (302, "")):
        with serving(says(body.encode(), status=status, Location=f"{provider.url}/?q={CANARY}")) as broken:
            allow(client, broken)
            answers.append(ask(client, bad))

    def fail(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "location_exact" in statement or "geo_" in statement:
            raise RuntimeError(f"{statement} {parameters} {CANARY}")

    event.listen(connection, "before_cursor_execute", fail)
    try:
        answers += [client.post("/v1/geocode", json={"q": TYPED}), ask(client, need), client.get("/v1/review")]
    finally:
        event.remove(connection, "before_cursor_execute", fail)
    # the database's own error has the value in its text
    long = {"category": "food", "location": {"address": TYPED}, "languages": ["fi"] * 21}
    answers.append(client.post("/v1/needs", json=long))
    return answers


def test_no_address_is_in_any_log_metric_or_entry(
    client: TestClient, provider: Provider, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    # what only the test's own client writes about the addresses it calls
    for own in ("httpx", "httpcore", "asyncio"):
        caplog.set_level(logging.CRITICAL, logger=own)
    loud = ("geopy", "psycopg", "urllib3", "uvicorn", "api", "geo")
    for name in loud:
        caplog.set_level(logging.DEBUG, logger=name)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "sqlalchemy.orm"):
        caplog.set_level(logging.INFO, logger=name)
    caplog.set_level(logging.DEBUG)
    answers = _everything(client, provider, connection)
    statuses = [answer.status_code for answer in answers]
    assert {200, 404, 409, 422, 500, 502} & set(statuses) >= {200, 422, 500, 502}
    problems = [answer.text for answer in answers if answer.status_code >= 400]
    assert len(problems) >= 8
    assert not any(CANARY.lower() in body.lower() for body in problems)
    assert caplog.records
    for record in caplog.records:
        written = f"{record.getMessage()} {record.args!r} {record.exc_text or ''} {record.exc_info!r}"
        assert CANARY.lower() not in written.lower(), record.name
    metrics = client.get("/metrics").text
    assert 'route="/v1/needs/{need_id}/remote-geocode"' in metrics
    assert CANARY.lower() not in metrics.lower()
    assert CANARY.lower() not in client.get("/v1/audit", params={"limit": 1000}).text.lower()


def test_an_address_is_never_taken_from_a_query(client: TestClient) -> None:
    answer = client.get("/v1/geocode", params={"q": TYPED})
    assert answer.status_code in (404, 405)
    assert CANARY not in answer.text
    for path in ("/v1/geocode", "/v1/geocode/batch"):
        answer = client.post(path, params={"q": TYPED}, json={"q": "x"})
        assert answer.status_code >= 400
        assert CANARY not in answer.text
