"""A metropolis of any size: a real county over and over, each time elsewhere and with names of its own."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from geo.domain.place import Point
from geo.store.engine import make_sessions
from geo.store.gazetteer_sources import list_addresses

from bench.geocoding.county import House, houses
from data.loaders.osm import bundled_extract, load_osm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

_EAST, _NORTH, _ABREAST = 0.9, 0.7, 4
"""Degrees between copies, and copies in a row; the county is 0.75 by 0.55."""
_SPLIT: Final = re.compile(r"(?<=[aeiouyäöå])(?=[bcdfghjklmnpqrstvwxz])")
_SHORT: Final = 4
_CODES: Final = 1000


def real_houses(reference: Path, engine: Engine | None = None, home: Path | None = None) -> tuple[House, ...]:
    """Read the county where its file is at hand, else the bundled city through an empty database.

    Raises
    ------
    FileNotFoundError
        If there is no file, and no database to read the bundled city with.
    """
    if (reference / "geocoding").is_dir():
        return houses(reference)
    if engine is None or home is None:
        raise FileNotFoundError("the reference county is not on this machine")
    load_osm(make_sessions(engine, role=None), bundled_extract(), home=home)
    with make_sessions(engine)() as session:
        rows = list_addresses(session)
    return tuple(
        House(str(n), r.number, r.street, ("", r.street, "", ""), r.locality or "", r.postcode or "", r.point)
        for n, r in enumerate(rows)
    )


def build(real: Sequence[House], size: int, seed: int) -> list[House]:
    """Repeat real houses until there are ``size``, whole streets at a time but for the last.

    Parameters
    ----------
    real
        The houses of one place.
    seed
        Same seed, same names.

    Returns
    -------
    list of House
        The first copy as it is, nearest streets to its middle first, so that a small size is a smaller town and not a
        thinner one; further copies beside it, each street, town and postcode with a name that no other copy has.
    """
    ordered = _from_the_middle(real)
    used = {house.key[1].lower() for house in real}
    found: list[House] = []
    for number in count():
        copy = ordered if number == 0 else _copy(ordered, number, used, random.Random(f"{seed} {number}"))
        found += copy[: size - len(found)]
        if len(found) >= size:
            return found
    raise AssertionError


def _from_the_middle(real: Sequence[House]) -> list[House]:
    streets: dict[tuple[str, str], list[House]] = defaultdict(list)
    for house in real:
        streets[house.street, house.postcode].append(house)
    lon, lat = (
        sorted(values)[len(real) // 2] for values in zip(*((h.point.lon, h.point.lat) for h in real), strict=True)
    )

    def off(group: list[House]) -> tuple[float, str]:
        point = group[len(group) // 2].point
        return (point.lon - lon) ** 2 * 0.6 + (point.lat - lat) ** 2, group[0].street

    return [house for group in sorted(streets.values(), key=off) for house in group]


def _copy(real: Sequence[House], number: int, used: set[str], rng: random.Random) -> list[House]:
    coin = Mint({house.key[1] for house in real}, used, rng)
    towns = Mint({house.town for house in real if house.town}, {house.town.lower() for house in real}, rng)
    east, north = (number % _ABREAST) * _EAST, (number // _ABREAST) * _NORTH
    return [
        replace(
            house,
            id=f"{number}-{house.id}",
            street=house.street.replace(house.key[1], coin.new(house.key[1]), 1),
            key=(house.key[0], coin.new(house.key[1]), *house.key[2:]),
            town=towns.new(house.town) if house.town else "",
            postcode=_shifted(house.postcode, number),
            point=Point(house.point.lon + east, house.point.lat + north),
        )
        for house in real
    ]


def _shifted(postcode: str, number: int) -> str:
    return f"{(int(postcode) + _CODES * number) % 100_000:05d}" if postcode.isdigit() else postcode


class Mint:
    """Coins new names from the beginnings and ends of known ones: one for each old name, and none twice.

    Parameters
    ----------
    names
        The known names.
    used
        Names, in small letters, that may not be coined; what is coined is added.
    """

    def __init__(self, names: Iterable[str], used: set[str], rng: random.Random) -> None:
        self._used, self._rng = used, rng
        self._coined: dict[str, str] = {}
        parts = [pieces for name in sorted(names) for word in name.split() if (pieces := _pieces(word))]
        self._heads, self._tails = [head for head, _ in parts], [tail for _, tail in parts]

    def new(self, name: str) -> str:
        """Give the new name that stands for an old one."""
        if name not in self._coined:
            self._coined[name] = next(new for new in self._tries(name) if new.lower() not in self._used)
            self._used.add(self._coined[name].lower())
        return self._coined[name]

    def _tries(self, name: str) -> Iterator[str]:
        for attempt in count():
            words = [self._word(word) for word in name.split()]
            # a name of short words only, like ELM, gets a word in front when nothing new comes of it
            if attempt >= 5 or not any(_pieces(word) for word in name.split()):
                words.insert(0, self._any())
            yield " ".join(words)

    def _word(self, word: str) -> str:
        return self._any() if _pieces(word) else word

    def _any(self) -> str:
        return (
            self._rng.choice(self._heads) + self._rng.choice(self._tails) if self._heads else f"N{self._rng.random()}"
        )


def _pieces(word: str) -> tuple[str, str] | None:
    if len(word) <= _SHORT or not word.isalpha():
        return None
    lower = word.lower()
    middle = len(word) / 2
    spots = [m.start() for m in _SPLIT.finditer(lower) if 2 <= m.start() <= len(word) - 2]
    if not spots:
        return None
    at = min(spots, key=lambda spot: abs(spot - middle))
    return word[:at], word[at:]
