"""Baltimore County: 96,000 real doors, 15 ways to write one, streets that are absent and houses that are."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.crs import geodesic_m
from geo.domain.place import Point

from bench.geocoding.exam import Exam, Goal, Query
from bench.geocoding.gazetteer import AddressRow, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

REFERENCE: Final = Path(__file__).parents[3] / "shared" / "reference"
"""Where the reference data lies, beside the checkout, on machines that have it."""
FAR_M: Final = 60.0
_PARTS: Final = ("premod", "predir", "pretype", "name", "type", "sufdir", "postmod")
_WELL_WRITTEN: Final = ("clean_abbr", "full_words", "lower_nocomma", "messy")
_TYPO: Final = ("typo1", "typo1_nozip")


@dataclass(frozen=True, slots=True)
class House:
    """One row of the county's file."""

    id: str
    number: str
    street: str
    key: tuple[str, ...]
    town: str
    postcode: str
    point: Point

    @property
    def label(self) -> tuple[str, str, str, str]:
        """All that a text can say of it."""
        return (self.number, self.street, self.postcode, self.town)


@cache
def houses(reference: Path) -> tuple[House, ...]:
    """Read the county's address points that have a street and a number."""
    path = reference / "geocoding" / "corpora" / "baltimore_county_md_addresspoints.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return tuple(_house(row) for row in csv.DictReader(file) if row["name"] and row["number"] not in ("", "0"))


def _house(row: dict[str, str]) -> House:
    return House(
        row["id"],
        row["number"] + row["numsuff"].strip(),
        " ".join(row[part] for part in _PARTS if row[part]),
        tuple(row[part] for part in ("predir", "name", "type", "sufdir")),
        row["city_postal"],
        row["zip"],
        Point(float(row["lon"]), float(row["lat"])),
    )


def address_rows(found: Iterable[House]) -> Iterable[AddressRow]:
    """Write houses as the gazetteer takes them."""
    return (AddressRow(h.street, h.number, h.point, h.postcode or None, h.town or None) for h in found)


def twins_of(found: Iterable[House]) -> dict[str, tuple[Point, ...]]:
    """List for each house, by its id, the points over 60 m away that carry the same label, postcode and town."""
    groups: dict[tuple[str, ...], list[House]] = defaultdict(list)
    for house in found:
        groups[house.label].append(house)
    twins: dict[str, tuple[Point, ...]] = {}
    for group in groups.values():
        for house in group if len(group) > 1 else ():
            if far := tuple(o.point for o in group if apart_m(house.point, o.point) > FAR_M):
                twins[house.id] = far
    return twins


def apart_m(one: Point, other: Point) -> float:
    """Measure between two points, in metres."""
    return float(geodesic_m(one.lon, one.lat, other.lon, other.lat))


def _read(reference: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(reference / "geocoding" / "queries" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        queries: list[dict[str, Any]] = json.load(file)
    return queries


def _queries(reference: Path, name: str, twins: dict[str, tuple[Point, ...]], *, absent: bool = False) -> list[Query]:
    return [
        Query(
            q["kind"],
            q["q"],
            () if absent else (Point(q["lon"], q["lat"]),),
            () if absent else twins.get(q["id"].removeprefix("b"), ()),
        )
        for q in _read(reference, name)
    ]


def _ids(reference: Path, name: str) -> set[str]:
    return {q["id"].removeprefix("b") for q in _read(reference, name)}


def all_kinds(reference: Path) -> Exam:
    """Ask for 1,000 houses in 15 ways each, with the whole county loaded."""
    county = houses(reference)
    return Exam(
        "balt",
        lambda: Rows(addresses=address_rows(county)),
        _queries(reference, "balt_queries", twins_of(county)),
        (
            Goal("top-1 within 60 m, all kinds", (), "near", 99.6),
            Goal("top-1 within 60 m, clean", _WELL_WRITTEN, "near", 99.9),
            Goal("top-1 within 60 m, one typo", _TYPO, "near", 99.6),
            Goal("top-1 within 60 m, two typos", ("typo2",), "near", 96.0),
            Goal("top-1 within 60 m, with a unit", ("unit",), "near", 99.9),
            Goal("top-1 within 60 m, wrong type", ("wrong_type",), "near", 99.5),
            Goal("accepted, clean", _WELL_WRITTEN, "accepted", 99.5),
            Goal("accepted, one typo", _TYPO, "accepted", 92.0),
            Goal("wrong among accepted clean and one typo", (*_WELL_WRITTEN, *_TYPO), "wrong", 0.0, at_least=False),
        ),
    )


def absent_streets(reference: Path) -> Exam:
    """Ask for houses on streets that are not there: whatever is accepted is wrong."""
    county = houses(reference)
    ids = _ids(reference, "b2_negstreet")
    gone = {house.key for house in county if house.id in ids}
    return Exam(
        "neg",
        lambda: Rows(addresses=address_rows(h for h in county if h.key not in gone)),
        _queries(reference, "b2_negstreet", {}, absent=True),
        (Goal("wrong auto-accepts, street absent, % of all", (), "wrong_share", 0.1, at_least=False),),
    )


def absent_houses(reference: Path) -> Exam:
    """Ask for houses that are not there on streets that are: only an interpolated point may be accepted."""
    county = houses(reference)
    ids = _ids(reference, "b2_missing_house")
    left = [house for house in county if house.id not in ids]
    by_label: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for house in left:
        by_label[house.label].append(house.point)
    gone = {house.id: house for house in county if house.id in ids}
    twins = {id_: tuple(by_label[house.label]) for id_, house in gone.items() if house.label in by_label}
    return Exam(
        "house",
        lambda: Rows(addresses=address_rows(left)),
        _queries(reference, "b2_missing_house", twins),
        (
            Goal("auto-accepts over 100 m off, house absent, % of all", (), "over_100_share", 0.5, at_least=False),
            Goal("interpolated, median error m", (), "interpolated_median_m", 7.0, at_least=False),
        ),
        (f"{len(twins)} of the removed houses have another row of the very same label, which stays loaded",),
    )


EXAMS: Final = {"balt": all_kinds, "neg": absent_streets, "house": absent_houses}
