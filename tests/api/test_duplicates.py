"""Requests that may be one, over HTTP: found at once, merged with a choice, undone; and nobody else hears of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from geo.domain.reasons import Reason, ReasonCode
from geo.store.engine import transaction
from geo.store.judging import judge_some

from tests.api.conftest import carrying
from tests.callers import acting, enrolled_device

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from geo.store.engine import SessionFactory

HERE = {"lon": 24.94, "lat": 60.17, "method": "manual", "accuracy_m": 10}


def ask(client: TestClient, **values: Any) -> dict[str, Any]:
    answer = client.post("/v1/needs", json={"category": "food", "location": HERE} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def waiting(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    return client.get("/v1/duplicates", params=params).json()["items"]


def test_two_are_found_merged_and_taken_apart_again(client: TestClient) -> None:
    first, second = ask(client), ask(client, household_size=4)
    ask(client, category="water")
    (pair,) = waiting(client)
    assert (pair["earlier"]["need"]["id"], pair["later"]["need"]["id"]) == (first["id"], second["id"])
    assert pair["metres_apart"] == 0
    assert set(pair["facts"]) == {"household_size", "place"}
    assert "lon" not in str(pair)
    where = f"/v1/duplicates/{pair['id']}"
    seen = {"earlier_version": first["version"], "later_version": second["version"]}
    stale = client.post(where + "/merge", json={"take": []} | seen | {"later_version": second["version"] + 1})
    assert stale.status_code == 412
    merged = client.post(where + "/merge", json={"take": ["household_size"]} | seen)
    assert (merged.status_code, merged.json()["state"], merged.json()["can_undo"]) == (200, "merged", True)
    assert client.get(f"/v1/needs/{first['id']}").json()["household_size"] == 4
    assert client.get(f"/v1/needs/{second['id']}").json()["status"] == "merged"
    assert waiting(client) == []
    assert [one["id"] for one in waiting(client, state="merged")] == [pair["id"]]
    balance = client.get("/v1/balance").json()
    assert balance["received"] == sum(balance[name] for name in balance if name != "received")
    assert client.post(where + "/undo").json()["state"] == "waiting"
    again = client.get(f"/v1/needs/{first['id']}").json()
    assert (again["household_size"], again["status"]) == (first["household_size"], "open")
    actions = [(one["action"], one["object_kind"]) for one in client.get("/v1/audit").json()["items"]]
    assert {("merge", "need_merge"), ("undo", "need_merge")} <= set(actions)


def test_why_two_may_be_one_comes_as_sentences_and_as_codes(client: TestClient) -> None:
    ask(client)
    ask(client)
    (pair,) = waiting(client)
    because = [Reason(ReasonCode(one["code"]), one["parts"]) for one in pair["because"]]
    assert pair["why"] == [reason.words for reason in because] != []


def test_what_is_not_one_is_not_shown_again(client: TestClient) -> None:
    ask(client)
    second = ask(client)
    (pair,) = waiting(client)
    where = f"/v1/duplicates/{pair['id']}"
    assert client.post(where + "/different").json()["state"] == "different"
    assert client.post(where + "/different").status_code == 409
    etag = client.get(f"/v1/needs/{second['id']}").headers["ETag"]
    client.patch(f"/v1/needs/{second['id']}", json={"household_size": 2}, headers={"If-Match": etag})
    assert waiting(client) == []
    assert client.post(where + "/undo").json()["state"] == "waiting"


def test_whoever_knocks_is_told_the_same_whether_or_not_somebody_has_asked_before(
    client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    """A phone hears nothing by which it could find out who asks for help: no word, no number, no header differs."""
    elsewhere = {"lon": 24.96, "lat": 60.19, "method": "manual", "accuracy_m": 10}
    told = []
    for known, place, number in ((False, elsewhere, "1"), (True, HERE, "2")):
        phone = {"contact": {"name": "Aino", "phone": f"+35840123456{number}", "consent": True}}
        door = carrying(anonymous, enrolled_device(sessions, f"phone {number}"))
        if known:
            ask(client, **phone)
            client.get("/v1/duplicates")
        entry = {"id": str(uuid4()), "kind": "need", "body": {"category": "food", "location": place} | phone}
        sent = {"entries": [entry]}
        answers = [door.post("/v1/submissions", json=sent) for _ in range(2)]
        answers += [door.get(path) for path in ("/v1/submissions", "/v1/balance", "/v1/needs", "/v1/duplicates")]
        told.append([without_chance(answer) for answer in answers])
    assert [status for status, _, _ in told[0][:2]] == [200, 200]
    assert told[0] == told[1]
    with transaction(sessions, acting()) as session:
        judge_some(session)
    # the organizers hear of it, by the next round
    assert len(waiting(client)) == 1


def without_chance(answer: Any) -> tuple[int, dict[str, str], str]:
    """What was told, but for ids and moments, which are never twice the same."""
    changing = {"date", "x-request-id", "etag", "ratelimit"}
    headers = {name: "" if name in changing else value for name, value in answer.headers.items()}
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", answer.text)
    return answer.status_code, headers, re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "MOMENT", text)


def test_a_page_ends_and_the_next_begins_there(client: TestClient) -> None:
    for _ in range(4):
        ask(client)
    every = [one["id"] for one in waiting(client)]
    assert len(every) == 6
    found, cursor = [], None
    while True:
        page = client.get("/v1/duplicates", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == every
    assert page["count"] == 6


def test_bad_input_is_answered(client: TestClient) -> None:
    where = f"/v1/duplicates/{uuid4()}"
    assert client.get(where).status_code == 404
    for way in ("/different", "/undo"):
        assert client.post(where + way).status_code == 404
    assert client.post(where + "/merge", json={}).status_code == 404
    for wrong in ({"take": ["name"]}, {"take": "note"}, {"keep": 1}, {"earlier_version": 0}, {"take": ["note"] * 9}):
        answer = client.post(where + "/merge", json=wrong)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert client.get("/v1/duplicates", params={"state": "open"}).status_code == 422
    made = ask(client)
    patch = client.patch(f"/v1/needs/{made['id']}", json={"status": "merged"}, headers={"If-Match": "*"})
    assert patch.status_code == 422
