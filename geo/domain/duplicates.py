"""Two requests that may be one: what is compared of each, and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.reasons import Reason, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.records import Need
    from geo.domain.words import Category


class PairState(StrEnum):
    """What a person has said about two requests that may be one; nothing yet, while they wait."""

    WAITING = "waiting"
    DIFFERENT = "different"
    MERGED = "merged"


class Fact(StrEnum):
    """What of the later request the earlier one may take over at a merge."""

    HOUSEHOLD_SIZE = "household_size"
    URGENCY = "urgency"
    LANGUAGES = "languages"
    ACCESS = "access"
    PLACE = "place"
    CONTACT = "contact"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Asking:
    """What is compared of a request; restricted, as the exact place is.

    Attributes
    ----------
    uncertainty_m
        Radius in metres within which the true place is expected; none where there is no place.
    unit
        Stair, flat or door within the house, as the address was read; none where nobody has said.
    reach
        Keyed hash of the telephone number; none where there is none.
    reach_count
        How many open requests bear the same number, this one included.
    """

    category: Category
    received_at: datetime
    household_size: int
    uncertainty_m: float | None = None
    unit: str | None = None
    reach: bytes | None = None
    reach_count: int = 1


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much speaks for two requests being one, in bits: each part, and all of them together.

    A part is the logarithm to base 2 of how many times likelier what is seen is if the two are one request.
    """

    place: float
    unit: float
    reach: float
    category: float
    time: float
    household_size: float

    @property
    def bits(self) -> float:
        """The sum of the parts."""
        return self.place + self.unit + self.reach + self.category + self.time + self.household_size


def weigh_reasons(parts: Mapping[str, float], distance_m: float | None) -> tuple[Reason, ...]:
    """Say what speaks for two requests being one and what against it, what counts most first.

    Parameters
    ----------
    parts
        Bits by what was compared.
    distance_m
        Metres between the two places.
    """
    told = sorted((name for name in _CODES if abs(parts.get(name, 0.0)) >= _TELLING_BITS), key=lambda n: -abs(parts[n]))
    return tuple(_reason(name, parts[name] > 0, distance_m) for name in told)


def _reason(name: str, speaks_for: bool, distance_m: float | None) -> Reason:  # noqa: FBT001 - which of two codes
    if name == "place" and speaks_for and distance_m is not None:
        return Reason(ReasonCode.DOOR_FOUND_TWICE, {"apart_m": max(1, round(distance_m))})
    return Reason(_CODES[name][0 if speaks_for else 1], {})


_TELLING_BITS: Final = 0.5
_CODES: Final = {
    "place": (ReasonCode.MAYBE_ONE_DOOR, ReasonCode.TOO_FAR_APART),
    "unit": (ReasonCode.SAME_UNIT, ReasonCode.OTHER_UNIT),
    "reach": (ReasonCode.SAME_NUMBER, ReasonCode.OTHER_NUMBER),
    "category": (ReasonCode.SAME_KIND, ReasonCode.OTHER_KIND),
    "time": (ReasonCode.SOON_AFTER, ReasonCode.LONG_AFTER),
    "household_size": (ReasonCode.SAME_SIZE, ReasonCode.OTHER_SIZE),
}


@dataclass(frozen=True, slots=True)
class RequestSide:
    """One request of a pair: the request, and whether it has a place and a contact, never what they say."""

    need: Need
    has_place: bool
    has_contact: bool
    has_phone: bool


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two requests that may be one; the earlier one is kept when they are merged.

    Attributes
    ----------
    parts
        Bits for and against, by what was compared; they add up to ``bits``.
    distance_m
        Metres between the two places; none where one of them has none.
    because
        What speaks for it and what against it, the strongest first.
    facts
        Those that differ, of which the later one can be taken.
    """

    id: UUID
    state: PairState
    bits: float
    parts: dict[str, float]
    distance_m: float | None
    found_at: datetime
    decided_at: datetime | None
    earlier: RequestSide
    later: RequestSide
    because: tuple[Reason, ...]
    facts: tuple[Fact, ...]
    can_undo: bool

    @property
    def why(self) -> tuple[str, ...]:
        """What speaks for it and against it, in English."""
        return tuple(reason.words for reason in self.because)

    @property
    def metres_apart(self) -> int | None:
        """Whole metres between the two places, which say where neither is."""
        return None if self.distance_m is None else round(self.distance_m)
