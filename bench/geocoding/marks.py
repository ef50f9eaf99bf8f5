"""Marking answers: how far off, accepted or not, and wrong among the accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.crs import geodesic_m
from geo.domain.words import Decision, MatchQuality

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.domain.place import GeocodeResult, Point

    from bench.geocoding.exam import Goal, Query

NEAR_M: Final = 60.0
FAIR_M: Final = 250.0
HUNDRED_M: Final = 100.0
COARSE: Final = frozenset({MatchQuality.STREET, MatchQuality.POSTCODE, MatchQuality.LOCALITY})
RULE: Final = (
    "wrong among accepted: a point, place or crossing over 60 m off, an interpolated one over 250 m, a "
    "street, a postcode or a locality further off than its own uncertainty, and any at all where nothing "
    "is right or the text does not say which of several; a twin is a row of the very same label, postcode "
    "and town elsewhere, and landing there is counted apart"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One answer beside its truth.

    Attributes
    ----------
    off_m
        Metres to the nearest right point; infinite without an answer or a truth.
    twin
        Whether it is nearer than 60 m to a twin and not to the truth.
    """

    query: Query
    result: GeocodeResult
    off_m: float
    twin: bool

    @property
    def accepted(self) -> bool:
        """Whether it would be stored without asking anybody."""
        return self.result.decision is Decision.ACCEPT and self.result.best is not None

    @property
    def interpolated(self) -> bool:
        """Whether the point was reckoned between neighbours."""
        return self.result.best is not None and self.result.best.match_quality is MatchQuality.INTERPOLATED

    @property
    def coarse(self) -> bool:
        """Whether it names no more than a street, a postcode or a locality."""
        return self.result.best is not None and self.result.best.match_quality in COARSE

    @property
    def allowed_m(self) -> float:
        """How far off an accepted answer of this quality may be."""
        if self.interpolated:
            return FAIR_M
        if self.coarse and self.result.best is not None:
            return self.result.best.uncertainty_m
        return NEAR_M

    @property
    def wrong(self) -> bool:
        """Whether it is accepted and should not be."""
        if not self.accepted or self.twin:
            return False
        return not self.query.decidable or not self.off_m <= self.allowed_m

    @property
    def reproduced(self) -> bool:
        """Whether quality and faults are those somebody else expects; where nobody does, whether the place is."""
        expected, best = self.query.expected, self.result.best
        if expected is None or best is None:
            return expected is None and self.off_m <= NEAR_M
        named = {fault.name for fault in best.faults}
        all_named = all(named & names for names in expected.faults)
        surplus = (named & expected.watched) - frozenset().union(*expected.faults)
        return best.match_quality.value in expected.qualities and all_named and not surplus

    def line(self) -> str:
        """Write it for a person: the question, the answer, how far off, and why."""
        best = self.result.best
        if best is None:
            return f"{self.query.text!r} -> nothing"
        faults = ",".join(fault.name for fault in best.faults) or "no fault"
        said = f"{best.label!r} {best.match_quality.value} {best.score} ±{best.uncertainty_m:.0f} m"
        return f"{self.query.text!r} -> {said} [{faults}] {self.result.decision.value}, {self.off_m:.0f} m off"


def mark(query: Query, result: GeocodeResult) -> Mark:
    """Measure one answer against its truth."""
    if result.best is None:
        return Mark(query, result, float("inf"), twin=False)
    off_m = nearest_m(result.best.point, query.truth)
    return Mark(query, result, off_m, twin=off_m > NEAR_M and nearest_m(result.best.point, query.twins) <= NEAR_M)


def nearest_m(point: Point, others: Sequence[Point]) -> float:
    """Measure to the nearest of some points, in metres; infinite when there are none."""
    if not others:
        return float("inf")
    lons, lats = [other.lon for other in others], [other.lat for other in others]
    return float(geodesic_m(point.lon, point.lat, lons, lats).min())


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of some answers: shares in percent of all; ``wrong``, ``twins`` and ``coarse`` are accepted ones."""

    n: int
    near: float
    fair: float
    accepted: float
    wrong: int
    wrong_share: float
    twins: int
    coarse: int
    review: float
    none: float
    over_100: int
    over_100_share: float
    interpolated: int
    interpolated_median_m: float
    interpolated_p90_m: float
    interpolated_p99_m: float
    beyond_uncertainty: int
    reproduced: float

    def as_dict(self) -> dict[str, Any]:
        """Give the figures as they are written down; what could not be measured is empty."""
        return {name: measured_or_none(getattr(self, name)) for name in self.__dataclass_fields__}


def tally(marks: Iterable[Mark]) -> Tally:
    """Sum up answers.

    Returns
    -------
    Tally
        ``over_100`` are accepted answers over 100 m off that are not twins; the ``interpolated`` figures are over
        accepted and reviewed interpolated answers alike; ``beyond_uncertainty`` are accepted interpolated answers
        further off than they say they may be.
    """
    found = list(marks)
    n = len(found)
    off = np.array([m.off_m for m in found])
    taken = np.array([m.accepted for m in found], dtype=bool)
    wrong = sum(m.wrong for m in found)
    over = sum(m.accepted and not m.twin and not m.off_m <= HUNDRED_M for m in found)
    between = [m.off_m for m in found if m.interpolated and np.isfinite(m.off_m)]
    median, p90, p99 = (float(np.quantile(between, q)) if between else float("nan") for q in (0.5, 0.9, 0.99))
    return Tally(
        n=n,
        near=_percent(int((off <= NEAR_M).sum()), n),
        fair=_percent(int((off <= FAIR_M).sum()), n),
        accepted=_percent(int(taken.sum()), n),
        wrong=wrong,
        wrong_share=_percent(wrong, n),
        twins=sum(m.accepted and m.twin for m in found),
        coarse=sum(m.accepted and m.coarse for m in found),
        review=_percent(sum(m.result.decision is Decision.REVIEW for m in found), n),
        none=_percent(sum(m.result.decision is Decision.NONE for m in found), n),
        over_100=over,
        over_100_share=_percent(over, n),
        interpolated=len(between),
        interpolated_median_m=median,
        interpolated_p90_m=p90,
        interpolated_p99_m=p99,
        beyond_uncertainty=sum(_beyond(m) for m in found),
        reproduced=_percent(sum(m.reproduced for m in found), n),
    )


def measured_or_none(figure: float) -> float | None:
    """Give a figure, or nothing for one that is not a number: JSON has no other way to say so."""
    return figure if np.isfinite(figure) else None


def _beyond(m: Mark) -> bool:
    return m.accepted and m.interpolated and m.result.best is not None and m.off_m > m.result.best.uncertainty_m


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal beside what was measured."""

    goal: Goal
    measured: float
    n: int

    @property
    def held(self) -> bool:
        """Whether the goal is reached; nothing measured is not."""
        if not self.n:
            return False
        return self.measured >= self.goal.limit if self.goal.at_least else self.measured <= self.goal.limit


def judge(goal: Goal, marks: Iterable[Mark]) -> Verdict:
    """Measure one goal over the kinds it is about."""
    about = [m for m in marks if not goal.kinds or m.query.kind in goal.kinds]
    return Verdict(goal, float(getattr(tally(about), goal.figure)), len(about))
