"""A need handed to a partner: seen by that partner alone, until it answers; the need follows."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.domain.principals import Tier
from geo.domain.referrals import ANSWERS, FOLLOWS, RUNNING, ReferralReason, ReferralState, check_answer
from geo.domain.words import Category
from geo.errors import Conflict, InvalidInput
from geo.store.engine import DEFAULT_NETWORK, PARTNER_ROLE, Acting, transaction
from geo.store.referrals import lapse_referrals

from tests.api.conftest import TestClient, assert_problem
from tests.api.referring import FEED, NEAR, OWN, Clinic, agreed_need, stands
from tests.callers import partner
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


def test_what_follows_what_is_written_once() -> None:
    for state in ReferralState:
        for said in ReferralState:
            reason = ReferralReason.OTHER if said is ReferralState.DECLINED else None
            if said not in ANSWERS:
                with pytest.raises(InvalidInput):
                    check_answer(state, said, reason)
            elif state in RUNNING and said is not state:
                check_answer(state, said, reason)
                assert said in FOLLOWS[state]
            else:
                with pytest.raises(Conflict):
                    check_answer(state, said, reason)
    with pytest.raises(InvalidInput):
        check_answer(ReferralState.WAITING, ReferralState.DECLINED, None)
    with pytest.raises(InvalidInput):
        check_answer(ReferralState.WAITING, ReferralState.SERVED, ReferralReason.OTHER)


def test_a_partner_lists_looks_and_answers(town: Session, client: TestClient, clinic: Clinic) -> None:
    need_id = agreed_need(town, client, category=Category.MEDICINE, household_size=4)
    referral = clinic.refer(need_id)
    (one,) = clinic.client.get(OWN).json()["items"]
    assert (one["id"], one["state"], one["category"]) == (referral, "waiting", "medicine")
    assert set(one["answers"]) == {"accepted", "served", "declined", "not_eligible", "full"}
    assert "coordinates" not in clinic.client.get(OWN).text
    assert str(need_id) not in clinic.client.get(OWN).text
    looked = clinic.client.get(f"{OWN}/{referral}/need")
    assert looked.json() == clinic.has()[0]
    assert looked.json()["id"] == one["feature_id"]
    assert looked.headers["cache-control"] == "no-store"
    said = clinic.say(referral, "accepted")
    assert said.status_code == 200, said.text
    assert (said.json()["state"], stands(client, need_id)) == ("accepted", "in_progress")
    # whoever said yes has to go there
    assert len(clinic.has()) == 1
    said = clinic.say(referral, "served")
    assert (said.json()["state"], stands(client, need_id)) == ("served", "met")
    assert said.json()["category"] is None
    assert clinic.has() == []
    assert_problem(clinic.client.get(f"{OWN}/{referral}/need"), 404)


@pytest.mark.parametrize(
    ("outcome", "reason"), [("declined", "outside_area"), ("not_eligible", None), ("full", None), ("served", None)]
)
def test_a_last_answer_ends_the_sight_and_tells_the_board(
    town: Session, client: TestClient, clinic: Clinic, outcome: str, reason: str | None
) -> None:
    need_id = agreed_need(town, client)
    referral = clinic.refer(need_id)
    clinic.say(referral, "accepted")
    assert clinic.say(referral, outcome, reason).status_code == 200
    assert clinic.has() == []
    assert stands(client, need_id) == ("met" if outcome == "served" else "open")
    (told,) = client.get("/v1/referrals", params={"need_id": str(need_id)}).json()["items"]
    assert (told["state"], told["reason"], told["partner"]) == (outcome, reason, "Clinic")
    events = client.get(f"/v1/referrals/{referral}/events").json()["items"]
    assert [(one["from_state"], one["to_state"]) for one in events] == [
        (None, "waiting"), ("waiting", "accepted"), ("accepted", outcome),
    ]  # fmt: skip
    assert [one["actor"] for one in events][1:] == [str(clinic.agreement)] * 2
    # said again it changes nothing, and anything else is too late
    assert clinic.say(referral, outcome, reason).json()["state"] == outcome
    assert len(client.get(f"/v1/referrals/{referral}/events").json()["items"]) == 3
    other = "full" if outcome != "full" else "served"
    assert_problem(clinic.say(referral, other), 409)


def test_an_answer_has_its_form(town: Session, client: TestClient, clinic: Clinic) -> None:
    referral = clinic.refer(agreed_need(town, client))
    for outcome, reason in (("declined", None), ("served", "other"), ("withdrawn", None), ("", None)):
        assert_problem(clinic.say(referral, outcome, reason), 422)
    assert_problem(clinic.client.post(f"{OWN}/{referral}/answer", json={"outcome": "declined", "reason": "<b>"}), 422)
    assert clinic.client.get(f"{OWN}/{referral}").json()["state"] == "waiting"


def test_each_look_is_noted_and_a_list_is_none(town: Session, client: TestClient, clinic: Clinic) -> None:
    referral = clinic.refer(need_id := agreed_need(town, client))
    clinic.client.get(OWN)
    clinic.client.get(f"{OWN}/{referral}")

    def looks() -> int:
        entries = client.get("/v1/audit?action=reveal").json()["items"]
        return sum(entry["object_ids"] == [str(need_id)] for entry in entries)

    assert looks() == 0
    clinic.client.get(f"{OWN}/{referral}/need")
    clinic.client.get(f"{OWN}/{referral}/need")
    assert looks() == 2


def test_no_partner_sees_counts_or_answers_what_is_anothers(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory, clinic: Clinic
) -> None:
    other = Clinic(client, anonymous, sessions, name="Other")
    need_id = agreed_need(town, client)
    before = {path: other.client.get(path) for path in (OWN, FEED, f"{OWN}?state=waiting", f"{OWN}?limit=1")}
    referral = clinic.refer(need_id)
    for path, was in before.items():
        now = other.client.get(path)
        assert now.content == was.content
        assert now.headers.get("etag") == was.headers.get("etag")
    unknown = new_id()
    for method, end, body in (
        ("GET", "", None), ("GET", "/need", None), ("POST", "/answer", {"outcome": "accepted"}),
    ):  # fmt: skip
        theirs = other.client.request(method, f"{OWN}/{referral}{end}", json=body)
        nobodys = other.client.request(method, f"{OWN}/{unknown}{end}", json=body)
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json() | {"instance": ""} == nobodys.json() | {"instance": ""}
    # not even with statements of their own
    with transaction(sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, other.agreement)) as theirs_too:
        assert theirs_too.scalar(text("SELECT count(id) FROM access.referral")) == 0
        assert theirs_too.scalar(text("SELECT count(*) FROM access.referred_needs()")) == 0
        said = text("SELECT access.answer_referral(:id, 'served', NULL)")
        assert theirs_too.scalar(said, {"id": referral}) == "unknown"
    for statement in (
        "SELECT need_id FROM access.referral",
        "UPDATE access.referral SET state = 'served'",
        "SELECT * FROM access.referral_event",
        "SELECT access.end_referrals(gen_random_uuid(), 'withdrawn', NULL)",
        "SELECT access.need_follows(gen_random_uuid(), 'accepted', 'served')",
    ):
        acting = Acting(DEFAULT_NETWORK, PARTNER_ROLE, clinic.agreement)
        with pytest.raises(Exception, match="permission denied"), transaction(sessions, acting) as own:
            own.execute(text(statement))
    assert stands(client, need_id) == "open"


def test_a_partner_of_another_tier_is_handed_nothing(
    town: Session, client: TestClient, sessions: SessionFactory
) -> None:
    coarse, _ = partner(sessions, NEAR, Tier.COARSE, "Coarse")
    need_id = agreed_need(town, client)
    assert_problem(client.post(f"/v1/agreements/{coarse}/referrals", json={"need_id": str(need_id)}), 409)


def test_a_need_is_with_a_partner_once_at_a_time(town: Session, client: TestClient, clinic: Clinic) -> None:
    need_id = agreed_need(town, client)
    first = clinic.refer(need_id)
    path = f"/v1/agreements/{clinic.agreement}/referrals"
    assert_problem(client.post(path, json={"need_id": str(need_id)}), 409)
    clinic.say(first, "full")
    second = clinic.refer(need_id)
    assert_problem(client.post(f"/v1/referrals/{first}/undo"), 409)
    assert client.get(f"/v1/referrals/{second}").json()["state"] == "waiting"


@pytest.mark.parametrize("seed", range(6))
def test_after_any_history_a_partner_has_exactly_what_runs(  # noqa: C901 - steps of many kinds
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory, seed: int
) -> None:
    """Steps at random, by organizers, partners and time; the database's sight is compared with a plain reckoning."""
    rng = random.Random(seed)  # noqa: S311 - makes a history, guards nothing
    partners = [Clinic(client, anonymous, sessions, name=name) for name in ("One", "Two")]
    needs = [agreed_need(town, client, household_size=n + 1) for n in range(3)]
    running: dict[str, tuple[int, UUID]] = {}
    over: list[tuple[str, int]] = []
    for _ in range(25):
        step = rng.choice(["refer", "refer", "answer", "answer", "end", "expire", "undo"])
        if step == "refer":
            at, need_id = rng.randrange(2), rng.choice(needs)
            path = f"/v1/agreements/{partners[at].agreement}/referrals"
            made = client.post(path, json={"need_id": str(need_id)})
            assert made.status_code == (409 if (at, need_id) in running.values() else 201)
            if made.status_code == 201:
                running[made.json()["id"]] = (at, need_id)
        elif step == "answer" and running:
            found = rng.choice(sorted(running))
            outcome = rng.choice(["accepted", "declined", "full"])
            said = partners[running[found][0]].say(found, outcome, "other" if outcome == "declined" else None)
            assert said.status_code == 200, said.text
            if outcome != "accepted":
                over.append((found, running.pop(found)[0]))
        elif step == "end" and running:
            found = rng.choice(sorted(running))
            assert client.delete(f"/v1/referrals/{found}").status_code == 204
            over.append((found, running.pop(found)[0]))
        elif step == "expire" and running:
            found = rng.choice(sorted(running))
            with operator(town):
                town.execute(text("UPDATE access.referral SET expires_at = now() WHERE id = :id"), {"id": found})
            town.commit()
            running.pop(found)
        elif step == "undo" and over:
            found, at = over.pop(rng.randrange(len(over)))
            undone = client.post(f"/v1/referrals/{found}/undo")
            if undone.status_code == 200:
                running[found] = (at, UUID(undone.json()["need_id"]))
        for at, one in enumerate(partners):
            wanted = sorted(found for found, (whose, _) in running.items() if whose == at)
            with transaction(sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, one.agreement)) as theirs:
                query = text("SELECT referral_id::text FROM access.referred_needs() ORDER BY 1")
                assert sorted(theirs.scalars(query)) == wanted
        accepted = {
            running[one["id"]][1]
            for one in client.get("/v1/referrals?state=accepted&limit=1000").json()["items"]
            if one["id"] in running
        }
        lapse_referrals(town)
        town.commit()
        for need_id in needs:
            assert stands(client, need_id) == ("in_progress" if need_id in accepted else "open")
