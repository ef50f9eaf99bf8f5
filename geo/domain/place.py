"""Where something is, how well that is known, and what a geocoder answered."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.domain.words import COARSE_QUALITIES, Decision, LocationState, MatchQuality
from geo.errors import InvalidGeometry

if TYPE_CHECKING:
    from datetime import datetime

MAX_LON, MAX_LAT = 180.0, 90.0
MAX_UNCERTAINTY_M = 100_000.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the WGS 84 ellipsoid, longitude first, in degrees."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lon) and math.isfinite(self.lat)):
            raise InvalidGeometry("longitude and latitude must be finite numbers", field="lon")
        if abs(self.lon) > MAX_LON or abs(self.lat) > MAX_LAT:
            raise InvalidGeometry("longitude must be within 180 degrees and latitude within 90", field="lon")


@dataclass(frozen=True, slots=True)
class Fault:
    """One named reason to trust an answer less, and what it costs."""

    name: str
    penalty: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer to an address.

    ``score`` is 100 minus the penalties of its faults; ``uncertainty_m`` is the radius in metres within which
    the true place is expected.
    """

    point: Point
    label: str
    match_quality: MatchQuality
    uncertainty_m: float
    score: int
    source: str
    faults: tuple[Fault, ...] = ()
    postcode: str | None = None
    locality: str | None = None


@dataclass(frozen=True, slots=True)
class GeocodeResult:
    """A geocoder's whole answer: what to do, the best candidate, and the others."""

    decision: Decision
    candidates: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """The candidate with the highest score, if there is any."""
        return self.candidates[0] if self.candidates else None


@dataclass(frozen=True, slots=True)
class Location:
    """The exact place of a record: restricted, never disclosed as it is.

    ``point`` is empty until a place is surely known. ``address_typed`` keeps what a person wrote, and
    ``candidates`` what the geocoder offered for it.
    """

    state: LocationState
    match_quality: MatchQuality = MatchQuality.NONE
    point: Point | None = None
    uncertainty_m: float | None = None
    address_typed: str | None = None
    candidates: tuple[Candidate, ...] = field(default=())
    located_at: datetime | None = None

    def __post_init__(self) -> None:
        mapped = self.state in (LocationState.LOCATED, LocationState.CONFIRMED, LocationState.APPROXIMATE)
        if mapped != (self.point is not None):
            raise InvalidGeometry(f"a location in state {self.state.value} must {'' if mapped else 'not '}have a point")
        if mapped and (self.uncertainty_m is None or not 0 <= self.uncertainty_m <= MAX_UNCERTAINTY_M):
            raise InvalidGeometry("a point needs its uncertainty in metres", field="uncertainty_m")


def location_from_geocode(address_typed: str, result: GeocodeResult) -> Location:
    """Turn a geocoder's answer into the location to be stored.

    Parameters
    ----------
    address_typed
        What the person wrote; kept as it is.
    result
        The answer for it.

    Returns
    -------
    Location
        With a point only if the answer was accepted; everything else waits for a person.
    """
    best = result.best
    if result.decision is not Decision.ACCEPT or best is None:
        return Location(LocationState.NEEDS_REVIEW, address_typed=address_typed, candidates=result.candidates)
    coarse = best.match_quality in COARSE_QUALITIES
    return Location(
        LocationState.APPROXIMATE if coarse else LocationState.LOCATED,
        best.match_quality,
        best.point,
        best.uncertainty_m,
        address_typed,
        result.candidates,
    )
