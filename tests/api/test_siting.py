"""The next places of help and what would be, through the API on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.ids import new_id

from tests.api.conftest import TestClient, assert_problem, make_need

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

HERE = {"lon": 24.941, "lat": 60.17}
THERE = {"lon": 24.99, "lat": 60.19}


@pytest.fixture
def asking(client: TestClient, served: Session) -> TestClient:  # noqa: ARG001 - the area is served
    """Three needs here and one there, and help for one of them here."""
    for place, count in ((HERE, 3), (THERE, 1)):
        for _ in range(count):
            made = make_need(client)
            answer = client.post(f"/v1/needs/{made['id']}/location", json={"point": place, "uncertainty_m": 10})
            assert answer.status_code == 200, answer.text
    body = {"kind": "pantry", "categories": ["food"], "name": "Pantry", "capacity_per_week": 1, "point": HERE}
    made_asset = client.post("/v1/assets", json=body)
    assert made_asset.status_code == 201, made_asset.text
    return client


def sites(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/coverage/sites", json={"category": "food", "k": 1, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_sites_come_with_their_gain_and_the_gap(asking: TestClient) -> None:
    found = sites(asking, k=2, candidates="points", points=[THERE, HERE], capacity=2)
    assert [(one["newly_served"], one["cumulative"]) for one in found["sites"]] == [(2, 2), (1, 3)]
    assert found["sites"][0]["lon"] == HERE["lon"]
    assert found["sites"][0]["label"].startswith("Testikatu")
    assert (found["before"]["gap"], found["after"]["gap"], found["after"]["coverage"]) == (3, 0, 1.0)
    assert (found["optimal"], found["bound_by"], found["optimality_gap"]) == (True, "proof", 0.0)
    assert found["balance"]["received"] == 4
    assert found["travel_model"]["name"]
    same = asking.get("/v1/coverage", params={"category": "food"}).json()
    assert same["totals"]["food"]["gap"] == found["before"]["gap"]


@pytest.mark.parametrize("candidates", ["vacant", "addresses", "grid"])
def test_every_kind_of_candidate_is_found(asking: TestClient, candidates: str) -> None:
    hall = {"kind": "hall", "categories": ["water"], "name": "Empty hall", "point": HERE}
    assert asking.post("/v1/assets", json=hall).status_code == 201
    found = sites(asking, candidates=candidates)
    assert found["candidates"] == candidates
    assert found["candidate_count"] >= 1
    assert found["note"]
    assert found["after"]["gap"] <= found["before"]["gap"]
    if candidates != "grid":
        assert found["after"]["gap"] == 1
    if candidates == "vacant":
        assert found["sites"][0]["label"] == "Empty hall"


def test_needs_are_never_told(asking: TestClient) -> None:
    """A candidate is where it is whether or not anybody lives there."""
    how = {"candidates": "grid", "problem": "pmedian", "most_candidates": 60}
    count = sites(asking, **how)["candidate_count"]
    assert 5 < count <= 50
    before = sites(asking, **how, k=count)
    grid = {(one["lon"], one["lat"]) for one in before["sites"]}
    assert len(grid) == count
    made = make_need(asking)
    moved = {"point": {"lon": 24.9777, "lat": 60.1666}, "uncertainty_m": 10}
    assert asking.post(f"/v1/needs/{made['id']}/location", json=moved).status_code == 200
    after = sites(asking, **how, k=count)
    assert {"lon", "lat", "cell", "label", "newly_served", "cumulative"} == set(after["sites"][0])
    assert {(one["lon"], one["lat"]) for one in after["sites"]} == grid
    assert not grid & {(24.9777, 60.1666), *((place["lon"], place["lat"]) for place in (HERE, THERE))}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"category": "gold"}, "/body/category"),
        ({"standard_min": 0}, "/body/standard_min"),
        ({"standard_min": 1e9}, "/body/standard_min"),
        ({"capacity": -1}, "/body/capacity"),
        ({"candidates": "points", "points": [HERE], "k": 2}, "/body/k"),
        ({"k": 51}, "/body/k"),
        ({"k": None}, "/body"),
        ({"candidates": "points"}, "/body"),
        ({"points": [HERE]}, "/body"),
        ({"candidates": "points", "points": [{"lon": 2.35, "lat": 48.85}]}, "/body/points"),
        ({"candidates": "points", "points": [HERE] * 2001}, "/body/points"),
        ({"area": "nowhere"}, "/body/area"),
        ({"equity": [{"group": "area", "value": "a", "weight": -1}]}, "/body/equity/0/weight"),
        ({"problem": "pcenter", "capacity": 5}, "/body/capacity"),
        ({"problem": "nonsense"}, "/body/problem"),
        ({"time_limit_s": 600}, "/body/time_limit_s"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_field(asking: TestClient, body: dict[str, Any], pointer: str) -> None:
    answer = asking.post("/v1/coverage/sites", json={"category": "food", "k": 1, **body})
    told = assert_problem(answer, 422)
    assert pointer in [one["pointer"] for one in told["errors"]], told
    assert "48.85" not in answer.text


def test_what_would_be_is_told_and_not_done(asking: TestClient) -> None:
    (pantry,) = asking.get("/v1/assets").json()["items"]
    now = asking.get("/v1/coverage").json()
    body = {"close": [pantry["id"]], "add": [{**THERE, "categories": ["food"], "capacity": 9}], "by": "hex"}
    answer = asking.post("/v1/coverage/what-if", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["before"]["food"]["gap"], found["after"]["food"]["gap"]) == (3, 3)
    assert [row["change"] for row in found["rows"]] == [-1, 1]
    assert found["sentence"].startswith("Closing Pantry and a new place for food")
    assert found["balance"]["received"] == 4
    assert asking.get("/v1/coverage").json() == now
    assert asking.get(f"/v1/assets/{pantry['id']}").json() == pantry
    bigger = {"resize": [{"asset_id": pantry["id"], "capacity": 3}]}
    grown = asking.post("/v1/coverage/what-if", json=bigger).json()
    assert (grown["after"]["food"]["gap"], grown["rows"][0]["change"]) == (1, -2)
    moved = {"move": [{"asset_id": pantry["id"], **THERE}]}
    assert asking.post("/v1/coverage/what-if", json=moved).json()["after"]["food"]["gap"] == 3
    shut = {
        "reopen": [{"asset_id": pantry["id"], "opening_hours": "Mo 10:00-11:00"}],
        "open_at": "2026-03-08T10:00:00Z",
    }
    sunday = asking.post("/v1/coverage/what-if", json=shut | {"with_cells": True, "group": "urgency"}).json()
    reach = sunday["reach"]["food"]
    assert reach["out_after"] == reach["out_before"] - reach["newly_within"] + reach["no_longer_within"]
    assert sunday["open_at"] == "2026-03-08T10:00:00Z"
    assert {"cells", "groups"} <= set(sunday)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"close": [str(new_id())]}, "/body/assets"),
        ({"close": ["x"]}, "/body/close/0"),
        ({"resize": [{"asset_id": str(new_id()), "capacity": -1}]}, "/body/resize/0/capacity"),
        ({"add": [{"lon": 2.35, "lat": 48.85, "categories": ["food"], "capacity": 1}]}, "/body/add"),
        ({"add": [{**HERE, "categories": ["gold"], "capacity": 1}]}, "/body/add/0/categories/0"),
        ({"add": [{**HERE, "categories": [], "capacity": 1}]}, "/body/add/0/categories"),
        ({"standard_min": 1e9}, "/body/standard_min"),
        ({"by": "street"}, "/body/by"),
        ({"reopen": [{"asset_id": str(new_id()), "opening_hours": "now and then"}]}, "/body/reopen/0/opening_hours"),
        ({"group": "hair"}, "/body/group"),
    ],
)
def test_what_cannot_be_imagined_is_refused_by_field(asking: TestClient, body: dict[str, Any], pointer: str) -> None:
    told = assert_problem(asking.post("/v1/coverage/what-if", json=body), 422)
    assert pointer in [one["pointer"] for one in told["errors"]], told


def test_an_asset_of_another_network_is_not_there(asking: TestClient, callers: dict[str, TestClient]) -> None:
    body = {"kind": "pantry", "categories": ["food"], "name": "Theirs"}
    theirs = callers["foreign_organizer"].post("/v1/assets", json=body).json()["id"]
    answer = asking.post("/v1/coverage/what-if", json={"close": [theirs]})
    told = assert_problem(answer, 422)
    unknown = assert_problem(asking.post("/v1/coverage/what-if", json={"close": [str(new_id())]}), 422)
    assert told == unknown
