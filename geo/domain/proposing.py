"""What a batch of proposals is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.reasons import in_words
from geo.domain.words import Urgency
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from geo.domain.balance import Balance
    from geo.domain.hours import Window
    from geo.domain.reasons import Reason
    from geo.domain.travel import TravelModelInfo
    from geo.domain.words import Category

URGENCY_WEIGHT: Final[Mapping[Urgency, float]] = {
    Urgency.CRITICAL: 4.0, Urgency.HIGH: 2.0, Urgency.NORMAL: 1.0, Urgency.LOW: 0.5,
}  # fmt: skip
"""What a minute of travel to a need counts."""
LEFT_OUT_MIN: Final = 240.0
"""Leaving a need out counts as so many minutes of travel to it, and a bonus for waiting on top."""
WAITING_MIN_PER_H: Final = 0.5
MOST_WAITING_MIN: Final = 240.0
MOST_NEEDS: Final = 10_000
MOST_HELPERS: Final = 200_000


class LeftOut(StrEnum):
    """Why nobody is proposed for a need: the first thing nobody is left after."""

    NO_PLACE = "no_place"
    NEEDS_AN_ORGANIZER = "needs_an_organizer"
    NOBODY_OFFERS_IT = "nobody_offers_it"
    NO_SHARED_LANGUAGE = "no_shared_language"
    NO_CAR = "no_car"
    NOT_AT_THAT_TIME = "not_at_that_time"
    NO_ROOM_THIS_WEEK = "no_room_this_week"
    ASKED_LATELY = "asked_lately"
    TOO_FAR = "too_far"
    KEPT_APART = "kept_apart"
    ALL_DECLINED = "all_declined"
    OTHERS_COME_FIRST = "others_come_first"


@dataclass(frozen=True, slots=True)
class ProposalAsked:
    """For which needs, and how.

    Attributes
    ----------
    category, urgency, need_ids
        Only these; all open needs when left out.
    window
        When help is to be given; hours do not matter when left out. A helper who has not said when is asked too.
    ring_min
        Minutes of travel that are asked of anybody at first; it widens for needs nobody answered about, and never
        beyond what a helper is willing to travel.
    most_each
        No helper is asked about more needs at once: the bound on how unevenly load may spread.
    fair_min
        Each need a helper carries already makes them so many minutes farther away.
    cool_down_h
        Whoever was asked in so many hours before is left in peace.
    answer_within_h
        After so long what is kept lapses.
    """

    category: Category | None = None
    urgency: Urgency | None = None
    need_ids: tuple[UUID, ...] = ()
    window: Window | None = None
    ring_min: float = 30.0
    most_each: int = 2
    fair_min: float = 5.0
    cool_down_h: float = 12.0
    answer_within_h: float = 24.0
    keep: bool = False

    def __post_init__(self) -> None:
        bounds = {
            "ring_min": (1, 240), "most_each": (1, 10), "fair_min": (0, 60), "cool_down_h": (0, 336),
            "answer_within_h": (0.25, 336),
        }  # fmt: skip
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise InvalidInput(f"{name} must be between {least} and {most}", field=name)


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """A helper to ask about a need; ``match_id`` once it is kept."""

    need_id: UUID
    helper_id: UUID
    helper_name: str
    travel_min: float
    because: tuple[Reason, ...]
    match_id: UUID | None = None

    @property
    def reason(self) -> str:
        """Why, in one English line."""
        return in_words(self.because)


@dataclass(frozen=True, slots=True)
class UnmatchedNeed:
    """A need nobody is proposed for, and why."""

    need_id: UUID
    why: LeftOut


@dataclass(frozen=True, slots=True)
class ProposalReport:
    """Who is to be asked about what.

    ``objective`` and ``bound`` are in weighted minutes: no choice that serves as many needs costs less than ``bound``.
    ``taken_meanwhile`` counts pairs that were not kept because somebody was quicker.
    """

    pairs: tuple[ProposedPair, ...]
    unmatched: tuple[UnmatchedNeed, ...]
    objective: float
    bound: float
    gap: float
    is_optimal: bool
    helper_count: int
    travel_model: TravelModelInfo
    balance: Balance
    taken_meanwhile: int = 0
    is_kept: bool = field(default=False)
