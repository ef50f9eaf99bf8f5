"""Turfs over HTTP: cut, carried by phones, walked, and come back on paper."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from geo.domain.door_codes import door_code, page_code, spaced
from geo.domain.ids import new_id
from geo.domain.principals import NetworkRole
from geo.store.engine import DEFAULT_NETWORK, DEVICE_ROLE, Acting, transaction

from tests.api.conftest import TestClient, assert_problem, carrying
from tests.callers import enrolled_device, organizer
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


def square(west: float = 24.94, east: float = 24.95) -> dict[str, Any]:
    ring = [[west, 60.169], [east, 60.169], [east, 60.171], [west, 60.171], [west, 60.169]]
    return {"type": "Polygon", "coordinates": [ring]}


def make_turf(client: TestClient, **values: Any) -> dict[str, Any]:
    answer = client.post("/v1/turfs", json={"name": "North", "geometry": square(), **values})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def turf(client: TestClient, served: Session) -> dict[str, Any]:
    """A turf of the ten doors of the one street."""
    assert served
    return make_turf(client)


@pytest.fixture
def phone(turf: dict[str, Any], client: TestClient, as_device: TestClient) -> TestClient:
    """A phone that carries the turf from today on."""
    assign(client, turf)
    return as_device


def assign(client: TestClient, turf: dict[str, Any], at: int = 0, **days: Any) -> Any:
    device = client.get("/v1/devices").json()["items"][at]["id"]
    answer = client.post(f"/v1/turfs/{turf['id']}/assignments", json={"device_id": device, **days})
    assert answer.status_code == 201, answer.text
    return answer.json()


def visit(turf: dict[str, Any], position: int = 1, outcome: str = "visited", **values: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "turf_id": turf["id"], "position": position, "outcome": outcome, **values}


def hand_in(caller: TestClient, *visits: dict[str, Any], **values: Any) -> list[dict[str, Any]]:
    answer = caller.post("/v1/visits", json={"visits": list(visits), **values})
    assert answer.status_code in (200, 422), answer.text
    return list(answer.json()["results"])


def progress(client: TestClient, turf: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"/v1/turfs/{turf['id']}/progress").json())


def today() -> Any:
    return datetime.now(UTC).date()


# -- making ----------------------------------------------------------------------------------------------------


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


# -- carrying --------------------------------------------------------------------------------------------------


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


# -- visits ----------------------------------------------------------------------------------------------------


def test_visits_are_taken_once_and_the_last_one_counts(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    first, second = visit(turf, 1, "nobody_home"), visit(turf, 2, "visited")
    assert [one["code"] for one in hand_in(phone, first, second)] == [201, 201]
    assert [one["status"] for one in hand_in(phone, second, first)] == ["already_received"] * 2
    told = progress(client, turf)
    assert (told["left"], told["outcomes"]["nobody_home"], told["outcomes"]["visited"]) == (8, 1, 1)
    assert hand_in(phone, visit(turf, 1, "visited"))[0]["code"] == 201
    told = progress(client, turf)
    assert (told["left"], told["outcomes"]["nobody_home"], told["outcomes"]["visited"]) == (8, 0, 2)
    assert told["streets"] == [{"street": "Testikatu", "doors": 10, "outcomes": told["outcomes"]}]
    door = client.get(f"/v1/turfs/{turf['id']}/map").json()["features"][0]["properties"]
    assert (door["outcome"], door["visits"]) == ("visited", 2)
    (row,) = client.get("/v1/turfs").json()["items"]
    assert row["progress"]["outcomes"] == told["outcomes"]


def test_what_comes_late_does_not_undo_what_was_met_after_it(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    noon, later = now - timedelta(hours=3), now - timedelta(hours=1)
    hand_in(client, visit(turf, 1, "visited", device_at=later.isoformat()))
    # a clock that is a year behind says all the same how long ago it was
    wrong = timedelta(days=365)
    old = visit(turf, 1, "nobody_home", device_at=(noon - wrong).isoformat())
    hand_in(phone, old, sent_at=(now - wrong).isoformat())
    assert progress(client, turf)["outcomes"]["visited"] == 1
    newer = visit(turf, 1, "refused", device_at=(now - wrong - timedelta(minutes=5)).isoformat())
    hand_in(phone, newer, sent_at=(now - wrong).isoformat())
    assert progress(client, turf)["outcomes"]["refused"] == 1


def test_an_id_that_comes_again_with_another_visit_is_told(
    client: TestClient, phone: TestClient, turf: dict[str, Any]
) -> None:
    one = visit(turf, 1, "visited")
    hand_in(phone, one)
    assert hand_in(phone, one | {"outcome": "refused"})[0]["code"] == 409
    # neither is it any oracle of what others handed in
    assert hand_in(client, one | {"position": 2})[0]["code"] == 409
    assert progress(client, turf)["outcomes"] == {
        "visited": 1, "nobody_home": 0, "refused": 0, "come_back": 0, "not_found": 0,
    }  # fmt: skip


def test_bad_visits_do_not_stop_the_good_ones(client: TestClient, phone: TestClient, turf: dict[str, Any]) -> None:
    bad = [
        visit(turf, 0),
        visit(turf, 11),
        visit(turf, outcome="shouted"),
        visit({"id": str(new_id())}),
        visit(turf, device_at="yesterday"),
        {"id": 7},
        visit(turf) | {"note": "the tall man"},
    ]
    results = hand_in(phone, *bad, visit(turf, 3))
    assert [one["status"] for one in results] == ["rejected"] * 7 + ["created"]
    assert [one["code"] for one in results[:7]] == [422, 422, 422, 404, 422, 422, 422]
    assert progress(client, turf)["left"] == 9
    assert_problem(phone.post("/v1/visits", json={"visits": []}), 422)
    alone = phone.post("/v1/visits", json={"visits": bad[:1]})
    assert assert_problem(alone, 422)["results"][0]["status"] == "rejected"


# -- paper -----------------------------------------------------------------------------------------------------


def enter(client: TestClient, turf: dict[str, Any], *rows: tuple[str, str], **values: Any) -> dict[str, Any]:
    body = {"rows": [{"code": code, "outcome": outcome} for code, outcome in rows], **values}
    answer = client.post(f"/v1/turfs/{turf['id']}/codes", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_codes_of_a_sheet_are_typed_and_slips_are_told(client: TestClient, turf: dict[str, Any]) -> None:
    good, other = door_code(turf["number"], 4), door_code(turf["number"], 5)
    wrong = ("3" if other[2] != "3" else "4").join((other[:2], other[3:]))
    told = enter(
        client,
        turf,
        (f" {good[:3].lower()} {good[3:]}", "nobody_home"),
        (wrong, "visited"),
        (door_code(turf["number"] + 1, 4), "visited"),
        (page_code(turf["number"], 1), "visited"),
        (good, "visited"),
        ("A1", "visited"),
    )
    states = [one["state"] for one in told["results"]]
    assert states == ["created", "slip", "other_turf", "page", "repeated", "slip"]
    first, slip = told["results"][:2]
    doors = client.get(f"/v1/turfs/{turf['id']}/map").json()["features"]
    assert (first["position"], first["label"]) == (4, f"Testikatu {doors[3]['properties']['number']}")
    assert [meant.split(":")[0].replace(" ", "") for meant in slip["meant"]] == [other]
    assert told["progress"]["outcomes"]["nobody_home"] == 1
    assert told["progress"]["left"] == 9


def test_typing_a_sheet_again_does_no_harm(client: TestClient, turf: dict[str, Any], session: Session) -> None:
    rows = [(door_code(turf["number"], at), "visited") for at in (1, 2, 3)]
    day = (today() - timedelta(days=1)).isoformat()
    assert {one["state"] for one in enter(client, turf, *rows, visited_on=day)["results"]} == {"created"}
    assert {one["state"] for one in enter(client, turf, *rows, visited_on=day)["results"]} == {"unchanged"}
    # a row that was read wrongly is put right by typing it again
    assert enter(client, turf, (rows[0][0], "refused"), visited_on=day)["results"][0]["state"] == "created"
    assert progress(client, turf)["outcomes"] | {"visited": 2, "refused": 1} == progress(client, turf)["outcomes"]
    assert session.scalar(text("SELECT count(*) FROM turf_visit")) == 4
    tomorrow = (today() + timedelta(days=1)).isoformat()
    body = {"rows": [{"code": rows[0][0], "outcome": "visited"}], "visited_on": tomorrow}
    assert_problem(client.post(f"/v1/turfs/{turf['id']}/codes", json=body), 422)


def test_an_organizer_who_is_no_admin_manages_turfs(
    anonymous: TestClient, sessions: SessionFactory, served: Session
) -> None:
    assert served
    plain = carrying(anonymous, organizer(sessions, "eeva", NetworkRole.ORGANIZER))
    assert make_turf(plain)["doors"] == 10


def test_a_turf_is_printed(client: TestClient, turf: dict[str, Any]) -> None:
    for paper in ("a4", "letter"):
        answer = client.get(f"/v1/turfs/{turf['id']}/sheet.pdf", params={"paper": paper})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert "no-store" in answer.headers["cache-control"]
        text_of = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert "Testikatu" in text_of
        for position in range(1, 11):
            assert spaced(door_code(turf["number"], position)) in text_of
    assert_problem(client.get(f"/v1/turfs/{turf['id']}/sheet.pdf", params={"paper": "a0"}), 422)
    assert_problem(client.get(f"/v1/turfs/{new_id()}/sheet.pdf"), 404)
