"""Faults with names and penalties, and the rule that decides whether an answer needs a person.

The score is 100 minus the penalties; it orders the candidates and tells a reviewer how bad it is. It does not decide
alone: an absent street whose neighbour sounds alike would pass any threshold, so a conflict with something that
was typed never passes, whatever the score.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from shapely import intersects_xy

from geo.crs import near_m
from geo.domain.place import Fault, GeocodeResult
from geo.domain.words import COARSE_QUALITIES, Decision, MatchQuality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely import Polygon

    from geo.domain.place import Candidate, Point

PENALTIES: Final[dict[str, int]] = {
    "street.misspelt": 6,
    "street.spacing": 2,
    "street.unsafe_spelling": 15,
    "street.doubtful_spelling": 0,
    "street.unconfirmed": 12,
    "street.similar_name_near": 15,
    "street.word_missing": 15,
    "street.word_order": 12,
    "type.missing": 3,
    "type.conflict": 15,
    "compass.missing": 4,
    "compass.conflict": 15,
    "postcode.conflict": 15,
    "locality.misspelt": 2,
    "locality.other_name": 3,
    "locality.conflict": 12,
    "words.unexplained": 15,
    "number.suffix": 20,
    "number.stair_ignored": 2,
    "number.range": 2,
    "number.interpolated": 8,
    "number.wide_gap": 12,
    "number.irregular": 12,
    "number.hyphen_assumed": 3,
    "number.nearest": 25,
    "number.missing": 30,
    "unit.ignored": 0,
    "po_box": 50,
    "crossing.missing": 30,
    "place.misspelt": 7,
    "place.partial_name": 15,
    "place.near": 15,
    "place.instead_of_street": 40,
    "postcode.instead_of_street": 50,
    "axes.swapped": 20,
    "code.completed": 2,
    "ambiguous": 20,
    "outside_service_area": 40,
}
"""What each fault costs; ``street.misspelt`` and ``place.misspelt`` are for each slip of the hand."""

_CONFLICT: Final = 12
CONFLICTS: Final = frozenset({"place.misspelt", *(name for name, penalty in PENALTIES.items() if penalty >= _CONFLICT)})
"""Faults that contradict what was typed, or that leave a guess: with one of them a person decides."""

RIVAL_M: Final = 40.0
"""Two answers this many metres apart are two places: parallel streets of a grid lie 80 m apart."""
RIVAL_MARGIN: Final = 5
"""A rival this many points below the best is no rival."""
MISSPELT_MARGIN: Final = 12
"""Where the best is a misspelt name, one with two slips more is a rival too."""
LEAST_ACCEPTED: Final = 80
MAX_CANDIDATES: Final = 5


@lru_cache(maxsize=256)
def fault(name: str, times: int = 1) -> Fault:
    """Name a fault with its penalty; ``times`` multiplies it."""
    return Fault(name, PENALTIES[name] * times)


def score_of(faults: Iterable[Fault]) -> int:
    """Subtract the penalties from 100; never below 0."""
    return max(0, 100 - sum(f.penalty for f in faults))


def with_faults(candidate: Candidate, *more: Fault) -> Candidate:
    """Add faults to a candidate and score it anew."""
    faults = (*candidate.faults, *more)
    return replace(candidate, faults=faults, score=score_of(faults))


def metres_between(one: Point, other: Point) -> float:
    """Measure between two points, in metres; see :func:`geo.crs.near_m`."""
    return near_m(one.lon, one.lat, other.lon, other.lat)


def decide(candidates: Iterable[Candidate], service_area: Polygon | None = None) -> GeocodeResult:
    """Order the candidates and say whether the first may be used without a person.

    Parameters
    ----------
    candidates
        In the gazetteer's order, which settles ties; copies of one place are dropped.
    service_area
        WGS 84 polygon the network serves; a place outside it is never accepted. ``None`` accepts anywhere.

    Returns
    -------
    GeocodeResult
        Accepted only without any fault of ``CONFLICTS``, at ``LEAST_ACCEPTED`` points or more, and with no rival
        farther than ``RIVAL_M`` metres within ``RIVAL_MARGIN`` points. At most five candidates.
    """
    placed = [_checked(candidate, service_area) for candidate in candidates]
    # equal answers stay in the gazetteer's order, which names the surest point of a door first
    ranked = _distinct(sorted(placed, key=lambda c: (-c.score, c.uncertainty_m)))
    if not ranked:
        return GeocodeResult(Decision.NONE)
    rivals = _count_rivals(ranked)
    if rivals:
        ranked = [with_faults(c, fault("ambiguous")) if n <= rivals else c for n, c in enumerate(ranked)]
    best = ranked[0]
    accepted = best.score >= LEAST_ACCEPTED and not any(f.name in CONFLICTS for f in best.faults)
    return GeocodeResult(Decision.ACCEPT if accepted else Decision.REVIEW, tuple(ranked[:MAX_CANDIDATES]))


def _checked(candidate: Candidate, service_area: Polygon | None) -> Candidate:
    if service_area is None or intersects_xy(service_area, candidate.point.lon, candidate.point.lat):
        return candidate
    return with_faults(candidate, fault("outside_service_area"))


def _distinct(ranked: list[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for candidate in ranked:
        near = (k for k in kept if k.label == candidate.label and k.match_quality == candidate.match_quality)
        if not any(metres_between(k.point, candidate.point) <= RIVAL_M for k in near):
            kept.append(candidate)
        if len(kept) > MAX_CANDIDATES:
            break
    return kept


def _count_rivals(ranked: list[Candidate]) -> int:
    """Count the candidates that follow the best too closely; a coarser answer does not rival a door."""
    best = ranked[0]
    is_door = best.match_quality not in COARSE_QUALITIES
    margin = MISSPELT_MARGIN if any(f.name == "street.misspelt" for f in best.faults) else RIVAL_MARGIN
    close = [c for c in ranked[1:] if best.score - c.score <= margin]
    return sum(
        metres_between(best.point, c.point) > RIVAL_M
        and not (is_door and c.match_quality in COARSE_QUALITIES | {MatchQuality.NONE})
        for c in close
    )
