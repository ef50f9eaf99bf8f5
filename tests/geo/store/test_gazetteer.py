from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from shapely import LineString, MultiLineString
from sqlalchemy import event, text

from geo.domain.place import Point
from geo.domain.words import Decision, MatchQuality
from geo.store.gazetteer import LocalGeocoder, StoredGazetteer
from geo.store.gazetteer_import import AddressRow, PlaceRow, PostcodeRow, SourceInfo, StreetRow
from geo.store.sql import load_queries

from tests.geo.geocode.test_geocoder import TOWN
from tests.rights import load_source, operator, serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LON, LAT = 24.94, 60.17
SOURCE = SourceInfo("test", "Test town", "CC0", "nobody", "checksum")


@pytest.fixture
def geocoder(session: Session) -> LocalGeocoder:
    line = MultiLineString([LineString([(LON, LAT), (LON + 0.004, LAT)])])
    load_source(
        session,
        SOURCE,
        addresses=[AddressRow(d.street, d.number, d.point, d.postcode, d.locality) for d in TOWN.doors],
        streets=[StreetRow("Mannerheimintie", line, 900.0), StreetRow("Mannerheimvägen", line, 900.0)],
        places=[PlaceRow(p.name, p.kind, p.point) for p in TOWN.named],
        postcodes=[PostcodeRow("00100", Point(LON, LAT), 700.0), PostcodeRow("114 55", Point(18.07, 59.33), 500.0)],
    )
    return LocalGeocoder(session)


@pytest.mark.parametrize(
    ("typed", "decision", "quality", "faults"),
    [
        ("Mannerheimintie 5, 00100 Helsinki", "accept", "rooftop", []),
        ("Mannerheimintie 7", "accept", "interpolated", ["number.interpolated"]),
        ("Mannerheimintie 99", "review", "street", ["number.missing"]),
        ("Mannerheimv\u00e4gen", "accept", "street", []),
        ("Mannerhiemintie 5", "accept", "rooftop", ["street.misspelt"]),
        ("Mannerheimintie 5, 00200 Helsinki", "review", "rooftop", ["postcode.conflict"]),
        ("Kauppakatu 7", "review", "rooftop", ["number.suffix"]),
        ("Kauppakatu 3", "accept", "rooftop", ["number.range"]),
        ("4 Westridge Rd", "review", "rooftop", ["street.misspelt", "street.unsafe_spelling"]),
        ("20 113th Rd", "accept", "rooftop", []),
        ("Torikatu 1", "review", "rooftop", ["ambiguous"]),
        ("Torikatu 1, Espoo", "accept", "rooftop", []),
        ("Kauppakatu", "accept", "street", []),
        ("Kallio", "accept", "place", []),
        ("00100 Helsinki", "accept", "postcode", []),
        ("114 55 Stockholm", "accept", "postcode", []),
        ("Olematonkatu 3, 00100 Helsinki", "review", "postcode", ["postcode.instead_of_street"]),
        ("Olematonkatu 3", "none", None, []),
    ],
)
def test_answers(geocoder: LocalGeocoder, typed: str, decision: str, quality: str | None, faults: list[str]) -> None:
    result = geocoder.geocode(typed)
    best = result.best
    assert (result.decision, best and best.match_quality) == (decision, quality)
    assert ([f.name for f in best.faults] if best else []) == faults


def test_an_empty_gazetteer_answers_nothing(session: Session) -> None:
    assert LocalGeocoder(session).geocode("Mannerheimintie 5").decision is Decision.NONE
    assert LocalGeocoder(session).geocode_many([]) == []


def test_another_network_sees_nothing_of_it(geocoder: LocalGeocoder, session: Session) -> None:
    session.execute(text("SELECT set_config('barnraiser.network', '00000000-0000-7000-8000-0000000000ff', true)"))
    assert geocoder.geocode("Mannerheimintie 5").decision is Decision.NONE
    assert geocoder.reverse(Point(LON, LAT)).address is None


def test_a_street_gone_from_its_source_is_no_longer_found(geocoder: LocalGeocoder, session: Session) -> None:
    load_source(session, SOURCE, addresses=[AddressRow("Uusikatu", "1", Point(LON, LAT))])
    assert geocoder.geocode("Mannerheimintie 5").decision is Decision.NONE
    assert geocoder.geocode("Uusikatu 1").decision is Decision.ACCEPT
    assert session.scalar(text("SELECT count(*) FROM geo_street_key")) == 1


def test_a_place_outside_the_service_area_waits_for_a_person(geocoder: LocalGeocoder, session: Session) -> None:
    serve_area(session, (24.9, 60.1, 25.0, 60.3))
    assert geocoder.geocode("Mannerheimintie 5").decision is Decision.ACCEPT
    assert geocoder.geocode("60.17000, 24.94000").decision is Decision.ACCEPT
    serve_area(session, (10, 50, 11, 51))
    outside = geocoder.geocode("Mannerheimintie 5")
    assert outside.decision is Decision.REVIEW
    assert outside.best is not None
    assert "outside_service_area" in [f.name for f in outside.best.faults]


def test_a_street_is_placed_at_its_middle_and_known_to_its_farther_end(geocoder: LocalGeocoder) -> None:
    best = geocoder.geocode("Mannerheimintie").best
    assert best is not None
    assert best.point.lon == pytest.approx(LON + 0.002, abs=2e-4)
    assert best.uncertainty_m == pytest.approx(111.0, abs=13)


def test_a_street_without_a_line_is_known_by_its_doors(geocoder: LocalGeocoder) -> None:
    best = geocoder.geocode("Kauppakatu").best
    assert best is not None
    assert best.match_quality is MatchQuality.STREET
    assert best.point.lon == pytest.approx(LON + 0.0005, abs=1e-6)
    assert best.uncertainty_m == 50


def test_a_thousand_addresses_take_nine_statements(geocoder: LocalGeocoder, session: Session) -> None:
    texts = ["Mannerheimintie 5", "Mannerhiemintie 7", "Olematonkatu 3, 00100 Helsinki", "Kallio", "\x00"] * 200
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    results = geocoder.geocode_many(texts)
    assert len(results) == 1000
    assert len(statements) <= 9


def test_one_by_one_is_the_same_as_together(geocoder: LocalGeocoder) -> None:
    texts = ["Mannerheimintie 7", "Mannerheimintie 9", "Mannerheimintie 3", "20 113 Ave", "20 113 Rd", "Kallio"]
    assert geocoder.geocode_many(texts) == [geocoder.geocode(typed) for typed in texts]


@pytest.mark.parametrize(
    "typed", ["'; DROP TABLE need; --", "%", "\\", "{}", ":keys", "\U0001f3e0 1", "a" * 100_000, "1/2"]
)
def test_awkward_text_is_only_text(geocoder: LocalGeocoder, typed: str) -> None:
    assert geocoder.geocode(typed).decision in Decision


# -- reverse ---------------------------------------------------------------------------------------------


def test_the_nearest_door_names_a_point(geocoder: LocalGeocoder) -> None:
    found = geocoder.reverse(Point(LON + 5 * 0.0002, LAT + 0.0001))
    assert found.address == "Mannerheimintie 5, 00100 Helsinki"
    assert found.street == "Mannerheimintie"
    assert found.distance_m == pytest.approx(11.14, abs=0.05)


def test_beyond_sixty_metres_the_street_names_a_point(geocoder: LocalGeocoder) -> None:
    found = geocoder.reverse(Point(LON + 0.0034, LAT + 0.0007))
    assert found.address is None
    assert found.street == "Mannerheimintie"
    assert found.distance_m == pytest.approx(78.0, abs=0.3)


def test_the_smallest_area_names_a_point(geocoder: LocalGeocoder, session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO area (id, slug, name, kind, geom) VALUES"
            " (gen_random_uuid(), 'big', 'City', 'city', ST_Multi(ST_MakeEnvelope(24, 60, 26, 61, 4326))),"
            " (gen_random_uuid(), 'small', 'Quarter', 'suburb', ST_Multi(ST_MakeEnvelope(24.9, 60, 25, 60.2, 4326)))"
        )
    )
    found = geocoder.reverse(Point(24.99, 60.01))
    assert (found.address, found.street, found.distance_m, found.area) == (None, None, None, "Quarter")


# -- plans -----------------------------------------------------------------------------------------------


def index_names(plan: object) -> set[str]:
    if isinstance(plan, list):
        return {name for part in plan for name in index_names(part)}
    if not isinstance(plan, dict):
        return set()
    own = {str(plan["Index Name"])} if "Index Name" in plan else set()
    return own.union(*(index_names(part) for part in plan.values()))


@pytest.fixture
def crowded(session: Session) -> Session:
    """A town large enough that a sequential scan would be the wrong plan."""
    rows = [
        AddressRow(f"Street {a}{b} Road", str(n), Point(LON + n / 1e4, LAT + (ord(a) * 30 + ord(b)) / 1e5))
        for a in "abcdefghijklmno"
        for b in "abcdefghijklmno"
        for n in range(1, 60)
    ]
    line = MultiLineString([LineString([(LON, LAT), (LON + 0.004, LAT)])])
    streets = [StreetRow(f"Line {n}", line, 900.0) for n in range(2000)]
    places = [PlaceRow(f"Square number {n * 7919}", "square", Point(LON, LAT)) for n in range(5000)]
    load_source(session, SOURCE, addresses=rows, streets=streets, places=places)
    # rows of the open transaction wait in the index's pending list, which the planner fears
    with operator(session):
        for index in ("ix_geo_street_key_like", "ix_geo_place_key_trgm"):
            session.execute(text(f"SELECT gin_clean_pending_list('{index}')"))
        for table in ("geo_address", "geo_street", "geo_street_key", "geo_place"):
            session.execute(text(f"ANALYZE {table}"))
    return session


@pytest.mark.parametrize(
    ("name", "values", "index"),
    [
        ("doors_at", {"keys": ["street ab rd"], "numbers": ["7"]}, "ix_geo_address_key"),
        ("doors_around", {"keys": ["street ab rd"], "numbers": [7]}, "ix_geo_address_street_number"),
        ("streets_with_number", {"keys": ["street ab rd"], "numbers": [7]}, "ix_geo_address_number"),
        ("streets_like", {"keys": ["line 777"]}, "ix_geo_street_key_like"),
        ("street_middles", {"keys": ["line 777"]}, "ix_geo_street_key"),
        ("places_like", {"keys": ["square number 7919"]}, "ix_geo_place_key_trgm"),
        ("reverse", {"lon": LON, "lat": LAT, "door_m": 60.0, "street_m": 250.0}, "ix_geo_address_geog"),
    ],
)
def test_each_question_uses_its_index(crowded: Session, name: str, values: dict[str, object], index: str) -> None:
    plan = crowded.scalar(text("EXPLAIN (FORMAT JSON) " + load_queries("gazetteer")[name]), values)
    assert index in index_names(plan if isinstance(plan, list) else json.loads(str(plan)))


def test_the_questions_asked_are_those_in_the_file() -> None:
    methods = {name for name in vars(StoredGazetteer) if not name.startswith("_")}
    assert methods == set(load_queries("gazetteer"))
