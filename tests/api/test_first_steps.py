"""The first steps of a network: each is ticked by what is stored, and putting them away is for everybody in it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import text

from geo.domain.first_steps import FirstSteps
from geo.store.first_steps import get_first_steps

from tests.factories import add_asset
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.api.conftest import TestClient

PATH = "/v1/first-steps"
SQUARE = {"type": "Polygon", "coordinates": [[[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.2], [24.9, 60.1]]]}
STREET = """
    INSERT INTO geo_street (id, network_id, name, geom, length_m)
    VALUES (1, current_network(), 'Liisankatu', ST_GeomFromText('MULTILINESTRING((24.9 60.1, 24.9 60.2))', 4326), 9)
"""


def done(client: TestClient) -> set[str]:
    told = client.get(PATH).raise_for_status().json()
    return {name for name, is_so in told.items() if is_so}


def test_each_step_is_ticked_by_what_is_there(client: TestClient, session: Session) -> None:
    before = done(client)
    assert before <= {"has_company"}
    body = {"slug": "kallio", "name": "Kallio", "kind": "district", "geometry": SQUARE}
    client.post("/v1/areas", json=body).raise_for_status()
    assert done(client) == before | {"has_area"}
    with operator(session):
        session.execute(text(STREET))
    session.commit()
    assert done(client) == before | {"has_area", "has_gazetteer"}
    add_asset(session)
    session.commit()
    assert done(client) == before | {"has_area", "has_gazetteer", "has_asset"}
    client.post("/v1/devices", json={"label": "Aino", "days": 7}).raise_for_status()
    assert done(client) >= {"has_area", "has_gazetteer", "has_asset", "has_company"}
    assert not get_first_steps(session).is_done


def test_they_are_put_away_and_taken_out_again_and_it_is_noted_once(client: TestClient) -> None:
    for is_away in (True, True, False):
        assert client.put(PATH, json={"is_away": is_away}).json()["is_away"] is is_away
        assert client.get(PATH).json()["is_away"] is is_away
    noted = [one for one in client.get("/v1/audit").json()["items"] if one["fields"] == ["steps_away"]]
    assert len(noted) == 2


def test_all_five_make_it_done() -> None:
    names = [field.name for field in fields(FirstSteps) if field.name.startswith("has_")]
    assert FirstSteps(**dict.fromkeys(names, True), is_away=False).is_done
    for missing in names:
        there = {name: name != missing for name in names}
        assert not FirstSteps(**there, is_away=True).is_done
