from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from geo.domain.words import SubjectKind
from geo.store import tables
from geo.store.contacts import find_contact
from geo.store.engine import DEFAULT_NETWORK, make_sessions, transaction
from geo.store.erasure_log import Erasure, ErasureLog
from geo.store.needs import update_need
from geo.store.retention import count_overdue
from geo.store.submissions import find_payload

from api import retaining
from tests.api.conftest import STREET, assert_problem, make_need
from tests.factories import add_need, located

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from api.settings import Settings

CONTACT = {"name": "Canary Kanerva", "phone": "+358 40 0000000", "consent": True}
AGREED = {"what": "share_with_partner", "how": "spoken", "language": "so"}


def submit(client: TestClient, entry_id: UUID, **body: Any) -> Any:
    entry = {"id": str(entry_id), "kind": "need", "body": {"category": "food", **body}}
    answer = client.post("/v1/submissions", json={"entries": [entry]})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"][0]


def test_a_contact_comes_with_its_consent(client: TestClient) -> None:
    need = make_need(client, contact=CONTACT)
    (consent,) = client.get(f"/v1/needs/{need['id']}/consents").json()["items"]
    assert (consent["what"], consent["how"], consent["withdrawn_at"]) == ("keep_contact", "form", None)
    assert consent["subject_id"] == need["id"]
    at_the_door = uuid4()
    submit(client, at_the_door, contact=CONTACT)
    (consent,) = client.get(f"/v1/needs/{at_the_door}/consents").json()["items"]
    assert consent["how"] == "spoken"


def test_consents_are_recorded_once_and_listed_in_order(client: TestClient) -> None:
    path = f"/v1/needs/{make_need(client)['id']}/consents"
    once = {"Idempotency-Key": str(uuid4())}
    first = client.post(path, json=AGREED, headers=once)
    again = client.post(path, json=AGREED, headers=once)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    client.post(path, json={"what": "publish", "how": "written"})
    assert [c["what"] for c in client.get(path).json()["items"]] == ["share_with_partner", "publish"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        AGREED | {"how": "guessed"},
        AGREED | {"what": "everything"},
        AGREED | {"withdrawn_at": "2026-01-01T00:00:00Z"},
        AGREED | {"recorded_by": str(uuid4())},
        AGREED | {"language": "Finnish, mostly"},
    ],
)
def test_what_is_no_consent_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert_problem(client.post(f"/v1/needs/{make_need(client)['id']}/consents", json=body), 422)


def test_withdrawing_removes_the_contact_and_the_raw_entry_at_once(client: TestClient, session: Session) -> None:
    need_id = uuid4()
    submit(client, need_id, contact=CONTACT)
    assert find_contact(session, "need_id", need_id) is not None
    assert find_payload(session, need_id) is not None
    path = f"/v1/needs/{need_id}/consents"
    (consent,) = client.get(path).json()["items"]
    withdrawn = client.post(f"{path}/{consent['id']}/withdraw", json={"withdraw": True})
    assert withdrawn.json()["withdrawn_at"] is not None
    assert find_contact(session, "need_id", need_id) is None
    assert find_payload(session, need_id) is None
    assert client.get(f"/v1/needs/{need_id}").status_code == 200
    again = client.post(f"{path}/{consent['id']}/withdraw", json={"withdraw": True})
    assert again.json() == withdrawn.json()


def test_withdrawing_something_else_leaves_the_contact(client: TestClient, session: Session) -> None:
    need = make_need(client, contact=CONTACT)
    path = f"/v1/needs/{need['id']}/consents"
    consent = client.post(path, json=AGREED).json()
    assert client.post(f"{path}/{consent['id']}/withdraw", json={"withdraw": True}).status_code == 200
    assert find_contact(session, "need_id", UUID(need["id"])) is not None


def test_a_consent_is_withdrawn_under_its_own_need_alone(client: TestClient) -> None:
    one, other = make_need(client)["id"], make_need(client)["id"]
    consent = client.post(f"/v1/needs/{one}/consents", json=AGREED).json()
    for need_id, consent_id in ((other, consent["id"]), (one, uuid4()), (uuid4(), consent["id"])):
        answer = client.post(f"/v1/needs/{need_id}/consents/{consent_id}/withdraw", json={"withdraw": True})
        assert_problem(answer, 404)
    assert_problem(client.post(f"/v1/needs/{one}/consents/{consent['id']}/withdraw", json={"withdraw": False}), 422)
    assert_problem(client.get(f"/v1/needs/{uuid4()}/consents"), 404)


@pytest.mark.usefixtures("served")
def test_an_erased_need_is_gone_counted_and_never_taken_in_again(client: TestClient, settings: Settings) -> None:
    need_id, body = uuid4(), {"contact": CONTACT, "location": {"address": f"{STREET} 4"}}
    submit(client, need_id, **body)
    assert_problem(client.post(f"/v1/needs/{need_id}/erase", json={}), 422)
    answer = client.post(f"/v1/needs/{need_id}/erase", json={"for_good": True})
    assert answer.json() == {"needs": 1, "helpers": 0, "entries": 1, "keys": 0}
    assert_problem(client.get(f"/v1/needs/{need_id}"), 404)
    balance = client.get("/v1/balance").json()
    assert (balance["received"], balance["closed"]) == (1, 1)
    assert submit(client, need_id, **body)["status"] == "already_received"
    assert_problem(client.post("/v1/needs", json={"category": "food", "id": str(need_id)}), 410)
    assert client.post(f"/v1/needs/{need_id}/erase", json={"for_good": True}).json()["needs"] == 0
    assert client.get("/v1/balance").json() == balance
    (logged,) = ErasureLog(settings.home.erased).read()
    assert logged.subject == need_id


def test_a_phone_brings_a_contact_with_its_consent_and_may_send_it_again_after_erasure(
    client: TestClient, as_device: TestClient, session: Session
) -> None:
    need_id = uuid4()
    assert submit(as_device, need_id, contact=CONTACT)["status"] == "created"
    assert find_contact(session, "need_id", need_id) is not None
    assert client.post(f"/v1/needs/{need_id}/erase", json={"for_good": True}).json()["needs"] == 1
    assert submit(as_device, need_id, contact=CONTACT)["status"] == "already_received"
    assert_problem(as_device.post(f"/v1/needs/{need_id}/erase", json={"for_good": True}), 404)
    assert client.get("/v1/balance").json()["received"] == 1


def test_a_create_request_sent_again_after_erasure_is_told_so(client: TestClient) -> None:
    once = {"Idempotency-Key": str(uuid4())}
    need = client.post("/v1/needs", json={"category": "food"}, headers=once).json()
    assert client.post(f"/v1/needs/{need['id']}/erase", json={"for_good": True}).json()["keys"] == 1
    assert_problem(client.post("/v1/needs", json={"category": "food"}, headers=once), 410)
    assert client.get("/v1/balance").json()["received"] == 1


def test_an_erased_helper_is_gone(client: TestClient) -> None:
    sent = {"public_name": "Oleg", "categories": ["food"], "home": {"lon": 24.94, "lat": 60.17}}
    helper = client.post("/v1/helpers", json=sent).json()
    assert client.post(f"/v1/helpers/{helper['id']}/erase", json={"for_good": True}).json()["helpers"] == 1
    assert_problem(client.get(f"/v1/helpers/{helper['id']}"), 404)
    assert_problem(client.post("/v1/helpers", json=sent | {"id": helper["id"]}), 410)


def test_whom_nobody_knows_cannot_be_erased(client: TestClient, settings: Settings) -> None:
    for noun in ("needs", "helpers"):
        assert_problem(client.post(f"/v1/{noun}/{uuid4()}/erase", json={"for_good": True}), 404)
    assert not settings.home.erased.exists()


def test_an_erasure_takes_files_that_name_the_person_along(client: TestClient, settings: Settings) -> None:
    need = make_need(client)
    settings.home.out.mkdir()
    (settings.home.out / "needs.geojson").write_text(f'{{"id": "{need["id"]}"}}')
    client.post(f"/v1/needs/{need['id']}/erase", json={"for_good": True})
    assert list(settings.home.out.iterdir()) == []


@pytest.mark.own_db
def test_a_running_server_goes_on_its_round(own_db: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sessions, now = make_sessions(own_db), datetime.now(UTC)
    with transaction(sessions) as session:
        need_id = add_need(session, located()).id
        update_need(session, need_id, {"status": "met"})
        past = now - timedelta(days=15)
        session.execute(update(tables.need).where(tables.need.c.id == need_id).values(closed_at=past))
        erased = add_need(session).id
    log = ErasureLog(tmp_path / "erased.jsonl")
    log.add(Erasure(DEFAULT_NETWORK, SubjectKind.NEED, erased, now, (("need", erased),)))
    done, real = asyncio.Event(), retaining.retain_everywhere
    rounds: list[int] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()

        def watched(*args: Any, **values: Any) -> Any:
            rounds.append(1)
            if len(rounds) == 1:
                raise ConnectionError("away for a while")
            report = real(*args, **values)
            loop.call_soon_threadsafe(done.set)
            return report

        monkeypatch.setattr(retaining, "retain_everywhere", watched)
        async with retaining.retaining(own_db, log, every_s=0.01):
            await asyncio.wait_for(done.wait(), 30)

    asyncio.run(serve())
    with sessions() as session:
        assert count_overdue(session, now).is_done
        assert session.scalars(select(tables.location_exact.c.id)).all() == []
        assert session.scalar(text("SELECT cell FROM need")).startswith("88")
