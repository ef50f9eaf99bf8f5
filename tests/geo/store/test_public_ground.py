"""What the public map is drawn on: areas by name, the longest streets, fewer bends, and only this network's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shapely.geometry import MultiLineString
from sqlalchemy import text

from geo.domain.drafts import AreaDraft
from geo.geometry import parse_area
from geo.privacy.public_ground import write_ground
from geo.store.areas import create_area
from geo.store.public_ground import list_longest_streets, write_public_ground

from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SQUARE = [[24.9, 60.1], [24.95, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.2], [24.9, 60.1]]
STREET = """
    INSERT INTO geo_street (id, network_id, name, geom, length_m)
    VALUES (:length, current_network(), :name, ST_SetSRID(ST_GeomFromText(:line), 4326), :length)
"""


def test_the_longest_streets_come_first_and_few(session: Session) -> None:
    with operator(session):
        for length in (300, 900, 600):
            line = f"MULTILINESTRING((24.9 60.1, 24.9 {60.1 + length / 100_000}))"
            session.execute(text(STREET), {"name": "canary", "line": line, "length": length})
    found = list_longest_streets(session, limit=2)
    assert [round((street.bounds[3] - 60.1) * 100_000) for street in found] == [900, 600]
    assert "canary" not in write_public_ground(session).decode()


def test_areas_have_their_name_and_no_needless_corner(session: Session) -> None:
    shape = parse_area({"type": "Polygon", "coordinates": [SQUARE]})
    create_area(session, AreaDraft(slug="a", name="Kallio", kind="district", geometry=shape, population=5))
    (area,) = json.loads(write_public_ground(session))["features"]
    assert area["properties"] == {"name": "Kallio"}
    corners = (
        [corner for part in area["geometry"]["coordinates"] for ring in part for corner in ring]
        if area["geometry"]["type"] == "MultiPolygon"
        else area["geometry"]["coordinates"][0]
    )
    assert sorted(map(tuple, corners[:-1])) == [(24.9, 60.1), (24.9, 60.2), (25.0, 60.1), (25.0, 60.2)]


def test_a_street_keeps_its_ends_and_loses_small_bends() -> None:
    bent = MultiLineString([[(24.9, 60.1), (24.9001, 60.1001), (24.9, 60.1002), (24.9, 60.11)]])
    (street,) = json.loads(write_ground([], [bent], attributions=["© A", "© A"]))["features"]
    assert street["geometry"]["coordinates"] == [[[24.9, 60.1], [24.9, 60.11]]]
