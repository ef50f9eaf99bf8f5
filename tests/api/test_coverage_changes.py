from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Mode
from geo.store.coverage import Question
from geo.store.coverage_history import keep_day

from tests.factories import add_asset, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

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
