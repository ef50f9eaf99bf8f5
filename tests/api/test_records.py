"""What assets, helpers, organizations and areas have in common, and what each keeps to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.api.conftest import assert_problem
from tests.api.rfc7946 import check_geometry

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

SQUARE = [[[24.94, 60.17], [24.94, 60.18], [24.95, 60.18], [24.95, 60.17], [24.94, 60.17]]]
BODIES: dict[str, dict[str, Any]] = {
    "assets": {
        "kind": "food_bank",
        "categories": ["food"],
        "name": "Corner pantry",
        "point": {"lon": 24.9441, "lat": 60.1711},
        "capacity_per_week": 40,
    },
    "helpers": {
        "public_name": "Aino K.",
        "categories": ["food"],
        "languages": ["fi"],
        "vehicle": "car",
        "home": {"lon": 24.9441, "lat": 60.1711},
    },
    "organizations": {"name": "Harbour Kitchen", "url": "https://kitchen.example/"},
    "areas": {
        "slug": "north-shore",
        "name": "North Shore",
        "kind": "neighbourhood",
        "population": 100,
        "geometry": {"type": "Polygon", "coordinates": SQUARE},
    },
}
CHANGES: dict[str, dict[str, Any]] = {
    "assets": {"categories": ["food", "water"], "opening_hours": None, "step_free": "yes"},
    "helpers": {"status": "paused", "categories": ["water"]},
    "organizations": {"description": "Hot meals.", "url": None},
    "areas": {"population": None, "name": "South Shore"},
}


@pytest.fixture(params=sorted(BODIES))
def noun(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.usefixtures("served")
def test_a_record_lives_from_post_to_delete(client: TestClient, noun: str) -> None:
    made = client.post(f"/v1/{noun}", json=BODIES[noun])
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert client.get(path).json() == made.json()
    assert client.get(path, headers={"If-None-Match": made.headers["etag"]}).status_code == 304
    assert client.get(f"/v1/{noun}").json() == {"items": [made.json()], "next": None}
    changed = client.patch(path, json=CHANGES[noun], headers={"If-Match": made.headers["etag"]})
    assert changed.status_code == 200, changed.text
    assert CHANGES[noun].items() <= changed.json().items()
    assert changed.headers["etag"] == '"v2"'
    assert_problem(client.delete(path, headers={"If-Match": '"v1"'}), 412)
    assert client.delete(path, headers={"If-Match": '"v2"'}).status_code == 204
    assert_problem(client.get(path), 404)


def test_unknown_members_and_ids_are_refused(client: TestClient, noun: str) -> None:
    for extra in ("network_id", "version", "created_at", "source", "owner"):
        assert_problem(client.post(f"/v1/{noun}", json=BODIES[noun] | {extra: "x"}), 422)
    assert_problem(client.get(f"/v1/{noun}/{uuid4()}"), 404)
    for bad in ("-1", "0", "1e3", "2147483648", "..%2f..", "x" * 9000):
        assert client.get(f"/v1/{noun}/{bad}").status_code in (404, 422)


@pytest.mark.usefixtures("served")
def test_a_create_can_be_repeated_under_its_key(client: TestClient, noun: str) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = client.post(f"/v1/{noun}", json=BODIES[noun], headers=key)
    again = client.post(f"/v1/{noun}", json=BODIES[noun], headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_an_asset_at_a_private_home_has_a_cell_and_no_point(client: TestClient) -> None:
    sent = BODIES["assets"] | {"is_private": True, "address": "Testikatu 4"}
    answer = client.post("/v1/assets", json=sent)
    shown = answer.json()
    assert (shown["lon"], shown["lat"], shown["address"]) == (None, None, None)
    assert shown["cell"].startswith("89")
    moved = {"point": {"lon": 24.99, "lat": 60.19}}
    after = client.patch(answer.headers["location"], json=moved, headers={"If-Match": "*"}).json()
    assert after["cell"] != shown["cell"]
    assert after["lon"] is None


def test_a_helper_is_known_by_cell_alone(client: TestClient) -> None:
    answer = client.post("/v1/helpers", json=BODIES["helpers"])
    assert "24.94" not in answer.text
    assert answer.json()["cell"].startswith("89")


def test_assets_can_be_asked_for_by_box(client: TestClient) -> None:
    client.post("/v1/assets", json=BODIES["assets"])
    assert len(client.get("/v1/assets?bbox=24.9,60.1,25.0,60.2&category=food&kind=food_bank").json()["items"]) == 1
    assert client.get("/v1/assets?bbox=25.1,60.1,25.2,60.2").json()["items"] == []


def test_an_area_comes_back_by_the_right_hand_rule(client: TestClient) -> None:
    clockwise = BODIES["areas"]
    shown = client.post("/v1/areas", json=clockwise).json()["geometry"]
    assert shown["type"] == "MultiPolygon"
    check_geometry(shown)


def test_a_reference_to_nothing_is_refused(client: TestClient) -> None:
    assert_problem(client.post("/v1/assets", json=BODIES["assets"] | {"organization_id": str(uuid4())}), 422)


def test_a_name_taken_is_a_conflict(client: TestClient) -> None:
    client.post("/v1/organizations", json=BODIES["organizations"])
    assert_problem(client.post("/v1/organizations", json=BODIES["organizations"]), 409)
