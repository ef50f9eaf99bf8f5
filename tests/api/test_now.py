"""The organizer's first look over HTTP: it adds up, stands beside the balance, and refuses what cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from geo.domain.now import LONGEST_BACK
from geo.store.last_visit import note_visit

from tests.api.conftest import TestClient, assert_problem, carrying
from tests.callers import organizer
from tests.factories import add_helper, add_need, waiting
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

PATH = "/v1/now"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


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


def test_a_visit_ends_after_four_hours_and_the_next_is_told_when_it_was(
    client: TestClient, session: Session, sessions: SessionFactory
) -> None:
    seen = "/v1/now/seen"
    assert client.post(seen).json() == {"before": None}
    assert client.post(seen).json() == {"before": None}
    with operator(session):
        session.execute(text("UPDATE access.membership SET seen_at = '2026-03-03T09:05:00Z'"))
    session.commit()
    for _ in range(2):
        assert client.post(seen).json() == {"before": "2026-03-03T09:05:00Z"}
    # each has a memory of their own
    other = carrying(client, organizer(sessions, "mirja"))
    assert other.post(seen).json() == {"before": None}
    assert all("seen" not in name for one in client.get("/v1/people").json()["items"] for name in one)


def test_looks_within_four_hours_are_one_visit(session: Session, client: TestClient) -> None:
    client.post("/v1/now/seen").raise_for_status()
    with operator(session):
        person = session.scalar(text("SELECT person_id FROM access.membership WHERE seen_at IS NOT NULL"))
        session.execute(text("UPDATE access.membership SET seen_at = NULL, seen_before_at = NULL"))
        session.execute(text("SELECT set_config('barnraiser.actor', :person, true)"), {"person": str(person)})
        looks = [0, 3, 6.9, 11, 11.5, 40]
        told = [note_visit(session, now=NOON + timedelta(hours=hours)).before for hours in looks]
    first, second, third = (NOON + timedelta(hours=hours) for hours in (0, 6.9, 11.5))
    assert told == [None, None, None, second, second, third]
    assert first not in told
