"""A made-up city like Queens: 210 parallel numbered avenues, roads and drives 80 m apart, hyphenated house numbers."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.domain.place import Point

from bench.geocoding.exam import Exam, Goal, Query
from bench.geocoding.gazetteer import AddressRow, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SEED: Final = 11
ASKED: Final = 400
_WEST, _SOUTH = -73.78, 40.66
_LAT_M, _LON_M = 1 / 111_000, 1 / 84_400
_ROWS = [(number, kind) for number in range(80, 150) for kind in ("Ave", "Rd", "Dr")]
_COLUMNS = [(number, kind) for number in range(205, 217) for kind in ("St", "Pl")]
_ROW_M, _COLUMN_M = 80.0, 110.0
_LONG: Final = {
    "Ave": "Avenue",
    "Rd": "Road",
    "Dr": "Drive",
    "St": "Street",
    "Pl": "Place",
    "Ln": "Lane",
    "Ct": "Court",
}
_TOWNS: Final = (("Queens Village", "11429"), ("Hollis", "11423"), ("Bellerose", "11426"), ("Cambria Heights", "11411"))
_GONE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Door:
    """One house of the grid."""

    block: int
    house: int
    number: int
    kind: str
    town: str
    postcode: str
    point: Point

    def written(self, *, joint: str = "-", kind: str | None = None, unit: str = "", ordinal: bool = True) -> str:
        """Write it as a letter would, or with another joint, type or unit."""
        name = f"{self.number}{_ending(self.number)}" if ordinal else f"{self.number}"
        line = f"{self.block}{joint}{self.house:02d} {name} {kind if kind is not None else self.kind}".strip()
        return f"{line}{unit}, {self.town}, NY {self.postcode}"


def _ending(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def build() -> list[Door]:
    """Build the city: four houses on either side of each block of a row, two on either side of each of a column."""
    return [*_along_rows(), *_along_columns()]


def _along_rows() -> Iterator[Door]:
    for row, (number, kind) in enumerate(_ROWS):
        for column, (block, crossing) in enumerate(_COLUMNS):
            for step in range(8):
                # a block has a street and a place, and numbers go on through both
                house = 1 + step + (50 if crossing == "Pl" else 0)
                yield _door(block, house, (number, kind), column * _COLUMN_M + 12 * step + 6, row * _ROW_M)


def _along_columns() -> Iterator[Door]:
    for column, (number, kind) in enumerate(_COLUMNS):
        for row, (block, crossing) in enumerate(_ROWS):
            for step in range(4):
                house = 1 + step + {"Ave": 0, "Rd": 30, "Dr": 60}[crossing]
                yield _door(block, house, (number, kind), column * _COLUMN_M, row * _ROW_M + 18 * step + 9)


def _door(block: int, house: int, street: tuple[int, str], east_m: float, north_m: float) -> Door:
    town, postcode = _TOWNS[2 * (east_m > 12 * _COLUMN_M) + (north_m > 105 * _ROW_M)]
    # odd and even stand on either side
    point = Point(round(_WEST + east_m * _LON_M, 7), round(_SOUTH + (north_m + (house % 2) * 8) * _LAT_M, 7))
    return Door(block, house, *street, town, postcode, point)


def queens(_reference: Path) -> Exam:
    """Ask for houses of the grid in the ways its people write them, and for avenues that are not there."""
    rng = random.Random(SEED)
    doors = build()
    gone = set(rng.sample(_ROWS, int(len(_ROWS) * _GONE)))
    standing = [door for door in doors if (door.number, door.kind) not in gone]
    removed = set(rng.sample(range(len(standing)), len(standing) // 20))
    left = [door for index, door in enumerate(standing) if index not in removed]
    absent = [door for door in doors if (door.number, door.kind) in gone]
    beside = _beside(left)
    queries = [q for door in rng.sample(left, ASKED) for q in _ways(door, beside)]
    queries += [Query("absent_house", standing[i].written(), (standing[i].point,)) for i in sorted(removed)[:ASKED]]
    queries += [Query("absent_street", door.written(), ()) for door in rng.sample(absent, ASKED)]
    forms = ("clean", "ordinal_left_out", "long_words", "lower", "unit", "hyphen_dropped", "hyphen_space")
    return Exam(
        "queens",
        lambda: Rows(addresses=_address_rows(left)),
        queries,
        (
            Goal("top-1 within 60 m, well written", forms, "near", 99.9),
            Goal("wrong among accepted, all kinds", (), "wrong", 0.0, at_least=False),
            Goal("accepted over 100 m off, house absent", ("absent_house",), "over_100_share", 0.5, at_least=False),
            Goal("interpolated, median error m", ("absent_house",), "interpolated_median_m", 7.0, at_least=False),
            Goal("accepted, well written", forms[:5], "accepted", 99.5),
        ),
    )


Beside = dict[tuple[int, int, int], list[Door]]


def _beside(doors: Sequence[Door]) -> Beside:
    beside: Beside = defaultdict(list)
    for door in doors:
        beside[door.block, door.house, door.number].append(door)
    return beside


def _ways(door: Door, beside: Beside) -> Iterator[Query]:
    here = (door.point,)
    yield Query("clean", door.written(), here)
    yield Query("ordinal_left_out", door.written(ordinal=False), here)
    yield Query("long_words", door.written(kind=_LONG[door.kind]), here)
    yield Query("lower", door.written().replace(",", "").lower(), here)
    yield Query("unit", door.written(unit=" Apt 2F"), here)
    yield Query("hyphen_dropped", door.written(joint=""), here)
    yield Query("hyphen_space", door.written(joint=" "), here)
    yield Query("street_only", door.written().split(",")[0], here)
    same = beside[door.block, door.house, door.number]
    points = tuple(other.point for other in same)
    yield Query("no_type", door.written(kind=""), points, decidable=len(same) == 1)
    yield Query("wrong_type", door.written(kind="Ct" if door.kind in ("St", "Pl") else "Ln"), points, decidable=False)


def _address_rows(doors: Sequence[Door]) -> Iterator[AddressRow]:
    for door in doors:
        street = f"{door.number}{_ending(door.number)} {door.kind}"
        yield AddressRow(street, f"{door.block}-{door.house:02d}", door.point, door.postcode, door.town)


EXAMS: Final = {"queens": queens}
