"""What every travel model must answer, and how it names itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from geo.domain.words import Mode


@dataclass(frozen=True, slots=True)
class TravelModelInfo:
    """The name every output carries, and one sentence on what it means."""

    name: str
    note: str


class TravelModel(Protocol):
    """Turns distance and mode into minutes."""

    @property
    def info(self) -> TravelModelInfo:
        """How this model is named in outputs."""

    def minutes(self, straight_m: float, mode: Mode) -> float:
        """Estimate minutes for a straight-line distance in metres."""

    def reach_m(self, minutes: float, mode: Mode) -> float:
        """Give the straight-line distance in metres that is within so many minutes."""
