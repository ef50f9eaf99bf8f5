"""Turfs: the doors a small group goes to together, in walking order, and what was met at each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from shapely.geometry import MultiPolygon

    from geo.domain.place import Point

MAX_DOORS: Final = 500
"""Doors of one turf; more are cut into several."""
MAX_CUT_DOORS: Final = 5_000
"""Doors that are cut into turfs at once."""
MAX_NUMBER: Final = 11_000
"""The highest number of a turf that a code can say."""
LONGEST_DAYS: Final = 90
"""A turf ends so many days after today at the latest."""
LATE_DAYS: Final = 7
"""So many days after a phone's turf ended what it noted there is still taken in."""
OLDEST: Final = timedelta(days=30)
"""A visit that seems older than this has a clock that is wrong."""


class Outcome(StrEnum):
    """What was met at a door."""

    VISITED = "visited"
    NOBODY_HOME = "nobody_home"
    REFUSED = "refused"
    COME_BACK = "come_back"
    NOT_FOUND = "not_found"


KEYS: Final[Mapping[Outcome, str]] = {
    Outcome.VISITED: "V",
    Outcome.NOBODY_HOME: "H",
    Outcome.REFUSED: "R",
    Outcome.COME_BACK: "C",
    Outcome.NOT_FOUND: "X",
}
"""The letter of each outcome on a walk sheet and where codes are typed."""


class VisitSource(StrEnum):
    """How a visit came in: from a phone at the door, from a paper sheet by its codes, or from an organizer's screen."""

    PHONE = "phone"
    PAPER = "paper"
    SCREEN = "screen"


class Paper(StrEnum):
    """The sizes of paper that sheets are made for."""

    A4 = "a4"
    LETTER = "letter"


class Side(StrEnum):
    """The side of a street by its house numbers; none where they do not say."""

    ODD = "odd"
    EVEN = "even"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Address:
    """One door of the gazetteer; ``number_int`` is what its number begins with, -1 where that is no digit."""

    street: str
    number: str
    number_int: int
    point: Point
    postcode: str | None = None
    locality: str | None = None

    @property
    def side(self) -> Side:
        """The side of the street its number lies on."""
        if self.number_int < 0:
            return Side.NONE
        return Side.ODD if self.number_int % 2 else Side.EVEN

    @property
    def label(self) -> str:
        """The street with the number."""
        return f"{self.street} {self.number}".strip()


@dataclass(frozen=True, slots=True)
class Door:
    """A door of a turf: ``position`` counts from 1 in the order they are walked to."""

    position: int
    code: str
    street: str
    number: str
    side: Side
    point: Point
    postcode: str | None = None
    locality: str | None = None

    @property
    def label(self) -> str:
        """The street with the number."""
        return f"{self.street} {self.number}".strip()


@dataclass(frozen=True, slots=True)
class Turf:
    """A named polygon (WGS 84) with a note for the campaign; its doors stay as they were cut.

    ``number`` is what its codes begin with. Visits are taken until ``ends_on``; once they have faded, ``closed_at``
    says when and ``tally`` how many doors ended with each outcome.
    """

    id: UUID
    number: int
    cut_id: UUID
    name: str
    note: str | None
    geometry: MultiPolygon
    doors: int
    ends_on: date
    closed_at: datetime | None
    tally: Mapping[str, int]
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class TurfDraft:
    """A turf to be stored, with its doors in walking order."""

    name: str
    geometry: MultiPolygon
    doors: Sequence[Address]
    ends_on: date
    note: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TurfCut:
    """The turfs that were made at once."""

    id: UUID
    turfs: tuple[Turf, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A phone that carries a turf, on the days from one to the other, both counted."""

    id: UUID
    turf_id: UUID
    device_id: UUID
    device_label: str
    from_on: date
    until_on: date
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CarriedTurf:
    """A turf as the phone that carries it may have it: nothing of what was met there."""

    id: UUID
    name: str
    note: str | None
    doors: int
    from_on: date
    until_on: date
    version: int
    geometry: MultiPolygon


@dataclass(frozen=True, slots=True)
class DoorProgress:
    """A door and what was met there last; nothing, where nobody has been yet."""

    position: int
    street: str
    number: str
    point: Point
    outcome: Outcome | None
    happened_at: datetime | None
    visits: int


@dataclass(frozen=True, slots=True)
class StreetProgress:
    """The doors of one street of a turf, and how many ended with each outcome."""

    street: str
    doors: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TurfProgress:
    """How far a turf has been walked: ``doors`` are ``left`` and the sum of ``outcomes``, the last of each door."""

    turf_id: UUID
    doors: int
    left: int
    outcomes: Mapping[str, int]
    streets: tuple[StreetProgress, ...]


class CodeState(StrEnum):
    """What became of a code that was typed from a sheet."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    SLIP = "slip"
    OTHER_TURF = "other_turf"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class TypedCode:
    """A code as it was typed from a sheet, with the outcome that is ticked there."""

    code: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class EnteredCode:
    """What became of a typed code: the door it means, or the doors it may have meant."""

    line: int
    state: CodeState
    code: str
    position: int | None = None
    label: str | None = None
    outcome: Outcome | None = None
    meant: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class VisitDraft:
    """What was met at a door, under an id the client made.

    ``device_at`` is by the clock of whoever noted it and ``sent_at`` by the same clock when it was sent, so that a
    clock that is wrong says all the same how long ago it was.
    """

    id: UUID
    turf_id: UUID
    position: int
    outcome: Outcome
    device_at: datetime | None = None
    sent_at: datetime | None = None


def happened_at(visit: VisitDraft, now: datetime) -> datetime:
    """Tell when a visit was, by the server's clock.

    Parameters
    ----------
    now
        When it came in. How long before that it was follows from the two times of the sender's clock; where they say
        nothing sensible, it counts as of now.
    """
    if visit.device_at is None:
        return now
    age = (visit.sent_at or now) - visit.device_at
    return now - age if timedelta(0) <= age <= OLDEST else now


def count_outcomes(doors: Sequence[DoorProgress]) -> dict[str, int]:
    """Count the doors by what was met there last; every outcome has its figure."""
    found = {outcome.value: 0 for outcome in Outcome}
    for door in doors:
        if door.outcome is not None:
            found[door.outcome.value] += 1
    return found


def progress_of(turf_id: UUID, doors: Sequence[DoorProgress]) -> TurfProgress:
    """Sum up how far a turf has been walked, as a whole and by street in walking order."""
    by_street: dict[str, list[DoorProgress]] = {}
    for door in doors:
        by_street.setdefault(door.street, []).append(door)
    streets = tuple(StreetProgress(name, len(ours), count_outcomes(ours)) for name, ours in by_street.items())
    total = count_outcomes(doors)
    return TurfProgress(turf_id, len(doors), len(doors) - sum(total.values()), total, streets)
