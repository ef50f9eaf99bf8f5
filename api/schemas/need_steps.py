"""One step for several needs at once, and what became of each."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from geo.domain.words import NeedStatus, Urgency

from api.schemas.common import Body, ClientId, count
from api.schemas.needs import NeedOut

MOST_AT_ONCE: Final = 200
_NEED: Final = "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"
STEPS_EXAMPLES: Final[dict[str, Any]] = {
    "withdrawn": {
        "summary": "Close what is not wanted any more",
        "value": {"status": "withdrawn", "reason": "The shop is open again", "items": [{"id": _NEED, "version": 1}]},
    },
    "urgent": {"value": {"urgency": "high", "items": [{"id": _NEED, "version": 2}]}},
}
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NeedSeen(Body):
    """A need, and the version it was read at: one that has changed since is left as it is."""

    id: ClientId
    version: Annotated[int, count(1, 1_000_000_000)]


def _each_once(items: tuple[NeedSeen, ...]) -> tuple[NeedSeen, ...]:
    if len({one.id for one in items}) != len(items):
        raise ValueError("must not name a need twice")
    return items


class NeedStepsIn(Body):
    """A status or an urgency for each of the needs that are named."""

    status: Literal[NeedStatus.OPEN, NeedStatus.MET, NeedStatus.WITHDRAWN] | None = None
    urgency: Urgency | None = None
    reason: Annotated[Why | None, Field(description="why they are closed; all organizers may read it")] = None
    items: Annotated[tuple[NeedSeen, ...], Field(min_length=1, max_length=MOST_AT_ONCE), AfterValidator(_each_once)]

    @model_validator(mode="after")
    def _one_step(self) -> Self:
        if (self.status is None) == (self.urgency is None):
            raise ValueError("give either a status or an urgency")
        if self.reason is not None and self.status in (None, NeedStatus.OPEN):
            raise ValueError("a reason is for closing")
        return self

    def changes(self) -> dict[str, str]:
        """Give the change that each need is to have."""
        given = {"status": self.status, "urgency": self.urgency}
        return {name: word.value for name, word in given.items() if word is not None}


class StepProblem(BaseModel):
    """Why one need was left as it is, as RFC 9457 writes a problem."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


class NeedStepOut(BaseModel):
    """What became of one need: as it is now, or why it was left."""

    id: UUID
    need: NeedOut | None = None
    problem: StepProblem | None = None


class NeedStepsOut(BaseModel):
    """What became of each, in the order they were named."""

    done: int
    left: int
    results: list[NeedStepOut]
