"""Turfs over HTTP: made, cut, changed and removed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.door_codes import door_code
from geo.domain.ids import new_id
from geo.domain.principals import NetworkRole

from tests.api.conftest import TestClient, assert_problem, carrying
from tests.api.turfs import hand_in, make_turf, progress, square, today, visit
from tests.callers import organizer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


def test_a_turf_has_all_doors_of_its_shape_in_walking_order(client: TestClient, turf: dict[str, Any]) -> None:
    assert (turf["doors"], turf["version"], turf["number"]) == (10, 1, 1)
    assert turf["ends_on"] == (today() + timedelta(days=30)).isoformat()
    doors = client.get(f"/v1/turfs/{turf['id']}/map").json()["features"]
    numbers = [int(door["properties"]["number"]) for door in doors]
    assert sorted(numbers) == list(range(1, 11))
    # up one side of the street and down the other
    assert len({number % 2 for number in numbers[:5]}) == 1
    assert [door["id"] for door in doors] == list(range(1, 11))
    assert all(door["properties"]["outcome"] is None for door in doors)


def test_the_same_request_makes_one_turf(client: TestClient, served: Session) -> None:
    assert served
    key = {"Idempotency-Key": str(new_id())}
    body = {"name": "North", "geometry": square()}
    first, again = (client.post("/v1/turfs", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    cut = {"name": "Cut", "geometry": square(), "turfs": 2}
    key = {"Idempotency-Key": str(new_id())}
    one, two = (client.post("/v1/turfs/cut", json=cut, headers=key).json() for _ in range(2))
    assert one == two
    assert len(client.get("/v1/turfs").json()["items"]) == 3


def test_ground_is_cut_into_turfs_with_each_door_once(client: TestClient, served: Session) -> None:
    assert served
    answer = client.post("/v1/turfs/cut", json={"name": "Harbour", "geometry": square(), "doors_each": 5})
    assert answer.status_code == 201, answer.text
    turfs = answer.json()["items"]
    assert [(turf["name"], turf["doors"]) for turf in turfs] == [("Harbour 1", 5), ("Harbour 2", 5)]
    found = [
        door["properties"]["number"]
        for turf in turfs
        for door in client.get(f"/v1/turfs/{turf['id']}/map").json()["features"]
    ]
    assert sorted(map(int, found)) == list(range(1, 11))
    assert len({turf["cut_id"] for turf in turfs}) == 1


def test_an_area_that_is_stored_can_be_cut(client: TestClient, served: Session) -> None:
    assert served
    area = {"slug": "a", "name": "A", "kind": "district", "geometry": square()}
    area_id = client.post("/v1/areas", json=area).json()["id"]
    assert make_turf(client, geometry=None, area_id=area_id)["doors"] == 10
    both = client.post("/v1/turfs", json={"name": "x", "geometry": square(), "area_id": area_id})
    assert_problem(both, 422)
    assert_problem(client.post("/v1/turfs", json={"name": "x", "area_id": str(new_id())}), 404)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": "", "geometry": square()},
        {"name": "x\ny", "geometry": square()},
        {"name": "x", "geometry": square(10.0, 10.1)},
        {"name": "x", "geometry": {"type": "Point", "coordinates": [24.94, 60.17]}},
        {"name": "x", "geometry": square(), "ends_on": "2020-01-01"},
        {"name": "x", "geometry": square(), "ends_on": "2999-01-01"},
        {"name": "x", "geometry": square(), "note": "a\0b"},
    ],
)
def test_ground_that_cannot_be_walked_is_refused(client: TestClient, served: Session, body: dict[str, Any]) -> None:
    assert served
    assert_problem(client.post("/v1/turfs", json=body), 422)
    assert client.get("/v1/turfs").json()["items"] == []


@pytest.mark.parametrize("how", [{}, {"turfs": 2, "doors_each": 5}, {"turfs": 11}, {"turfs": 0}, {"doors_each": 4}])
def test_a_cut_that_cannot_be_made_is_refused(client: TestClient, served: Session, how: dict[str, int]) -> None:
    assert served
    assert_problem(client.post("/v1/turfs/cut", json={"name": "x", "geometry": square(), **how}), 422)


def test_a_change_names_the_version_and_leaves_the_doors(client: TestClient, turf: dict[str, Any]) -> None:
    path = f"/v1/turfs/{turf['id']}"
    read = client.get(path)
    assert client.get(path, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    assert_problem(client.patch(path, json={"name": "South"}), 428)
    changed = client.patch(path, json={"name": "South", "note": "Ring twice"}, headers={"If-Match": '"v1"'})
    assert (changed.json()["name"], changed.json()["version"]) == ("South", 2)
    assert_problem(client.patch(path, json={"name": "East"}, headers={"If-Match": '"v1"'}), 412)
    assert_problem(client.patch(path, json={"geometry": square()}, headers={"If-Match": "*"}), 422)
    assert client.delete(path, headers={"If-Match": "*"}).status_code == 204
    assert_problem(client.get(path), 404)
    # its number is not used again, so that an old sheet means nothing else
    assert make_turf(client)["number"] == 2


def test_another_network_has_no_such_turf(
    callers: dict[str, TestClient], client: TestClient, turf: dict[str, Any]
) -> None:
    stranger = callers["foreign_organizer"]
    assert stranger.get("/v1/turfs").json()["items"] == []
    for method, path in (
        ("GET", ""),
        ("GET", "/progress"),
        ("GET", "/map"),
        ("GET", "/sheet.pdf"),
        ("GET", "/assignments"),
        ("DELETE", ""),
    ):
        answer = stranger.request(method, f"/v1/turfs/{turf['id']}{path}", headers={"If-Match": "*"})
        assert_problem(answer, 404)
    rows = {"rows": [{"code": door_code(turf["number"], 1), "outcome": "visited"}]}
    assert_problem(stranger.post(f"/v1/turfs/{turf['id']}/codes", json=rows), 404)
    assert [one["code"] for one in hand_in(stranger, visit(turf))] == [404]
    assert progress(client, turf)["left"] == 10


def test_an_organizer_who_is_no_admin_manages_turfs(
    anonymous: TestClient, sessions: SessionFactory, served: Session
) -> None:
    assert served
    plain = carrying(anonymous, organizer(sessions, "eeva", NetworkRole.ORGANIZER))
    assert make_turf(plain)["doors"] == 10
