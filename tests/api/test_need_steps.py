"""One step for several needs: each is done or left by itself, once for each key, and the audit names each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from geo.domain.ids import new_id

from tests.api.conftest import assert_problem, make_need

if TYPE_CHECKING:
    from tests.api.conftest import TestClient

PATH = "/v1/needs/steps"


def seen(*needs: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": one["id"], "version": one["version"]} for one in needs]


def step(client: TestClient, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(PATH, json=body, headers=headers)


def test_each_is_closed_or_left_by_itself_and_all_can_be_opened_again(client: TestClient) -> None:
    first, second, third = (make_need(client) for _ in range(3))
    client.patch(f"/v1/needs/{second['id']}", json={"urgency": "high"}, headers={"If-Match": "*"}).raise_for_status()
    gone = {"id": str(new_id()), "version": 1}
    told = step(client, status="withdrawn", reason="Shop open again", items=[*seen(first, second, third), gone]).json()
    assert (told["done"], told["left"]) == (2, 2)
    assert [one["id"] for one in told["results"]] == [first["id"], second["id"], third["id"], gone["id"]]
    assert [one["need"]["status"] for one in told["results"] if one["need"]] == ["withdrawn", "withdrawn"]
    problems = [one["problem"] for one in told["results"] if one["problem"]]
    assert [(one["status"], one["type"]) for one in problems] == [
        (412, "/problems#stale-version"), (404, "/problems#not-found"),
    ]  # fmt: skip
    assert client.get(f"/v1/needs/{second['id']}").json()["status"] == "open"
    back = step(client, status="open", items=seen(*(one["need"] for one in told["results"] if one["need"]))).json()
    assert (back["done"], back["left"]) == (2, 0)
    assert client.get("/v1/balance").json()["closed"] == 0


def test_the_audit_names_each_need_and_why_it_was_closed(client: TestClient) -> None:
    needs = [make_need(client) for _ in range(2)]
    step(client, status="met", reason="Handed out at the church", items=seen(*needs)).raise_for_status()
    told = client.get("/v1/audit").json()["items"][:4]
    assert {(one["action"], one["object_ids"][0]) for one in told} == {
        (action, need["id"]) for action in ("update", "close") for need in needs
    }
    assert {one["reason"] for one in told if one["action"] == "close"} == {"Handed out at the church"}


def test_a_repetition_takes_no_step_twice_and_finishes_what_was_cut_off(client: TestClient) -> None:
    needs, key = [make_need(client) for _ in range(3)], str(uuid4())
    first = step(client, key, urgency="critical", items=seen(*needs[:2])).json()
    # as if the first request had been cut off before its last need
    again = step(client, key, urgency="critical", items=seen(*needs)).json()
    assert (first["done"], again["done"], again["left"]) == (2, 3, 0)
    assert [one["need"]["version"] for one in again["results"]] == [2, 2, 2]
    other = step(client, key, urgency="low", items=seen(needs[0])).json()
    assert other["results"][0]["problem"]["type"] == "/problems#idempotency-clash"


@pytest.mark.parametrize(
    "change",
    [
        {"status": None}, {"urgency": "high"}, {"status": "merged"}, {"status": "in_progress"}, {"items": []},
        {"items": None}, {"reason": ""}, {"reason": "x" * 201}, {"status": "open", "reason": "x"}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_no_step_is_refused_whole(client: TestClient, change: dict[str, Any]) -> None:
    body: dict[str, Any] = {"status": "met", "items": [{"id": str(new_id()), "version": 1}]}
    sent = {name: value for name, value in (body | change).items() if value is not None}
    assert_problem(client.post(PATH, json=sent), 422)


def test_no_need_is_named_twice_and_no_more_than_two_hundred(client: TestClient) -> None:
    one = {"id": str(new_id()), "version": 1}
    assert_problem(step(client, status="met", items=[one, one | {"version": 2}]), 422)
    assert_problem(step(client, status="met", items=[{"id": str(new_id()), "version": 1} for _ in range(201)]), 422)
