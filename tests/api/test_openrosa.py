"""A form from the workbook to the need, over the road that ODK programs take."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.domain.principals import NetworkRole
from geo.store.engine import DEFAULT_NETWORK, DEVICE_ROLE, Acting, transaction

from tests.api.collect import Collect
from tests.api.conftest import assert_problem, carrying
from tests.api.test_entries import jpeg
from tests.callers import enrolled_device, organizer
from tests.rights import operator
from tests.xlsforms import ROWS, SETTINGS, filled, winter

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

WHY = {"reason": "to put it right"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHOTO = "1746361200.jpg"
ANSWERS = {
    "begun": "2026-05-04T15:20:00.000+03:00",
    "need.category": "food water",
    "people": "3",
    "heating": "wood & <peat>",
    "location.point": "60.1701 24.9405 0 8.5",
    "contact.consent": "yes",
    "contact.phone": "+358 40 1234567",
    "picture": PHOTO,
}


def add_form(client: TestClient, workbook: bytes) -> dict[str, Any]:
    answer = client.post("/v1/forms", content=workbook, headers={"Content-Type": XLSX})
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


def activate(client: TestClient, version: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/v1/forms/{version['form_id']}/versions/{version['id']}/activate")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def asked(served: Session, client: TestClient) -> dict[str, Any]:
    """A form that is asked, in a network with a street."""
    assert served is not None
    version = add_form(client, winter())
    activate(client, version)
    return version


@pytest.fixture
def collect(anonymous: TestClient, sessions: SessionFactory) -> Collect:
    return Collect(anonymous, enrolled_device(sessions))


def entries(client: TestClient, state: str) -> list[dict[str, Any]]:
    return list(client.get("/v1/entries", params={"state": state}).json()["items"])


def fill(collect: Collect, answers: dict[str, str], instance: str | None = None) -> bytes:
    (form,) = collect.forms()
    return filled(collect.fetch(form), answers, instance or f"uuid:{uuid4()}")


@pytest.mark.usefixtures("asked")
def test_a_form_of_pyxform_is_sent_in_parts_again_and_again_and_lands_once(
    client: TestClient, collect: Collect
) -> None:
    (form,) = collect.forms()
    assert (form["formID"], form["name"], form["version"]) == ("winter", "Winter round", "1")
    instance = uuid4()
    xml = filled(collect.fetch(form), ANSWERS, f"uuid:{instance}")
    files = [(PHOTO, jpeg()), ("audit.csv", b"event,node\n")]
    for _ in range(3):
        assert collect.send(xml, files, posts=2) == [202, 201]
    assert collect.send(xml, files) == [201]
    made = entries(client, "made")
    assert len(made) == 2
    assert str(instance) in {one["id"] for one in made}
    assert [one["faults"] for one in made] == [[], []]
    assert client.get("/v1/balance").json()["received"] == 2
    needs = [client.get(f"/v1/needs/{one['record_id']}").json() for one in made]
    assert {need["category"] for need in needs} == {"food", "water"}
    bodies = [client.post(f"/v1/entries/{one['id']}/typed", json=WHY).json()["typed"]["body"] for one in made]
    assert len({body["household_id"] for body in bodies}) == 1
    assert {need["source"] for need in needs} == {"canvass"}
    shown = client.post(f"/v1/entries/{instance}/typed", json=WHY).json()
    assert shown["has_photo"]
    assert shown["typed"]["custom"][0]["answers"] == ANSWERS
    picture = client.post(f"/v1/entries/{instance}/photo", json=WHY).content
    assert picture[:2] == b"\xff\xd8"
    assert b"Secret maker" not in picture
    (listed,) = client.get("/v1/forms").json()["items"]
    assert (listed["is_active"], listed["entries"]) == (True, 1)


def test_nothing_that_was_sent_lies_open(client: TestClient, collect: Collect, asked: dict[str, Any],
                                         session: Session) -> None:  # fmt: skip
    xml = fill(collect, ANSWERS)
    assert collect.post(xml, [(PHOTO, jpeg())], is_last=False).status_code == 202
    with operator(session):
        (part,) = session.execute(text("SELECT sealed, key_id FROM restricted.form_part")).all()
        assert bytes(part.sealed)[:2] != b"\xff\xd8"
    assert collect.post(xml).status_code == 201
    with operator(session):
        assert session.scalar(text("SELECT count(*) FROM restricted.form_part")) == 0
        rows = session.execute(text("SELECT sealed, body_hash FROM restricted.submission")).all()
        assert len(rows) == 2
        assert all(b"peat" not in bytes(row.sealed) for row in rows)
        versions = session.scalars(text("SELECT version_id FROM restricted.form_entry")).all()
    assert [str(one) for one in versions] == [asked["id"]]
    assert all("1234567" not in repr(entry) for entry in client.get("/v1/audit").json()["items"])


@pytest.mark.usefixtures("asked")
def test_a_photo_waits_for_whom_it_came_from_and_for_nobody_else(
    client: TestClient, collect: Collect, anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    xml = fill(collect, ANSWERS)
    other = Collect(anonymous, enrolled_device(sessions, "two"))
    assert collect.post(xml, [(PHOTO, jpeg())], is_last=False).status_code == 202
    with operator(session):
        owner = session.scalar(text("SELECT submitted_by FROM restricted.form_part"))
    for actor, seen in ((owner, 1), (new_id(), 0)):
        with transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE, actor)) as phone:
            assert phone.scalar(text("SELECT count(*) FROM restricted.form_part")) == seen
    assert other.post(xml).status_code == 201
    assert collect.post(xml).status_code == 201
    assert all(
        not client.post(f"/v1/entries/{one['id']}/typed", json=WHY).json()["has_photo"]
        for one in entries(client, "made")
    )


@pytest.mark.usefixtures("asked")
def test_an_instance_with_other_answers_is_refused_and_the_first_stays(client: TestClient, collect: Collect) -> None:
    instance = f"uuid:{uuid4()}"
    assert collect.post(fill(collect, ANSWERS, instance)).status_code == 201
    assert_problem(collect.post(fill(collect, ANSWERS | {"people": "4"}, instance)), 409)
    sizes = {client.get(f"/v1/needs/{one['record_id']}").json()["household_size"] for one in entries(client, "made")}
    assert sizes == {3}


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"need.category": ""}, "/body/category"),
        ({"people": "900"}, "/body/household_size"),
        ({"location.point": "here"}, "/body/location"),
    ],
)
def test_what_cannot_be_used_is_held_with_all_that_was_typed(
    client: TestClient, collect: Collect, answers: dict[str, str], reason: str
) -> None:
    given = {"need.category": "food"} | answers
    assert collect.post(fill(collect, given)).status_code == 201
    (held,) = entries(client, "held")
    assert held["faults"][0]["pointer"].startswith(reason)
    kept = client.post(f"/v1/entries/{held['id']}/typed", json=WHY).json()["typed"]["custom"][0]["answers"]
    assert kept == {name: text for name, text in given.items() if text}


@pytest.mark.usefixtures("asked")
def test_a_photo_that_is_none_leaves_the_entry_and_says_so(client: TestClient, collect: Collect) -> None:
    assert collect.post(fill(collect, ANSWERS | {"need.category": "food"}), [(PHOTO, b"GIF89a")]).status_code == 201
    (made,) = entries(client, "made")
    assert [fault["pointer"] for fault in made["faults"]] == ["/photo"]


@pytest.mark.usefixtures("asked")
def test_an_ended_phone_is_answered_alike_and_what_it_sends_waits(client: TestClient, collect: Collect) -> None:
    xml = fill(collect, ANSWERS)
    (device,) = client.get("/v1/devices").json()["items"]
    assert client.delete(f"/v1/devices/{device['id']}").status_code == 204
    for _ in range(2):
        assert collect.send(xml, [(PHOTO, jpeg())]) == [201]
    assert len(entries(client, "quarantined")) == 2
    assert entries(client, "made") == []
    assert_problem(collect.ask("GET", "/openrosa/formList"), 401)
    for one in entries(client, "quarantined"):
        assert client.post(f"/v1/entries/{one['id']}/release").status_code == 200
    assert len(entries(client, "made")) == 2


def test_a_withdrawn_form_is_asked_no_more_and_still_comes_in(
    client: TestClient, collect: Collect, asked: dict[str, Any]
) -> None:
    xml = fill(collect, ANSWERS)
    assert client.post(f"/v1/forms/{asked['form_id']}/withdraw").json()["is_active"] is False
    assert collect.forms() == []
    assert collect.post(xml).status_code == 201
    assert len(entries(client, "made")) == 2


def test_a_newer_version_takes_the_place_and_an_older_one_still_comes_in(
    client: TestClient, collect: Collect, asked: dict[str, Any]
) -> None:
    old = fill(collect, ANSWERS)
    newer = add_form(
        client, winter(rows=[*ROWS, ["text", "more", "More?"]], settings=[SETTINGS[0], ["W", "winter", "2"]])
    )
    assert newer["form_id"] == asked["form_id"]
    assert [form["version"] for form in collect.forms()] == ["1"]
    activate(client, newer)
    assert [form["version"] for form in collect.forms()] == ["2"]
    assert collect.post(old).status_code == 201
    assert collect.post(fill(collect, {"need.category": "food", "more": "yes"})).status_code == 201
    made = entries(client, "made")
    forms = {
        client.post(f"/v1/entries/{one['id']}/typed", json=WHY).json()["typed"].get("custom", [{}])[0].get("form")
        for one in made
    }
    assert forms >= {asked["id"], newer["id"]}


DATA = b"<data id='winter' version='1'><meta><instanceID>uuid:%s</instanceID></meta></data>"


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"not xml", 422),
        (DATA.replace(b"winter", b"summer") % b"1", 422),
        (DATA.replace(b"'1'", b"'0'") % b"1", 422),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + DATA % b"1", 422),
        (DATA % b"1" + b" " * 600_000, 422),
        (DATA % b"1" + b" " * 1_100_000, 413),
    ],
)
def test_what_is_no_form_is_refused_with_a_reason(
    client: TestClient, collect: Collect, content: bytes, status: int
) -> None:
    assert_problem(collect.post(content), status)
    assert client.get("/v1/entries").json()["items"] == []


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n--y--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"\xff\x00" * 50),
        ("text/xml", b"<data/>"),
    ],
)
def test_bodies_that_are_no_parts_are_refused(collect: Collect, kind: str, content: bytes) -> None:
    answer = collect.ask("POST", "/openrosa/submission", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (400, 415, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_password_counts_below_openrosa_alone(anonymous: TestClient, sessions: SessionFactory) -> None:
    token = enrolled_device(sessions)
    given = base64.b64encode(f"x:{token.text}".encode()).decode()
    basic = {"Authorization": f"Basic {given}"}
    assert anonymous.get("/openrosa/formList", headers=basic).status_code == 200
    assert anonymous.get("/v1/entries/key", headers=basic).status_code == 401
    refused = anonymous.get("/openrosa/formList")
    assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Basic ")
    assert anonymous.get("/v1/entries/key").headers["www-authenticate"][:7] == "Bearer "
    for bad in ("", "%%%", "eDp5", given[:-8], base64.b64encode(b"\xff:\xff").decode()):
        assert_problem(anonymous.get("/openrosa/formList", headers={"Authorization": f"Basic {bad}"}), 401)
    assert_problem(anonymous.get(f"/openrosa/formList?formID={token.text}", headers=basic), 401)


@pytest.mark.usefixtures("asked")
def test_forms_of_another_network_are_not_there(
    anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    other = new_id()
    with operator(session):
        session.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, 'o', 'O')"), {"id": other})
    session.commit()
    theirs = carrying(anonymous, organizer(sessions, "theirs", NetworkRole.ADMIN, other))
    assert theirs.get("/v1/forms").json()["items"] == []
    assert b"<xform>" not in theirs.get("/openrosa/formList").content


def test_a_phone_is_set_up_by_a_code(client: TestClient, anonymous: TestClient, asked: dict[str, Any]) -> None:
    made = client.post("/v1/devices", json={"label": "Collect one"}).json()["device"]
    answer = client.post(f"/v1/devices/{made['id']}/odk")
    assert (answer.status_code, answer.headers.get("cache-control")) == (200, "no-store"), answer.text
    told = answer.json()
    read = json.loads(zlib.decompress(base64.b64decode(told["settings"])))
    assert read["general"]["server_url"] == told["server_url"] == "http://testserver/openrosa"
    assert told["qr_svg"].startswith("<svg")
    collect = Collect(anonymous, read["general"]["password"])
    assert [form["formID"] for form in collect.forms()] == ["winter"]
    again = client.post(f"/v1/devices/{made['id']}/odk").json()
    assert collect.ask("GET", "/openrosa/formList").status_code == 401
    assert Collect(anonymous, again["password"]).forms() != []
    assert client.delete(f"/v1/devices/{made['id']}").status_code == 204
    assert_problem(client.post(f"/v1/devices/{made['id']}/odk"), 404)
    assert asked["is_active"] is False
