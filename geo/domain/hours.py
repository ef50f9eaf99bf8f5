"""When help can be had: a window of time, the hours of a place or person as written, and what they come to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

MAX_HOURS: Final = 1000
"""Characters of opening hours, and of a schedule."""


_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}", re.ASCII)


def get_zone(name: str) -> ZoneInfo:
    """Get a zone of the IANA list by its name.

    Raises
    ------
    InvalidInput
        If there is none of this name.
    """
    try:
        if _ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    raise InvalidInput("this is no zone of time; write one as Europe/Helsinki is written", field="time_zone")


class Opening(StrEnum):
    """Whether help can be had during the whole of a window."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Window:
    """From one instant to a later one, both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInput("a window needs instants with their offset", field="window")
        if not self.start < self.end:
            raise InvalidInput("a window must end after it starts", field="window")


@dataclass(frozen=True, slots=True)
class Hours:
    """What is written about when help can be had, and where and in which zone of time that is meant.

    Attributes
    ----------
    zone
        The network's; what is written without a zone is meant in it.
    opening_hours
        As OpenStreetMap writes them, of a place.
    schedule
        As RFC 5545 writes it, of a place or a person; where there is one, it alone counts.
    lon, lat
        Degrees, for sunrise and the country's public holidays; without them the sun rises at 7 and sets at 19, and
        no day is a holiday.
    """

    zone: ZoneInfo
    opening_hours: str | None = None
    schedule: str | None = None
    lon: float | None = None
    lat: float | None = None
