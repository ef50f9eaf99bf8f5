"""Fifteen ways to write one address, in equal shares; made like the reference's queries, but for any corpus."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bench.geocoding import slips
from bench.geocoding.exam import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo.domain.place import Point

    from bench.geocoding.county import House

_WORDS: Final = {
    "ALY": "Alley", "AVE": "Avenue", "BLVD": "Boulevard", "CIR": "Circle",
    "CMN": "Common", "CT": "Court", "DR": "Drive",
    "GRTH": "Garth",
    "HWY": "Highway", "LN": "Lane", "PKWY": "Parkway", "PL": "Place", "RD": "Road", "SQ": "Square", "ST": "Street",
    "TER": "Terrace", "TRL": "Trail", "WAY": "Way",
}  # fmt: skip
_COMPASS: Final = {"N": "North", "S": "South", "E": "East", "W": "West"}
_WRONG: Final = ("Avenue", "Street", "Road", "Court", "Drive", "Lane")
_NO_LETTERS: Final[frozenset[str]] = frozenset()


def spelt_out(house: House) -> str:
    """Write a street as maps have it: nothing shortened."""
    before, name, type_, after = house.key
    if not type_:
        return house.street.title()
    words = (_COMPASS.get(before, before), name.title(), _WORDS.get(type_, type_.title()), _COMPASS.get(after, after))
    return " ".join(word for word in words if word)


def _line(house: House, name: str, type_: str, unit: str = "") -> str:
    before, _, _, after = (part.title() for part in house.key)
    if not house.key[2]:
        # no type of its own, as in Finland: the number stands behind
        return f"{name} {house.number}{unit}"
    return " ".join(part for part in (house.number, before, name, type_, after) if part) + unit


def _long(house: House, *, name: str | None = None, type_: str | None = None, unit: str = "") -> str:
    known = house.key[2]
    own = _WORDS.get(known, known.title())
    return _line(house, house.key[1].title() if name is None else name, own if type_ is None else type_, unit)


def _slipped(house: House, times: int, rng: random.Random) -> str:
    name = house.key[1].title()
    for _ in range(times):
        name = slips.typo(name, rng, spared=_NO_LETTERS)
    return _long(house, name=name)


def _wrong_type(house: House, rng: random.Random) -> str:
    own = _WORDS.get(house.key[2], "")
    return rng.choice([word for word in _WRONG if word != own])


def _wrong_code(house: House) -> str:
    return f"{(int(house.postcode) + 1) % 100_000:05d}" if house.postcode.isdigit() else "99999"


KINDS: Final[Mapping[str, Callable[[House, random.Random], str]]] = {
    "clean_abbr": lambda h, _: f"{_line(h, h.key[1], h.key[2])}, {h.town} {h.postcode}".upper(),
    "full_words": lambda h, _: f"{_long(h)}, {h.town.title()}, {h.postcode}",
    "lower_nocomma": lambda h, _: f"{_long(h)} {h.town} {h.postcode}".lower(),
    "no_zip": lambda h, _: f"{_long(h)}, {h.town.title()}",
    "no_city": lambda h, _: f"{_long(h)}, {h.postcode}",
    "street_only": lambda h, _: _long(h),
    "no_type": lambda h, _: f"{_long(h, type_='')}, {h.town.title()} {h.postcode}",
    "wrong_type": lambda h, r: f"{_long(h, type_=_wrong_type(h, r))}, {h.town.title()} {h.postcode}",
    "unit": lambda h, _: f"{_long(h, unit=' #12')}, {h.town.title()} {h.postcode}",
    "typo1": lambda h, r: f"{_slipped(h, 1, r)}, {h.town.title()} {h.postcode}",
    "typo1_nozip": lambda h, r: f"{_slipped(h, 1, r)}, {h.town.title()}",
    "typo2": lambda h, r: f"{_slipped(h, 2, r)}, {h.town.title()} {h.postcode}",
    "typo_city_nozip": lambda h, r: f"{_long(h)}, {slips.typo(h.town.title(), r)}",
    "wrong_zip": lambda h, _: f"{_long(h)}, {h.town.title()} {_wrong_code(h)}",
    "messy": lambda h, _: f"  {_long(h).lower()} .  {h.town}  , {h.postcode} ",
}


def ask(corpus: Sequence[House], each: int, seed: int) -> list[Query]:
    """Write questions about houses of a corpus.

    Parameters
    ----------
    each
        How many of each kind; every one about another house.

    Returns
    -------
    list of Query
        The kinds by turns; every house of the very same label counts as right.
    """
    rng = random.Random(seed)
    same: dict[tuple[str, str, str, str], list[Point]] = defaultdict(list)
    for house in corpus:
        same[house.label].append(house.point)
    queries = []
    for _ in range(each):
        for kind, write in KINDS.items():
            house = corpus[rng.randrange(len(corpus))]
            queries.append(Query(kind, write(house, rng), tuple(same[house.label])))
    return queries
