"""Turfs, their doors, who carries them and what became of typed codes, as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


def _counts(told: Json) -> dict[str, int]:
    return {str(name): int(value) for name, value in told.items()}


@dataclass(frozen=True, slots=True)
class Turf:
    """A turf and how far it has been walked."""

    id: str
    number: int
    name: str
    note: str | None
    geometry: Json
    doors: int
    left: int
    outcomes: Mapping[str, int]
    ends_on: date
    is_closed: bool

    @property
    def done(self) -> int:
        """How many doors somebody has been at."""
        return self.doors - self.left

    @classmethod
    def read(cls, body: Json) -> Turf:
        """Take one turf out of a list."""
        progress = body["progress"]
        return cls(
            id=str(body["id"]),
            number=int(body["number"]),
            name=str(body["name"]),
            note=None if body.get("note") is None else str(body["note"]),
            geometry=body["geometry"],
            doors=int(progress["doors"]),
            left=int(progress["left"]),
            outcomes=_counts(progress["outcomes"]),
            ends_on=date.fromisoformat(body["ends_on"]),
            is_closed=body.get("closed_at") is not None,
        )


@dataclass(frozen=True, slots=True)
class Street:
    """The doors of one street of a turf."""

    name: str
    doors: int
    outcomes: Mapping[str, int]

    @classmethod
    def read(cls, body: Json) -> Street:
        """Take one street out of an answer."""
        return cls(str(body["street"]), int(body["doors"]), _counts(body["outcomes"]))


@dataclass(frozen=True, slots=True)
class DoorMark:
    """A door on the map, without its address."""

    position: int
    lon: float
    lat: float
    outcome: str | None

    @classmethod
    def read(cls, body: Json) -> DoorMark:
        """Take one door out of a GeoJSON feature."""
        lon, lat = body["geometry"]["coordinates"]
        outcome = body["properties"].get("outcome")
        return cls(int(body["id"]), float(lon), float(lat), None if outcome is None else str(outcome))


@dataclass(frozen=True, slots=True)
class Carried:
    """A phone that carries a turf."""

    id: str
    phone: str
    from_on: date
    until_on: date

    @classmethod
    def read(cls, body: Json) -> Carried:
        """Take one assignment out of an answer."""
        first, last = date.fromisoformat(body["from_on"]), date.fromisoformat(body["until_on"])
        return cls(str(body["id"]), str(body["device_label"]), first, last)


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a typed code."""

    state: str
    code: str
    label: str | None
    outcome: str | None
    meant: tuple[str, ...]
    reason: str | None

    @classmethod
    def read(cls, body: Json) -> Entered:
        """Take one result out of an answer."""
        label, outcome, reason = (
            None if body.get(name) is None else str(body[name]) for name in ("label", "outcome", "reason")
        )
        return cls(str(body["state"]), str(body["code"]), label, outcome, tuple(map(str, body["meant"])), reason)
