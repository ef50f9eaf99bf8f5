"""How a network is set up: what is its own, and what whoever runs the installation has decided for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class NetworkSetup:
    """What a network says of itself.

    Attributes
    ----------
    time_zone
        A name of the IANA list, in which hours are meant.
    languages
        Codes of what whoever runs it speaks.
    escalate_after_h
        Hours without an answer after which somebody else is asked.
    standard_min
        Minutes within which help should be reached; none while the installation's holds.
    """

    name: str
    time_zone: str
    languages: tuple[str, ...]
    escalate_after_h: int
    standard_min: int | None
    version: int


@dataclass(frozen=True, slots=True)
class InstallationSetup:
    """What is decided where Barnraiser runs, and holds for every network there.

    Attributes
    ----------
    release
        The version of Barnraiser.
    standard_min
        Minutes within which help should be reached, where a network says nothing.
    place_days, contact_days
        Days after closing when the exact place goes, and the contact. A network's rules of release say so.
    message_days
        Days what was sent to people is kept.
    verify_days
        Days a confirmation of an asset lasts.
    reads_per_min
        Questions one person or key may ask in a minute.
    asks_outside
        Whether networks may allow an outside address service.
    channels
        By which ways messages leave the host; none when they do not.
    travel_name, travel_note, travel_how
        Which engine reckons travel, and what it leaves out: in English, and as codes with their parts.
    """

    release: str
    standard_min: float
    place_days: int
    contact_days: int
    message_days: int
    verify_days: int
    reads_per_min: int
    asks_outside: bool
    channels: tuple[str, ...]
    travel_name: str
    travel_note: str
    travel_how: tuple[Mapping[str, Any], ...]
