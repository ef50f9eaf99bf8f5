"""Forms over HTTP: added from a workbook, refused with rows and reasons, asked, carried and withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.store.forms import MAX_ACTIVE

from tests.api.conftest import assert_problem
from tests.api.sealed import public_key, sealed
from tests.api.test_entries import hand_in, status, typed
from tests.api.test_openrosa import XLSX, activate, add_form
from tests.rights import operator
from tests.xlsforms import ROWS, SETTINGS, winter, workbook

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session


def post(client: TestClient, content: bytes) -> Any:
    return client.post("/v1/forms", content=content, headers={"Content-Type": XLSX})


def named(name: str) -> bytes:
    return winter(settings=[SETTINGS[0], [name.title(), name, "1"]])


def test_a_form_is_added_once_and_asked_when_it_is_made_active(client: TestClient, as_device: TestClient) -> None:
    first = post(client, winter())
    assert first.status_code == 201, first.text
    version = first.json()
    assert (version["name"], version["languages"], version["is_active"]) == ("winter", ["en", "fi"], False)
    assert first.headers["location"] == f"/v1/forms/{version['form_id']}"
    again = post(client, winter())
    assert (again.status_code, again.json()) == (200, version)
    assert as_device.get("/canvass/forms.json").json() == {"items": []}
    assert activate(client, version)["is_active"]
    (carried,) = as_device.get("/canvass/forms.json").json()["items"]
    assert (carried["id"], carried["title"]) == (version["id"], "Winter round")
    assert [question["name"] for question in carried["questions"]][:2] == ["need.category", "people"]
    assert as_device.get(f"/canvass/forms/{version['id']}.json").json() == carried
    assert "xml" not in carried
    actions = [entry["action"] for entry in client.get("/v1/audit").json()["items"] if "form" in entry["object_kind"]]
    assert sorted(actions) == ["activate", "create", "create"]


def test_phones_are_told_only_once_what_they_have(client: TestClient, as_device: TestClient) -> None:
    activate(client, add_form(client, winter()))
    tag = as_device.get("/canvass/forms.json").headers["etag"]
    assert as_device.get("/canvass/forms.json", headers={"If-None-Match": tag}).status_code == 304


def test_a_version_never_changes(client: TestClient, session: Session) -> None:
    version = add_form(client, winter())
    assert_problem(post(client, winter(rows=[*ROWS, ["text", "more", "More?"]])), 409)
    for statement in ("UPDATE form_version SET xml = 'x'", "DELETE FROM form_version", "DELETE FROM form"):
        with pytest.raises(Exception, match="permission denied"), session.begin_nested():
            session.execute(text(statement))
    (listed,) = client.get(f"/v1/forms/{version['form_id']}/versions").json()["items"]
    assert listed == version


def test_what_is_outside_of_the_subset_is_refused_with_rows_and_reasons(client: TestClient) -> None:
    body = assert_problem(post(client, winter(rows=[*ROWS, ["barcode", "x", "Secret words"]])), 422)
    assert body["errors"] == [{"pointer": "/survey/14/type", "reason": "this type is outside of the subset"}]
    assert "Secret" not in repr(body)
    assert client.get("/v1/forms").json()["items"] == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"type,name\ntext,a\n", workbook(choices=[["list_name"]])])
def test_what_is_no_workbook_of_a_form_is_refused(client: TestClient, content: bytes) -> None:
    assert_problem(post(client, content), 422)


def test_phones_carry_so_many_forms_and_no_more(client: TestClient) -> None:
    forms = [add_form(client, named(f"form{number}")) for number in range(MAX_ACTIVE + 1)]
    for form in forms[:-1]:
        activate(client, form)
    last = f"/v1/forms/{forms[-1]['form_id']}/versions/{forms[-1]['id']}/activate"
    assert_problem(client.post(last), 409)
    assert client.post(f"/v1/forms/{forms[0]['form_id']}/withdraw").status_code == 200
    assert client.post(last).status_code == 200
    first = client.get("/v1/forms", params={"limit": 2}).json()
    assert [form["name"] for form in first["items"]] == ["form0", "form1"]
    rest = client.get("/v1/forms", params={"cursor": first["next"]}).json()
    assert len(rest["items"]) == MAX_ACTIVE - 1
    other = f"/v1/forms/{forms[0]['form_id']}/versions/{forms[1]['id']}/activate"
    assert_problem(client.post(other), 404)


@pytest.mark.usefixtures("served")
def test_answers_of_a_phone_stay_with_the_entry_and_name_their_version(
    client: TestClient, as_device: TestClient, session: Session
) -> None:
    version = add_form(client, winter())
    answers = {"heating": "wood", "thanks": "ويل ☃"}
    content = {"body": {"category": "food"}, "custom": [{"form": version["id"], "answers": answers}]}
    entry = sealed(public_key(as_device), content)
    assert hand_in(as_device, entry)[0]["status"] == "received"
    assert (status(client, entry)["state"], status(client, entry)["faults"]) == ("made", [])
    assert typed(client, entry)["typed"]["custom"] == content["custom"]
    with operator(session):
        (row,) = session.execute(text("SELECT entry_id, version_id FROM restricted.form_entry")).all()
    assert (str(row.entry_id), str(row.version_id)) == (entry["id"], version["id"])
    assert client.get(f"/v1/forms/{version['form_id']}").json()["entries"] == 1


@pytest.mark.usefixtures("served")
def test_answers_to_a_form_of_nobody_are_kept_and_said_so(client: TestClient, as_device: TestClient) -> None:
    custom = [{"form": str(new_id()), "answers": {"a": "b"}}]
    entry = sealed(public_key(as_device), {"body": {"category": "food"}, "custom": custom})
    hand_in(as_device, entry)
    found = status(client, entry)
    assert (found["state"], [fault["pointer"] for fault in found["faults"]]) == ("made", ["/custom"])
    assert typed(client, entry)["typed"]["custom"] == custom


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "custom", [[{}], "x", [{"form": "x", "answers": {}}], [{"form": str(new_id()), "answers": {"a": 1}}]]
)
def test_answers_that_are_none_are_held(client: TestClient, as_device: TestClient, custom: Any) -> None:
    entry = sealed(public_key(as_device), {"body": {"category": "food"}, "custom": custom})
    hand_in(as_device, entry)
    found = status(client, entry)
    assert found["state"] == "held"
    assert found["faults"][0]["pointer"].startswith("/custom")
