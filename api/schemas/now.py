"""The organizer's first look as it leaves."""

from __future__ import annotations

from pydantic import BaseModel, Field

from geo.domain.now import MOST_COUNTED, TaskKind

from api.schemas.common import Instant
from api.schemas.meta import BalanceOut
from api.schemas.needs import NeedOut


class NeedFlowOut(BaseModel):
    """How needs came and went: ``open_then + came_in = met + withdrawn + expired + merged + open_now``."""

    since: Instant
    open_then: int
    came_in: int
    met: int
    withdrawn: int
    expired: int
    merged: int
    open_now: int = Field(description="with those that are withheld")


class LastVisitOut(BaseModel):
    """When whoever asks was last here, before this visit."""

    before: Instant | None = Field(description="null on the first visit")


class TaskOut(BaseModel):
    """Something to do next."""

    kind: TaskKind
    count: int = Field(description=f"{MOST_COUNTED} at most")
    is_more: bool = Field(description="there is more than was counted")


class NowOut(BaseModel):
    """What changed, what waits longest, what to do next, and the balance line."""

    flow: NeedFlowOut
    longest: list[NeedOut] = Field(description="needs nobody has been found for, the longest waiting first")
    tasks: list[TaskOut] = Field(description="in the order in which they matter; what there is none of is left out")
    balance: BalanceOut
