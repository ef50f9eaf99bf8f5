"""Bad input gets an answer below 500 within two seconds, and afterwards every collection still answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.api import bad_bodies
from tests.api.conftest import assert_problem, make_need
from tests.api.rfc7946 import check_collection, parse
from tests.api.test_records import BODIES

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

SLOWEST_S = 2.0
COLLECTIONS = [
    *(f"/v1/map/{layer}" for layer in ("needs", "helpers", "assets", "coverage")),
    *(f"/ogc/collections/{name}/items" for name in ("needs", "assets", "coverage")),
]
LISTS = [f"/v1/{noun}" for noun in ("needs", "assets", "helpers", "organizations", "areas", "review")]
CREATES = [f"/v1/{noun}" for noun in ("needs", "assets", "helpers", "organizations", "areas", "submissions", "geocode")]

pytestmark = pytest.mark.usefixtures("served")


def send(client: TestClient, method: str, path: str, **how: Any) -> Any:
    headers = {"content-type": "application/json", "If-Match": "*"}
    # processor time of client and service together, which a busy machine does not stretch
    started = time.process_time()
    answer = client.request(method, path, headers=headers, **how)
    assert time.process_time() - started < SLOWEST_S
    assert 400 <= answer.status_code < 500, f"{path}: {answer.status_code} {answer.text[:300]}"
    return assert_problem(answer, answer.status_code)


def check_alive(client: TestClient, *, received: int) -> None:
    assert client.get("/health/ready").status_code == 200
    assert client.get("/v1/balance").json()["received"] == received
    for path in COLLECTIONS:
        answer = client.get(path)
        assert answer.status_code == 200, path
        check_collection(parse(answer.text))
    for path in LISTS:
        answer = client.get(path)
        assert answer.status_code == 200, path
        parse(answer.text)


def _targets(client: TestClient) -> list[tuple[str, str]]:
    need = make_need(client, location={"address": "Olematonkatu 7"})["id"]
    made = [("PATCH", f"/v1/needs/{need}"), ("POST", f"/v1/needs/{need}/location")]
    made += [("PATCH", client.post(f"/v1/{noun}", json=BODIES[noun]).headers["location"]) for noun in BODIES]
    return [("POST", path) for path in CREATES] + made


@pytest.mark.parametrize("name", sorted(bad_bodies.everywhere()))
def test_bodies_that_nothing_takes(client: TestClient, name: str) -> None:
    raw = bad_bodies.everywhere()[name]
    for method, path in _targets(client):
        send(client, method, path, content=raw)
    check_alive(client, received=1)


def test_places_that_are_none(client: TestClient) -> None:
    need = make_need(client)["id"]
    for lon, lat in bad_bodies.points().values():
        point = {"lon": lon, "lat": lat}
        send(client, "POST", "/v1/needs", json={"category": "food", "location": point | {"method": "gps"}})
        send(client, "POST", f"/v1/needs/{need}/location", json={"point": point})
        send(client, "POST", "/v1/helpers", json=BODIES["helpers"] | {"home": point})
        send(client, "POST", "/v1/assets", json=BODIES["assets"] | {"point": point})
        entry = {
            "id": str(uuid4()),
            "kind": "need",
            "body": {"category": "food", "location": point | {"method": "gps"}},
        }
        send(client, "POST", "/v1/submissions", json={"entries": [entry]})
    check_alive(client, received=1)


@pytest.mark.parametrize("name", sorted(bad_bodies.shapes()))
def test_shapes_that_are_none(client: TestClient, name: str) -> None:
    shape = bad_bodies.shapes()[name]
    area = client.post("/v1/areas", json=BODIES["areas"]).headers["location"]
    send(client, "POST", "/v1/areas", json=BODIES["areas"] | {"slug": "other", "geometry": shape})
    send(client, "PATCH", area, json={"geometry": shape})
    assert len(client.get("/v1/areas").json()["items"]) == 1
    check_alive(client, received=0)


def test_values_that_cannot_be_used(client: TestClient) -> None:
    for values in bad_bodies.values().values():
        body = {"category": "food"} | values
        send(client, "POST", "/v1/needs", json=body)
        entry = {"id": str(uuid4()), "kind": "need", "body": body}
        send(client, "POST", "/v1/submissions", json={"entries": [entry]})
    check_alive(client, received=0)


def test_a_lying_box_is_ignored(client: TestClient) -> None:
    geometry = BODIES["areas"]["geometry"] | {"bbox": [0, 0, 1, 1]}
    assert client.post("/v1/areas", json=BODIES["areas"] | {"geometry": geometry}).status_code == 201
    check_alive(client, received=0)


def test_text_of_any_kind_stays_text(client: TestClient) -> None:
    texts = [
        "${document.title=1}",
        "{{7*7}}",
        "</script><img onerror=x>",
        "' OR 1=1--",
        "=cmd|'/C calc'!A0",
        "\u202etxt",
    ]
    for number, text in enumerate(texts):
        made = client.post("/v1/assets", json=BODIES["assets"] | {"name": text, "kind": f"k{number}"})
        assert made.json()["name"] == text
    assert {f["properties"]["name"] for f in client.get("/v1/map/assets").json()["features"]} == set(texts)
    check_alive(client, received=0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["food", "gps"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["category", "location", "lon", "lat", "method", "contact", "id", "x"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
@example({"category": "food", "location": {"lon": 24.95, "lat": 60.17, "method": "gps"}})
def test_whatever_is_sent_the_service_answers(client: TestClient, body: Any) -> None:
    import json

    raw = json.dumps(body).encode()
    before = client.get("/v1/balance").json()["received"]
    answer = client.post("/v1/needs", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 201 or 400 <= answer.status_code < 500
    after = client.get("/v1/balance").json()
    assert after["received"] == before + (answer.status_code == 201)
    check_collection(parse(client.get("/v1/map/needs").text))
