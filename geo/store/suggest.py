"""Suggestions while an address is being typed: streets, then their doors, crossings, places and postcodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geo.crs import metres_per_degree
from geo.domain.place import Point
from geo.domain.words import SuggestionKind
from geo.geocode.beginnings import LAST, number_ranges, read_beginning, slips_in
from geo.geocode.candidates import label_of
from geo.geocode.deletions import BEGINNING, deletions
from geo.geocode.normalise import name_key
from geo.geocode.parse import postcode_key
from geo.store.asking import Questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from geo.geocode.beginnings import Beginning

MAX_SUGGESTIONS: Final = 8
_STREETS_WITH_DOORS: Final = 12
_LEAST_ALIKE: Final = 4
_LETTERS_KNOWN: Final = 2
_LETTERS_FOR_DELETIONS: Final = 6
_WORD_WITHIN: Final = 2
_MISSPELT: Final = 3
_MIDDLE_LAT: Final = 50.0
"""Where nobody said from where: how much shorter a degree of longitude is hardly matters for an order."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be meant: its label, what it is, and a point of it (of a street, the nearest)."""

    label: str
    kind: SuggestionKind
    point: Point


class _Street(NamedTuple):
    rank: int
    away: float
    name: str
    key: str
    locality: str | None
    street_id: int
    lon: float
    lat: float


class LocalSuggester:
    """Suggests from the gazetteer of the session's network; nothing leaves the host.

    Parameters
    ----------
    session
        Any session; nothing is written.
    """

    def __init__(self, session: Session) -> None:
        self._questions = Questions(session, "suggest")

    def suggest(self, q: str, near: Point | None = None, limit: int = MAX_SUGGESTIONS) -> list[Suggestion]:
        """Say what may be meant by what was typed so far.

        Parameters
        ----------
        q
            Anything.
        near
            Where the person is, WGS 84; the middle of the area served when left out.
        limit
            How many at most, up to ``MAX_SUGGESTIONS``.

        Returns
        -------
        list of Suggestion
            Once a number is typed the doors whose numbers begin with it, after a sign for a crossing the crossings;
            then the names that are equal, that begin so, that have a word that begins so, and that would but for a
            slip of the hand; among equals the nearest first, then by name. At most three statements, or none for a
            text without letters and digits.
        """
        limit = max(0, min(limit, MAX_SUGGESTIONS))
        typed = read_beginning(q)
        if not typed.names or not limit:
            return []
        here = _here(near)
        rows = self._starting(typed, here)
        wanted = typed.streets or typed.names
        streets = [_Street(rank, away, *row) for kind, rank, away, *row in rows if kind == SuggestionKind.STREET]
        asked = [street for street in streets if not typed.streets or _begins(street.key, wanted)]
        if len(rows) < limit:
            # where something begins just so, nobody means another name by a slip of the hand
            more = [street for street in self._alike(typed, here) if not asked or street.rank == _WORD_WITHIN]
            streets += more
            asked += more
        asked.sort(key=lambda street: (not _agrees(street.locality, typed.town), *_order(street), street.street_id))
        found = self._exact(typed, asked)
        others = [_other(*row) for row in rows if row[0] != SuggestionKind.STREET]
        named = [(_order(street), _of_street(street)) for street in _first_names(streets)] + others
        named.sort(key=lambda pair: pair[0])
        return _distinct([*found, *(suggestion for _, suggestion in named)])[:limit]

    def _starting(self, typed: Beginning, here: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
        forms = list(dict.fromkeys([*typed.names, *typed.streets]))
        code = postcode_key(typed.names[0])
        codes = [code] if any(c.isdigit() for c in code) else []
        return self._questions.ask(
            "starting", here | _range(forms) | {"codes": codes, "code_ends": [code + LAST for code in codes]}
        )

    def _alike(self, typed: Beginning, here: dict[str, Any]) -> list[_Street]:
        """Look for names with a slip of the hand, or with a word that begins so."""
        bases = [form for form in (typed.streets or typed.names) if len(form.replace(" ", "")) >= _LEAST_ALIKE]
        if not bases:
            return []
        taken_out = {base: deletions(base, BEGINNING) for base in bases}
        known = [base for base in bases if taken_out[base] and len(base.replace(" ", "")) >= _LETTERS_FOR_DELETIONS]
        openings = {base[:_LETTERS_KNOWN] for base in bases if base not in known}
        rows = self._questions.ask(
            "alike",
            here
            | _range(sorted(openings))
            | {
                "bases": known,
                "deletions": ["{" + ",".join(map(str, taken_out[base])) + "}" for base in known],
                "words": bases[:2],
            },
        )
        found = []
        for base, name, key, town, street_id, lon, lat, away in rows:
            rank = _rank(base, bases)
            if rank is not None:
                found.append(_Street(rank, away, name, key, town, street_id, lon, lat))
        return found

    def _exact(self, typed: Beginning, asked: Sequence[_Street]) -> list[Suggestion]:
        """Find the doors or the crossings of the streets that were meant."""
        first: dict[int, _Street] = {}
        for street in asked:
            first.setdefault(street.street_id, street)
        streets = dict(list(first.items())[:_STREETS_WITH_DOORS])
        if not streets:
            return []
        if typed.number is not None and typed.streets:
            return self._doors(typed.number, streets, typed.town)
        return self._crossings(typed, streets) if typed.streets and typed.number is None else []

    def _doors(self, number: str, streets: dict[int, _Street], town: str) -> list[Suggestion]:
        ranges = number_ranges(number)
        if not ranges:
            return []
        low, high = zip(*ranges, strict=True)
        values = {"low": list(low), "high": list(high), "number": number, "streets": list(streets)}
        rows = self._questions.ask("doors", values)
        order = {street_id: at for at, street_id in enumerate(streets)}
        made = []
        for at, (street_id, found, code, locality, lon, lat) in enumerate(rows):
            street = streets[street_id]
            label = label_of(street.name, street.key, found, code, locality)
            is_there = _agrees(locality, town) or _agrees(code, town)
            suggestion = Suggestion(label, SuggestionKind.DOOR, Point(lon, lat))
            made.append((not is_there, name_key(found) != name_key(number), order[street_id], at, suggestion))
        made.sort(key=lambda one: one[:4])
        return [one[-1] for one in made]

    def _crossings(self, typed: Beginning, streets: dict[int, _Street]) -> list[Suggestion]:
        rows = self._questions.ask("crossings", {"streets": list(streets), **_range(list(typed.second))})
        order = {street_id: at for at, street_id in enumerate(streets)}
        rows = sorted(rows, key=lambda row: order[row[0]])
        return [
            Suggestion(f"{streets[one].name} / {name}", SuggestionKind.CROSSING, Point(lon, lat))
            for one, name, key, lon, lat in rows
        ]


def _here(near: Point | None) -> dict[str, Any]:
    east_m, north_m = metres_per_degree(_MIDDLE_LAT if near is None else near.lat)
    place = {"lon": None, "lat": None} if near is None else {"lon": near.lon, "lat": near.lat}
    return place | {"east_m": east_m, "north_m": north_m}


def _range(forms: list[str]) -> dict[str, list[str]]:
    return {"low": forms, "high": [form + LAST for form in forms]}


def _begins(key: str, forms: Iterable[str]) -> bool:
    return any(key.startswith(form) or f" {form}" in f" {key}" for form in forms)


def _rank(base: str, typed: Sequence[str]) -> int | None:
    if any(f" {form}" in f" {base}" for form in typed):
        return _WORD_WITHIN
    slips = [found for form in typed if (found := slips_in(form, base)) is not None]
    return _MISSPELT + min(slips) if slips else None


def _agrees(found: str | None, town: str) -> bool:
    return not town or (found is not None and name_key(found).startswith(town))


def _order(street: _Street) -> tuple[int, float, str]:
    return street.rank, street.away, street.name


def _first_names(streets: Iterable[_Street]) -> list[_Street]:
    """Keep of each street, in each town, the name that fits best; it may have one in each of its languages."""
    best: dict[tuple[int, str | None], _Street] = {}
    for street in sorted(streets, key=_order):
        best.setdefault((street.street_id, street.locality), street)
    return list(best.values())


def _of_street(street: _Street) -> Suggestion:
    label = label_of(street.name, street.key, None, None, street.locality)
    return Suggestion(label, SuggestionKind.STREET, Point(street.lon, street.lat))


def _other(
    kind: str, rank: int, away: float, name: str, _key: str, locality: str | None, _id: int, lon: float, lat: float
) -> tuple[tuple[int, float, str], Suggestion]:
    label = f"{name} {locality.title()}" if kind == SuggestionKind.POSTCODE and locality else name
    return (rank, away, name), Suggestion(label, SuggestionKind(kind), Point(lon, lat))


def _distinct(found: Iterable[Suggestion]) -> list[Suggestion]:
    return list({suggestion.label: suggestion for suggestion in reversed(list(found))}.values())[::-1]
