"""An exam: what is loaded, what is asked, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo.domain.place import Point

    from bench.geocoding.gazetteer import Rows


@dataclass(frozen=True, slots=True)
class Expected:
    """What somebody else's case expects beside the place.

    Attributes
    ----------
    qualities
        Match qualities, one of which the best candidate must have.
    faults
        For each fault that is expected: its names here, one of which must be given.
    watched
        Names that may be given only where one of ``faults`` has them.
    """

    qualities: frozenset[str]
    faults: tuple[frozenset[str], ...] = ()
    watched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Attributes
    ----------
    truth
        Every point that is right; empty where nothing is, so that any accepted answer is wrong.
    twins
        Other points of the corpus with the very same label, postcode and town, far from the truth: no text can
        tell them apart, so landing there is counted by itself.
    decidable
        Whether the text says which of the places it is; where it does not, any accepted answer is wrong.
    expected
        The quality and the faults somebody else expects, in suites that say so.
    """

    kind: str
    text: str
    truth: tuple[Point, ...]
    twins: tuple[Point, ...] = ()
    decidable: bool = True
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A line of the issue: a share in percent or a distance in metres that must be reached or kept under.

    Attributes
    ----------
    kinds
        The kinds of question it is measured over; empty is all of the exam.
    figure
        The name of a figure of :class:`~bench.geocoding.marks.Tally`.
    at_least
        Whether more is better.
    """

    name: str
    kinds: tuple[str, ...]
    figure: str
    limit: float
    at_least: bool = True


@dataclass(frozen=True, slots=True)
class Exam:
    """A gazetteer and questions to it; ``rows`` is called once, when it is loaded."""

    name: str
    rows: Callable[[], Rows]
    queries: Sequence[Query]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = field(default_factory=tuple)
