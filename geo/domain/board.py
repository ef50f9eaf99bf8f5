"""The board: where every need stands on its way from asked for to done, and who is on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.words import MatchStatus, NeedStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from geo.domain.match import Match
    from geo.domain.records import Need

DONE_DAYS: Final = 7
"""So many days a need that is met stays on the board."""


class Lane(StrEnum):
    """Where a need stands."""

    WAITING = "waiting"
    ASKED = "asked"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    DONE = "done"


STANDS: Final[Mapping[Lane, MatchStatus]] = {
    Lane.ASKED: MatchStatus.PROPOSED,
    Lane.ACCEPTED: MatchStatus.ACCEPTED,
    Lane.UNDER_WAY: MatchStatus.UNDER_WAY,
    Lane.DONE: MatchStatus.DONE,
}
"""How the match of a need stands in each lane; nobody has been found in the first."""


@dataclass(frozen=True, slots=True)
class BoardCard:
    """A need on the board.

    Attributes
    ----------
    match
        The one that says how the need stands; none where nobody is asked, or somebody helps who was not asked here.
    who
        The helper or the place of that match, by name.
    asked
        How many have been asked about it and have not answered.
    """

    lane: Lane
    need: Need
    match: Match | None
    who: str | None
    asked: int


@dataclass(frozen=True, slots=True)
class LaneCount:
    """How many needs are in a lane, how many of them are pressing, and since when the oldest has waited."""

    lane: Lane
    count: int = 0
    pressing: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MatchedNeed:
    """A match with the need it is about, and the helper or place by name."""

    match: Match
    need: Need
    who: str | None


def lane_of(status: NeedStatus, match: MatchStatus | None) -> Lane:
    """Tell in which lane a need stands.

    Parameters
    ----------
    status
        Of the need, which is neither withdrawn nor expired.
    match
        How far its farthest match is, at this instant; none without one.
    """
    if status is NeedStatus.MET:
        return Lane.DONE
    if match in (MatchStatus.ACCEPTED, MatchStatus.UNDER_WAY):
        return Lane(match.value)
    if status is NeedStatus.IN_PROGRESS:
        return Lane.UNDER_WAY
    return Lane.ASKED if match is MatchStatus.PROPOSED else Lane.WAITING
