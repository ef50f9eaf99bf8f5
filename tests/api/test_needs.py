from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from geo.store import tables
from geo.store.contacts import find_contact

from tests.api.conftest import STREET, assert_problem, make_need

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

SECRET = {"name": "Canary Kanerva", "phone": "+358 40 0000000", "note": "rings twice", "consent": True}
KEYS = {
    "id", "category", "urgency", "status", "location_state", "match_quality", "uncertainty_m", "cell",
    "household_size", "languages", "access", "withheld", "source", "received_at", "closed_at", "updated_at", "version",
    "review_mark",
}  # fmt: skip


def test_a_need_without_a_place_is_a_first_class_record(client: TestClient) -> None:
    need = make_need(client)
    assert set(need) == KEYS
    assert (need["location_state"], need["cell"], need["version"]) == ("none", None, 1)
    assert client.get("/v1/balance").json()["no_location"] == 1


def test_a_created_need_names_its_place_and_version(client: TestClient) -> None:
    answer = client.post("/v1/needs", json={"category": "medicine", "urgency": "critical", "languages": ["fi", "so"]})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"v1"'
    again = client.get(answer.headers["location"])
    assert again.json() == answer.json()
    assert again.headers["etag"] == '"v1"'


def test_an_address_becomes_a_cell_and_leaves_as_nothing_else(client: TestClient, served: Session) -> None:
    sent = {"category": "food", "location": {"address": f"{STREET} 4"}, "contact": SECRET}
    answer = client.post("/v1/needs", json=sent)
    need = answer.json()
    assert (need["location_state"], need["match_quality"]) == ("located", "rooftop")
    assert need["cell"].startswith("89")
    listed = client.get("/v1/needs").text + client.get(f"/v1/needs/{need['id']}").text + answer.text
    for secret in (STREET, "Canary", "0000000", "rings twice", "24.94", "60.17"):
        assert secret not in listed
    kept = find_contact(served, "need_id", UUID(need["id"]))
    assert kept is not None
    assert kept.name == "Canary Kanerva"
    assert kept.consent_at is not None


@pytest.mark.usefixtures("served")
def test_an_address_nobody_knows_waits_in_the_queue(client: TestClient) -> None:
    need = make_need(client, location={"address": "Olematonkatu 7"})
    assert need["location_state"] == "needs_review"
    assert client.get("/v1/balance").json()["needs_review"] == 1


@pytest.mark.usefixtures("served")
def test_a_phone_position_keeps_its_accuracy(client: TestClient) -> None:
    sure = make_need(client, location={"lon": 24.95, "lat": 60.17, "accuracy_m": 12, "method": "gps"})
    rough = make_need(client, location={"lon": 24.95, "lat": 60.17, "accuracy_m": 900.5, "method": "gps"})
    assert (sure["location_state"], sure["match_quality"], sure["uncertainty_m"]) == ("located", "gps", 12.0)
    assert rough["location_state"] == "approximate"


@pytest.mark.parametrize(
    "location",
    [
        {"lon": 60.17, "lat": 24.95, "method": "gps"},
        {"lon": 0, "lat": 0, "method": "gps"},
        {"lon": 1e-7, "lat": 1e-7, "method": "gps"},
    ],
)
@pytest.mark.usefixtures("served")
def test_places_outside_the_area_served_are_refused(client: TestClient, location: dict[str, object]) -> None:
    problem = assert_problem(client.post("/v1/needs", json={"category": "food", "location": location}), 422)
    assert problem["type"] == "/problems#outside-service-area"
    assert client.get("/v1/balance").json()["received"] == 0


def test_a_change_must_name_the_version_it_is_meant_for(client: TestClient) -> None:
    path = f"/v1/needs/{make_need(client)['id']}"
    assert_problem(client.patch(path, json={"urgency": "high"}), 428)
    changed = client.patch(path, json={"urgency": "high"}, headers={"If-Match": '"v1"'})
    assert (changed.json()["urgency"], changed.headers["etag"]) == ("high", '"v2"')
    assert_problem(client.patch(path, json={"urgency": "low"}, headers={"If-Match": '"v1"'}), 412)
    assert client.patch(path, json={"urgency": "low"}, headers={"If-Match": "*"}).json()["version"] == 3
    assert_problem(client.patch(path, json={"urgency": "low"}, headers={"If-Match": "v3"}), 400)


def test_a_closed_need_is_stamped_and_counted_as_closed(client: TestClient) -> None:
    path = f"/v1/needs/{make_need(client)['id']}"
    met = client.patch(path, json={"status": "met"}, headers={"If-Match": '"v1"'}).json()
    assert met["closed_at"].endswith("Z")
    assert client.get("/v1/balance").json() == {
        "received": 1, "located": 0, "approximate": 0, "needs_review": 0, "no_location": 0, "withheld": 0, "closed": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change", [{}, {"category": None}, {"cell": "891126d3303ffff"}, {"version": 9}, {"id": str(uuid4())}]
)
def test_what_may_not_be_changed_is_refused(client: TestClient, change: dict[str, object]) -> None:
    path = f"/v1/needs/{make_need(client)['id']}"
    assert_problem(client.patch(path, json=change, headers={"If-Match": '"v1"'}), 422)
    assert client.get(path).json()["version"] == 1


def test_deleting_takes_place_and_contact_along(client: TestClient, served: Session) -> None:
    path = f"/v1/needs/{make_need(client, location={'address': f'{STREET} 2'}, contact=SECRET)['id']}"
    assert_problem(client.delete(path), 428)
    assert client.delete(path, headers={"If-Match": '"v1"'}).status_code == 204
    assert_problem(client.get(path), 404)
    assert served.execute(select(tables.contact.c.id)).all() == []
    assert served.execute(select(tables.location_exact.c.id)).all() == []


def test_lists_page_by_a_marker_and_never_repeat(client: TestClient) -> None:
    made = [make_need(client)["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        body = client.get("/v1/needs", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == made


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA=", "!!!!", "A" * 22 + "B", "ä" * 10])
def test_a_marker_that_is_not_ours_is_refused(client: TestClient, cursor: str) -> None:
    assert_problem(client.get("/v1/needs", params={"cursor": cursor}), 400)


def test_filters_narrow_the_list(client: TestClient) -> None:
    wanted = make_need(client, category="water", urgency="high")
    make_need(client)
    items = client.get("/v1/needs?category=water&urgency=high&status=open&location_state=none").json()["items"]
    assert [item["id"] for item in items] == [wanted["id"]]


def test_what_the_caller_has_is_not_sent_again(client: TestClient) -> None:
    path = f"/v1/needs/{make_need(client)['id']}"
    answer = client.get(path, headers={"If-None-Match": 'W/"v9", "v1"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"v1"')
    assert client.get(path, headers={"If-None-Match": '"v2"'}).status_code == 200


def test_the_same_id_twice_is_a_conflict(client: TestClient) -> None:
    body = {"id": str(uuid4()), "category": "food"}
    assert client.post("/v1/needs", json=body).json()["id"] == body["id"]
    assert_problem(client.post("/v1/needs", json=body), 409)


def test_an_idempotency_key_makes_one_record(client: TestClient) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = client.post("/v1/needs", json={"category": "food", "household_size": 2}, headers=key)
    again = client.post("/v1/needs", json={"household_size": 2, "category": "food"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    problem = assert_problem(client.post("/v1/needs", json={"category": "water"}, headers=key), 409)
    assert problem["type"] == "/problems#idempotency-clash"
    elsewhere = client.post("/v1/organizations", json={"name": "Kitchen"}, headers=key)
    assert_problem(elsewhere, 409)
    assert client.get("/v1/balance").json()["received"] == 1
    assert_problem(client.post("/v1/needs", json={"category": "food"}, headers={"Idempotency-Key": "again"}), 422)


def test_contact_needs_consent(client: TestClient) -> None:
    for consent in ({}, {"consent": False}, {"consent": 1}, {"consent": "true"}):
        body = {"category": "food", "contact": {"name": "Aino"} | consent}
        assert_problem(client.post("/v1/needs", json=body), 422)
