"""A made-up town with the names that mislead geocoders, and a real county where its data is at hand."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.place import GeocodeResult, Point
from geo.domain.words import Decision, MatchQuality
from geo.geocode.score import metres_between
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_sources import AddressRow, SourceInfo

from tests.rights import load_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.orm import Session

SOURCE = SourceInfo("town", "Made-up town", "CC0", "nobody", "checksum")
REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference" / "geocoding"
STREET_NAMES = (
    "Eastridge Rd,Westridge Rd,113th Ave,113th Rd,113th Dr,115th Ave,North Main St,South Main St,Old Frederick Rd,"
    "Frederick Rd,Mannerheimintie,Aleksanterinkatu,Aleksanterintie,Kauppakatu,Torikatu,Hämeentie,Töölönkatu,"
    "Södra vägen,Storgatan,Kyrkogatan,Drottninggatan,Stoneoak Rd,Kerrigan Ct,Winterset Ave,Saint Paul St,"
    "Mount Carmel Rd,Chestnut Hill Rd,Buckingham Way,Liisankatu,Runeberginkatu,Fredrikinkatu,Bulevardi,Harborview Dr,"
    "Whispering Oak Ct,Greencroft Ln,Pohjoinen Rautatiekatu,Eteläinen Rautatiekatu,Merimiehenkatu,Tehtaankatu,"
    "Charles Street Ave"
)
ABSENT_NAMES = (
    "Northridge Rd,Eastbridge Rd,114th Ave,113th Ln,West Main St,New Frederick Rd,Aleksanterinpolku,Kirkkokatu,"
    "Hallituskatu,Norra vägen,Långgatan,Stonebrook Rd,Corrigan Ct,Wintergreen Ave,Saint Peter St,Mount Zion Rd,"
    "Walnut Hill Rd,Birmingham Way,Annankatu,Tehtaantie,Harborside Dr,Graycroft Ln,Läntinen Rautatiekatu"
)
STREETS, ABSENT = STREET_NAMES.split(","), ABSENT_NAMES.split(",")


@dataclass(frozen=True)
class House:
    street: str
    number: str
    point: Point
    postcode: str
    town: str

    def written(self, street: str | None = None, postcode: str | None = None, unit: str = "") -> str:
        english = self.street.split()[-1] in ("Rd", "Ave", "Dr", "St", "Ct", "Way", "Ln")
        line = [self.number, street or self.street] if english else [street or self.street, self.number]
        return f"{' '.join(line)}{unit}, {postcode or self.postcode} {self.town}"


def build_town() -> list[House]:
    """Parallel streets 80 m apart, a house every 20 m, two postcodes."""
    houses = []
    for row, street in enumerate(STREETS):
        for n in range(1, 61):
            postcode = "00100" if n <= 30 else "00200"
            point = Point(24.90 + n * 0.00036, 60.16 + row * 0.00072)
            houses.append(House(street, str(n), point, postcode, "Helsinki"))
    return houses


TOWN = build_town()


@pytest.fixture
def geocoder(session: Session) -> LocalGeocoder:
    rows = (AddressRow(h.street, h.number, h.point, h.postcode, h.town) for h in TOWN)
    load_source(session, SOURCE, addresses=rows)
    return LocalGeocoder(session)


def slip(word: str, rng: random.Random) -> str:
    """Make one slip of the hand inside a name: a letter lost, doubled, changed or swapped."""
    spots = [n for n in range(1, len(word) - 1) if word[n].isalpha() and word[n + 1].isalpha()]
    at = rng.choice(spots)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + rng.choice("abdefghiklmnoprstu") + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def misspelt(house: House, rng: random.Random) -> str:
    words = house.street.split()
    longest = max(range(len(words)), key=lambda n: len(words[n]))
    words[longest] = slip(words[longest], rng)
    return house.written(" ".join(words))


def is_right(house: House, result: GeocodeResult) -> bool:
    return result.best is not None and metres_between(result.best.point, house.point) < 5


def is_wrong_accept(house: House, result: GeocodeResult) -> bool:
    return result.decision is Decision.ACCEPT and not is_right(house, result)


def test_every_clean_address_goes_to_its_own_point(geocoder: LocalGeocoder) -> None:
    results = geocoder.geocode_many([house.written() for house in TOWN])
    assert all(result.decision is Decision.ACCEPT for result in results)
    assert all(is_right(house, result) for house, result in zip(TOWN, results, strict=True))


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda t: t.replace(",", ""), lambda t: f"  {t}  "])
def test_how_it_is_written_does_not_matter(geocoder: LocalGeocoder, change: Callable[[str], str]) -> None:
    some = TOWN[::7]
    results = geocoder.geocode_many([change(house.written()) for house in some])
    assert all(is_right(house, result) for house, result in zip(some, results, strict=True))
    assert all(result.decision is Decision.ACCEPT for result in results)


def test_one_slip_finds_the_house_and_never_accepts_another(geocoder: LocalGeocoder) -> None:
    rng = random.Random(0)  # noqa: S311 - makes typing slips
    lettered = [house for house in TOWN if not house.street[0].isdigit()]
    results = geocoder.geocode_many([misspelt(house, rng) for house in lettered])
    right = sum(is_right(house, result) for house, result in zip(lettered, results, strict=True))
    assert right / len(lettered) >= 0.97
    assert not any(is_wrong_accept(house, result) for house, result in zip(lettered, results, strict=True))


def test_an_absent_street_is_never_accepted(geocoder: LocalGeocoder) -> None:
    houses = [House(street, str(n), Point(0.5, 0.5), "00100", "Helsinki") for street in ABSENT for n in range(1, 31)]
    results = geocoder.geocode_many([house.written() for house in houses])
    assert [h.written() for h, r in zip(houses, results, strict=True) if r.decision is Decision.ACCEPT] == []


def test_an_absent_number_is_never_a_rooftop(session: Session) -> None:
    kept = [house for house in TOWN if int(house.number) % 10 not in (4, 5)]
    gone = [house for house in TOWN if int(house.number) % 10 in (4, 5)]
    load_source(session, SOURCE, addresses=(AddressRow(h.street, h.number, h.point, h.postcode) for h in kept))
    results = LocalGeocoder(session).geocode_many([house.written() for house in gone])
    assert MatchQuality.ROOFTOP not in {result.best.match_quality for result in results if result.best}
    accepted = [(h, r.best) for h, r in zip(gone, results, strict=True) if r.decision is Decision.ACCEPT and r.best]
    assert accepted
    assert {b.match_quality for _, b in accepted} == {MatchQuality.INTERPOLATED}
    assert all(metres_between(b.point, h.point) <= b.uncertainty_m for h, b in accepted)


def test_a_number_beyond_the_end_of_the_street_waits_for_a_person(geocoder: LocalGeocoder) -> None:
    results = geocoder.geocode_many([House(s, "99", Point(1, 1), "00100", "Helsinki").written() for s in STREETS])
    assert {result.decision for result in results} == {Decision.REVIEW}
    assert {result.best.match_quality for result in results if result.best} == {MatchQuality.STREET}


@pytest.mark.parametrize("unit", [" Apt 4", " #12", " as 7", " Suite 3B"])
def test_a_unit_changes_nothing(geocoder: LocalGeocoder, unit: str) -> None:
    some = TOWN[::11]
    results = geocoder.geocode_many([house.written(unit=unit) for house in some])
    assert all(is_right(house, result) for house, result in zip(some, results, strict=True))
    assert all(result.decision is Decision.ACCEPT for result in results)


def test_a_wrong_postcode_waits_for_a_person(geocoder: LocalGeocoder) -> None:
    some = TOWN[::11]
    results = geocoder.geocode_many([house.written(postcode="00990") for house in some])
    assert {result.decision for result in results} == {Decision.REVIEW}
    assert all(is_right(house, result) for house, result in zip(some, results, strict=True))


# -- Baltimore County --------------------------------------------------------------------------------------

needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference corpora are not on this machine")
Row = dict[str, str]


def read_queries(name: str) -> dict[str, list[dict[str, Any]]]:
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(REFERENCE / "queries" / f"{name}.json.gz", "rt") as file:
        for query in json.load(file):
            by_kind[query["kind"]].append(query)
    return by_kind


def read_corpus() -> Iterator[Row]:
    with gzip.open(REFERENCE / "corpora" / "baltimore_county_md_addresspoints.csv.gz", "rt") as file:
        yield from (row for row in csv.DictReader(file) if row["name"] and row["number"] not in ("", "0"))


def street_of(row: Row) -> tuple[str, ...]:
    return tuple(row[part] for part in ("predir", "name", "type", "sufdir"))


def address_row(row: Row) -> AddressRow:
    parts = ("premod", "predir", "pretype", "name", "type", "sufdir", "postmod")
    street = " ".join(row[part] for part in parts if row[part])
    point = Point(float(row["lon"]), float(row["lat"]))
    return AddressRow(street, row["number"] + row["numsuff"].strip(), point, row["zip"] or None, row["city_postal"])


def load_county(session: Session, rows: Iterable[Row]) -> LocalGeocoder:
    load_source(session, SOURCE, addresses=map(address_row, rows))
    return LocalGeocoder(session)


def off_m(query: dict[str, Any], result: GeocodeResult) -> float:
    if result.best is None:
        return float("inf")
    return metres_between(result.best.point, Point(query["lon"], query["lat"]))


@needs_reference
@pytest.mark.slow
def test_a_real_county(session: Session) -> None:
    geocoder = load_county(session, read_corpus())
    kinds = read_queries("balt_queries")
    least = {"clean_abbr": 1.0, "unit": 0.999, "typo1": 0.99, "typo2": 0.9, "lower_nocomma": 0.999, "messy": 0.999}
    for kind, share in least.items():
        queries = kinds[kind][::4]
        results = geocoder.geocode_many([query["q"] for query in queries])
        off = [off_m(query, result) for query, result in zip(queries, results, strict=True)]
        assert sum(metres <= 60 for metres in off) / len(off) >= share, kind
        accepted = zip(off, results, strict=True)
        assert not [metres for metres, r in accepted if r.decision is Decision.ACCEPT and metres > 60], kind


@needs_reference
@pytest.mark.slow
def test_absent_streets_of_a_real_county(session: Session) -> None:
    queries = read_queries("b2_negstreet")["negstreet"]
    ids = {query["id"].removeprefix("b") for query in queries}
    gone = {street_of(row) for row in read_corpus() if row["id"] in ids}
    geocoder = load_county(session, (row for row in read_corpus() if street_of(row) not in gone))
    results = geocoder.geocode_many([query["q"] for query in queries])
    assert sum(result.decision is Decision.ACCEPT for result in results) == 0
