"""Turfs that phones carry: read on their days, by whoever carries them and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.store.engine import DEFAULT_NETWORK, DEVICE_ROLE, Acting, transaction

from tests.api.conftest import TestClient, assert_problem
from tests.api.turfs import assign, hand_in, make_turf, today, visit
from tests.callers import enrolled_device
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


def test_a_phone_reads_the_addresses_it_carries_and_nothing_else(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    listed = phone.get("/v1/my-turfs").json()["items"]
    assert [(one["id"], one["doors"]) for one in listed] == [(turf["id"], 10)]
    walk = phone.get(f"/v1/my-turfs/{turf['id']}")
    body = walk.json()
    assert body["streets"] == ["Testikatu"]
    assert [door["position"] for door in body["doors"]] == list(range(1, 11))
    assert set(body["doors"][0]) == {"position", "street", "number", "side", "lon", "lat", "postcode", "locality"}
    again = phone.get(f"/v1/my-turfs/{turf['id']}", headers={"If-None-Match": walk.headers["ETag"]})
    assert again.status_code == 304
    other = make_turf(client, name="Other")
    assert_problem(phone.get(f"/v1/my-turfs/{other['id']}"), 404)
    hand_in(phone, visit(turf, outcome="refused"))
    # what was met at a door is not for phones, not even their own
    assert "refused" not in phone.get(f"/v1/my-turfs/{turf['id']}").text


def test_a_phone_takes_the_ground_of_its_turf_and_no_other(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    answer = phone.get(f"/v1/my-turfs/{turf['id']}/ground")
    ground = answer.json()
    assert (ground["turf_id"], ground["door_m"]) == (turf["id"], 15)
    ((names, _, doors),) = ground["addresses"]
    assert (names, len(doors)) == (["Testikatu"], 10)
    walked = phone.get(f"/v1/my-turfs/{turf['id']}").json()["doors"]
    for number, east, north in doors:
        (door,) = [one for one in walked if one["number"] == number]
        assert ground["origin_lon"] + east * ground["step_deg"] == pytest.approx(door["lon"], abs=1e-5)
        assert ground["origin_lat"] + north * ground["step_deg"] == pytest.approx(door["lat"], abs=1e-5)
    again = phone.get(f"/v1/my-turfs/{turf['id']}/ground", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert_problem(phone.get(f"/v1/my-turfs/{make_turf(client, name='Other')['id']}/ground"), 404)


def test_a_phone_carries_a_turf_on_its_days_only(
    client: TestClient, as_device: TestClient, turf: dict[str, Any], session: Session
) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    made = assign(client, turf, from_on=tomorrow)
    assert as_device.get("/v1/my-turfs").json()["items"] == []
    assert hand_in(as_device, visit(turf))[0]["code"] == 404
    for move, reads, notes in ((-1, True, True), (-31, False, True), (-40, False, False)):
        with operator(session):
            shift = text(
                "UPDATE turf_assignment SET from_on = CURRENT_DATE + :move, until_on = CURRENT_DATE + :move + 30"
            )
            session.execute(shift, {"move": move})
        session.commit()
        assert bool(as_device.get("/v1/my-turfs").json()["items"]) is reads
        assert (as_device.get(f"/v1/my-turfs/{turf['id']}").status_code == 200) is reads
        assert (hand_in(as_device, visit(turf))[0]["status"] == "created") is notes
    path = f"/v1/turfs/{turf['id']}/assignments/{made['id']}"
    assert client.delete(path).status_code == 204
    assert_problem(client.delete(path), 404)


def test_a_turf_that_is_taken_back_is_not_read_and_still_takes_what_was_noted(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    (one,) = client.get(f"/v1/turfs/{turf['id']}/assignments").json()["items"]
    assert client.delete(f"/v1/turfs/{turf['id']}/assignments/{one['id']}").status_code == 204
    assert phone.get("/v1/my-turfs").json()["items"] == []
    assert_problem(phone.get(f"/v1/my-turfs/{turf['id']}"), 404)
    assert hand_in(phone, visit(turf))[0]["status"] == "created"
    # it may be given again
    assert assign(client, turf)["id"] != one["id"]
    assert len(phone.get("/v1/my-turfs").json()["items"]) == 1


def test_an_assignment_that_cannot_be_is_refused(client: TestClient, phone: TestClient, turf: dict[str, Any]) -> None:
    assert phone
    path, device = f"/v1/turfs/{turf['id']}/assignments", client.get("/v1/devices").json()["items"][0]["id"]
    assert_problem(client.post(path, json={"device_id": device}), 409)
    assert_problem(client.post(path, json={"device_id": str(new_id())}), 404)
    late = (today() + timedelta(days=31)).isoformat()
    assert_problem(client.post(path, json={"device_id": device, "until_on": late}), 422)
    early = {"device_id": device, "from_on": late, "until_on": today().isoformat()}
    assert_problem(client.post(path, json=early), 422)
    assert client.delete(f"/v1/devices/{device}").status_code == 204
    assert_problem(client.post(path, json={"device_id": device}), 404)


def test_the_database_keeps_a_phone_to_its_turfs_whatever_a_query_forgets(
    client: TestClient, phone: TestClient, turf: dict[str, Any], sessions: SessionFactory
) -> None:
    other = make_turf(client, name="Other")
    hand_in(client, visit(turf))
    hand_in(phone, visit(turf, 2))
    enrolled_device(sessions, "phone 2")
    mine, theirs = (device["id"] for device in client.get("/v1/devices").json()["items"])
    assign(client, other, 1)
    wanted = {
        "SELECT count(*) FROM turf_door": 10,
        "SELECT count(id) FROM turf": 1,
        "SELECT count(*) FROM turf_assignment": 1,
        "SELECT count(*) FROM turf_visit": 1,
    }
    with transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE, as_uuid(mine))) as session:
        for query, seen in wanted.items():
            assert session.scalar(text(query)) == seen, query
    forbidden = (
        "SELECT tally FROM turf",
        "SELECT * FROM turf_number",
        "UPDATE turf_visit SET outcome = 'visited'",
        "DELETE FROM turf_visit",
        "UPDATE turf_assignment SET until_on = '2999-01-01'",
        "INSERT INTO turf_assignment SELECT * FROM turf_assignment",
    )
    for statement in forbidden:
        refuse(sessions, mine, statement)
    insert = (
        "INSERT INTO turf_visit (id, turf_id, position, outcome, source, happened_at, submitted_by) "
        "VALUES (gen_random_uuid(), '{}', 1, 'visited', 'phone', now(), '{}')"
    )
    refuse(sessions, mine, insert.format(other["id"], mine), "row-level security")
    refuse(sessions, mine, insert.format(turf["id"], theirs), "row-level security")


def as_uuid(value: str) -> UUID:
    from uuid import UUID

    return UUID(value)


def refuse(sessions: SessionFactory, device: str, statement: str, how: str = "permission denied") -> None:
    with (
        pytest.raises(Exception, match=how),
        transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE, as_uuid(device))) as session,
    ):
        session.execute(text(statement))
