from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from geo.domain.ids import new_id

from tests.api.conftest import STREET, assert_problem, make_need

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

PIN = {"point": {"lon": 24.95, "lat": 60.17}}


@pytest.mark.usefixtures("served")
def test_the_queue_shows_what_was_typed_and_offered(client: TestClient) -> None:
    waiting = make_need(client, location={"address": f"{STREET} 99"})
    make_need(client, location={"address": f"{STREET} 3"})
    body = client.get("/v1/review").json()
    assert (body["count"], body["next"], len(body["items"])) == (1, None, 1)
    item = body["items"][0]
    assert item["need"] == waiting
    assert item["address_typed"] == f"{STREET} 99"
    for offer in item["candidates"]:
        assert set(offer) == {"index", "lon", "lat", "label", "match_quality", "uncertainty_m", "score", "faults"}


@pytest.mark.usefixtures("served")
def test_a_pin_takes_a_need_out_of_the_queue(client: TestClient) -> None:
    need = make_need(client, location={"address": "Olematonkatu 7"})
    answer = client.post(f"/v1/needs/{need['id']}/location", json=PIN, headers={"If-Match": '"v1"'})
    placed = answer.json()
    assert (placed["location_state"], placed["match_quality"], placed["version"]) == ("confirmed", "manual", 2)
    assert answer.headers["etag"] == '"v2"'
    assert client.get("/v1/review").json()["count"] == 0
    assert_problem(client.post(f"/v1/needs/{need['id']}/location", json=PIN, headers={"If-Match": '"v1"'}), 412)


@pytest.mark.usefixtures("served")
def test_an_offered_place_can_be_chosen(client: TestClient) -> None:
    need = make_need(client, location={"address": f"{STREET} 99"})
    offers = client.get("/v1/review").json()["items"][0]["candidates"]
    path = f"/v1/needs/{need['id']}/location"
    assert_problem(client.post(path, json={"candidate": len(offers)}), 422)
    if offers:
        assert client.post(path, json={"candidate": 0}).json()["cell"] is not None


@pytest.mark.usefixtures("served")
def test_a_place_can_be_confirmed_only_where_there_is_one(client: TestClient) -> None:
    placed = make_need(client, location={"address": f"{STREET} 3"})
    waiting = make_need(client, location={"address": "Olematonkatu 7"})
    sure = client.post(f"/v1/needs/{placed['id']}/location", json={"confirm": True}).json()
    assert sure["location_state"] == "confirmed"
    assert_problem(client.post(f"/v1/needs/{waiting['id']}/location", json={"confirm": True}), 409)
    assert_problem(client.post(f"/v1/needs/{uuid4()}/location", json={"confirm": True}), 404)


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"confirm": False},
        {"confirm": 1},
        {"candidate": -1},
        {"candidate": True},
        {"candidate": 0, "confirm": True},
        {"confirm": True, "uncertainty_m": 3},
        PIN | {"uncertainty_m": -1},
        PIN | {"uncertainty_m": 1e9},
        {"point": {"lon": 60.17, "lat": 24.95}},
    ],
)
@pytest.mark.usefixtures("served")
def test_anything_but_one_choice_is_refused(client: TestClient, choice: dict[str, object]) -> None:
    need = make_need(client, location={"address": "Olematonkatu 7"})
    assert_problem(client.post(f"/v1/needs/{need['id']}/location", json=choice), 422)
    assert client.get("/v1/review").json()["count"] == 1


# -- the order and the lists -----------------------------------------------------------------------------------------


def wait(client: TestClient, typed: str = "Olematonkatu 7", **values: Any) -> dict[str, Any]:
    return make_need(client, location={"address": typed}, **values)


def decide(client: TestClient, need: dict[str, Any], choice: dict[str, Any], **headers: str) -> Any:
    return client.post(f"/v1/needs/{need['id']}/location", json=choice, headers=headers)


def ids(page: dict[str, Any]) -> list[str]:
    return [item["need"]["id"] for item in page["items"]]


@pytest.mark.usefixtures("served")
def test_the_queue_goes_by_urgency_and_its_pages_follow_each_other(client: TestClient) -> None:
    made = {urgency: wait(client, urgency=urgency)["id"] for urgency in ("low", "critical", "normal", "high")}
    made["asked"] = wait(client, urgency="critical")["id"]
    assert decide(client, {"id": made["asked"]}, {"ask_again": True}).status_code == 200
    order = [made[name] for name in ("critical", "high", "normal", "low", "asked")]
    assert ids(client.get("/v1/review").json()) == order
    seen, cursor = [], None
    while True:
        page = client.get("/v1/review", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += ids(page)
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == order
    page = client.get("/v1/review", params={"state": "waiting", "limit": 1}).json()
    assert page["count"] == 4
    assert page["counts"] == {"waiting": 4, "ask_again": 1, "outside_area": 0, "decided_today": 1}
    for wrong in ("ask_again", "decided"):
        assert_problem(client.get("/v1/review", params={"state": wrong, "cursor": page["next"]}), 400)
    forged = base64.urlsafe_b64encode(f"99.{'9' * 17}.{uuid4()}".encode()).rstrip(b"=").decode()
    for cursor in ("eA", "MC4xLng", page["next"][:-2], forged):
        assert_problem(client.get("/v1/review", params={"cursor": cursor}), 400)


def test_a_page_has_fifty_at_most(client: TestClient) -> None:
    assert client.get("/v1/review", params={"limit": 5000}).status_code == 200
    assert_problem(client.get("/v1/review", params={"limit": 0}), 422)
    assert_problem(client.get("/v1/review", params={"state": "lost"}), 422)


# -- asking, outside, undo -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_somebody_is_to_be_asked(client: TestClient) -> None:
    need = wait(client)
    asked = decide(client, need, {"ask_again": True, "note": "Which stair has Canary?"}, **{"If-Match": '"v1"'})
    assert (asked.json()["location_state"], asked.json()["review_mark"]) == ("needs_review", "ask_again")
    page = client.get("/v1/review", params={"state": "ask_again"}).json()
    assert [(item["note"], item["state"]) for item in page["items"]] == [("Which stair has Canary?", "ask_again")]
    assert client.get("/v1/balance").json()["needs_review"] == 1
    entries = client.get("/v1/audit").json()["items"]
    assert "Canary" not in str(entries)
    assert ("ask_again", "need") in [(entry["action"], entry["object_kind"]) for entry in entries]
    shown = [entry["fields"] for entry in entries if entry["action"] == "reveal"]
    assert ["note"] in shown


@pytest.mark.usefixtures("served")
def test_what_lies_outside_leaves_the_queue_and_stays_counted(client: TestClient) -> None:
    need = wait(client)
    assert decide(client, need, {"outside_area": True}).json()["review_mark"] == "outside_area"
    assert client.get("/v1/review").json()["items"] == []
    assert ids(client.get("/v1/review", params={"state": "outside_area"}).json()) == [need["id"]]
    balance = client.get("/v1/balance").json()
    assert (balance["received"], balance["needs_review"]) == (1, 1)


@pytest.mark.usefixtures("served")
def test_a_decision_is_taken_back(client: TestClient) -> None:
    need = wait(client)
    path = f"/v1/needs/{need['id']}/location/undo"
    assert_problem(client.post(path), 409)
    decide(client, need, PIN)
    (decided,) = client.get("/v1/review", params={"state": "decided"}).json()["items"]
    assert (decided["kind"], decided["remembered"], decided["can_undo"]) == ("pin", True, True)
    assert decided["decided_by"] is not None
    assert_problem(client.post(path, headers={"If-Match": '"v1"'}), 412)
    undone = client.post(path, headers={"If-Match": '"v2"'})
    assert undone.headers["etag"] == '"v3"'
    same = {name: undone.json()[name] for name in need if name not in ("version", "updated_at")}
    assert same == {name: need[name] for name in same}
    assert client.get("/v1/review", params={"state": "decided"}).json()["items"] == []
    assert_problem(client.post(path), 409)
    assert_problem(client.post(f"/v1/needs/{uuid4()}/location/undo"), 404)


@pytest.mark.parametrize(
    "choice",
    [
        {"ask_again": False},
        {"ask_again": True, "outside_area": True},
        {"ask_again": True, "note": "x" * 201},
        {"ask_again": True, "note": "two\nlines"},
        {"ask_again": True, "remember": True},
        {"outside_area": True, "note": "x"},
        {"confirm": True, "remember": True},
        {"note": "Canary"},
        {"remember": True},
        PIN | {"remember": "yes"},
    ],
)
@pytest.mark.usefixtures("served")
def test_half_a_decision_is_refused_and_not_repeated(client: TestClient, choice: dict[str, object]) -> None:
    need = wait(client)
    answer = decide(client, need, choice)
    assert_problem(answer, 422)
    assert "Canary" not in answer.text
    assert client.get("/v1/review", params={"state": "waiting"}).json()["count"] == 1


@pytest.mark.usefixtures("served")
def test_a_pin_outside_the_area_is_refused_whole(client: TestClient) -> None:
    need = wait(client)
    assert_problem(decide(client, need, {"point": {"lon": 10.0, "lat": 50.0}}), 422)
    assert client.get(f"/v1/needs/{need['id']}").json() == need
    assert client.get("/v1/aliases").json()["items"] == []
    placed = make_need(client, location={"address": f"{STREET} 3"})
    for mark in ("ask_again", "outside_area"):
        assert_problem(decide(client, placed, {mark: True}), 409)


# -- what is remembered ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_the_same_address_is_placed_the_same_way_whichever_way_it_comes(
    client: TestClient, as_device: TestClient
) -> None:
    decide(client, wait(client), PIN)
    again = wait(client, "olematonkatu  7.")
    assert (again["location_state"], again["match_quality"]) == ("located", "manual")
    entry = {"id": str(new_id()), "kind": "need"}
    entry["body"] = {"category": "food", "location": {"address": "Olematonkatu 7"}}
    assert as_device.post("/v1/submissions", json={"entries": [entry]}).json()["results"][0]["status"] == "created"
    assert client.get("/v1/review").json()["count"] == 0
    assert client.get("/v1/balance").json()["located"] == 3


@pytest.mark.usefixtures("served")
def test_a_decision_can_be_made_for_one_need_only(client: TestClient) -> None:
    decide(client, wait(client), PIN | {"remember": False})
    assert wait(client)["location_state"] == "needs_review"
    assert client.get("/v1/aliases").json() == {"items": [], "next": None}


@pytest.mark.usefixtures("served")
def test_only_reviewers_are_told_what_was_decided_for_a_text(client: TestClient, as_device: TestClient) -> None:
    decide(client, wait(client), PIN)
    sent = {"q": "Olematonkatu 7"}
    told = client.post("/v1/geocode", json=sent).json()
    assert (told["decision"], told["candidates"][0]["source"]) == ("accept", "decision")
    assert (told["candidates"][0]["lon"], told["candidates"][0]["lat"]) == (24.95, 60.17)
    newest = client.get("/v1/audit", params={"action": "reveal"}).json()["items"][0]
    assert (newest["object_kind"], newest["fields"]) == ("address_alias", ["point"])
    hidden = as_device.post("/v1/geocode", json=sent).json()
    assert "decision" not in [found["source"] for found in hidden["candidates"]]
    assert hidden["decision"] != "accept"


@pytest.mark.usefixtures("served")
def test_aliases_are_listed_and_forgotten(client: TestClient) -> None:
    decide(client, wait(client), PIN)
    (alias,) = client.get("/v1/aliases").json()["items"]
    shown = {"id", "label", "cell", "match_quality", "uncertainty_m", "learned_by", "learned_at"}
    assert set(alias) == shown
    assert client.delete(f"/v1/aliases/{alias['id']}").status_code == 204
    assert_problem(client.delete(f"/v1/aliases/{alias['id']}"), 404)
    assert wait(client)["location_state"] == "needs_review"
