"""What the parser makes of suites and corpora that others wrote."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter

import pytest

from geo.geocode import parse
from geo.geocode.normalise import name_key, number_key, street_key
from geo.geocode.parse import parse_address, postcode_key

from tests.geo.geocode.suites import (
    REFERENCE,
    Labelled,
    acceptance_rows,
    baltimore_queries,
    crossings,
    labelled_parses,
    needs_reference,
)

pytestmark = needs_reference
TYPOS = {"typo1", "typo1_nozip", "typo2", "no_type", "wrong_type"}


def is_parsed(case: Labelled) -> bool:
    """Compare the first reading: key of its first number, key of its whole street (every compass word, type and name in
    order), and key of the postcode, each with the key of what the label says; all three must be equal."""
    parsed = parse_address(case.text)
    if not parsed.readings or not parsed.readings[0].numbers:
        return False
    first = parsed.readings[0]
    found = (first.numbers[0], first.street_key, parsed.postcode)
    labelled = (number_key(case.number), street_key(case.street), case.postcode and postcode_key(case.postcode))
    return found == labelled


@pytest.mark.parametrize(
    ("suite", "least"), [("usaddress_us50_test_tagged.xml.gz", 0.97), ("usaddress_labeled.xml.gz", 0.85)]
)
def test_labelled_parses(suite: str, least: float) -> None:
    cases = labelled_parses(suite)
    missed = [case.text for case in cases if not is_parsed(case)]
    assert len(cases) > 100
    assert 1 - len(missed) / len(cases) >= least, missed


def test_the_first_reading_of_every_kind_without_typo() -> None:
    count: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for query in baltimore_queries():
        parsed = parse_address(query["q"])
        kind = query["kind"]
        count[kind] += 1
        if parsed.readings:
            first = parsed.readings[0]
            wanted = (number_key(query["number"]),)
            right[kind] += first.numbers == wanted and first.street_key == street_key(query["street"])
    shares = {kind: right[kind] / count[kind] for kind in count if kind not in TYPOS}
    assert len(shares) == 10
    assert min(shares.values()) >= 0.999, shares


def test_plain_lines_from_memory_are_read_as_by_the_long_way() -> None:
    texts = [query["q"] for query in baltimore_queries()]
    pairs = [(text, parse._read_plain(text)) for text in texts]
    read = [(text, plain) for text, plain in pairs if plain is not None]
    assert len(read) > len(texts) / 2
    assert [text for text, plain in read if plain != parse._read_any(text)] == []


def test_crossings_of_a_city_in_every_spelling() -> None:
    spellings = (
        "{a} and {b}",
        "{a} & {b}",
        "{a} @ {b}",
        "{a}/{b}",
        "corner of {a} and {b}",
        "{a} x {b}, Vancouver, BC",
    )
    rows = crossings()[::20]
    for spelling in spellings:
        missed = []
        for row in rows:
            text = spelling.format(**row)
            found = [(street_key(c.first), street_key(c.second)) for c in parse_address(text).crossings]
            if (street_key(row["a"]), street_key(row["b"])) not in found:
                missed.append(text)
        assert len(missed) <= 0.01 * len(rows), missed


def expected_parts(full: str) -> tuple[str, str, str] | None:
    """Take "UNIT 170 -- 22470 Dewdney Trunk Rd, Maple Ridge, BC" apart: number, street, town."""
    line = re.sub(r",?\s*BC\s*$", "", full).rpartition(" -- ")[2]
    found = re.fullmatch(r"(?:UNIT \S+ )?(\d+[A-Z]?(?: 1/2)?) ([^,]+)(?:,\s*(.+))?", line.strip(" ,"), re.IGNORECASE)
    return (number_key(found[1]), street_key(found[2]), name_key(found[3] or "")) if found else None


def test_acceptance_cases_of_british_columbia() -> None:
    """Cases whose fault is that what was typed is wrong cannot agree before a gazetteer was asked."""
    rows = acceptance_rows()
    assert len(rows) >= 500
    numbered = streets = cases = 0
    for row in rows:
        parsed = parse_address(row["addressString"])
        assert parsed.point is None
        expected = expected_parts(row["expectedFullAddress"])
        if row["expectedMatchPrecision"] not in ("CIVIC_NUMBER", "UNIT", "BLOCK") or expected is None:
            continue
        cases += 1
        agreeing = [reading for reading in parsed.readings if expected[0] in reading.numbers]
        numbered += bool(agreeing)
        streets += any(reading.street_key == expected[1] for reading in agreeing)
    assert cases > 400
    assert numbered / cases >= 0.97
    assert streets / cases >= 0.83


def test_acceptance_cases_of_pelias_with_a_number() -> None:
    cases = matched = 0
    missed = []
    with tarfile.open(REFERENCE / "suites" / "pelias_acceptance_test_cases.tar.gz") as archive:
        names = [name for name in archive.getnames() if re.search(r"address|street|alphanumeric", name)]
        suites = [json.load(file) for name in names if (file := archive.extractfile(name))]
    for test in (test for suite in suites for test in suite["tests"]):
        asked, expected = test["in"].get("text"), test.get("expected", {}).get("properties", [{}])
        wanted = expected[0] if isinstance(expected, list) and expected and isinstance(expected[0], dict) else {}
        number, street = wanted.get("housenumber"), wanted.get("street")
        if not asked or not number or not street:
            continue
        cases += 1
        found = {(n, r.street_key) for r in parse_address(asked).readings for n in r.numbers}
        if (number_key(str(number)), street_key(street)) in found:
            matched += 1
        else:
            missed.append(asked)
    assert cases > 50
    assert matched / cases >= 0.6, missed
