"""What the scoreboard asks: every set is built as it says, and expects what can be expected."""

from __future__ import annotations

import random

import pytest

from geo.domain.place import Candidate, Fault, GeocodeResult, Point
from geo.domain.words import Decision, MatchQuality

from bench.geocoding import acceptance, between, county, crossings, noise, score
from bench.geocoding.acceptance import FAULTS, QUALITIES, Province
from bench.geocoding.county import REFERENCE, apart_m
from bench.geocoding.exam import Expected, Query
from bench.geocoding.gazetteer import AddressRow
from bench.geocoding.marks import mark

HERE = Point(-123.0, 49.0)
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference corpora are not on this machine")


def told(quality: MatchQuality, *faults: str) -> GeocodeResult:
    best = Candidate(HERE, "1 Elm St", quality, 15.0, 90, "bench", tuple(Fault(name, 5) for name in faults))
    return GeocodeResult(Decision.REVIEW, (best,))


@pytest.mark.parametrize(
    ("faults", "same"),
    [
        ((), False),
        (("street.misspelt",), True),
        (("street.misspelt", "words.unexplained"), True),
        (("street.misspelt", "type.conflict"), False),
        (("type.conflict",), False),
    ],
)
def test_faults_are_reproduced_when_all_are_named_and_no_watched_one_besides(
    faults: tuple[str, ...], *, same: bool
) -> None:
    expected = Expected(
        QUALITIES["CIVIC_NUMBER"], (FAULTS["STREET_NAME.spelledWrong"],), frozenset().union(*FAULTS.values())
    )
    query = Query("CIVIC_NUMBER", "1 Elmm St", (HERE,), expected=expected)
    assert mark(query, told(MatchQuality.ROOFTOP, *faults)).reproduced is same
    assert not mark(query, told(MatchQuality.STREET, *faults)).reproduced


def test_a_made_up_province_keeps_its_places_apart() -> None:
    province = Province()
    doors = [
        province.door(number, street, town)
        for town in ("Victoria", "Nelson")
        for street in ("Elm St", "Oak Ave")
        for number in ("1", "3", "1203")
    ]
    assert min(apart_m(a, b) for a in doors for b in doors if a != b) > 1
    assert len(set(doors)) == 12
    point = province.crossing("Elm St", "Oak Ave", "Victoria")
    lines = [row.geometry for row in province.rows().streets if row.locality == "Victoria"]
    assert lines[0].intersects(lines[1])
    assert apart_m(point, Point(*lines[0].intersection(lines[1]).coords[0])) < 0.1


def test_an_encoded_line_is_read() -> None:
    # the example in the format's own description, which has one decimal less
    line = between.read_polyline("_p~iF~ps|U_ulLnnqC_mqNvxq`@")
    assert [(round(lon * 10, 3), round(lat * 10, 3)) for lon, lat in line] == [
        (-120.2, 38.5),
        (-120.95, 40.7),
        (-126.453, 43.252),
    ]


def test_houses_are_held_out_between_others_of_their_side() -> None:
    rows = [AddressRow("Elm St", str(n), Point(n / 1000, 0)) for n in range(1, 21)]
    rows += [AddressRow("Elm St", "9 A", Point(0, 1)), AddressRow("Elm St", "9", Point(0, 2))]
    kept, gone = between._hold_out(rows)
    assert sorted(int(row.number) for row in gone) == [3, 4, 10, 15, 16]
    assert len(kept) + len(gone) == len(rows)


def test_types_and_directions_are_shortened_and_left_out() -> None:
    assert crossings.shorten("West 41st Avenue") == "W 41st Ave"
    assert crossings.without_type("West 41st Avenue") == "West 41st"


def test_a_spoilt_name_that_is_another_real_address_is_not_asked() -> None:
    house = county.House("1", "7", "REED RD", ("", "REED", "RD", ""), "TOWSON", "21204", HERE)
    assert noise._is_another("7 Read Rd", house, {("7", "read rd"), ("7", "reed rd")})
    assert not noise._is_another("7 Rede Rd", house, {("7", "read rd"), ("7", "reed rd")})


@pytest.mark.parametrize(("name", "kind"), [("frederick", "by_ear"), ("old harford", "word_dropped")])
def test_a_spoilt_address_keeps_its_number_and_type(name: str, kind: str) -> None:
    house = county.House("1", "7", f"{name} RD", ("", name.upper(), "RD", ""), "TOWSON", "21204", HERE)
    text = noise._spoilt(house, kind, random.Random(0))  # noqa: S311 - makes slips
    assert text is not None
    assert (text.startswith("7 "), text.endswith(" Rd")) == (True, True)
    assert name not in text.lower()


@needs_reference
@pytest.mark.slow
@pytest.mark.parametrize("name", score.EXAMS)
def test_every_set_can_be_built_and_is_the_same_each_time(name: str) -> None:
    exam = score.EXAMS[name](REFERENCE)
    assert exam.queries == score.EXAMS[name](REFERENCE).queries
    assert len({query.text for query in exam.queries}) > 300
    rows = exam.rows()
    assert sum(1 for _ in rows.addresses) + sum(1 for _ in rows.places) > 300
    kinds = {query.kind for query in exam.queries}
    assert all(set(goal.kinds) <= kinds for goal in exam.goals)


@needs_reference
@pytest.mark.slow
def test_absent_streets_and_houses_are_absent() -> None:
    streets = {row.street for row in county.absent_streets(REFERENCE).rows().addresses}
    asked = {query.text.split(",")[0].partition(" ")[2] for query in county.absent_streets(REFERENCE).queries}
    assert not streets & asked
    exam = county.absent_houses(REFERENCE)
    left = {(row.point.lon, row.point.lat) for row in exam.rows().addresses}
    assert sum((q.truth[0].lon, q.truth[0].lat) in left for q in exam.queries) < 30


@needs_reference
def test_cases_that_do_not_apply_are_listed_with_their_reason() -> None:
    exam = acceptance.acceptance(REFERENCE)
    left_out = sum(int(note.rpartition(": ")[2].split()[0]) for note in exam.notes)
    assert len(exam.queries) + left_out == 501
    assert len(exam.queries) > 420
