"""Organizers see what was queued and what became of it; nobody's number, address or need is in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.store.engine import transaction
from geo.store.messages import queue_message
from geo.store.sending import NobodySends, send_due

from tests.api.conftest import assert_problem, make_need

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from geo.store.engine import SessionFactory

LINK = "https://example.org/n/Ab3#t0ken"
NOBODY = {
    "channel": None, "language": None, "quiet_from": None, "quiet_until": None, "time_zone": None, "is_stopped": False,
}  # fmt: skip


def queue(sessions: SessionFactory, need_id: str, key: str = "k") -> UUID:
    with transaction(sessions) as session:
        made = queue_message(
            session,
            key=key,
            recipient=Recipient(RecipientKind.NEED, UUID(need_id)),
            template=Template.NEED_STILL,
            parameters={"link": LINK},
        )
    assert made is not None
    return made


def get(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/messages", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def make_helper(client: TestClient) -> str:
    made = client.post("/v1/helpers", json={"public_name": "Aino", "categories": ["food"]})
    assert made.status_code == 201
    return str(made.json()["id"])


def test_a_list_shows_how_far_and_no_contact(client: TestClient, sessions: SessionFactory) -> None:
    contact = {"name": "Canary Kanerva", "phone": "+358401234567", "consent": True}
    one = queue(sessions, make_need(client, contact=contact)["id"])
    (shown,) = get(client)
    assert (shown["id"], shown["recipient"], shown["state"]) == (str(one), "a person asking", "queued")
    text = client.get("/v1/messages").text
    assert not any(word in text for word in ("Canary", "35840", "t0ken", "example.org"))
    assert get(client, state="sent") == []
    send_due(sessions, NobodySends())
    assert get(client, state="sent")[0]["channel"] == "local"


def test_a_text_is_read_with_an_entry(client: TestClient, sessions: SessionFactory) -> None:
    one = queue(sessions, make_need(client)["id"])
    told = client.get(f"/v1/messages/{one}/text").json()
    assert set(told) == {"id", "language", "text"}
    assert LINK in told["text"]
    (entry,) = client.get("/v1/audit", params={"action": "read"}).json()["items"]
    assert (entry["object_kind"], entry["object_ids"]) == ("message", [str(one)])


def test_dropping_and_trying_again(client: TestClient, sessions: SessionFactory) -> None:
    one = queue(sessions, make_need(client)["id"])
    path = f"/v1/messages/{one}"
    assert client.post(f"{path}/retry", json={"retry": True}).json()["state"] == "queued"
    assert client.post(f"{path}/drop", json={"drop": True}).json()["state"] == "dropped"
    for verb in ("retry", "drop"):
        assert_problem(client.post(f"{path}/{verb}", json={verb: True}), 409)
        assert_problem(client.post(f"/v1/messages/{uuid4()}/{verb}", json={verb: True}), 404)
    assert_problem(client.get(f"{path}/text"), 409)
    assert_problem(client.post(f"{path}/drop", json={"drop": False}), 422)


def test_pages_of_messages(client: TestClient, sessions: SessionFactory) -> None:
    need = make_need(client)["id"]
    made = [str(queue(sessions, need, f"k{n}")) for n in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        answer = client.get("/v1/messages", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in answer["items"]]
        if (cursor := answer["next"]) is None:
            break
    assert seen == sorted(made)


def test_a_helper_says_how_to_be_told(client: TestClient) -> None:
    path = f"/v1/helpers/{make_helper(client)}/preference"
    assert client.get(path).json() == NOBODY
    wants = {"channel": "sms", "language": "fi", "quiet_from": "21:00", "quiet_until": "08:00"}
    for _ in range(2):
        assert client.put(path, json=wants).json() == NOBODY | wants
    assert client.get(path).json() == NOBODY | wants
    assert client.put(path, json={"is_stopped": True}).json() == NOBODY | {"is_stopped": True}


@pytest.mark.parametrize(
    "wants",
    [
        {"channel": "pigeon"},
        {"quiet_from": "21:00"},
        {"quiet_from": "21:00", "quiet_until": "21:00"},
        {"quiet_from": "24:00", "quiet_until": "08:00"},
        {"time_zone": "Europe/Nowhere"},
        {"is_stopped": "yes"},
        {"language": "Suomi!"},
        {"note": "ring twice"},
    ],
)
def test_preferences_that_make_no_sense_are_refused(client: TestClient, wants: dict[str, Any]) -> None:
    path = f"/v1/helpers/{make_helper(client)}/preference"
    assert_problem(client.put(path, json=wants), 422)
    assert client.get(path).json() == NOBODY


def test_nobody_says_it_for_a_helper_who_is_not_there(client: TestClient) -> None:
    path = f"/v1/helpers/{uuid4()}/preference"
    assert_problem(client.get(path), 404)
    assert_problem(client.put(path, json={}), 404)
