"""The life of a match: from proposed to confirmed by the person helped, and what may follow what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.words import MatchStatus
from geo.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

UNDO_WITHIN: Final = timedelta(minutes=15)
"""So long the last step of a match can be taken back."""
ANSWER_WITHIN: Final = timedelta(hours=24)
"""So long a proposal waits for its answer when nobody says otherwise."""
START_WITHIN: Final = timedelta(hours=48)
"""So long a claim holds a need for somebody who has not set out."""
COOL_DOWN: Final = timedelta(hours=12)
"""Whoever was asked so short a time before is left in peace when nobody says otherwise."""
LONGEST_WAIT: Final = timedelta(days=14)
UNANSWERED_MOST: Final = 3
"""After so many proposals that nobody answered, an organizer has to look at the need."""


class MatchReason(StrEnum):
    """Why a match was declined or failed."""

    NO_TIME = "no_time"
    NOT_FOR_ME = "not_for_me"
    NOBODY_HOME = "nobody_home"
    WRONG_ADDRESS = "wrong_address"
    NOT_WANTED = "not_wanted"
    TOO_FAR = "too_far"
    UNSAFE = "unsafe"
    OTHER = "other"


DECLINE_REASONS: Final = frozenset(
    {MatchReason.NO_TIME, MatchReason.NOT_FOR_ME, MatchReason.TOO_FAR, MatchReason.UNSAFE, MatchReason.OTHER}
)
FAIL_REASONS: Final = frozenset(MatchReason) - {MatchReason.NO_TIME, MatchReason.NOT_FOR_ME}
LOOK_FIRST: Final = frozenset({MatchReason.WRONG_ADDRESS, MatchReason.NOT_WANTED, MatchReason.UNSAFE})
"""Failures after which nobody is asked again before a person has looked."""
LIVE: Final = frozenset({MatchStatus.ACCEPTED, MatchStatus.UNDER_WAY})
"""While a match is so, it holds its need and takes room of its helper."""
LAPSING: Final = frozenset({MatchStatus.PROPOSED, MatchStatus.ACCEPTED})
"""What has an end of its own."""
FOLLOWS: Final[Mapping[MatchStatus, frozenset[MatchStatus]]] = {
    MatchStatus.PROPOSED: frozenset(
        {MatchStatus.ACCEPTED, MatchStatus.DECLINED, MatchStatus.EXPIRED, MatchStatus.WITHDRAWN}
    ),
    MatchStatus.ACCEPTED: frozenset({MatchStatus.UNDER_WAY, MatchStatus.FAILED, MatchStatus.EXPIRED}),
    MatchStatus.UNDER_WAY: frozenset({MatchStatus.DONE, MatchStatus.FAILED}),
}
"""What may follow what; after anything else nothing does."""
_REASONS: Final = {MatchStatus.DECLINED: DECLINE_REASONS, MatchStatus.FAILED: FAIL_REASONS}


@dataclass(frozen=True, slots=True)
class Match:
    """A need brought together with a helper or an asset.

    Attributes
    ----------
    status
        As it stands at the moment of reading: what has lapsed is ``expired``, whether or not that is written yet.
    expires_at
        When a proposal or a claim lapses by itself; none for what does not.
    done_at, confirmed_at
        When help was given, and when the person helped said so.
    """

    id: UUID
    need_id: UUID
    helper_id: UUID | None
    asset_id: UUID | None
    status: MatchStatus
    reason: MatchReason | None
    travel_min: float | None
    expires_at: datetime | None
    done_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class MatchEvent:
    """One step of a match: who took it, when, from what to what, and why."""

    match_id: UUID
    at: datetime
    actor: UUID | None
    from_status: MatchStatus | None
    to_status: MatchStatus
    reason: MatchReason | None
    is_undo: bool


@dataclass(frozen=True, slots=True)
class WaitingNeed:
    """An open need nobody is asked about by itself any more: how often nobody answered, or why help failed."""

    need_id: UUID
    unanswered: int
    reason: MatchReason | None


@dataclass(frozen=True, slots=True)
class KeptApart:
    """A helper and a household that are never brought together; why is not kept."""

    id: UUID
    helper_id: UUID
    household_id: UUID
    created_at: datetime


def check_step(now: MatchStatus, then: MatchStatus, reason: MatchReason | None = None) -> None:
    """Refuse a step that cannot be taken.

    Raises
    ------
    Conflict
        If ``then`` does not follow ``now``.
    InvalidInput
        If the step wants a reason and has none, has one that is not its own, or wants none.
    """
    allowed = _REASONS.get(then, frozenset())
    if (reason is None) == bool(allowed) or (reason is not None and reason not in allowed):
        words = ", ".join(sorted(allowed)) or "none"
        raise InvalidInput(f"the reasons that fit this step: {words}", field="reason")
    if then not in FOLLOWS.get(now, frozenset()):
        raise Conflict(f"a match that is {now.value} cannot become {then.value}")


def widen_ring(ring_min: float, unanswered: int) -> float:
    """Widen how far help is looked for, by half for each proposal that nobody answered.

    Parameters
    ----------
    ring_min
        Minutes of travel at first.
    unanswered
        How many proposals of the need have lapsed; more than ``UNANSWERED_MOST`` widen no further.
    """
    return ring_min * (1 + 0.5 * min(unanswered, UNANSWERED_MOST))
