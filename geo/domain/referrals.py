"""The life of a referral: a need handed to a partner's service, with consent, until it answers or the time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from geo.domain.words import Category, NeedStatus

REMIND_BEFORE: Final = timedelta(days=2)
"""So long before its end a referral that nobody answered is reminded of."""
USUAL_DAYS: Final = 14
LONGEST_DAYS: Final = 90


class ReferralState(StrEnum):
    """How a referral stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    SERVED = "served"
    DECLINED = "declined"
    NOT_ELIGIBLE = "not_eligible"
    FULL = "full"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ReferralReason(StrEnum):
    """Why a partner declines: a kind and never a text, which could say something about somebody."""

    OUTSIDE_AREA = "outside_area"
    CANNOT_REACH = "cannot_reach"
    NOT_OUR_HELP = "not_our_help"
    NO_LANGUAGE = "no_language"
    OTHER = "other"


RUNNING: Final = frozenset({ReferralState.WAITING, ReferralState.ACCEPTED})
"""While it stands so and its time is not over, the partner has the need."""
ANSWERS: Final = frozenset(ReferralState) - {ReferralState.WAITING, ReferralState.WITHDRAWN, ReferralState.EXPIRED}
"""What a partner may say."""
FOLLOWS: Final[Mapping[ReferralState, frozenset[ReferralState]]] = {
    ReferralState.WAITING: ANSWERS | {ReferralState.WITHDRAWN, ReferralState.EXPIRED},
    ReferralState.ACCEPTED: ANSWERS - {ReferralState.ACCEPTED} | {ReferralState.WITHDRAWN, ReferralState.EXPIRED},
}
"""What may follow what; after anything else nothing does."""


def state_at(state: ReferralState, expires_at: datetime, now: datetime) -> ReferralState:
    """Tell how a referral stands at an instant: what has run out reads as expired at once, written down or not."""
    return ReferralState.EXPIRED if state in RUNNING and expires_at <= now else state


def check_answer(state: ReferralState, said: ReferralState, reason: ReferralReason | None) -> None:
    """Refuse an answer that does not follow.

    Parameters
    ----------
    state
        How it stands now, by :func:`state_at`.

    Raises
    ------
    InvalidInput
        If a partner cannot say that, or the reason does not fit: declining has one, and nothing else has.
    Conflict
        If the referral is over.
    """
    if said not in ANSWERS:
        raise InvalidInput("a partner cannot say that", field="outcome")
    if (said is ReferralState.DECLINED) != (reason is not None):
        raise InvalidInput("declining has a reason, and nothing else has", field="reason")
    if said not in FOLLOWS.get(state, ()):
        raise Conflict("this referral is over, or was answered so already")


@dataclass(frozen=True, slots=True)
class Referral:
    """A need handed to a partner, as organizers list it.

    ``partner`` and ``service`` are names. ``category`` and ``need_status`` are the need's, so that a list can be read.
    """

    id: UUID
    need_id: UUID
    agreement_id: UUID
    partner: str
    asset_id: UUID | None
    service: str | None
    category: Category
    need_status: NeedStatus
    state: ReferralState
    reason: ReferralReason | None
    consent_at: datetime
    created_at: datetime
    created_by: UUID | None
    answered_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime
    reminded_at: datetime | None

    @property
    def is_running(self) -> bool:
        """Whether the partner has the need."""
        return self.state in RUNNING

    @property
    def is_due_soon(self) -> bool:
        """Whether nobody has answered and little time is left."""
        left = self.expires_at - datetime.now(UTC)
        return self.state is ReferralState.WAITING and left <= REMIND_BEFORE


@dataclass(frozen=True, slots=True)
class ReferralEvent:
    """One step of a referral: who took it, and what it led from and to. The actor may be a partner's agreement."""

    referral_id: UUID
    at: datetime
    actor: UUID | None
    from_state: ReferralState | None
    to_state: ReferralState
    reason: ReferralReason | None
    is_undo: bool


@dataclass(frozen=True, slots=True)
class OwnReferral:
    """A referral as the partner lists it: without a place, and once it is over without what was needed.

    ``feature_id`` is the need's name in this partner's own feed.
    """

    id: UUID
    state: ReferralState
    reason: ReferralReason | None
    service: str | None
    category: Category | None
    feature_id: str | None
    referred_at: datetime
    answered_at: datetime | None
    expires_at: datetime

    @property
    def answers(self) -> tuple[ReferralState, ...]:
        """What may be said to it now."""
        return tuple(sorted(FOLLOWS.get(self.state, frozenset()) & ANSWERS))

    @property
    def is_due_soon(self) -> bool:
        """Whether nobody has answered and little time is left."""
        left = self.expires_at - datetime.now(UTC)
        return self.state is ReferralState.WAITING and left <= REMIND_BEFORE
