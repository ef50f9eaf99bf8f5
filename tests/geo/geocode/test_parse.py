from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.domain.place import Point
from geo.geocode import second_opinion
from geo.geocode.parse import parse_address, postcode_key
from geo.geocode.reading import Reading
from geo.geocode.readings import MAX_READINGS, read_line


@pytest.mark.parametrize(
    ("text", "number", "street", "unit", "postcode", "locality"),
    [
        ("Mannerheimintie 5, 00100 Helsinki", "5", "Mannerheimintie", None, "00100", "Helsinki"),
        ("Mannerheimintie 5 A 12, 00100 Helsinki", "5a", "Mannerheimintie", "A 12", "00100", "Helsinki"),
        ("Mannerheimintie 5 A 12 00100 Helsinki", "5a", "Mannerheimintie", "A 12", "00100", "Helsinki"),
        ("Mannerheimintie 5A12", "5a", "Mannerheimintie", "A 12", None, None),
        ("Eerikinkatu 3 a 5, Helsinki, Finland", "3a", "Eerikinkatu", "A 5", None, "Helsinki"),
        ("Storgatan 5 A lgh 1101, 114 55 Stockholm", "5a", "Storgatan", "1101", "11455", "Stockholm"),
        ("12 Main St Apt 4, City 21093", "12", "Main St", "4", "21093", "City"),
        ("9800 Kerrigan Court #12, Randallstown, MD 21133", "9800", "Kerrigan Court", "12", "21133", "Randallstown"),
        ("Apt 1B, 626 E Kilbourn Ave", "626", "E Kilbourn Ave", "1B", None, None),
        ("Apt 1B 626 E Kilbourn Ave, Milwaukee", "626", "E Kilbourn Ave", "1B", None, "Milwaukee"),
        ("216-17 113th Avenue, Queens NY 11429", "216-17", "113th Avenue", None, "11429", "Queens"),
        ("12 1/2 Main St", "12 1/2", "Main St", None, None, None),
        ("12\u00bd Main St", "12 1/2", "Main St", None, None, None),
        ("Rua das Flores, 123, 30130-010 Belo Horizonte", "123", "Rua das Flores", None, "30130010", "Belo Horizonte"),
        ("Kiasma, Mannerheiminaukio 2", "2", "Mannerheiminaukio", None, None, None),
        ("Library 12 Main St, Towson", "12", "Main St", None, None, "Towson"),
        ("12345 Main St, Towson 21204-1234", "12345", "Main St", None, "21204", "Towson"),
        ("5th Avenue", None, "5th Avenue", None, None, None),
        ("113 Ave", None, "113 Ave", None, None, None),
        ("Flat Rock Rd 12", "12", "Flat Rock Rd", None, None, None),
        ("00100 Helsinki", None, None, None, "00100", "Helsinki"),
        ("114 55 Stockholm", None, None, None, "11455", "Stockholm"),
        ("Kallio", None, "Kallio", None, None, None),
        ("", None, None, None, None, None),
        ("12", None, None, None, None, None),
    ],
)
def test_parts(
    text: str, number: str | None, street: str | None, unit: str | None, postcode: str | None, locality: str | None
) -> None:
    parsed = parse_address(text)
    found = (parsed.number, parsed.street, parsed.unit, parsed.postcode, parsed.locality)
    assert found == (number, street, unit, postcode, locality)


@pytest.mark.parametrize(
    ("text", "number", "street", "unit"),
    [
        ("12 Main St # 12", "12", "Main St", "12"),
        ("12 Main St Unit B Towson MD 21204", "12", "Main St", "B"),
        ("12 Main St Ste 200", "12", "Main St", "200"),
        ("12 Main St Fl 3", "12", "Main St", "3"),
        ("12 Main St Rm 5", "12", "Main St", "5"),
        ("12 Main St Lot 7", "12", "Main St", "7"),
        ("12 Main St Bldg C Apt 4", "12", "Main St", "C 4"),
        ("12 Main St Rear", "12", "Main St", "Rear"),
        ("12 Main St, 4th floor, Towson", "12", "Main St", "4th floor"),
        ("2nd FLR 1175 Douglas St", "1175", "Douglas St", "2nd FLR"),
        ("Unit910 7380 Elmbridge Way", "7380", "Elmbridge Way", "910"),
        ("#1-2145 Phillips Rd", "2145", "Phillips Rd", "1"),
        ("B2 518 Beatty St", "518", "Beatty St", "B2"),
        ("910 7380 Elmbridge Way", "7380", "Elmbridge Way", "910"),
        ("170 - 22470 Dewdney Trunk Rd", "170-22470", "Dewdney Trunk Rd", None),
        ("850 Saucier Ave 128 Kelowna, BC", "850", "Saucier Ave", "128"),
        ("860 w Blackhawk 305", "860", "w Blackhawk", "305"),
        ("Flat 2, 12 High Street, Leeds LS1 4AP", "12", "High Street", "2"),
        ("Patricia Apts 1110 Cardero St", "1110", "Cardero St", None),
        ("12 Flat Rock Rd", "12", "Flat Rock Rd", None),
        ("Mannerheimintie 5 as. 7", "5", "Mannerheimintie", "7"),
        ("H\u00e4meentie 5 B 3 krs", "5b", "H\u00e4meentie", "3 krs"),
        ("Storgatan 5 lgh 1201", "5", "Storgatan", "1201"),
        ("E 613 MITCHELL AVE", "613", "E MITCHELL AVE", None),
        ("123Main St", "123", "Main St", None),
        ("N6W23001 Bluemound Rd", "n6w23001", "Bluemound Rd", None),
        ("N165 W2123 Tartan Ct", "n165w2123", "Tartan Ct", None),
        ("12-A Main St", "12a", "Main St", None),
        ("12 bis rue de la Paix, Paris", "12bis", "rue de la Paix", None),
        ("3. linja 5, Helsinki", "5", "3. linja", None),
        ("Kolmas linja 5", "5", "Kolmas linja", None),
        ("10372 99 St", "10372", "99 St", None),
        ("2229 18 Mile Road", "2229", "18 Mile Road", None),
        ("613 K Street Northwest", "613", "K Street Northwest", None),
        ("01070 Lynn Valley Rd, North Vancouver", "1070", "Lynn Valley Rd", None),
        ("attn: Jane Doe, 12 Main St", "12", "Main St", None),
        ("c/o Jane Doe 12 Main St", "12", "Main St", None),
        ("Jane Doe\nSuite 5\n77 W Wacker Dr\nChicago, IL 60601", "77", "W Wacker Dr", "5"),
        ("12 Hwy 97 N Lillooet BC", "12", "Hwy 97 N", None),
        ("12 County Rd 7, Towson", "12", "County Rd 7", None),
        ("1000 Indiana Highway 212, Michigan City", "1000", "Indiana Highway 212", None),
        ("12 Constitution Ave N.W.", "12", "Constitution Ave N.W.", None),
        ("295 South 250 East, Burley", "295", "South 250 East", None),
        ("20 Benton Pl St Louis MO", "20", "Benton Pl", None),
        ("12 Old Court House Rd Towson MD", "12", "Old Court House Rd", None),
        ("14035 blenheim road north phoenix md", "14035", "blenheim road north", None),
        ("2050 Marine Dr West Vancouver BC", "2050", "Marine Dr", None),
        ("10 Oak St Street, Towson", "10", "Oak St", None),
        ("12 Broadway", "12", "Broadway", None),
        ("12 The Strand", "12", "The Strand", None),
        ("12 Avenue B", "12", "Avenue B", None),
    ],
)
def test_the_first_reading(text: str, number: str, street: str, unit: str | None) -> None:
    parsed = parse_address(text)
    assert (parsed.number, parsed.street, parsed.unit) == (number, street, unit)


@pytest.mark.parametrize(
    ("text", "key", "numbers", "unit"),
    [
        ("205-1234 Main St", "main st", ("1234",), "205"),
        ("216 17 113th Ave", "113 ave", ("216-17", "21617"), None),
        ("216-17 113th Ave", "113 ave", ("216-17",), None),
        ("21617 113th Ave", "113 ave", ("21617",), None),
        ("1-3 Main St", "main st", ("1-3", "1"), None),
        ("1200-1210 Main St", "main st", ("1200-1210", "1200"), None),
        ("12/14 Main St", "main st", ("12/14", "12-14", "12"), None),
        ("12 1/2 Main St", "main st", ("12 1/2", "12"), None),
        ("12 84THAVE", "84 ave", ("12",), None),
        ("2375 MONTAAVE", "monta ave", ("2375",), None),
        ("12 twenty-third street", "23 st", ("12",), None),
        ("12 MD-45", "md route 45", ("12",), None),
        ("12 US Hwy 50", "us highway 50", ("12",), None),
        ("Virtanen Mannerheimintie 5", "mannerheimintie", ("5",), None),
        ("State Route 12", "state route 12", (), None),
        ("Stelly's X Rd", "stellys cross rd", (), None),
    ],
)
def test_a_reading_among_others(text: str, key: str, numbers: tuple[str, ...], unit: str | None) -> None:
    readings = parse_address(text).readings
    assert (key, numbers, unit) in [(r.street_key, r.numbers, r.unit) for r in readings]


@pytest.mark.parametrize(
    ("text", "postcode", "locality"),
    [
        ("12 Main St, Towson, MD 21204-1234, USA", "21204", "Towson"),
        ("12 Main St Towson MD 21204 USA", "21204", None),
        ("15 Bridge Street, Providence, Rhode Island 02903, United States", "02903", "Providence"),
        ("12 Main St, New York, NY", None, "New York"),
        ("12 Main St, New York", None, "New York"),
        ("10 Downing Street, London SW1A 2AA", "SW1A2AA", "London"),
        ("525 Superior St, Victoria, BC V8W 9V3", "V8W9V3", "Victoria"),
        ("Storgatan 5, SE-114 55 Stockholm, Sverige", "11455", "Stockholm"),
        ("Graben 5, 1010 Wien", "1010", "Wien"),
        ("Oak House, 1200 Main St, Towson", None, "Towson"),
        ("PO Box 12, 21093", "21093", None),
        ("525 Superior St RR 3, Victoria, BC", None, "Victoria"),
        ("12 Main St, Towson, Baltimore County, MD", None, "Towson Baltimore County"),
    ],
)
def test_postcode_and_town(text: str, postcode: str | None, locality: str | None) -> None:
    parsed = parse_address(text)
    assert (parsed.postcode, parsed.locality) == (postcode, locality)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "!!!", "\U0001f3e0", "410-555-1234", "+358 40 123 4567", "tel. 040 123 4567", "jane@example.org",
     "https://example.org/a?b=c", "www.example.org"],
)  # fmt: skip
def test_nonsense_is_called_so(text: str) -> None:
    parsed = parse_address(text)
    assert parsed.is_nonsense
    assert parsed.readings == ()


@pytest.mark.parametrize("text", ["Kallio", "21204", "12", "00100 Helsinki", "12 Main St, tel. 040 123 4567", "PL 12"])
def test_what_may_be_a_place_is_no_nonsense(text: str) -> None:
    assert not parse_address(text).is_nonsense


def test_a_phone_number_and_an_address_for_mail_are_left_out() -> None:
    parsed = parse_address("12 Main St, Towson, jane@example.org, +1 410 555 1234")
    assert (parsed.number, parsed.street, parsed.locality) == ("12", "Main St", "Towson")


def test_a_second_parser_reads_what_rules_may_not() -> None:
    assert second_opinion.ask("5000 Main") == Reading("Main", ("5000",), is_loose=True)
    assert second_opinion.ask("Main") is None


def test_a_second_parser_is_asked_where_no_number_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "5000-A1 Main Rd"
    assert not any(reading.numbers for reading in read_line(text))
    monkeypatch.setattr(second_opinion, "ask", lambda _line: Reading("Main", ("5000",), is_loose=True))
    parsed = parse_address(text)
    assert parsed.number is None
    last = parsed.readings[-1]
    assert (last.numbers, last.street_key, last.is_loose) == (("5000",), "main", True)


def test_the_second_parser_is_not_asked_where_ours_found_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(second_opinion, "ask", asked.append)
    for text in (
        "12 Main St, Towson",
        "Mannerheimintie 5",
        "Kallio",
        "PO Box 5",
        "Main St & 5th Ave",
        "60.1699, 24.9384",
    ):
        parse_address(text)
    assert asked == []


@pytest.mark.parametrize("text", ["", "Kallio", "12", "Route 3904", "\x00 5", "a" * 300 + " 12 Main St"])
def test_the_second_parser_may_have_none(text: str) -> None:
    assert second_opinion.ask(text) is None


@pytest.mark.parametrize(
    "text",
    ["PO Box 123, Towson, MD 21204", "P.O. Box 9", "PL 12, 00100 Helsinki", "Box 4, Umea", "Post Office Box 7",
     "HC 2333 Box 85", "RR #1 Box 54, Loami IL 62661", "General Delivery, Quesnel, BC"],
)  # fmt: skip
def test_a_post_box_is_never_a_street(text: str) -> None:
    parsed = parse_address(text)
    assert parsed.is_po_box
    assert parsed.readings == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("9511 stoneoak road nottingham md 21236", "stoneoak rd"),
        ("7940   winterset ave.  PIKESVILLE md , 21208-1234", "winterset ave"),
        ("18 Park Place Drive Towson", "park place dr"),
        ("18 Park Place Drive Towson", "park pl"),
        ("12 A Main St", "main st"),
        ("12 A Main St", "a main st"),
        ("County Road 5", "county road 5"),
        ("9036 Avenue B Sparrows Point", "avenue b"),
    ],
)
def test_doubtful_lines_keep_several_readings(text: str, key: str) -> None:
    readings = parse_address(text).readings
    assert key in [reading.street_key for reading in readings]
    assert len(readings) <= MAX_READINGS


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("60.1699, 24.9384", 24.9384, 60.1699),
        ("39.401N 76.602W", -76.602, 39.401),
        ("-33.8688;151.2093", 151.2093, -33.8688),
        ("151.2093, -33.8688", 151.2093, -33.8688),
    ],
)
def test_coordinates_typed_as_text(text: str, lon: float, lat: float) -> None:
    assert parse_address(text).point == Point(lon, lat)


def test_coordinates_off_the_earth_are_no_place() -> None:
    assert parse_address("999.1234, 500.1234").point is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("21204-1234", "21204"),
        ("114 55", "11455"),
        ("FI-00100", "00100"),
        ("v5k 0a1", "V5K0A1"),
        ("30130-010", "30130010"),
    ],
)
def test_postcode_key(text: str, key: str) -> None:
    assert postcode_key(text) == key


AWKWARD = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from("0123456789 ,;-/#.\n\t\x00\u202e\u200f\u05d0\u0627\ud83c\udfe0aAsSt½PO"[:40])
    ),
    max_size=300,
)


@settings(max_examples=2_000, deadline=None)
@given(AWKWARD)
def test_no_text_raises(text: str) -> None:
    parsed = parse_address(text)
    assert len(parsed.readings) <= MAX_READINGS
    assert all(reading.street_key for reading in parsed.readings)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1 ",
        "1-",
        "st ",
        "12 main st apt 4, ",
        "# ",
        "po box ",
        "\u202e",
        "\U0001f3e0",
        "0.0001,",
        "\x00",
        "\ud800",
    ],
)
def test_a_very_long_text_is_read_at_once(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    parse_address(text)
    assert time.process_time() - started < 0.25


def test_the_same_text_is_read_the_same_way_in_any_case() -> None:
    rng = random.Random(0)  # noqa: S311 - chooses the case of letters
    text = "9511 Stoneoak Road Apt 3, Nottingham, MD 21236"
    for _ in range(50):
        other = "".join(rng.choice((c.lower(), c.upper())) for c in text)
        assert parse_address(other).readings[0].street_key == "stoneoak rd"
        assert parse_address(other).postcode == "21236"
