"""What was met at the doors of a turf: taken once, and the last visit counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from geo.domain.ids import new_id

from tests.api.conftest import TestClient, assert_problem
from tests.api.turfs import hand_in, progress, visit


def test_visits_are_taken_once_and_the_last_one_counts(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    first, second = visit(turf, 1, "nobody_home"), visit(turf, 2, "visited")
    assert [one["code"] for one in hand_in(phone, first, second)] == [201, 201]
    assert [one["status"] for one in hand_in(phone, second, first)] == ["already_received"] * 2
    told = progress(client, turf)
    assert (told["left"], told["outcomes"]["nobody_home"], told["outcomes"]["visited"]) == (8, 1, 1)
    assert hand_in(phone, visit(turf, 1, "visited"))[0]["code"] == 201
    told = progress(client, turf)
    assert (told["left"], told["outcomes"]["nobody_home"], told["outcomes"]["visited"]) == (8, 0, 2)
    assert told["streets"] == [{"street": "Testikatu", "doors": 10, "outcomes": told["outcomes"]}]
    door = client.get(f"/v1/turfs/{turf['id']}/map").json()["features"][0]["properties"]
    assert (door["outcome"], door["visits"]) == ("visited", 2)
    (row,) = client.get("/v1/turfs").json()["items"]
    assert row["progress"]["outcomes"] == told["outcomes"]


def test_what_comes_late_does_not_undo_what_was_met_after_it(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    noon, later = now - timedelta(hours=3), now - timedelta(hours=1)
    hand_in(client, visit(turf, 1, "visited", device_at=later.isoformat()))
    # a clock that is a year behind says all the same how long ago it was
    wrong = timedelta(days=365)
    old = visit(turf, 1, "nobody_home", device_at=(noon - wrong).isoformat())
    hand_in(phone, old, sent_at=(now - wrong).isoformat())
    assert progress(client, turf)["outcomes"]["visited"] == 1
    newer = visit(turf, 1, "refused", device_at=(now - wrong - timedelta(minutes=5)).isoformat())
    hand_in(phone, newer, sent_at=(now - wrong).isoformat())
    assert progress(client, turf)["outcomes"]["refused"] == 1


def test_an_id_that_comes_again_with_another_visit_is_told(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    one = visit(turf, 1, "visited")
    hand_in(phone, one)
    assert hand_in(phone, one | {"outcome": "refused"})[0]["code"] == 409
    # neither is it any oracle of what others handed in
    assert hand_in(client, one | {"position": 2})[0]["code"] == 409
    assert progress(client, turf)["outcomes"] == {
        "visited": 1, "nobody_home": 0, "refused": 0, "come_back": 0, "not_found": 0,
    }  # fmt: skip


def test_bad_visits_do_not_stop_the_good_ones(client: TestClient, phone: TestClient, turf: dict[str, Any]) -> None:
    bad = [
        visit(turf, 0),
        visit(turf, 11),
        visit(turf, outcome="shouted"),
        visit({"id": str(new_id())}),
        visit(turf, device_at="yesterday"),
        {"id": 7},
        visit(turf) | {"note": "the tall man"},
    ]
    results = hand_in(phone, *bad, visit(turf, 3))
    assert [one["status"] for one in results] == ["rejected"] * 7 + ["created"]
    assert [one["code"] for one in results[:7]] == [422, 422, 422, 404, 422, 422, 422]
    assert progress(client, turf)["left"] == 9
    assert_problem(phone.post("/v1/visits", json={"visits": []}), 422)
    alone = phone.post("/v1/visits", json={"visits": bad[:1]})
    assert assert_problem(alone, 422)["results"][0]["status"] == "rejected"
