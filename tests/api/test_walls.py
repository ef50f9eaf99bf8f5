"""The walls before the routes: names, origins, sizes, types, times, headers."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from api.app import create_app
from api.hosts import host_name
from api.settings import HomeSettings, ServerSettings, Settings
from tests.api.conftest import TestClient, assert_problem
from tests.callers import bearing, organizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from geo.store.engine import SessionFactory

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("localhost", "localhost"),
        ("localhost:8000", "localhost"),
        ("[::1]:8000", "[::1]"),
        ("[::1]", "[::1]"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_host_names_lose_their_port(authority: str, name: str) -> None:
    assert host_name(authority) == name


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil", "", "169.254.169.254"])
def test_unknown_names_are_turned_away(client: TestClient, host: str) -> None:
    assert_problem(client.get("/v1/meta", headers={"Host": host}), 421)


def test_every_loopback_name_is_ours(client: TestClient) -> None:
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"):
        assert client.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example", "file://"])
def test_pages_of_other_sites_cannot_write(client: TestClient, origin: str) -> None:
    assert_problem(client.post("/v1/needs", json={"category": "food"}, headers={"Origin": origin}), 403)


def test_our_own_pages_can_write(client: TestClient) -> None:
    answer = client.post("/v1/needs", json={"category": "food"}, headers={"Origin": "http://localhost:8000"})
    assert answer.status_code == 201


def test_sockets_of_other_sites_stay_closed(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/dash/_stcore/stream", headers={"Origin": "http://evil.example"}),
    ):
        pass
    assert closed.value.code == 1008


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/v1/meta", "/nope", "/v1/needs?x=1", "/static/nope.js"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"


def test_only_the_frame_of_the_map_may_compile_what_it_is_sent(client: TestClient) -> None:
    page = client.get("/dash/").headers["content-security-policy"]
    frame = client.get("/dash/component/streamlit_folium.st_folium/index.html").headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in page
    assert "unsafe-eval" not in page
    assert "'unsafe-inline'" not in page.partition("script-src")[2]
    assert frame.endswith("'unsafe-inline' 'unsafe-eval'")
    for policy in (page, frame):
        assert policy.startswith("default-src 'none'")
        assert "http" not in policy
        assert "*" not in policy


@pytest.mark.parametrize("size", [1_000_001, 20_000_000])
def test_a_large_body_is_refused_by_its_length(client: TestClient, size: int) -> None:
    assert_problem(client.post("/v1/needs", content=b"x" * size, headers=JSON), 413)


def test_a_large_body_without_a_length_is_refused_as_it_comes(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 100_000

    assert_problem(client.post("/v1/needs", content=endless(), headers=JSON), 413)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/csv",
        "application/json; charset=utf-16",
        "application/xml",
    ],
)
def test_only_json_is_taken(client: TestClient, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    assert_problem(client.post("/v1/needs", content=b'{"category":"food"}', headers=headers), 415)


def test_compressed_bodies_are_not_taken(client: TestClient) -> None:
    assert_problem(client.post("/v1/needs", content=b"x", headers=JSON | {"content-encoding": "gzip"}), 415)


def test_json_in_utf8_may_say_so(client: TestClient) -> None:
    headers = {"content-type": "application/json; charset=UTF-8"}
    assert client.post("/v1/needs", content=b'{"category":"food"}', headers=headers).status_code == 201


def test_methods_without_a_body_take_none(client: TestClient) -> None:
    assert_problem(client.request("GET", "/v1/needs", content=b"{}", headers=JSON), 400)


def test_too_many_headers_are_refused(client: TestClient) -> None:
    assert_problem(client.get("/v1/needs", headers={f"x-{n}": "1" for n in range(200)}), 400)


async def _call(app: Any, messages: list[dict[str, Any]], headers: list[tuple[bytes, bytes]]) -> int:
    scope = {
        "type": "http", "method": "POST", "path": "/v1/needs", "raw_path": b"/v1/needs", "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), *headers],
        "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "root_path": "", "app": app,
        "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(60)
        raise AssertionError("nobody waits this long")

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def test_a_body_that_never_ends_times_out(app: FastAPI) -> None:
    started = time.perf_counter()
    assert asyncio.run(_call(app, [{"type": "http.request", "body": b"{", "more_body": True}], [])) == 408
    assert time.perf_counter() - started < 8


def test_a_caller_who_leaves_gets_no_record(app: FastAPI, client: TestClient) -> None:
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    assert asyncio.run(_call(app, messages, [])) == 400
    assert client.get("/v1/balance").json()["received"] == 0


@pytest.mark.parametrize("length", [b"-1", b"1_0", b"x", b"99999999999999999999999", "٣".encode()])
def test_a_length_that_is_no_length_is_refused(app: FastAPI, length: bytes) -> None:
    assert asyncio.run(_call(app, [], [(b"content-length", length)])) in (400, 413)


def test_a_proxy_that_encrypts_is_known_by_the_setting_alone(sessions: SessionFactory, tmp_path: Path) -> None:
    server = ServerSettings(origin="https://map.example.org")
    settings = Settings(home=HomeSettings(home=tmp_path, database_url=None), server=server)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    with TestClient(app) as client:
        boss = bearing(organizer(sessions))
        away = boss | {"Host": "map.example.org", "Origin": "https://map.example.org"}
        made = client.post("/v1/devices", json={"label": "one"}, headers=away)
        assert made.json()["link"].startswith("https://map.example.org/canvass/enrol#bre_")
        assert "max-age" in made.headers["strict-transport-security"]
        forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
        near = client.post("/v1/devices", json={"label": "two"}, headers=boss | {"Host": "localhost"} | forged)
        assert near.json()["link"].startswith("http://localhost/")
        assert "strict-transport-security" not in near.headers
        assert_problem(client.get("/v1/meta", headers={"Host": "evil.example"}), 421)


@pytest.mark.parametrize(
    "origin",
    [
        "http://map.example.org",
        "https://",
        "https://map.example.org/x",
        "https://a@b",
        "map.example.org",
        "https://A.B",
    ],
)
def test_only_an_encrypted_origin_is_taken(origin: str) -> None:
    with pytest.raises(ValidationError, match="https"):
        ServerSettings(origin=origin)


def test_every_write_without_a_body_is_told_what_is_missing(app: FastAPI, client: TestClient) -> None:
    nobody = "01a00000-0000-7000-8000-000000000001"
    for path, operations in app.openapi()["paths"].items():
        for method in set(operations) & {"post", "put", "patch"}:
            answer = client.request(method, re.sub(r"\{\w+\}", nobody, path), headers={"If-Match": "*"})
            assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
            if "requestBody" in operations[method]:
                assert answer.status_code >= 400, f"{method} {path}: {answer.status_code}"
