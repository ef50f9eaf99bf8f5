"""One address on its way through the steps of a lookup."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geo.domain.words import MatchQuality
from geo.geocode.score import CONFLICTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from geo.domain.place import Candidate
    from geo.geocode.hits import Hit
    from geo.geocode.parse import ParsedAddress
    from geo.geocode.reading import Reading

_SURE: Final = frozenset({MatchQuality.ROOFTOP, MatchQuality.INTERPOLATED, MatchQuality.INTERSECTION})


@dataclass(slots=True)
class Lookup:
    """One address on its way through the steps."""

    parsed: ParsedAddress
    found: list[Candidate] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    words: Collection[str] = ()
    here: Collection[str] = ()

    @property
    def is_settled(self) -> bool:
        """Whether a place was found that contradicts nothing typed."""
        return any(c.match_quality in _SURE and not any(f.name in CONFLICTS for f in c.faults) for c in self.found)

    @property
    def numbered(self) -> tuple[Reading, ...]:
        """The readings that have a house number."""
        return tuple(reading for reading in self.parsed.readings if reading.numbers)
