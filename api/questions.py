"""What is asked of coverage: standard, usual mode and hour, as every route that gives figures takes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from geo.domain.hours import Window
from geo.domain.words import Mode
from geo.store.coverage import Question

from api.deps import ReckoningDep
from api.params import StandardMin
from api.schemas.common import Instant
from api.standards import StandardDep

OpenAt = Annotated[
    Instant | None,
    Query(description="count only help that is open for an hour from then; help of which that is unknown, at best"),
]
WithinArea = Annotated[UUID | None, Query(description="only what lies in this area")]


# not async: the travel engine may have to be looked for
def _any_hour(
    standard: StandardDep, reckoning: ReckoningDep, standard_min: StandardMin = None, mode: Mode = Mode.WALK
) -> Question:
    minutes, network = standard.found(standard_min)
    return Question(reckoning.travel, minutes, mode, network=network)


AnyHourDep = Annotated[Question, Depends(_any_hour)]
"""A question by ``hex``, whatever the hours of help are."""


async def _question(question: AnyHourDep, open_at: OpenAt = None) -> Question:
    window = None if open_at is None else Window(open_at, open_at + timedelta(hours=1))
    return replace(question, window=window)


QuestionDep = Annotated[Question, Depends(_question)]
"""A question by ``hex``, of the hour that is asked for."""
