from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

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
