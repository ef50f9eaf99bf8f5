"""Places that were chosen by hand: a pin on a map, or an address of those that were offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.place import Point
from geo.domain.words import MatchQuality
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.locations import get_location
from geo.store.needs import get_need

from tests.api.conftest import assert_problem, make_need
from tests.rights import load_source

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

    from geo.domain.place import Location

LON, LAT = 24.94, 60.17


@pytest.fixture
def door(session: Session) -> None:
    info = SourceInfo(slug="t", name="T", licence="x", attribution="© x", checksum="0")
    load_source(session, info, addresses=[AddressRow("Testikatu", "5", Point(LON, LAT), "00100", "Helsinki")])
    session.commit()


def place(session: Session, need_id: UUID) -> Location:
    return get_location(session, "need_id", need_id, get_need(session, need_id).location_state)


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize(
    ("sent", "quality"),
    [
        ({"lon": LON, "lat": LAT, "accuracy_m": 15, "method": "suggestion"}, MatchQuality.ROOFTOP),
        # a phone that says so does not make it a door
        ({"lon": LON + 0.001, "lat": LAT, "accuracy_m": 15, "method": "suggestion"}, MatchQuality.MANUAL),
        ({"lon": LON, "lat": LAT, "accuracy_m": 22.5, "method": "pin"}, MatchQuality.MANUAL),
    ],
)
def test_a_chosen_place_is_kept_with_its_way_its_doubt_and_what_was_typed(
    client: TestClient, session: Session, sent: dict[str, Any], quality: MatchQuality
) -> None:
    need = make_need(client, location={**sent, "typed": "Testikatu 5 B 12"})
    found = place(session, need["id"])
    assert found.point == Point(sent["lon"], sent["lat"])
    assert (get_need(session, need["id"]).match_quality, found.uncertainty_m) == (quality, sent["accuracy_m"])
    assert found.address_typed == "Testikatu 5 B 12"
    assert [one.source for one in found.candidates] == [sent["method"]]


def test_an_address_is_typed_once(client: TestClient) -> None:
    body = {"category": "food", "location": {"address": "Testikatu 5", "typed": "Testikatu 5"}}
    assert_problem(client.post("/v1/needs", json=body), 422)
