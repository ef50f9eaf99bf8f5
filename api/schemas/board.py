"""The board as it leaves: lanes with their counts, cards, and matches with the need they are about."""

from __future__ import annotations

from pydantic import BaseModel, Field

from geo.domain.board import Lane

from api.schemas.common import Instant
from api.schemas.matches import MatchOut
from api.schemas.meta import BalanceOut
from api.schemas.needs import NeedOut


class LaneOut(BaseModel):
    """How many needs are in a lane."""

    lane: Lane
    count: int
    pressing: int = Field(description="of them critical or urgent")
    oldest_at: Instant | None = Field(description="when the oldest of them arrived")


class BoardCardOut(BaseModel):
    """A need on the board, with the match that says how it stands."""

    lane: Lane
    need: NeedOut
    match: MatchOut | None
    who: str | None = Field(description="the helper or place of the match")
    asked: int = Field(description="how many have been asked and have not answered")


class BoardOut(BaseModel):
    """One lane of the board, the counts of all of them, and the balance line."""

    lanes: list[LaneOut]
    lane: Lane
    items: list[BoardCardOut]
    balance: BalanceOut


class MatchedNeedOut(BaseModel):
    """A match with the need it is about."""

    match: MatchOut
    need: NeedOut
    who: str | None


class MatchedNeeds(BaseModel):
    """Matches of a need or a helper, the newest first."""

    items: list[MatchedNeedOut]
