from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo.domain.place import Candidate, Point
from geo.domain.words import Decision, MatchQuality
from geo.geocode.gazetteer import PostcodeArea
from geo.geocode.geocoder import GazetteerGeocoder
from geo.geocode.score import decide, fault, score_of

from tests.geo.geocode.memory import MemoryGazetteer, door, middle, place

# 0.001 degrees of longitude are about 55 m here, of latitude 111 m
LON, LAT = 24.94, 60.17
TOWN = MemoryGazetteer(
    houses=[
        *(door("Mannerheimintie", str(n), LON + n * 0.0002, LAT, "00100", "Helsinki") for n in (1, 3, 5, 9, 11)),
        door("Mannerheimintie", "5a", LON + 0.001, LAT + 0.0005, "00100", "Helsinki"),
        *(door("Eastridge Rd", str(n), LON + n * 0.0002, LAT + 0.01, "00200", "Helsinki") for n in (2, 4, 6, 40)),
        door("Kauppakatu", "7b", LON, LAT + 0.02, "00100", "Helsinki"),
        door("Kauppakatu", "1-5", LON + 0.001, LAT + 0.02, "00100", "Helsinki"),
        *(door(f"113 {kind}", "20", LON, LAT + 0.03 + 0.001 * at) for at, kind in enumerate(("Ave", "Rd", "Dr"))),
        door("Piney Grove Rd", "8", LON + 0.01, LAT + 0.03, None, "Towson"),
        door("Torikatu", "1", LON, LAT + 0.04, "00100", "Helsinki"),
        door("Torikatu", "1", LON + 0.2, LAT + 0.04, "02100", "Espoo"),
        *(door("Pitkätie", str(n), LON + n * 0.0005, LAT + 0.05) for n in (1, 11, 41)),
    ],
    streets=[middle("Mannerheimintie", LON + 0.001, LAT, 450.0), middle("Pitkätie", LON, LAT + 0.05)],
    named_places=[place("Kallio", "suburb", LON, LAT + 0.06), place("Rautatientori", "square", LON, LAT + 0.07)],
    areas=[PostcodeArea("00100", Point(LON, LAT), 700.0, "test")],
)
GEOCODER = GazetteerGeocoder(TOWN)


@pytest.mark.parametrize(
    ("text", "decision", "quality", "label", "faults"),
    [
        ("Mannerheimintie 5, 00100 Helsinki", "accept", "rooftop", "Mannerheimintie 5, 00100 Helsinki", []),
        ("MANNERHEIMINT. 5", "accept", "rooftop", "Mannerheimintie 5, 00100 Helsinki", []),
        ("Mannerheimintie 5 A 12", "accept", "rooftop", "Mannerheimintie 5a, 00100 Helsinki", ["unit.ignored"]),
        (
            "Mannerheimintie 9 B 2",
            "accept",
            "rooftop",
            "Mannerheimintie 9, 00100 Helsinki",
            ["number.stair_ignored", "unit.ignored"],
        ),
        ("Mannerheimintie 7", "accept", "interpolated", "Mannerheimintie 7, 00100 Helsinki", ["number.interpolated"]),
        ("Mannerheimintie 99", "review", "street", "Mannerheimintie", ["number.missing"]),
        ("Mannerheimintie", "accept", "street", "Mannerheimintie", []),
        ("Mannerhiemintie 5", "accept", "rooftop", "Mannerheimintie 5, 00100 Helsinki", ["street.misspelt"]),
        (
            "Mannerheimintie 5, 00200 Helsinki",
            "review",
            "rooftop",
            "Mannerheimintie 5, 00100 Helsinki",
            ["postcode.conflict"],
        ),
        ("Kauppakatu 7", "review", "rooftop", "Kauppakatu 7b, 00100 Helsinki", ["number.suffix"]),
        ("Kauppakatu 3", "accept", "rooftop", "Kauppakatu 1-5, 00100 Helsinki", ["number.range"]),
        (
            "4 Westridge Rd",
            "review",
            "rooftop",
            "4 Eastridge Rd, 00200 Helsinki",
            ["street.misspelt", "street.unsafe_spelling"],
        ),
        ("20 113th Rd", "accept", "rooftop", "20 113 Rd", []),
        ("20 113th Ln", "review", "rooftop", "20 113 Ave", ["type.conflict", "ambiguous"]),
        ("8 Piney Grove Rd", "accept", "rooftop", "8 Piney Grove Rd, Towson", []),
        ("8 Piney Grove Lane, Towson", "review", "rooftop", "8 Piney Grove Rd, Towson", ["type.conflict"]),
        ("8 piney grove lane towson md", "review", "rooftop", "8 Piney Grove Rd, Towson", ["type.conflict"]),
        ("Torikatu 1", "review", "rooftop", "Torikatu 1, 00100 Helsinki", ["ambiguous"]),
        ("Torikatu 1, Espoo", "accept", "rooftop", "Torikatu 1, 02100 Espoo", []),
        ("Pitkätie 5", "review", "interpolated", "Pitkätie 5", ["number.interpolated", "number.wide_gap"]),
        ("Kallio", "accept", "place", "Kallio", []),
        ("Kalio", "review", "place", "Kallio", ["place.misspelt"]),
        ("00100 Helsinki", "accept", "postcode", "00100", []),
        ("Olematonkatu 3, 00100 Helsinki", "review", "postcode", "00100", ["postcode.instead_of_street"]),
        ("PL 12, 00100 Helsinki", "review", "postcode", "00100", ["po_box"]),
        ("60.17, 24.94", "none", None, None, []),
        ("60.1700, 24.9400", "accept", "manual", "60.17000, 24.94000", []),
        ("", "none", None, None, []),
    ],
)
def test_answers(text: str, decision: str, quality: str | None, label: str | None, faults: list[str]) -> None:
    result = GEOCODER.geocode(text)
    best = result.best
    assert result.decision == decision
    assert (best.match_quality if best else None) == quality
    assert (best.label if best else None) == label
    assert ([f.name for f in best.faults] if best else []) == faults


def test_a_number_is_placed_in_proportion_between_its_neighbours() -> None:
    best = GEOCODER.geocode("Mannerheimintie 7").best
    assert best is not None
    assert best.point.lon == pytest.approx(LON + 7 * 0.0002)
    assert best.uncertainty_m == pytest.approx(22.2, abs=1)


def test_the_points_of_one_building_are_one_address() -> None:
    points = [door("Keskuskatu", "5", LON, LAT, None), door("Keskuskatu", "5", LON, LAT + 0.0008, "00100")]
    result = GazetteerGeocoder(MemoryGazetteer(points)).geocode("Keskuskatu 5")
    assert result.decision is Decision.ACCEPT
    assert [c.label for c in result.candidates] == ["Keskuskatu 5, 00100"]
    assert result.candidates[0].point == points[0].point
    assert result.candidates[0].uncertainty_m == pytest.approx(89.1, abs=0.1)


def test_points_far_apart_are_two_addresses() -> None:
    points = [door("Keskuskatu", "5", LON, LAT), door("Keskuskatu", "5", LON, LAT + 0.001)]
    result = GazetteerGeocoder(MemoryGazetteer(points)).geocode("Keskuskatu 5")
    assert result.decision is Decision.REVIEW
    assert len(result.candidates) == 2


def test_a_street_is_known_to_its_farther_end() -> None:
    best = GEOCODER.geocode("Mannerheimintie").best
    assert best is not None
    assert best.uncertainty_m == 450


def test_a_place_outside_the_service_area_waits_for_a_person() -> None:
    elsewhere = MemoryGazetteer(TOWN.houses, area=box(10, 50, 11, 51))
    result = GazetteerGeocoder(elsewhere).geocode("Mannerheimintie 5")
    assert result.decision is Decision.REVIEW
    assert result.best is not None
    assert "outside_service_area" in [f.name for f in result.best.faults]


def test_a_thousand_addresses_cost_as_many_questions_as_one() -> None:
    texts = ["Mannerheimintie 5", "Mannerhiemintie 7", "Olematonkatu 3, 00100 Helsinki", "Kallio", ""] * 200
    gazetteer = MemoryGazetteer(TOWN.houses, TOWN.streets, TOWN.named_places, TOWN.areas)
    together = GazetteerGeocoder(gazetteer).geocode_many(texts)
    alone = MemoryGazetteer(TOWN.houses, TOWN.streets, TOWN.named_places, TOWN.areas)
    GazetteerGeocoder(alone).geocode_many(texts[:5])
    assert gazetteer.asked == alone.asked
    assert len(gazetteer.asked) <= 20
    assert together[:5] == [GEOCODER.geocode(text) for text in texts[:5]]
    assert len(together) == 1000


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    result = GEOCODER.geocode(text)
    scores = [candidate.score for candidate in result.candidates]
    assert scores == sorted(scores, reverse=True)
    assert (result.decision is Decision.NONE) == (not scores)


def candidate(lat: float, *faults: str, quality: MatchQuality = MatchQuality.ROOFTOP) -> Candidate:
    named = tuple(fault(name) for name in faults)
    return Candidate(Point(24.0, lat), f"at {lat}", quality, 15.0, score_of(named), "test", named)


def test_a_rival_counts_from_forty_metres() -> None:
    assert decide([candidate(60.0), candidate(60.0003)]).decision is Decision.ACCEPT
    assert decide([candidate(60.0), candidate(60.0005)]).decision is Decision.REVIEW


def test_a_rival_well_behind_is_none() -> None:
    assert decide([candidate(60.0), candidate(60.1, "street.misspelt")]).decision is Decision.ACCEPT


def test_a_coarse_answer_does_not_rival_a_door() -> None:
    assert decide([candidate(60.0), candidate(60.1, quality=MatchQuality.STREET)]).decision is Decision.ACCEPT


def test_a_conflict_is_never_accepted_whatever_the_score() -> None:
    assert decide([candidate(60.0, "postcode.conflict")]).decision is Decision.REVIEW


def test_equal_answers_keep_the_order_of_the_gazetteer() -> None:
    ties = [candidate(60.0005), candidate(60.0)]
    assert [c.point.lat for c in decide(ties).candidates] == [60.0005, 60.0]


def test_at_most_five_candidates() -> None:
    assert len(decide([candidate(60 + n / 100) for n in range(40)]).candidates) == 5


def test_a_postcode_may_have_several_towns() -> None:
    both = PostcodeArea("00100", Point(LON, LAT), 700.0, "test", ("helsinki", "helsingfors"))
    town = MemoryGazetteer(TOWN.houses, areas=[both])
    named = GazetteerGeocoder(town).geocode("Mannerheimintie 5, Helsingfors")
    assert named.decision is Decision.ACCEPT
    assert named.best is not None
    assert [f.name for f in named.best.faults] == ["locality.other_name"]
    assert GEOCODER.geocode("Mannerheimintie 5, Helsingfors").decision is Decision.REVIEW


def street_of(*numbers: str, step: float = 0.0003, postcode: str | None = "11429") -> GazetteerGeocoder:
    doors = [door("113th Ave", number, LON + at * step, LAT, postcode) for at, number in enumerate(numbers)]
    return GazetteerGeocoder(MemoryGazetteer(doors))


def test_a_hyphened_number_is_placed_behind_its_cross_street() -> None:
    best = street_of("216-15", "216-19", "216-23").geocode("216-17 113th Ave, 11429").best
    assert best is not None
    assert best.match_quality is MatchQuality.INTERPOLATED
    assert best.point.lon == pytest.approx(LON + 0.00015)


@pytest.mark.parametrize("text", ["21617 113th Ave", "216 17 113th Ave"])
def test_a_hyphen_more_or_less_finds_the_door(text: str) -> None:
    result = street_of("216-17", "216-19").geocode(text)
    assert result.decision is Decision.ACCEPT
    assert result.best is not None
    assert result.best.label.startswith("216-17")


def test_numbers_that_do_not_follow_the_street_wait_for_a_person() -> None:
    houses = [door("Oak Rd", n, LON + x, LAT) for n, x in (("1", 0.0), ("3", 0.02), ("7", 0.0205), ("9", 0.0001))]
    result = GazetteerGeocoder(MemoryGazetteer(houses)).geocode("5 Oak Rd")
    assert result.decision is Decision.REVIEW
    assert result.best is not None
    assert "number.irregular" in [f.name for f in result.best.faults]


def test_a_short_misspelt_name_needs_its_postcode() -> None:
    town = GazetteerGeocoder(MemoryGazetteer([door("York Rd", "12", LON, LAT, "21111")]))
    assert town.geocode("12 Yrok Rd, 21111").decision is Decision.ACCEPT
    assert town.geocode("12 Yrok Rd").decision is Decision.REVIEW


def test_a_word_of_another_street_is_no_slip() -> None:
    houses = [door("Millstone Rd", "4", LON, LAT, "21111"), door("Hillstone Ct", "9", LON + 0.1, LAT, "21030")]
    result = GazetteerGeocoder(MemoryGazetteer(houses)).geocode("4 Hillstone Rd, 21111")
    assert result.decision is Decision.REVIEW


def test_a_town_that_exists_is_no_slip_for_another() -> None:
    houses = [door("Oak Rd", "4", LON, LAT, None, "Kelesville"), door("Elm Rd", "4", LON + 1, LAT, None, "Kelnesville")]
    town = GazetteerGeocoder(MemoryGazetteer(houses))
    assert town.geocode("4 Oak Rd, Kelesvile").decision is Decision.ACCEPT
    assert town.geocode("4 Oak Rd, Kelnesville").decision is Decision.REVIEW


def test_two_streets_name_their_crossing() -> None:
    meetings = [("Main St", "Oak Ave", Point(LON, LAT)), ("Main St", "Oak Rd", Point(LON + 0.01, LAT))]
    town = GazetteerGeocoder(MemoryGazetteer(meetings=meetings))
    for text in ("Main St and Oak Ave", "Oak Ave / Main St", "corner of Main St & Oak Ave", "Mian St @ Oak Ave"):
        result = town.geocode(text)
        assert result.decision is Decision.ACCEPT, text
        assert result.best is not None
        assert (result.best.match_quality, result.best.point) == (MatchQuality.INTERSECTION, Point(LON, LAT))
    assert town.geocode("Main and Oak").decision is Decision.REVIEW


def test_latitude_and_longitude_are_put_right_by_the_area_served() -> None:
    here = GazetteerGeocoder(MemoryGazetteer(area=box(24, 60, 25, 61)))
    turned = here.geocode("24.9557, 60.1742").best
    assert turned is not None
    assert turned.point == Point(24.9557, 60.1742)
    assert "axes.swapped" in [f.name for f in turned.faults]


def test_a_short_plus_code_is_completed_within_the_area_served() -> None:
    here = GazetteerGeocoder(MemoryGazetteer(area=box(24.9, 60.1, 25, 60.2)))
    found = here.geocode("5WFV+M7 Helsinki").best
    assert found is not None
    assert found.label.startswith("9GG")
    assert abs(found.point.lon - 24.95) < 0.5
