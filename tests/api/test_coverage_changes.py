from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Audience, Mode
from geo.store.coverage import Question, compute_coverage
from geo.store.coverage_history import keep_day
from geo.store.coverage_tables import coverage_day
from geo.store.engine import make_sessions, transaction

from api.app import create_app
from api.daily import keeping_days
from api.routers.coverage import show_report
from tests.callers import bearing, organizer
from tests.factories import add_asset, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing

    from api.settings import Settings


def test_what_has_changed_since_a_day(client: TestClient, session: Session, settings: Settings) -> None:
    question = Question(StraightLineTravel(), settings.demo.standard_min, Mode.WALK, "hex")
    add_need(session)
    with operator(session):
        keep_day(session, question, now=datetime(2026, 3, 1, tzinfo=UTC))
    add_need(session)
    session.commit()
    found = client.get("/v1/coverage/changes?since=2026-03-05").json()
    assert found["since"] == "2026-03-01"
    (row,) = found["rows"]
    assert (row["gap_then"], row["gap"], row["gap_change"]) == (1, 2, 1)
    assert found["totals"]["food"]["gap_change"] == 1
    assert client.get("/v1/coverage/changes?since=2026-02-01").json()["since"] is None


@pytest.mark.parametrize(
    "query",
    ["", "since=yesterday", "since=2026-13-01", "since=2026-03-01&by=street", "since=2026-03-01&standard_min=0"],
)
def test_bad_questions_are_named(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/coverage/changes?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_coverage_follows_every_write(client: TestClient, session: Session) -> None:
    need, asset = add_need(session), add_asset(session)
    session.commit()

    def food() -> tuple[int, int]:
        totals = client.get("/v1/coverage").json()["totals"].get("food", {"demand": 0, "gap": 0})
        return totals["demand"], totals["gap"]

    def change(path: str, **values: object) -> None:
        etag = client.get(path).headers["etag"]
        assert client.patch(path, json=values, headers={"if-match": etag}).status_code == 200

    assert food() == (1, 0)
    add_need(session)
    session.commit()
    assert food() == (2, 1)
    change(f"/v1/assets/{asset.id}", capacity_per_week=9)
    assert food() == (2, 0)
    change(f"/v1/assets/{asset.id}", status="inactive")
    assert food() == (2, 2)
    change(f"/v1/needs/{need.id}", status="met")
    assert food() == (1, 1)


@pytest.mark.own_db
def test_writers_at_once_over_http_leave_what_is_worked_out_anew(
    own_db: Engine, settings: Settings, keys: KeyRing
) -> None:
    sessions = make_sessions(own_db, keys=keys)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    key = bearing(organizer(sessions))
    with transaction(sessions) as session:
        needs = [str(add_need(session).id) for _ in range(12)]
        assets = [str(add_asset(session, source_ref=str(n)).id) for n in range(3)]

    def write(seed: int) -> list[int]:
        rng, client, codes = random.Random(seed), TestClient(app, headers=key, base_url="http://localhost"), []  # noqa: S311 - no secret
        for _ in range(15):
            path, values = rng.choice(
                [
                    (f"/v1/needs/{rng.choice(needs)}", {"status": rng.choice(["met", "open"])}),
                    (f"/v1/needs/{rng.choice(needs)}", {"urgency": rng.choice(["low", "critical"])}),
                    (f"/v1/assets/{rng.choice(assets)}", {"capacity_per_week": rng.randrange(6)}),
                ]
            )
            etag = client.get(path).headers["etag"]
            codes.append(client.patch(path, json=values, headers={"if-match": etag}).status_code)
            codes.append(client.get("/v1/coverage").status_code)
        return codes

    with ThreadPoolExecutor() as pool:
        codes = {code for found in pool.map(write, range(3)) for code in found}
    # two may have changed the same one
    assert codes <= {200, 412}
    shown: dict[str, Any] = TestClient(app, headers=key, base_url="http://localhost").get("/v1/coverage").json()
    with transaction(sessions) as session:
        anew = compute_coverage(session, Question(StraightLineTravel(), settings.demo.standard_min))
    assert shown == show_report(anew, Audience.ORGANIZER)


@pytest.mark.own_db
def test_a_running_server_keeps_each_day_once(own_db: Engine) -> None:
    def count() -> int:
        with transaction(make_sessions(own_db)) as session:
            return session.scalar(select(func.count()).select_from(coverage_day)) or 0

    async def serve() -> list[int]:
        async with keeping_days(own_db, 5.0, StraightLineTravel, every_s=0.01):
            seen = []
            while len(seen) < 500 and len([n for n in seen if n]) < 10:
                await asyncio.sleep(0.02)
                seen.append(await asyncio.to_thread(count))
            return seen

    seen = asyncio.run(serve())
    assert set(seen) - {0} <= {10, 20}
    assert seen[-1] == 20
