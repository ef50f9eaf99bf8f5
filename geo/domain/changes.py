"""What has changed since somebody asked last: records as they are now, and those that are there no more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class GoneReason(StrEnum):
    """Why a record is no longer in what is pulled."""

    MET = "met"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    MERGED = "merged"
    REMOVED = "removed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One record: its feature as it is now, or why there is none any more."""

    id: str
    feature: dict[str, Any] | None
    gone: GoneReason | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in an order in which they may be applied, and where to go on.

    Attributes
    ----------
    next
        The position after them, to be given next time; it stays the same while nothing happens.
    has_more
        Whether there is more at once.
    """

    changes: tuple[Change, ...]
    next: str
    has_more: bool
