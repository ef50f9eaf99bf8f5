"""Each thing done through the API, and each exact place or contact shown, is one entry of the audit."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, or_, select

from geo.store.audit import list_audit
from geo.store.audit_chain import check_chains
from geo.store.duplicate_tables import need_pair

from tests.api.conftest import STREET, assert_problem, make_need
from tests.api.test_needs import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient
    from sqlalchemy.engine import Connection

    from geo.store.engine import SessionFactory

OPERATIONS = 4_000 if os.environ.get("BARNRAISER_FULL") else 300
WHY = "Delivery on Friday"
Entry = tuple[str, str, int]


def entries(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/audit", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def reveal(client: TestClient, need_id: str, what: str, reason: str = WHY) -> Any:
    return client.post(f"/v1/needs/{need_id}/reveal", json={"what": what, "reason": reason})


@pytest.mark.usefixtures("served")
def test_a_place_is_shown_only_with_its_entry(client: TestClient) -> None:
    need = make_need(client, location={"address": f"{STREET} 4"}, contact=SECRET)
    shown = reveal(client, need["id"], "place").json()
    assert shown["contact"] is None
    assert shown["place"]["address_typed"] == f"{STREET} 4"
    assert (round(shown["place"]["lon"], 2), round(shown["place"]["lat"], 2)) == (24.94, 60.17)
    (entry,) = entries(client, action="reveal")
    assert (entry["object_kind"], entry["object_ids"], entry["reason"]) == ("need", [need["id"]], WHY)
    assert entry["fields"] == ["address_typed", "point", "uncertainty_m"]


def test_a_contact_is_shown_only_with_its_entry(client: TestClient) -> None:
    need = make_need(client, contact=SECRET)
    shown = reveal(client, need["id"], "contact").json()
    assert (shown["place"], shown["contact"]["name"]) == (None, "Canary Kanerva")
    (entry,) = entries(client, action="reveal")
    assert entry["fields"] == ["contact_name", "contact_note", "contact_phone"]


def test_nothing_to_show_is_no_reveal(client: TestClient) -> None:
    need = make_need(client)
    for path in (need["id"], str(uuid4())):
        for what in ("place", "contact"):
            assert_problem(reveal(client, path, what), 404)
    assert entries(client, action="reveal") == []


@pytest.mark.parametrize("reason", ["", "  a ", "x" * 201, "two\nlines", "nul\0"])
def test_a_reveal_needs_a_short_reason(client: TestClient, reason: str) -> None:
    need = make_need(client, contact=SECRET)
    assert assert_problem(reveal(client, need["id"], "contact", reason), 422)["errors"]
    assert_problem(client.post(f"/v1/needs/{need['id']}/reveal", json={"what": "contact"}), 422)
    assert entries(client, action="reveal") == []


def test_when_the_entry_cannot_be_written_nothing_is_shown(client: TestClient, connection: Connection) -> None:
    need = make_need(client, contact=SECRET)

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INTO audit" in statement:
            raise RuntimeError("no space left on the disk")

    event.listen(connection, "before_cursor_execute", fail)
    answer = reveal(client, need["id"], "contact")
    event.remove(connection, "before_cursor_execute", fail)
    assert_problem(answer, 500)
    assert "Canary" not in answer.text
    assert entries(client, action="reveal") == []


@pytest.mark.usefixtures("served")
def test_the_review_queue_notes_whose_addresses_it_showed(client: TestClient) -> None:
    client.get("/v1/review")
    assert entries(client, action="reveal") == []
    waiting = [make_need(client, location={"address": f"Olematonkatu {n}"})["id"] for n in (7, 8)]
    client.get("/v1/review")
    (entry,) = entries(client, action="reveal")
    assert (entry["object_ids"], entry["count"], entry["fields"]) == (waiting, 2, ["address_typed"])


def test_a_reason_goes_with_its_need_and_the_entry_stays(client: TestClient) -> None:
    need = make_need(client, contact=SECRET)
    reveal(client, need["id"], "contact")
    client.delete(f"/v1/needs/{need['id']}", headers={"If-Match": "*"})
    (entry,) = entries(client, action="reveal")
    assert (entry["object_ids"], entry["reason"]) == ([need["id"]], None)


def test_the_audit_pages_from_the_newest_back(client: TestClient) -> None:
    for _ in range(5):
        make_need(client)
    seen, cursor = [], None
    while True:
        answer = client.get(
            "/v1/audit", params={"limit": 2, "action": "create"} | ({"cursor": cursor} if cursor else {})
        ).json()
        seen += [item["seq"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert entries(client, cursor="_____________________w") == entries(client)
    assert_problem(client.get("/v1/audit?action=Reveal'--"), 422)


class Mix:
    """Operations on a town, each with the entries it must leave."""

    def __init__(self, client: TestClient, sessions: SessionFactory, rng: random.Random) -> None:
        self.client, self.sessions, self.rng = client, sessions, rng
        self.ids: dict[str, list[str]] = {"needs": [], "helpers": [], "organizations": []}
        self.entry_ids: list[dict[str, Any]] = []

    def do(self) -> list[Entry]:
        kinds: list[Callable[[], list[Entry]]] = [
            self.make, self.make, self.make_placed, self.submit, self.again, self.change, self.stale, self.locate,
            self.remove, self.reveal, self.review, self.read, self.refused,
        ]  # fmt: skip
        return self.rng.choice(kinds)()

    def any_of(self, noun: str) -> str:
        return self.rng.choice(self.ids[noun]) if self.ids[noun] else str(uuid4())

    def make(self) -> list[Entry]:
        noun = self.rng.choice(list(self.ids))
        body: dict[str, Any] = {
            "needs": {"category": "food", "contact": SECRET},
            "helpers": {"public_name": "Aino", "categories": ["food"]},
            "organizations": {"name": f"Kitchen {uuid4()}"},
        }[noun]
        answer = self.client.post(f"/v1/{noun}", json=body)
        assert answer.status_code == 201, answer.text
        self.ids[noun].append(answer.json()["id"])
        return [("create", noun[:-1], 1), *(self.judged(answer.json()["id"]) if noun == "needs" else [])]

    def make_placed(self) -> list[Entry]:
        number = self.rng.randint(1, 14)
        made = make_need(self.client, location={"address": f"{STREET} {number}"})["id"]
        self.ids["needs"].append(made)
        return [("create", "need", 1), *self.judged(made)]

    def judged(self, made: str) -> list[Entry]:
        """Those at one door, or with one telephone, may be one request, which is noted too."""
        pair = need_pair.c
        with self.sessions() as session:
            alike = session.scalar(
                select(func.count()).where(or_(pair.earlier_id == UUID(made), pair.later_id == UUID(made)))
            )
        return [("judge", "need_pair", alike)] if alike else []

    def submit(self) -> list[Entry]:
        good = self.rng.randint(0, 3)
        new = [{"id": str(uuid4()), "kind": "need", "body": {"category": "water"}} for _ in range(good)]
        bad = {"id": str(uuid4()), "kind": "need", "body": {"category": "water", "location": {"address": ""}}}
        outside = {"lon": 60.17, "lat": 24.95, "method": "gps"}
        refused = {"id": str(uuid4()), "kind": "need", "body": {"category": "water", "location": outside}}
        self.client.post("/v1/submissions", json={"entries": [*new, refused, bad, *self.entry_ids[-2:]]})
        self.entry_ids += new
        return [("create", "need", 1)] * good

    def again(self) -> list[Entry]:
        key = {"Idempotency-Key": str(uuid4())}
        for _ in range(2):
            self.client.post("/v1/needs", json={"category": "food"}, headers=key)
        return [("create", "need", 1)]

    def change(self) -> list[Entry]:
        answer = self.client.patch(
            f"/v1/needs/{self.any_of('needs')}", json={"urgency": "high"}, headers={"If-Match": "*"}
        )
        return [("update", "need", 1)] if answer.status_code == 200 else []

    def stale(self) -> list[Entry]:
        answer = self.client.patch(
            f"/v1/helpers/{self.any_of('helpers')}", json={"load": 2}, headers={"If-Match": '"v1"'}
        )
        return [("update", "helper", 1)] if answer.status_code == 200 else []

    def locate(self) -> list[Entry]:
        sent = self.rng.choice([{"point": {"lon": 24.95, "lat": 60.17}}, {"confirm": True}, {"candidate": 90}])
        answer = self.client.post(f"/v1/needs/{self.any_of('needs')}/location", json=sent)
        return [("locate", "need", 1)] if answer.status_code == 200 else []

    def remove(self) -> list[Entry]:
        noun = self.rng.choice(list(self.ids))
        gone = self.any_of(noun)
        answer = self.client.delete(f"/v1/{noun}/{gone}", headers={"If-Match": "*"})
        self.ids[noun] = [one for one in self.ids[noun] if one != gone]
        return [("delete", noun[:-1], 1)] if answer.status_code == 204 else []

    def reveal(self) -> list[Entry]:
        answer = reveal(self.client, self.any_of("needs"), self.rng.choice(["place", "contact"]))
        return [("reveal", "need", 1)] if answer.status_code == 200 else []

    def review(self) -> list[Entry]:
        items = self.client.get("/v1/review", params={"limit": self.rng.randint(1, 20)}).json()["items"]
        return [("reveal", "need", len(items))] if items else []

    def read(self) -> list[Entry]:
        paths = ("/v1/needs", "/v1/balance", "/v1/helpers", f"/v1/needs/{self.any_of('needs')}", "/v1/audit")
        self.client.get(self.rng.choice(paths))
        return []

    def refused(self) -> list[Entry]:
        sent: dict[str, Any] = self.rng.choice(
            [{"category": "gold"}, {"category": "food", "location": {"lon": 60.17, "lat": 24.95, "method": "gps"}}]
        )
        assert_problem(self.client.post("/v1/needs", json=sent), 422)
        return []


@pytest.mark.slow
@pytest.mark.usefixtures("served")
def test_each_operation_leaves_exactly_its_entries(client: TestClient, sessions: SessionFactory) -> None:
    mix = Mix(client, sessions, random.Random(8))  # noqa: S311 - chooses what to do, guards nothing
    done, before = 0, _newest(sessions)
    for number in range(OPERATIONS):
        expected = mix.do()
        with sessions() as session:
            found = list_audit(session, limit=20)
        fresh = [(e.action, e.object_kind, e.count) for e in found if e.seq > before]
        assert sorted(fresh) == sorted(expected), number
        before, done = before + len(expected), done + len(expected)
    assert done > OPERATIONS / 3
    with sessions() as session:
        assert [report.fault for report in check_chains(session, by_hand=True)] == [""]


def _newest(sessions: SessionFactory) -> int:
    with sessions() as session:
        return list_audit(session, limit=1)[0].seq
