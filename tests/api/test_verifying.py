"""The question whether what is listed is still true, over HTTP: the page, its answers, and what organizers see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geo.domain.drafts import OrganizationDraft
from geo.domain.links import LinkKind
from geo.store.assets import get_asset
from geo.store.links import make_link
from geo.store.organizations import create_organization

from tests.api.conftest import assert_problem
from tests.factories import add_asset

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

PATH = "/v1/links/followed/asset"


@pytest.fixture
def asset(session: Session) -> UUID:
    org = create_organization(session, OrganizationDraft("Harbour Kitchen"))
    old = datetime.now(UTC).date() - timedelta(days=400)
    found = add_asset(
        session, organization_id=org.id, assured_on=old, address="Testikatu 1", opening_hours="Mo-Fr 10:00-17:00"
    )
    session.commit()
    return found.id


@pytest.fixture
def follower(anonymous: TestClient, session: Session, asset: UUID) -> dict[str, str]:
    _, token = make_link(session, LinkKind.ASSET, asset)
    session.commit()
    assert anonymous.get("/listed").status_code == 200
    return {"Authorization": f"Bearer {token}"}


def test_the_page_shows_what_everybody_may_know(anonymous: TestClient, follower: dict[str, str]) -> None:
    shown = anonymous.get(PATH, headers=follower).json()
    facts = {fact["label"]: fact["value"] for fact in shown["facts"]}
    assert (shown["state"], facts["Where"], facts["Hours"]) == ("asked", "Testikatu 1", "Mo-Fr 10:00-17:00")
    assert [action["name"] for action in shown["actions"]] == ["true", "changed", "closed"]
    for language in ("fi", "sv", "es", "ar", "so", "uk"):
        told = anonymous.get(PATH, headers=follower, params={"language": language}).json()
        assert told["language"] == language
        assert told["title"] != shown["title"]


def test_answers_are_taken_and_seen_by_organizers(
    anonymous: TestClient, client: TestClient, follower: dict[str, str], asset: UUID
) -> None:
    assert client.get(f"/v1/assets/{asset}").json()["is_unconfirmed"] is True
    assert "Not confirmed since" in client.get(f"/hsds/services/{asset}").json()["alert"]
    assert [one["id"] for one in client.get("/v1/assets?unconfirmed=true").json()["items"]] == [str(asset)]
    told = anonymous.post(PATH, headers=follower, json={"answer": "changed", "reason": "hours"})
    assert told.json()["state"] == "changed"
    (check,) = client.get("/v1/asset-checks").json()["items"]
    assert (check["asset_id"], check["reason"]) == (str(asset), "hours")
    assert client.post(f"/v1/asset-checks/{check['id']}/settle").status_code == 204
    assert client.get("/v1/asset-checks").json()["items"] == []
    assert anonymous.post(PATH, headers=follower, json={"answer": "true"}).json()["state"] == "confirmed"
    assert client.get(f"/v1/assets/{asset}").json()["is_unconfirmed"] is False
    assert "alert" not in client.get(f"/hsds/services/{asset}").json()
    assert client.get("/v1/assets?unconfirmed=true").json()["items"] == []


@pytest.mark.parametrize(
    "body", [{}, {"answer": "changed"}, {"answer": "true", "reason": "hours"}, {"answer": "perhaps"}]
)
def test_half_an_answer_is_refused(anonymous: TestClient, follower: dict[str, str], body: dict[str, str]) -> None:
    assert_problem(anonymous.post(PATH, headers=follower, json=body), 422)


def test_a_link_of_another_kind_opens_nothing(anonymous: TestClient, follower: dict[str, str]) -> None:
    assert anonymous.get("/v1/links/followed/need", headers=follower).status_code == 401
    assert anonymous.get(PATH).status_code == 401


def test_organizers_make_a_link_and_keep_a_contact(client: TestClient, session: Session, asset: UUID) -> None:
    made = client.post("/v1/links", json={"asset_id": str(asset)})
    assert made.status_code == 201, made.text
    assert "/listed#link_" in made.json()["address"]
    org = get_asset(session, asset).organization_id
    contact = {"email": "maija@kitchen.example", "consent": True}
    assert client.put(f"/v1/organizations/{org}/contact", json=contact).status_code == 204
    assert "maija" not in client.get(f"/v1/organizations/{org}").text
    assert_problem(client.put(f"/v1/organizations/{org}/contact", json=contact | {"consent": False}), 422)
    assert client.delete(f"/v1/organizations/{org}/contact").status_code == 204
