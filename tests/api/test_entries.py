"""Sealed entries from a phone to the record they are about, and whatever may go wrong on the way."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.store.engine import DEFAULT_NETWORK, transaction

from api.canvass.taking_in import take_in
from tests.api.conftest import STREET, assert_problem, carrying
from tests.api.sealed import FOOD, public_key, sealed
from tests.callers import enrolled_device
from tests.rights import operator

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

LOOK = {"reason": "to look"}
HELPER = {"public_name": "Aino", "categories": ["food"]}


def hand_in(client: TestClient, *entries: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post("/v1/entries", json={"entries": list(entries)})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


def status(client: TestClient, entry: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"/v1/entries/{entry['id']}").json())


def typed(client: TestClient, entry: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/v1/entries/{entry['id']}/typed", json=LOOK)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def jpeg(size: tuple[int, int] = (1600, 900), *, where: str = "N") -> bytes:
    picture, written = Image.new("RGB", size, "orange"), io.BytesIO()
    exif = picture.getexif()
    exif[0x8825] = {1: where, 2: (60.0, 10.0, 11.0)}
    exif[0x010F] = "Secret maker"
    picture.save(written, "JPEG", exif=exif)
    return written.getvalue()


@pytest.mark.usefixtures("served")
def test_a_sealed_entry_becomes_a_need_once_and_is_kept_as_typed(client: TestClient, as_device: TestClient) -> None:
    body = {
        "category": "food",
        "urgency": "high",
        "household_size": 3,
        "languages": ["so"],
        "access": ["no_car", "no_phone"],
        "location": {"address": f"{STREET} 3"},
        "contact": {"name": "Faadumo", "phone": "+358 40 1234567", "preferred_channel": "phone", "consent": True},
    }
    content = FOOD | {"note": "third bell ☃ ويل", "language": "so", "body": body}
    entry = sealed(public_key(as_device), content)
    assert hand_in(as_device, entry) == [{"id": entry["id"], "status": "received", "code": 201}]
    assert hand_in(as_device, entry)[0]["status"] == "already_received"
    found = status(client, entry)
    assert (found["state"], found["record_id"], found["faults"]) == ("made", entry["id"], [])
    assert found["device_at"] == "2026-05-04T12:20:00Z"
    assert typed(client, entry)["typed"] == content
    need = client.get(f"/v1/needs/{entry['id']}").json()
    assert (need["urgency"], need["source"], need["location_state"]) == ("high", "canvass", "located")
    shown = client.post(f"/v1/needs/{entry['id']}/reveal", json={"what": "contact", "reason": "to ring"})
    assert shown.json()["contact"]["name"] == "Faadumo"
    assert client.get("/v1/balance").json()["received"] == 1


@pytest.mark.usefixtures("served")
def test_helpers_and_assets_wait_for_an_organizer(client: TestClient, as_device: TestClient) -> None:
    key = public_key(as_device)
    helper = sealed(
        key,
        {
            "body": {
                "public_name": "Aino",
                "categories": ["food"],
                "vehicle": "car",
                "location": {"address": f"{STREET} 4"},
                "contact": {"phone": "+358 1 234567", "consent": True},
            }
        },
        kind="helper",
    )
    gps = {"lon": 24.9405, "lat": 60.1701, "accuracy_m": 8.5, "method": "gps"}
    asset = sealed(
        key,
        {
            "position": {"lon": 24.9405, "lat": 60.1701, "accuracy_m": 8.5},
            "body": {"kind": "pantry", "name": "Shelf in the yard", "categories": ["food"], "location": gps},
        },
        kind="asset",
    )
    assert [r["code"] for r in hand_in(as_device, helper, asset)] == [201, 201]
    made = client.get(f"/v1/helpers/{helper['id']}").json()
    assert (made["status"], made["cell"] is not None, made["vehicle"]) == ("paused", True, "car")
    found = client.get(f"/v1/assets/{asset['id']}").json()
    assert (found["status"], found["source"], found["lon"]) == ("inactive", "canvass", 24.9405)
    assert typed(client, asset)["typed"]["position"]["accuracy_m"] == 8.5


@pytest.mark.usefixtures("served")
def test_an_entry_that_cannot_be_used_is_held_and_can_be_corrected(client: TestClient, as_device: TestClient) -> None:
    key = public_key(as_device)
    bad = [
        sealed(key, FOOD | {"body": {"category": "gold"}}),
        sealed(key, FOOD | {"made_at": "yesterday"}),
        sealed(key, FOOD | {"for_other": True, "body": {"category": "food", "location": {
            "lon": 24.94, "lat": 60.17, "method": "gps"}}}),
        sealed(key, [1, 2]),
        sealed(key, b"\xff not json", raw=True),
        sealed(key, FOOD) | {"id": str(new_id())},
        sealed(key, FOOD) | {"kind": "helper"},
    ]  # fmt: skip
    assert {r["status"] for r in hand_in(as_device, *bad)} == {"received"}
    for entry in bad:
        found = status(client, entry)
        assert (found["state"], found["record_id"], found["is_kept"]) == ("held", None, True)
        assert found["faults"]
        assert "gold" not in str(found["faults"])
    assert client.get("/v1/balance").json()["received"] == 0
    assert client.get("/v1/entries", params={"state": "held"}).json()["counts"]["held"] == len(bad)
    path = f"/v1/entries/{bad[0]['id']}/correction"
    refused = ({"need": {"category": "silver"}}, {}, {"need": None}, {"helper": HELPER}, {"need": {}, "helper": HELPER})
    for correction in refused:
        assert_problem(client.put(path, json=correction), 422)
    assert status(client, bad[0])["state"] == "held"
    fixed = client.put(path, json={"need": {"category": "water"}}).json()
    assert (fixed["state"], fixed["record_id"], fixed["faults"]) == ("made", bad[0]["id"], [])
    kept = typed(client, bad[0])
    assert (kept["typed"]["body"], kept["corrected"]) == ({"category": "gold"}, {"category": "water"})
    assert_problem(client.put(path, json={"need": {"category": "food"}}), 409)


@pytest.mark.usefixtures("served")
def test_a_need_outside_the_area_is_made_without_its_place(client: TestClient, as_device: TestClient) -> None:
    away = {"lon": 2.35, "lat": 48.85, "accuracy_m": 5.0, "method": "gps"}
    entry = sealed(public_key(as_device), FOOD | {"body": {"category": "food", "location": away}})
    hand_in(as_device, entry)
    found = status(client, entry)
    assert (found["state"], found["faults"][0]["pointer"]) == ("made", "/body/location")
    assert client.get(f"/v1/needs/{entry['id']}").json()["location_state"] == "none"


@pytest.mark.usefixtures("served")
def test_photos_are_made_anew_and_hold_nothing_but_the_picture(client: TestClient, as_device: TestClient) -> None:
    key, sent = public_key(as_device), jpeg()
    assert b"Secret maker" in sent
    good = sealed(key, FOOD | {"photo": base64.b64encode(sent).decode()})
    huge = io.BytesIO()
    Image.new("1", (50_000, 1_000)).save(huge, "PNG")
    bad = [
        sealed(key, FOOD | {"photo": base64.b64encode(content).decode()})
        for content in (huge.getvalue(), b"GIF89a;", sent[:200], b"<svg onload=x>", b"")
    ]
    odd = sealed(key, FOOD | {"photo": "no base64"})
    hand_in(as_device, good, *bad, odd)
    answer = client.post(f"/v1/entries/{good['id']}/photo", json=LOOK)
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((1280, 720), {})
    assert b"Secret" not in answer.content
    assert typed(client, good) | {"id": ""} == {
        "id": "", "kind": "need", "typed": FOOD, "corrected": None, "has_photo": True,
    }  # fmt: skip
    for entry in (*bad, odd):
        # a broken photo never costs the need
        found = status(client, entry)
        assert (found["state"], found["faults"][0]["pointer"]) == ("made", "/photo")
        assert_problem(client.post(f"/v1/entries/{entry['id']}/photo", json=LOOK), 404)


def test_another_box_under_the_same_id_is_refused_and_changes_nothing(
    client: TestClient, as_device: TestClient
) -> None:
    key = public_key(as_device)
    entry = sealed(key, FOOD)
    other = sealed(key, FOOD | {"note": "other"}, entry_id=UUID(entry["id"]))
    results = hand_in(as_device, entry, other, entry | {"id": "x"}, entry | {"box": "AAAA"}, {"id": entry["id"]})
    assert [(r["status"], r["code"]) for r in results] == [
        ("received", 201), ("rejected", 409), ("rejected", 422), ("rejected", 422), ("rejected", 422),
    ]  # fmt: skip
    assert typed(client, entry)["typed"] == FOOD
    assert_problem(as_device.post("/v1/entries", json={"entries": [other]}), 422)


def test_an_entry_that_came_by_another_way_is_known_again(
    client: TestClient, as_device: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    """A rescue file was sent by an organizer, or a phone's backup was put on another phone."""
    entry = sealed(public_key(as_device), FOOD)
    assert hand_in(client, entry)[0]["status"] == "received"
    assert hand_in(as_device, entry)[0]["status"] == "already_received"
    restored = carrying(anonymous, enrolled_device(sessions, "second"))
    assert hand_in(restored, entry)[0]["status"] == "already_received"
    assert client.get("/v1/balance").json()["received"] == 1
    # and whoever has only the id learns nothing but that it is taken, as with any id
    foreign = sealed(public_key(as_device), FOOD | {"note": "guess"}, entry_id=UUID(entry["id"]))
    assert_problem(restored.post("/v1/entries", json={"entries": [foreign]}), 422)


def test_what_an_ended_phone_still_carries_goes_to_quarantine(
    client: TestClient, anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    phone = carrying(anonymous, enrolled_device(sessions, "lost"))
    key = public_key(phone)
    device = client.get("/v1/devices").json()["items"][0]["id"]
    assert client.delete(f"/v1/devices/{device}").status_code == 204
    entries = [sealed(key, FOOD) for _ in range(3)]
    assert {r["status"] for r in hand_in(phone, *entries)} == {"received"}
    assert {r["status"] for r in hand_in(phone, *entries)} == {"already_received"}
    for path in ("/v1/entries/key", "/v1/submissions", "/v1/meta", "/v1/entries"):
        assert phone.get(path).status_code == 401
    assert_problem(phone.post("/v1/submissions", json={"entries": [{"id": str(new_id())}]}), 401)
    assert client.get("/v1/entries").json()["counts"]["quarantined"] == 3
    assert client.get("/v1/balance").json()["received"] == 0
    take_in(sessions, DEFAULT_NETWORK)
    assert client.get("/v1/balance").json()["received"] == 0
    let_in, thrown, _left = (entry["id"] for entry in entries)
    assert client.post(f"/v1/entries/{let_in}/release").json()["state"] == "received"
    assert status(client, entries[0])["state"] == "made"
    gone = client.post(f"/v1/entries/{thrown}/discard").json()
    assert (gone["state"], gone["is_kept"]) == ("discarded", False)
    assert hand_in(phone, entries[1])[0]["status"] == "already_received"
    assert_problem(client.post(f"/v1/entries/{let_in}/discard"), 409)
    assert_problem(client.post(f"/v1/entries/{thrown}/release"), 409)
    assert client.get("/v1/balance").json()["received"] == 1
    with operator(session):
        session.execute(text("UPDATE access.credential SET fingerprint = sha256('x') WHERE kind = 'device'"))
    session.commit()
    assert_problem(phone.post("/v1/entries", json={"entries": entries}), 401)


def test_an_ended_phone_cannot_fill_the_disk(
    client: TestClient, anonymous: TestClient, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routers.entries.MOST_QUARANTINED", 2)
    phone = carrying(anonymous, enrolled_device(sessions, "lost"))
    key = public_key(phone)
    client.delete(f"/v1/devices/{client.get('/v1/devices').json()['items'][0]['id']}")
    hand_in(phone, sealed(key, FOOD), sealed(key, FOOD))
    answer = phone.post("/v1/entries", json={"entries": [sealed(key, FOOD)]})
    assert_problem(answer, 429)
    codes = {phone.post("/v1/entries", json={"entries": [sealed(key, FOOD)]}).status_code for _ in range(40)}
    assert codes == {429}


def test_what_a_request_left_behind_is_taken_in_by_the_next_round(
    client: TestClient, as_device: TestClient, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routers.entries.take_in", lambda *_a, **_k: 0)
    entries = [sealed(public_key(as_device), FOOD) for _ in range(4)]
    hand_in(as_device, *entries)
    assert status(client, entries[0])["state"] == "received"
    assert_problem(client.post(f"/v1/entries/{entries[0]['id']}/typed", json=LOOK), 404)
    assert take_in(sessions, DEFAULT_NETWORK) == 4
    assert take_in(sessions, DEFAULT_NETWORK) == 0
    assert status(client, entries[0])["state"] == "made"


def test_what_was_erased_does_not_come_back(client: TestClient, as_device: TestClient) -> None:
    entry = sealed(public_key(as_device), FOOD)
    hand_in(as_device, entry)
    erased = client.post(f"/v1/needs/{entry['id']}/erase", json={"for_good": True})
    assert erased.status_code == 200, erased.text
    assert_problem(client.get(f"/v1/entries/{entry['id']}"), 404)
    assert hand_in(as_device, entry)[0]["status"] == "already_received"
    assert_problem(client.get(f"/v1/entries/{entry['id']}"), 404)


def test_one_entry_that_fails_does_not_hold_up_the_others(
    client: TestClient, as_device: TestClient, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.canvass import taking_in

    entries = [sealed(public_key(as_device), FOOD) for _ in range(3)]
    real = taking_in.take_in_one

    def fails_once(session: Session, network: UUID, entry_id: UUID) -> bool:
        if str(entry_id) == entries[1]["id"]:
            raise OSError
        return real(session, network, entry_id)

    monkeypatch.setattr(taking_in, "take_in_one", fails_once)
    hand_in(as_device, *entries)
    assert [status(client, entry)["state"] for entry in entries] == ["made", "received", "made"]
    monkeypatch.undo()
    with transaction(sessions):
        assert take_in(sessions, DEFAULT_NETWORK) == 1


def test_who_looks_is_in_the_audit(client: TestClient, as_device: TestClient) -> None:
    entry = sealed(public_key(as_device), FOOD)
    hand_in(as_device, entry)
    typed(client, entry)
    looked = client.get("/v1/audit", params={"action": "reveal"}).json()["items"][0]
    assert (looked["object_kind"], looked["object_ids"]) == ("submission", [entry["id"]])


@pytest.mark.usefixtures("served")
def test_an_entry_is_refused_for_a_reason_and_had_back(client: TestClient, as_device: TestClient) -> None:
    key = public_key(as_device)
    entry, good = sealed(key, FOOD | {"body": {"category": "gold"}}), sealed(key, FOOD)
    hand_in(as_device, entry, good)
    where = f"/v1/entries/{entry['id']}"
    assert_problem(client.post(f"{where}/undo"), 409)
    for reason in ("nobody_decided", "boring"):
        assert_problem(client.post(f"{where}/refuse", json={"reason": reason}), 422)
    assert_problem(client.post(f"/v1/entries/{good['id']}/refuse", json={"reason": "other"}), 409)
    held = status(client, entry)
    assert held["kept_until"] > held["received_at"]
    refused = client.post(f"{where}/refuse", json={"reason": "trying_out"}).json()
    assert (refused["state"], refused["refused_because"], refused["is_kept"]) == ("refused", "trying_out", True)
    assert refused["can_undo"]
    assert refused["kept_until"] < held["kept_until"]
    back = client.post(f"{where}/undo").json()
    assert (back["state"], back["refused_because"], back["can_undo"]) == ("held", None, False)
    assert typed(client, entry)["typed"]["body"] == {"category": "gold"}


@pytest.mark.usefixtures("served")
def test_a_correction_is_taken_back_while_nobody_has_worked_on_it(client: TestClient, as_device: TestClient) -> None:
    key = public_key(as_device)
    entry, other = (sealed(key, FOOD | {"body": {"category": "gold"}}) for _ in range(2))
    hand_in(as_device, entry, other)
    for one in (entry, other):
        made = client.put(f"/v1/entries/{one['id']}/correction", json={"need": {"category": "water"}}).json()
        assert (made["state"], made["can_undo"]) == ("made", True)
    client.patch(f"/v1/needs/{other['id']}", headers={"If-Match": "*"}, json={"urgency": "high"})
    assert_problem(client.post(f"/v1/entries/{other['id']}/undo"), 409)
    back = client.post(f"/v1/entries/{entry['id']}/undo").json()
    assert (back["state"], back["record_id"], back["is_kept"]) == ("held", None, True)
    assert client.get(f"/v1/needs/{entry['id']}").status_code == 404
    assert typed(client, entry)["typed"]["body"] == {"category": "gold"}
    again = client.put(f"/v1/entries/{entry['id']}/correction", json={"need": {"category": "food"}}).json()
    assert (again["state"], again["record_id"]) == ("made", entry["id"])
    assert client.get("/v1/balance").json()["received"] == 2


@pytest.mark.usefixtures("served")
def test_an_entry_of_which_nothing_was_made_is_erased_with_what_was_typed(
    client: TestClient, as_device: TestClient
) -> None:
    key, said = public_key(as_device), {"for_good": True}
    held = sealed(key, FOOD | {"body": {"category": "gold", "contact": {"name": "Aino"}}})
    good = sealed(key, FOOD)
    asset = sealed(key, {"body": {"kind": "pantry"}}, kind="asset")
    hand_in(as_device, held, good, asset)
    assert_problem(client.post(f"/v1/entries/{asset['id']}/erase", json=said), 409)
    gone = {"needs": 0, "helpers": 0, "entries": 1, "keys": 0}
    assert client.post(f"/v1/entries/{held['id']}/erase", json=said).json() == gone
    assert_problem(client.get(f"/v1/entries/{held['id']}"), 404)
    assert hand_in(as_device, held)[0]["status"] == "already_received"
    assert_problem(client.get(f"/v1/entries/{held['id']}"), 404)
    assert client.post(f"/v1/entries/{good['id']}/erase", json=said).json() == gone | {"needs": 1}
    assert_problem(client.get(f"/v1/needs/{good['id']}"), 404)


@pytest.mark.usefixtures("served")
def test_a_photo_is_shown_for_a_reason_taken_away_and_had_back(client: TestClient, as_device: TestClient) -> None:
    photo = base64.b64encode(jpeg()).decode()
    entry = sealed(public_key(as_device), FOOD | {"photo": photo, "form": 1})
    hand_in(as_device, entry)
    found, where = status(client, entry), f"/v1/entries/{entry['id']}/photo"
    assert (found["has_photo"], found["form"], found["channel"]) == (True, 1, "door")
    shown = client.post(where, json={"reason": "which door it is"})
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    looked = client.get("/v1/audit", params={"action": "reveal"}).json()["items"]
    assert "which door it is" in [one["reason"] for one in looked]
    assert client.delete(where).json()["has_photo"] is False
    assert_problem(client.delete(where), 409)
    assert_problem(client.post(where, json=LOOK), 404)
    assert_problem(client.post(where), 422)
    assert client.post(f"{where}/keep").json()["has_photo"] is True
    assert client.post(where, json=LOOK).status_code == 200


@pytest.mark.usefixtures("served")
def test_entries_are_listed_newest_first_by_what_is_asked(client: TestClient, as_device: TestClient) -> None:
    key = public_key(as_device)
    sent = [sealed(key, FOOD | {"body": {"category": "gold" if at % 2 else "food"}}) for at in range(5)]
    for one in sent:
        hand_in(as_device, one)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        found = client.get("/v1/entries", params={"newest": True, "limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in found.json()["items"]]
        cursor = found.json().get("next")
        if cursor is None:
            break
        cursor = cursor.rpartition("cursor=")[2].partition("&")[0]
    assert seen == [one["id"] for one in reversed(sent)]
    waits = client.get("/v1/entries", params={"to_decide": True, "newest": True}).json()["items"]
    assert [one["id"] for one in waits] == [sent[3]["id"], sent[1]["id"]]
    assert not client.get("/v1/entries", params={"channel": "text"}).json()["items"]
