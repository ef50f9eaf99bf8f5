"""Many callers at once: each gets an answer, and what is sent many times is kept once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from geo.store.engine import make_sessions
from geo.store.keys import register_keys

from api.app import create_app
from api.gate import Gate
from tests.callers import bearing, enrolled_device, organizer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

    from api.settings import Settings


async def _send(app: Any, bodies: list[Any], path: str, headers: list[dict[str, str]]) -> list[httpx.Response]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
        calls = (client.post(path, json=body, headers=sent) for body, sent in zip(bodies, headers, strict=True))
        return list(await asyncio.gather(*calls))


@pytest.mark.own_db
def test_copies_of_a_queue_at_once_are_kept_once_and_all_are_answered(
    own_db: Engine, settings: Settings, keys: KeyRing
) -> None:
    register_keys(own_db, keys)
    sessions = make_sessions(own_db, keys=keys)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    phone = bearing(enrolled_device(sessions))
    queue = [{"id": str(uuid4()), "kind": "need", "body": {"category": "food"}} for _ in range(5)]
    bodies = [{"entries": queue[turn % 5 :] + queue[: turn % 5]} for turn in range(48)]
    answers = asyncio.run(_send(app, bodies, "/v1/submissions", [phone] * 48))
    assert {answer.status_code for answer in answers} == {200}
    statuses = [result["status"] for answer in answers for result in answer.json()["results"]]
    assert statuses.count("created") == 5
    assert statuses.count("already_received") == 48 * 5 - 5


@pytest.mark.own_db
def test_copies_of_a_create_at_once_make_one_record(own_db: Engine, settings: Settings, keys: KeyRing) -> None:
    sessions = make_sessions(own_db, keys=keys)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    key = bearing(organizer(sessions)) | {"Idempotency-Key": str(uuid4())}
    answers = asyncio.run(_send(app, [{"category": "food"}] * 24, "/v1/needs", [key] * 24))
    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_who_waits_too_long_is_told_to_come_back() -> None:
    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        await asyncio.sleep(0.5)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def both() -> list[httpx.Response]:
        gate = Gate(slow, at_once=1, wait_s=0.05, unguarded=("/health",))
        transport = httpx.ASGITransport(app=gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return list(await asyncio.gather(*(client.get(path) for path in ("/a", "/b", "/health/live"))))

    first, second, free = asyncio.run(both())
    assert sorted([first.status_code, second.status_code]) == [204, 503]
    assert free.status_code == 204
    late = second if second.status_code == 503 else first
    assert late.headers["retry-after"]
