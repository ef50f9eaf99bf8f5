"""Needs, assets, helpers and the rest as they are passed around: frozen, and without any exact place.

The exact place and the contact of a person never travel inside these records; see ``geo.domain.place.Location``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.domain.reasons import in_words
from geo.domain.words import (
    Access,
    AssetStatus,
    Category,
    DecisionKind,
    HelperStatus,
    LocationState,
    MatchQuality,
    Mode,
    NeedStatus,
    ReviewMark,
    ReviewState,
    StepFree,
    Urgency,
    Vehicle,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from uuid import UUID

    from shapely.geometry import MultiPolygon

    from geo.domain.place import Point
    from geo.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Need:
    """What someone asks for; known to the outside by its H3 cell alone."""

    id: UUID
    category: Category
    urgency: Urgency
    status: NeedStatus
    location_state: LocationState
    match_quality: MatchQuality
    uncertainty_m: float | None
    cell: str | None
    household_size: int
    languages: tuple[str, ...]
    access: tuple[Access, ...]
    withheld: bool
    source: str
    received_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    version: int
    review_mark: ReviewMark | None = None

    @property
    def mode(self) -> Mode:
        """How this household travels when it has to come to the help."""
        return mode_of(self.access, Mode.WALK)


def mode_of(access: Collection[Access], usual: Mode) -> Mode:
    """Tell how a household travels: its own way where it has one, the usual way otherwise."""
    return Mode.WHEELCHAIR if Access.WHEELCHAIR in access else usual


@dataclass(frozen=True, slots=True)
class Asset:
    """Anything that can meet a need: a service, place, stock or skill.

    ``opening_hours`` are as OpenStreetMap writes them, ``schedule`` as RFC 5545 does; where both are given the
    schedule counts. With an ``interpreter`` it can be asked in any language.

    ``point`` is set for public places only; an asset at a private home has a cell and no point.
    ``capacity_per_week`` is in needs per week, ``None`` when nobody has said.
    """

    id: UUID
    organization_id: UUID | None
    kind: str
    categories: tuple[Category, ...]
    name: str
    description: str | None
    status: AssetStatus
    is_private: bool
    point: Point | None
    cell: str | None
    address: str | None
    capacity_per_week: int | None
    opening_hours: str | None
    step_free: StepFree
    languages: tuple[str, ...]
    source: str
    source_ref: str | None
    assured_on: date | None
    updated_at: datetime
    version: int
    schedule: str | None = None
    interpreter: bool = False


@dataclass(frozen=True, slots=True)
class Helper:
    """A volunteer. ``public_name`` is what they chose to be called; the home is known by its cell alone.

    They are free as ``availability`` says (RFC 5545), and with ``interpreter`` can be asked in any language.

    ``capacity_per_week`` and ``load`` count needs per week; ``max_travel_min`` is in minutes of their own mode.
    """

    id: UUID
    public_name: str
    categories: tuple[Category, ...]
    languages: tuple[str, ...]
    vehicle: Vehicle
    status: HelperStatus
    capacity_per_week: int
    load: int
    max_travel_min: int
    cell: str | None
    last_asked_at: datetime | None
    updated_at: datetime
    version: int
    availability: str | None = None
    interpreter: bool = False

    @property
    def mode(self) -> Mode:
        """How this helper travels."""
        return {Vehicle.CAR: Mode.CAR, Vehicle.BICYCLE: Mode.BICYCLE}.get(self.vehicle, Mode.WALK)


@dataclass(frozen=True, slots=True)
class Organization:
    """Who stands behind assets (HSDS)."""

    id: UUID
    name: str
    description: str | None
    url: str | None
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon with its people; ``geometry`` is WGS 84."""

    id: UUID
    slug: str
    name: str
    kind: str
    geometry: MultiPolygon
    population: int | None
    dwellings: int | None
    source: str
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A geocoder's candidate as a reviewer sees it: in words, and as a place of the register to put on a map."""

    point: Point
    label: str
    match_quality: MatchQuality
    uncertainty_m: float
    score: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A need whose address waits for a person: what was typed, and what was offered in the order to choose from.

    ``note`` is what is to be asked, where somebody said so. ``can_remember`` tells whether what was typed names one
    place, so that a decision may answer for the same text again.
    """

    need: Need
    state: ReviewState
    address_typed: str | None
    candidates: tuple[Offer, ...]
    note: str | None = None
    can_remember: bool = False


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """The last decision about a need that still stands: what, by whom and when; the operator has no id.

    ``remembered`` tells that it answers for the same text again, ``can_undo`` that it can be taken back.
    """

    id: UUID
    need: Need
    kind: DecisionKind
    decided_by: UUID | None
    decided_at: datetime
    address_typed: str | None
    note: str | None
    remembered: bool
    can_undo: bool


@dataclass(frozen=True, slots=True)
class Alias:
    """A decision that is remembered for the text it was made for; known by its cell, never by its point or the text.

    ``label`` names the place as the gazetteer does, and is empty for a pin.
    """

    id: UUID
    label: str | None
    cell: str
    match_quality: MatchQuality
    uncertainty_m: float
    learned_by: UUID | None
    learned_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How many needs are on each list of the queue, and how many were decided since midnight, UTC."""

    waiting: int
    ask_again: int
    outside_area: int
    decided_today: int


@dataclass(frozen=True, slots=True)
class ReceivedEntry:
    """An entry as the phone that handed it in may see it again: that it came, and when."""

    id: UUID
    kind: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class NearestResult:
    """A helper or asset that can meet a need, how far it is, and why it was chosen."""

    kind: str
    id: UUID
    name: str
    cell: str | None
    distance_m: float
    travel_min: float
    mode: Mode
    because: tuple[Reason, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Each of them in English."""
        return tuple(reason.words for reason in self.because)

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """What each of them is."""
        return tuple(reason.code.value for reason in self.because)

    @property
    def reason(self) -> str:
        """All of them in one English line."""
        return in_words(self.because)
