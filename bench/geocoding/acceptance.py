"""The acceptance cases of British Columbia's geocoder: what precision and which faults others expect of an address.

Their data is not at hand, so the gazetteer is made from the expected addresses themselves, at made-up points. What
hangs on data or rules of the whole province does not apply here and is listed by reason.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import shapely

from geo.domain.place import Point
from geo.domain.words import MatchQuality

from bench.geocoding.county import apart_m
from bench.geocoding.exam import Exam, Expected, Goal, Query
from bench.geocoding.gazetteer import AddressRow, PlaceRow, Rows, StreetRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_DOOR: Final = frozenset({MatchQuality.ROOFTOP.value, MatchQuality.PARCEL.value})
QUALITIES: Final[Mapping[str, frozenset[str]]] = {
    "CIVIC_NUMBER": _DOOR,
    "UNIT": _DOOR,
    "BLOCK": frozenset({MatchQuality.INTERPOLATED.value}),
    "STREET": frozenset({MatchQuality.STREET.value}),
    "INTERSECTION": frozenset({MatchQuality.INTERSECTION.value}),
    "LOCALITY": frozenset({MatchQuality.LOCALITY.value, MatchQuality.PLACE.value}),
}
"""Their precision, and what stands for it here; units are not places here, so a unit is its house."""
FAULTS: Final[Mapping[str, frozenset[str]]] = {
    "STREET_NAME.spelledWrong": frozenset({"street.misspelt", "street.unsafe_spelling", "street.spacing"}),
    "STREET_NAME.partialMatch": frozenset({"street.word_missing"}),
    "STREET_TYPE.missing": frozenset({"type.missing"}),
    "STREET_TYPE.notMatched": frozenset({"type.conflict"}),
    "STREET_DIRECTION.missing": frozenset({"compass.missing"}),
    "STREET_DIRECTION.notMatched": frozenset({"compass.conflict"}),
    "LOCALITY.spelledWrong": frozenset({"locality.misspelt"}),
    "LOCALITY.isAlias": frozenset({"locality.other_name", "locality.conflict"}),
    "LOCALITY.notMatched": frozenset({"locality.conflict"}),
    "CIVIC_NUMBER.notInAnyBlock": frozenset({"number.missing"}),
    "CIVIC_NUMBER_SUFFIX.notMatched": frozenset({"number.suffix", "number.interpolated"}),
}
"""Their faults, and the names that stand for them here; no other names of localities are loaded: they are conflicts."""
UNNAMED: Final[Mapping[str, str]] = {
    "STREET_TYPE.duplicated": "a word written twice is no fault here",
    "STREET_TYPE.notSuffix": "no fault there either: its penalty is 0",
    "STREET_TYPE.notPrefix": "no fault there either: its penalty is 0",
    "STREET_DIRECTION.notSuffix": "no fault there either: its penalty is 0",
    "STREET_DIRECTION.notPrefix": "no fault there either: its penalty is 0",
    "STREET_DIRECTION.notMatchedInHighway": "no fault there either: its penalty is 0",
    "LOCALITY.duplicated": "a word written twice is no fault here",
    "LOCALITY.missing": "a locality may be left out where the address is the only one",
    "PROVINCE": "a network serves one province",
    "UNIT_DESIGNATOR": "units are read and kept, and never matched",
    "UNIT_NUMBER": "units are read and kept, and never matched",
    "SITE_NAME": "names of buildings before an address are words that are not needed",
    "FRONT_GATE": "the sign between a building and its address is not needed",
    "POSTAL": "boxes and routes are read and left out",
    "MAX_RESULTS": "a list of candidates is always five long",
}
"""Their faults that have no name here, and why."""
_CASES: Final[Mapping[str, str]] = {
    "00039": "looks for a unit inside the house number, by the ranges of the province",
    "00059": "prefers the town to the only such address, which is in another",
    "00117": "a crossing of more than two streets",
    "00126": "a crossing of more than two streets",
    "00129": "answers with another street elsewhere in the province",
    "00140": "answers with another street elsewhere in the province",
    "00113": "the expected address is the whole province",
    "00455": "answers with a street in another town",
    "00460": "prefers the town to a street that is misspelt or elsewhere",
    "00461": "answers with a street in another town",
    "00462": "a reserve, known by its own list",
    "00463": "a reserve, known by its own list",
    "00477": "expects the street of a data set that lacks the house",
    "00499": "knows other names of a highway by its own list",
}
_CIVIC: Final = re.compile(r"(?:.*-- )?(?P<number>\d+[A-Za-z]?(?: \d/\d)?) (?P<street>[^,]+), *(?P<town>[^,]+), *BC")
_UNFILLED: Final = re.compile("Mistake|Abbreviat|Special|Compound|Glued|Split|Hopping|AndCivicNumberSwapped|Crazy")
"""Groups of cases in which a mistake is made and no fault filled in, so that more faults than theirs are no error."""
_STREET: Final = re.compile(r"(?P<street>[^,]+), (?P<town>[^,]+), *BC")
_TOWN: Final = re.compile(r"(?P<town>[^,]+?),? *BC")
Address = tuple[str, str, str]
_WEST, _SOUTH = -127.0, 49.0
_STEP, _STREET_STEP, _NUMBER_STEP = 0.2, 0.004, 0.00001
_APART: Final = 20
_HALF = 0.002


@dataclass(slots=True)
class Province:
    """A made-up province: towns on a grid, streets one above the other, houses along them by their number."""

    towns: dict[str, int] = field(default_factory=dict)
    streets: dict[tuple[str, str], list[shapely.LineString]] = field(default_factory=dict)
    doors: dict[tuple[str, str, str], Point] = field(default_factory=dict)
    crossed: Counter[str] = field(default_factory=Counter)

    def town(self, name: str) -> Point:
        """Give the middle of a town."""
        at = self.towns.setdefault(name, len(self.towns))
        return Point(round(_WEST + at % _APART * _STEP, 6), round(_SOUTH + at // _APART * _STEP, 6))

    def street(self, name: str, town: str) -> Point:
        """Give the west end of a street, made when it is new."""
        key = (name, town)
        middle = self.town(town)
        row = list(self.streets).index(key) if key in self.streets else len(self.streets)
        north = middle.lat + 0.01 + row % 40 * _STREET_STEP
        if key not in self.streets:
            self.streets[key] = [shapely.LineString([(middle.lon, north), (middle.lon + 0.1, north)])]
        return Point(middle.lon, round(north, 6))

    def middle_of(self, name: str, town: str) -> Point:
        """Give the middle of a street."""
        west = self.street(name, town)
        return Point(round(west.lon + 0.05, 6), west.lat)

    def place_of(self, number: str, street: str, town: str) -> Point:
        """Give the place of a house along its street."""
        west = self.street(street, town)
        digits = int(re.match(r"\d+", number)[0])  # type: ignore[index]
        return Point(round(west.lon + digits % 10_000 * _NUMBER_STEP, 6), west.lat)

    def door(self, number: str, street: str, town: str) -> Point:
        """Build a house."""
        return self.doors.setdefault((number, street, town), self.place_of(number, street, town))

    def crossing(self, one: str, other: str, town: str) -> Point:
        """Let two streets meet, somewhere of their own."""
        middle = self.town(town)
        self.crossed[town] += 1
        x, y = middle.lon - 0.01 * self.crossed[town], middle.lat - 0.01
        self.streets.setdefault((one, town), []).append(shapely.LineString([(x - _HALF, y), (x + _HALF, y)]))
        self.streets.setdefault((other, town), []).append(shapely.LineString([(x, y - _HALF), (x, y + _HALF)]))
        return Point(x, y)

    def rows(self) -> Rows:
        """Give all of it as a gazetteer."""
        return Rows(
            addresses=[
                AddressRow(street, number, point, None, town) for (number, street, town), point in self.doors.items()
            ],
            streets=[
                StreetRow(name, shapely.MultiLineString(lines), _metres(lines), town)
                for (name, town), lines in self.streets.items()
            ],
            places=[PlaceRow(name, "place=town", self.town(name)) for name in self.towns],
        )


def _metres(lines: Iterable[shapely.LineString]) -> float:
    ends = [(Point(*line.coords[0]), Point(*line.coords[-1])) for line in lines]
    return round(sum(apart_m(a, b) for a, b in ends), 1)


def acceptance(reference: Path) -> Exam:
    """Read the cases; those that apply are asked, the others counted by reason."""
    with (reference / "geocoding" / "suites" / "bcgov_ols_atp_addresses.csv").open(
        encoding="utf-8-sig", newline=""
    ) as f:
        cases = list(csv.DictReader(f))
    province = Province()
    left_out: dict[str, list[str]] = defaultdict(list)
    queries = []
    blocks: list[Address] = []
    both = _both_there_and_not(cases)
    for case in cases:
        reason = why_not(case) or ("a gap that another case expects to be a house" if case["yourId"] in both else None)
        query = None if reason else _query(case, province, blocks)
        if query is None:
            left_out[reason or "the expected address cannot be read"].append(case["yourId"].partition("-")[0])
        else:
            queries.append(query)
    _build_neighbours(province, blocks)
    return Exam(
        "bcgov",
        province.rows,
        queries,
        (Goal("quality and faults as expected, %", (), "reproduced", 100.0),),
        [f"left out, {reason}: {len(ids)} ({', '.join(ids)})" for reason, ids in left_out.items()],
    )


def _both_there_and_not(cases: Iterable[Mapping[str, str]]) -> set[str]:
    """Give the cases of gaps that other cases expect to be houses."""
    there = {
        address
        for case in cases
        if case["expectedMatchPrecision"] in ("CIVIC_NUMBER", "UNIT")
        and (address := _civic(case["expectedFullAddress"]))
    }
    gaps = [case for case in cases if case["expectedMatchPrecision"] == "BLOCK"]
    return {case["yourId"] for case in gaps if _civic(case["expectedFullAddress"]) in there}


def why_not(case: Mapping[str, str]) -> str | None:
    """Say why a case does not apply here, or nothing if it does."""
    if case["expectedMatchPrecision"] not in QUALITIES:
        return f"precision {case['expectedMatchPrecision']} is not modelled"
    if case["status"] != "R":
        return "not answered so by their own geocoder (status F or U)"
    return _CASES.get(case["yourId"].partition("-")[0])


def _query(case: Mapping[str, str], province: Province, blocks: list[Address]) -> Query | None:
    precision, text = case["expectedMatchPrecision"], case["expectedFullAddress"].strip()
    point = _truth(precision, text, province, blocks)
    if point is None:
        return None
    faults = tuple(names for fault in _faults(case["expectedFaults"]) if (names := FAULTS.get(fault)))
    watched = frozenset().union(*FAULTS.values())
    if precision == "BLOCK":
        # there the house is missing by intention, and every interpolated house says so
        watched -= {"number.interpolated", "number.suffix"}
    if precision == "STREET":
        # a house that is not there is answered by its street, and that is said
        watched -= {"number.missing"}
    if not faults and _UNFILLED.search(case["yourId"]):
        watched = frozenset()
    return Query(precision, case["addressString"], (point,), expected=Expected(QUALITIES[precision], faults, watched))


def _faults(text: str) -> list[str]:
    names: list[str] = re.findall(r"[A-Z_a-z]+\.[A-Za-z_]+", text)
    return [name.replace("STREET_Name", "STREET_NAME") for name in names]


def _truth(precision: str, text: str, province: Province, blocks: list[Address]) -> Point | None:
    if precision == "LOCALITY":
        found = _TOWN.fullmatch(text)
        return province.town(found["town"]) if found else None
    if precision == "STREET":
        found = _STREET.fullmatch(text)
        return province.middle_of(found["street"], found["town"]) if found else None
    if precision == "INTERSECTION":
        found = _STREET.fullmatch(text)
        streets = found["street"].split(" and ") if found else []
        # of three streets that meet, the case names the first and the last
        return province.crossing(streets[0], streets[-1], found["town"]) if found and len(streets) > 1 else None
    address = _civic(text)
    if address is None:
        return None
    if precision == "BLOCK":
        blocks.append(address)
        return province.place_of(*address)
    return province.door(*address)


def _civic(text: str) -> Address | None:
    found = _CIVIC.fullmatch(text.strip())
    return (found["number"], found["street"].strip(), found["town"].strip()) if found else None


def _build_neighbours(province: Province, blocks: Iterable[Address]) -> None:
    gone = set(blocks)
    for number, street, town in gone:
        digits = int(re.match(r"\d+", number)[0])  # type: ignore[index]
        for near in (digits - 4, digits + 4):
            if (str(near), street, town) not in gone and near > 0:
                province.door(str(near), street, town)


EXAMS: Final = {"bcgov": acceptance}
