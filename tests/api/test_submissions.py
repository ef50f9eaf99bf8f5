from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.api.conftest import STREET, assert_problem

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def entry(**values: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": "need", "body": {"category": "food"}} | values


def submit(client: TestClient, *entries: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/submissions", json={"entries": list(entries)})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


@pytest.mark.usefixtures("served")
def test_entries_become_needs_once(client: TestClient) -> None:
    queue = [entry(body={"category": "food", "location": {"address": f"{STREET} {n}"}}) for n in range(1, 6)]
    first = submit(client, *queue)
    assert [(r["id"], r["status"], r["code"]) for r in first] == [(e["id"], "created", 201) for e in queue]
    again = submit(client, *reversed(queue))
    assert [(r["id"], r["status"], r["code"]) for r in again] == [
        (e["id"], "already_received", 200) for e in reversed(queue)
    ]
    assert {r["record_id"] for r in first} == {r["record_id"] for r in again}
    assert client.get("/v1/balance").json()["received"] == 5
    assert client.get(f"/v1/needs/{first[0]['record_id']}").json()["source"] == "canvass"


def test_the_same_entry_twice_in_one_queue_is_one_need(client: TestClient) -> None:
    twice = entry()
    results = submit(client, twice, twice)
    assert [r["status"] for r in results] == ["created", "already_received"]
    assert client.get("/v1/balance").json()["received"] == 1


def test_another_body_under_the_same_id_is_refused_and_changes_nothing(client: TestClient) -> None:
    sent = entry()
    submit(client, sent)
    clash, fresh = submit(client, sent | {"body": {"category": "water"}}, entry())
    assert (clash["status"], clash["code"], fresh["status"]) == ("rejected", 409, "created")
    assert clash["errors"][0]["pointer"] == "/body/entries/0/id"
    assert client.get(f"/v1/needs/{sent['id']}").json()["category"] == "food"


@pytest.mark.usefixtures("served")
def test_one_bad_entry_does_not_hold_up_the_others(client: TestClient) -> None:
    outside = {"category": "food", "location": {"lon": 60.17, "lat": 24.95, "method": "gps"}}
    bad = [
        entry(body={"category": "gold"}),
        entry(id="not-an-id"),
        entry(kind="wish"),
        {"id": str(uuid4())},
        entry(body=outside),
        entry(device_at=1_700_000_000),
        entry(id="00000000-0000-0000-0000-000000000000"),
    ]
    results = submit(client, *bad, entry())
    assert [r["status"] for r in results] == ["rejected"] * len(bad) + ["created"]
    assert results[0]["errors"][0]["pointer"] == "/body/entries/0/body/category"
    assert results[1]["id"] is None
    assert client.get("/v1/balance").json()["received"] == 1


def test_a_queue_of_nothing_but_bad_entries_is_a_problem_that_says_which(client: TestClient) -> None:
    bad = entry(body={"category": "gold"})
    problem = assert_problem(client.post("/v1/submissions", json={"entries": [bad]}), 422)
    assert problem["results"][0]["id"] == bad["id"]


def test_a_queue_has_one_to_two_hundred_entries(client: TestClient) -> None:
    assert_problem(client.post("/v1/submissions", json={"entries": []}), 422)
    assert_problem(client.post("/v1/submissions", json={"entries": [entry()] * 201}), 422)
    assert_problem(client.post("/v1/submissions", json={"entries": ["x"]}), 422)
    assert client.get("/v1/balance").json()["received"] == 0
