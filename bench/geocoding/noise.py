"""Baltimore County again, its addresses misheard, misread, dictated, shortened, and buried in what people add."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from bench.geocoding import slips
from bench.geocoding.county import House, address_rows, houses, twins_of
from bench.geocoding.exam import Exam, Goal, Query
from bench.geocoding.gazetteer import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from geo.domain.place import Point

SEED: Final = 23
ASKED: Final = 300
_STATE: Final = "MD"
_BUSINESS: Final = (
    ("suite_and_centre_first", "Suite 200, {town} Town Center, {line}, {town} {state}"),
    ("rear_entrance", "{line} Ste 200 (rear entrance), {town}, {state} {zip}"),
    ("attention", "Attn: Maria Lopez, {line}, {town} {state} {zip}"),
    ("care_of", "c/o Grace Community Church, {line}, {town}, {state}"),
    ("care_of_no_commas", "C/O Mr James Carter {line} {town} {state} {zip}"),
    ("between", "{line} between {a} and {b}, {town}"),
    ("between_brackets", "{line} (btw {a} & {b}), {town} {state}"),
    ("floor", "{line}, 2nd Floor, {town} {zip}"),
    ("next_to", "{line}, next to the library, {town} {state}"),
    ("unit_first", "Apt 3B, {line}, {town}, {state} {zip}"),
    ("hash_first", "#12 - {line}, {town}"),
    ("ring_twice", "{line} apt. b basement - ring twice, {town}, {state}"),
    ("country", "{line} {town}, Maryland {zip} USA"),
    ("sentence", "Mrs. Johnson lives at {line} in {town}"),
    ("two_lines", "{line}\n{town}, {state} {zip}"),
    ("telephone", "{line}, {town}, {state} 410-555-0123"),
    ("dashes", "Harbor Food Pantry - {line} - {town} - {zip}"),
    ("building", "Bldg C, {line}, {town} {state}"),
    ("hours", "{line}, {town} (Mon-Fri 9-5)"),
    ("doubled_town", "{line}, {town}, {town} {state}, {zip}"),
)


def noise(reference: Path) -> Exam:
    """Ask for houses whose street was misheard, misread, dictated or shortened."""
    county = houses(reference)
    twins = twins_of(county)
    there = {(h.number.lower(), h.street.lower()) for h in county}
    rng = random.Random(SEED)
    queries = []
    for kind in (*slips.OF_NAMES, "type_misheard", "type_unseen", "number_spoken", "type_first", "glued_type"):
        drawn = 0
        # many names cannot be spoilt in a given way, so more are drawn than are asked
        for house in rng.sample(county, len(county) // 4):
            text = _spoilt(house, kind, rng)
            if text is None or _is_another(text, house, there):
                continue
            queries.append(_asked(house, kind, f"{text}, {house.town.title()}, {_STATE} {house.postcode}", twins))
            drawn += 1
            if drawn == ASKED:
                break
    return Exam(
        "noise",
        lambda: Rows(addresses=address_rows(county)),
        queries,
        (Goal("wrong among accepted, % of all", (), "wrong_share", 0.1, at_least=False),),
    )


def _spoilt(house: House, kind: str, rng: random.Random) -> str | None:
    direction, name, type_, after = (part.lower() for part in house.key)
    if kind in slips.OF_NAMES:
        new = slips.OF_NAMES[kind](name, rng) if name.replace(" ", "").isalpha() else None
        return None if new is None or new == name else _line(house.number, direction, new, type_, after)
    if kind == "type_first":
        return _line(house.number, direction, type_, name, after) if type_ else None
    if kind == "glued_type":
        return _line(house.number, direction, name + type_, after) if type_ else None
    if kind == "number_spoken":
        number = slips.spoken_number(house.number)
        return None if number is None else _line(number, direction, name, type_, after)
    new = slips.heard_type(type_) if kind == "type_misheard" else slips.unseen_type(type_)
    return None if new is None else _line(house.number, direction, name, new, after)


def _line(number: str, *parts: str) -> str:
    # not str.title, which makes a capital of a letter after a digit
    words = " ".join(part for part in parts if part).split()
    return " ".join((number, *(word[:1].upper() + word[1:] for word in words)))


def _is_another(text: str, house: House, there: set[tuple[str, str]]) -> bool:
    number, _, street = text.lower().partition(" ")
    return (number, street) in there and street != house.street.lower()


def _asked(house: House, kind: str, text: str, twins: dict[str, tuple[Point, ...]]) -> Query:
    return Query(kind, text, (house.point,), twins.get(house.id, ()))


def business(reference: Path) -> Exam:
    """Ask for houses the way directories, forms and messages write them."""
    county = houses(reference)
    return Exam(
        "business",
        lambda: Rows(addresses=address_rows(county)),
        list(_messy(county, random.Random(SEED))),
        (
            Goal("top-1 within 60 m, all kinds", (), "near", 95.0),
            Goal("wrong among accepted, % of all", (), "wrong_share", 0.1, at_least=False),
        ),
        ("the limit of 95 is ours: the issue names none for this set",),
    )


def _messy(county: Sequence[House], rng: random.Random) -> Iterator[Query]:
    twins = twins_of(county)
    streets: dict[str, list[str]] = {}
    for house in county:
        streets.setdefault(house.town, []).append(house.street)
    for house in rng.sample([h for h in county if h.key[2] and h.town and h.postcode], ASKED):
        a, b = (street.title() for street in rng.sample(streets[house.town], 2))
        line = f"{house.number} {house.street.title()}"
        said = {"line": line, "town": house.town.title(), "state": _STATE, "zip": house.postcode, "a": a, "b": b}
        for kind, form in _BUSINESS:
            yield _asked(house, kind, form.format(**said), twins)


EXAMS: Final = {"noise": noise, "business": business}
