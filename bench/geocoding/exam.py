"""An exam: what is loaded, what is asked, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo.domain.place import Point

    from bench.geocoding.gazetteer import Rows


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
    """

    kind: str
    text: str
    truth: tuple[Point, ...]
    twins: tuple[Point, ...] = ()
    decidable: bool = True


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
