from __future__ import annotations

import random
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from shapely import LineString, MultiLineString
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.words import Decision, SuggestionKind
from geo.store.asking import Questions
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_import import PlaceRow, PostcodeRow, StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.sql import load_queries
from geo.store.suggest import MAX_SUGGESTIONS, LocalSuggester

from tests.geo.store.test_gazetteer import index_names
from tests.rights import load_source, serve_area

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

LON, LAT = 24.94, 60.17
SOURCE = SourceInfo("test", "Test town", "CC0", "nobody", "checksum")
MOST_STATEMENTS = 3


def line(row: int) -> MultiLineString:
    return MultiLineString([LineString([(LON, LAT + row / 1000), (LON + 0.01, LAT + row / 1000)])])


def doors(street: str, row: int, numbers: str, town: str = "Helsinki") -> list[AddressRow]:
    return [
        AddressRow(street, number, Point(LON + at / 10_000, LAT + row / 1000), "00100", town)
        for at, number in enumerate(numbers.split())
    ]


@pytest.fixture
def suggester(session: Session) -> LocalSuggester:
    across = MultiLineString([LineString([(LON + 0.005, LAT - 0.01), (LON + 0.005, LAT + 0.01)])])
    load_source(
        session,
        SOURCE,
        addresses=[
            *doors("Liisankatu", 0, "1 2 3 10 11 12 12A 120 21"),
            *doors("Main St", 4, "5 50 51"),
            *doors("113th Ave", 5, "1 2"),
            *doors("113th Rd", 6, "1 2"),
            *doors("Old Frederick Rd", 7, "7"),
            *doors("Kauppakatu", 8, "1", "Helsinki"),
            *doors("Kauppakatu", 300, "1", "Espoo"),
            *doors("a_b%c Street", 9, "1"),
        ],
        streets=[
            StreetRow("Mannerheimintie", line(1), 900.0, "Helsinki", ("Mannerheimvägen",)),
            StreetRow("Mariankatu", across, 900.0, "Helsinki", ("Mariegatan",)),
            StreetRow("Liisankatu", line(0), 900.0, "Helsinki", ("Elisabetsgatan",)),
        ],
        places=[PlaceRow("Kallio Library", "library", Point(LON, LAT)), PlaceRow("Kallio", "suburb", Point(LON, LAT))],
        postcodes=[PostcodeRow("00100", Point(LON, LAT), 700.0), PostcodeRow("00170", Point(LON, LAT), 700.0)],
    )
    return LocalSuggester(session)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("mannerh", "Mannerheimintie, Helsinki"),
        ("MANNERHEIMV", "Mannerheimvägen, Helsinki"),
        ("mannreh", "Mannerheimintie, Helsinki"),
        ("manerheim", "Mannerheimintie, Helsinki"),
        ("liisn", "Liisankatu, Helsinki"),
        ("elis", "Elisabetsgatan, Helsinki"),
        ("Liisankatu 1", "Liisankatu 1, 00100 Helsinki"),
        ("liisankat 12", "Liisankatu 12, 00100 Helsinki"),
        ("liisankatu 12 a", "Liisankatu 12A, 00100 Helsinki"),
        ("liisnakatu 21", "Liisankatu 21, 00100 Helsinki"),
        ("5 main", "5 Main St, 00100 Helsinki"),
        ("5 main stre", "5 Main St, 00100 Helsinki"),
        ("113th r", "113th Rd, Helsinki"),
        ("2 113th av", "2 113th Ave, 00100 Helsinki"),
        ("freder", "Old Frederick Rd, Helsinki"),
        ("kallio l", "Kallio Library"),
        ("001", "00100"),
        ("0017", "00170"),
        ("kauppakatu 1, esp", "Kauppakatu 1, 00100 Espoo"),
        ("Liisankatu / mar", "Liisankatu / Mariankatu"),
        ("liisankatu ja Mari", "Liisankatu / Mariankatu"),
        ("mariegatan och", "Mariegatan / Liisankatu"),
        ("mariankatu & ", "Mariankatu / Liisankatu"),
    ],
)
def test_what_is_meant_comes_first(suggester: LocalSuggester, typed: str, first: str) -> None:
    assert [one.label for one in suggester.suggest(typed)][:1] == [first]


def test_only_numbers_that_begin_so_are_doors(suggester: LocalSuggester) -> None:
    found = [one.label for one in suggester.suggest("Liisankatu 1") if one.kind is SuggestionKind.DOOR]
    assert [label.split(",")[0].split()[1] for label in found] == ["1", "10", "11", "12", "12A", "120"]


def test_113_is_no_slip_for_115(suggester: LocalSuggester) -> None:
    assert not [one for one in suggester.suggest("115th ave") if one.kind is SuggestionKind.STREET]


def test_the_nearer_of_two_namesakes_comes_first(suggester: LocalSuggester, session: Session) -> None:
    assert suggester.suggest("kauppa", Point(LON, LAT + 0.29))[0].label == "Kauppakatu, Espoo"
    assert suggester.suggest("kauppa", Point(LON, LAT))[0].label == "Kauppakatu, Helsinki"
    serve_area(session, (LON - 0.1, LAT + 0.2, LON + 0.1, LAT + 0.4))
    assert suggester.suggest("kauppa")[0].label == "Kauppakatu, Espoo"


@pytest.mark.parametrize("typed", ["%", "_", "\\", "a%", "kall_o", "%kallio", "", " ", ",", "\0", "'; DROP TABLE need"])
def test_signs_of_patterns_are_only_signs(suggester: LocalSuggester, typed: str) -> None:
    assert "Liisankatu, Helsinki" not in [one.label for one in suggester.suggest(typed)]
    assert [one.label for one in suggester.suggest("a_b%")] == ["a_b%c Street, Helsinki"]


def test_never_more_than_asked_for(suggester: LocalSuggester) -> None:
    assert len(suggester.suggest("Liisankatu 1", limit=3)) == 3
    assert len(suggester.suggest("m", limit=100)) <= MAX_SUGGESTIONS
    assert suggester.suggest("mannerh", limit=0) == []


def test_another_network_is_suggested_nothing(suggester: LocalSuggester, session: Session) -> None:
    session.execute(text("SELECT set_config('barnraiser.network', '00000000-0000-7000-8000-0000000000ff', true)"))
    for typed in ("mannerh", "mannreh", "Liisankatu 1", "freder", "kallio", "001", "Liisankatu / mar"):
        assert suggester.suggest(typed) == []


# -- bounds ----------------------------------------------------------------------------------------------


def awkward(rng: random.Random, count: int) -> Iterator[str]:
    """Whatever somebody may paste: control signs, right-to-left, emoji, statements, expressions that never end."""
    pieces = (
        "Mannerheimintie", "liisankatu 12", "\0\x01\x1b", "\u202e\u05d0\u05d1", "\U0001f3e0\U0001f1eb\U0001f1ee",
        "'; DROP TABLE need; --", "(a+)+$", "1-" * 40, "a" * 300, "½", "\u0661\u0662", "\ud800", "%_\\", "\uff0f",
        "0" * 40, "A.B.C.", "St. St. St.", "and", "/", ",", ",,,,", "\n", "\ufb01", "\u01c4", "é" * 30, "12 A",
        "P.O. Box 1", "#", "00100", "60.17, 24.94", "N W", "\u0661\u0662\u0663 \u0634\u0627\u0631\u0639",
        "\u5927\u962a\u5e02\u5317\u533a", "x" * 100_000, "{}", ":x", "$1", "%s", "%(q)s",
    )  # fmt: skip
    for n in range(count):
        if n % 4 == 0:
            yield "".join(chr(rng.randrange(0x11_0000)) for _ in range(rng.randrange(40)))
        else:
            yield rng.choice((" ", "", ", ")).join(rng.choice(pieces) for _ in range(rng.randrange(1, 5)))


class Counted(Questions):
    """Counts what is asked of the database."""

    asked = 0

    def ask(self, name: str, values: Any = None) -> Any:
        self.asked += 1
        return super().ask(name, values)


@pytest.mark.slow
def test_ten_thousand_awkward_texts_stop_nothing(suggester: LocalSuggester, session: Session) -> None:
    texts = list(awkward(random.Random(0), 10_000))  # noqa: S311 - makes texts
    results = LocalGeocoder(session).geocode_many(texts)
    assert len(results) == len(texts)
    assert {result.decision for result in results} <= set(Decision)
    suggester._questions = counted = Counted(session, "suggest")
    for typed in texts:
        counted.asked = 0
        found = suggester.suggest(typed)
        assert len(found) <= MAX_SUGGESTIONS
        assert counted.asked <= MOST_STATEMENTS
        assert all(unicodedata.category(c) != "Cs" for one in found for c in one.label)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("starting", "ix_geo_street_name_key_start"),
        ("starting", "ix_geo_street_name_base_start"),
        ("starting", "ix_geo_place_name_key_start"),
        ("starting", "ix_geo_postcode_key_start"),
        ("alike", "ix_geo_base_base_start"),
        ("doors", "pk_geo_address"),
        ("crossings", "ix_geo_crossing_street_b"),
    ],
)
def test_each_question_uses_its_index(suggester: LocalSuggester, session: Session, name: str, index: str) -> None:
    assert suggester
    values = {
        "lon": LON, "lat": LAT, "east_m": 1.0, "north_m": 1.0, "low": ["ma"], "high": ["mb"], "codes": ["00"],
        "code_ends": ["01"], "bases": [], "deletions": [], "words": [], "streets": [1 << 31], "number": "1",
    }  # fmt: skip
    if name == "doors":
        values |= {"low": [1], "high": [1]}
    session.execute(text("SET LOCAL enable_seqscan = off"))
    driver = session.connection().connection.driver_connection
    assert driver is not None
    plan = driver.execute("EXPLAIN (FORMAT JSON) " + load_queries("suggest")[name], values).fetchone()
    assert index in index_names(plan[0])


def test_every_question_of_the_file_is_asked() -> None:
    assert set(load_queries("suggest")) == {"starting", "alike", "doors", "crossings"}
