from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from shapely import LineString, MultiLineString
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.words import Decision, MatchQuality
from geo.geocode.deletions import deletions
from geo.store.gazetteer import LocalGeocoder, StoredGazetteer
from geo.store.gazetteer_import import PlaceRow, PostcodeRow, RangeRow, StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.sql import load_queries

from tests.geo.geocode.test_geocoder import TOWN
from tests.rights import load_source, operator, serve_area

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LON, LAT = 24.94, 60.17
FIRST = 1 << 31
SOURCE = SourceInfo("test", "Test town", "CC0", "nobody", "checksum")


@pytest.fixture
def geocoder(session: Session) -> LocalGeocoder:
    line = MultiLineString([LineString([(LON, LAT), (LON + 0.004, LAT)])])
    load_source(
        session,
        SOURCE,
        addresses=[AddressRow(d.street, d.number, d.point, d.postcode, d.locality) for d in TOWN.houses],
        streets=[StreetRow("Mannerheimintie", line, 900.0, None, ("Mannerheimvägen",))],
        places=[PlaceRow(p.name, p.kind, p.point) for p in TOWN.named_places],
        postcodes=[PostcodeRow("00100", Point(LON, LAT), 700.0), PostcodeRow("114 55", Point(18.07, 59.33), 500.0)],
    )
    return LocalGeocoder(session)


class CountedGeocoder(LocalGeocoder):
    """Notes what is asked of the database."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.asked: list[str] = []
        ask = self.gazetteer._execute

        def noted(name: str, values: Any) -> Any:
            self.asked.append(name)
            return ask(name, values)

        self.gazetteer._execute = noted  # type: ignore[method-assign]


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
    assert session.scalar(text("SELECT count(*) FROM geo_street_name")) == 1


def test_a_place_outside_the_service_area_waits_for_a_person(geocoder: LocalGeocoder, session: Session) -> None:
    serve_area(session, (24.9, 60.1, 25.0, 60.3))
    assert geocoder.geocode("Mannerheimintie 5").decision is Decision.ACCEPT
    assert geocoder.geocode("60.17000, 24.94000").decision is Decision.ACCEPT
    serve_area(session, (10, 50, 11, 51))
    outside = LocalGeocoder(session).geocode("Mannerheimintie 5")
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


@pytest.mark.usefixtures("geocoder")
def test_a_thousand_addresses_take_as_many_statements_as_five(session: Session) -> None:
    texts = ["Mannerheimintie 5", "Mannerhiemintie 7", "Olematonkatu 3, 00100 Helsinki", "Kallio", "\x00"] * 200
    few, many = CountedGeocoder(session), CountedGeocoder(session)
    few.geocode_many(texts[:5])
    assert len(many.geocode_many(texts)) == 1000
    assert many.asked == few.asked
    assert len(many.asked) <= 20


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
        AddressRow(
            f"Street {a}{b} Road", str(n), Point(LON + n / 1e4, LAT + (ord(a) * 30 + ord(b)) / 1e5), f"00{n}{a}{b}"
        )
        for a in "abcdefghijklmno"
        for b in "abcdefghijklmno"
        for n in range(1, 60)
    ]
    lines = [MultiLineString([[(LON, LAT + n / 1e4), (LON + 0.004, LAT + n / 1e4)]]) for n in range(2000)]
    streets = [StreetRow(f"Line {n}", line, 900.0) for n, line in enumerate(lines)]
    places = [PlaceRow(f"Square number {n * 7919}", "square", Point(LON, LAT)) for n in range(5000)]
    ranges = [RangeRow(f"Line {n}", 1, 99, 2, line.geoms[0]) for n, line in enumerate(lines)]
    load_source(session, SOURCE, addresses=rows, streets=streets, ranges=ranges, places=places)
    return session


@pytest.mark.parametrize(
    ("name", "values", "index"),
    [
        ("named", ("street ab", "7"), "ix_geo_street_name_base_start"),
        ("named", ("street ab", "7"), "pk_geo_address"),
        ("around", (str(FIRST), "7"), "pk_geo_address"),
        ("ranges", (str(FIRST), "7"), "pk_geo_range"),
        ("bases_having", ("007ab", "7"), "ix_geo_address_block"),
        ("bases_with_words", ("line 777",), "ix_geo_base_like"),
        ("known_words", ("line",), "pk_geo_word"),
        ("known_towns", ("helsinki",), "ix_geo_place_name_key_start"),
        ("lines", ([FIRST],), "pk_geo_street"),
        ("middles", ([FIRST],), "pk_geo_street"),
        ("crossings", ("line 7", "line 8"), "ix_geo_street_name_base_start"),
        ("places_like", ("square number 7919",), "ix_geo_place_name_like"),
        ("postcodes", (["007ab"],), "ix_geo_postcode_key_start"),
    ],
)
def test_each_question_uses_its_index(crowded: Session, name: str, values: Any, index: str) -> None:
    driver = crowded.connection().connection.driver_connection
    assert driver is not None
    plan = driver.execute("EXPLAIN (FORMAT JSON) " + load_queries("gazetteer")[name], values).fetchone()
    assert index in index_names(plan[0])


def test_names_alike_are_found_by_their_index(crowded: Session) -> None:
    with operator(crowded):
        crowded.execute(text("SET LOCAL enable_seqscan = off"))
        rests = "{" + ",".join(map(str, deletions("line 777"))) + "}"
        plan = crowded.scalar(
            text("EXPLAIN (FORMAT JSON) SELECT base FROM geo_base WHERE deletions && CAST(:rests AS integer[])"),
            {"rests": rests},
        )
    assert "ix_geo_base_deletions" in index_names(plan if isinstance(plan, list) else json.loads(str(plan)))


def test_every_question_of_the_file_is_asked() -> None:
    methods = {name for name in vars(StoredGazetteer) if not name.startswith("_")}
    assert set(load_queries("gazetteer")) - methods == {"source_slugs", "middles_of_postcodes", "towns_of"}
