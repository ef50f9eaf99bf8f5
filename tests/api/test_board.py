"""The board and helpers over HTTP: lanes and their counts, filters, and a contact that is sealed and shown noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import text

from geo.domain.words import ConsentScope, SubjectKind, Urgency, Vehicle
from geo.store.audit import list_audit
from geo.store.consents import list_consents
from geo.store.match_steps import propose_match

from tests.api.conftest import TestClient, assert_problem
from tests.factories import add_helper, add_need

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ANY = {"If-Match": "*"}
LOOK = {"reason": "to ring them"}
PHONE = "+358 40 555 0101"


def test_the_board_lists_one_lane_and_counts_all(client: TestClient, session: Session) -> None:
    urgent, _ = add_need(session, urgency=Urgency.CRITICAL), add_need(session, at=None)
    helper = add_helper(session)
    propose_match(session, urgent.id, helper_id=helper.id)
    session.commit()
    board = client.get("/v1/board").json()
    counts = {one["lane"]: (one["count"], one["pressing"]) for one in board["lanes"]}
    assert counts == {"waiting": (1, 0), "asked": (1, 1), "accepted": (0, 0), "under_way": (0, 0), "done": (0, 0)}
    assert sum(count for count, _ in counts.values()) == board["balance"]["received"] == 2
    (card,) = client.get("/v1/board", params={"lane": "asked"}).json()["items"]
    assert (card["need"]["id"], card["who"], card["asked"]) == (str(urgent.id), "Aino K.", 1)
    assert card["match"]["helper_id"] == str(helper.id)
    assert client.get("/v1/board", params={"lane": "asked", "category": "water"}).json()["items"] == []
    assert_problem(client.get("/v1/board", params={"lane": "lost"}), 422)


def test_the_matches_of_a_need_and_a_helper_name_the_other_side(client: TestClient, session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    made = propose_match(session, need.id, helper_id=helper.id)
    session.commit()
    for path in (f"/v1/needs/{need.id}/matches", f"/v1/helpers/{helper.id}/matches"):
        (one,) = client.get(path).json()["items"]
        assert (one["match"]["id"], one["need"]["id"], one["who"]) == (str(made.id), str(need.id), "Aino K.")
    assert_problem(client.get(f"/v1/needs/{helper.id}/matches"), 404)
    assert_problem(client.get(f"/v1/helpers/{need.id}/matches"), 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"vehicle": "car"}, {"Car"}),
        ({"has_room": "true"}, {"Car", "Free"}),
        ({"has_room": "false"}, {"Full"}),
        ({"asked_before": "PAST"}, {"Free", "Full"}),
        ({"has_room": "true", "asked_before": "PAST"}, {"Free"}),
    ],
)
def test_helpers_are_filtered(client: TestClient, session: Session, query: dict[str, str], found: set[str]) -> None:
    now = datetime.now(UTC)
    add_helper(session, public_name="Car", vehicle=Vehicle.CAR, capacity_per_week=2, load=1, last_asked_at=now)
    add_helper(session, public_name="Free", capacity_per_week=1, load=0, last_asked_at=now - timedelta(days=9))
    add_helper(session, public_name="Full", capacity_per_week=3, load=3)
    session.commit()
    past = (now - timedelta(days=1)).isoformat()
    asked = {name: past if value == "PAST" else value for name, value in query.items()}
    assert {one["public_name"] for one in client.get("/v1/helpers", params=asked).json()["items"]} == found


@pytest.mark.parametrize("query", [{"vehicle": "boat"}, {"has_room": "perhaps"}, {"asked_before": "yesterday"}])
def test_a_filter_that_makes_no_sense_is_refused(client: TestClient, query: dict[str, str]) -> None:
    assert_problem(client.get("/v1/helpers", params=query), 422)


def sent(**more: Any) -> dict[str, Any]:
    return {"phone": PHONE, "preferred_channel": "sms", "consent": True} | more


def test_a_helpers_contact_is_sealed_shown_on_demand_and_noted(client: TestClient, session: Session) -> None:
    helper = add_helper(session)
    session.commit()
    where = f"/v1/helpers/{helper.id}"
    assert_problem(client.post(f"{where}/reveal", json=LOOK), 404)
    assert_problem(client.put(f"{where}/contact", json=sent()), 428)
    assert_problem(client.put(f"{where}/contact", json=sent(), headers={"If-Match": '"v9"'}), 412)
    answer = client.put(f"{where}/contact", json=sent(), headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert PHONE not in answer.text
    kept = session.scalar(text("SELECT sealed FROM restricted.contact WHERE helper_id = :id"), {"id": helper.id})
    assert PHONE.encode() not in bytes(kept)
    again = client.put(f"{where}/contact", json=sent(phone="+358 40 555 0102"), headers=ANY)
    assert again.status_code == 200
    shown = client.post(f"{where}/reveal", json=LOOK)
    assert (shown.status_code, shown.json()["phone"]) == (200, "+358 40 555 0102")
    (entry,) = [one for one in list_audit(session) if one.action == "reveal"]
    assert (entry.object_kind, list(entry.object_ids)) == ("helper", [helper.id])
    assert set(entry.fields) == {"contact_phone", "contact_preferred_channel"}
    assert PHONE not in client.get(where).text
    assert client.delete(f"{where}/contact", headers=ANY).status_code == 204
    assert_problem(client.post(f"{where}/reveal", json=LOOK), 404)


def test_a_contact_may_come_with_the_helper_and_never_without_consent(client: TestClient, session: Session) -> None:
    body = {"public_name": "Bo", "categories": ["food"]}
    assert_problem(client.post("/v1/helpers", json=body | {"contact": sent(consent=False)}), 422)
    made = client.post("/v1/helpers", json=body | {"contact": sent()})
    assert made.status_code == 201
    assert PHONE not in made.text
    shown = client.post(f"/v1/helpers/{made.json()['id']}/reveal", json=LOOK)
    assert shown.json()["phone"] == PHONE
    (agreed,) = list_consents(session, SubjectKind.HELPER, UUID(made.json()["id"]))
    assert agreed.what is ConsentScope.KEEP_CONTACT
