"""How a referral ends: taken back, run out or with its need or agreement, and what can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from geo.store.agreements import end_agreement
from geo.store.referral_reminders import remind_referrals
from geo.store.referrals import lapse_referrals

from tests.api.conftest import TestClient, assert_problem
from tests.api.referring import FEED, OWN, Clinic, agreed_need, stands
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


def test_taking_back_ends_the_sight_and_can_be_undone(town: Session, client: TestClient, clinic: Clinic) -> None:
    need_id = agreed_need(town, client)
    referral = clinic.refer(need_id)
    clinic.say(referral, "accepted")
    assert client.delete(f"/v1/referrals/{referral}").status_code == 204
    assert clinic.has() == []
    assert stands(client, need_id) == "open"
    assert_problem(clinic.say(referral, "served"), 409)
    undone = client.post(f"/v1/referrals/{referral}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "accepted")
    assert stands(client, need_id) == "in_progress"
    assert len(clinic.has()) == 1
    assert_problem(client.post(f"/v1/referrals/{referral}/undo"), 409)


def test_a_wrong_answer_can_be_undone(town: Session, client: TestClient, clinic: Clinic) -> None:
    need_id = agreed_need(town, client)
    referral = clinic.refer(need_id)
    clinic.say(referral, "served")
    assert stands(client, need_id) == "met"
    assert client.post(f"/v1/referrals/{referral}/undo").json()["state"] == "waiting"
    assert stands(client, need_id) == "open"
    assert clinic.say(referral, "declined", "not_our_help").status_code == 200


def test_nothing_is_undone_once_the_person_says_no(town: Session, client: TestClient, clinic: Clinic) -> None:
    need_id = agreed_need(town, client)
    referral = clinic.refer(need_id)
    (given,) = client.get(f"/v1/needs/{need_id}/consents").json()["items"]
    client.post(f"/v1/needs/{need_id}/consents/{given['id']}/withdraw", json={"withdraw": True})
    assert clinic.has() == []
    assert client.get(f"/v1/referrals/{referral}").json()["state"] == "withdrawn"
    assert_problem(client.post(f"/v1/referrals/{referral}/undo"), 409)


def test_a_need_that_is_taken_back_ends_its_referrals_whatever_way_it_is(
    town: Session, client: TestClient, clinic: Clinic
) -> None:
    need_id = agreed_need(town, client)
    referral = clinic.refer(need_id)
    with operator(town):
        town.execute(text("UPDATE need SET status = 'withdrawn', closed_at = now() WHERE id = :id"), {"id": need_id})
    town.commit()
    assert clinic.has() == []
    assert client.get(f"/v1/referrals/{referral}").json()["state"] == "withdrawn"
    assert_problem(clinic.say(referral, "served"), 409)
    assert stands(client, need_id) == "withdrawn"


def test_a_referral_runs_out_at_once_and_is_written_down_later(
    town: Session, client: TestClient, clinic: Clinic
) -> None:
    need_id = agreed_need(town, client)
    referral = clinic.refer(need_id)
    clinic.say(referral, "accepted")
    with operator(town):
        town.execute(text("UPDATE access.referral SET expires_at = now() - interval '1 second'"))
    town.commit()
    assert clinic.has() == []
    assert_problem(clinic.client.get(f"{OWN}/{referral}/need"), 404)
    assert_problem(clinic.say(referral, "served"), 409)
    assert client.get("/v1/referrals?state=expired").json()["items"][0]["id"] == referral
    assert client.get("/v1/referrals?state=accepted").json()["items"] == []
    assert client.get("/v1/referrals").json()["counts"]["expired"] == 1
    assert lapse_referrals(town) == 1
    town.commit()
    assert lapse_referrals(town) == 0
    assert stands(client, need_id) == "open"
    assert [one["to_state"] for one in client.get(f"/v1/referrals/{referral}/events").json()["items"]] == [
        "waiting", "accepted", "expired",
    ]  # fmt: skip
    # and the partner may be asked once more
    assert clinic.refer(need_id) != referral


def test_an_ended_agreement_ends_its_referrals_and_answers_nothing(
    town: Session, client: TestClient, clinic: Clinic
) -> None:
    referral = clinic.refer(agreed_need(town, client))
    assert clinic.client.get(OWN).status_code == 200
    assert client.delete(f"/v1/agreements/{clinic.agreement}").status_code == 204
    for path in (OWN, FEED, f"{OWN}/{referral}/need"):
        assert_problem(clinic.client.get(path), 401)
    assert_problem(clinic.say(referral, "served"), 401)
    assert client.get(f"/v1/referrals/{referral}").json()["state"] == "withdrawn"
    assert_problem(client.post(f"/v1/referrals/{referral}/undo"), 409)
    end_agreement(town, clinic.agreement)


def test_no_referral_outlasts_its_agreement(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    short = Clinic(client, anonymous, sessions, name="Short", expires_at=soon)
    referral = short.refer(agreed_need(town, client), days=90)
    ends = datetime.fromisoformat(client.get(f"/v1/referrals/{referral}").json()["expires_at"])
    assert ends <= soon


def test_an_unanswered_referral_is_reminded_of_once_before_it_ends(
    town: Session, client: TestClient, clinic: Clinic
) -> None:
    referral = clinic.refer(agreed_need(town, client), days=10)
    answered = clinic.refer(agreed_need(town, client), days=10)
    clinic.say(answered, "accepted")
    now = datetime.now(UTC)
    assert remind_referrals(town, origin="http://here", now=now) == 0
    soon = now + timedelta(days=8, hours=1)
    assert remind_referrals(town, origin="http://here", now=soon) == 1
    assert remind_referrals(town, origin="http://here", now=soon + timedelta(hours=1)) == 0
    town.commit()
    told = [one for one in client.get("/v1/messages").json()["items"] if one["template"] == "referral_ending"]
    assert [one["recipient_kind"] for one in told] == ["person"]
    assert client.get(f"/v1/referrals/{referral}").json()["reminded_at"] is not None
