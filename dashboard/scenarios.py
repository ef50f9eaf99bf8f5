"""Scenarios: changes to the places of help that are only imagined, with a way back, and short enough for an address.

A scenario's address carries ids, places, sizes and hours, and no word that anybody wrote: its name stays on the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from geo.domain.words import Category

from dashboard.translation import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ADD, MOVE, RESIZE, CLOSE, REOPEN = "add", "move", "resize", "close", "reopen"
KINDS: Final = (ADD, MOVE, RESIZE, CLOSE, REOPEN)
MOST_CHANGES: Final = 20
MOST_SCENARIOS: Final = 4
MOST_STEPS: Final = 50
MOST_ROOM: Final = 10_000
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
LAST_HOUR: Final = 24
LETTERS: Final = "ABCD"
_DEGREE: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,7})?")
_MOST: Final = (180.0, 90.0)

Place = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Days of the week from 0 for Monday, from one full hour to a later one."""

    days: tuple[int, ...]
    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.days or not set(self.days) <= set(range(len(DAYS))) or not 0 <= self.start < self.end <= LAST_HOUR:
            raise ValueError("these hours cannot be")

    def as_osm(self) -> str:
        """Write them as opening hours of OpenStreetMap."""
        return f"{','.join(DAYS[day] for day in sorted(set(self.days)))} {self.start:02}:00-{self.end:02}:00"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of an asset by its id, or a new place; what does not belong to its kind is left out.

    Attributes
    ----------
    what
        One of ``KINDS``.
    room
        Needs a week.
    """

    what: str
    asset_id: str | None = None
    place: Place | None = None
    categories: tuple[str, ...] = ()
    room: int | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes that are imagined together; the name is a person's own words."""

    name: str
    changes: tuple[Change, ...] = ()

    def having(self, change: Change) -> Scenario:
        """Take a change in, instead of what it goes against: one asset changes in one way of a kind, or is closed."""
        kept = (one for one in self.changes if not _is_against(one, change))
        return replace(self, changes=(*kept, change))

    def without(self, at: int) -> Scenario:
        """Leave the change of a number out, from 0."""
        return replace(self, changes=self.changes[:at] + self.changes[at + 1 :])

    def moving(self, at: int, place: Place) -> Scenario:
        """Put a new or moved place of a number elsewhere."""
        moved = replace(self.changes[at], place=place)
        return replace(self, changes=(*self.changes[:at], moved, *self.changes[at + 1 :]))

    def as_body(self) -> dict[str, Any]:
        """Write the changes as the API takes them."""
        found: dict[str, list[Any]] = {}
        for one in self.changes:
            found.setdefault(one.what, []).append(_body_of(one))
        return dict(found)


def _is_against(old: Change, new: Change) -> bool:
    is_same = old.asset_id is not None and old.asset_id == new.asset_id
    return is_same and (old.what == new.what or CLOSE in (old.what, new.what))


def _body_of(change: Change) -> object:
    if change.what == CLOSE:
        return change.asset_id
    body: dict[str, Any] = {} if change.asset_id is None else {"asset_id": change.asset_id}
    if change.place is not None:
        body |= {"lon": change.place[0], "lat": change.place[1]}
    if change.categories:
        body["categories"] = list(change.categories)
    if change.room is not None:
        body["capacity"] = change.room
    return body if change.hours is None else body | {"opening_hours": change.hours.as_osm()}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The scenarios there are, one at least, and which of them is worked on."""

    scenarios: tuple[Scenario, ...] = field(default_factory=lambda: (Scenario(_name(0)),))
    at: int = 0

    @property
    def current(self) -> Scenario:
        """The one that is worked on."""
        return self.scenarios[self.at]

    def put(self, scenario: Scenario) -> Shelf:
        """Put another in the place of the one that is worked on."""
        return replace(self, scenarios=(*self.scenarios[: self.at], scenario, *self.scenarios[self.at + 1 :]))

    def adding(self, changes: Sequence[Change] = ()) -> Shelf:
        """Take one more in and work on it; as it was, if there are as many as there may be."""
        if len(self.scenarios) == MOST_SCENARIOS:
            return self
        named = {one.name for one in self.scenarios}
        name = next(name for name in map(_name, range(MOST_SCENARIOS + 1)) if name not in named)
        return Shelf((*self.scenarios, Scenario(name, tuple(changes))), len(self.scenarios))

    def dropping(self) -> Shelf:
        """Take away the one that is worked on; the last leaves an empty one behind."""
        rest = self.scenarios[: self.at] + self.scenarios[self.at + 1 :]
        return Shelf(rest, max(0, self.at - 1)) if rest else Shelf()

    def going(self, at: int) -> Shelf:
        """Work on another."""
        return replace(self, at=min(max(0, at), len(self.scenarios) - 1))


def _name(number: int) -> str:
    return tr("Scenario {letter}", letter=LETTERS[number] if number < len(LETTERS) else number + 1)


@dataclass(frozen=True, slots=True)
class History:
    """What has been imagined so far, step by step, back and forth."""

    now: Shelf = field(default_factory=Shelf)
    past: tuple[Shelf, ...] = ()
    future: tuple[Shelf, ...] = ()

    def step(self, shelf: Shelf) -> History:
        """Go on; what was taken back before is forgotten. Looking at another scenario is no step."""
        if shelf.scenarios == self.now.scenarios:
            return replace(self, now=shelf)
        return History(shelf, (*self.past, self.now)[-MOST_STEPS:])

    def undo(self) -> History:
        """Go one step back."""
        return History(self.past[-1], self.past[:-1], (self.now, *self.future)) if self.past else self

    def redo(self) -> History:
        """Go on to what was taken back."""
        return History(self.future[0], (*self.past, self.now), self.future[1:]) if self.future else self


def write_address(scenarios: Iterable[Scenario]) -> str:
    """Write scenarios for an address: ``~`` between them, ``!`` between changes, ``_`` between the parts of one."""
    return "~".join("!".join(map(_write, one.changes)) for one in scenarios)


def _write(change: Change) -> str:
    parts = [change.what]
    if change.asset_id is not None:
        parts.append(UUID(change.asset_id).hex)
    if change.place is not None:
        parts += [f"{degrees:.6f}" for degrees in change.place]
    if change.room is not None:
        parts.append(str(change.room))
    if change.categories:
        parts.append(".".join(change.categories))
    if change.hours is not None:
        days = "".join(str(day) for day in sorted(set(change.hours.days)))
        parts += [days, str(change.hours.start), str(change.hours.end)]
    return "_".join(parts)


def read_address(text: str) -> tuple[Scenario, ...]:
    """Read what :func:`write_address` wrote; what cannot be read is left out, and so is what is too much."""
    found = []
    for number, part in enumerate(text.split("~")[:MOST_SCENARIOS]):
        scenario = Scenario(_name(number))
        for written in part.split("!")[:MOST_CHANGES]:
            change = _read(written)
            scenario = scenario if change is None else scenario.having(change)
        found.append(scenario)
    return tuple(found)


def _read(written: str) -> Change | None:
    what, *parts = written.split("_")
    try:
        return _READ[what](parts)
    except (KeyError, ValueError, IndexError):
        return None


def _read_add(parts: list[str]) -> Change:
    lon, lat, room, words = parts
    categories = tuple(sorted({Category(word).value for word in words.split(".")}))
    return Change(ADD, place=_place(lon, lat), room=_room(room), categories=categories)


def _read_move(parts: list[str]) -> Change:
    asset, lon, lat = parts
    return Change(MOVE, str(UUID(asset)), _place(lon, lat))


def _read_resize(parts: list[str]) -> Change:
    asset, room = parts
    return Change(RESIZE, str(UUID(asset)), room=_room(room))


def _read_close(parts: list[str]) -> Change:
    (asset,) = parts
    return Change(CLOSE, str(UUID(asset)))


def _read_reopen(parts: list[str]) -> Change:
    asset, days, start, end = parts
    return Change(
        REOPEN, str(UUID(asset)), hours=Hours(tuple(sorted({int(day) for day in days})), int(start), int(end))
    )


_READ: Final = {ADD: _read_add, MOVE: _read_move, RESIZE: _read_resize, CLOSE: _read_close, REOPEN: _read_reopen}


def _place(lon: str, lat: str) -> Place:
    if not all(map(_DEGREE.fullmatch, (lon, lat))) or any(
        abs(float(degrees)) > most for degrees, most in zip((lon, lat), _MOST, strict=True)
    ):
        raise ValueError("this is no place")
    return float(lon), float(lat)


def _room(text: str) -> int:
    room = int(text)
    if not 0 <= room <= MOST_ROOM:
        raise ValueError("no place has so much room")
    return room
