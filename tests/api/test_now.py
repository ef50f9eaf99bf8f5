"""The organizer's first look over HTTP: it adds up, stands beside the balance, and refuses what cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geo.domain.now import LONGEST_BACK

from tests.api.conftest import TestClient, assert_problem
from tests.factories import add_helper, add_need, waiting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PATH = "/v1/now"


def test_what_changed_what_waits_and_what_to_do(client: TestClient, session: Session) -> None:
    now = datetime.now(UTC)
    old = add_need(session, received_at=now - timedelta(days=5))
    new, met = add_need(session, waiting()), add_need(session)
    add_helper(session)
    session.commit()
    client.patch(f"/v1/needs/{met.id}", json={"status": "met"}, headers={"If-Match": "*"}).raise_for_status()
    told = client.get(PATH).raise_for_status().json()
    flow = told["flow"]
    since = datetime.fromisoformat(flow.pop("since"))
    assert abs(now - timedelta(days=1) - since) < timedelta(minutes=5)
    assert flow == {
        "open_then": 1, "came_in": 2, "met": 1, "withdrawn": 0, "expired": 0, "merged": 0, "open_now": 2,
    }  # fmt: skip
    assert flow["open_now"] == told["balance"]["received"] - told["balance"]["closed"]
    assert told["balance"] == client.get("/v1/balance").json()
    assert [one["id"] for one in told["longest"]] == [str(old.id), str(new.id)]
    assert {one["kind"]: one["count"] for one in told["tasks"]} == {"helper_near": 1, "unclaimed": 1, "review": 1}
    week = client.get(PATH, params={"since": (now - timedelta(days=7)).isoformat(), "limit": 1}).json()
    assert (week["flow"]["open_then"], week["flow"]["came_in"], len(week["longest"])) == (0, 3, 1)


def test_since_when_is_refused_where_it_cannot_be_told(client: TestClient) -> None:
    now = datetime.now(UTC)
    for since in (now + timedelta(hours=1), now - LONGEST_BACK - timedelta(hours=1)):
        problem = assert_problem(client.get(PATH, params={"since": since.isoformat()}), 422)
        assert "since" in str(problem)
    for since in ("yesterday", "2026-01-01", "2026-01-01T00:00:00", ""):
        assert_problem(client.get(PATH, params={"since": since}), 422)
    assert_problem(client.get(PATH, params={"limit": 0}), 422)
