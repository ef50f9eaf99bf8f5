"""A map written for the test: what the bundled extract has none of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.domain.words import Decision, MatchQuality
from geo.store.engine import make_sessions
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_sources import list_addresses

from data.loaders.osm import load_osm
from tests.data.osm.pbf import SmallMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from data.loaders.report import LoadReport

HIGH = {"highway": "residential", "name": "Storgatan", "name__fi": "Isokatu", "name__sv": "Storgatan"}
OLD = {"old_name": "Gamla vägen", "short_name": "Stora", "loc_name": "Strögget", "alt_name:sv": "Huvudgatan"}
TOWN = {"addr__city": "Helsinki", "addr__postcode": "00100", "addr__suburb": "Kamppi"}


def _town() -> SmallMap:
    small = SmallMap()
    small.way([small.node(24.900, 60.17), small.node(24.910, 60.17)], **HIGH, **OLD)
    small.way([small.node(24.905, 60.169), small.node(24.905, 60.171)], highway="residential", name="Tvärgränd",
              name__fi="Poikkikuja", name__sv="Tvärgränd")  # fmt: skip
    # numbers drawn between doors: with a street of their own, without, in parts, and five that cannot be used
    ends = {"addr__street": "Isokatu"} | TOWN
    row = [small.node(24.901, 60.1702, addr__housenumber="2", **ends), small.node(24.904, 60.1702),
           small.node(24.905, 60.1702, addr__housenumber="12", **ends),
           small.node(24.909, 60.1702, addr__housenumber="30", **ends)]  # fmt: skip
    small.way(row, addr__interpolation="even")
    bare = [small.node(24.901, 60.1698, addr__housenumber="1"), small.node(24.909, 60.1698, addr__housenumber="33")]
    small.way(bare, addr__interpolation="4")
    for word in ("alphabetic", "sometimes"):
        small.way(bare, addr__interpolation=word)
    small.way([bare[0], row[0]], addr__interpolation="odd")
    small.way(row[1:2] + bare[:1], addr__interpolation="all")
    far = [small.node(lon, 60.175, addr__housenumber=n) for lon, n in ((24.902, "1"), (24.904, "7"))]
    small.way([far[0], small.node(24.903, 60.175), far[1]], addr__interpolation="odd")
    # a village without streets, and a house that is a relation
    small.node(24.9070, 60.1725, addr__place="Lillby", addr__housenumber="7", **TOWN)
    corners = [small.node(24.9020 + x, 60.1705 + y) for x, y in ((0, 0), (0.0004, 0), (0.0004, 0.0002), (0, 0.0002))]
    outline = small.way([*corners, corners[0]])
    small.relation([("way", outline, "outer")], type="multipolygon", building="apartments", addr__housenumber="12;14",
                   addr__street="Storgatan", **TOWN)  # fmt: skip
    for n in range(40, 46):
        small.node(24.9060, 60.1703, addr__housenumber=str(n), addr__street="Storgatan", is_in="Uusimaa; Suomi", **TOWN)
    small.node(24.905, 60.170, place="city", name="Helsinki", name__fi="Helsinki", name__sv="Helsingfors")
    small.node(24.905, 60.1701, place="suburb", name="Kamppi", name__fi="Kamppi", name__sv="Kampen", old_name="Campen")
    small.node(24.9050, 60.1700, highway="bus_stop", name="Isokatu 12")
    return small


@pytest.fixture(scope="module")
def town(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, LoadReport]]:
    home = tmp_path_factory.mktemp("home")
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = make_sessions(connection, role=None)
        report = load_osm(sessions, _town().write(home / "town.osm.pbf"), home=home)
        with sessions() as session:
            yield session, report
        outer.rollback()


def test_numbers_between_doors_are_counted_one_by_one(town: tuple[Session, LoadReport]) -> None:
    layer = town[1].layers["ranges"]
    assert (layer.taken, layer.made) == (2, 1)
    assert dict(layer.skipped) == {
        "alphabetic": 1, "unknown_interpolation": 1, "numbers_do_not_fit": 1, "ends_without_numbers": 1, "no_street": 1,
    }  # fmt: skip
    rows = town[0].execute(text("SELECT low, high, step, postcode FROM geo_range ORDER BY low")).all()
    assert [tuple(row) for row in rows] == [(1, 33, 2, None), (2, 12, 2, "00100"), (12, 30, 2, "00100")]


def test_a_number_between_two_doors_is_placed_on_their_line(town: tuple[Session, LoadReport]) -> None:
    found = LocalGeocoder(town[0]).geocode("Storgatan 7")
    assert found.best is not None
    assert found.best.match_quality is MatchQuality.INTERPOLATED
    assert found.best.point.lat == pytest.approx(60.1698, abs=2e-5)
    assert found.best.point.lon == pytest.approx(24.9025, abs=2e-4)


@pytest.mark.parametrize("street", ["Storgatan", "Isokatu", "Gamla vägen", "Stora", "Strögget", "Huvudgatan"])
def test_a_street_answers_to_all_its_names(town: tuple[Session, LoadReport], street: str) -> None:
    found = LocalGeocoder(town[0]).geocode(f"{street} 12, 00100 Helsinki")
    assert found.best is not None
    assert found.best.match_quality is MatchQuality.ROOFTOP


@pytest.mark.parametrize("town_name", ["Helsinki", "Helsingfors", "Kamppi", "Kampen", "Campen", "Uusimaa"])
def test_a_postcode_knows_every_name_of_its_town(town: tuple[Session, LoadReport], town_name: str) -> None:
    towns = town[0].scalar(text("SELECT localities FROM geo_postcode WHERE postcode = '00100'"))
    assert town_name.lower() in towns


def test_a_house_that_is_a_relation_and_one_in_a_village_are_doors(town: tuple[Session, LoadReport]) -> None:
    doors = {(row.street, row.number) for row in list_addresses(town[0])}
    assert {("Storgatan", "12"), ("Storgatan", "14"), ("Lillby", "7")} <= doors
    found = LocalGeocoder(town[0]).geocode("Lillby 7")
    assert found.decision is Decision.ACCEPT


def test_a_street_without_doors_and_its_crossing_are_there(town: tuple[Session, LoadReport]) -> None:
    names = set(town[0].scalars(text("SELECT name FROM geo_street_name")))
    assert {"Tvärgränd", "Poikkikuja"} <= names
    assert town[0].scalar(text("SELECT count(*) FROM geo_crossing")) == 1


def test_a_bus_stop_is_no_place(town: tuple[Session, LoadReport]) -> None:
    assert set(town[0].scalars(text("SELECT name FROM geo_place"))) == {"Helsinki", "Kamppi"}
