"""A need handed to a partner: seen by that partner alone, until it answers or the time is over; the need follows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import h3
import pytest
from sqlalchemy import text

from geo.domain.drafts import OrganizationDraft
from geo.domain.ids import new_id
from geo.domain.principals import Tier
from geo.domain.referrals import ANSWERS, FOLLOWS, RUNNING, ReferralReason, ReferralState, check_answer
from geo.domain.words import Category
from geo.errors import Conflict, InvalidInput
from geo.privacy.cells import cell_of
from geo.store.agreements import end_agreement
from geo.store.dwellings import replace_dwellings
from geo.store.engine import DEFAULT_NETWORK, PARTNER_ROLE, Acting, transaction
from geo.store.organizations import create_organization
from geo.store.referral_reminders import remind_referrals
from geo.store.referrals import lapse_referrals

from tests.api.conftest import SERVICE_AREA, TestClient, assert_problem, carrying
from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

FEED = "/ogc/collections/needs/items"
OWN = "/v1/partner/referrals"
NEAR = frozenset(h3.grid_disk(cell_of(HELSINKI), 2))


class Clinic:
    """A partner with a key, and whoever refers to it."""

    def __init__(self, staff: TestClient, anonymous: TestClient, sessions: SessionFactory, **values: Any) -> None:
        self.agreement, key = partner(sessions, NEAR, Tier.REFERRAL, **values)
        self.staff, self.key = staff, key
        self.client = carrying(anonymous, key)

    def has(self) -> list[dict[str, Any]]:
        answer = self.client.get(FEED)
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["features"] if one["id"].endswith("-referred")]

    def refer(self, need_id: UUID, **body: Any) -> str:
        answer = self.staff.post(f"/v1/agreements/{self.agreement}/referrals", json={"need_id": str(need_id), **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def say(self, referral: str, outcome: str, reason: str | None = None) -> Any:
        return self.client.post(f"{OWN}/{referral}/answer", json={"outcome": outcome, "reason": reason})


@pytest.fixture
def town(session: Session) -> Session:
    serve_area(session, SERVICE_AREA)
    session.commit()
    return session


@pytest.fixture
def clinic(town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory) -> Clinic:
    assert town
    return Clinic(client, anonymous, sessions, name="Clinic", fields=("household_size",))


def agreed_need(town: Session, client: TestClient, **values: Any) -> UUID:
    need = add_need(town, **values)
    town.commit()
    given = client.post(f"/v1/needs/{need.id}/consents", json={"what": "share_with_partner", "how": "spoken"})
    assert given.status_code == 201, given.text
    return need.id


def stands(client: TestClient, need_id: UUID) -> str:
    return str(client.get(f"/v1/needs/{need_id}").json()["status"])


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


def test_a_need_is_with_a_partner_once_at_a_time(town: Session, client: TestClient, clinic: Clinic) -> None:
    need_id = agreed_need(town, client)
    first = clinic.refer(need_id)
    path = f"/v1/agreements/{clinic.agreement}/referrals"
    assert_problem(client.post(path, json={"need_id": str(need_id)}), 409)
    clinic.say(first, "full")
    second = clinic.refer(need_id)
    assert_problem(client.post(f"/v1/referrals/{first}/undo"), 409)
    assert client.get(f"/v1/referrals/{second}").json()["state"] == "waiting"


def test_a_service_is_one_of_the_partners_and_for_that_kind_of_need(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    org = create_organization(town, OrganizationDraft(name="Mission"))
    theirs = add_asset(town, organization_id=org.id, name="Mission kitchen", categories=(Category.FOOD,))
    someone = add_asset(town, name="Somebody's kitchen", categories=(Category.FOOD,))
    town.commit()
    mission = Clinic(client, anonymous, sessions, name="Mission", organization_id=org.id)
    food, medicine = agreed_need(town, client), agreed_need(town, client, category=Category.MEDICINE)
    path = f"/v1/agreements/{mission.agreement}/referrals"
    for need_id, asset_id in ((food, someone.id), (medicine, theirs.id)):
        assert_problem(client.post(path, json={"need_id": str(need_id), "asset_id": str(asset_id)}), 422)
    assert_problem(client.post(path, json={"need_id": str(food), "asset_id": str(new_id())}), 404)
    referral = mission.refer(food, asset_id=str(theirs.id))
    assert client.get(f"/v1/referrals/{referral}").json()["service"] == "Mission kitchen"
    assert mission.client.get(OWN).json()["items"][0]["service"] == "Mission kitchen"


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


# -- who serves this already -------------------------------------------------------------------------------------


def test_who_serves_this_already_is_told_before_it_is_done_again(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    org = create_organization(town, OrganizationDraft(name="Mission"))
    kitchen = add_asset(town, organization_id=org.id, name="Kitchen", opening_hours="Mo-Fr 10:00-16:00")
    add_asset(town, name="Clinic", categories=(Category.MEDICINE,))
    mission = Clinic(client, anonymous, sessions, name="Mission", organization_id=org.id)
    partner(sessions, NEAR, Tier.COARSE, "Not for single needs")
    narrow, _ = partner(sessions, NEAR, Tier.REFERRAL, "Rides", categories=frozenset({Category.TRANSPORT}))
    need_id = agreed_need(town, client)
    told = client.get(f"/v1/needs/{need_id}/serving").json()
    assert [(one["name"], one["opening_hours"], one["referred"]) for one in told["places"]] == [
        ("Kitchen", "Mo-Fr 10:00-16:00", 0)
    ]
    assert [(one["name"], one["covers"]) for one in told["partners"]] == [("Mission", True), ("Rides", False)]
    assert told["referrals"] == []
    referral = mission.refer(need_id, asset_id=str(kitchen.id))
    told = client.get(f"/v1/needs/{need_id}/serving").json()
    assert [one["id"] for one in told["referrals"]] == [referral]
    assert told["places"][0]["referred"] == told["partners"][0]["referred"] == 1
    at = {"lon": HELSINKI.lon, "lat": HELSINKI.lat}
    around = client.get("/v1/serving", params={"category": "food", **at}).json()
    assert [one["name"] for one in around["places"]] == ["Kitchen"]
    assert client.get("/v1/serving", params={"category": "transport", **at}).json()["partners"][1]["covers"] is True
    mission.say(referral, "full")
    assert client.get(f"/v1/needs/{need_id}/serving").json()["places"][0]["referred"] == 0
    assert narrow


def test_a_need_without_a_place_is_told_of_services_anywhere(town: Session, client: TestClient) -> None:
    add_asset(town, name="Kitchen")
    need = add_need(town, None)
    town.commit()
    (one,) = client.get(f"/v1/needs/{need.id}/serving").json()["places"]
    assert (one["name"], one["travel_min"]) == ("Kitchen", None)


# -- as the partner sees it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", list(Tier))
def test_the_preview_is_what_the_partners_key_gives(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory, tier: Tier
) -> None:
    with operator(town):
        replace_dwellings(town, dict.fromkeys(h3.grid_disk(cell_of(HELSINKI), 9), 80))
    for n in range(5):
        add_need(town, household_size=n + 1)
    add_need(town, withheld=True)
    agreement, key = partner(sessions, NEAR, tier, fields=("languages",), quota_per_day=50)
    need_id = agreed_need(town, client)
    if tier is Tier.REFERRAL:
        made = client.post(f"/v1/agreements/{agreement}/referrals", json={"need_id": str(need_id)})
        assert made.status_code == 201, made.text
    seen = client.get(f"/v1/agreements/{agreement}/preview", params={"limit": 1000})
    assert seen.status_code == 200, seen.text
    given = carrying(anonymous, key).get(FEED, params={"limit": 1000})
    part = b'"features":'
    assert seen.content.split(part, 1)[1] == given.content.split(part, 1)[1]
    assert seen.json()["numberMatched"] == {Tier.AGGREGATE: 0, Tier.COARSE: 6, Tier.REFERRAL: 7}[tier]
    use = client.get(f"/v1/agreements/{agreement}/use").json()
    # the pull is counted, a look that finds nothing as one, and the preview is not
    assert use["used_today"] == max(1, seen.json()["numberMatched"])
    assert use["looks"] == (1 if tier is Tier.REFERRAL else 0)
    assert (use["quota_per_day"], use["live_keys"]) == (50, 1)
    noted = [entry["action"] for entry in client.get("/v1/audit").json()["items"]]
    assert "preview" in noted


def test_an_ended_agreement_has_no_preview(town: Session, client: TestClient, clinic: Clinic) -> None:
    assert town
    client.delete(f"/v1/agreements/{clinic.agreement}")
    assert_problem(client.get(f"/v1/agreements/{clinic.agreement}/preview"), 404)
    assert_problem(client.get(f"/v1/agreements/{new_id()}/use"), 404)
