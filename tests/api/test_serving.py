"""Who serves a need already is told before it is done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.domain.drafts import OrganizationDraft
from geo.domain.ids import new_id
from geo.domain.principals import Tier
from geo.domain.words import Category
from geo.store.organizations import create_organization

from tests.api.conftest import SERVICE_AREA, TestClient, assert_problem
from tests.api.referring import NEAR, OWN, Clinic, agreed_need
from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


@pytest.fixture
def town(session: Session) -> Session:
    serve_area(session, SERVICE_AREA)
    session.commit()
    return session


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
