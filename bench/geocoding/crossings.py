"""Vancouver: 7,000 crossings in every spelling, and 3,900 named places."""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import shapely

from geo.crs import metric_crs
from geo.domain.place import Point

from bench.geocoding import slips
from bench.geocoding.county import apart_m
from bench.geocoding.exam import Exam, Goal, Query
from bench.geocoding.gazetteer import AddressRow, PlaceRow, Rows
from data.loaders.osm.extract import Feature
from data.loaders.osm.streets import is_street, read_streets
from data.loaders.report import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bench.geocoding.gazetteer import StreetRow

SEED: Final = 5
ASKED: Final = 400
FAR_M: Final = 60.0
_FORMS: Final = {
    "and": "{a} and {b}, Vancouver",
    "ampersand": "{a} & {b}, Vancouver",
    "at_sign": "{a} @ {b}",
    "slash": "{a}/{b}, Vancouver",
    "slash_spaced": "{a} / {b}",
    "corner_of": "corner of {a} and {b}, Vancouver",
    "swapped": "{b} and {a}, Vancouver, BC",
    "at": "{a} at {b}",
    "near_corner": "NE corner of {a} & {b}",
    "intersection_of": "intersection of {a} and {b}",
    "x": "{a} x {b}",
}
_SHORT: Final = {
    "street": "St", "avenue": "Ave", "drive": "Dr", "road": "Rd", "boulevard": "Blvd", "place": "Pl", "court": "Ct",
    "crescent": "Cres", "lane": "Ln", "highway": "Hwy", "parkway": "Pkwy", "terrace": "Terr", "square": "Sq",
    "west": "W", "east": "E", "north": "N", "south": "S",
}  # fmt: skip
_TYPES: Final = frozenset(_SHORT) - {"west", "east", "north", "south"} | {"way", "mews", "walk", "close", "alley"}
_SPARED: Final = frozenset(_SHORT) | _TYPES | {"and", "vancouver"}
Pair = tuple[str, str]


@cache
def _read(reference: Path, name: str) -> tuple[dict[str, str], ...]:
    path = reference / "geocoding" / "corpora" / f"vancouver_{name}.csv.gz"
    # the limit is the whole process's, and whoever reads tables of strangers relies on it
    before = csv.field_size_limit(1 << 24)
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return tuple(csv.DictReader(file))
    finally:
        csv.field_size_limit(before)


def _point(row: Mapping[str, Any]) -> Point:
    return Point(float(row["lon"]), float(row["lat"]))


def streets(reference: Path) -> list[StreetRow]:
    """Put the named ways together into streets, as the importer of OpenStreetMap does."""
    features = [
        Feature(row["osm"], {"name": row["name"], "highway": row["highway"]}, shapely.from_wkt(row["wkt"]))
        for row in _read(reference, "way")
        if row["wkt"]
    ]
    lines = [feature for feature in features if is_street(feature)]
    west, south, east, north = shapely.total_bounds([feature.geometry for feature in lines]).tolist()
    return read_streets(lines, Layer(), crs=metric_crs([west, east], [south, north]), aliases={}, localities={})


def load_city(reference: Path) -> Rows:
    """Give all of Vancouver: addresses, streets with their lines, places."""
    addresses = (
        AddressRow(row["street"], row["number"], _point(row), row["postcode"] or None, row["city"] or "Vancouver")
        for row in _read(reference, "addr")
        if row["street"] and row["number"]
    )
    places = (PlaceRow(row["name"], row["kind"], _point(row)) for row in _read(reference, "poi"))
    return Rows(addresses=addresses, streets=streets(reference), places=places)


def _crossings(reference: Path) -> dict[Pair, list[Point]]:
    known = {row.name for row in streets(reference)}
    found: dict[Pair, list[Point]] = defaultdict(list)
    for row in _read(reference, "xing"):
        if row["a"] in known and row["b"] in known and row["a"] != row["b"]:
            found[row["a"], row["b"]].append(_point(row))
    return found


def crossings(reference: Path) -> Exam:
    """Ask for crossings in every spelling, without types, and with one slip of the hand."""
    found = _crossings(reference)
    rng = random.Random(SEED)
    bare: dict[frozenset[str], list[Point]] = defaultdict(list)
    for pair, points in found.items():
        bare[frozenset(map(without_type, pair))] += points
    queries: list[Query] = []
    for pair in rng.sample(sorted(found), ASKED):
        queries += _ways(pair, tuple(found[pair]), bare, rng)
    with_types = (*_FORMS, "short_types", "upper")
    return Exam(
        "crossings",
        lambda: load_city(reference),
        queries,
        (
            Goal("crossings with types, every spelling", with_types, "near", 99.0),
            *(Goal(f"crossings, {kind}", (kind,), "near", 99.0) for kind in with_types),
            Goal("crossings, one typo in a name", ("typo_name",), "near", 95.0),
            Goal("crossings, one typo in any word", ("typo_any",), "near", 95.0),
            Goal("wrong among accepted, all kinds", (), "wrong", 0.0, at_least=False),
            Goal("accepted as a street or coarser", (), "coarse", 0.0, at_least=False),
        ),
        ("where a pair meets more than once, over 60 m apart, each point is right and none may be accepted",),
    )


def _ways(
    pair: Pair, points: tuple[Point, ...], bare: Mapping[frozenset[str], list[Point]], rng: random.Random
) -> Iterator[Query]:
    a, b = pair
    one = _together(points)
    for kind, form in _FORMS.items():
        yield Query(kind, form.format(a=a, b=b), points, decidable=one)
    yield Query("short_types", f"{shorten(a)} & {shorten(b)}, Vancouver", points, decidable=one)
    yield Query("upper", f"{a} & {b}".upper(), points, decidable=one)
    names = without_type(a), without_type(b)
    if all(names):
        # any crossing that goes by these names is right, and none may be accepted when there are several
        same = tuple(bare[frozenset(names)])
        yield Query("no_types", f"{names[0]} and {names[1]}, Vancouver", same, decidable=_together(same))
    text = f"{a} and {b}"
    slipped = slips.typo(text, rng, spared=_SPARED)
    if slipped != text:
        yield Query("typo_name", slipped, points, decidable=one)
    yield Query("typo_any", slips.typo(text, rng, spared=frozenset({"and"})), points, decidable=one)


def _together(points: tuple[Point, ...]) -> bool:
    return all(apart_m(points[0], point) <= FAR_M for point in points)


def shorten(street: str) -> str:
    """Abbreviate the types and directions of a name."""
    return " ".join(_SHORT.get(word.lower(), word) for word in street.split())


def without_type(street: str) -> str:
    """Leave the type of a name out."""
    return " ".join(word for word in street.split() if word.lower() not in _TYPES)


def places(reference: Path) -> Exam:
    """Ask for places by name: exact, with slips, with words missing or turned around."""
    named: dict[str, list[Point]] = defaultdict(list)
    for row in _read(reference, "poi"):
        named[row["name"]].append(_point(row))
    rng = random.Random(SEED)
    fitting = sorted(name for name in named if sum(c.isalpha() for c in name) >= 6)
    queries: list[Query] = []
    for name in rng.sample(fitting, ASKED):
        queries += _namings(name, tuple(named[name]), rng)
    return Exam(
        "places",
        lambda: load_city(reference),
        queries,
        (
            Goal("places, exact", ("exact", "upper"), "near", 95.0),
            Goal("places, one typo", ("typo1",), "near", 95.0),
            Goal("wrong among accepted, all kinds", (), "wrong", 0.0, at_least=False),
        ),
    )


def _namings(name: str, points: tuple[Point, ...], rng: random.Random) -> Iterator[Query]:
    one = _together(points)
    yield Query("exact", name, points, decidable=one)
    yield Query("upper", f"{name.upper()}, VANCOUVER", points, decidable=one)
    once = slips.typo(name, rng)
    if once != name:
        yield Query("typo1", once, points, decidable=one)
        yield Query("typo2", slips.typo(once, rng), points, decidable=one)
    words = name.split()
    if len(words) > 2:
        yield Query("word_dropped", " ".join(words[:-1]), points, decidable=False)
        yield Query("words_turned", " ".join((*words[1:], words[0])), points, decidable=one)
    yield Query("behind", f"behind {name}", points, decidable=False)


EXAMS: Final = {"crossings": crossings, "places": places}
