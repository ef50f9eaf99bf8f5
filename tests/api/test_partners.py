"""What a partner is given: what its agreement allows, under ids of its own, and the place of what was referred."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import h3
import pytest
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.words import Category, Urgency
from geo.privacy.cells import cell_of
from geo.store.agreements import AgreementDraft, issue_key, list_keys, make_agreement
from geo.store.audit import list_audit
from geo.store.dwellings import replace_dwellings
from geo.store.engine import DEFAULT_NETWORK, PARTNER_ROLE, Acting, transaction

from tests.api.conftest import SERVICE_AREA, TestClient, assert_problem, carrying
from tests.api.rfc7946 import check_collection
from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

NEEDS = "/ogc/collections/needs/items"
CELL = cell_of(HELSINKI)
NEAR = frozenset(h3.grid_disk(CELL, 3))
FAR = Point(25.05, 60.25)


@pytest.fixture
def town(session: Session) -> Session:
    """A town in which every cell has homes enough to be drawn by itself."""
    serve_area(session, SERVICE_AREA)
    cells = h3.grid_disk(CELL, 9) + h3.grid_disk(cell_of(FAR), 9)
    with operator(session):
        replace_dwellings(session, dict.fromkeys(cells, 80))
    session.commit()
    return session


def pull(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(NEEDS, params=query)
    assert answer.status_code == 200, answer.text
    check_collection(answer.json())
    return list(answer.json()["features"])


def test_the_coarse_tier_gives_cells_weeks_and_ids_of_the_partners_own(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    need = add_need(town, household_size=7, urgency=Urgency.CRITICAL)
    town.commit()
    bank, clinic = (
        carrying(anonymous, partner(sessions, NEAR, Tier.COARSE, name)[1]) for name in ("Food bank", "Clinic")
    )
    (one,), (other,) = pull(bank), pull(clinic)
    assert set(one["properties"]) == {"cell", "kind", "urgency", "week"}
    assert one["properties"]["cell"] == CELL
    assert one["geometry"]["type"] == "Polygon"
    assert one["properties"] == other["properties"]
    assert one["id"] != other["id"]
    assert str(need.id) not in anonymous.get("/").text + str(one)
    assert pull(bank) == [one]


def test_only_what_was_agreed_is_given(town: Session, anonymous: TestClient, sessions: SessionFactory) -> None:
    add_need(town, category=Category.FOOD)
    add_need(town, category=Category.TRANSPORT)
    add_need(town, category=Category.MEDICINE)
    add_need(town, FAR)
    add_need(town, withheld=True)
    add_need(town, None)
    closed = add_need(town)
    with operator(town):
        town.execute(text("UPDATE need SET status = 'met', closed_at = now() WHERE id = :id"), {"id": closed.id})
    town.commit()
    agreed = {"categories": frozenset({Category.FOOD, Category.MEDICINE})}
    bank = carrying(anonymous, partner(sessions, NEAR, Tier.COARSE, **agreed)[1])
    # medicine is sensitive: it is in no coarse feed, whatever was agreed
    assert [one["properties"]["kind"] for one in pull(bank)] == ["food"]


def test_no_request_widens_what_was_agreed(town: Session, anonymous: TestClient, sessions: SessionFactory) -> None:
    add_need(town, FAR)
    town.commit()
    bank = carrying(anonymous, partner(sessions, NEAR, Tier.COARSE)[1])
    assert pull(bank, bbox="25.0,60.2,25.1,60.29") == []
    for query in ("tier=referral", "area=x", "fields=household_size", "category=food", "sort=id", "offset=1"):
        assert_problem(bank.get(f"{NEEDS}?{query}"), 400)
    for path in ("/v1/needs", "/v1/helpers", "/v1/coverage", "/v1/map/needs", "/v1/review", "/v1/meta", "/v1/audit"):
        assert_problem(bank.get(path), 404)


def test_the_order_is_that_of_the_partners_ids_and_pages_hold(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    for number in range(25):
        add_need(town, Point(HELSINKI.lon + number / 50_000, HELSINKI.lat))
    town.commit()
    bank = carrying(anonymous, partner(sessions, NEAR, Tier.COARSE)[1])
    ids, address = [], f"{NEEDS}?limit=10"
    while address:
        body = bank.get(address).json()
        ids += [one["id"] for one in body["features"]]
        address = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
    assert ids == sorted(ids)
    assert len(set(ids)) == 25
    assert_problem(bank.get(f"{NEEDS}?cursor=AAAA"), 400)


def test_the_aggregate_tier_gives_the_public_release_and_no_need(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    add_need(town)
    town.commit()
    partner_id, key = partner(sessions, NEAR, Tier.AGGREGATE)
    assert pull(carrying(anonymous, key)) == []
    with transaction(sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, partner_id)) as theirs:
        assert theirs.scalar(text("SELECT count(id) FROM need")) == 0


def refer_to(client: TestClient, agreement: UUID, need: UUID) -> str:
    path, body = f"/v1/agreements/{agreement}/referrals", {"need_id": str(need)}
    assert_problem(client.post(path, json=body), 409)
    agreed = client.post(f"/v1/needs/{need}/consents", json={"what": "share_with_partner", "how": "spoken"})
    assert agreed.status_code == 201, agreed.text
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_referred_need_comes_with_its_place_to_that_partner_alone_until_it_is_taken_back(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    need = add_need(town, category=Category.MEDICINE, household_size=3)
    town.commit()
    mine, key = partner(sessions, NEAR, Tier.REFERRAL, "Clinic", fields=("household_size",))
    _, other_key = partner(sessions, NEAR, Tier.REFERRAL, "Other")
    clinic, other = carrying(anonymous, key), carrying(anonymous, other_key)
    assert pull(clinic) == []
    referral = refer_to(client, mine, need.id)
    (one,) = pull(clinic)
    assert one["geometry"] == {"type": "Point", "coordinates": [HELSINKI.lon, HELSINKI.lat]}
    assert set(one["properties"]) == {"category", "uncertainty_m", "expires_at", "household_size"}
    assert str(need.id) not in str(one)
    assert pull(other) == []
    reveals = [entry for entry in list_audit(town) if entry.action == "reveal"]
    assert [(entry.actor, entry.object_ids) for entry in reveals] == [(mine, (need.id,))]
    assert client.delete(f"/v1/referrals/{referral}").status_code == 204
    assert pull(clinic) == []


def test_a_referral_ends_when_the_person_no_longer_agrees(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    need = add_need(town)
    town.commit()
    agreement, key = partner(sessions, frozenset({cell_of(FAR)}), Tier.REFERRAL)
    refer_to(client, agreement, need.id)
    clinic = carrying(anonymous, key)
    assert len(pull(clinic)) == 1
    (given,) = client.get(f"/v1/needs/{need.id}/consents").json()["items"]
    taken_back = client.post(f"/v1/needs/{need.id}/consents/{given['id']}/withdraw", json={"withdraw": True})
    assert taken_back.status_code == 200, taken_back.text
    assert pull(clinic) == []


def test_a_referral_ends_fourteen_days_after_the_need(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    need = add_need(town)
    town.commit()
    agreement, key = partner(sessions, frozenset({cell_of(FAR)}), Tier.REFERRAL)
    refer_to(client, agreement, need.id)
    clinic = carrying(anonymous, key)
    assert len(pull(clinic)) == 1
    with operator(town):
        town.execute(text("UPDATE need SET status = 'met', closed_at = now() - interval '15 days'"))
    town.commit()
    assert pull(clinic) == []


def test_the_partners_role_has_no_table_of_exact_places_and_no_other_network(
    town: Session, sessions: SessionFactory
) -> None:
    add_need(town)
    add_asset(town, None, is_private=True)
    add_asset(town)
    town.commit()
    agreement, _ = partner(sessions, NEAR, Tier.REFERRAL)
    acting = Acting(DEFAULT_NETWORK, PARTNER_ROLE, agreement)
    with transaction(sessions, acting) as theirs:
        assert theirs.scalar(text("SELECT count(id) FROM need")) == 1
        assert theirs.scalar(text("SELECT count(*) FROM asset")) == 1
        assert theirs.scalar(text("SELECT count(*) FROM access.agreement")) == 1
    for statement in (
        "SELECT geom FROM restricted.location_exact",
        "SELECT sealed FROM restricted.contact",
        "SELECT household_size FROM need",
        "SELECT * FROM helper",
        "SELECT fingerprint FROM access.credential",
    ):
        with pytest.raises(Exception, match="permission denied"), transaction(sessions, acting) as theirs:
            theirs.execute(text(statement))


def test_a_quota_is_kept(town: Session, anonymous: TestClient, sessions: SessionFactory) -> None:
    for number in range(6):
        add_need(town, Point(HELSINKI.lon + number / 50_000, HELSINKI.lat))
    town.commit()
    bank = carrying(anonymous, partner(sessions, NEAR, Tier.COARSE, quota_per_day=10)[1])
    assert len(pull(bank)) == 6
    assert assert_problem(bank.get(NEEDS), 429)["type"].endswith("#quota-used-up")


def test_two_keys_live_while_one_takes_the_place_of_the_other(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    agreement, first = partner(sessions, NEAR, Tier.COARSE)
    path = f"/v1/agreements/{agreement}/keys"
    second = client.post(path, json={"label": "second"}).json()["token"]
    for token in (first.text, second):
        assert anonymous.get(NEEDS, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    ends = [key.expires_at for key in list_keys(town, agreement)]
    assert min(ends) < datetime.now(UTC) + timedelta(hours=25)
    third = client.post(path, json={"label": "third"}).json()["token"]
    assert len(list_keys(town, agreement)) == 2
    assert_problem(carrying(anonymous, first).get(NEEDS), 401)
    assert anonymous.get(NEEDS, headers={"Authorization": f"Bearer {third}"}).status_code == 200


def test_no_key_outlasts_ninety_days_or_its_agreement(town: Session) -> None:
    soon = datetime.now(UTC) + timedelta(days=5)
    draft = AgreementDraft("Short", Tier.COARSE, NEAR, frozenset(Category), "deliver", soon)
    made = make_agreement(town, draft)
    issue_key(town, made.id, label="one", lasts=timedelta(days=400))
    (key,) = list_keys(town, made.id)
    assert key.expires_at <= soon + timedelta(minutes=1)


def test_an_ended_agreement_opens_nothing(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory
) -> None:
    agreement, key = partner(sessions, NEAR, Tier.COARSE)
    bank = carrying(anonymous, key)
    assert bank.get(NEEDS).status_code == 200
    assert town
    assert client.delete(f"/v1/agreements/{agreement}").status_code == 204
    assert_problem(bank.get(NEEDS), 401)
    assert_problem(client.post(f"/v1/agreements/{agreement}/keys", json={}), 404)


@pytest.mark.usefixtures("town")
def test_an_agreement_is_made_over_http_and_its_area_snapped_once(client: TestClient) -> None:
    ring = [[24.93, 60.16], [24.96, 60.16], [24.96, 60.18], [24.93, 60.18], [24.93, 60.16]]
    body = {
        "name": "Food bank", "tier": "coarse", "categories": ["food"], "purpose": "plan deliveries",
        "area": {"type": "Polygon", "coordinates": [ring]},
    }  # fmt: skip
    made = client.post("/v1/agreements", json=body)
    assert made.status_code == 201, made.text
    assert 10 < made.json()["cell_count"] < 60
    assert_problem(client.post("/v1/agreements", json=body), 409)
    tiny = [[24.93, 60.16], [24.9301, 60.16], [24.9301, 60.1601], [24.93, 60.16]]
    small = body | {"name": "Small", "area": {"type": "Polygon", "coordinates": [tiny]}}
    assert_problem(client.post("/v1/agreements", json=small), 422)
    whole = client.post("/v1/agreements", json={k: v for k, v in body.items() if k != "area"} | {"name": "All"})
    assert whole.json()["cell_count"] > made.json()["cell_count"]
    listed = client.get("/v1/agreements").json()["items"]
    assert [one["name"] for one in listed] == ["Food bank", "All"]
