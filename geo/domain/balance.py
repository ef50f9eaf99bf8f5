"""The balance line: no need is ever lost between what came in and what is shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from geo.errors import GeoError


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts of needs that must add up; refuses to exist when they do not.

    Every need is in exactly one part. ``needs_review`` holds whatever waits for a person or for the geocoder.
    """

    received: int
    located: int
    approximate: int
    needs_review: int
    no_location: int
    withheld: int
    closed: int

    def __post_init__(self) -> None:
        if self.received != self.parts:
            raise GeoError(f"the balance line does not add up: {self.received} received, {self.parts} accounted for")

    @property
    def parts(self) -> int:
        """The sum that must equal ``received``."""
        return self.located + self.approximate + self.needs_review + self.no_location + self.withheld + self.closed

    @property
    def mapped(self) -> int:
        """Open needs that have a place on the map."""
        return self.located + self.approximate

    def as_dict(self) -> dict[str, int]:
        """Give the counts by name, ``received`` first."""
        return asdict(self)
