"""Links without sign-in: what each opens, what its page shows, and what may be answered there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.match import LIVE
from geo.domain.words import CLOSED_STATUSES, MatchStatus, NeedStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.place import Point
    from geo.domain.words import Category, Urgency

LONGEST: Final = timedelta(days=90)
"""No link lasts longer, whatever is asked for."""


class LinkKind(StrEnum):
    """What a link is about: a match, for its helper; a need, for whoever asked; a promised shift; an asset."""

    HELP = "help"
    NEED = "need"
    SHIFT = "shift"
    ASSET = "asset"


LASTS: Final[Mapping[LinkKind, timedelta]] = {
    LinkKind.HELP: timedelta(days=14),
    LinkKind.NEED: timedelta(days=60),
    LinkKind.SHIFT: timedelta(days=14),
    LinkKind.ASSET: timedelta(days=60),
}
"""So long a link opens something when nobody says otherwise."""
PAGES: Final[Mapping[LinkKind, str]] = {
    LinkKind.HELP: "/help",
    LinkKind.NEED: "/asked",
    LinkKind.SHIFT: "/shift",
    LinkKind.ASSET: "/listed",
}
"""Where the page of each kind is."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is listed; never its secret. ``opened_at`` is when somebody first looked."""

    id: UUID
    kind: LinkKind
    match_id: UUID | None
    need_id: UUID | None
    sign_up_id: UUID | None
    asset_id: UUID | None
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What a good secret opens: one thing of one network, by its id."""

    id: UUID
    network_id: UUID
    kind: LinkKind
    subject: UUID


class HelpState(StrEnum):
    """How a match stands for its helper; ``gone`` is one that somebody else took or nobody needs any more."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    DONE = "done"
    DECLINED = "declined"
    FAILED = "failed"
    EXPIRED = "expired"
    GONE = "gone"


class HelpStep(StrEnum):
    """What a helper may do about a match."""

    ACCEPT = "accept"
    DECLINE = "decline"
    START = "start"
    DONE = "done"
    FAIL = "fail"


BECOMES: Final[Mapping[HelpStep, MatchStatus]] = {
    HelpStep.ACCEPT: MatchStatus.ACCEPTED,
    HelpStep.DECLINE: MatchStatus.DECLINED,
    HelpStep.START: MatchStatus.UNDER_WAY,
    HelpStep.DONE: MatchStatus.DONE,
    HelpStep.FAIL: MatchStatus.FAILED,
}
_STEPS: Final[Mapping[HelpState, tuple[HelpStep, ...]]] = {
    HelpState.ASKED: (HelpStep.ACCEPT, HelpStep.DECLINE),
    HelpState.ACCEPTED: (HelpStep.START, HelpStep.FAIL),
    HelpState.UNDER_WAY: (HelpStep.DONE, HelpStep.FAIL),
}


@dataclass(frozen=True, slots=True)
class AskedHelp:
    """A match as its helper sees it: what, about when, about where, and never the address.

    Attributes
    ----------
    area
        The streets around the middle of the household's cell; none where the place is not known or has no streets.
    travel_min
        Minutes from the helper's home by their own way of travelling.
    answer_by
        Until when it waits for its answer, or after accepting for its beginning.
    has_place
        Whether an address or a point is known at all.
    """

    state: HelpState
    category: Category | None
    urgency: Urgency | None
    area: str | None
    travel_min: float | None
    languages: tuple[str, ...]
    answer_by: datetime | None
    has_place: bool = False

    @property
    def steps(self) -> tuple[HelpStep, ...]:
        """What may be done now."""
        return _STEPS.get(self.state, ())

    @property
    def shows_place(self) -> bool:
        """Whether the exact place may be asked for."""
        return self.has_place and self.state in (HelpState.ACCEPTED, HelpState.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class HelpPlace:
    """Where help goes, for a helper who has said yes and is not done."""

    point: Point | None
    uncertainty_m: float | None
    address_typed: str | None


class AskedState(StrEnum):
    """How a need stands for whoever asked; ``done`` is one that a helper calls done and nobody has confirmed."""

    OPEN = "open"
    COMING = "coming"
    DONE = "done"
    MET = "met"
    CLOSED = "closed"


class Answer(StrEnum):
    """What whoever asked may say about their need."""

    STILL = "still"
    HELPED = "helped"
    NOT_ANY_MORE = "not_any_more"
    STOP = "stop"


_ANSWERS: Final[Mapping[AskedState, tuple[Answer, ...]]] = {
    AskedState.OPEN: (Answer.STILL, Answer.HELPED, Answer.NOT_ANY_MORE),
    AskedState.COMING: (Answer.STILL, Answer.HELPED, Answer.NOT_ANY_MORE),
    AskedState.DONE: (Answer.HELPED, Answer.STILL),
}


@dataclass(frozen=True, slots=True)
class OwnNeed:
    """A need as whoever asked sees it by their link; ``is_stopped`` once they want no more messages."""

    state: AskedState
    category: Category
    asked_at: datetime
    is_stopped: bool

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What may be said now."""
        stop = () if self.is_stopped else (Answer.STOP,)
        return _ANSWERS.get(self.state, ()) + stop


class PromiseState(StrEnum):
    """How a promised shift stands for its helper."""

    PROMISED = "promised"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class PromisedShift:
    """A shift somebody has promised to come to; ``place`` in public words, none at a private home."""

    state: PromiseState
    title: str
    role: str
    place: str | None
    starts_at: datetime
    ends_at: datetime

    @property
    def may_cancel(self) -> bool:
        """Whether it can still be said that one cannot come."""
        return self.state is PromiseState.PROMISED


def help_state(status: MatchStatus, *, is_wanted: bool) -> HelpState:
    """Tell how a match stands for its helper.

    Parameters
    ----------
    status
        As the match stands at the moment.
    is_wanted
        Whether the need is open and nobody else has claimed it; of no matter once the helper has.
    """
    if status is MatchStatus.PROPOSED:
        return HelpState.ASKED if is_wanted else HelpState.GONE
    if status is MatchStatus.WITHDRAWN:
        return HelpState.GONE
    return HelpState(status.value)


def asked_state(need: NeedStatus, match: MatchStatus | None, *, is_confirmed: bool) -> AskedState:
    """Tell how a need stands for whoever asked.

    Parameters
    ----------
    match
        How the match stands that counts: the live one, or else the last that was done.
    is_confirmed
        Whether that one was confirmed.
    """
    if need in CLOSED_STATUSES - {NeedStatus.MET}:
        return AskedState.CLOSED
    if need is NeedStatus.MET:
        waits = match is MatchStatus.DONE and not is_confirmed
        return AskedState.DONE if waits else AskedState.MET
    return AskedState.COMING if match in LIVE else AskedState.OPEN
