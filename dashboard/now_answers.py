"""What an organizer sees first, as the API answers it: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from geo.domain.now import NeedFlow

from dashboard.answers import Need, read_balance

if TYPE_CHECKING:
    from geo.domain.balance import Balance

    from dashboard.answers import Json

_COUNTS = ("open_then", "came_in", "met", "withdrawn", "expired", "merged", "open_now")


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do; ``kind`` as the API names it."""

    kind: str
    count: int
    is_more: bool

    @classmethod
    def read(cls, body: Json) -> Task:
        """Take one of them out of an answer."""
        return cls(str(body["kind"]), int(body["count"]), bool(body["is_more"]))


@dataclass(frozen=True, slots=True)
class FirstLook:
    """How needs came and went, which wait longest, what to do next, and the balance line."""

    flow: NeedFlow
    longest: tuple[Need, ...]
    tasks: tuple[Task, ...]
    balance: Balance

    @classmethod
    def read(cls, body: Json) -> FirstLook:
        """Take the answer apart.

        Raises
        ------
        GeoError
            When the figures do not add up.
        """
        flow = body["flow"]
        counts = {name: int(flow[name]) for name in _COUNTS}
        return cls(
            flow=NeedFlow(since=datetime.fromisoformat(flow["since"]), **counts),
            longest=tuple(Need.read(item) for item in body["longest"]),
            tasks=tuple(Task.read(item) for item in body["tasks"]),
            balance=read_balance(body["balance"]),
        )
