"""Now: what has changed since an organizer last looked, what waits longest, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.errors import GeoError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from geo.domain.records import Need

LONGEST_BACK: Final = timedelta(days=92)
"""What has changed since longer ago is not told: nobody reads it as news."""
VISIT_GAP: Final = timedelta(hours=4)
"""Looks at the first page less than this apart are one visit."""
UNCLAIMED_DAYS: Final = 3
"""A need for which nobody has been found after so many days is a thing to do."""
NEAR_M: Final = 1_000
"""A helper at most so far from a need is near, wherever in their circles of uncertainty both may be."""
LOOKED_AT: Final = 50
"""So many of the needs that wait longest are looked at for a helper near."""
ENDING_DAYS: Final = 2
"""A turf with doors left that ends within so many days is a thing to do."""
MOST_COUNTED: Final = 1_000
"""Things to do are counted so far and no further."""


class TaskKind(StrEnum):
    """What there may be to do, in the order it is told."""

    NEEDS_YOU = "needs_you"
    HELPER_NEAR = "helper_near"
    UNCLAIMED = "unclaimed"
    REVIEW = "review"
    ENTRIES = "entries"
    DUPLICATES = "duplicates"
    REFERRALS = "referrals"
    TURFS = "turfs"
    ASSET_ANSWERS = "asset_answers"
    ASSETS = "assets"


@dataclass(frozen=True, slots=True)
class LastVisit:
    """When somebody last looked at the first page before this visit; nothing on the first one."""

    before: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: how often, and whether there is more than was counted."""

    kind: TaskKind
    count: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class NeedFlow:
    """How needs came and went since an instant; refuses to exist when it does not add up.

    What was open then, with what came in, is what was closed since, with what is open now. ``open_now`` counts the
    withheld too, as the balance line does. A need that was closed and is open again counts as open all the while. One
    that was erased is in none of the numbers.
    """

    since: datetime
    open_then: int
    came_in: int
    met: int
    withdrawn: int
    expired: int
    merged: int
    open_now: int

    def __post_init__(self) -> None:
        if self.open_then + self.came_in != self.closed + self.open_now or self.open_then < 0:
            raise GeoError("what came and what went do not add up")

    @property
    def closed(self) -> int:
        """How many were closed since."""
        return self.met + self.withdrawn + self.expired + self.merged


@dataclass(frozen=True, slots=True)
class Now:
    """The organizer's first look: the flow, the needs nobody was found for that wait longest, and what to do next."""

    flow: NeedFlow
    longest: Sequence[Need]
    tasks: Sequence[Task]
