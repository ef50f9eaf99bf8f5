"""How a network is set up: read by everybody in it, changed by admins, and its standard is what figures go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.principals import NetworkRole
from geo.store.network import get_network, standard_of

from tests.api.conftest import assert_problem, carrying
from tests.callers import organizer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from tests.api.conftest import TestClient

PATH = "/v1/network"


def change(client: TestClient, body: dict[str, Any], tag: str = "*") -> Any:
    return client.patch(PATH, json=body, headers={"If-Match": tag})


def test_an_admin_changes_what_is_the_networks_own_and_it_is_noted(client: TestClient, session: Session) -> None:
    before = client.get(PATH)
    assert before.json()["standard_min"] is None
    wanted = {
        "name": "Kallio neighbours", "time_zone": "Europe/Helsinki", "languages": ["fi", "sv"], "escalate_after_h": 48,
        "standard_min": 12,
    }  # fmt: skip
    after = change(client, wanted, before.headers["etag"])
    assert after.status_code == 200, after.text
    assert wanted.items() <= after.json().items()
    assert after.headers["etag"] != before.headers["etag"]
    assert client.get(PATH).json() == after.json()
    assert get_network(session).name == "Kallio neighbours"
    noted = client.get("/v1/audit").json()["items"][0]
    assert (noted["object_kind"], set(noted["fields"])) == ("network", set(wanted))


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(client: TestClient) -> None:
    tag = client.get(PATH).headers["etag"]
    change(client, {"standard_min": 9}, tag).raise_for_status()
    assert_problem(change(client, {"standard_min": 8}, tag), 412)
    assert_problem(client.patch(PATH, json={"standard_min": 8}), 428)
    assert client.get(PATH).json()["standard_min"] == 9


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": None}, {"name": "  "}, {"time_zone": "Nowhere/Atlantis"}, {"time_zone": "../etc/passwd"},
        {"languages": ["Finnish"]}, {"languages": ["fi", "fi"]}, {"standard_min": 0}, {"standard_min": 241},
        {"standard_min": 7.5}, {"standard_min": "7"}, {"escalate_after_h": 0}, {"escalate_after_h": 337},
        {"slug": "other"}, {"version": 7}, {"requires_totp": False},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_whole(client: TestClient, body: dict[str, Any]) -> None:
    before = client.get(PATH).json()
    assert_problem(change(client, body), 422)
    assert client.get(PATH).json() == before


def test_whoever_is_no_admin_reads_and_does_not_change(
    anonymous: TestClient, sessions: SessionFactory, client: TestClient
) -> None:
    plain = carrying(anonymous, organizer(sessions, "plain", role=NetworkRole.ORGANIZER))
    assert plain.get(PATH).json() == client.get(PATH).json()
    assert_problem(change(plain, {"standard_min": 9}), 404)


@pytest.mark.usefixtures("served")
def test_every_figure_goes_by_the_networks_standard_when_nobody_names_one(client: TestClient) -> None:
    usual = client.get(PATH).json()["installation"]["standard_min"]
    sites = {"problem": "mclp", "category": "food", "k": 1}

    def told() -> set[float]:
        asked = [
            client.get("/v1/meta"),
            client.get("/v1/coverage"),
            client.get("/v1/coverage/slots"),
            client.get("/v1/coverage/hotspots"),
            client.get("/v1/access", params={"category": "food"}),
            client.post("/v1/coverage/sites", json=sites),
            client.post("/v1/coverage/what-if", json={}),
        ]
        return {one.raise_for_status().json()["standard_min"] for one in asked}

    assert told() == {usual}
    change(client, {"standard_min": 11}).raise_for_status()
    assert told() == {11}
    assert client.get("/v1/coverage", params={"standard_min": 3}).json()["standard_min"] == 3
    assert client.post("/v1/coverage/sites", json=sites | {"standard_min": 3}).json()["standard_min"] == 3
    change(client, {"standard_min": None}).raise_for_status()
    assert told() == {usual}


def test_what_the_installation_decides_is_told_and_holds_no_secret(client: TestClient) -> None:
    told = client.get(PATH).json()["installation"]
    assert (told["place_days"], told["contact_days"]) == (14, 30)
    assert (told["asks_outside"], told["channels"]) == (False, [])
    assert told["reads_per_min"] == 1_000_000


def test_each_network_has_a_standard_of_its_own(session: Session, client: TestClient) -> None:
    change(client, {"standard_min": 20}).raise_for_status()
    assert standard_of(session, 5.0) == 20
    session.execute(text("SET LOCAL barnraiser.network = '00000000-0000-7000-8000-00000000ffff'"))
    assert standard_of(session, 5.0) == 5.0
